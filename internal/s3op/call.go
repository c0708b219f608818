package s3op

import (
	"slices"
	"strings"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/request"
)

// Facts is what is known of the estate about the things that a request names.
// Everything may be left out; what is then assumed is said at each field.
type Facts struct {
	Bucket *estate.Bucket // nil: not known

	// BucketOwnerID is the canonical id of the bucket's account. "" is not known:
	// an ACL that grants to a canonical id then counts as granting to another.
	BucketOwnerID string

	// Ownership is the effective Object Ownership, "" where it is not known. No
	// check hangs on it or on Exists: what an ACL asks for is checked even where
	// the bucket then refuses it.
	Ownership string

	// Object is the stored object, in the version that the request names. nil: none,
	// or not known; it then counts as untagged and unlocked.
	Object *estate.Object
	Exists bool // Object is known to exist

	SourceBucket *estate.Bucket
	SourceObject *estate.Object // nil: not known

	// SourceTagsKnown tells that the tags of SourceObject are. Where they are not,
	// the source counts as untagged; [Spec.CopiesTags] tells whether that matters.
	SourceTagsKnown bool

	// AccessPointARN is the access point that an S3 Control operation is about. ""
	// is not known: the request's own words are used.
	AccessPointARN string

	Now time.Time // zero: the request's time
}

// A call is one request for one operation, as its table row looks at it.
type call struct {
	spec *Spec
	r    *request.Request
	f    *Facts

	// The resource of one half.
	bucket, key, version string
	object               *estate.Object

	sent []field // the headers, those in the query behind

	source struct{ bucket, key, version string }

	// Room for what is found out.
	few   []Check
	needs []KMSNeed
	room  condition.Layer
	layer condition.Layer // that is being filled
}

// A field is one header, its name in lower case.
type field struct{ name, value string }

var noFacts Facts

func newCall(s *Spec, r *request.Request, f *Facts) *call {
	c := &call{}
	c.begin(s, r, f)
	return c
}

// begin looks at a request, in the room that c has.
func (c *call) begin(s *Spec, r *request.Request, f *Facts) {
	if f == nil {
		f = &noFacts
	}
	c.spec, c.r, c.f = s, r, f
	c.bucket, c.key, c.version, c.object = r.Bucket, r.Key, versionOf(r), f.Object
	c.sent = appendHeaders(c.sent, r)
	if f.Bucket != nil && f.Bucket.Name != "" {
		c.bucket = f.Bucket.Name // the bucket behind an access point or its alias
	}
	if c.object == nil {
		c.object = r.Object
	}
	if s != nil && s.SourceAction != "" {
		c.readSource()
	}
}

func versionOf(r *request.Request) string {
	if r.VersionID != "" {
		return r.VersionID
	}
	return r.Query["versionId"]
}

// readSource fills in what a copy reads. A source that cannot be read as one
// stays, as it was given, in the bucket's place, so that its permission is asked
// for all the same.
func (c *call) readSource() {
	text := c.copySource()
	bucket, key, version, _, err := CopySource(text)
	if err != nil {
		bucket, key, _ = strings.Cut(strings.TrimPrefix(text, "/"), "/")
	}
	if c.f.SourceBucket != nil && c.f.SourceBucket.Name != "" {
		bucket = c.f.SourceBucket.Name
	}
	c.source.bucket, c.source.key, c.source.version = bucket, key, version
}

func (c *call) copySource() string {
	if v, ok := c.header("x-amz-copy-source"); ok {
		return v
	}
	return c.r.CopySource
}

// appendHeaders lists what request.Header finds, to be asked many times.
func appendHeaders(sent []field, r *request.Request) []field {
	sent = slices.Grow(sent, len(r.Headers)+len(r.Query))
	for name, value := range r.Headers {
		sent = append(sent, field{strings.ToLower(name), value})
	}
	for name, value := range r.Query {
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-amz-") && name != "x-amz-content-sha256" {
			sent = append(sent, field{name, value})
		}
	}
	return sent
}

// header returns a header, given in lower case, and whether it was sent. In a
// browser's form the ACL is a field of another name.
func (c *call) header(name string) (string, bool) {
	for i := range c.sent {
		if c.sent[i].name == name {
			return c.sent[i].value, true
		}
	}
	if name == "x-amz-acl" && c.spec != nil && c.spec.has(formUpload) {
		return c.header("acl")
	}
	return "", false
}

func (c *call) sends(name string) bool {
	_, ok := c.header(name)
	return ok
}

// sendsTrue reports whether the header says true.
func (c *call) sendsTrue(name string) bool {
	v, _ := c.header(name)
	return strings.EqualFold(v, "true")
}

// now is the zero time where nothing tells.
func (c *call) now() time.Time {
	if c.f.Now.IsZero() && c.r.Time != nil {
		return *c.r.Time
	}
	return c.f.Now
}

func (c *call) bucketAccount() iam.AccountID {
	if c.f.Bucket == nil {
		return ""
	}
	return c.f.Bucket.Account
}

// governed reports whether the object is under governance retention that has not
// passed (S3 User Guide, Object Lock, Governance mode).
func (c *call) governed() bool {
	if c.object == nil || c.object.Lock == nil || !strings.EqualFold(c.object.Lock.Mode, "GOVERNANCE") {
		return false
	}
	until, now := c.object.Lock.Until, c.now()
	return until == nil || now.IsZero() || until.After(now)
}

// copiedTags returns the tags that a copy takes over from its source.
func (c *call) copiedTags() map[string]string {
	if !c.spec.CopiesTags(c.r) || !c.f.SourceTagsKnown || c.f.SourceObject == nil {
		return nil
	}
	return c.f.SourceObject.Tags
}

// CopiesTags reports whether the request copies the tags of its source, if that
// has any: a CopyObject that does not say x-amz-tagging-directive: REPLACE. The
// permissions to read and to write tags are then among the checks if the source is
// known to be tagged, so who does not know the source's tags does not know all
// checks.
func (s *Spec) CopiesTags(r *request.Request) bool {
	if !s.has(copiesTags) {
		return false
	}
	directive, _ := r.Header("x-amz-tagging-directive")
	return !strings.EqualFold(directive, "REPLACE")
}
