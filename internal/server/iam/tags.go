package iam

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

const maxTags = 50

// A tagKeys is how the keys of tags are told apart: "Tag keys for IAM resources other
// than users and roles are case sensitive" (Tags for IAM resources, IAM User Guide).
type tagKeys func(a, b string) bool

var (
	folded tagKeys = strings.EqualFold // users and roles
	exact  tagKeys = func(a, b string) bool { return a == b }
)

// add returns a copy of tags with others added.
func (same tagKeys) add(c *awsapi.Call, tags map[string]string, more []types.Tag) (map[string]string, error) {
	tags = maps.Clone(tags)
	if tags == nil {
		tags = map[string]string{}
	}
	for i, t := range more {
		key := aws.ToString(t.Key)
		if slices.ContainsFunc(more[:i], func(o types.Tag) bool { return same(aws.ToString(o.Key), key) }) {
			return nil, c.Errorf("InvalidInput", "%s", same.duplicate())
		}
		same.remove(tags, key)
		tags[key] = aws.ToString(t.Value)
	}
	if len(tags) > maxTags {
		return nil, c.Errorf("LimitExceeded", "The number of tags has reached the maximum limit.")
	}
	return tags, nil
}

func (same tagKeys) duplicate() string {
	if same("a", "A") {
		return "Duplicate tag keys found. Please note that Tag keys are case insensitive."
	}
	return "Duplicate tag keys found."
}

func (same tagKeys) remove(tags map[string]string, key string) {
	maps.DeleteFunc(tags, func(k, _ string) bool { return same(k, key) })
}

// change changes tags by an input's Tags and TagKeys.
func (same tagKeys) change(c *awsapi.Call, in any, tags map[string]string) (map[string]string, error) {
	tags, err := same.add(c, tags, member[[]types.Tag](in, "Tags"))
	if err != nil {
		return nil, err
	}
	for _, key := range member[[]string](in, "TagKeys") {
		same.remove(tags, key)
	}
	return tags, nil
}

// tagEntity is TagUser, UntagUser, TagRole and UntagRole.
func tagEntity[In, Out any](kind, name string) func(*awsapi.Call, *In) (*Out, error) {
	return func(c *awsapi.Call, in *In) (*Out, error) {
		return new(Out), change(c, kind, text(in, name), func(_ *world.Change, e *entity) (err error) {
			*e.tags, err = folded.change(c, in, *e.tags)
			return err
		})
	}
}

// listEntityTags is ListUserTags and ListRoleTags.
func listEntityTags[In, Out any](kind, name string) func(*awsapi.Call, *In) (*Out, error) {
	return func(c *awsapi.Call, in *In) (*Out, error) {
		e, err := find(c, c.World(), kind, text(in, name))
		if err != nil {
			return nil, err
		}
		return pageOfTags[Out](c, in, *e.tags)
	}
}

func pageOfTags[Out any](c *awsapi.Call, in any, tags map[string]string) (*Out, error) {
	out := new(Out)
	return out, page(c, in, out, "Tags", tagList(tags), func(t types.Tag) string { return *t.Key })
}
