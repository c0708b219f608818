package sts

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/policy"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// A denial is a refusal of AssumeRole: what STS answers, and why for the log.
type denial struct{ message, why string }

// authorize decides AssumeRole, and with it TagSession and SetSourceIdentity
// where the call passes tags or an identity: IAM User Guide, "Policy evaluation
// logic", and "How IAM roles differ from resource-based policies". The trust
// policy must allow. In one account a trust policy that names the caller suffices;
// otherwise the caller's own policies must allow too.
func (c *call) authorize(a *assumption) *denial {
	p, err := iam.ParsePrincipal(a.caller.ARN)
	if err != nil {
		return &denial{"Access denied", err.Error()}
	}
	if p.Kind == iam.RootUser {
		return &denial{"Roles may not be assumed by root accounts.", "the root user of an account cannot assume roles"}
	}
	if a.role == nil {
		return a.deny("sts:AssumeRole", "", "the estate holds no role "+a.roleARN)
	}
	if s := a.caller.Session; s != nil && s.SourceIdentity != "" && s.SourceIdentity != a.sourceIdentity {
		return a.deny("sts:SetSourceIdentity", "", "the session has the source identity "+s.SourceIdentity+" already, which cannot be changed")
	}
	actions := []string{"sts:AssumeRole"}
	if len(a.tags) > 0 || len(a.inherited) > 0 {
		actions = append(actions, "sts:TagSession")
	}
	if a.sourceIdentity != "" {
		actions = append(actions, "sts:SetSourceIdentity")
	}
	for _, action := range actions {
		if d := c.authorizeAction(a, p, action); d != nil {
			return d
		}
	}
	return nil
}

func (a *assumption) deny(action, reason, why string) *denial {
	message := "User: " + a.caller.ARN + " is not authorized to perform: " + action + " on resource: " + a.roleARN
	if reason != "" && a.account != nil && a.caller.Account == a.account.ID {
		message += " " + reason
	}
	return &denial{message, why}
}

func (c *call) authorizeAction(a *assumption, p iam.Principal, action string) *denial {
	trust, d := c.trust(a, p, action)
	if d != nil {
		return d
	}
	if d := c.resourceControl(a, p, action); d != nil {
		return d
	}
	need := []iam.Gate{iam.GateSCP, iam.GateBoundary, iam.GateSession, iam.GateIdentity}
	if a.caller.Account == a.account.ID {
		switch {
		case trust&(policy.ViaDirect|policy.ViaEveryone) != 0:
			need = []iam.Gate{iam.GateSCP}
		case trust&policy.ViaRole != 0:
			need = []iam.Gate{iam.GateSCP, iam.GateBoundary, iam.GateSession}
		}
	}
	return c.callerSide(a, action, need)
}

// trust asks the role's trust policy, and returns the forms by which it allows.
func (c *call) trust(a *assumption, p iam.Principal, action string) (policy.Via, *denial) {
	none := a.deny(action, "because no role trust policy allows the "+action+" action",
		"no statement of the trust policy of role "+a.name+" allows "+action+" to "+a.caller.ARN)
	if a.role.Trust.Document == nil {
		return 0, none
	}
	set, err := policy.NewSet([]policy.Named{{Name: "trust policy of role " + a.name, Document: a.role.Trust.Document}}, c.policyCaller(p))
	if err != nil {
		return 0, a.deny(action, "", err.Error())
	}
	context := c.context(a, p)
	res := set.Eval(&policy.Query{Action: policy.NewAction(action), NoResource: true, Context: &context}, nil)
	switch {
	case res.Deny != 0:
		st, _ := set.At(int(res.FirstDeny))
		return 0, a.deny(action, "with an explicit deny in the role trust policy",
			"the trust policy of role "+a.name+" denies it: "+st.Pos.String())
	case res.MayDeny != 0 || res.Allow == 0:
		return 0, none
	}
	return res.Allow, nil
}

// resourceControl asks the resource control policies of the role's account.
func (c *call) resourceControl(a *assumption, p iam.Principal, action string) *denial {
	if o := a.account.Organization; o == nil || o.ManagementAccount == a.account.ID {
		return nil
	}
	context := c.context(a, p)
	for _, level := range a.account.Path {
		set, err := policy.NewSet(level.RCPs, c.policyCaller(p))
		if err != nil {
			continue // such a document was refused when the estate was read
		}
		res := set.Eval(&policy.Query{Action: policy.NewAction(action), Resource: a.roleARN, Context: &context}, nil)
		if res.Deny != 0 || res.MayDeny != 0 {
			return a.deny(action, "with an explicit deny in a resource control policy",
				"a resource control policy at "+level.Name+" denies "+action+" on "+a.roleARN)
		}
	}
	return nil
}

// callerSide asks the engine what the caller's own policies say.
func (c *call) callerSide(a *assumption, action string, need []iam.Gate) *denial {
	r := &request.Request{ID: c.ids.Request, Principal: a.caller.ARN, Action: action, Resource: a.roleARN, Unstated: "absent",
		Context: map[string]request.ContextValue{}}
	c.s.State(c.r, r)
	a.caller.Session.State(r)
	for _, e := range c.own(a) {
		r.Context[e.Key.String()] = request.ContextValue{Value: e.Value}
	}
	d := c.s.Decide(c.estate, r)
	for _, check := range d.Checks {
		for _, g := range check.Gates {
			if g.Outcome == iam.OutcomeDeny || slices.Contains(need, g.Gate) && (g.Outcome == iam.OutcomeNoAllow || g.Outcome == iam.OutcomeUnknown) {
				return c.denyOwn(a, action, d, g)
			}
		}
	}
	if len(d.Checks) == 0 && d.Verdict != iam.Allowed {
		return a.deny(action, "", "what the caller's own policies say of "+action+" is not known")
	}
	return nil
}

var policyTypes = map[iam.Gate]string{
	iam.GateSCP: "service control policy", iam.GateRCP: "resource control policy", iam.GateBoundary: "permissions boundary",
	iam.GateSession: "session policy", iam.GateIdentity: "identity-based policy", iam.GateVPCEndpoint: "VPC endpoint policy",
}

func (c *call) denyOwn(a *assumption, action string, d *report.Decision, g report.GateResult) *denial {
	kind := policyTypes[g.Gate]
	if kind == "" {
		kind = g.Gate.String()
	}
	why := "gate " + g.Gate.String() + ": " + g.Reason
	if d.Cause != nil && d.Cause.Gate == g.Gate {
		why = d.Cause.Summary
	}
	if g.Outcome == iam.OutcomeDeny {
		article := "a "
		if g.Gate == iam.GateIdentity {
			article = "an "
		}
		return a.deny(action, "with an explicit deny in "+article+kind, why)
	}
	return a.deny(action, "because no "+kind+" allows the "+action+" action", why)
}

// policyCaller is the caller as Principal elements are matched against it.
func (c *call) policyCaller(p iam.Principal) *policy.Caller {
	caller := &policy.Caller{Principal: p}
	a, ok := c.estate.Account(p.Account)
	if !ok {
		return caller
	}
	caller.CanonicalID = a.Canonical()
	switch p.Kind {
	case iam.User:
		if u, name, ok := a.UserByARN(p.ARN()); ok {
			caller.UserARN, caller.UniqueID, caller.HasBoundary = u.ARN(a.Partition(), a.ID, name), u.UniqueID(a.ID, name), u.Boundary != ""
		}
	case iam.RoleSession:
		if r := a.Roles[p.Name]; r != nil {
			caller.RoleARN, caller.UniqueID, caller.HasBoundary = r.ARN(a.Partition(), a.ID, p.Name), r.UniqueID(a.ID, p.Name), r.Boundary != ""
		}
	}
	return caller
}

// own are the condition keys that AssumeRole itself brings.
func (c *call) own(a *assumption) condition.Layer {
	var l condition.Layer
	set := func(key, value string) {
		if value != "" {
			l.Set(condition.Intern(key), condition.String1(value))
		}
	}
	set("sts:RoleSessionName", a.session)
	set("sts:ExternalId", a.externalID)
	if c.form.Has("SourceIdentity") || a.sourceIdentity != "" {
		set("sts:SourceIdentity", a.sourceIdentity)
	}
	if a.role != nil {
		for k, v := range a.role.Tags {
			l.Set(condition.Intern("iam:ResourceTag/"+k), condition.String1(v))
			l.Set(condition.Intern("aws:ResourceTag/"+k), condition.String1(v))
		}
	}
	if len(a.tags) > 0 {
		for k, v := range a.tags {
			l.Set(condition.Intern("aws:RequestTag/"+k), condition.String1(v))
		}
		l.Set(condition.Intern("aws:TagKeys"), condition.Strings(slices.Sorted(maps.Keys(a.tags))...))
	}
	if len(a.transitive) > 0 {
		l.Set(condition.Intern("sts:TransitiveTagKeys"), condition.Strings(a.transitive...))
	}
	return l
}

// context is what a trust policy can test.
func (c *call) context(a *assumption, p iam.Principal) condition.Context {
	l := c.own(a)
	set := func(key, value string) {
		if value != "" {
			l.Set(condition.Intern(key), condition.String1(value))
		}
	}
	r := &request.Request{}
	c.s.State(c.r, r)
	if r.SourceIP != nil {
		set("aws:SourceIp", *r.SourceIP)
	}
	if r.VPCEndpoint != nil {
		set("aws:SourceVpce", *r.VPCEndpoint)
		if v, ok := c.estate.VPCEndpoint(*r.VPCEndpoint); ok {
			set("aws:SourceVpc", v.VPC)
		}
	}
	l.Set(condition.Intern("aws:SecureTransport"), condition.Bool(r.Secure()))
	now := c.s.World.Now()
	set("aws:CurrentTime", now.Format(time.RFC3339))
	l.Set(condition.Intern("aws:EpochTime"), condition.String1(now.Format(time.RFC3339)))
	set("aws:UserAgent", c.r.UserAgent())
	set("aws:PrincipalAccount", string(p.Account))
	set("aws:userid", c.userID())
	c.principalKeys(&l, p)
	return condition.NewContext(l)
}

// principalKeys adds the keys that tell the caller.
func (c *call) principalKeys(l *condition.Layer, p iam.Principal) {
	set := func(key, value string) {
		if value != "" {
			l.Set(condition.Intern(key), condition.String1(value))
		}
	}
	tags, kind, arn := map[string]string{}, "User", p.ARN()
	account, held := c.estate.Account(p.Account)
	caller := c.policyCaller(p)
	if p.Kind == iam.RoleSession {
		kind = "AssumedRole"
		if caller.RoleARN != "" {
			arn = caller.RoleARN
		}
	} else {
		set("aws:username", p.Name)
	}
	if held {
		tags = tagsOf(account, p)
		if account.OrganizationID != "" {
			set("aws:PrincipalOrgID", account.OrganizationID)
			l.Set(condition.Intern("aws:PrincipalOrgPaths"), condition.Strings(c.estate.OrgPath(account.ID)))
		}
	}
	set("aws:PrincipalArn", arn)
	set("aws:PrincipalType", kind)
	if s := c.caller.Session; s != nil {
		maps.Copy(tags, s.Tags)
		set("aws:TokenIssueTime", s.Issued.UTC().Format(time.RFC3339))
		set("aws:SourceIdentity", s.SourceIdentity)
		l.Set(condition.Intern("aws:MultiFactorAuthPresent"), condition.Bool(s.MFA))
		if s.MFA {
			set("aws:MultiFactorAuthAge", strconv.FormatInt(int64(s.MFAAge(c.s.World.Now())/time.Second), 10))
		}
	}
	if c.form.Get("TokenCode") != "" { // checked by now
		l.Set(condition.Intern("aws:MultiFactorAuthPresent"), condition.Bool(true))
		set("aws:MultiFactorAuthAge", "0")
	}
	for k, v := range tags {
		l.Set(condition.Intern("aws:PrincipalTag/"+k), condition.String1(v))
	}
}

func tagsOf(a *estate.Account, p iam.Principal) map[string]string {
	tags := map[string]string{}
	if p.Kind == iam.User {
		if u, _, ok := a.UserByARN(p.ARN()); ok {
			maps.Copy(tags, u.Tags)
		}
	} else if r := a.Roles[p.Name]; r != nil {
		maps.Copy(tags, r.Tags)
	}
	return tags
}
