package gather

import (
	"fmt"
	"sync"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/policy"
	"github.com/why403/why403/request"
)

// A Gatherer gathers facts from one estate, and keeps what it has made ready of
// callers and buckets. It is safe for concurrent use. The estate must not change
// while it is used.
type Gatherer struct {
	estate    *estate.Estate
	now       func() time.Time
	strangers map[iam.AccountID]string
	limit     int // of each of callers, sides and buckets; 0 for none

	unreadEndpoints []decide.Endpoint

	mu      sync.RWMutex
	callers map[string]*callerFacts
	sides   map[sideKey]decide.Side
	buckets map[sideKey]*decide.Bucket // those that the estate holds, for a caller
	keys    map[string]condition.Layer // that follow from a bucket
	ids     map[iam.AccountID]string   // canonical ones
}

// sideKey names the policy of one resource for one caller.
type sideKey struct{ resource, caller string }

// New returns a Gatherer. now gives the time of requests that state none.
func New(e *estate.Estate, now func() time.Time) *Gatherer {
	return &Gatherer{estate: e, now: now, unreadEndpoints: unreadEndpoints(e), callers: map[string]*callerFacts{}, sides: map[sideKey]decide.Side{}, buckets: map[sideKey]*decide.Bucket{}, keys: map[string]condition.Layer{}, ids: map[iam.AccountID]string{}}
}

// WithStrangers declares accounts that the estate does not hold, each with its
// canonical id or "", to let their own root users do everything: what those may
// is then for the resource's side alone to say. Whether such an account belongs
// to an organization is not known. It is to be called before the first Facts.
func (g *Gatherer) WithStrangers(canonical map[iam.AccountID]string) *Gatherer {
	g.strangers = canonical
	return g
}

// WithLimit bounds how many callers, and policies and buckets for a caller, are kept:
// where clients choose the names of sessions, there is no end of callers. It is to be
// called before the first Facts.
func (g *Gatherer) WithLimit(n int) *Gatherer {
	g.limit = n
	return g
}

// keep keeps something in one of the maps, which begins anew when it is full.
func keep[K comparable, V any](g *Gatherer, in map[K]V, key K, v V) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.limit > 0 && len(in) >= g.limit {
		clear(in)
	}
	in[key] = v
}

// Facts gathers what decides the request. The error is of type *node.Error, and
// about the request.
func (g *Gatherer) Facts(r *request.Request) (*decide.Facts, error) { return g.gatherIn(&room{}, r) }

// FactsIn is Facts in the room of w: the facts are good until its next use.
func (g *Gatherer) FactsIn(w *Work, r *request.Request) (*decide.Facts, error) {
	if w.pattern.fits(g, r) {
		return w.again(r), nil
	}
	w.pattern.gatherer = nil
	f, err := g.gatherIn(&w.room, r)
	if err == nil {
		w.learn(g, r)
	}
	return f, err
}

func (g *Gatherer) gatherIn(w *room, r *request.Request) (*decide.Facts, error) {
	t := w.begin(g, r)
	if r.Time != nil {
		t.time = *r.Time
	} else {
		t.time = g.now()
	}
	t.facts.Time = t.time
	if err := t.gather(); err != nil {
		return nil, err
	}
	return t.facts, nil
}

// task is the work on one request.
type task struct {
	*Gatherer
	room  *room
	r     *request.Request
	facts *decide.Facts
	time  time.Time
	spec  *s3op.Spec // nil where the request asks about one action alone

	caller     *callerFacts
	callerID   string // of caches
	account    *estate.Account
	overrides  condition.Layer
	connection condition.Layer // request, network and signature
	bucket     *estate.Bucket  // nil where the estate does not hold it
	object     *objectFacts
	point      *decide.AccessPoint
	pointKeys  condition.Layer

	source struct {
		bucket       *estate.Bucket
		name         string
		key, version string
		facts        *decide.Bucket
		object       *objectFacts
		point        *decide.AccessPoint // that the source is read through
		pointKeys    condition.Layer
	}
}

func (t *task) errorf(format string, args ...any) error {
	return &node.Error{Pos: t.r.Pos, Msg: fmt.Sprintf(format, args...)}
}

func (t *task) gather() error {
	if t.r.Operation != "" {
		spec, ok := s3op.Lookup(t.r.Operation)
		if !ok {
			if near, ok := s3op.Similar(t.r.Operation); ok {
				return t.errorf("unknown operation %q; did you mean %q?", t.r.Operation, near)
			}
			return t.errorf("unknown operation %q", t.r.Operation)
		}
		t.spec = spec
		if err := t.checkNames(); err != nil {
			return err
		}
	}
	t.overrides = make(condition.Layer, 0, len(t.r.Context))
	for name, v := range t.r.Context {
		t.overrides.Set(condition.Intern(name), v.Value)
	}
	if err := t.gatherCaller(); err != nil {
		return err
	}
	if err := t.gatherTarget(); err != nil {
		return err
	}
	t.gatherEndpoint()
	t.connection = t.connectionKeys()
	t.facts.Wire = t.wire()
	t.facts.Success, t.facts.Head = 200, false
	if t.spec == nil {
		return t.directChecks()
	}
	t.facts.Success = t.spec.Success
	t.facts.Head = t.spec.Method == "HEAD"
	t.operationChecks()
	if len(t.facts.Checks) == 0 && t.spec.Action != "" {
		return t.errorf("%s asks for nothing that could be decided", t.spec.Name)
	}
	t.facts.Form = t.form()
	return nil
}

func (t *task) checkNames() error {
	switch {
	case t.spec.Scope == s3op.Bucket && t.r.Bucket == "" && t.r.AccessPoint == "":
		return t.errorf("%s needs a bucket", t.spec.Name)
	case t.spec.Scope == s3op.Object && t.r.Bucket == "" && t.r.AccessPoint == "":
		return t.errorf("%s needs a bucket and a key", t.spec.Name)
	case t.spec.Scope == s3op.Object && t.r.Key == "":
		return t.errorf("%s needs a key", t.spec.Name)
	}
	return nil
}

// side returns a resource's policy for the caller, from the cache where it can.
func (t *task) side(resource string, named policy.Named, forms policy.Via) decide.Side {
	key := sideKey{resource, t.callerID}
	t.mu.RLock()
	s, ok := t.sides[key]
	t.mu.RUnlock()
	if ok && t.callerID != "" {
		return s
	}
	set, err := policy.NewSetVia([]policy.Named{named}, &t.caller.facts.Caller, forms)
	if err != nil {
		s = decide.Side{Missing: []decide.Missing{{What: "policy " + named.Name, Why: err.Error()}}}
	} else {
		s = decide.Side{Set: set}
	}
	if t.callerID != "" {
		keep(t.Gatherer, t.sides, key, s)
	}
	return s
}

// unread returns what a resource's Unknown says about some of its fields.
func unread(u estate.Unknowns, what string, names ...string) []decide.Missing {
	if why, ok := u.Why(names...); ok {
		return []decide.Missing{{What: what, Why: why}}
	}
	return nil
}

// unreadPart is unread of a part of something; no text is made where all is known.
func unreadPart(u estate.Unknowns, part, of string, names ...string) []decide.Missing {
	if len(u) == 0 {
		return nil
	}
	return unread(u, part+of, names...)
}

// canonical returns the canonical id of an account.
func (t *task) canonical(a *estate.Account) string {
	t.mu.RLock()
	id, ok := t.ids[a.ID]
	t.mu.RUnlock()
	if !ok {
		id = a.Canonical()
		t.mu.Lock()
		t.ids[a.ID] = id
		t.mu.Unlock()
	}
	return id
}

// everyForm is all forms of principal.
const everyForm = ^policy.Via(0)

// accountOf returns an account of the estate, or nil.
func (t *task) accountOf(id iam.AccountID) *estate.Account {
	a, ok := t.estate.Account(id)
	if !ok {
		return nil
	}
	return a
}
