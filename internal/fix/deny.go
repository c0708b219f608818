package fix

import (
	"slices"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/policy"
)

// denied are the steps for a Deny statement that matched: the request meets what
// the statement asks for; the statement spares this principal; the statement
// spares the value that the request carries. None takes the Deny away, but where it
// stands in a policy of AWS.
func (f *Fixer) denied(s *state, r *decide.Refusal) []*step {
	c := s.check(r)
	st, named := r.Set.At(r.Statement)
	steps := s.unmatched(r.Gate, c, st)
	p, ok := s.placeOf(r.Gate, c, named.Document)
	if !ok {
		return appendStep(steps, s.detach(r, named.ARN))
	}
	at := statementPath(named.Document, p.path, st.Index)
	steps = append(steps, s.ownDeny(r, c, &p, named.Document, at)...)
	steps = appendStep(steps, s.spareCaller(r, c, &p, st, at))
	steps = append(steps, s.spareValues(r, c, &p, st, at)...)
	for _, own := range steps {
		if own.place.kind != theRequest && own.place.kind != setting {
			own.pos = st.Pos
		}
	}
	return steps
}

// change puts a step's change where its place is: in the request or the estate.
func (st *step) put(c node.Change) {
	if st.place.kind == sessionPolicy {
		st.request = append(st.request, c)
		return
	}
	st.estate = append(st.estate, c)
}

// spareCaller adds the caller to those that a Deny leaves out, by the key that
// names it. A condition more can only take away from what the Deny matches, so
// it goes on refusing everyone else.
func (s *state) spareCaller(r *decide.Refusal, c *decide.Check, p *place, st *policy.Statement, at node.Pointer) *step {
	operator, key, value := spareBy(&s.facts.Caller, &c.Context)
	if value == "" {
		return nil
	}
	out := &step{gate: r.Gate, place: *p, cost: costException,
		title: "spare " + who(s) + " from " + statementName(st) + " of the " + p.where,
		note:  "the Deny goes on refusing everyone else; " + who(s) + " is spared for all that it denies"}
	out.put(condAdded(st, at, operator, key, value))
	return out
}

// spareBy is the condition by which a Deny leaves the caller out.
func spareBy(c *decide.Caller, ctx *condition.Context) (operator, key, value string) {
	switch c.Kind {
	case iam.Anonymous:
		return "", "", "" // never
	case iam.ServicePrincipal:
		return "StringNotEquals", "aws:PrincipalServiceName", c.Name
	}
	if v := ctx.Lookup(condition.Intern("aws:PrincipalArn")); v.State == condition.Present && !v.Multi {
		return "ArnNotEquals", "aws:PrincipalArn", v.One
	}
	return "ArnNotEquals", "aws:PrincipalArn", principalARN(c)
}

// condAdded adds a value to a condition of a statement: to the list that is
// there under the same operator and key, or one that means the same.
func condAdded(st *policy.Statement, at node.Pointer, operator, key, value string) node.Change {
	same := func(op string) bool {
		return strings.EqualFold(op, operator) || operator == "ArnNotEquals" && strings.EqualFold(op, "ArnNotLike")
	}
	hasOperator := ""
	for i := range st.Conditions {
		c := &st.Conditions[i]
		if !same(c.Operator) {
			continue
		}
		if strings.EqualFold(c.Key, key) {
			return added(at.To("Condition", c.Operator, c.Key), node.Texts(append(texts(c.Values), value)...))
		}
		hasOperator = c.Operator
	}
	switch {
	case len(st.Conditions) == 0:
		return added(at.To("Condition"), node.Mapping().Put(operator, node.Mapping().Put(key, node.Text(value))))
	case hasOperator != "":
		return added(at.To("Condition", hasOperator, key), node.Text(value))
	}
	return added(at.To("Condition", operator), node.Mapping().Put(key, node.Text(value)))
}

func statementName(st *policy.Statement) string {
	if st.Sid != "" {
		return "statement \"" + st.Sid + "\""
	}
	return "statement " + itoa(st.Index)
}

// ownDeny narrows a Deny in a policy that is the caller's alone, where an
// exception for the caller would leave it without effect: it denies all but this
// resource, or this action no more.
func (s *state) ownDeny(r *decide.Refusal, c *decide.Check, p *place, doc *policy.Document, at node.Pointer) []*step {
	if p.kind != userPolicy && p.kind != rolePolicy && p.kind != sessionPolicy {
		return nil
	}
	st, _ := r.Set.At(r.Statement)
	var steps []*step
	narrow := func(title string, changes ...node.Change) {
		out := &step{gate: r.Gate, place: *p, cost: costException - 2, title: title + " in " + statementName(st) + " of the " + p.where}
		for _, ch := range changes {
			out.put(ch)
		}
		steps = append(steps, out)
	}
	resource := literal(c.Resource)
	if !doc.Variables() {
		resource = c.Resource
	}
	switch {
	case st.NotResource:
		narrow("leave "+c.Resource+" out", added(at.To("NotResource"), node.Texts(append(texts(st.Resources), resource)...)))
	case only(st.Resources, "*"):
		narrow("deny all but "+c.Resource, removed(at.To("Resource")), added(at.To("NotResource"), node.Text(resource)))
	case len(st.Resources) > 1 && slices.ContainsFunc(st.Resources, func(v policy.Value) bool { return v.Text == c.Resource }):
		rest := slices.DeleteFunc(texts(st.Resources), func(t string) bool { return t == c.Resource })
		narrow("deny "+c.Resource+" no more", added(at.To("Resource"), node.Texts(rest...)))
	}
	action := c.Action.String()
	if st.NotAction {
		narrow("leave "+action+" out", added(at.To("NotAction"), node.Texts(append(texts(st.Actions), action)...)))
	} else if i := slices.IndexFunc(st.Actions, func(v policy.Value) bool { return strings.EqualFold(v.Text, action) }); i >= 0 && len(st.Actions) > 1 {
		rest := slices.Delete(texts(st.Actions), i, i+1)
		narrow("deny "+action+" no more", added(at.To("Action"), node.Texts(rest...)))
	}
	return steps
}

// sparedKeys are the keys of networks and sources by which a Deny may leave out
// more than it does.
var sparedKeys = []string{"aws:sourceip", "aws:vpcsourceip", "aws:sourcevpce", "aws:sourcevpc", "aws:sourcevpcarn", "aws:sourcearn", "aws:sourceaccount",
	"aws:principalorgid", "aws:principalaccount", "aws:requestedregion", "aws:userid", "s3:dataaccesspointarn", "s3:dataaccesspointaccount", "s3:x-amz-server-side-encryption",
	"s3:x-amz-server-side-encryption-aws-kms-key-id", "s3:x-amz-storage-class", "s3:x-amz-acl", "aws:referer", "aws:useragent", "kms:viaservice", "aws:resourceaccount", "aws:resourceorgid"}

// spareValues adds the value that the request carries to a list of a Deny's
// negated condition, which spares every request that carries it.
func (s *state) spareValues(r *decide.Refusal, c *decide.Check, p *place, st *policy.Statement, at node.Pointer) []*step {
	var steps []*step
	for i := range st.Conditions {
		cond := &st.Conditions[i]
		compiled, err := condition.Compile(cond.Operator, cond.Key, texts(cond.Values), true)
		if err != nil || !compiled.Negated() || !slices.Contains(sparedKeys, strings.ToLower(cond.Key)) {
			continue
		}
		v := c.Context.Lookup(compiled.Key)
		if v.State != condition.Present || v.Multi || v.One == "" {
			continue
		}
		out := &step{gate: r.Gate, place: *p, cost: costNarrow,
			title: "spare requests with " + cond.Key + " " + v.One + " from " + statementName(st) + " of the " + p.where,
			note:  "everyone whose request carries this value is spared"}
		out.put(added(at.To("Condition", cond.Operator, cond.Key), node.Texts(append(texts(cond.Values), v.One)...)))
		steps = append(steps, out)
	}
	return steps
}
