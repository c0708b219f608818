package fix

import (
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/policy"
)

// The gates that only limit (SCPs, the endpoint's policy, boundary, session) must
// allow as well. Their policies reach more than the caller, so what is added to
// them names the caller in a condition.

// byCaller is the condition that the caller makes the request.
func (s *state) byCaller(c *decide.Check) []equal {
	if s.facts.Caller.Kind == iam.ServicePrincipal {
		return []equal{{"StringEquals", "aws:PrincipalServiceName", s.facts.Caller.Name}}
	}
	_, key, value := spareBy(&s.facts.Caller, &c.Context)
	if value == "" {
		return nil
	}
	return []equal{{"ArnEquals", key, value}}
}

// boundarySteps allow in the permissions boundary.
func (f *Fixer) boundarySteps(s *state, r *decide.Refusal) []*step {
	c := s.check(r)
	a := s.estate.Accounts[s.facts.Caller.Account]
	if a == nil {
		return nil
	}
	k, owner, _, _ := s.holder(a)
	if owner == "" {
		return nil
	}
	ref := ""
	if k == rolePolicy {
		ref = a.Roles[owner].Boundary
	} else {
		ref = a.Users[owner].Boundary
	}
	named, err := a.Managed(ref)
	if err != nil {
		return nil
	}
	g := f.grantFor(s, c, "")
	if p, ok := s.callerPlaceOf(iam.GateBoundary, named.Document); ok {
		if sharedBoundary(a, ref, owner) {
			g.conditions = append(g.conditions, s.byCaller(c)...)
		}
		if st, _ := s.allowIn(iam.GateBoundary, p, g, costStatement); st != nil {
			st.note = "a boundary grants nothing: it only lets the policies of its users and roles count"
			return []*step{st}
		}
	}
	return appendStep(nil, s.ownBoundary(a, k, owner, named, g))
}

// sharedBoundary reports whether another user or role has the same boundary.
func sharedBoundary(a *estate.Account, ref, owner string) bool {
	for name, u := range a.Users {
		if u.Boundary == ref && name != owner {
			return true
		}
	}
	for name, r := range a.Roles {
		if r.Boundary == ref && name != owner {
			return true
		}
	}
	return false
}

// ownBoundary makes a boundary of one's own from one that cannot be changed.
func (s *state) ownBoundary(a *estate.Account, k kind, owner string, old policy.Named, g grant) *step {
	g.principal = nil
	base := "Boundary" + words(owner)
	name := base
	for i := 2; a.ManagedPolicies[name] != nil; i++ {
		name = base + itoa(i)
	}
	p := managedPlace(boundaryPolicy, a, name)
	n, _ := old.Document.Node()
	list := append(append([]*node.Node{}, n.Get("Statement").List()...), g.statement(s, old.Document, false))
	doc := node.Mapping().Put("Version", node.Text(policy.Version2012)).Put("Statement", node.List(list...))
	if s.tooLarge(&p, doc) != "" {
		return nil
	}
	kinds := map[kind]string{userPolicy: "users", rolePolicy: "roles"}[k]
	return &step{gate: iam.GateBoundary, place: p, cost: costPolicyNew, title: "make the policy " + name + " from " + old.Name + " with " + g.action + " on " + g.resource + ", and make it the permissions boundary of " + owner,
		note: "AWS's own policies cannot be changed, so this one no longer follows them", estate: []node.Change{s.newDocument(&p, doc), added(accountPath(a.ID).To(kinds, owner, "boundary"), node.Text(name))}}
}

// sessionSteps allow in the session policy that the credentials were made with.
func (f *Fixer) sessionSteps(s *state, r *decide.Refusal) []*step {
	c := s.check(r)
	g := f.grantFor(s, c, "")
	var steps []*step
	for i, sp := range s.request.SessionPolicies {
		if sp.Document == nil {
			continue
		}
		p := place{kind: sessionPolicy, where: "session policy " + itoa(i), path: node.Pointer{"sessionPolicies", itoa(i)}}
		st, _ := s.allowIn(iam.GateSession, p, g, costRequest+4)
		if steps = appendStep(steps, st); st != nil {
			st.note = "get new credentials with the session policy changed (aws sts assume-role --policy …)"
			return steps
		}
	}
	doc := node.Mapping().Put("Version", node.Text(policy.Version2012)).Put("Statement", node.List(g.statement(s, nil, false)))
	change := added(node.Pointer{"sessionPolicies", "-"}, doc)
	if len(s.request.SessionPolicies) == 0 {
		change = added(node.Pointer{"sessionPolicies"}, node.List(doc))
	}
	return append(steps, requestStep(iam.GateSession, costRequest+5, "get new credentials with a session policy that allows "+g.action+" on "+g.resource, change))
}

// endpointSteps allow in the policy of the VPC endpoint, or take another way.
func (f *Fixer) endpointSteps(s *state, r *decide.Refusal) []*step {
	c := s.check(r)
	id := s.facts.Caller.Endpoint.ID
	var steps []*step
	if v, ok := s.estate.VPCEndpoint(id); ok {
		g := f.grantFor(s, c, "")
		g.principal, g.conditions = node.Text("*"), append(g.conditions, s.byCaller(c)...)
		if len(g.conditions) > 0 {
			st, _ := s.allowIn(iam.GateVPCEndpoint, endpointPlace(v), g, costStatement)
			if steps = appendStep(steps, st); st != nil {
				st.note = "an endpoint policy grants nothing: it only lets requests pass; \"Principal\": \"*\" with aws:PrincipalArn is how it names one caller"
			}
		}
	}
	return append(steps, s.otherWays(r)...)
}

// otherWays send the request through another endpoint, or through none.
func (s *state) otherWays(r *decide.Refusal) []*step {
	id := s.facts.Caller.Endpoint.ID
	if id == "" {
		return nil
	}
	var steps []*step
	for _, e := range s.estate.VPCEndpoints() {
		if e.ID != id && strings.HasSuffix(e.Service, ".s3") {
			steps = append(steps, requestStep(r.Gate, costOther+6, "send the request through the VPC endpoint "+e.ID, added(node.Pointer{"vpcEndpoint"}, node.Text(e.ID))))
		}
	}
	return append(steps, requestStep(r.Gate, costOther+8, "send the request by another way than the VPC endpoint "+id, added(node.Pointer{"vpcEndpoint"}, node.Text(""))))
}

// scpSteps allow in a service control policy of the level that lacks it: in one
// that hangs there, else in a new one.
func (f *Fixer) scpSteps(s *state, r *decide.Refusal) []*step {
	c := s.check(r)
	a := s.estate.Accounts[s.facts.Caller.Account]
	if a == nil || a.Organization == nil {
		return nil
	}
	g := f.grantFor(s, c, "")
	g.conditions = append(g.conditions, s.byCaller(c)...)
	note := "a service control policy grants nothing: it only lets the policies of the account count"
	for _, level := range a.Path {
		if level.Name != r.Where {
			continue
		}
		for _, named := range level.SCPs {
			if p, ok := s.orgPlaceOf(iam.GateSCP, named.Document); ok {
				if st, _ := s.allowIn(iam.GateSCP, p, g, costShared); st != nil {
					st.note = note
					return []*step{st}
				}
			}
		}
	}
	st := s.newSCP(a, r.Where, g)
	if st == nil {
		return nil
	}
	st.note = note
	return []*step{st}
}

// newSCP makes a service control policy and attaches it to a level.
func (s *state) newSCP(a *estate.Account, level string, g grant) *step {
	org := a.Organization
	name := freshName(&g, func(n string) bool { return org.Policies[n] != nil })
	p := orgPlace(serviceControlPolicy, a.OrganizationID, org, name)
	doc := node.Mapping().Put("Version", node.Text(policy.Version2012)).Put("Statement", node.List(g.statement(s, nil, false)))
	value := node.Mapping().Put("type", node.Text("scp")).Put("document", doc)
	at := p.path[:len(p.path)-1]
	change := added(at, value)
	if len(org.Policies) == 0 {
		change = added(at[:len(at)-1], node.Mapping().Put(name, value))
	}
	hang, empty := levelPath(a.OrganizationID, org.Root, level)
	if hang == nil {
		return nil
	}
	attach := added(hang.To("scps", "-"), node.Text(name))
	if empty {
		attach = added(hang.To("scps"), node.List(node.Text(name)))
	}
	return &step{gate: iam.GateSCP, place: p, cost: costPolicyNew, estate: []node.Change{change, attach},
		title: "make the service control policy " + name + ", which allows " + g.action + " on " + g.resource + ", and attach it to " + level}
}

// levelPath finds a unit, or an account's own attachments, by how levels name
// them, and whether its list of SCPs is empty.
func levelPath(id string, root *estate.Unit, level string) (at node.Pointer, empty bool) {
	kind, name, _ := strings.Cut(level, " ")
	var walk func(u *estate.Unit, at node.Pointer) (node.Pointer, bool)
	walk = func(u *estate.Unit, at node.Pointer) (node.Pointer, bool) {
		if kind != "account" && u.ID == name {
			return at, u.SCPs == nil || len(*u.SCPs) == 0
		}
		if h := u.Accounts[iam.AccountID(name)]; kind == "account" && h != nil {
			return at.To("accounts", name), h.SCPs == nil || len(*h.SCPs) == 0
		}
		for _, child := range sortedKeys(u.Units) {
			if found, empty := walk(u.Units[child], at.To("units", child)); found != nil {
				return found, empty
			}
		}
		return nil, false
	}
	if root == nil {
		return nil, false
	}
	return walk(root, node.Pointer{"organizations", id, "root"})
}
