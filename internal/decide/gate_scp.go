package decide

import (
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/policy"
)

// gateSCP is the gate of service control policies: each level of the path from
// the organization's root to the caller's account must hold an Allow, and none
// may deny. See
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html.
func (e *evaluation) gateSCP() (allow, deny condition.Truth) {
	levels := &e.facts.Caller.SCP
	g := &e.gates[iam.GateSCP]
	if levels.NotApplicable != "" {
		*g = GateResult{Outcome: iam.OutcomeNotApplicable, Statement: -1, Name: levels.NotApplicable}
		return condition.True, condition.False
	}
	allow, deny = condition.True, condition.False
	if len(levels.Missing) > 0 {
		allow, deny = condition.Unknown, condition.Unknown
	}
	*g = GateResult{Outcome: iam.OutcomePass, Statement: -1}
	for i := range levels.Levels {
		a := e.ask(iam.GateSCP, &levels.Levels[i].Side)
		la, ld := a.allows(policy.ViaNone), a.denies()
		switch {
		case ld == condition.True && deny != condition.True:
			e.note(iam.GateSCP, &a, iam.OutcomeDeny, reason.DenySCP)
		case la == condition.False && e.refused.scpLevel < 0:
			e.refused.scpLevel = i
			if g.Outcome != iam.OutcomeDeny {
				*g = GateResult{Outcome: iam.OutcomeNoAllow, Reason: reason.NoAllowSCP, Statement: -1, Name: levels.Levels[i].Name}
			}
		case g.Outcome == iam.OutcomePass && la == condition.True:
			g.Set, g.Statement = a.set, int(a.FirstAllow)
		}
		allow, deny = min(allow, la), max(deny, ld)
		if deny == condition.True && e.trace == nil {
			return allow, deny
		}
	}
	if g.Outcome == iam.OutcomePass && (allow == condition.Unknown || deny == condition.Unknown) {
		g.Outcome, g.Reason = iam.OutcomeUnknown, reason.Unread
	}
	return allow, deny
}
