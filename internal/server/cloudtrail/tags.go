package cloudtrail

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/why403/why403/internal/server/audit"
	"github.com/why403/why403/internal/server/awsapi"
)

const maxTags = 50

func tagMap(list []types.Tag) map[string]string {
	tags := map[string]string{}
	for _, t := range list {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return tags
}

func accessAddTags(c *awsapi.Call, in *cloudtrail.AddTagsInput) ([]awsapi.Check, error) {
	checks, err := on(c, in.ResourceId)
	if err != nil {
		return nil, err
	}
	checks[0].Keys = awsapi.Keys{}.RequestTags(tagMap(in.TagsList))
	return checks, nil
}

func addTags(c *awsapi.Call, in *cloudtrail.AddTagsInput) (*cloudtrail.AddTagsOutput, error) {
	_, err := change(c, in.ResourceId, func(t *audit.Trail) error {
		if t.Tags == nil {
			t.Tags = map[string]string{}
		}
		maps.Copy(t.Tags, tagMap(in.TagsList))
		if len(t.Tags) > maxTags {
			return c.Errorf("TagsLimitExceededException", "The number of tags per trail has exceeded the permitted amount: %d", maxTags)
		}
		return nil
	})
	return &cloudtrail.AddTagsOutput{}, err
}

func accessRemoveTags(c *awsapi.Call, in *cloudtrail.RemoveTagsInput) ([]awsapi.Check, error) {
	checks, err := on(c, in.ResourceId)
	if err != nil {
		return nil, err
	}
	checks[0].Keys = awsapi.Keys{}.List("aws:TagKeys", slices.Sorted(maps.Keys(tagMap(in.TagsList))))
	return checks, nil
}

func removeTags(c *awsapi.Call, in *cloudtrail.RemoveTagsInput) (*cloudtrail.RemoveTagsOutput, error) {
	_, err := change(c, in.ResourceId, func(t *audit.Trail) error {
		for _, tag := range in.TagsList {
			delete(t.Tags, aws.ToString(tag.Key))
		}
		return nil
	})
	return &cloudtrail.RemoveTagsOutput{}, err
}

func accessListTags(c *awsapi.Call, in *cloudtrail.ListTagsInput) ([]awsapi.Check, error) {
	var checks []awsapi.Check
	for _, id := range in.ResourceIdList {
		more, err := on(c, &id)
		if err != nil {
			return nil, err
		}
		checks = append(checks, more...)
	}
	return checks, nil
}

func listTags(c *awsapi.Call, in *cloudtrail.ListTagsInput) (*cloudtrail.ListTagsOutput, error) {
	out := &cloudtrail.ListTagsOutput{ResourceTagList: []types.ResourceTag{}}
	for _, id := range in.ResourceIdList {
		t, _, err := find(c, c.World(), &id)
		if err != nil {
			return nil, err
		}
		one := types.ResourceTag{ResourceId: &id, TagsList: []types.Tag{}}
		for _, key := range slices.Sorted(maps.Keys(t.Tags)) {
			one.TagsList = append(one.TagsList, types.Tag{Key: aws.String(key), Value: aws.String(t.Tags[key])})
		}
		out.ResourceTagList = append(out.ResourceTagList, one)
	}
	return out, nil
}
