package cli

import (
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/ingest/errortext"
	"github.com/why403/why403/internal/proxy"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/request"
)

// refusals are what a program met, in the order in which it met them.
type refusals struct {
	mu   sync.Mutex
	list []*met
	by   map[string]*met
}

// A met refusal, and how often the same was met.
type met struct {
	message *errortext.Message
	request *request.Request // that was refused, without its principal
	key     string           // access key
	times   int
}

// add takes a refusal, unless it is none: a missing key, say.
func (l *refusals) add(r *proxy.Refusal) {
	m := readRefusal(r)
	if m == nil {
		return
	}
	same := strings.Join([]string{m.message.Operation, m.message.Code, fmt.Sprint(m.message.Status), m.message.Action, m.request.Bucket, reasonOf(m.message)}, "\x00")
	l.mu.Lock()
	defer l.mu.Unlock()
	if known := l.by[same]; known != nil {
		known.times++
		return
	}
	if l.by == nil {
		l.by = map[string]*met{}
	}
	l.by[same] = m
	l.list = append(l.list, m)
}

func (l *refusals) distinct() []*met {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.list
}

func reasonOf(m *errortext.Message) string {
	if m.Refusal == nil {
		return ""
	}
	return string(m.Refusal.Reason)
}

// family are the codes of answers other than 403 that refuse for reasons of
// access.
var family = map[string]bool{"ExpiredToken": true, "InvalidToken": true, "TokenRefreshRequired": true, "AuthorizationHeaderMalformed": true,
	"PermanentRedirect": true, "IllegalLocationConstraintException": true, "AccessControlListNotSupported": true, "InvalidBucketAclWithObjectOwnership": true,
	"KMS.DisabledException": true, "KMS.NotFoundException": true, "KMS.KMSInvalidStateException": true, "MethodNotAllowed": true}

// readRefusal is what an answer says; nil for those that are about other things
// than access.
func readRefusal(r *proxy.Refusal) *met {
	m, ok := errortext.Parse(string(r.Body))
	if !ok {
		m = errortext.Message{}
	}
	m.Status = r.Status
	if m.RequestID == "" {
		m.RequestID = r.Header.Get("X-Amz-Request-Id")
	}
	head := r.Request.Method == http.MethodHead && (r.Status == http.StatusBadRequest || r.Status == http.StatusMovedPermanently)
	if r.Status != http.StatusForbidden && !family[m.Code] && !head && r.Unable == nil {
		return nil
	}
	if region := r.Header.Get("X-Amz-Bucket-Region"); region != "" && region != r.Claim.Region && r.Status != http.StatusForbidden {
		m.Details = map[string]string{"Region": region}
	}
	q := refusedRequest(r)
	m.Operation = q.Operation
	return &met{message: &m, request: q, key: r.Claim.AccessKeyID, times: 1}
}

// refusedRequest is what was asked for, as far as it stands in the request.
func refusedRequest(r *proxy.Refusal) *request.Request {
	t := &r.Target
	shape := s3op.Shape{Method: r.Request.Method, Bucket: t.Bucket, Key: t.Key, Header: r.Request.Header.Get}
	q := &request.Request{Bucket: t.Bucket, Key: t.Key, VersionID: t.Query.Get("versionId"), Headers: map[string]string{}, Query: map[string]string{}}
	for _, p := range t.Query {
		shape.Query = append(shape.Query, s3op.Param{Name: p.Name, Value: p.Value, HasValue: p.HasValue})
		if !strings.HasPrefix(p.Name, "X-Amz-") {
			q.Query[p.Name] = p.Value
		}
	}
	if spec, no := s3op.Classify(shape); no == nil {
		q.Operation = spec.Name
	}
	for name := range r.Request.Header {
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-amz-") && !unsaid[name] {
			q.Headers[name] = r.Request.Header.Get(name)
		}
	}
	q.CopySource = strings.TrimPrefix(r.Request.Header.Get("X-Amz-Copy-Source"), "/")
	if r.Claim.Mechanism == sigv4.Anonymous {
		q.Principal = "anonymous"
	}
	return q
}

// decide has the refused request decided in an estate; as names who made it,
// where neither the answer nor the estate tells.
func (r *met) decide(out *explainedMessage, e *estate.Estate, as string) error {
	q := *r.request
	if holder, held := e.AccessKey(r.key); held {
		q.Principal = holder.Principal
	}
	if r.message.Principal != "" {
		q.Principal = r.message.Principal
	}
	if as != "" {
		q.Principal = as
	}
	if q.Principal == "" || q.Operation == "" {
		out.Reading.Next = append(out.Reading.Next, "not decided: neither the answer nor the estate tells who made the request; say so with --as ARN")
		return nil
	}
	return out.decide(e, &q)
}

// unsaid are headers that are secret, or about the signature.
var unsaid = map[string]bool{"x-amz-security-token": true, "x-amz-date": true, "x-amz-content-sha256": true, "x-amz-decoded-content-length": true, "x-amz-trailer": true,
	"x-amz-server-side-encryption-customer-key": true, "x-amz-copy-source-server-side-encryption-customer-key": true}
