package explain

import (
	"fmt"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/report"
)

// gateWords are the gates in words.
var gateWords = map[iam.Gate]string{
	iam.GateSCP: "a service control policy", iam.GateRCP: "a resource control policy", iam.GateVPCEndpoint: "the VPC endpoint's policy",
	iam.GateBoundary: "the permissions boundary", iam.GateSession: "a session policy", iam.GateIdentity: "an identity-based policy",
	iam.GateBucketPolicy: "the bucket policy", iam.GateAccessPoint: "the access point's policy", iam.GateKMS: "the key policy",
}

// summary is one sentence that a person can act on.
func (w *writer) summary(r *decide.Refusal, c *report.Cause) string {
	if r.Set != nil && r.Statement >= 0 && r.Kind == iam.KindExplicitDeny {
		st, named := r.Set.At(r.Statement)
		s := fmt.Sprintf("%s (%s) denies %s on %s by statement %s", gateWords[r.Gate], named.Name, r.Action, r.Resource, statementName(st.Index, st.Sid))
		for _, cmp := range c.Compare {
			s += fmt.Sprintf("; %s %s: the policy has %s, the request %s", cmp.Operator, cmp.Key, list(cmp.Policy), cmp.Request)
			break
		}
		return s
	}
	return w.settingSummary(r)
}

func statementName(index int, sid string) string {
	if sid != "" {
		return fmt.Sprintf("%q (index %d)", sid, index)
	}
	return fmt.Sprintf("%d", index)
}

func list(values []string) string {
	switch len(values) {
	case 0:
		return "nothing"
	case 1:
		return values[0]
	}
	return fmt.Sprintf("%s and %d more", values[0], len(values)-1)
}
