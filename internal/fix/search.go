package fix

import (
	"slices"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
)

// maxSteps bounds the steps of a plan: a request of many keys, each refused by
// itself.
const maxSteps = 48

// A course is the steps from the request as it was made to a state.
type course struct {
	steps []*step
	end   *state
	stuck *decide.Refusal // that no candidate mends; nil for none
}

// search finds plans for one request.
type search struct {
	*Fixer
	start *state
	found []*course
	seen  map[string]bool
}

// run completes the cheapest plan, and one for every other first step.
func (s *search) run() {
	s.consider(&course{end: s.start})
	for i := range s.start.decision.Refusals {
		r := &s.start.decision.Refusals[i]
		for _, st := range s.candidates(s.start, r) {
			if p, ok := s.take(&course{end: s.start}, r, st, nil); ok {
				s.consider(p)
			}
			if len(s.found) >= maxPlans {
				return
			}
		}
	}
}

// maxPlans bounds the plans of one request.
const maxPlans = 24

// consider completes a course, leaves out the steps that it does not need, and
// keeps it if no other plan makes the same changes.
func (s *search) consider(p *course) {
	p = s.complete(p)
	if p.end.verdict() == iam.Allowed {
		p = s.minimal(p)
	}
	key := ""
	steps := slices.Clone(p.steps)
	slices.SortFunc(steps, func(a, b *step) int { return compareText(a.key(), b.key()) })
	for _, st := range steps {
		key += st.key() + "\n"
	}
	if len(p.steps) == 0 || s.seen[key] {
		return
	}
	s.seen[key] = true
	s.found = append(s.found, p)
}

// complete takes the cheapest step that mends the first refusal, then that of
// the next, until the request is allowed, not known, or nothing helps.
func (s *search) complete(p *course) *course {
	mended := map[string]bool{}
	for p.end.verdict() == iam.Denied && len(p.steps) < maxSteps {
		next := s.next(p, mended)
		if next == nil {
			p.stuck = &p.end.decision.Refusals[0]
			return p
		}
		p = next
	}
	return p
}

// next takes one step: of the first refusal that has a candidate which mends it.
func (s *search) next(p *course, mended map[string]bool) *course {
	for i := range p.end.decision.Refusals {
		r := &p.end.decision.Refusals[i]
		for _, st := range s.candidates(p.end, r) {
			if next, ok := s.take(p, r, st, mended); ok {
				if signature := p.end.signature(r); !next.end.refuses(signature) {
					mended[signature] = true
				}
				return next
			}
		}
	}
	return nil
}

// take makes a step, and reports whether it mends the refusal without bringing
// back one that was mended.
func (s *search) take(p *course, r *decide.Refusal, st *step, mended map[string]bool) (*course, bool) {
	end, err := p.end.after(st)
	if err != nil || !st.leads && end.verdict() == iam.Denied && end.refuses(p.end.signature(r)) {
		return nil, false
	}
	for signature := range mended {
		if end.verdict() == iam.Denied && end.refuses(signature) {
			return nil, false
		}
	}
	return &course{steps: append(slices.Clone(p.steps), st), end: end}, true
}

// minimal leaves out every step without which the request is still allowed, the
// costliest first.
func (s *search) minimal(p *course) *course {
	order := slices.Clone(p.steps)
	slices.SortStableFunc(order, func(a, b *step) int { return b.cost - a.cost })
	for _, st := range order {
		if len(p.steps) == 1 {
			break
		}
		steps := slices.DeleteFunc(slices.Clone(p.steps), func(o *step) bool { return o == st })
		if end := s.walk(steps); end != nil && end.verdict() == iam.Allowed {
			p = &course{steps: steps, end: end}
		}
	}
	return p
}

// walk takes steps one after the other; nil where one cannot be taken.
func (s *search) walk(steps []*step) *state {
	end := s.start
	for _, st := range steps {
		next, err := end.after(st)
		if err != nil {
			return nil
		}
		end = next
	}
	return end
}
