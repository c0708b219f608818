package decide

import (
	"fmt"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/reason"
)

// roleCheck decides sts:AssumeRole on a role. The trust policy must always
// allow. In one account it suffices alone where it names the caller; where it
// names the account, and across accounts always, the caller's own policies must
// allow as well. Root users never assume roles, nor do unsigned requests. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_compare-resource-policies.html
// and https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html.
func (e *evaluation) roleCheck() {
	role := e.check.Role
	e.limits(&role.RCP)
	e.caller()
	e.query.NoResource = true // a trust policy names no resource
	e.resource = e.ask(iam.GateBucketPolicy, &role.Trust)
	e.query.NoResource = false
	e.both(condition.True, e.resource.denies())
	c := &e.facts.Caller
	trusted := e.resource.allows(anyForms)
	switch {
	case c.Kind == iam.RootUser, c.Kind == iam.Anonymous:
		e.both(condition.False, condition.False)
		e.refused.identity = true
	case c.Account != "" && c.Account == role.Account:
		byName := e.resource.allows(direct)
		own := e.callerSide(e.resource.allows(policyRole))
		e.both(max(byName, min(own, trusted)), condition.False)
		e.refuseCaller(byName == condition.False)
	default:
		e.both(min(e.callerSide(condition.False), trusted), condition.False)
	}
	e.noteCaller(e.refused.identity || e.refused.boundary || e.refused.session)
	if trusted == condition.False {
		e.refused.resource, e.refused.resourceReason = iam.GateBucketPolicy, reason.NoAllowTrust
	}
	e.noteTrust(trusted)
}

func (e *evaluation) noteTrust(trusted condition.Truth) {
	gate := iam.GateBucketPolicy
	switch {
	case e.resource.denies() == condition.True:
		e.note(gate, &e.resource, iam.OutcomeDeny, reason.DenyTrust)
	case trusted == condition.False:
		e.note(gate, &e.resource, iam.OutcomeNoAllow, reason.NoAllowTrust)
	case trusted == condition.Unknown || e.resource.denies() == condition.Unknown:
		e.note(gate, &e.resource, iam.OutcomeUnknown, reason.Unread)
	default:
		e.note(gate, &e.resource, iam.OutcomeAllow, "")
	}
}

// wordRole is the message of STS (IAM User Guide, Troubleshoot access denied
// error messages).
func (e *evaluation) wordRole(r *Refusal) string {
	t := policyTypes[r.Gate]
	if r.Gate == iam.GateBucketPolicy {
		t.explicit, t.implicit = "the role trust policy", "role trust policy"
	}
	text := fmt.Sprintf("because no %s allows the %s action", t.implicit, e.check.Action)
	if r.Kind == iam.KindExplicitDeny {
		text = "with an explicit deny in " + t.explicit
	}
	return fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s %s", e.facts.Caller.ARN(), e.check.Action, e.check.Resource, text)
}
