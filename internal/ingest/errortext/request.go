package errortext

import (
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/request"
)

// Request is the attempt that the message speaks of, as far as it tells. ok is
// false where it does not say who asked, or for what.
func (m *Message) Request() (r *request.Request, ok bool) {
	if m.Principal == "" || m.Action == "" {
		return nil, false
	}
	r = &request.Request{Principal: m.Principal, Action: m.Action, Resource: m.Resource}
	if r.Resource == "" {
		r.Resource = "*"
	}
	spec, known := s3op.Lookup(m.Operation)
	arn, isARN := iam.ParseARN(m.Resource)
	if !known || !isARN || arn.Service != "s3" || arn.Account != "" || !strings.HasPrefix(m.Action, "s3:") || strings.Contains(m.Operation, "Copy") {
		return r, true
	}
	bucket, key, hasKey := strings.Cut(arn.Resource, "/")
	if hasKey != (spec.Scope == s3op.Object) {
		return r, true // the permission that is missing is none of the resource that was called
	}
	return &request.Request{Principal: m.Principal, Operation: spec.Name, Bucket: bucket, Key: key}, true
}
