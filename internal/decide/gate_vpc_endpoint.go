package decide

import (
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/reason"
)

// gateVPCEndpoint is the gate of the endpoint's policy: it must allow what comes
// through the endpoint, and grants nothing. See
// https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html.
//
// Where it was not stated how the request came, each endpoint of the estate
// that would refuse it leaves the answer open.
func (e *evaluation) gateVPCEndpoint() (allow, deny condition.Truth) {
	ep := &e.facts.Caller.Endpoint
	if e.facts.Caller.Kind == iam.ServicePrincipal {
		ep = &Endpoint{}
	}
	e.endpoint = e.ask(iam.GateVPCEndpoint, ep.Side)
	allow, deny = e.limiting(iam.GateVPCEndpoint, &e.endpoint, limitCodes{reason.DenyVPCEndpoint, reason.NoAllowVPCEndpoint})
	for i := range ep.Possible {
		a := e.ask(iam.GateVPCEndpoint, ep.Possible[i].Side)
		if min(a.limits(), a.denies().Not()) == condition.True {
			continue
		}
		e.gates[iam.GateVPCEndpoint] = GateResult{Outcome: iam.OutcomeUnknown, Reason: reason.NetworkNotStated, Statement: -1, Name: ep.Possible[i].ID}
		return condition.Unknown, deny
	}
	return allow, deny
}
