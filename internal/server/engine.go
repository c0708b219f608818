package server

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/explain"
	"github.com/why403/why403/internal/gather"
	"github.com/why403/why403/internal/server/s3"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// NewEngine returns the engine. It keeps what it has made ready of the estate in
// use. An estate comes into use with the second request on it: those that are made
// for one request, such as a copy, leave no trace.
func NewEngine() Decider { return &engine{} }

type engine struct {
	last  atomic.Pointer[prepared]
	seen  atomic.Pointer[estate.Estate]
	works sync.Pool // of *gather.Work
}

// A prepared estate is one with what was made ready of it.
type prepared struct {
	estate   *estate.Estate
	gatherer *gather.Gatherer
}

// maxCallers bounds how many callers are kept of a state, and buckets for a caller.
const maxCallers = 4096

// prepared returns an estate made ready.
func (n *engine) prepared(e *estate.Estate) *prepared {
	p := n.last.Load()
	if p == nil || p.estate != e {
		p = &prepared{e, gather.New(e, time.Now).WithLimit(maxCallers)}
		if n.seen.Swap(e) == e {
			n.last.Store(p)
		}
	}
	return p
}

// Allow implements Allower.
func (n *engine) Allow(e *estate.Estate, r *request.Request) (s3.Reporter, bool) {
	p := n.prepared(e)
	w, _ := n.works.Get().(*gather.Work)
	if w == nil {
		w = &gather.Work{}
	}
	defer n.works.Put(w)
	facts, err := p.gatherer.FactsIn(w, r)
	if err != nil || decide.Allowed(facts) != iam.Allowed {
		return nil, false
	}
	return p, true
}

// Report implements s3.Reporter. The facts are kept for the report, not the estate: a
// thousand reports must not hold a thousand estates.
func (p *prepared) Report(r *request.Request) func() *report.Decision {
	facts, err := p.gatherer.Facts(r)
	if err != nil {
		return func() *report.Decision { return notUnderstood(r, err) }
	}
	return func() *report.Decision { return explain.Facts(facts, r) }
}

// Decide implements Decider.
func (n *engine) Decide(e *estate.Estate, r *request.Request) *report.Decision {
	d, _, err := explain.With(n.prepared(e).gatherer, r, explain.Options{})
	if err != nil {
		return notUnderstood(r, err)
	}
	return d
}

// notUnderstood is about a request that the engine does not understand, which is
// neither allowed nor denied: it is not known what it asks for.
func notUnderstood(r *request.Request, err error) *report.Decision {
	return &report.Decision{
		ID: r.ID, Verdict: iam.Unknown, Principal: r.Principal, Operation: r.Operation,
		Checks: []report.Check{}, Contributing: []*report.Cause{}, Fixes: []report.Fix{},
		Unknown: []report.Unknown{{Gate: iam.GateEndpoint, What: "what the request asks for", Why: err.Error()}},
	}
}
