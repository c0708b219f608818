package s3

import (
	"encoding/xml"
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/store"
	"github.com/why403/why403/request"
)

const (
	maxObjectTags = 10
	maxBucketTags = 50
)

type tagXML struct{ Key, Value string }

// A tagIn is a tag of a request, which must have both.
type tagIn struct{ Key, Value *string }

// tagsIn are tags of a request.
func tagsIn(list []tagIn) ([]tagXML, error) {
	var tags []tagXML
	for _, t := range list {
		if t.Key == nil || t.Value == nil {
			return nil, malformedXML()
		}
		tags = append(tags, tagXML{*t.Key, *t.Value})
	}
	return tags, nil
}

type taggingXML struct {
	XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ Tagging"`
	TagSet  []tagXML `xml:"TagSet>Tag"`
}

// emptyTagging has an empty TagSet, which taggingXML would leave out.
type emptyTagging struct {
	XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ Tagging"`
	TagSet  struct{}
}

func (x *exchange) parseBucketTagging(data []byte) error { return x.parseTagging(data, maxBucketTags) }
func (x *exchange) parseObjectTagging(data []byte) error { return x.parseTagging(data, maxObjectTags) }

func (x *exchange) parseTagging(data []byte, limit int) error {
	x.body = &request.Body{}
	var c struct {
		TagSet struct{ Tag []tagIn }
	}
	if err := decodeXML(data, "Tagging", &c); err != nil {
		return err
	}
	tags, err := tagsIn(c.TagSet.Tag)
	if err == nil {
		x.body.Tags, err = tagMap(tags, limit)
	}
	return err
}

// What InvalidTag says.
const (
	doubleTag = "Cannot provide multiple Tags with the same key"
	systemTag = "System tags cannot be added/updated by requester"
)

// tagMap checks tags: "Tagging your Amazon S3 objects" and "Using cost allocation
// S3 bucket tags".
func tagMap(tags []tagXML, limit int) (map[string]string, error) {
	m := make(map[string]string, len(tags))
	if len(tags) > limit {
		what := "Object tags cannot be greater than 10"
		if limit != maxObjectTags {
			what = "Bucket tag count cannot be greater than 50"
		}
		return nil, wire.NewError(http.StatusBadRequest, "BadRequest", what)
	}
	for _, t := range tags {
		switch _, double := m[t.Key]; {
		case double:
			return nil, invalidTag(doubleTag, t.Key)
		case t.Key == "" || utf8.RuneCountInString(t.Key) > 128 || !validTag(t.Key):
			return nil, invalidTag("The TagKey you have provided is invalid", t.Key)
		case strings.HasPrefix(strings.ToLower(t.Key), "aws:"):
			if limit == maxObjectTags { // both observed at AWS
				return nil, invalidTag("Your TagKey cannot be prefixed with aws:", t.Key)
			}
			return nil, invalidTag(systemTag, t.Key)
		case utf8.RuneCountInString(t.Value) > 256 || !validTag(t.Value):
			return nil, wire.NewError(http.StatusBadRequest, "InvalidTag", "The TagValue you have provided is invalid").
				With("TagKey", t.Key).With("TagValue", t.Value)
		}
		m[t.Key] = t.Value
	}
	return m, nil
}

func invalidTag(message, key string) error {
	return wire.NewError(http.StatusBadRequest, "InvalidTag", message).With("TagKey", key)
}

func validTag(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsNumber(r) && !unicode.Is(unicode.Zs, r) && !unicode.IsMark(r) &&
			!strings.ContainsRune("_.:/=+-@", r)
	})
}

// headerTags reads x-amz-tagging.
func (x *exchange) headerTags() (map[string]string, error) {
	v := x.get("X-Amz-Tagging")
	if v == "" {
		return nil, nil
	}
	parsed, err := s3op.ParseTagging(v)
	var tags []tagXML
	for _, t := range parsed {
		if !validTag(t.Key) || !validTag(t.Value) || slices.ContainsFunc(tags, func(o tagXML) bool { return o.Key == t.Key }) {
			err = errBadTag
		}
		tags = append(tags, tagXML(t))
	}
	if err != nil {
		return nil, invalidArgument("The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
			"x-amz-tagging", v)
	}
	return tagMap(tags, maxObjectTags)
}

var errBadTag = errors.New("a tag stands twice, or has characters that no tag has")

// writeTags answers with tags in the order of their keys.
func (x *exchange) writeTags(tags map[string]string) error {
	if len(tags) == 0 {
		return x.xml(emptyTagging{})
	}
	var t taggingXML
	for k, v := range tags {
		t.TagSet = append(t.TagSet, tagXML{k, v})
	}
	slices.SortFunc(t.TagSet, func(a, b tagXML) int { return strings.Compare(a.Key, b.Key) })
	return x.xml(t)
}

func (x *exchange) getBucketTagging() error {
	if len(x.bucket.Tags) == 0 {
		return wire.NewError(http.StatusNotFound, "NoSuchTagSet", "The TagSet does not exist").With("BucketName", x.bucketName)
	}
	return x.writeTags(x.bucket.Tags)
}

func (x *exchange) putBucketTagging() error {
	return x.setBucketTags(x.body.Tags)
}

func (x *exchange) deleteBucketTagging() error { return x.setBucketTags(nil) }

// setBucketTags refuses where tags decide requests: they are then set by
// TagResource of S3 Control alone ("Enabling ABAC in general purpose buckets").
func (x *exchange) setBucketTags(tags map[string]string) error {
	if x.bucket.ABACEnabled() {
		return invalidRequest("Attribute-based access control is enabled on this bucket. Use TagResource and UntagResource to manage its tags.")
	}
	err := x.change(func(b *estate.Bucket, _ *world.Side) error { b.Tags = tags; return nil })
	if err != nil {
		return err
	}
	return x.empty(http.StatusNoContent)
}

func (x *exchange) getObjectTagging() error {
	if x.objectErr != nil {
		return x.untaggable()
	}
	x.setVersion(&x.object)
	return x.writeTags(x.object.Tags)
}

// untaggable is why there is nothing that has tags. S3 tells of a delete marker even where the request does not name it, and
// GetObjectTagging puts the bucket before the key (both observed at AWS).
func (x *exchange) untaggable() error {
	switch {
	case x.object.DeleteMarker:
		return store.ErrDeleteMarker
	case errors.Is(x.objectErr, store.ErrNoSuchKey) && x.r.Method == http.MethodGet:
		return wire.NewError(http.StatusNotFound, "NoSuchKey", noSuchKeyMessage).With("Key", x.bucketName+"/"+x.key)
	}
	return x.missing()
}

func (x *exchange) putObjectTagging() error {
	return x.setObjectTags(x.body.Tags, http.StatusOK)
}

func (x *exchange) deleteObjectTagging() error { return x.setObjectTags(nil, http.StatusNoContent) }

func (x *exchange) setObjectTags(tags map[string]string, status int) error {
	if x.objectErr != nil {
		return x.untaggable()
	}
	o, err := x.update(func(o *store.Object) error { o.Tags = tags; return nil })
	if err != nil {
		return err
	}
	x.setVersion(&o)
	return x.empty(status)
}

// update changes attributes of the object that was decided on.
func (x *exchange) update(change func(*store.Object) error) (store.Object, error) {
	if x.objectErr != nil {
		return store.Object{}, x.objectErr
	}
	return x.store().UpdateMeta(x.ctx, x.bucketName, x.key, x.stored, func(o *store.Object) error {
		if o.Revision != x.object.Revision {
			return errChanged
		}
		world.Touch(o)
		return change(o)
	})
}

// setWritten tells the version that an upload made. The null version of a bucket with suspended versioning goes unmentioned
// (observed at AWS).
func (x *exchange) setWritten(o *store.Object) {
	if o.VersionID != store.NullVersion {
		x.setVersion(o)
	}
}

// setSourceVersion tells the version that was copied, unless it is the null version (observed at AWS).
func (x *exchange) setSourceVersion(from *store.Object) {
	if from.VersionID != store.NullVersion {
		x.set("X-Amz-Copy-Source-Version-Id", world.ShownVersion(from))
	}
}

// setVersion tells the version of an answer, in buckets that have any.
func (x *exchange) setVersion(o *store.Object) {
	if x.bucket != nil && x.bucket.Versioning.Ever() {
		x.set("X-Amz-Version-Id", world.ShownVersion(o))
	}
}
