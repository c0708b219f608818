package organizations

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// maxTags is how many tags a thing can have.
const maxTags = 50

func tagMap(list []types.Tag) map[string]string {
	tags := map[string]string{}
	for _, t := range list {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return tags
}

// tags are those of a root, unit, account or policy.
func (o *org) tags(id string) map[string]string {
	if strings.HasPrefix(id, "p-") {
		if p, err := o.policy(id); err == nil {
			return p.Tags
		}
		return nil
	}
	u, _ := world.Units.Get(o.v, o.management, id)
	m, isAccount := world.Members.Get(o.v, o.management, id)
	if isAccount {
		return m.Tags
	}
	return u.Tags
}

// retag changes the tags of a thing.
func retag(c *awsapi.Call, id string, f func(map[string]string)) error {
	return change(c, func(w *world.Change, o *org) error {
		tags := maps.Clone(o.tags(id))
		if tags == nil {
			tags = map[string]string{}
		}
		f(tags)
		if len(tags) > maxTags {
			return constraint(c, "TAG_POLICY_VIOLATION", "You have exceeded the number of tags that a resource can have, which is %d.", maxTags)
		}
		if strings.HasPrefix(id, "p-") {
			p, err := o.own(id)
			if err != nil {
				return err
			}
			p.Tags = tags
			world.OrgPolicies.Put(w, o.management, p.name, p.OrgPolicy)
			return nil
		}
		t, err := o.target(id)
		if err != nil {
			return err
		}
		if t.account != nil {
			t.account.Tags = tags
		} else {
			t.unit.Tags = tags
		}
		o.put(w, t)
		return nil
	})
}

func accessTagResource(c *awsapi.Call, in *organizations.TagResourceInput) ([]awsapi.Check, error) {
	return on(c, awsapi.Keys{}.RequestTags(tagMap(in.Tags)), in.ResourceId)
}

func tagResource(c *awsapi.Call, in *organizations.TagResourceInput) (*organizations.TagResourceOutput, error) {
	for _, t := range in.Tags {
		if strings.HasPrefix(strings.ToLower(aws.ToString(t.Key)), "aws:") {
			return nil, invalid(c, "INVALID_SYSTEM_TAGS_PARAMETER", "You specified a tag key that is a system tag. You can't add, edit, or delete system tag keys.")
		}
	}
	err := retag(c, *in.ResourceId, func(tags map[string]string) { maps.Copy(tags, tagMap(in.Tags)) })
	return &organizations.TagResourceOutput{}, err
}

func accessUntagResource(c *awsapi.Call, in *organizations.UntagResourceInput) ([]awsapi.Check, error) {
	return on(c, awsapi.Keys{}.List("aws:TagKeys", in.TagKeys), in.ResourceId)
}

func untagResource(c *awsapi.Call, in *organizations.UntagResourceInput) (*organizations.UntagResourceOutput, error) {
	err := retag(c, *in.ResourceId, func(tags map[string]string) {
		for _, name := range in.TagKeys {
			delete(tags, name)
		}
	})
	return &organizations.UntagResourceOutput{}, err
}

func accessListTags(c *awsapi.Call, in *organizations.ListTagsForResourceInput) ([]awsapi.Check, error) {
	return on(c, nil, in.ResourceId)
}

func listTags(c *awsapi.Call, in *organizations.ListTagsForResourceInput) (*organizations.ListTagsForResourceOutput, error) {
	o, err := managed(c, c.World())
	if err != nil {
		return nil, err
	}
	if _, err := o.target(*in.ResourceId); err != nil {
		if _, err := o.policy(*in.ResourceId); err != nil {
			return nil, c.Errorf("TargetNotFoundException", "You specified a target that doesn't exist.")
		}
	}
	tags, list := o.tags(*in.ResourceId), []types.Tag{}
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, types.Tag{Key: aws.String(name), Value: aws.String(tags[name])})
	}
	page, next, err := pageOf(c, list, in.NextToken, nil)
	return &organizations.ListTagsForResourceOutput{Tags: page, NextToken: next}, err
}
