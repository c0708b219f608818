package kms

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// maxTags is how many tags a key can have.
const maxTags = 50

func tagsOf(list []types.Tag) map[string]string {
	tags := map[string]string{}
	for _, t := range list {
		tags[aws.ToString(t.TagKey)] = aws.ToString(t.TagValue)
	}
	return tags
}

func checkTags(c *awsapi.Call, list []types.Tag) error {
	seen := map[string]bool{}
	for _, t := range list {
		name := aws.ToString(t.TagKey)
		switch {
		case strings.HasPrefix(strings.ToLower(name), "aws:"):
			return c.Errorf("TagException", "Tag keys must not begin with aws:")
		case seen[name]:
			return c.Errorf("TagException", "Duplicate tag keys: %s", name)
		}
		seen[name] = true
	}
	if len(seen) > maxTags {
		return c.Errorf("TagException", "Too many tags")
	}
	return nil
}

func accessTagResource(c *awsapi.Call, in *kms.TagResourceInput) ([]awsapi.Check, error) {
	return own(c, in.KeyId, awsapi.Keys{}.RequestTags(tagsOf(in.Tags)))
}

func tagResource(c *awsapi.Call, in *kms.TagResourceInput) (*kms.TagResourceOutput, error) {
	if err := checkTags(c, in.Tags); err != nil {
		return nil, err
	}
	err := change(c, in.KeyId, func(_ *world.Change, k *key) error {
		if k.rec.Tags == nil {
			k.rec.Tags = map[string]string{}
		}
		maps.Copy(k.rec.Tags, tagsOf(in.Tags))
		if len(k.rec.Tags) > maxTags {
			return c.Errorf("TagException", "Too many tags")
		}
		return notPending(c, k)
	})
	return &kms.TagResourceOutput{}, err
}

func accessUntagResource(c *awsapi.Call, in *kms.UntagResourceInput) ([]awsapi.Check, error) {
	return own(c, in.KeyId, awsapi.Keys{}.List("aws:TagKeys", in.TagKeys))
}

func untagResource(c *awsapi.Call, in *kms.UntagResourceInput) (*kms.UntagResourceOutput, error) {
	err := set(c, in.KeyId, func(k *world.Key) {
		for _, name := range in.TagKeys {
			delete(k.Tags, name)
		}
	})
	return &kms.UntagResourceOutput{}, err
}

func accessListResourceTags(c *awsapi.Call, in *kms.ListResourceTagsInput) ([]awsapi.Check, error) {
	return own(c, in.KeyId, nil)
}

func listResourceTags(c *awsapi.Call, in *kms.ListResourceTagsInput) (*kms.ListResourceTagsOutput, error) {
	k, err := find(c, c.World(), in.KeyId)
	if err != nil {
		return nil, err
	}
	var list []types.Tag
	for _, name := range slices.Sorted(maps.Keys(k.rec.Tags)) {
		list = append(list, types.Tag{TagKey: aws.String(name), TagValue: aws.String(k.rec.Tags[name])})
	}
	page, next, err := pageOf(c, list, in.Marker, in.Limit, 50)
	return &kms.ListResourceTagsOutput{Tags: page, NextMarker: next, Truncated: next != nil}, err
}
