package policy

import "github.com/why403/why403/internal/condition"

// Parts tells of each part of a statement whether it matches a query, for
// explanations. Evaluation stops at the first that does not.
type Parts struct {
	Action     bool
	Resource   condition.Truth
	Principal  condition.Truth
	Via        Via // how the principal is reached, or may be
	Conditions []condition.Truth
}

// Failed returns how many parts do not match; a condition counts for itself.
func (p *Parts) Failed() int {
	n := 0
	if !p.Action {
		n++
	}
	if p.Resource == condition.False {
		n++
	}
	if p.Principal == condition.False {
		n++
	}
	for _, c := range p.Conditions {
		if c == condition.False {
			n++
		}
	}
	return n
}

// Match compares all parts of statement i with a query.
func (s *Set) Match(i int, q *Query) Parts {
	e := &s.entries[i]
	p := Parts{Action: e.statement.actions.has(q.Action), Resource: e.statement.matchResource(q), Via: e.sure | e.maybe}
	switch {
	case e.sure != 0:
		p.Principal = condition.True
	case e.maybe != 0:
		p.Principal = condition.Unknown
	}
	for j := range e.statement.conditions {
		p.Conditions = append(p.Conditions, e.statement.conditions[j].Eval(q.Context))
	}
	return p
}
