package query

import (
	"slices"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// An Access is the answer for one principal.
type Access = report.Access

// Same tells whether two answers give the same access.
func Same(a, b *Access) bool {
	return a.Verdict == b.Verdict && slices.EqualFunc(a.If, b.If, slices.Equal[[]Condition])
}

// access answers for one principal.
func (e *Engine) access(p *Principal, a *Ask) (Access, error) {
	list, err := accesses([]*Engine{e}, p, a)
	if err != nil {
		return Access{}, err
	}
	return list[0], nil
}

// accesses answers for one principal in several estates, with alternatives of
// the same circumstances, so that the answers can be compared. An engine that is
// nil does not hold what is asked about, and refuses.
func accesses(engines []*Engine, p *Principal, a *Ask) ([]Access, error) {
	answers := make([]Access, len(engines))
	var facts []*decide.Facts
	var decisions []*decide.Decision
	open := make([]*decide.Decision, len(engines))
	for i, e := range engines {
		if e == nil {
			continue
		}
		f, err := e.gatherer.Facts(e.request(p, a))
		if err != nil {
			return nil, err
		}
		if answers[i].Verdict = decide.Allowed(f); answers[i].Verdict == iam.Unknown {
			open[i] = decide.Decide(f)
			facts, decisions = append(facts, f), append(decisions, open[i])
		}
	}
	if len(decisions) == 0 {
		return answers, withCourtesies(engines, p, a, answers)
	}
	h := hangs(facts, decisions)
	for i, e := range engines {
		if open[i] == nil {
			continue
		}
		s := search{engine: e, base: e.request(p, a), groups: h.groups(e, p, a)}
		s.run()
		answers[i].If, answers[i].Partial, answers[i].Hangs = s.found, s.partial, hangKeys(s.groups)
		answers[i].Unless = s.unless()
		for _, u := range open[i].Unknown {
			answers[i].Unknown = append(answers[i].Unknown, report.Unknown{Gate: u.Gate, What: u.What, Why: u.Why, Need: u.Need})
		}
	}
	return answers, withCourtesies(engines, p, a, answers)
}

// withCourtesies adds to answers the courtesies without which there is no access.
func withCourtesies(engines []*Engine, p *Principal, a *Ask, answers []Access) error {
	for i, e := range engines {
		if e == nil || answers[i].Verdict == iam.Denied {
			continue
		}
		for _, c := range e.courtesies(p, a) {
			bare := *a
			bare.bare = true
			f, err := e.gatherer.Facts(e.request(p, &bare))
			if err != nil {
				return err
			}
			if decide.Allowed(f) == iam.Denied {
				require(&answers[i], c.Condition)
			}
		}
	}
	return nil
}

// require makes a condition part of every alternative.
func require(a *Access, c Condition) {
	if a.Verdict == iam.Allowed {
		a.Verdict, a.If = iam.Unknown, [][]Condition{nil}
	}
	for i := range a.If {
		a.If[i] = append(slices.Clone(a.If[i]), c)
	}
	a.Hangs, a.Unless = append(a.Hangs, c.Key), nil
}

func hangKeys(groups []group) []string {
	keys := make([]string, len(groups))
	for i := range groups {
		keys[i] = groups[i].key
	}
	return keys
}

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
		if !g.cut && len(s.found) == len(allowed) && len(allowed)+len(refused) == len(g.options) && len(refused) < len(allowed) {
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
