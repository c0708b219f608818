package policy

import (
	"strings"

	"github.com/why403/why403/internal/condition"
)

// Speaks reports whether a statement's Action or NotAction element covers the
// action.
func (st *Statement) Speaks(a Action) bool {
	set := newActionSet(st.Actions, st.NotAction)
	return set.has(a)
}

// MayAllow tells whether some statement of the document could allow the action on
// the resource or, with open set, on one that begins with that text, in whatever
// context and to whomever accepts lets through. It may be true in vain, never
// false.
func (d *Document) MayAllow(a Action, resource string, open bool, accepts func(*Statement) bool) bool {
	statements, err := d.compile()
	if err != nil {
		return true
	}
	for i := range statements {
		st := &statements[i]
		if st.effect == Allow && st.actions.has(a) && st.mayMatch(resource, open) && accepts(st.source) {
			return true
		}
	}
	return false
}

func (st *statement) mayMatch(resource string, open bool) bool {
	if st.source.NotResource || len(st.resources) == 0 {
		return true
	}
	for i := range st.resources {
		p := &st.resources[i]
		if open || p.HasVariables() {
			literal := p.Literal()
			if strings.HasPrefix(literal, resource) || strings.HasPrefix(resource, literal) && (p.Wild() || literal == resource) {
				return true
			}
		} else if p.Match(resource, nil) == condition.True {
			return true
		}
	}
	return false
}
