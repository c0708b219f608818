package decide

import (
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/reason"
)

// accessPointCheck decides the first of the two checks that a request through
// an access point makes: against the access point's ARN and policy. The second
// is a bucketCheck. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html.
func (e *evaluation) accessPointCheck() {
	ap := e.check.AccessPoint
	e.limits(&ap.RCP)
	e.caller()
	e.resource = e.ask(iam.GateAccessPoint, &ap.Policy)
	e.both(condition.True, e.resource.denies())

	open := condition.True
	if e.fromOutside(&Bucket{Account: ap.Account}) && e.fromOutside(e.check.Bucket) {
		open = min(ap.Public, ap.Restrict.On).Not()
	}
	counts := open
	foreign := e.foreignObject(e.check.Bucket)
	if !e.check.OwnerAlways {
		counts = min(counts, foreign.Not()) // nor does its Allow reach another account's objects
	}
	// From outside the policy must allow, whoever owns the object; the object's
	// ACL is the bucket's half.
	granted := min(e.resource.allows(anyForms), open)
	c := &e.facts.Caller
	if c.Account != "" && c.Account == ap.Account {
		everyone := min(e.resource.allows(direct), counts)
		own := condition.True
		if c.Kind != iam.RootUser {
			own = e.callerSide(min(e.resource.allows(policyRole), counts))
		}
		e.noteCaller(everyone != condition.True)
		e.both(max(own, everyone), condition.False)
		e.refuseCaller(everyone == condition.False)
	} else {
		own := e.callerSide(condition.False)
		e.noteCaller(true)
		e.both(min(own, granted), condition.False)
		if granted == condition.False {
			e.refused.resource, e.refused.resourceReason = iam.GateAccessPoint, reason.NoAllowAccessPoint
			if min(e.resource.allows(anyForms), open.Not()) == condition.True {
				e.refused.resource, e.refused.resourceReason, e.refused.setting = iam.GatePublicAccessBlock, reason.RestrictPublicBuckets, &ap.Restrict
			}
		}
	}
	if ap.VPC != "" {
		e.both(ap.FromVPC, condition.False)
	}
	e.noteAccessPoint(granted)
}

func (e *evaluation) noteAccessPoint(granted condition.Truth) {
	if e.trace == nil {
		return // nobody reads it
	}
	ap := e.check.AccessPoint
	gate := iam.GateAccessPoint
	switch {
	case e.resource.denies() == condition.True:
		e.note(gate, &e.resource, iam.OutcomeDeny, reason.DenyAccessPoint)
	case ap.VPC != "" && ap.FromVPC == condition.False:
		e.gates[gate] = GateResult{Outcome: iam.OutcomeDeny, Reason: reason.VPCOrigin, Statement: -1, Name: ap.Name}
	case e.refused.resource == gate:
		e.note(gate, &e.resource, iam.OutcomeNoAllow, reason.NoAllowAccessPoint)
	case e.resource.denies() == condition.Unknown || granted == condition.Unknown || ap.VPC != "" && ap.FromVPC == condition.Unknown:
		e.note(gate, &e.resource, iam.OutcomeUnknown, reason.Unread)
	case granted == condition.True:
		e.note(gate, &e.resource, iam.OutcomeAllow, "")
	default:
		e.gates[gate] = GateResult{Outcome: iam.OutcomePass, Statement: -1, Name: ap.Name}
	}
	if e.refused.resource == iam.GatePublicAccessBlock {
		e.gates[iam.GatePublicAccessBlock] = GateResult{Outcome: iam.OutcomeDeny, Reason: e.refused.resourceReason, Statement: -1}
	}
}
