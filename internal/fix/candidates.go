package fix

import (
	"slices"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/policy"
)

// table holds, for every reason of a refusal, what may mend it.
var table = map[reason.Code]func(*Fixer, *state, *decide.Refusal) []*step{}

func init() {
	add := func(mend func(*Fixer, *state, *decide.Refusal) []*step, codes ...reason.Code) {
		for _, c := range codes {
			table[c] = mend
		}
	}
	add((*Fixer).denied, reason.DenySCP, reason.DenyRCP, reason.DenyVPCEndpoint, reason.DenyBoundary, reason.DenySession, reason.DenyIdentity,
		reason.DenyResourcePolicy, reason.DenyTrust, reason.DenyAccessPoint, reason.DenyKeyPolicy)
	add((*Fixer).resourceSteps, reason.NoAllowResourcePolicy, reason.NoAllowTrust, reason.NoAllowAccessPoint, reason.NoAllowACL)
	add((*Fixer).disabledACL, reason.ACLsDisabled)
	add((*Fixer).noIdentity, reason.NoAllowIdentity)
	add((*Fixer).scpSteps, reason.NoAllowSCP)
	add((*Fixer).endpointSteps, reason.NoAllowVPCEndpoint)
	add((*Fixer).boundarySteps, reason.NoAllowBoundary)
	add((*Fixer).sessionSteps, reason.NoAllowSession, reason.FederatedWithoutSession)
	add((*Fixer).keySteps, reason.NoAllowKMSIdentity, reason.NoAllowKeyPolicy, reason.KeyPolicyDoesNotDelegate)
	add((*Fixer).keyState, reason.KeyDisabled, reason.KeyState, reason.KeyNotFound)
	add((*Fixer).managedKey, reason.ManagedKey)
	add((*Fixer).foreignObject, reason.NoAllowOwner)
	add((*Fixer).aclSettings, reason.ACLNotSupported)
	add((*Fixer).privateACL, reason.ACLConflictsWithOwnership)
	add((*Fixer).expectedOwner, reason.ExpectedOwner)
	add((*Fixer).block, reason.BlockPublicACLs, reason.IgnorePublicACLs, reason.BlockPublicPolicy, reason.RestrictPublicBuckets)
	add((*Fixer).payer, reason.RequesterPays, reason.RequesterPaysAnonymous)
	add((*Fixer).mfaDelete, reason.MFARequired, reason.MFAInvalid, reason.MFANotRoot)
	add((*Fixer).lock, reason.Retention, reason.LegalHold, reason.NoObjectLock)
	add((*Fixer).restore, reason.Archived)
	add((*Fixer).sseC, reason.SSECKeyMissing, reason.SSECKeyWrong)
	add((*Fixer).sseBlocked, reason.SSECBlocked)
	add((*Fixer).tls, reason.SSECNeedsTLS, reason.KMSNeedsTLS)
	add((*Fixer).signedV4, reason.KMSNeedsSignature)
	add((*Fixer).endpointOrigin, reason.VPCOrigin)
	add((*Fixer).ownAccount, reason.PolicyCallFromOutside, reason.ControlFromOutside)
	add((*Fixer).listing, reason.MissingKeyReadsAs403)
	add((*Fixer).wire, reason.WrongRegion, reason.UnknownAccessKey, reason.InactiveAccessKey, reason.ExpiredToken, reason.InvalidToken, reason.MissingToken,
		reason.SignatureMismatch, reason.ClockSkew, reason.PresignedExpired, reason.PresignedNotYetValid, reason.PresignedTooLong, reason.UnsignedHeaders,
		reason.MalformedAuthorization, reason.SignatureVersion)
	add((*Fixer).ownAccount, reason.AnonymousNotAllowed, reason.OtherPartition)
}

// candidates are the steps that may mend a refusal, cheapest first.
func (f *Fixer) candidates(s *state, r *decide.Refusal) []*step {
	mend := table[r.Reason]
	if mend == nil {
		return nil
	}
	steps := mend(f, s, r)
	if r.Kind != iam.KindAuthentication && r.Kind != iam.KindState && r.Reason != reason.NoSuchBucket && r.Reason != reason.DeleteMarkerByVersion {
		steps = append(steps, f.identityInstead(s, r)...)
	}
	for _, st := range steps {
		st.estate = f.withTwins(st.estate)
	}
	slices.SortStableFunc(steps, func(a, b *step) int { return a.cost + opened(a) - b.cost - opened(b) })
	return steps
}

func opened(st *step) int {
	return map[opening]int{opensOther: 0, opensPublic: costPublic}[st.opens]
}

// identityInstead offers who may make the request already: before the policies
// where a Deny is meant to be met, behind them where an Allow is missing.
func (f *Fixer) identityInstead(s *state, r *decide.Refusal) []*step {
	if s.facts.Caller.Kind == iam.Anonymous {
		steps := f.signed(s, r, s.targetAccount())
		for _, st := range steps {
			st.leads = true // what denies everyone can spare one who has a name
		}
		return steps
	}
	steps := f.otherIdentities(s, r)
	for _, st := range steps {
		if r.Kind == iam.KindImplicitDeny {
			st.cost = costOther + 4
		}
	}
	return steps
}

// targetAccount is the account of what the request is about.
func (s *state) targetAccount() iam.AccountID {
	if b := s.facts.Target; b != nil && b.Account != "" {
		return b.Account
	}
	if c := s.mainCheck(); c != nil {
		if arn, ok := iam.ParseARN(c.Resource); ok && arn.Account.Valid() {
			return arn.Account
		}
	}
	for _, id := range sortedKeys(s.estate.Accounts) {
		return id
	}
	return ""
}

// ownAccount makes a call that its own account alone may make.
func (f *Fixer) ownAccount(s *state, r *decide.Refusal) []*step {
	return f.signed(s, r, s.targetAccount())
}

// noIdentity is a request that nothing in the caller's account allows: by the
// caller's own policies, in one account also by the bucket's.
func (f *Fixer) noIdentity(s *state, r *decide.Refusal) []*step {
	c := s.check(r)
	steps := s.nearly(r, c)
	if s.facts.Caller.Kind == iam.RootUser || s.facts.Caller.Kind == iam.Anonymous || s.facts.Caller.Kind == iam.ServicePrincipal {
		return append(steps, f.signed(s, r, or2(s.facts.Caller.Account, s.targetAccount()))...)
	}
	g := f.grantFor(s, c, "")
	steps = append(steps, f.identitySteps(s, iam.GateIdentity, g)...)
	if c.Kind == decide.BucketCheck && c.Bucket != nil && c.Bucket.Account == s.facts.Caller.Account {
		steps = append(steps, f.resourceStep(s, iam.GateBucketPolicy, c, g, costOther)...)
	}
	return steps
}

func or2(a, b iam.AccountID) iam.AccountID {
	if a != "" {
		return a
	}
	return b
}

// resourceSteps allow in the resource's own policy.
func (f *Fixer) resourceSteps(s *state, r *decide.Refusal) []*step {
	c := s.check(r)
	if c == nil {
		return nil
	}
	gate := iam.GateBucketPolicy
	if c.Kind == decide.AccessPointCheck {
		gate = iam.GateAccessPoint
	}
	steps := append(s.nearly(r, c), f.resourceStep(s, gate, c, f.grantFor(s, c, ""), costStatement)...)
	if len(steps) == 0 && s.facts.Caller.Kind == iam.Anonymous && len(f.signed(s, r, s.targetAccount())) == 0 {
		steps = f.public(s, gate, c)
	}
	return steps
}

func (f *Fixer) resourceStep(s *state, gate iam.Gate, c *decide.Check, g grant, cost int) []*step {
	p, ok := s.placeOf(gate, c, nil)
	g.principal = principalOf(&s.facts.Caller)
	if !ok || g.principal == nil {
		return nil
	}
	if s.facts.Caller.Kind == iam.ServicePrincipal {
		g.conditions = append(g.conditions, carried(c, "StringEquals", "aws:SourceAccount")...)
		g.conditions = append(g.conditions, carried(c, "ArnEquals", "aws:SourceArn")...)
	}
	st, full := s.allowIn(gate, p, g, cost)
	if st == nil {
		f.full = append(f.full, full)
		return nil
	}
	if s.facts.Caller.Account != p.account && s.facts.Caller.Account != "" {
		st.opens = opensOther
	}
	return []*step{st}
}

// public lets everyone in, for a caller that is nobody.
func (f *Fixer) public(s *state, gate iam.Gate, c *decide.Check) []*step {
	p, ok := s.placeOf(gate, c, nil)
	if !ok {
		return nil
	}
	g := f.grantFor(s, c, "")
	g.principal = principalAll()
	st, _ := s.allowIn(gate, p, g, costPublic)
	if st == nil {
		return nil
	}
	st.opens, st.note = opensPublic, "everyone on the internet may then do this"
	return []*step{st}
}

// disabledACL is an ACL grant that would do but for Object Ownership: the bucket
// policy says the same, for this caller alone.
func (f *Fixer) disabledACL(s *state, r *decide.Refusal) []*step {
	steps := f.resourceSteps(s, r)
	if c := s.check(r); c != nil {
		if b, ok := s.estate.Bucket(c.Bucket.Name); ok {
			steps = append(steps, s.enableACLs(r, b))
		}
	}
	return steps
}

// nearly are requests that meet the conditions of a statement which would allow
// but for them.
func (s *state) nearly(r *decide.Refusal, c *decide.Check) []*step {
	var steps []*step
	q := c.Query()
	q.NoResource = c.Kind == decide.RoleCheck
	for i := range s.decision.Trace.Steps {
		t := &s.decision.Trace.Steps[i]
		if int(t.Check) != r.Check || r.Check < 0 || !slices.Contains([]iam.Gate{r.Gate, iam.GateBucketPolicy, iam.GateIdentity}, t.Gate) {
			continue
		}
		st, _ := t.Set.At(int(t.Statement))
		parts := t.Set.Match(int(t.Statement), &q)
		if st.Effect != policy.Allow || !parts.Action || parts.Resource != condition.True && !q.NoResource || parts.Principal != condition.True {
			continue
		}
		steps = appendStep(steps, s.met(r.Gate, c, st, parts.Conditions))
	}
	return steps
}

// listing lets the caller tell a missing key from a refused one: s3:ListBucket
// for this key, after which S3 answers 404.
func (f *Fixer) listing(s *state, r *decide.Refusal) []*step {
	c := s.check(r)
	if c == nil || c.List == nil {
		return nil
	}
	list := c.List
	var steps []*step
	if r.Set != nil && r.Statement >= 0 {
		if st, named := r.Set.At(r.Statement); st.Effect == policy.Deny {
			if p, ok := s.placeOf(listGate(s, r), list, named.Document); ok {
				steps = appendStep(steps, s.spareCaller(r, list, &p, st, statementPath(named.Document, p.path, st.Index)))
			}
		}
	}
	g := f.grantFor(s, list, keyIn(c.Resource))
	if s.facts.Caller.Account == list.Bucket.Account || s.facts.Caller.Account != "" && len(steps) == 0 {
		steps = append(steps, f.identitySteps(s, iam.GateIdentity, g)...)
	}
	steps = append(steps, f.resourceStep(s, iam.GateBucketPolicy, list, g, costOther)...)
	if s.facts.Caller.Account != list.Bucket.Account {
		steps = appendStep(steps, f.bothSides(s, g, list))
	}
	for _, st := range steps {
		st.note = joinNotes(st.note, "S3 then answers 404 for a key that is not there, and names no other key")
	}
	return steps
}

func joinNotes(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}

// listGate is the gate whose statement denies the listing behind a read.
func listGate(s *state, r *decide.Refusal) iam.Gate {
	for i := range s.decision.Trace.Steps {
		if t := &s.decision.Trace.Steps[i]; t.Set == r.Set && int(t.Statement) == r.Statement {
			return t.Gate
		}
	}
	return iam.GateIdentity
}

// bothSides allow in the caller's policies and in the bucket's at once, where one
// refusal hides the other's side.
func (f *Fixer) bothSides(s *state, g grant, c *decide.Check) *step {
	own := f.identitySteps(s, iam.GateIdentity, g)
	theirs := f.resourceStep(s, iam.GateBucketPolicy, c, g, costOther)
	if len(own) == 0 || len(theirs) == 0 {
		return nil
	}
	st := *own[0]
	st.also = theirs[0]
	st.estate = append(slices.Clone(st.estate), theirs[0].estate...)
	st.title = strings.Join([]string{own[0].title, theirs[0].title}, "; ")
	st.cost = costOther + 1
	return &st
}
