package query

import (
	"cmp"
	"slices"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/policy"
)

// A Scope bounds a Difference. The zero Scope is whatever the differences of the
// two estates can affect.
type Scope struct {
	Buckets []string // nil: all
	Actions []string // actions or operations; nil: all actions on buckets and objects

	// Now is the time at which both estates are asked; the zero Time is now.
	Now time.Time
}

// A Change is an action that a principal gains or loses on some keys.
type Change struct {
	Principal   Principal
	Action      string // "s3:GetObject"; the operation where no action is named like it
	Bucket      string
	AccessPoint string   // ARN, where it is access through one
	Keys        []string // patterns; nil for what concerns the bucket
	Before      Access
	After       Access
	Partial     bool // the keys were not all looked at

	portion *portion // that Keys describes; nil for what concerns the bucket
}

// Holds tells whether the change is one of access to the key.
func (c *Change) Holds(key string) bool { return c.portion != nil && c.portion.holds(key) }

// Gains reports whether the change gives something: a better verdict, or more
// circumstances in which there is access.
func (c *Change) Gains() bool {
	if c.After.Verdict != c.Before.Verdict {
		return c.After.Verdict > c.Before.Verdict
	}
	return slices.ContainsFunc(c.After.If, func(after []Condition) bool { return !covered(after, c.Before.If) })
}

// Loses reports whether the change takes something.
func (c *Change) Loses() bool {
	if c.After.Verdict != c.Before.Verdict {
		return c.After.Verdict < c.Before.Verdict
	}
	return slices.ContainsFunc(c.Before.If, func(before []Condition) bool { return !covered(before, c.After.If) })
}

// covered tells whether a set of circumstances holds one of the alternatives.
func covered(set []Condition, alternatives [][]Condition) bool {
	return slices.ContainsFunc(alternatives, func(a []Condition) bool {
		return !slices.ContainsFunc(a, func(c Condition) bool { return !slices.Contains(set, c) })
	})
}

// A Diff is the access that two estates give differently.
type Diff struct {
	Changes []Change
}

// Difference tells which principals gain or lose which action on which keys
// between two estates, anonymous callers and other accounts included. It asks
// only about what their differences can affect; parts of the estates that are the
// same pointer cost nothing to compare.
func Difference(before, after *estate.Estate, s Scope) (*Diff, error) {
	now := s.Now
	if now.IsZero() {
		now = time.Now()
	}
	clock := func() time.Time { return now }
	made := New(before, clock)
	return Between(made, made.After(after), s)
}

// Between is Difference for estates that have been made ready.
func Between(before, after *Engine, s Scope) (*Diff, error) {
	d := &differ{before: before, after: after, scope: s, done: map[cell]bool{}}
	d.index()
	c := comparison{before: before, after: after}
	effects, err := c.run()
	if err != nil {
		return nil, err
	}
	for _, x := range effects {
		if err := d.effect(&x); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(d.changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.Bucket, b.Bucket), cmp.Compare(a.AccessPoint, b.AccessPoint),
			cmp.Compare(d.order[a.Principal.Name], d.order[b.Principal.Name]), cmp.Compare(a.Action, b.Action))
	})
	return &Diff{Changes: d.changes}, nil
}

// differ asks two estates about the same.
type differ struct {
	before, after *Engine
	scope         Scope
	units         []unit
	buckets       []string
	pairs         []pair // of every principal that either estate has
	byName        map[string]int
	order         map[string]int
	places        [2][]int // per estate and principal of it: its pair
	unlisted      [2][]int // per estate: pairs that it does not list, and has all the same
	done          map[cell]bool
	changes       []Change
}

// cell is one question that is asked once.
type cell struct {
	principal, unit int
	bucket, point   string
}

// pair is a principal with the estates that have it.
type pair struct {
	principal Principal
	before    bool
	after     bool
}

func (d *differ) index() {
	d.units = units()
	if d.scope.Actions != nil {
		d.units = unitsNamed(d.scope.Actions)
	}
	d.byName, d.order = map[string]int{}, map[string]int{}
	for _, p := range d.before.principals {
		d.byName[p.Name] = len(d.pairs)
		d.pairs = append(d.pairs, pair{p, true, false})
	}
	for _, p := range d.after.principals {
		if i, ok := d.byName[p.Name]; ok {
			d.pairs[i].after = true
			continue
		}
		d.byName[p.Name] = len(d.pairs)
		d.pairs = append(d.pairs, pair{p, d.before.has(&p), true})
	}
	for i := range d.pairs {
		d.order[d.pairs[i].principal.Name] = i
		d.pairs[i].after = d.pairs[i].after || d.after.has(&d.pairs[i].principal)
	}
	for n, e := range []*Engine{d.before, d.after} {
		d.place(n, e)
		for _, a := range e.estate.Accounts {
			for name := range a.Buckets {
				if d.scope.Buckets == nil || slices.Contains(d.scope.Buckets, name) {
					d.buckets = append(d.buckets, name)
				}
			}
		}
	}
	slices.Sort(d.buckets)
	d.buckets = slices.Compact(d.buckets)
}

// place notes where the principals of an estate stand among the pairs.
func (d *differ) place(n int, e *Engine) {
	listed := make([]bool, len(d.pairs))
	d.places[n] = make([]int, len(e.principals))
	for i := range e.principals {
		d.places[n][i] = d.byName[e.principals[i].Name]
		listed[d.places[n][i]] = true
	}
	for i := range d.pairs {
		if p := &d.pairs[i]; !listed[i] && (n == 0 && p.before || n == 1 && p.after) {
			d.unlisted[n] = append(d.unlisted[n], i)
		}
	}
}

// has tells whether somebody whom an estate does not list could make requests in
// it all the same: outsiders can, and so can sessions of its roles, whether a
// policy names them or not.
func (e *Engine) has(p *Principal) bool {
	if p.Account == "" || p.Outside {
		return true
	}
	a, ok := e.estate.Account(p.Account)
	switch {
	case !ok:
		return true
	case p.kind == iam.User:
		return a.Users[p.entity] != nil
	case p.kind == iam.RoleSession:
		return a.Roles[p.entity] != nil
	}
	return true
}

// effect asks about all that one effect may change.
func (d *differ) effect(x *effect) error {
	who := d.pairsNamed(x.principals)
	spoken := make([][]*policy.Statement, len(d.units))
	for u := range d.units {
		spoken[u] = x.spoken(&d.units[u])
	}
	for _, bucket := range d.buckets {
		if x.buckets != nil && !slices.Contains(x.buckets, bucket) {
			continue
		}
		named := x.naming(d.after.prefix(bucket))
		for u := range d.units {
			if len(x.statements) > 0 && !slices.ContainsFunc(spoken[u], func(st *policy.Statement) bool { return named[st] }) {
				continue
			}
			for _, point := range d.ways(bucket, &d.units[u]) {
				if err := d.question(u, bucket, point).put(who); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// pairsNamed returns the places of pairs by their names, in order; nil for nil.
func (d *differ) pairsNamed(names []string) []int {
	if names == nil {
		return nil
	}
	list := []int{}
	for _, name := range names {
		if i, ok := d.byName[name]; ok {
			list = append(list, i)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// ways lists the access points of a bucket that take a unit, "" for none first.
func (d *differ) ways(bucket string, u *unit) []string {
	list := []string{""}
	if !u.through {
		return list
	}
	for _, e := range []*Engine{d.before, d.after} {
		for _, p := range e.estate.AccessPointsOf(bucket) {
			list = addNew(list, p.ARN(estate.PartitionOf(p.Region)))
		}
	}
	return list
}

// lacks tells whether an estate does not hold a bucket, or an access point.
func (d *differ) lacks(e *Engine, bucket, point string) bool {
	if _, ok := e.estate.Bucket(bucket); !ok {
		return true
	}
	if point == "" {
		return false
	}
	_, ok := e.estate.AccessPoint(point)
	return !ok
}

// answer asks several estates about a unit, on one bucket or on all of its keys.
func answer(engines []*Engine, p *Principal, u *unit, a *Ask) ([]portion, error) {
	if u.object {
		return portions(engines, p, a)
	}
	answers, err := accesses(engines, p, a)
	return []portion{{accesses: answers}}, err
}

// note notes where the answers differ.
func (d *differ) note(list []portion, p *Principal, action, bucket, point string) {
	for i := range list {
		o := &list[i]
		b, n := &o.accesses[0], &o.accesses[1]
		if Same(b, n) {
			continue
		}
		c := Change{Principal: *p, Action: action, Bucket: bucket, AccessPoint: point, Keys: o.keys,
			Before: *b, After: *n, Partial: o.partial || b.Partial || n.Partial}
		if o.space != nil {
			c.portion = o
		}
		d.changes = append(d.changes, c)
	}
}
