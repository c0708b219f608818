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

// A Place is a resource, or with Open set all that begin with a text.
type Place struct {
	Text string
	Open bool
}

// EachSpeaking calls back for every statement of the document that speaks of one
// of the actions and, where that is an action of S3, of one of the places. Of a
// document that cannot be compiled all statements are visited.
func (d *Document) EachSpeaking(actions []Action, places []Place, visit func(*Statement)) {
	statements, err := d.compile()
	for i := range d.Statements {
		if err != nil || statements[i].speaks(actions, places) {
			visit(&d.Statements[i])
		}
	}
}

func (st *statement) speaks(actions []Action, places []Place) bool {
	for _, a := range actions {
		if !st.actions.has(a) {
			continue
		}
		if !strings.HasPrefix(a.lower, "s3:") || st.source.NotResource {
			return true
		}
		for _, p := range places {
			if st.mayMatch(p.Text, p.Open) {
				return true
			}
		}
	}
	return false
}

// s3Actions is the set of actions of S3.
var s3Actions = newActionSet([]Value{{Text: "s3:*"}}, false)

// AllowsOn tells on which buckets of S3 the document may allow something: those
// that it names, and whether there may be others.
func (d *Document) AllowsOn() (buckets []string, others bool) {
	statements, err := d.compile()
	if err != nil {
		return nil, true
	}
	for i := range statements {
		st := &statements[i]
		if st.effect != Allow || !st.actions.meets(&s3Actions) {
			continue
		}
		if st.source.NotResource || len(st.resources) == 0 {
			return nil, true
		}
		for j := range st.resources {
			name, ok := bucketOf(&st.resources[j])
			if !ok {
				return nil, true
			}
			buckets = append(buckets, name)
		}
	}
	return buckets, false
}

// bucketOf returns the bucket that a pattern names; not ok where it has wildcards
// in that place, or does not name a bucket.
func bucketOf(p *condition.Pattern) (string, bool) {
	literal := p.Literal()
	parts := strings.SplitN(literal, ":", 6)
	if len(parts) < 6 {
		return "", !p.Wild() // a text that is no ARN matches none
	}
	name, _, inside := strings.Cut(parts[5], "/")
	if parts[3] != "" || parts[4] != "" {
		return "", parts[2] != "s3" // another service's, or an access point
	}
	return name, inside || !p.Wild()
}

func (s *actionSet) meets(o *actionSet) bool {
	if s.not {
		return true
	}
	for i := range s.known {
		if s.known[i]&o.known[i] != 0 {
			return true
		}
	}
	return len(s.other) > 0
}
