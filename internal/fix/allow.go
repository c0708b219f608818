package fix

import (
	"fmt"
	"slices"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/policy"
)

// allowIn adds a grant to the policy at a place: by one more value in a statement
// that is otherwise the same, else by a statement of its own, else by a policy.
// It returns nil where the place would grow too large, and says how.
func (s *state) allowIn(gate iam.Gate, p place, g grant, cost int) (st *step, full string) {
	noResource := p.kind == trustPolicy
	doc := p.document(s)
	if doc != nil && !doc.Variables() && strings.Contains(g.resource, "${") {
		g.resource = strings.NewReplacer("${*}", "*", "${?}", "?", "${$}{", "${").Replace(g.resource) // no variables: nothing to write them with
	}
	st = &step{gate: gate, place: p, cost: cost, title: g.title(s, &p)}
	var change node.Change
	switch {
	case doc == nil:
		fresh := node.Mapping().Put("Version", node.Text(policy.Version2012)).Put("Statement", node.List(g.statement(s, nil, noResource)))
		change = s.newDocument(&p, fresh)
	case g.extend(doc, p.path, noResource) != nil:
		change = *g.extend(doc, p.path, noResource)
	default:
		change = appended(doc, p.path, g.statement(s, doc, noResource))
	}
	if p.kind == sessionPolicy {
		st.request = []node.Change{change}
	} else {
		st.estate = []node.Change{change}
	}
	if end, err := s.after(st); err == nil {
		if after := p.document(end); after != nil {
			n, _ := after.Node()
			if full := s.tooLarge(&p, n); full != "" {
				return nil, full
			}
		}
	}
	return st, ""
}

func (g *grant) title(s *state, p *place) string {
	on := " on " + g.resource
	if p.kind == trustPolicy {
		on = ""
	}
	return "allow " + g.action + on + " to " + who(s) + " in the " + p.where
}

// appended adds a statement behind the others.
func appended(doc *policy.Document, path node.Pointer, st *node.Node) node.Change {
	if !doc.Single() {
		return added(path.To("Statement", "-"), st)
	}
	old, _ := doc.Statements[0].Node()
	return added(path.To("Statement"), node.List(old, st))
}

// statementPath is where a statement of a document stands.
func statementPath(doc *policy.Document, path node.Pointer, i int) node.Pointer {
	if doc.Single() {
		return path.To("Statement")
	}
	return path.To("Statement", itoa(i))
}

// extend adds one value to a statement that differs from the grant in one
// element, so that no more than the grant is opened; nil where there is none.
func (g *grant) extend(doc *policy.Document, path node.Pointer, noResource bool) *node.Change {
	for i := range doc.Statements {
		st := &doc.Statements[i]
		if st.Effect != policy.Allow || st.NotAction || st.NotResource || st.NotPrincipal || !g.sameConditions(st) {
			continue
		}
		at := statementPath(doc, path, i)
		action, resource := only(st.Actions, g.action), noResource || only(st.Resources, g.resource)
		principal := samePrincipal(st, g.principal)
		var c node.Change
		switch {
		case principal && resource && !wild(st.Actions):
			c = added(at.To("Action"), node.Texts(append(texts(st.Actions), g.action)...))
		case principal && action && len(st.Resources) > 0:
			c = added(at.To("Resource"), node.Texts(append(texts(st.Resources), g.resource)...))
		case action && resource && namesAWS(st) && g.principal != nil && g.principal.Get("AWS") != nil:
			list := append(principalTexts(st), g.principal.Get("AWS").Text)
			c = added(at.To("Principal", "AWS"), node.Texts(list...))
		default:
			continue
		}
		return &c
	}
	return nil
}

func wild(values []policy.Value) bool {
	return slices.ContainsFunc(values, func(v policy.Value) bool { return strings.ContainsAny(v.Text, "*?") })
}

func only(values []policy.Value, text string) bool { return len(values) == 1 && values[0].Text == text }

func texts(values []policy.Value) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = v.Text
	}
	return out
}

func principalTexts(st *policy.Statement) []string {
	out := make([]string, len(st.Principals))
	for i, v := range st.Principals {
		out[i] = v.Text
	}
	return out
}

// namesAWS reports a statement whose principals are ARNs or accounts, none of
// them everyone.
func namesAWS(st *policy.Statement) bool {
	return len(st.Principals) > 0 && !slices.ContainsFunc(st.Principals, func(p policy.PrincipalValue) bool { return p.Type != "AWS" || p.Text == "*" })
}

func samePrincipal(st *policy.Statement, want *node.Node) bool {
	if want == nil || !st.HasPrincipal {
		return want == nil && !st.HasPrincipal
	}
	if len(st.Principals) != 1 || len(want.Members) != 1 {
		return false
	}
	return st.Principals[0].Type == want.Members[0].Name && st.Principals[0].Text == want.Members[0].Value.Text
}

func (g *grant) sameConditions(st *policy.Statement) bool {
	if len(st.Conditions) != len(g.conditions) {
		return false
	}
	for i := range st.Conditions {
		c := &st.Conditions[i]
		if !slices.ContainsFunc(g.conditions, func(e equal) bool { return e.operator == c.Operator && e.key == c.Key && only(c.Values, e.value) }) {
			return false
		}
	}
	return true
}

// newDocument is the change that puts a document where none is; what is to hold
// it may be absent too.
func (s *state) newDocument(p *place, doc *node.Node) node.Change {
	a := s.estate.Accounts[p.account]
	switch p.kind {
	case userPolicy:
		u := a.Users[p.owner]
		return inMapping(p.path, len(u.Inline) == 0, *u, doc)
	case rolePolicy:
		r := a.Roles[p.owner]
		return inMapping(p.path, len(r.Inline) == 0, *r, doc)
	case managedPolicy, boundaryPolicy:
		at := p.path[:len(p.path)-1]
		value := node.Mapping().Put("document", doc)
		if len(a.ManagedPolicies) == 0 {
			return added(at[:len(at)-1], node.Mapping().Put(p.name, value))
		}
		return added(at, value)
	case bucketPolicy:
		if b := a.Buckets[p.owner]; len(b.Places) == 0 && b.Pos.IsValid() {
			return added(p.path[:len(p.path)-1], node.Mapping().Put("document", doc)) // an empty mapping, or none
		}
	}
	return added(p.path, doc)
}

// inMapping puts a document under its name, with the mapping and the owner where
// they are empty: a file may say null there.
func inMapping(path node.Pointer, noInline bool, owner any, doc *node.Node) node.Change {
	n := len(path)
	switch {
	case noInline && estate.Empty(owner):
		return added(path[:n-2], node.Mapping().Put("inline", node.Mapping().Put(path[n-1], doc)))
	case noInline:
		return added(path[:n-1], node.Mapping().Put(path[n-1], doc))
	}
	return added(path, doc)
}

// identitySteps allow a grant in the caller's own policies: an inline policy that
// speaks of the same bucket, a customer managed policy that does, or a new one.
func (f *Fixer) identitySteps(s *state, gate iam.Gate, g grant) []*step {
	a := s.estate.Accounts[s.facts.Caller.Account]
	if a == nil {
		return nil
	}
	k, name, inline, _ := s.holder(a)
	if name == "" {
		return nil
	}
	g.principal = nil
	var steps []*step
	allow := func(p place, cost int) {
		st, full := s.allowIn(gate, p, g, cost)
		if steps = appendStep(steps, st); full != "" {
			f.full = append(f.full, full)
		}
	}
	if p, ok := bestInline(k, a.ID, name, inline, &g); ok {
		allow(p, costStatement)
	}
	if len(steps) == 0 {
		allow(inlinePlace(k, a.ID, name, freshName(&g, func(n string) bool { return inlineNamed(inline, n) != nil })), costStatement+1)
	}
	for _, ref := range s.attachedTo(a, k, name) {
		if p := a.ManagedPolicies[ref]; p != nil && p.Document.Document != nil && mentions(p.Document.Document, &g) {
			allow(managedPlace(managedPolicy, a, ref), costShared)
		}
	}
	if len(steps) == 0 {
		steps = appendStep(steps, s.newManaged(gate, a, k, name, g))
	}
	return steps
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func appendStep(list []*step, st *step) []*step {
	if st == nil {
		return list
	}
	return append(list, st)
}

// bestInline is the inline policy that already speaks of the resource.
func bestInline(k kind, id iam.AccountID, owner string, inline estate.Documents, g *grant) (place, bool) {
	for i := range inline {
		if d := inline[i].Document.Document; d != nil && mentions(d, g) {
			return inlinePlace(k, id, owner, inline[i].Name), true
		}
	}
	return place{}, false
}

// mentions reports whether a policy has an Allow on the same bucket or key.
func mentions(d *policy.Document, g *grant) bool {
	root, _, _ := strings.Cut(g.resource, "/")
	return slices.ContainsFunc(d.Statements, func(st policy.Statement) bool {
		return st.Effect == policy.Allow && slices.ContainsFunc(st.Resources, func(v policy.Value) bool { return v.Text == root || strings.HasPrefix(v.Text, root+"/") })
	})
}

func freshName(g *grant, taken func(string) bool) string {
	_, action, _ := strings.Cut(g.action, ":")
	base := "Allow" + words(action)
	name := base
	for i := 2; taken(name); i++ {
		name = fmt.Sprintf("%s%d", base, i)
	}
	return name
}

func (s *state) attachedTo(a *estate.Account, k kind, name string) []string {
	if k == rolePolicy {
		return a.Roles[name].Attached
	}
	return a.Users[name].Attached
}

// newManaged makes a customer managed policy and attaches it, for who has no
// room for inline policies.
func (s *state) newManaged(gate iam.Gate, a *estate.Account, k kind, owner string, g grant) *step {
	attached := s.attachedTo(a, k, owner)
	if len(attached) >= maxAttached {
		return nil
	}
	name := freshName(&g, func(n string) bool { return a.ManagedPolicies[n] != nil })
	p := managedPlace(managedPolicy, a, name)
	st, _ := s.allowIn(gate, p, g, costPolicyNew)
	if st == nil {
		return nil
	}
	at := accountPath(a.ID).To(map[kind]string{userPolicy: "users", rolePolicy: "roles"}[k], owner, "attached")
	if len(attached) == 0 {
		st.estate = append(st.estate, added(at, node.List(node.Text(name))))
	} else {
		st.estate = append(st.estate, added(at.To("-"), node.Text(name)))
	}
	st.place.owner = owner
	st.title = "make the managed policy " + name + ", which allows " + g.action + " on " + g.resource + ", and attach it to " + owner
	return st
}
