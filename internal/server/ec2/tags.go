package ec2

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// maxTags is how many tags a resource can have.
const maxTags = 50

// tagsFor are the tags that a call passes for things of a type that it makes.
func tagsFor(specs []types.TagSpecification, kind types.ResourceType) map[string]string {
	tags := map[string]string{}
	for _, spec := range specs {
		if spec.ResourceType == kind {
			maps.Copy(tags, tagMap(spec.Tags))
		}
	}
	return tags
}

func tagMap(list []types.Tag) map[string]string {
	tags := map[string]string{}
	for _, t := range list {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return tags
}

func tagList(tags map[string]string) []types.Tag {
	list := []types.Tag{}
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, types.Tag{Key: aws.String(name), Value: aws.String(tags[name])})
	}
	return list
}

// resourceOf is the resource type of an id, and the tags that it has. Not ok: there
// is no such thing.
func resourceOf(c *awsapi.Call, v world.View, id string) (kind string, tags map[string]string, ok bool) {
	if strings.HasPrefix(id, "vpce-") {
		rec, ok := findEndpoint(c, v, id)
		return "vpc-endpoint", rec.Tags, ok
	}
	rec, ok := findVPC(c, v, id)
	return "vpc", rec.Tags, ok
}

func tagChecks(c *awsapi.Call, ids []string, keys func() awsapi.Keys) []awsapi.Check {
	var checks []awsapi.Check
	for _, id := range ids {
		kind, tags, _ := resourceOf(c, c.World(), id)
		checks = append(checks, on(c, kind+"/"+id, keys(), tags))
	}
	return checks
}

// retag changes the tags of things.
func retag(c *awsapi.Call, ids []string, f func(map[string]string)) error {
	return c.World().Change(c.Context(), func(w *world.Change) error {
		for _, id := range ids {
			kind, tags, ok := resourceOf(c, w, id)
			if !ok {
				return c.Errorf("InvalidID", "The ID '%s' is not valid", id)
			}
			if tags = maps.Clone(tags); tags == nil {
				tags = map[string]string{}
			}
			if f(tags); len(tags) > maxTags {
				return c.Errorf("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.")
			}
			if kind == "vpc" {
				rec, _ := findVPC(c, w, id)
				rec.Tags = tags
				vpcs.Put(w, c.AccountID(), id, rec)
				continue
			}
			rec, _ := findEndpoint(c, w, id)
			rec.Tags = tags
			world.VPCEndpoints.Put(w, c.AccountID(), id, rec)
		}
		return nil
	})
}

func accessCreateTags(c *awsapi.Call, in *ec2.CreateTagsInput) ([]awsapi.Check, error) {
	return tagChecks(c, in.Resources, func() awsapi.Keys { return awsapi.Keys{}.RequestTags(tagMap(in.Tags)) }), nil
}

func createTags(c *awsapi.Call, in *ec2.CreateTagsInput) (*ec2.CreateTagsOutput, error) {
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	for _, t := range in.Tags {
		if strings.HasPrefix(aws.ToString(t.Key), "aws:") {
			return nil, c.Errorf("InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")
		}
	}
	err := retag(c, in.Resources, func(tags map[string]string) { maps.Copy(tags, tagMap(in.Tags)) })
	return &ec2.CreateTagsOutput{}, err
}

func accessDeleteTags(c *awsapi.Call, in *ec2.DeleteTagsInput) ([]awsapi.Check, error) {
	names := slices.Sorted(maps.Keys(tagMap(in.Tags)))
	return tagChecks(c, in.Resources, func() awsapi.Keys { return awsapi.Keys{}.List("aws:TagKeys", names) }), nil
}

// deleteTags removes tags by name, and by value where one is given; all of them
// where the call names none.
func deleteTags(c *awsapi.Call, in *ec2.DeleteTagsInput) (*ec2.DeleteTagsOutput, error) {
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	err := retag(c, in.Resources, func(tags map[string]string) {
		if len(in.Tags) == 0 {
			clear(tags)
		}
		for _, t := range in.Tags {
			if name := aws.ToString(t.Key); t.Value == nil || tags[name] == *t.Value {
				delete(tags, name)
			}
		}
	})
	return &ec2.DeleteTagsOutput{}, err
}

func describeTags(c *awsapi.Call, in *ec2.DescribeTagsInput) (*ec2.DescribeTagsOutput, error) {
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	list := []types.TagDescription{}
	add := func(id string, kind types.ResourceType, tags map[string]string) error {
		for _, t := range tagList(tags) {
			ok, err := passes(c, in.Filters, tags, map[string]string{"resource-id": id, "resource-type": string(kind), "key": *t.Key, "value": *t.Value})
			if err != nil {
				return err
			}
			if ok {
				list = append(list, types.TagDescription{ResourceId: &id, ResourceType: kind, Key: t.Key, Value: t.Value})
			}
		}
		return nil
	}
	for id, rec := range allVPCs(c, c.World()) {
		if err := add(id, types.ResourceTypeVpc, rec.Tags); err != nil {
			return nil, err
		}
	}
	for id, rec := range world.VPCEndpoints.All(c.World(), c.AccountID()) {
		if inRegion(c, rec.Service) {
			if err := add(id, types.ResourceTypeVpcEndpoint, rec.Tags); err != nil {
				return nil, err
			}
		}
	}
	slices.SortFunc(list, func(a, b types.TagDescription) int {
		return strings.Compare(*a.ResourceId+*a.Key, *b.ResourceId+*b.Key)
	})
	page, next, err := pageOf(c, list, in.NextToken, in.MaxResults)
	return &ec2.DescribeTagsOutput{Tags: page, NextToken: next}, err
}
