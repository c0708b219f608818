package wire

import (
	"slices"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// Refusal is the decision that an error of authentication amounts to.
func Refusal(r *request.Request, e *sigv4.Error) *report.Decision {
	d := &report.Decision{
		ID: r.ID, Verdict: iam.Denied, Principal: r.Principal, Operation: r.Operation, Status: e.Status, Code: e.Code, Message: e.Message,
		Checks: []report.Check{}, Contributing: []*report.Cause{}, Unknown: []report.Unknown{}, Fixes: []report.Fix{},
	}
	gate := iam.GateSignature
	if e.Gate != "" {
		_ = gate.UnmarshalText([]byte(e.Gate)) // the verifier's gates are the contract's
	}
	d.Cause = &report.Cause{Gate: gate, Kind: iam.KindAuthentication, Reason: string(Catalogued(e.Reason)), Summary: e.Message}
	if hint := e.Hint(); hint != "" {
		d.Cause.Summary = hint
	}
	return d
}

// Catalogued returns the reason under which the catalogue holds one of the
// verifier's, which are finer where a request is malformed.
func Catalogued(r sigv4.Reason) reason.Code {
	if _, ok := reason.Lookup(reason.Code(r)); ok {
		return reason.Code(r)
	}
	switch r {
	case sigv4.ReasonSigV2Refused, sigv4.ReasonSigV4A:
		return reason.SignatureVersion
	case sigv4.ReasonPayloadMismatch, sigv4.ReasonChunkSignature:
		return reason.SignatureMismatch
	}
	return reason.MalformedAuthorization
}

// LacksOnly reports whether nothing stands against a request but that these gates
// do not allow it.
func LacksOnly(d *report.Decision, gates ...iam.Gate) bool {
	if d.Verdict != iam.Denied || d.Cause == nil || len(d.Unknown) > 0 {
		return false
	}
	for _, c := range d.Checks {
		for _, g := range c.Gates {
			stands := g.Outcome == iam.OutcomeDeny || g.Outcome == iam.OutcomeNoAllow || g.Outcome == iam.OutcomeUnknown
			if stands && !slices.Contains(gates, g.Gate) {
				return false
			}
		}
	}
	return !slices.ContainsFunc(append([]*report.Cause{d.Cause}, d.Contributing...), func(c *report.Cause) bool {
		return c.Kind != iam.KindImplicitDeny || !slices.Contains(gates, c.Gate)
	})
}
