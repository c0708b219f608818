package gather

import (
	"strconv"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/request"
)

// A pattern is the request of which the facts in a Work are, where they can serve the
// next one too: reads of objects of one bucket by one caller, one after the other.
// They can where nothing differs but what again fills in.
//
// The facts depend on
//
//   - the estate, of which the Gatherer stands for one state: it must be the same;
//   - the caller, the operation, the bucket, how the request was signed and whether
//     over TLS: they must be the same, and the caller one whose policies the estate
//     tells, by long-term credentials: sessions bring more, and are not served;
//   - all headers: the same names must have been sent, and the same values but for
//     those that are free, which bring no fact but s3:x-amz-content-sha256;
//   - the object: the same owner, ACL, encryption and storage class, without tags,
//     lock, restore or versions, and such that the estate knows no better;
//   - key, time, source address, the time of signing and the free headers, which are
//     filled in: they show in Resource, Object.Key, Time, Wire and the keys
//     aws:CurrentTime, aws:EpochTime, aws:SourceIp, s3:signatureAge and
//     s3:x-amz-content-sha256.
//
// Requests that state anything else are not plain, and are gathered in full: so is
// one of a field that this comment does not know, see TestPatternKnowsAllFields.
type pattern struct {
	gatherer                     *Gatherer // nil: there is no pattern
	principal, operation, bucket string
	secure                       bool
	accessKey, kind, region      string // of Auth
	service, host, version       string
	headers                      [12]header
	sent                         int // of headers
	object                       estate.Object
}

// A header is one that was sent.
type header struct{ name, value string }

// free tells the headers whose value brings no fact but s3:x-amz-content-sha256.
func free(name string) bool {
	switch name {
	case "x-amz-date", "x-amz-content-sha256", "date", "range", "accept", "accept-encoding", "amz-sdk-invocation-id", "amz-sdk-request":
		return true
	}
	return false
}

// plain reports requests that can be a pattern, or be served by one.
func plain(r *request.Request) bool {
	return (r.Operation == "GetObject" || r.Operation == "HeadObject") && r.Key != "" && r.Bucket != "" && r.Principal != "" &&
		r.Unstated == "absent" && r.Time != nil && r.SourceIP != nil && *r.SourceIP != "" && r.Auth != nil && r.Object != nil &&
		r.VersionID == "" && r.CopySource == "" && r.AccessPoint == "" && r.Action == "" && r.Resource == "" && len(r.Query) == 0 &&
		r.VPCEndpoint == nil && r.FederatedBy == nil && len(r.SessionPolicies) == 0 && r.SessionTags == nil && r.MFA == nil && len(r.Context) == 0 &&
		r.Body == nil && r.BucketExists == nil && plainAuth(r.Auth) && plainObject(r.Object)
}

func plainAuth(a *request.Auth) bool {
	return a.Expires == nil && a.TokenExpires == nil && a.TokenPresent == nil && a.TokenMatches == nil && a.SignatureMatches == nil
}

func plainObject(o *estate.Object) bool {
	return o.Exists == nil && len(o.Tags) == 0 && o.RestoredUntil == nil && o.Versions == nil && !o.DeleteMarker && o.Lock == nil && len(o.Unknown) == 0 &&
		!o.Pos.IsValid() && o.Places == nil
}

// learn makes the request whose facts were just gathered the pattern, if it can be.
func (w *Work) learn(g *Gatherer, r *request.Request) {
	t, p := &w.task, &w.pattern
	p.gatherer = nil
	if !plain(r) || len(r.Headers) > len(p.headers) || t.callerID != r.Principal || t.facts.Caller.Kind == iam.Anonymous || t.facts.CallerUnknown ||
		t.bucket == nil || len(t.bucket.Objects) > 0 || t.bucket.Name != r.Bucket || t.point != nil || t.source.facts != nil || len(t.overrides) > 0 ||
		len(t.facts.Checks) != 1 || t.facts.Checks[0].Kind != decide.BucketCheck || t.facts.Checks[0].Object != &w.objectFacts ||
		t.facts.Checks[0].List != listUnasked || len(t.facts.Assumed) > 0 {
		return
	}
	p.sent = 0
	for name, value := range r.Headers {
		p.headers[p.sent] = header{name, value}
		p.sent++
	}
	a := r.Auth
	p.gatherer, p.principal, p.operation, p.bucket, p.secure = g, r.Principal, r.Operation, r.Bucket, r.Secure()
	p.accessKey, p.kind, p.region, p.service, p.host, p.version = a.AccessKeyID, a.Type, a.Region, a.Service, a.Host, a.Version
	p.object = *r.Object
}

// fits reports whether the facts of the pattern can serve a request.
func (p *pattern) fits(g *Gatherer, r *request.Request) bool {
	if p.gatherer != g || p.gatherer == nil || r.Bucket != p.bucket || r.Operation != p.operation || r.Principal != p.principal || len(r.Headers) != p.sent ||
		!plain(r) || r.Secure() != p.secure {
		return false
	}
	a, o := r.Auth, r.Object
	if a.AccessKeyID != p.accessKey || a.Type != p.kind || a.Region != p.region || a.Service != p.service || a.Host != p.host || a.Version != p.version {
		return false
	}
	if o.Owner != p.object.Owner || o.ACL != p.object.ACL || o.Encryption != p.object.Encryption || o.StorageClass != p.object.StorageClass ||
		o.ArchiveStatus != p.object.ArchiveStatus {
		return false
	}
	for i := range p.headers[:p.sent] {
		h := &p.headers[i]
		if v, ok := r.Headers[h.name]; !ok || v != h.value && !free(h.name) {
			return false
		}
	}
	return true
}

// again fills into the facts of the pattern in what a request differs that it fits.
func (w *Work) again(r *request.Request) *decide.Facts {
	t := &w.task
	t.r, t.time = r, *r.Time
	t.facts.Time = t.time
	at, age := momentOf(t.time), int64(0)
	t.connection.Set(keyCurrentTime, condition.String1(at.text))
	t.connection.Set(keyEpochTime, condition.String1(at.epoch))
	t.connection.Set(keySourceIP, condition.Address(*r.SourceIP))
	if signed := r.Auth.SignedAt; signed != nil && r.Auth.Version != "AWS" {
		age = max(t.time.Sub(*signed).Milliseconds(), 0)
	}
	t.connection.Set(keySignatureAge, condition.String1(strconv.FormatInt(age, 10)))
	if v, ok := r.Headers["x-amz-content-sha256"]; ok {
		t.connection.Set(keyContentSHA256, condition.String1(v))
	}
	t.facts.Wire = t.wire()
	c := &t.facts.Checks[0]
	c.Resource = s3op.ResourceARN(c.Bucket.Partition, &s3op.Check{Bucket: t.bucket.Name, Key: r.Key})
	c.Object.Key = r.Key
	return t.facts
}
