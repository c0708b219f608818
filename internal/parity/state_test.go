package parity

import (
	"net"
	"regexp"
	"strings"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/internal/server/s3"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/request"
)

// A question is one request of the corpus as HTTP states it.
type question struct {
	index     int
	asked     *request.Request // as the corpus has it
	stated    *request.Request // with all that the endpoint knows of it stated
	spec      *s3op.Spec
	principal iam.Principal
	tags      map[string]*string // the caller's tags that context states; nil: it has none
	issued    time.Time          // of a session's credentials
	mfaAge    time.Duration
	uploadID  string // that the endpoint gave the upload; "": the request names none
	owner     string // canonical id of the owner of what an ACL is put on
}

// now is the time of requests that state none.
var now = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

var endpointID = regexp.MustCompile(`^vpce-[0-9a-z]+(-[0-9a-z]+)?$`)

// needsUpload are the operations on a multipart upload that is under way.
var needsUpload = map[string]bool{
	"UploadPart": true, "UploadPartCopy": true, "CompleteMultipartUpload": true, "AbortMultipartUpload": true, "ListParts": true,
}

// ask prepares a request for HTTP. why is not "" where HTTP cannot state it.
func ask(e *estate.Estate, index int, r *request.Request) (q *question, why string) {
	q = &question{index: index, asked: r}
	if r.Action != "" {
		return nil, "one action alone"
	}
	spec, ok := s3op.Lookup(r.Operation)
	if !ok {
		return nil, "no operation of S3"
	}
	q.spec = spec
	copied := *r
	q.stated = &copied
	for _, check := range []func(*estate.Estate) string{q.operation, q.caller, q.context, q.signature, q.network, q.things} {
		if why := check(e); why != "" {
			return nil, why
		}
	}
	return q, ""
}

// operation is what HTTP cannot state of the operation and its body.
func (q *question) operation(*estate.Estate) string {
	switch {
	case q.spec.Scope == s3op.Account:
		return "operation of S3 Control"
	case q.spec.Name == "PostObject" || q.asked.Auth != nil && strings.EqualFold(q.asked.Auth.Type, "post"):
		return "browser form"
	case needsUpload[q.spec.Name] && q.asked.Query["uploadId"] == "":
		return "upload without an id"
	case q.spec.SourceAction != "" && q.source() == "":
		return "copy of nothing"
	case q.spec.Name == "DeleteObjects" && q.asked.Body == nil:
		return "deletion of nothing"
	case q.asked.Body != nil && bodies[q.spec.Name] == nil:
		return "body that the endpoint does not read"
	case q.asked.Body != nil && !s3.Implemented(q.spec.Name):
		return "body that the endpoint does not read"
	}
	return ""
}

// caller is who cannot sign.
func (q *question) caller(e *estate.Estate) string {
	r := q.asked
	name := r.Principal
	if name == "" && r.Auth != nil {
		name = "anonymous" // who does not hold the key, is nobody
		if holder, ok := e.AccessKey(r.Auth.AccessKeyID); ok && r.Auth.Type != "anonymous" {
			name = holder.Principal
		}
	}
	p, err := iam.ParsePrincipal(name)
	if err != nil {
		return "principal of no known form"
	}
	q.principal = p
	switch {
	case p.Kind == iam.Anonymous:
		return ""
	case p.Kind == iam.ServicePrincipal:
		return "AWS service"
	case p.Kind == iam.OriginAccessIdentity:
		return "origin access identity"
	case p.Kind == iam.RoleSession && p.Session == "":
		return "role without a session name"
	case r.FederatedBy != nil:
		return "federatedBy, which the endpoint's sessions do not carry"
	}
	a, held := e.Account(p.Account)
	if !held {
		return "caller of an account that the estate does not hold"
	}
	if _, held := a.Users[p.Name]; p.Kind == iam.User && !held {
		return "user whom the estate does not hold"
	}
	return ""
}

// session reports whether the caller has temporary credentials.
func (q *question) session() bool {
	switch q.principal.Kind {
	case iam.RoleSession, iam.FederatedUser:
		return true
	case iam.User, iam.RootUser: // GetSessionToken
		_, issued := q.asked.Context["aws:TokenIssueTime"]
		return issued || q.asked.MFA != nil && *q.asked.MFA
	}
	return false
}

// context is the condition keys that are stated outright. Those that follow from
// the caller and its session can be made true instead.
func (q *question) context(*estate.Estate) string {
	q.issued = now
	if q.asked.Time != nil {
		q.issued = *q.asked.Time
	}
	q.tags = map[string]*string{}
	for name, v := range q.asked.Context {
		tag, isTag := strings.CutPrefix(name, "aws:PrincipalTag/")
		var err error
		switch {
		case v.State == condition.Present && isTag:
			q.tags[tag] = &v.One
		case v.State == condition.Absent && isTag:
			q.tags[tag] = nil
		case v.State == condition.Present && name == "aws:TokenIssueTime" && q.session():
			q.issued, err = time.Parse(time.RFC3339, v.One)
		case v.State == condition.Present && name == "aws:MultiFactorAuthAge" && q.session() && q.asked.MFA != nil && *q.asked.MFA:
			q.mfaAge, err = time.ParseDuration(v.One + "s")
		case name == "aws:MultiFactorAuthAge":
			return "age of a second factor that was not given"
		default:
			return "context " + name
		}
		if err != nil {
			return "context " + name
		}
	}
	if len(q.tags) > 0 && q.principal.Kind != iam.User && q.principal.Kind != iam.RoleSession {
		return "tags of a caller that has none"
	}
	return ""
}

// signature is how requests are signed that the test's client cannot sign so.
func (q *question) signature(*estate.Estate) string {
	if a := q.asked.Auth; a != nil {
		switch {
		case a.Version == "AWS":
			return "Signature Version 2"
		case strings.Contains(a.Host, "s3-website"):
			return "website endpoint"
		case a.Service != "" && a.Service != "s3":
			return "signature for another service"
		}
	}
	if v, ok := q.asked.Header("x-amz-content-sha256"); ok && v != "UNSIGNED-PAYLOAD" && v != hashOf(q.body()) {
		return "hash of another body"
	}
	return ""
}

// network is where requests come from. The endpoint always knows it: what the
// request leaves open is stated.
func (q *question) network(*estate.Estate) string {
	r := q.stated
	if r.SourceIP != nil && net.ParseIP(*r.SourceIP) == nil {
		return "source address that is none"
	}
	if r.VPCEndpoint != nil {
		if !endpointID.MatchString(*r.VPCEndpoint) {
			return "VPC endpoint of no known form"
		}
		if q.asked.Auth != nil && q.asked.Auth.Host != "" {
			return "host besides a VPC endpoint"
		}
	}
	if r.SourceIP == nil && r.VPCEndpoint == nil {
		loopback := "127.0.0.1"
		r.SourceIP = &loopback
	}
	return ""
}

// things is what the request names.
func (q *question) things(e *estate.Estate) string {
	r := q.stated
	q.nameOwner(e)
	if r.AccessPoint != "" && q.point(e) == nil {
		return "access point that the estate does not hold"
	}
	if bucket, _, _, _, err := s3op.CopySource(q.source()); err == nil && bucket != "" {
		if _, held := e.Bucket(bucket); !held {
			return "copy from a bucket that the estate does not hold: the endpoint knows that there is none"
		}
	}
	if r.Object != nil {
		if b, ok := e.Bucket(r.Bucket); ok && b.Objects[r.Key] != nil && !(r.Object.Exists != nil && !*r.Object.Exists) {
			return "object facts over those of the estate"
		}
	}
	return ""
}

// nameOwner finds whom an ACL in the body has to name as owner, where it names
// nobody.
func (q *question) nameOwner(e *estate.Estate) {
	b, ok := e.Bucket(q.bucket(e))
	if !ok {
		return
	}
	q.owner = string(b.Account)
	if o := b.Objects[q.asked.Key]; o != nil && o.Owner != "" && b.ObjectOwnership() != "BucketOwnerEnforced" {
		q.owner = o.Owner
	}
	q.owner = world.Canonical(e, q.owner)
}

// point returns the access point that the request goes through, nil for none.
func (q *question) point(e *estate.Estate) *estate.AccessPoint {
	if q.asked.AccessPoint == "" {
		return nil
	}
	var prefer []iam.AccountID
	if b, ok := e.Bucket(q.asked.Bucket); ok {
		prefer = append(prefer, b.Account)
	}
	if q.principal.Account != "" {
		prefer = append(prefer, q.principal.Account)
	}
	p, ok := e.AccessPoint(q.asked.AccessPoint, prefer...)
	if !ok {
		return nil
	}
	return p
}

// bucket returns the bucket that the request is about, "" for none.
func (q *question) bucket(e *estate.Estate) string {
	if p := q.point(e); p != nil {
		return p.Bucket
	}
	return q.asked.Bucket
}

// complete states the rest: what the endpoint knows of the prepared estate, the
// session and the time.
func (q *question) complete(e *estate.Estate) {
	r := q.stated
	r.Unstated = "absent"
	if r.Time == nil {
		r.Time = &now
	}
	if name := q.bucket(e); name != "" {
		if _, held := e.Bucket(name); !held {
			no := false
			r.BucketExists = &no
		}
	}
	if q.session() {
		q.completeSession()
	}
	if _, sent := r.Header("x-amz-content-sha256"); !sent && q.signsHeader() {
		headers := map[string]string{"x-amz-content-sha256": hashOf(q.body())}
		for name, v := range r.Headers {
			headers[name] = v
		}
		r.Headers = headers
	}
}

// completeSession states what the credentials carry.
func (q *question) completeSession() {
	r := q.stated
	if r.MFA == nil {
		no := false
		r.MFA = &no
	}
	if r.SessionTags == nil {
		r.SessionTags = &map[string]string{}
	}
	context := map[string]request.ContextValue{"aws:TokenIssueTime": {Value: condition.String1(q.issued.UTC().Format(time.RFC3339))}}
	for name, v := range r.Context {
		context[name] = v
	}
	r.Context = context
}

// signsHeader reports whether the request is signed in its Authorization header.
func (q *question) signsHeader() bool {
	a := q.asked.Auth
	if a == nil || a.Type == "" {
		return q.principal.Kind != iam.Anonymous || q.asked.Principal == ""
	}
	return strings.EqualFold(a.Type, "header")
}

// signsQuery reports whether the request is a presigned URL.
func (q *question) signsQuery() bool {
	return q.asked.Auth != nil && strings.EqualFold(q.asked.Auth.Type, "query")
}
