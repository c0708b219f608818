package decide

import (
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/policy"
)

const policyRole = policy.ViaRole

// keyCheck decides a KMS permission. S3 asks KMS with the caller's own
// permissions (forward access session), so no VPC endpoint policy applies. The
// key policy must allow, or a grant, or the key policy delegates to the account
// and its identity-based policies allow; across accounts both sides must. See
// https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html.
func (e *evaluation) keyCheck() {
	k := e.check.Key
	if len(k.Missing) > 0 && k.Policy.Set == nil && !k.Managed {
		k.Policy.Missing = append(k.Policy.Missing[:0:0], k.Missing...)
	}
	e.allow, e.deny = condition.True, condition.False
	e.both(e.gateSCP())
	if k.Managed {
		e.gates[iam.GateRCP] = GateResult{Outcome: iam.OutcomeNotApplicable, Statement: -1} // RCPs leave AWS managed keys alone
	} else {
		e.both(condition.True, e.gateRCP(&k.RCP))
	}
	e.gates[iam.GateVPCEndpoint] = GateResult{Outcome: iam.OutcomeNotApplicable, Statement: -1}
	if len(k.StateMissing) > 0 {
		e.both(condition.Unknown, condition.False)
	}
	e.caller()
	if k.Managed {
		e.managedKey(k)
		return
	}
	e.resource = e.ask(iam.GateKMS, &k.Policy)
	e.both(condition.True, e.resource.denies())
	c := &e.facts.Caller
	direct := max(e.resource.allows(direct), e.granted(policy.ViaEveryone|policy.ViaDirect))
	role := max(e.resource.allows(policy.ViaRole), e.granted(policy.ViaRole))
	account := max(e.resource.allows(policy.ViaAccount), e.granted(policy.ViaAccount))
	if e.facts.Caller.Kind == iam.OriginAccessIdentity {
		direct, role, account = condition.False, condition.False, condition.False // it cannot sign for KMS
	}
	var keySide condition.Truth
	identity := condition.True
	if e.identitySide() != nil {
		identity = e.identity.allows(policy.ViaNone)
	}
	boundary, session := e.boundary.limits(), e.sessionLimits()
	if c.Account != "" && c.Account == k.Account {
		own := max(min(identity, account), role)
		keySide = max(direct, role, account)
		e.both(max(direct, min(own, boundary, session)), condition.False)
		needed := direct == condition.False
		e.refused.boundary = needed && boundary == condition.False
		e.refused.session = needed && session == condition.False
		e.refuseKey(needed && own == condition.False, keySide, account, identity)
	} else {
		keySide = max(direct, role, account)
		e.both(min(keySide, identity, boundary, session), condition.False)
		e.refused.boundary = boundary == condition.False
		e.refused.session = session == condition.False
		e.refuseKey(min(keySide, identity) == condition.False, keySide, keySide, identity)
	}
	e.noteKey(keySide, identity)
}

func (e *evaluation) refuseKey(refuses bool, keySide, account, identity condition.Truth) {
	if !refuses {
		return
	}
	e.refused.resource = iam.GateKMS
	switch {
	case identity == condition.False && account != condition.False:
		e.refused.resourceReason = reason.NoAllowKMSIdentity
	case keySide == condition.False && identity == condition.True && e.identitySide() != nil && e.facts.Caller.Account == e.check.Key.Account:
		e.refused.resourceReason = reason.KeyPolicyDoesNotDelegate
	default:
		e.refused.resourceReason = reason.NoAllowKeyPolicy
	}
}

// granted tells whether a grant names the caller by one of the forms.
func (e *evaluation) granted(forms policy.Via) condition.Truth {
	result := condition.False
	if len(e.check.Key.GrantsMissing) > 0 {
		result = condition.Unknown
	}
	for _, g := range e.check.Key.Grants {
		if g.Via&forms == 0 {
			continue
		}
		if g.Sure {
			return condition.True
		}
		result = condition.Unknown
	}
	return result
}

// managedKey decides for aws/s3: all principals of the key's own account may
// use it through S3, and nobody else ever can (KMS Developer Guide, AWS managed
// keys).
func (e *evaluation) managedKey(k *Key) {
	c := &e.facts.Caller
	e.refused.identity, e.refused.boundary, e.refused.session = false, false, false
	e.noteCaller(false)
	if c.Account == k.Account {
		e.gates[iam.GateKMS] = GateResult{Outcome: iam.OutcomeAllow, Statement: -1, Name: "aws/s3"}
		return
	}
	e.both(condition.False, condition.False)
	e.gates[iam.GateKMS] = GateResult{Outcome: iam.OutcomeDeny, Reason: reason.ManagedKey, Statement: -1, Name: "aws/s3"}
	e.refused.resource, e.refused.resourceReason = iam.GateKMS, reason.ManagedKey
	e.refused.setting = &Setting{On: condition.True, Where: k.ARN, Pos: k.Pos}
}

func (e *evaluation) noteKey(keySide, identity condition.Truth) {
	if e.trace == nil {
		return // nobody reads it
	}
	e.noteCaller(e.refused.resource == iam.GateKMS)
	e.noteOne(iam.GateBoundary, &e.boundary, iam.OutcomePass, e.refused.boundary, reason.DenyBoundary, reason.NoAllowBoundary)
	e.noteOne(iam.GateSession, &e.session, iam.OutcomePass, e.refused.session, reason.DenySession, reason.NoAllowSession)
	if e.identitySide() != nil {
		e.noteOne(iam.GateIdentity, &e.identity, iam.OutcomeAllow, e.refused.resource == iam.GateKMS && identity == condition.False, reason.DenyIdentity, reason.NoAllowKMSIdentity)
	}
	gate := iam.GateKMS
	switch {
	case e.resource.denies() == condition.True:
		e.note(gate, &e.resource, iam.OutcomeDeny, reason.DenyKeyPolicy)
	case e.refused.resource == gate:
		e.note(gate, &e.resource, iam.OutcomeNoAllow, e.refused.resourceReason)
	case e.resource.denies() == condition.Unknown || e.allow == condition.Unknown:
		e.note(gate, &e.resource, iam.OutcomeUnknown, reason.Unread)
	case max(e.resource.allows(policy.ViaDirect|policy.ViaEveryone), e.resource.allows(policy.ViaRole), min(e.resource.allows(policy.ViaAccount), identity)) != condition.True &&
		e.granted(policy.ViaEveryone|policy.ViaDirect|policy.ViaRole|policy.ViaAccount) == condition.True:
		e.gates[gate] = GateResult{Outcome: iam.OutcomeAllow, Statement: -1, Name: grantOf + e.check.Key.ARN} // the policy alone would not do
	default:
		e.note(gate, &e.resource, iam.OutcomeAllow, "")
	}
}

// grantOf stands before the ARN of a key where a grant allows its use.
const grantOf = "grant on "
