package s3

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/document"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
)

var tagResourceSchema = document.MustSchema(`
TagResourceRequest
  Tags
    Tag *
      Key
      Value
`)

// changeTags changes the tags of the bucket or access point that the request names
// by its ARN. change gets a copy of them.
func (x *exchange) changeTags(change func(map[string]string) (map[string]string, error)) error {
	if named, err := x.taggedPoint(); named {
		if err != nil {
			return err
		}
		return x.changePoint(func(p *world.AccessPoint) (err error) {
			p.Tags, err = change(copied(p.Tags))
			return err
		})
	}
	name, err := x.taggedBucket()
	if err != nil {
		return err
	}
	return x.s.World.ChangeBucket(x.ctx, name, func(b *estate.Bucket, _ *world.Side) (err error) {
		b.Tags, err = change(copied(b.Tags))
		return err
	})
}

func copied(tags map[string]string) map[string]string {
	m := maps.Clone(tags)
	if m == nil {
		m = map[string]string{}
	}
	return m
}

// taggedPoint reports whether the ARN names an access point, which is then the one
// of the call. It is to be the account's own: the ARN is what was decided on.
func (x *exchange) taggedPoint() (named bool, err error) {
	c := x.control
	arn, _ := iam.ParseARN(c.arn)
	name, named := strings.CutPrefix(arn.Resource, "accesspoint/")
	if named && arn.Account != c.account {
		return true, wire.NewError(http.StatusForbidden, "AccessDenied", "Access Denied")
	}
	if named {
		c.name, c.region = name, arn.Region
	}
	return named, nil
}

// taggedBucket returns the bucket of the ARN, which is to be the account's own.
func (x *exchange) taggedBucket() (string, error) {
	name, ok := bucketOfARN(x.control.arn)
	if !ok {
		return "", invalidRequest("The specified resource ARN is not valid: tags are kept for buckets and access points")
	}
	b, ok := x.estate.Bucket(name)
	switch {
	case !ok:
		return "", wire.NewError(http.StatusNotFound, "NoSuchResource", "The specified resource doesn't exist.")
	case b.Account != x.control.account:
		return "", wire.NewError(http.StatusForbidden, "AccessDenied", "Access Denied")
	}
	return name, nil
}

// controlTags is tagMap in the words of S3 Control (observed at AWS in 2025).
func controlTags(list []tagXML) (map[string]string, error) {
	tags, err := tagMap(list, maxBucketTags)
	e, ok := errors.AsType[*wire.Error](err)
	if !ok || e.Code != "InvalidTag" {
		return tags, err
	}
	text := "This request contains a tag key or value that isn't valid. Valid characters include the following: [a-zA-Z+-=._:/]. " +
		"Tag keys can contain up to 128 characters. Tag values can contain up to 256 characters."
	switch e.Message {
	case systemTag:
		text = `User-defined tag keys can't start with "aws:". This prefix is reserved for system tags. Remove "aws:" from your tag keys and try again.`
	case doubleTag:
		text = "There are duplicate tag keys in your request. Remove the duplicate tag keys and try again."
	}
	return nil, wire.NewError(http.StatusBadRequest, "InvalidTag", text)
}

// tagResource adds tags, and replaces those of the same key.
func (x *exchange) tagResource() error {
	var given []tagXML
	for _, t := range x.parsed.(*document.Element).Child("Tags").All("Tag") {
		given = append(given, tagXML{t.Get("Key"), t.Get("Value")})
	}
	added, err := controlTags(given)
	if err != nil {
		return err
	}
	err = x.changeTags(func(tags map[string]string) (map[string]string, error) {
		maps.Copy(tags, added)
		if len(tags) > maxBucketTags {
			return nil, wire.NewError(http.StatusBadRequest, "TooManyTags", "A resource cannot have more than 50 tags.")
		}
		return tags, nil
	})
	if err != nil {
		return err
	}
	return x.empty(http.StatusNoContent)
}

func (x *exchange) untagResource() error {
	err := x.changeTags(func(tags map[string]string) (map[string]string, error) {
		for _, p := range x.query {
			if p.Name == "tagKeys" {
				delete(tags, p.Value)
			}
		}
		return tags, nil
	})
	if err != nil {
		return err
	}
	return x.empty(http.StatusNoContent)
}

func (x *exchange) listTags() error {
	var tags map[string]string
	if named, err := x.taggedPoint(); err != nil {
		return err
	} else if named {
		p, err := x.point()
		if err != nil {
			return err
		}
		tags = p.Tags
	} else {
		name, err := x.taggedBucket()
		if err != nil {
			return err
		}
		b, _ := x.estate.Bucket(name)
		tags = b.Tags
	}
	d := document.New("ListTagsForResourceResult")
	list := d.Add("Tags", "")
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		t := list.Add("Tag", "")
		t.Add("Key", key)
		t.Add("Value", tags[key])
	}
	return x.controlDocument(d)
}
