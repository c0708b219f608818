package decide

import (
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/policy"
)

// A GateResult is what one gate did to one check.
type GateResult struct {
	Outcome   iam.Outcome
	Reason    reason.Code
	Set       *policy.Set // of the statement that decides; nil for none
	Statement int         // index in Set
	Name      string      // of the policy, level or setting, where no statement decides
}

// evaluation is the work on one check.
type evaluation struct {
	facts *Facts
	check *Check
	index int // of the check
	query policy.Query
	trace *Trace
	gates [iam.NumGates]GateResult

	endpoint, boundary, session, identity answer
	resource                              answer // bucket policy, access point policy or key policy

	allow condition.Truth // all that had to allow did
	deny  condition.Truth // something denies explicitly

	refused refused
}

// answer is what the policies of one gate say, in three values.
type answer struct {
	policy.Result
	set    *policy.Set
	unread bool // something is missing, which may allow or deny
	absent bool // the gate has no policy, and limits nothing
}

// allows tells whether a statement allows by one of the forms of principal.
func (a *answer) allows(forms policy.Via) condition.Truth {
	switch {
	case a.Allow&forms != 0:
		return condition.True
	case a.MayAllow&forms != 0 || a.unread:
		return condition.Unknown
	}
	return condition.False
}

// limits tells whether a gate that only limits lets the check through.
func (a *answer) limits() condition.Truth {
	if a.absent {
		return condition.True
	}
	return a.allows(^policy.Via(0))
}

// denies tells whether a statement denies.
func (a *answer) denies() condition.Truth {
	switch {
	case a.Deny != 0:
		return condition.True
	case a.MayDeny != 0 || a.unread:
		return condition.Unknown
	}
	return condition.False
}

// refused notes what a check lacks, for the list of refusals.
type refused struct {
	identity, boundary, session bool
	resource                    iam.Gate // bucket-policy, ownership, acl, access-point, kms or public-access-block; existence for none
	resourceReason              reason.Code
	setting                     *Setting // where a setting cuts off what would allow
	scpLevel                    int      // first level without an Allow, or -1
}

var none = policy.Result{FirstAllow: -1, FirstDeny: -1, FirstMay: -1}

// ask puts the check to the policies of one gate.
func (e *evaluation) ask(gate iam.Gate, side *Side) answer {
	if side == nil {
		return answer{Result: none, absent: true}
	}
	unread := len(side.Missing) > 0
	if side.Set == nil {
		return answer{Result: none, unread: unread}
	}
	var rec policy.Recorder
	if e.trace != nil {
		e.trace.gate, e.trace.check = gate, int32(e.index)
		rec = e.trace
	}
	return answer{Result: side.Set.Eval(&e.query, rec), set: side.Set, unread: unread}
}

// note writes the outcome of a gate: of a deny the statement that denies, of an
// allow the one that allows.
func (e *evaluation) note(gate iam.Gate, a *answer, outcome iam.Outcome, code reason.Code) {
	if e.trace == nil {
		return // nobody reads it
	}
	g := &e.gates[gate]
	*g = GateResult{Outcome: outcome, Reason: code, Statement: -1}
	statement := int32(-1)
	switch outcome {
	case iam.OutcomeDeny:
		statement = a.FirstDeny
	case iam.OutcomeAllow, iam.OutcomePass:
		statement = a.FirstAllow
	case iam.OutcomeUnknown:
		statement = a.FirstMay
	}
	if statement >= 0 {
		g.Set, g.Statement = a.set, int(statement)
	}
}

// limiting notes the outcome of a gate that never grants, only limits.
func (e *evaluation) limiting(gate iam.Gate, a *answer, codes limitCodes) (allow, deny condition.Truth) {
	if a.absent {
		e.gates[gate] = GateResult{Outcome: iam.OutcomeNotApplicable, Statement: -1}
		return condition.True, condition.False
	}
	allow, deny = a.limits(), a.denies()
	switch {
	case deny == condition.True:
		e.note(gate, a, iam.OutcomeDeny, codes.deny)
	case allow == condition.False:
		e.note(gate, a, iam.OutcomeNoAllow, codes.noAllow)
	case allow == condition.Unknown || deny == condition.Unknown:
		e.note(gate, a, iam.OutcomeUnknown, reason.Unread)
	default:
		e.note(gate, a, iam.OutcomePass, "")
	}
	return allow, deny
}

type limitCodes struct{ deny, noAllow reason.Code }

// run decides the check: True allowed, False denied, Unknown either.
func (e *evaluation) run() condition.Truth {
	e.refused.scpLevel = -1
	e.query = e.check.Query()
	switch e.check.Kind {
	case KeyCheck:
		e.keyCheck()
	case AccessPointCheck:
		e.accessPointCheck()
	case AccountCheck:
		e.accountCheck()
	case RoleCheck:
		e.roleCheck()
	default:
		e.bucketCheck()
	}
	return min(e.allow, e.deny.Not())
}

// both combines what had to allow, and what denies.
func (e *evaluation) both(allow, deny condition.Truth) {
	e.allow = min(e.allow, allow)
	e.deny = max(e.deny, deny)
}

// limits asks the gates that limit every caller, whatever the resource says.
func (e *evaluation) limits(rcp *Levels) {
	e.allow, e.deny = condition.True, condition.False
	e.both(e.gateSCP())
	e.both(condition.True, e.gateRCP(rcp))
	e.both(e.gateVPCEndpoint())
}

// caller asks the caller's own policies. Their explicit denies count at once;
// whether they had to allow is the formula's.
func (e *evaluation) caller() {
	c := &e.facts.Caller
	e.identity = e.ask(iam.GateIdentity, e.identitySide())
	e.boundary = e.ask(iam.GateBoundary, c.Boundary)
	e.session = e.ask(iam.GateSession, c.SessionPolicies)
	for _, a := range []*answer{&e.identity, &e.boundary, &e.session} {
		if !a.absent {
			e.both(condition.True, a.denies())
		}
	}
}

// identitySide returns the caller's identity-based policies, nil for callers
// that have none: root users, anonymous callers, services.
func (e *evaluation) identitySide() *Side {
	switch e.facts.Caller.Kind {
	case iam.User, iam.RoleSession, iam.FederatedUser:
		return &e.facts.Caller.Identity
	}
	return nil
}

// isFederatedWithoutSession reports a federated user to whom no session policy
// was passed: it has nothing but what a resource policy gives its own ARN.
func (e *evaluation) isFederatedWithoutSession() bool {
	return e.facts.Caller.Kind == iam.FederatedUser && e.facts.Caller.SessionPolicies == nil
}

// callerSide is (I or bypass) and B and S: what the caller's account must
// allow. bypass is the part of a resource-based policy that stands in for the
// identity-based policies (IAM User Guide, the role's ARN as principal).
func (e *evaluation) callerSide(bypass condition.Truth) condition.Truth {
	identity := condition.True
	if e.identitySide() != nil {
		identity = max(e.identity.allows(policy.ViaNone), bypass)
	}
	boundary, session := e.boundary.limits(), e.sessionLimits()
	e.refused.identity = identity == condition.False && !e.isFederatedWithoutSession()
	e.refused.boundary = boundary == condition.False
	e.refused.session = session == condition.False
	return min(identity, boundary, session)
}

// sessionLimits is what the session lets through; a federated user without a
// session policy has none of its parent's permissions.
func (e *evaluation) sessionLimits() condition.Truth {
	if e.isFederatedWithoutSession() {
		return condition.False
	}
	return e.session.limits()
}

// limitsOfCaller is B and S.
func (e *evaluation) limitsOfCaller() condition.Truth {
	return min(e.boundary.limits(), e.sessionLimits())
}

// noteCaller writes the outcomes of the caller's own gates. needed tells
// whether their allow was.
func (e *evaluation) noteCaller(needed bool) {
	if e.trace == nil {
		return // nobody reads it
	}
	if e.identitySide() == nil {
		e.gates[iam.GateIdentity] = GateResult{Outcome: iam.OutcomeNotApplicable, Statement: -1}
	} else {
		e.noteOne(iam.GateIdentity, &e.identity, iam.OutcomeAllow, needed && e.refused.identity, reason.DenyIdentity, reason.NoAllowIdentity)
	}
	e.noteOne(iam.GateBoundary, &e.boundary, iam.OutcomePass, needed && e.refused.boundary, reason.DenyBoundary, reason.NoAllowBoundary)
	if e.isFederatedWithoutSession() {
		e.gates[iam.GateSession] = GateResult{Outcome: iam.OutcomePass, Statement: -1}
		if needed {
			e.gates[iam.GateSession] = GateResult{Outcome: iam.OutcomeNoAllow, Reason: reason.FederatedWithoutSession, Statement: -1}
		}
		return
	}
	e.noteOne(iam.GateSession, &e.session, iam.OutcomePass, needed && e.refused.session, reason.DenySession, reason.NoAllowSession)
}

func (e *evaluation) noteOne(gate iam.Gate, a *answer, granted iam.Outcome, refuses bool, deny, noAllow reason.Code) {
	allow := a.allows(policy.ViaNone)
	switch {
	case a.absent:
		e.gates[gate] = GateResult{Outcome: iam.OutcomeNotApplicable, Statement: -1}
	case a.denies() == condition.True:
		e.note(gate, a, iam.OutcomeDeny, deny)
	case refuses:
		e.note(gate, a, iam.OutcomeNoAllow, noAllow)
	case a.denies() == condition.Unknown || allow == condition.Unknown:
		e.note(gate, a, iam.OutcomeUnknown, reason.Unread)
	case allow == condition.True:
		e.note(gate, a, granted, "")
	default:
		e.note(gate, a, iam.OutcomePass, "")
	}
}
