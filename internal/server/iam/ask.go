package iam

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/policy"
)

// matches gathers the statements of a set that match a query.
type matches struct{ allow, deny []int }

// Record implements policy.Recorder.
func (m *matches) Record(s *policy.Set, step policy.Step) {
	if step.Truth != condition.True || step.Via == 0 {
		return
	}
	if st, _ := s.At(int(step.Statement)); st.Effect == policy.Allow {
		m.allow = append(m.allow, int(step.Statement))
	} else {
		m.deny = append(m.deny, int(step.Statement))
	}
}

// answer is what one set of policies says.
type answer struct {
	matches
	policy.Result
	set *policy.Set
}

func (s *simulation) eval(set *policy.Set, q *policy.Query) (a answer) {
	if set != nil {
		a.set = set
		a.Result = set.Eval(q, &a.matches)
	}
	return a
}

func (a *answer) decision() types.PolicyEvaluationDecisionType {
	switch {
	case a.Deny != 0:
		return types.PolicyEvaluationDecisionTypeExplicitDeny
	case a.Allow != 0:
		return types.PolicyEvaluationDecisionTypeAllowed
	}
	return types.PolicyEvaluationDecisionTypeImplicitDeny
}

// ask decides one action on one resource: "Policy evaluation logic" in the IAM
// User Guide, for a user, group or role without a session.
func (s *simulation) ask(action, resource string) *verdict {
	q := &policy.Query{Action: policy.NewAction(action), Resource: resource, Context: &s.context}
	v := &verdict{resource: resource, missing: s.missing, matched: []types.Statement{}}
	identity, boundary, side := s.eval(s.sets.identity, q), s.eval(s.sets.boundary, q), s.eval(s.sets.resource, q)
	org := s.organization(q, v)
	bounded := true
	if s.sets.boundary != nil {
		bounded = boundary.Allow != 0 && boundary.Deny == 0
		v.bounded = &bounded
	}
	own := identity.Allow != 0 && bounded
	allowed := own
	if s.sets.resource != nil {
		allowed = own || side.Allow&(policy.ViaDirect|policy.ViaEveryone) != 0
		if s.other {
			allowed = own && side.Allow != 0
			v.details = map[string]types.PolicyEvaluationDecisionType{"IAM Policy": identity.decision(), "Resource Policy": side.decision()}
		}
	}
	switch {
	case identity.Deny|boundary.Deny|side.Deny != 0 || org.Deny != 0:
		v.decision = types.PolicyEvaluationDecisionTypeExplicitDeny
		v.add(identity.set, identity.deny, s.identity)
		v.add(boundary.set, boundary.deny, sources(s.boundary))
		v.add(side.set, side.deny, sources(s.resource))
	case allowed && org.Allow != 0:
		v.decision = types.PolicyEvaluationDecisionTypeAllowed
		v.add(identity.set, identity.allow, s.identity)
		v.add(side.set, side.allow, sources(s.resource))
	default:
		v.decision = types.PolicyEvaluationDecisionTypeImplicitDeny
	}
	return v
}

// organization asks the service control policies, of which each level must allow.
func (s *simulation) organization(q *policy.Query, v *verdict) policy.Result {
	all := policy.Result{Allow: policy.ViaNone}
	if s.sets.levels == nil {
		return all
	}
	for _, level := range s.sets.levels {
		a := s.eval(level, q)
		all.Deny |= a.Deny
		if a.Allow == 0 {
			all.Allow = 0
		}
	}
	v.orgAllowed = aws.Bool(all.Allow != 0 && all.Deny == 0)
	if !*v.orgAllowed {
		v.details = nil
	}
	return all
}

func sources(s *source) []source {
	if s == nil {
		return nil
	}
	return []source{*s}
}

// add names statements that decided.
func (v *verdict) add(set *policy.Set, statements []int, from []source) {
	for _, i := range statements {
		st, doc := set.At(i)
		for _, s := range from {
			if s.id != doc.Name {
				continue
			}
			start, end := span(s.document.Text(), st.Index)
			v.matched = append(v.matched, types.Statement{SourcePolicyId: aws.String(s.id), SourcePolicyType: types.PolicySourceType(s.kind), StartPosition: start, EndPosition: end})
			break
		}
	}
}

// span tells where a statement stands: from behind what comes before it in the
// list to behind its brace, as IAM counts.
func span(text string, index int) (start, end *types.Position) {
	root, err := node.ParseJSON("", []byte(text))
	if err != nil {
		return nil, nil
	}
	list := root.Get("Statement")
	switch {
	case list == nil:
		return nil, nil
	case list.Kind != node.Array:
		return position(text, list.Start), position(text, list.End)
	case index >= len(list.Items):
		return nil, nil
	case index == 0:
		return position(text, list.Start+1), position(text, list.Items[0].End)
	}
	return position(text, list.Items[index-1].End), position(text, list.Items[index].End)
}
