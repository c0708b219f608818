package iam

import (
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

const maxTags = 50

// newTags returns a copy of tags with others added, whose keys are told apart
// without regard to case.
func newTags(c *awsapi.Call, tags map[string]string, add []types.Tag) (map[string]string, error) {
	tags = maps.Clone(tags)
	if tags == nil {
		tags = map[string]string{}
	}
	seen := map[string]bool{}
	for _, t := range add {
		key := strings.ToLower(aws.ToString(t.Key))
		if seen[key] {
			return nil, c.Errorf("InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		seen[key] = true
		removeTag(tags, key)
		tags[*t.Key] = aws.ToString(t.Value)
	}
	if len(tags) > maxTags {
		return nil, quota(c, "TagsPerResource", maxTags)
	}
	return tags, nil
}

func removeTag(tags map[string]string, key string) {
	maps.DeleteFunc(tags, func(k, _ string) bool { return strings.EqualFold(k, key) })
}

// retag changes tags by an input's Tags and TagKeys.
func retag(c *awsapi.Call, in any, tags map[string]string) (map[string]string, error) {
	tags, err := newTags(c, tags, member[[]types.Tag](in, "Tags"))
	if err != nil {
		return nil, err
	}
	for _, key := range member[[]string](in, "TagKeys") {
		removeTag(tags, key)
	}
	return tags, nil
}

// tagEntity is TagUser, UntagUser, TagRole and UntagRole.
func tagEntity[In, Out any](kind, name string) func(*awsapi.Call, *In) (*Out, error) {
	return func(c *awsapi.Call, in *In) (*Out, error) {
		return new(Out), change(c, kind, text(in, name), func(_ *world.Change, e *entity) (err error) {
			*e.tags, err = retag(c, in, *e.tags)
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
