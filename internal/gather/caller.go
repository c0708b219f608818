package gather

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/policy"
)

// callerFacts is a caller made ready: policies, and the condition keys that come
// with it.
type callerFacts struct {
	facts decide.Caller
	keys  condition.Layer
	tags  map[string]string // of the user or role

	tagsUnread bool
}

func (t *task) gatherCaller() error {
	name := t.r.Principal
	unsigned := t.r.Auth != nil && strings.EqualFold(t.r.Auth.Type, "anonymous")
	if name == "" && !unsigned && t.r.Auth != nil && t.r.Auth.AccessKeyID != "" {
		holder, ok := t.estate.AccessKey(t.r.Auth.AccessKeyID)
		name = holder.Principal
		t.facts.CallerUnknown = !ok
	}
	if unsigned || name == "" {
		name = "anonymous"
	}
	plain := t.r.FederatedBy == nil && len(t.r.SessionPolicies) == 0
	if last := &t.room.last; plain && last.callerID == name {
		t.callerID, t.caller, t.account, t.facts.Caller = name, last.caller, last.account, last.caller.facts
		return nil
	}
	p, err := iam.ParsePrincipal(name)
	if err != nil {
		return t.errorf("%v", err)
	}
	cacheable := plain && p.Kind != iam.FederatedUser
	if cacheable {
		t.callerID = name
		if p.Kind == iam.ServicePrincipal && t.r.Absent() {
			t.callerID += " absent" // what a service states besides hangs on it
		}
		t.mu.RLock()
		cached := t.callers[t.callerID]
		t.mu.RUnlock()
		if cached != nil {
			t.use(cached, name)
			return nil
		}
	}
	c := &callerFacts{facts: decide.Caller{Caller: policy.Caller{Principal: p}}}
	t.account = t.accountOf(p.Account)
	t.fillCaller(c)
	if err := t.sessionPolicies(c); err != nil {
		return err
	}
	t.callerKeys(c)
	if cacheable {
		keep(t.Gatherer, t.callers, t.callerID, c)
	}
	t.use(c, name)
	return nil
}

func (t *task) use(c *callerFacts, name string) {
	t.caller = c
	t.account = t.accountOf(c.facts.Account)
	t.facts.Caller = c.facts
	if last := &t.room.last; t.callerID == name { // nothing but the name counts
		last.callerID, last.caller, last.account, last.bucket = name, c, t.account, nil
	}
}

// fillCaller gathers the policies on the caller's side.
func (t *task) fillCaller(c *callerFacts) {
	f := &c.facts
	if f.Account == "" {
		f.SCP.NotApplicable = "the caller belongs to no account"
		return
	}
	if t.account == nil {
		t.foreignCaller(c)
		return
	}
	f.CanonicalID = t.account.Canonical()
	switch f.Kind {
	case iam.User:
		t.fillUser(c)
	case iam.RoleSession:
		t.fillRole(c)
	case iam.FederatedUser:
		t.fillFederated(c)
	}
	f.OrgID = t.account.OrganizationID
	f.SCP = t.scps(c)
	_, f.OrgUnknown = t.account.Unknown.Why("organization")
}

// foreignCaller is a caller of an account that the estate does not hold: it is
// unknown in all respects.
func (t *task) foreignCaller(c *callerFacts) {
	f := &c.facts
	why := fmt.Sprintf("the estate does not hold account %s", f.Account)
	f.OrgUnknown = true
	if canonical, ok := t.strangers[f.Account]; ok && f.Kind == iam.RootUser {
		f.CanonicalID, f.SCP.NotApplicable = canonical, "a stranger's account lets its root user do everything"
		return
	}
	f.SCP.Missing = []decide.Missing{{What: "service control policies of account " + string(f.Account), Why: why, Need: "organizations:DescribePolicy"}}
	if f.Kind == iam.RootUser {
		return
	}
	f.Identity.Missing = []decide.Missing{{What: "identity-based policies of " + f.ARN(), Why: why, Need: "iam:GetAccountAuthorizationDetails"}}
	f.Boundary = &decide.Side{Missing: []decide.Missing{{What: "permissions boundary of " + f.ARN(), Why: why, Need: "iam:GetAccountAuthorizationDetails"}}}
}

func (t *task) fillUser(c *callerFacts) {
	f := &c.facts
	u, ok := t.account.Users[f.Name]
	if !ok {
		t.notHeld(c, "user")
		return
	}
	t.userPolicies(f, u)
	if !pathUnread(u.Path, u.Unknown) {
		f.UserARN = u.ARN(f.Partition, f.Account, f.Name)
		f.Path = pathOf(u.Path)
	}
	if _, unread := u.Unknown.Why("id"); !unread || u.ID != "" {
		f.UniqueID = u.UniqueID(f.Account, f.Name)
	}
	c.tags = u.Tags
	_, c.tagsUnread = u.Unknown.Why("tags")
}

func pathUnread(path string, u estate.Unknowns) bool {
	_, unread := u.Why("path")
	return unread && path == ""
}

func pathOf(path string) string {
	if path == "" {
		return "/"
	}
	return path
}

func (t *task) userPolicies(f *decide.Caller, u *estate.User) {
	who := "user " + f.Name
	docs := inline(u.Inline)
	f.Identity.Missing = append(unread(u.Unknown, "inline policies of "+who, "inline"), unread(u.Unknown, "attached policies of "+who, "attached")...)
	f.Identity.Missing = append(f.Identity.Missing, unread(u.Unknown, "groups of "+who, "groups")...)
	docs = append(docs, t.attached(u.Attached, &f.Identity)...)
	for _, name := range u.Groups {
		group, ok := t.account.Groups[name]
		if !ok {
			f.Identity.Missing = append(f.Identity.Missing, decide.Missing{What: "group " + name, Why: "the estate does not hold it"})
			continue
		}
		docs = append(docs, inline(group.Inline)...)
		docs = append(docs, t.attached(group.Attached, &f.Identity)...)
		f.Identity.Missing = append(f.Identity.Missing, unread(group.Unknown, "policies of group "+name, "inline", "attached")...)
	}
	t.setIdentity(f, docs)
	f.Boundary = t.boundary(u.Boundary, u.Unknown, who)
	f.HasBoundary = u.Boundary != ""
}

func (t *task) setIdentity(f *decide.Caller, docs []policy.Named) {
	set, err := policy.NewSet(docs, &f.Caller)
	if err != nil {
		f.Identity.Missing = append(f.Identity.Missing, decide.Missing{What: "identity-based policies", Why: err.Error()})
		return
	}
	f.Identity.Set = set
}

func inline(docs estate.Documents) []policy.Named {
	named := make([]policy.Named, 0, len(docs))
	for _, d := range docs {
		if d.Document.Document != nil {
			named = append(named, policy.Named{Name: d.Name, Document: d.Document.Document})
		}
	}
	return named
}

func (t *task) attached(refs []string, side *decide.Side) []policy.Named {
	var named []policy.Named
	for _, ref := range refs {
		p, err := t.account.Managed(ref)
		if err != nil {
			side.Missing = append(side.Missing, notCollected(err, "managed policy "+ref))
			continue
		}
		named = append(named, p)
	}
	return named
}

func (t *task) boundary(ref string, u estate.Unknowns, who string) *decide.Side {
	if missing := unread(u, "permissions boundary of "+who, "boundary"); missing != nil {
		return &decide.Side{Missing: missing}
	}
	if ref == "" {
		return nil
	}
	p, err := t.account.Managed(ref)
	if err != nil {
		return &decide.Side{Missing: []decide.Missing{notCollected(err, "permissions boundary "+ref)}}
	}
	set, err := policy.NewSet([]policy.Named{p}, &policy.Caller{})
	if err != nil {
		return &decide.Side{Missing: []decide.Missing{{What: "permissions boundary " + ref, Why: err.Error()}}}
	}
	return &decide.Side{Set: set}
}

func (t *task) fillRole(c *callerFacts) {
	f := &c.facts
	role, ok := t.account.Roles[f.Name]
	if !ok {
		if strings.HasPrefix(f.Path, "/aws-service-role/") || strings.HasPrefix(f.Name, "AWSServiceRoleFor") {
			f.ServiceLinked = true
		}
		t.notHeld(c, "role")
		return
	}
	f.ServiceLinked = strings.HasPrefix(role.Path, "/aws-service-role/")
	who := "role " + f.Name
	f.Identity.Missing = append(unread(role.Unknown, "inline policies of "+who, "inline"), unread(role.Unknown, "attached policies of "+who, "attached")...)
	docs := append(inline(role.Inline), t.attached(role.Attached, &f.Identity)...)
	t.setIdentity(f, docs)
	f.Boundary = t.boundary(role.Boundary, role.Unknown, who)
	f.HasBoundary = role.Boundary != ""
	if !pathUnread(role.Path, role.Unknown) {
		f.RoleARN = role.ARN(f.Partition, f.Account, f.Name)
		f.Path = pathOf(role.Path)
	}
	if _, unread := role.Unknown.Why("id"); !unread || role.ID != "" {
		f.UniqueID = role.UniqueID(f.Account, f.Name)
	}
	c.tags = role.Tags
	_, c.tagsUnread = role.Unknown.Why("tags")
}

// notHeld is a user or role that its account in the estate does not have.
func (t *task) notHeld(c *callerFacts, kind string) {
	f := &c.facts
	why := fmt.Sprintf("the estate does not hold %s %s", kind, f.Name)
	known := slices.Collect(maps.Keys(t.account.Users))
	if kind == "role" {
		known = slices.Collect(maps.Keys(t.account.Roles))
	}
	if near, ok := node.Nearest(f.Name, slices.Sorted(slices.Values(known))); ok {
		why += fmt.Sprintf("; did you mean %q?", near)
	}
	if listed := unread(t.account.Unknown, "", kind+"s"); listed != nil {
		why = listed[0].Why
	}
	f.Identity.Missing = []decide.Missing{{What: "identity-based policies of " + f.ARN(), Why: why, Need: "iam:GetAccountAuthorizationDetails"}}
	f.Boundary = &decide.Side{Missing: []decide.Missing{{What: "permissions boundary of " + f.ARN(), Why: why, Need: "iam:GetAccountAuthorizationDetails"}}}
	if f.ServiceLinked {
		f.Boundary = nil
	}
}

// fillFederated gathers what stands behind a GetFederationToken session: the
// policies of the IAM user that asked for it.
func (t *task) fillFederated(c *callerFacts) {
	f := &c.facts
	switch {
	case t.r.FederatedBy != nil && *t.r.FederatedBy != "":
		t.federatedBy(c, *t.r.FederatedBy)
	case t.r.FederatedBy != nil || t.r.Absent():
		f.ParentKnown = true
		t.setIdentity(f, nil)
	default:
		why := "the request does not state federatedBy"
		f.Identity.Missing = []decide.Missing{{What: "identity-based policies of the user behind " + f.ARN(), Why: why, Need: "federatedBy"}}
		f.Boundary = &decide.Side{Missing: []decide.Missing{{What: "permissions boundary of the user behind " + f.ARN(), Why: why, Need: "federatedBy"}}}
	}
}

func (t *task) federatedBy(c *callerFacts, parent string) {
	f := &c.facts
	f.ParentKnown = true
	p, err := iam.ParsePrincipal(parent)
	switch {
	case err == nil && p.Kind == iam.RootUser:
		t.setIdentity(f, []policy.Named{{Name: "root user", Document: estate.FullAWSAccessDocument()}})
		return
	case err == nil && p.Kind == iam.User && p.Account == f.Account:
		if u, ok := t.account.Users[p.Name]; ok {
			t.userPolicies(f, u)
			f.UserARN = u.ARN(f.Partition, f.Account, p.Name)
			return
		}
	}
	f.UserARN = parent
	why := "the estate does not hold " + parent
	f.Identity.Missing = []decide.Missing{{What: "identity-based policies of " + parent, Why: why}}
	f.Boundary = &decide.Side{Missing: []decide.Missing{{What: "permissions boundary of " + parent, Why: why}}}
}

func (t *task) sessionPolicies(c *callerFacts) error {
	if len(t.r.SessionPolicies) == 0 {
		return nil
	}
	side := &decide.Side{}
	var docs []policy.Named
	for i, sp := range t.r.SessionPolicies {
		if sp.Document != nil {
			docs = append(docs, policy.Named{Name: fmt.Sprintf("session policy %d", i), Document: sp.Document})
			continue
		}
		if t.account == nil {
			side.Missing = append(side.Missing, decide.Missing{What: "managed policy " + sp.ARN, Why: "the estate does not hold its account"})
			continue
		}
		p, err := t.account.Managed(sp.ARN)
		if err != nil {
			side.Missing = append(side.Missing, notCollected(err, "managed policy "+sp.ARN))
			continue
		}
		docs = append(docs, p)
	}
	set, err := policy.NewSet(docs, &c.facts.Caller)
	if err != nil {
		return err
	}
	side.Set = set
	c.facts.SessionPolicies = side
	return nil
}

// scps gathers the service control policies on the caller's path. They do not
// reach principals of the management account, nor service-linked roles
// (Organizations User Guide, SCPs).
func (t *task) scps(c *callerFacts) decide.Levels {
	a := t.account
	var l decide.Levels
	org := a.Organization
	switch {
	case c.facts.ServiceLinked:
		l.NotApplicable = "service control policies do not reach service-linked roles"
	case org != nil && org.ManagementAccount == a.ID:
		l.NotApplicable = "service control policies do not reach the management account"
	default:
		if why, ok := a.Unknown.Why("scps", "organization"); ok {
			l.Missing = []decide.Missing{{What: "service control policies of account " + string(a.ID), Why: why, Need: "organizations:ListPoliciesForTarget"}}
		} else if org == nil {
			l.NotApplicable = "account " + string(a.ID) + " is in no organization of the estate"
		}
	}
	if l.NotApplicable != "" || org == nil {
		return l
	}
	for _, level := range a.Path {
		l.Levels = append(l.Levels, levelOf(level, level.SCPs, &c.facts.Caller, "scps"))
	}
	return l
}

func levelOf(level *estate.Level, docs []policy.Named, caller *policy.Caller, field string) decide.Level {
	side := decide.Side{Missing: unread(level.Unknown, field+" of "+level.Name, field)}
	set, err := policy.NewSet(docs, caller)
	if err != nil {
		side.Missing = append(side.Missing, decide.Missing{What: field + " of " + level.Name, Why: err.Error()})
	} else {
		side.Set = set
	}
	return decide.Level{Name: level.Name, Side: side}
}

// rcps gathers the resource control policies on the path to a resource's
// account. They do not reach resources of the management account.
func (t *task) rcps(account iam.AccountID) decide.Levels {
	a := t.accountOf(account)
	var l decide.Levels
	if a == nil {
		l.Missing = []decide.Missing{{What: "resource control policies of account " + string(account), Why: "the estate does not hold the account", Need: "organizations:DescribePolicy"}}
		return l
	}
	if why, ok := a.Unknown.Why("rcps", "organization"); ok {
		l.Missing = []decide.Missing{{What: "resource control policies of account " + string(account), Why: why, Need: "organizations:ListPoliciesForTarget"}}
		return l
	}
	switch {
	case a.Organization == nil:
		l.NotApplicable = "account " + string(account) + " is in no organization of the estate"
		return l
	case a.Organization.ManagementAccount == a.ID:
		l.NotApplicable = "resource control policies do not reach resources of the management account"
		return l
	}
	key := sideKey{"rcp " + string(account), t.callerID}
	for i, level := range a.Path {
		key.resource = fmt.Sprintf("rcp %s %d", account, i)
		t.mu.RLock()
		side, ok := t.sides[key]
		t.mu.RUnlock()
		if !ok || t.callerID == "" {
			side = levelOf(level, level.RCPs, &t.caller.facts.Caller, "rcps").Side
			keep(t.Gatherer, t.sides, key, side)
		}
		l.Levels = append(l.Levels, decide.Level{Name: level.Name, Side: side})
	}
	return l
}

func notCollected(err error, what string) decide.Missing {
	m := decide.Missing{What: what, Why: err.Error()}
	if nc, ok := errors.AsType[*estate.NotCollectedError](err); ok {
		m.What, m.Need = nc.What, nc.Need
		if nc.Err != nil {
			m.Why = nc.Err.Error()
		}
	}
	return m
}
