package query

import (
	"slices"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/request"
)

// search looks for the smallest sets of circumstances in which a request is
// allowed.
type search struct {
	engine *Engine
	base   *request.Request
	groups []group

	found   [][]Condition
	partial bool
	allowed []Condition // by themselves
	refused []Condition // by themselves
	left    int         // decisions that may still be made
}

// maxDecisions bounds a search.
const maxDecisions = 2000

// step is a set of circumstances, one of each of some groups.
type step struct {
	choice []int // per group: 1 + the option, 0 for left open
	next   int   // the first group that may still be chosen
}

// run tries sets in the order of their size. A set that is refused has no larger
// one that is allowed, and one that is allowed needs no larger one.
func (s *search) run() {
	s.left = maxDecisions
	for _, g := range s.groups {
		s.partial = s.partial || g.cut
	}
	var allowed [][]int
	level := []step{{make([]int, len(s.groups)), 0}}
	for len(level) > 0 {
		var next []step
		for _, from := range level {
			for g := from.next; g < len(s.groups); g++ {
				for o := range s.groups[g].options {
					choice := slices.Clone(from.choice)
					choice[g] = o + 1
					if s.clash(choice) || slices.ContainsFunc(allowed, func(a []int) bool { return within(a, choice) }) {
						continue
					}
					if s.left--; s.left < 0 {
						s.partial = true
						return
					}
					switch s.decide(choice) {
					case iam.Allowed:
						allowed = append(allowed, choice)
						if c := s.conditions(choice); !slices.ContainsFunc(s.found, func(o []Condition) bool { return slices.Equal(o, c) }) {
							s.found = append(s.found, c)
						}
						if from.next == 0 {
							s.allowed = append(s.allowed, s.conditions(choice)...)
						}
					case iam.Denied:
						if from.next == 0 {
							s.refused = append(s.refused, s.conditions(choice)...)
						}
					case iam.Unknown:
						next = append(next, step{choice, g + 1})
					}
				}
			}
		}
		level = next
	}
}

// clash tells whether one of the circumstances states what another does.
func (s *search) clash(choice []int) bool {
	for i, c := range choice {
		if c == 0 || s.groups[i].options[c-1].also == "" {
			continue
		}
		for j, o := range choice {
			if o > 0 && j != i && (s.groups[j].key == s.groups[i].options[c-1].also || s.groups[j].options[o-1].also == s.groups[i].key) {
				return true
			}
		}
	}
	return false
}

// unless returns the circumstances of one group that are refused, where all others
// of it are allowed, whatever else the verdict hangs on.
func (s *search) unless() []Condition {
	for _, g := range s.groups {
		of := func(list []Condition) (mine []Condition) {
			for _, o := range g.options {
				if slices.Contains(list, o.Condition) {
					mine = append(mine, o.Condition)
				}
			}
			return mine
		}
		allowed, refused := of(s.allowed), of(s.refused)
		if !g.cut && !g.sample && len(s.found) == len(allowed) && len(allowed)+len(refused) == len(g.options) && len(refused) < len(allowed) {
			return refused
		}
	}
	return nil
}

// within tells whether one set of circumstances is part of another.
func within(small, large []int) bool {
	for i := range small {
		if small[i] != 0 && small[i] != large[i] {
			return false
		}
	}
	return true
}

func (s *search) decide(choice []int) iam.Verdict {
	r := *s.base
	r.Context, r.Headers = map[string]request.ContextValue{}, map[string]string{}
	for k, v := range s.base.Context {
		r.Context[k] = v
	}
	for k, v := range s.base.Headers {
		r.Headers[k] = v
	}
	for i, c := range choice {
		if c > 0 {
			s.groups[i].options[c-1].apply(&r)
		}
	}
	f, err := s.engine.gatherer.Facts(&r)
	if err != nil {
		return iam.Denied // a circumstance that cannot be is none to offer
	}
	return decide.Allowed(f)
}

func (s *search) conditions(choice []int) []Condition {
	var list []Condition
	for i, c := range choice {
		if c > 0 {
			list = append(list, s.groups[i].options[c-1].Condition)
		}
	}
	return list
}
