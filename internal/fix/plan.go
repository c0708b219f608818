package fix

import (
	"cmp"
	"slices"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/gather"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/internal/query"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// A Fixer finds fixes for requests in one estate. It is not safe for concurrent
// use.
type Fixer struct {
	// ForPrefix widens what is allowed from the exact key to all keys that begin
	// so; "" for the exact key.
	ForPrefix string

	estate   *estate.Estate
	gatherer *gather.Gatherer
	now      time.Time
	engine   *query.Engine // of the estate as it is, made when first needed

	documents map[string][]node.Pointer // by file; nil until first needed

	full []string // of policies that have no room
}

// New returns a Fixer for an estate. now is the time of requests that state none.
func New(e *estate.Estate, now time.Time) *Fixer {
	return Over(e, gather.New(e, func() time.Time { return now }), now)
}

// Over is New with a gatherer of the estate that is at hand.
func Over(e *estate.Estate, g *gather.Gatherer, now time.Time) *Fixer {
	return &Fixer{estate: e, gatherer: g, now: now}
}

// A Plan is steps after which a request is allowed, or not known. Plans hold on to
// the estate and request that they lead to.
type Plan struct {
	// Verified tells that the engine, asked again, decides allowed.
	Verified bool

	// Widens says who gains beside the request's principal.
	Widens report.Widens

	start, end *state
	steps      []*step
	full       []string // policies that had no room for the change
}

// Estate returns the estate with the plan's changes made.
func (p *Plan) Estate() *estate.Estate { return p.end.estate }

// Request returns the request with the plan's changes made.
func (p *Plan) Request() *request.Request { return p.end.request }

// OfEstate reports a plan that changes nothing of the request.
func (p *Plan) OfEstate() bool { return p.end.request == p.start.request }

// Plans finds plans for a request that is denied, the one that opens least first;
// at most max, or all where max is 0. There is none for a request that is allowed
// or not known. A plan that turns Block Public Access off, or lets everyone in, is
// among them only where nothing else helps.
func (f *Fixer) Plans(r *request.Request, max int) ([]*Plan, error) {
	start, err := decided(f.gatherer, f.estate, r, f.now)
	if err != nil || start.verdict() != iam.Denied {
		return nil, err
	}
	return f.widened(f.find(start), max)
}

// find returns all plans, the cheapest first, before it is known whom they let in.
func (f *Fixer) find(start *state) []*Plan {
	f.full = nil
	s := &search{Fixer: f, start: start, seen: map[string]bool{}}
	s.run()
	plans := s.plans()
	slices.SortStableFunc(plans, func(a, b *Plan) int { return cmp.Compare(a.cost(), b.cost()) })
	if len(plans) > 0 {
		slices.Sort(f.full)
		plans[0].full = slices.Compact(f.full)
	}
	return plans
}

// plans are the courses that were found: those that end allowed; if none does, those
// whose end is not known.
func (s *search) plans() []*Plan {
	var verified, open []*Plan
	for _, p := range s.found {
		plan := &Plan{Verified: p.end.verdict() == iam.Allowed, start: s.start, end: p.end, steps: merged(p.steps)}
		switch p.end.verdict() {
		case iam.Allowed:
			verified = append(verified, plan)
		case iam.Unknown:
			open = append(open, plan)
		}
	}
	if len(verified) > 0 {
		return verified
	}
	return open
}

// cost is what ranks a plan: what its steps cost together.
func (p *Plan) cost() int {
	total := 0
	for _, st := range p.steps {
		total += st.cost + map[opening]int{opensOther: costOpens, opensPublic: costPublic}[st.opens]
	}
	return total
}

// opens names to whom a plan opens something of another: the caller's account, and
// the public.
func (p *Plan) opens() []string {
	var list []string
	if p.Widens.Public {
		list = append(list, "the public")
	}
	if slices.ContainsFunc(p.steps, func(st *step) bool { return st.opens == opensOther }) {
		list = append(list, "account "+string(p.end.facts.Caller.Account))
	}
	return list
}

// drastic reports a plan that opens something to the public, or takes away what
// keeps it from being opened.
func (p *Plan) drastic() bool {
	return p.Widens.Public || slices.ContainsFunc(p.steps, func(st *step) bool { return st.cost >= costBlock })
}

// widened finds out whom plans let in, as far as the best of them are wanted.
func (f *Fixer) widened(plans []*Plan, max int) ([]*Plan, error) {
	var good, bad []*Plan
	for _, p := range plans {
		if err := f.widen(p); err != nil {
			return nil, err
		}
		if p.drastic() {
			bad = append(bad, p)
			continue
		}
		if good = append(good, p); len(good) == max {
			return good, nil
		}
	}
	if len(good) == 0 {
		good = bad
	}
	slices.SortStableFunc(good, func(a, b *Plan) int { return cmp.Compare(btoi(a.Widens.Public), btoi(b.Widens.Public)) })
	if max > 0 && len(good) > max {
		good = good[:max]
	}
	return good, nil
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// maxWho is how many of those who gain are named.
const maxWho = 20

// widen asks who gains by a plan beside the principal that the request is made
// as. What changes in the request alone opens nothing.
func (f *Fixer) widen(p *Plan) error {
	if p.end.estate == f.estate {
		return nil
	}
	clock := func() time.Time { return f.now }
	if f.engine == nil {
		f.engine = query.New(f.estate, clock)
	}
	d, err := query.Between(f.engine, f.engine.After(p.end.estate), query.Scope{Now: f.now})
	if err != nil {
		return err
	}
	meant := []string{principalARN(&p.start.facts.Caller), p.start.facts.Caller.ARN(), principalARN(&p.end.facts.Caller), p.end.facts.Caller.ARN()}
	p.Widens = d.Widens(meant...)
	for i := range d.Changes {
		c := &d.Changes[i]
		if c.Gains() && !slices.Contains(meant, c.Principal.Name) && !slices.Contains(p.Widens.Who, c.Principal.Name) && len(p.Widens.Who) < maxWho {
			p.Widens.Who = append(p.Widens.Who, c.Principal.Name)
		}
	}
	return nil
}
