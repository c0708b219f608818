package server

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/report"
)

// Headers in which a refusal tells its caller why. They are what a HEAD has
// instead of a body.
const (
	headerGate   = "X-Why403-Gate"
	headerReason = "X-Why403-Reason"
	headerCause  = "X-Why403-Cause"
)

// maxCause bounds the text of headerCause.
const maxCause = 600

// explainTo puts the cause of a refusal into the header of its answer, where the
// caller may know it.
func (s *Server) explainTo(h http.Header, id string) {
	d := s.decisions.refusal(id)
	if d == nil || !s.config.ExplainToCallers && !s.mayKnow(d) {
		return
	}
	if d.Cause == nil {
		h.Set(headerReason, "not-known")
		if len(d.Unknown) > 0 {
			h.Set(headerGate, d.Unknown[0].Gate.String())
			h.Set(headerCause, headerText("not known: "+d.Unknown[0].What+": "+d.Unknown[0].Why))
		}
		return
	}
	h.Set(headerGate, d.Cause.Gate.String())
	h.Set(headerReason, d.Cause.Reason)
	h.Set(headerCause, headerText(d.Cause.Summary))
}

// mayKnow reports whether the caller belongs to the account of all that the request
// is about, and was authenticated: what refuses is then the account's own, or
// stands above it. What nobody has is nobody's secret.
func (s *Server) mayKnow(d *report.Decision) bool {
	if d.Cause != nil && d.Cause.Kind == iam.KindAuthentication {
		return false
	}
	caller, err := iam.ParsePrincipal(d.Principal)
	if err != nil || caller.Account == "" {
		return false
	}
	foreign := func(resource string) bool {
		owner := s.ownerOf(resource)
		return owner != "" && owner != caller.Account
	}
	return !foreign(d.Resource) && !slices.ContainsFunc(d.Checks, func(c report.Check) bool { return foreign(c.Resource) })
}

// ownerOf returns the account that a resource belongs to, "" where it is nobody's.
func (s *Server) ownerOf(resource string) iam.AccountID {
	arn, ok := iam.ParseARN(resource)
	if !ok {
		return ""
	}
	if arn.Service != "s3" || arn.Account != "" {
		return arn.Account
	}
	bucket, _, _ := strings.Cut(arn.Resource, "/")
	if b, ok := s.world.Estate().Bucket(bucket); ok {
		return b.Account
	}
	return ""
}

// headerText makes a text fit for a header: one line of printable ASCII.
func headerText(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case b.Len() >= maxCause:
			return b.String() + "..."
		case r == '\n' || r == '\r' || r == '\t':
			b.WriteByte(' ')
		case r < ' ' || r == 0x7f:
		case r > '~':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
