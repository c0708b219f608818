package decide

import (
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/reason"
)

// gateRCP is the gate of resource control policies: those on the path to the
// resource's account may deny. They never have to allow, since
// RCPFullAWSAccess cannot be detached. See
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_evaluation.html.
func (e *evaluation) gateRCP(levels *Levels) condition.Truth {
	g := &e.gates[iam.GateRCP]
	if levels == nil || levels.NotApplicable != "" || e.facts.Caller.ServiceLinked {
		*g = GateResult{Outcome: iam.OutcomeNotApplicable, Statement: -1}
		return condition.False
	}
	*g = GateResult{Outcome: iam.OutcomePass, Statement: -1}
	deny := condition.False
	if len(levels.Missing) > 0 {
		deny = condition.Unknown
	}
	for i := range levels.Levels {
		a := e.ask(iam.GateRCP, &levels.Levels[i].Side)
		d := a.denies()
		if d == condition.True && deny != condition.True {
			e.note(iam.GateRCP, &a, iam.OutcomeDeny, reason.DenyRCP)
		}
		if deny = max(deny, d); deny == condition.True && e.trace == nil {
			return deny
		}
		if g.Outcome == iam.OutcomePass && a.FirstAllow >= 0 {
			g.Set, g.Statement = a.set, int(a.FirstAllow)
		}
	}
	if deny == condition.Unknown {
		*g = GateResult{Outcome: iam.OutcomeUnknown, Reason: reason.Unread, Statement: -1}
	}
	return deny
}
