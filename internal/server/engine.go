package server

import (
	"sync/atomic"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/explain"
	"github.com/why403/why403/internal/gather"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// NewEngine returns the engine. It keeps what it has made ready of the estate in
// use. An estate comes into use with the second request on it: those that are made
// for one request, such as a copy, leave no trace.
func NewEngine() Decider { return &engine{} }

type engine struct {
	last atomic.Pointer[prepared]
	seen atomic.Pointer[estate.Estate]
}

type prepared struct {
	estate   *estate.Estate
	gatherer *gather.Gatherer
}

// gatherer returns the gatherer of an estate.
func (n *engine) gatherer(e *estate.Estate) *gather.Gatherer {
	p := n.last.Load()
	if p == nil || p.estate != e {
		p = &prepared{e, gather.New(e, time.Now)}
		if n.seen.Swap(e) == e {
			n.last.Store(p)
		}
	}
	return p.gatherer
}

// Allow implements Allower. The facts are kept for the report, not the estate: a
// thousand reports must not hold a thousand estates.
func (n *engine) Allow(e *estate.Estate, r *request.Request) (func() *report.Decision, bool) {
	facts, err := n.gatherer(e).Facts(r)
	if err != nil || decide.Allowed(facts) != iam.Allowed {
		return nil, false
	}
	return func() *report.Decision { return explain.Facts(facts, r) }, true
}

// Decide implements Decider. A request that the engine does not understand is
// neither allowed nor denied: it is not known what it asks for.
func (n *engine) Decide(e *estate.Estate, r *request.Request) *report.Decision {
	d, _, err := explain.With(n.gatherer(e), r, explain.Options{})
	if err != nil {
		return &report.Decision{
			ID: r.ID, Verdict: iam.Unknown, Principal: r.Principal, Operation: r.Operation,
			Checks: []report.Check{}, Contributing: []*report.Cause{}, Fixes: []report.Fix{},
			Unknown: []report.Unknown{{Gate: iam.GateEndpoint, What: "what the request asks for", Why: err.Error()}},
		}
	}
	return d
}
