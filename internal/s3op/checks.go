package s3op

import (
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/request"
)

// Checks returns the permissions that the request needs, all of them: what it reads
// (the source of a copy), then the operation's own on what it names, then the
// conditional ones in the order of the table. DeleteObjects has those of each
// object of its body, one after the other, and no permission on the bucket. The
// CORS preflight has none.
//
// The keys of a check are those that its action carries by the Service
// Authorization Reference. Of what a body would have told and does not, the keys
// are not known, or absent where the request says so; the same goes for the headers
// of CreateMultipartUpload in a later step of the upload. An absent key is left out.
//
// A request that lacks what its operation needs (a key, the source of a copy, the
// objects to delete) has checks on resources of empty names; Checks validates
// nothing. f may be nil.
func (s *Spec) Checks(r *request.Request, f *Facts) []Check { return newCall(s, r, f).checks() }

// A Work is room for the checks of one request after another, without making it
// anew. It belongs to one goroutine at a time. The zero Work is ready to be used.
type Work struct {
	call   call
	sent   [12]field
	checks [2]Check
	needs  [2]KMSNeed
	keys   [4]condition.Entry
}

// ChecksAndKMS is [Spec.Checks] and [Spec.KMS] in one, good until the next use of w.
func (w *Work) ChecksAndKMS(s *Spec, r *request.Request, f *Facts) ([]Check, []KMSNeed) {
	w.call = call{sent: w.sent[:0], few: w.checks[:0], needs: w.needs[:0], room: w.keys[:0]}
	w.call.begin(s, r, f)
	return w.call.checks(), w.call.kms()
}

func (c *call) checks() []Check {
	s := c.spec
	if s.Action == "" {
		return nil
	}
	if s.has(deletesAll) {
		return c.deleteChecks()
	}
	checks := c.few
	if s.SourceAction != "" {
		checks = append(checks, c.sourceCheck(s.SourceAction, s.SourceVersionAction))
	}
	checks = append(checks, c.mainCheck())
	return c.appendConditional(checks)
}

func (c *call) mainCheck() Check {
	s := c.spec
	check := c.check(s.Action, s.VersionAction, s.Scope != Object)
	check.DefaultAllowed = s.DefaultAllowed
	switch {
	case s.AnyResource || s.Scope == Service:
		check.OnAny, check.OnBucket, check.Bucket, check.Key, check.VersionID = true, false, "", "", ""
	case s.Scope == Account:
		check.Bucket, check.Key, check.VersionID = c.accountResource(), "", ""
	}
	return check
}

func (c *call) appendConditional(checks []Check) []Check {
	for i := range c.spec.Conditional {
		p := &c.spec.Conditional[i]
		if p.needed != nil && !p.needed(c) {
			continue
		}
		if p.Half == Source {
			checks = append(checks, c.sourceCheck(p.Action, p.VersionAction))
		} else {
			checks = append(checks, c.check(p.Action, p.VersionAction, p.OnBucket))
		}
	}
	return checks
}

func (c *call) check(action, versionAction string, onBucket bool) Check {
	if c.version != "" && versionAction != "" {
		action = versionAction
	}
	check := Check{Action: action, Bucket: c.bucket, OnBucket: onBucket, Keys: c.keys(action)}
	if c.spec.Scope == Object || c.spec.has(deletesAll) {
		check.Key, check.VersionID = c.key, c.version
	}
	return check
}

func (c *call) sourceCheck(action, versionAction string) Check {
	if c.source.version != "" && versionAction != "" {
		action = versionAction
	}
	return Check{
		Action: action, Half: Source, Bucket: c.source.bucket, Key: c.source.key, VersionID: c.source.version,
		Keys: sourceKeys(action, c.source.version),
	}
}

// deleteChecks asks for each object of the body on its own: "DeleteObjects" in the
// API Reference. Without objects in the body the key of the request stands.
func (c *call) deleteChecks() []Check {
	objects := []request.ObjectID{{Key: c.r.Key, VersionID: c.version}}
	if c.r.Body != nil && len(c.r.Body.Objects) > 0 {
		objects = c.r.Body.Objects
	}
	checks := make([]Check, 0, len(objects))
	c.room = nil // it has room for one
	for i := range objects {
		one := *c
		one.key, one.version = objects[i].Key, objects[i].VersionID
		one.object = objects[i].Object
		if one.object == nil {
			one.object = stored(c.f.Bucket, one.key, one.version)
		}
		checks = append(checks, one.check(c.spec.Action, c.spec.VersionAction, false))
		checks = one.appendConditional(checks)
	}
	return checks
}

// stored returns an object of the bucket in one version, nil where the estate has
// none. A version that is not listed counts as the current one.
func stored(b *estate.Bucket, key, version string) *estate.Object {
	if b == nil {
		return nil
	}
	o := b.Objects[key]
	if o == nil || version == "" {
		return o
	}
	if v := o.Versions[version]; v != nil {
		return v
	}
	return o
}

// accountResource names what an S3 Control operation acts on: an ARN where one is
// known, else the access point's name behind "accesspoint/".
func (c *call) accountResource() string {
	switch {
	case c.f.AccessPointARN != "":
		return c.f.AccessPointARN
	case strings.HasPrefix(c.r.AccessPoint, "arn:"):
		return c.r.AccessPoint
	case c.r.AccessPoint != "":
		return "accesspoint/" + c.r.AccessPoint
	case c.r.Resource != "":
		return c.r.Resource
	}
	return c.bucket
}

// ResourceARN returns the ARN of the resource that a check is about, in the
// partition ("aws"): of the bucket, of the object, or "*". A bucket that is given
// as an ARN, as of operations on access points, stays as it is.
func ResourceARN(partition string, c *Check) string {
	switch {
	case c.OnAny:
		return "*"
	case strings.HasPrefix(c.Bucket, "arn:"):
		return c.Bucket
	case c.OnBucket || c.Key == "":
		return "arn:" + partition + ":s3:::" + c.Bucket
	}
	return "arn:" + partition + ":s3:::" + c.Bucket + "/" + c.Key
}
