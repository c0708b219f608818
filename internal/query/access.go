package query

import (
	"slices"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/report"
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
