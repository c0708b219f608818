package policy

import (
	"slices"
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

// s3Actions is the set of actions of S3 that the program has data on.
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
		if st.effect != Allow || !st.actions.ofS3() {
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
// in that place, or names an access point or more than S3.
func bucketOf(p *condition.Pattern) (string, bool) {
	literal := p.Literal()
	rest, ok := strings.CutPrefix(literal, "arn:")
	if !ok {
		return "", !p.Wild() // a text that is no ARN matches none
	}
	_, rest, _ = strings.Cut(rest, ":")
	service, rest, ok := strings.Cut(rest, ":")
	switch place, isBucket := strings.CutPrefix(rest, "::"); {
	case !ok:
		return "", false
	case service != "s3":
		return "", true // another service's
	case isBucket:
		name, _, inside := strings.Cut(place, "/")
		return name, inside || !p.Wild()
	}
	return "", false
}

// ofS3 tells whether the set may hold an action of S3.
func (s *actionSet) ofS3() bool {
	if s.not {
		return true
	}
	for i := range s.known {
		if s.known[i]&s3Actions.known[i] != 0 {
			return true
		}
	}
	return slices.ContainsFunc(s.other, func(p actionPattern) bool { return p.service == "*" || p.service == "s3" })
}
