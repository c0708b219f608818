package decide

import (
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/policy"
)

// bucketCheck decides a check against the bucket's side: in one account the
// union of identity-based and resource-based policies, across accounts both
// (S3 User Guide, How Amazon S3 authorizes a request).
func (e *evaluation) bucketCheck() {
	b := e.check.Bucket
	if b.Created {
		e.creation()
		return
	}
	e.limits(&b.RCP)
	e.caller()
	e.resource = e.ask(iam.GateBucketPolicy, &b.Policy)
	if !e.ownersPolicyCall() {
		e.both(condition.True, e.resource.denies())
	}
	grants := e.resourceGrants(b)
	if len(b.Missing) > 0 {
		// Nothing is known of the bucket: what denies elsewhere still denies.
		e.both(condition.Unknown, condition.Unknown)
		e.noteCaller(false)
		e.gates[iam.GateBucketPolicy] = GateResult{Outcome: iam.OutcomeUnknown, Reason: reason.Unread, Statement: -1}
		if e.resource.denies() == condition.True { // of objects that are not stated, those of all keys
			e.note(iam.GateBucketPolicy, &e.resource, iam.OutcomeDeny, reason.DenyResourcePolicy)
		}
		return
	}
	if e.facts.Caller.Account == b.Account && b.Account != "" {
		e.sameAccount(b, &grants)
	} else {
		e.crossAccount(b, &grants)
	}
	e.noteResource(b, &grants)
}

// ownersPolicyCall reports the calls that a bucket policy can never refuse: Get,
// Put and DeleteBucketPolicy by the root user of the bucket's account (S3 API
// Reference, DeleteBucketPolicy).
func (e *evaluation) ownersPolicyCall() bool {
	c := &e.facts.Caller
	return e.check.PolicyCall && c.Kind == iam.RootUser && c.Account == e.check.Bucket.Account
}

// creation decides a check on a bucket that the operation makes: there is no
// resource side yet.
func (e *evaluation) creation() {
	e.limits(nil)
	e.ownSide()
	e.gates[iam.GateBucketPolicy] = GateResult{Outcome: iam.OutcomeNotApplicable, Statement: -1}
	e.gates[iam.GateACL] = GateResult{Outcome: iam.OutcomeNotApplicable, Statement: -1}
}

// ownSide is the formula where the caller's account alone decides. Callers
// without one (anonymous ones, services, origin access identities) have nothing
// there that could allow.
func (e *evaluation) ownSide() {
	e.caller()
	allow := e.callerSide(condition.False)
	if e.identitySide() == nil && e.facts.Caller.Kind != iam.RootUser {
		allow, e.refused.identity = condition.False, true
	}
	e.both(allow, condition.False)
	e.noteCaller(true)
}

// accountCheck decides an action whose resource belongs to the caller's own
// account without a policy of its own, such as s3:ListAllMyBuckets.
func (e *evaluation) accountCheck() {
	e.limits(&e.check.RCP)
	e.ownSide()
	if e.check.OtherAccount {
		// S3 Control knows no access from other accounts.
		e.both(condition.False, condition.False)
		gate, code := iam.GateBucketPolicy, reason.ControlFromOutside
		if strings.Contains(e.check.Resource, ":accesspoint/") {
			gate = iam.GateAccessPoint
		}
		e.refused.resource, e.refused.resourceReason = gate, code
		e.gates[gate] = GateResult{Outcome: iam.OutcomeNoAllow, Reason: code, Statement: -1}
	}
}

// grants is what the resource's side allows.
type grants struct {
	everyone   condition.Truth // "*" or the caller itself, or a group of an ACL: enough alone in one account
	role       condition.Truth // the role of a session, or the user behind a federated user
	any        condition.Truth // any form: what another account's caller needs
	delegation condition.Truth // the bucket policy hands the decision to access points

	policy condition.Truth // the bucket policy allows by any form that counts
	acl    condition.Truth // an ACL grant counts

	// What would allow but for a setting.
	restricted condition.Truth // the policy, but for RestrictPublicBuckets
	ignored    condition.Truth // a group's ACL grant, but for IgnorePublicAcls
	disabled   condition.Truth // an ACL grant, but for BucketOwnerEnforced
	foreign    condition.Truth // the object belongs to another account
}

const (
	direct   = policy.ViaEveryone | policy.ViaDirect
	anyForms = policy.ViaEveryone | policy.ViaDirect | policy.ViaRole | policy.ViaAccount
)

// resourceGrants takes bucket policy and ACLs together, less what Block Public
// Access and Object Ownership take away.
func (e *evaluation) resourceGrants(b *Bucket) grants {
	var g grants
	g.foreign = e.foreignObject(b)
	counts := g.foreign.Not() // a bucket policy's Allow reaches the bucket owner's objects only
	if e.check.OwnerAlways {
		counts = condition.True
	}
	raw := e.resource.allows(anyForms)
	open := condition.True
	if e.fromOutside(b) {
		open = min(b.Public, b.Block.RestrictPublicBuckets.On).Not()
		g.restricted = min(raw, counts, open.Not())
		if counts == condition.Unknown && min(raw, open.Not()) == condition.True {
			g.restricted = condition.True // refused whoever owns the object, which is assumed to be the bucket's account
		}
	}
	counts = min(counts, open)
	g.policy = min(raw, counts)
	g.everyone = min(e.resource.allows(direct), counts)
	g.role = min(e.resource.allows(policy.ViaRole), counts)
	if e.check.AccessPoint != nil {
		g.delegation = min(e.resource.allows(policy.ViaDelegation), counts)
	}
	g.everyone = max(g.everyone, g.delegation)

	var group, account condition.Truth
	if b.ACLs != condition.False || e.trace != nil { // disabled ACLs matter to explanations alone
		group, account = e.aclGrants(b)
	}
	if group != condition.False || account != condition.False {
		enabled := b.ACLs
		ignore := b.Block.IgnorePublicAcls.On
		counted := account
		if e.facts.Caller.Account == b.Account {
			counted = condition.False // a grant to the own account never replaces the identity's Allow
		}
		g.disabled = min(max(min(group, ignore.Not()), counted), enabled.Not())
		g.ignored = min(group, enabled, ignore)
		group = min(group, enabled, ignore.Not())
		account = min(account, enabled)
	}
	g.acl = max(group, account)
	g.everyone = max(g.everyone, group)
	g.any = max(g.policy, g.acl)
	return g
}

// fromOutside reports callers that RestrictPublicBuckets cuts off: all but
// principals of the bucket's account (and of the access point's) and AWS
// services (S3 User Guide, Blocking public access).
func (e *evaluation) fromOutside(b *Bucket) bool {
	c := &e.facts.Caller
	if c.Kind == iam.ServicePrincipal || c.Account != "" && c.Account == b.Account {
		return false
	}
	ap := e.check.AccessPoint
	return ap == nil || c.Account == "" || c.Account != ap.Account
}

// foreignObject tells whether the check reaches into an object of another
// account than the bucket's, which takes that account's ACL (S3 User Guide,
// Controlling ownership of objects).
func (e *evaluation) foreignObject(b *Bucket) condition.Truth {
	o := e.check.Object
	if o == nil || !e.check.ObjectAction || o.Exists == condition.False {
		return condition.False
	}
	if len(o.OwnerMissing) > 0 {
		return min(b.ACLs, condition.Unknown)
	}
	if o.Owner == b.Account {
		return condition.False
	}
	return b.ACLs
}

// sameAccount is the formula for a caller of the bucket's own account. "*", the
// caller's own ARN or a public ACL grant is enough alone; a role's ARN stands in
// for identity-based policies only; the account's ARN adds nothing.
func (e *evaluation) sameAccount(b *Bucket, g *grants) {
	c := &e.facts.Caller
	own := condition.True
	if c.Kind == iam.RootUser {
		e.noteCaller(false)
	} else {
		own = e.callerSide(g.role)
		if e.check.DefaultAllowed && e.identitySide() != nil {
			own = max(own, e.limitsOfCaller())
			e.refused.identity = false
		}
		e.noteCaller(g.everyone != condition.True)
	}
	if g.foreign == condition.False || e.check.OwnerAlways {
		e.both(max(own, g.everyone), condition.False)
		e.refuseCaller(g.everyone == condition.False)
		if max(own, g.everyone) == condition.False && max(g.ignored, g.disabled) == condition.True {
			e.refuseResource(b, g) // a public ACL grant would do, but for a setting
			e.refuseCaller(false)
		}
		return
	}
	// The object belongs to another account: the ACL must grant, and the
	// caller's own policies must allow, unless a group is granted.
	needed := max(min(own, max(g.acl, g.foreign.Not())), min(g.everyone, g.foreign))
	e.both(needed, condition.False)
	e.refuseCaller(g.everyone == condition.False)
	if g.foreign == condition.True && g.acl == condition.False {
		e.refuseResource(b, g)
	}
}

// crossAccount is the formula for callers of another account, or of none.
func (e *evaluation) crossAccount(b *Bucket, g *grants) {
	c := &e.facts.Caller
	own := e.callerSide(condition.False)
	if o := e.check.Object; o != nil && e.check.ObjectAction && c.Account != "" && o.Owner == c.Account && g.foreign != condition.False {
		// The caller's account owns the object: its identity-based policies
		// decide, less a Deny of the bucket policy.
		g.any = max(g.any, g.foreign)
		g.acl = max(g.acl, g.foreign)
	}
	if o := e.check.Object; o != nil && e.check.ObjectAction && c.Account != "" && len(o.OwnerMissing) > 0 {
		g.any = max(g.any, min(g.foreign, condition.Unknown)) // it may be the caller's own
	}
	if g.delegation != condition.False {
		own = max(own, g.delegation)
		if g.delegation == condition.True {
			e.refused.identity, e.refused.boundary, e.refused.session = false, false, false
		}
	}
	e.noteCaller(own != condition.True)
	e.both(min(own, g.any), condition.False)
	if g.any == condition.False {
		e.refuseResource(b, g)
	}
}

// refuseCaller keeps the notes on the caller's gates only where their allow was
// needed.
func (e *evaluation) refuseCaller(needed bool) {
	if !needed || e.facts.Caller.Kind == iam.RootUser {
		e.refused.identity, e.refused.boundary, e.refused.session = false, false, false
	}
}

// refuseResource names what the resource's side lacks, settings first: a
// setting is the cause only where the request would pass without it.
func (e *evaluation) refuseResource(b *Bucket, g *grants) {
	r := &e.refused
	switch {
	case g.restricted == condition.True:
		r.resource, r.resourceReason, r.setting = iam.GatePublicAccessBlock, reason.RestrictPublicBuckets, &b.Block.RestrictPublicBuckets
	case g.ignored == condition.True:
		r.resource, r.resourceReason, r.setting = iam.GatePublicAccessBlock, reason.IgnorePublicACLs, &b.Block.IgnorePublicAcls
	case g.disabled == condition.True:
		r.resource, r.resourceReason, r.setting = iam.GateOwnership, reason.ACLsDisabled, &b.Ownership
	case g.foreign == condition.True:
		r.resource, r.resourceReason = iam.GateOwnership, reason.NoAllowOwner
	case b.ACLs == condition.True && !b.HasPolicy && e.check.BucketACL+e.check.ObjectACL != "":
		r.resource, r.resourceReason = iam.GateACL, reason.NoAllowACL
	default:
		r.resource, r.resourceReason = iam.GateBucketPolicy, reason.NoAllowResourcePolicy
	}
}

// noteResource writes the outcomes of bucket policy, ACL, ownership and Block
// Public Access.
func (e *evaluation) noteResource(b *Bucket, g *grants) {
	if e.trace == nil {
		return // nobody reads it
	}
	gate := iam.GateBucketPolicy
	denied := e.resource.denies()
	if e.ownersPolicyCall() {
		denied = condition.False
	}
	switch {
	case denied == condition.True:
		e.note(gate, &e.resource, iam.OutcomeDeny, reason.DenyResourcePolicy)
	case e.refused.resource == gate:
		e.note(gate, &e.resource, iam.OutcomeNoAllow, e.refused.resourceReason)
	case denied == condition.Unknown || g.policy == condition.Unknown:
		e.note(gate, &e.resource, iam.OutcomeUnknown, reason.Unread)
	case g.policy == condition.True:
		e.note(gate, &e.resource, iam.OutcomeAllow, "")
	case b.HasPolicy:
		e.note(gate, &e.resource, iam.OutcomePass, "")
	default:
		e.gates[gate] = GateResult{Outcome: iam.OutcomeNotApplicable, Statement: -1}
	}
	e.noteACL(b, g)
	if e.refused.resource == iam.GateOwnership {
		outcome := iam.OutcomeNoAllow
		if e.refused.setting != nil {
			outcome = iam.OutcomeDeny
		}
		e.gates[iam.GateOwnership] = GateResult{Outcome: outcome, Reason: e.refused.resourceReason, Statement: -1}
	}
	if e.refused.resource == iam.GatePublicAccessBlock {
		e.gates[iam.GatePublicAccessBlock] = GateResult{Outcome: iam.OutcomeDeny, Reason: e.refused.resourceReason, Statement: -1}
	}
}

func (e *evaluation) noteACL(b *Bucket, g *grants) {
	n := GateResult{Outcome: iam.OutcomePass, Statement: -1}
	switch {
	case b.ACLs == condition.False || e.check.BucketACL+e.check.ObjectACL == "":
		n.Outcome = iam.OutcomeNotApplicable
	case e.refused.resource == iam.GateACL:
		n.Outcome, n.Reason = iam.OutcomeNoAllow, e.refused.resourceReason
	case g.acl == condition.True:
		n.Outcome = iam.OutcomeAllow
	case g.acl == condition.Unknown:
		n.Outcome, n.Reason = iam.OutcomeUnknown, reason.Unread
	}
	e.gates[iam.GateACL] = n
}
