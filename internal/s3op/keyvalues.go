package s3op

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/why403/why403/internal/condition"
)

type putKey = func(*call, condition.Key, *condition.Layer)

func (c *call) is(names ...string) bool { return c.spec != nil && slices.Contains(names, c.spec.Name) }

// unstated puts in what is not known because the request does not tell it.
func (c *call) unstated(k condition.Key, l *condition.Layer) {
	if !c.r.Absent() {
		l.Set(k, condition.NotKnown)
	}
}

// parameter is the value of a query parameter, present where it is sent.
func parameter(name string) putKey {
	return func(c *call, k condition.Key, l *condition.Layer) {
		if v, ok := c.r.Query[name]; ok {
			l.Set(k, condition.String1(v))
		}
	}
}

// listParameter is a parameter of listings. HeadBucket asks for s3:ListBucket as
// well, and has no parameters.
func listParameter(name string) putKey {
	put := parameter(name)
	return func(c *call, k condition.Key, l *condition.Layer) {
		if c.spec == nil || c.spec.has(lists) {
			put(c, k, l)
		}
	}
}

// plainHeader is the value of a header, present where it is sent.
func plainHeader(name string) putKey {
	return func(c *call, k condition.Key, l *condition.Layer) {
		if v, ok := c.header(name); ok {
			l.Set(k, condition.String1(v))
		}
	}
}

// uploadHeader is a header that is sent when an upload begins. S3 goes on with what
// it said in the later steps, for policies on such a header (Deny unless encrypted)
// do not break multipart uploads; the manual is silent about it.
func uploadHeader(name string) putKey {
	return func(c *call, k condition.Key, l *condition.Layer) {
		if v, ok := c.header(name); ok {
			l.Set(k, condition.String1(v))
		} else if c.spec != nil && c.spec.has(ofUpload) {
			c.unstated(k, l)
		}
	}
}

func versionKey(c *call, k condition.Key, l *condition.Layer) {
	if c.version != "" {
		l.Set(k, condition.String1(c.version))
	}
}

// encryptionKey is the request's header only: the bucket's default encryption does
// not show in it. UpdateObjectEncryption says in its body what the header would.
func encryptionKey(c *call, k condition.Key, l *condition.Layer) {
	switch {
	case !c.is("UpdateObjectEncryption") || c.sends("x-amz-server-side-encryption"):
		uploadHeader("x-amz-server-side-encryption")(c, k, l)
	case c.r.Body == nil || c.r.Body.Encryption == nil:
		c.unstated(k, l)
	case c.r.Body.Encryption.Algorithm != "":
		l.Set(k, condition.String1(c.r.Body.Encryption.Algorithm))
	}
}

func encryptionKeyID(c *call, k condition.Key, l *condition.Layer) {
	const header = "x-amz-server-side-encryption-aws-kms-key-id"
	switch {
	case !c.is("UpdateObjectEncryption") || c.sends(header):
		uploadHeader(header)(c, k, l)
	case c.r.Body == nil || c.r.Body.Encryption == nil:
		c.unstated(k, l)
	case c.r.Body.Encryption.Key != "":
		l.Set(k, condition.String1(c.r.Body.Encryption.Key))
	}
}

func copySource(c *call, k condition.Key, l *condition.Layer) {
	if c.spec != nil && c.spec.SourceAction == "" {
		return
	}
	if v := c.copySource(); v != "" {
		l.Set(k, condition.String1(copySourceKey(v)))
	}
}

// creationKey tells the steps of a multipart upload that make no object yet (S3
// User Guide, Enforce conditional writes). No page says what UpdateObjectEncryption,
// which also asks for s3:PutObject, carries.
func creationKey(c *call, k condition.Key, l *condition.Layer) {
	switch {
	case c.spec == nil || c.is("UpdateObjectEncryption"):
		c.unstated(k, l)
	case c.spec.has(creates):
		l.Set(k, condition.Bool(true))
	case c.spec.has(createsNot):
		l.Set(k, condition.Bool(false))
	}
}

func lockMode(c *call, k condition.Key, l *condition.Layer) {
	if !c.is("PutObjectRetention") {
		uploadHeader("x-amz-object-lock-mode")(c, k, l)
		return
	}
	switch b := c.r.Body; {
	case b == nil || b.Retention == nil:
		c.unstated(k, l)
	case b.Retention.Mode != "":
		l.Set(k, condition.String1(b.Retention.Mode))
	}
}

func lockUntil(c *call, k condition.Key, l *condition.Layer) {
	if !c.is("PutObjectRetention") {
		uploadHeader("x-amz-object-lock-retain-until-date")(c, k, l)
		return
	}
	switch b := c.r.Body; {
	case b == nil || b.Retention == nil:
		c.unstated(k, l)
	case b.Retention.Until != nil:
		l.Set(k, condition.String1(b.Retention.Until.UTC().Format(time.RFC3339)))
	}
}

// lockDays is how many days the requested retention has left, a begun day counting
// as one. The manual does not say how S3 rounds.
func lockDays(c *call, k condition.Key, l *condition.Layer) {
	var until condition.Layer
	lockUntil(c, k, &until)
	if len(until) == 0 {
		return
	}
	t, err := time.Parse(time.RFC3339, until[0].Value.One)
	if until[0].Value.State != condition.Present || err != nil || c.now().IsZero() {
		l.Set(k, condition.NotKnown)
		return
	}
	days := math.Ceil(t.Sub(c.now()).Hours() / 24)
	l.Set(k, condition.String1(strconv.Itoa(int(days))))
}

func legalHold(c *call, k condition.Key, l *condition.Layer) {
	switch {
	case !c.is("PutObjectLegalHold"):
		uploadHeader("x-amz-object-lock-legal-hold")(c, k, l)
	case c.r.Body == nil || c.r.Body.LegalHold == "":
		c.unstated(k, l)
	default:
		l.Set(k, condition.String1(c.r.Body.LegalHold))
	}
}

// locationConstraint is the body's; us-east-1 has none there.
func locationConstraint(c *call, k condition.Key, l *condition.Layer) {
	if b := c.r.Body; b != nil && b.LocationConstraint != "" {
		l.Set(k, condition.String1(b.LocationConstraint))
	}
}

// onlyInBody is a key whose value stands in a part of the body that requests do not
// state.
func onlyInBody(operations ...string) putKey {
	return func(c *call, k condition.Key, l *condition.Layer) {
		if c.is(operations...) {
			c.unstated(k, l)
		}
	}
}

// requestTags returns the object tags that the request sends. known is false where
// it sends tags that it does not state.
func (c *call) requestTags() (tags []Tag, known bool) {
	bodied := c.spec != nil && (c.spec.has(tagsInBody) || c.spec.has(formUpload))
	if b := c.r.Body; b != nil && b.Tags != nil && (bodied || c.spec == nil) {
		return sortedTags(b.Tags), true
	}
	if v, ok := c.header("x-amz-tagging"); ok {
		tags, err := ParseTagging(v)
		return tags, err == nil
	}
	switch {
	case c.spec == nil:
		return nil, true
	case c.spec.has(tagsInBody), c.spec.has(ofUpload):
		return nil, c.r.Absent()
	case c.spec.has(formUpload):
		return nil, !c.sends("tagging")
	}
	// No page says whether tags that a copy takes over count as the request's.
	return nil, !c.copiesTags()
}

func objectTags(c *call, family condition.Key, l *condition.Layer) {
	tags, known := c.requestTags()
	putTags(l, family, "s3:RequestObjectTag/", tags, known)
}

func objectTagKeys(c *call, k condition.Key, l *condition.Layer) {
	tags, known := c.requestTags()
	putTagKeys(l, k, tags, known)
}

// resourceTagList returns the tags that a call on a resource other than an object
// sends.
func (c *call) resourceTagList() (tags []Tag, known bool) {
	if b := c.r.Body; b != nil && b.Tags != nil {
		return sortedTags(b.Tags), true
	}
	if c.is("UntagResource") {
		if v, ok := c.r.Query["tagKeys"]; ok {
			for key := range strings.SplitSeq(v, ",") {
				tags = append(tags, Tag{Key: key})
			}
			return tags, true
		}
	}
	optional := c.spec == nil || c.is("CreateBucket") && c.r.Body == nil || c.is("CreateBucket") && c.r.Body.Tags == nil
	return nil, optional || c.r.Absent()
}

func resourceTags(c *call, family condition.Key, l *condition.Layer) {
	tags, known := c.resourceTagList()
	putTags(l, family, "aws:RequestTag/", tags, known)
}

func resourceTagKeys(c *call, k condition.Key, l *condition.Layer) {
	tags, known := c.resourceTagList()
	putTagKeys(l, k, tags, known)
}

func putTags(l *condition.Layer, family condition.Key, prefix string, tags []Tag, known bool) {
	if !known {
		l.Set(family, condition.NotKnown)
		return
	}
	for _, t := range tags {
		if t.Key != "" {
			k, v := condition.Intern(prefix+t.Key), condition.String1(t.Value)
			if other, twice := l.Get(k); twice && !other.Same(v) { // see Layer.SetTags
				v = condition.NotKnown
			}
			l.Set(k, v)
		}
	}
}

// putTagKeys leaves the key out where there are no tags: a multi-valued key without
// values is an absent one.
func putTagKeys(l *condition.Layer, k condition.Key, tags []Tag, known bool) {
	if !known {
		l.Set(k, condition.NotKnown)
		return
	}
	if len(tags) == 0 {
		return
	}
	list := make([]string, len(tags))
	for i, t := range tags {
		list[i] = t.Key
	}
	l.Set(k, condition.Strings(list...))
}
