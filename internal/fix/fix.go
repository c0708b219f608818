package fix

import (
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/gather"
	"github.com/why403/why403/request"
)

// A Fixer finds fixes for requests in one estate.
type Fixer struct {
	// ForPrefix widens what is allowed from the exact key to all keys that begin
	// so; "" for the exact key.
	ForPrefix string

	estate   *estate.Estate
	gatherer *gather.Gatherer
	now      time.Time

	tried int      // decisions that were made
	notes []string // of places that are full
}

// New returns a Fixer for an estate. now is the time of requests that state none.
func New(e *estate.Estate, now time.Time) *Fixer {
	return Over(e, gather.New(e, func() time.Time { return now }), now)
}

// Over is New with a gatherer of the estate that is at hand.
func Over(e *estate.Estate, g *gather.Gatherer, now time.Time) *Fixer {
	return &Fixer{estate: e, gatherer: g, now: now}
}

// A Plan is steps after which a request is allowed, or not known.
type Plan struct {
	path     *path
	Verified bool
}

// Plans finds plans for a request that is denied, the one that opens least
// first. There is none for one that is allowed.
func (f *Fixer) Plans(r *request.Request) ([]*Plan, error) {
	start, err := decided(f.gatherer, f.estate, r, f.now)
	if err != nil || start.verdict() == iam.Allowed {
		return nil, err
	}
	s := &search{Fixer: f, start: start, seen: map[string]bool{}}
	s.run()
	var plans []*Plan
	for _, p := range s.found {
		plans = append(plans, &Plan{path: p, Verified: p.end.verdict() == iam.Allowed})
	}
	return plans, nil
}
