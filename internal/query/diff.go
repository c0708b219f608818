package query

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/policy"
	"github.com/why403/why403/report"
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
	return Between(New(before, clock), New(after, clock), s)
}

// Between is Difference for estates that have been made ready.
func Between(before, after *Engine, s Scope) (*Diff, error) {
	d := &differ{before: before, after: after, scope: s, done: map[cell]bool{}}
	d.index()
	c := comparison{before: before, after: after}
	for _, x := range c.run() {
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
	places        [2][]int  // per estate and principal of it: its pair
	listed        [2][]bool // per estate and pair: whether the estate lists it
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
		d.places[n], d.listed[n] = make([]int, len(e.principals)), make([]bool, len(d.pairs))
		for i := range e.principals {
			d.places[n][i] = d.byName[e.principals[i].Name]
			d.listed[n][d.places[n][i]] = true
		}
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
	var who []bool // per pair; nil for all
	if x.principals != nil {
		who = make([]bool, len(d.pairs))
		for _, name := range x.principals {
			if i, ok := d.byName[name]; ok {
				who[i] = true
			}
		}
	}
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
				if err := d.question(who, u, bucket, point); err != nil {
					return err
				}
			}
		}
	}
	return nil
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

// question asks about one unit on a bucket, for some principals or all.
func (d *differ) question(who []bool, u int, bucket, point string) error {
	a := d.units[u].on(bucket, point)
	if point != "" && a.Operation != "" {
		a.Bucket = ""
	}
	filters := [2]*filter{d.before.filter(&a, d.units[u].object), d.after.filter(&a, d.units[u].object)}
	engines := [2]*Engine{d.before, d.after}
	for i := range engines {
		if d.lacks(engines[i], bucket, point) {
			engines[i] = nil
		}
	}
	alike, answered := [2]*alike{d.before.alike(&a, d.units[u].object), d.after.alike(&a, d.units[u].object)}, map[string][]portion{}
	ask := func(i int) error {
		p := &d.pairs[i]
		key := cell{i, u, bucket, point}
		if d.done[key] {
			return nil
		}
		d.done[key] = true
		both := engines[:]
		if !p.before || !p.after {
			both = slices.Clone(both)
			if !p.before {
				both[0] = nil
			}
			if !p.after {
				both[1] = nil
			}
		}
		if both[0] == nil && both[1] == nil {
			return nil
		}
		if (both[0] == nil || filters[0].refuses(&p.principal)) && (both[1] == nil || filters[1].refuses(&p.principal)) {
			return nil
		}
		kind := fmt.Sprint(both[0] == nil, both[1] == nil)
		for n, e := range both {
			if e != nil {
				kind += " " + alike[n].of(&p.principal)
			}
		}
		list, ok := answered[kind]
		if !ok {
			var err error
			if list, err = answer(both, &p.principal, &d.units[u], &a); err != nil {
				return err
			}
			answered[kind] = list
		}
		d.note(list, &p.principal, d.units[u].action, bucket, point)
		return nil
	}
	for _, i := range d.candidates(filters) {
		if who != nil && !who[i] {
			continue
		}
		if err := ask(i); err != nil {
			return err
		}
	}
	return nil
}

// candidates lists the principals that either filter does not refuse for sure.
func (d *differ) candidates(filters [2]*filter) []int {
	in := make([]bool, len(d.pairs))
	for n, f := range filters {
		list := f.candidates()
		if list == nil {
			for i := range in {
				in[i] = true
			}
			break
		}
		for _, i := range list {
			in[d.places[n][i]] = true
		}
		for i := range d.pairs { // whom this estate does not list, and has all the same
			p := &d.pairs[i]
			if d.listed[n][i] || !(n == 0 && p.before || n == 1 && p.after) {
				continue
			}
			in[i] = true
		}
	}
	var list []int
	for i := range in {
		if in[i] {
			list = append(list, i)
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

// Widens is what a fix says of a change: how many principals gain beside those
// that it is meant for, and whether it makes anything public: open to anyone who
// brings no more than what anyone can.
func (d *Diff) Widens(meant ...string) report.Widens {
	var w report.Widens
	counted := map[string]bool{}
	for i := range d.Changes {
		c := &d.Changes[i]
		if !c.Gains() || slices.Contains(meant, c.Principal.Name) {
			continue
		}
		counted[c.Principal.Name] = true
		w.Public = w.Public || c.opens()
	}
	w.Principals = len(counted)
	return w
}

// opens reports a gain of anonymous callers or any AWS account that no fixed
// network, endpoint or organization limits.
func (c *Change) opens() bool {
	if c.Principal.Name != Anonymous && c.Principal.Name != OtherAccounts {
		return false
	}
	if c.After.Verdict == iam.Allowed || len(c.After.If) == 0 || c.After.Partial {
		return true
	}
	return slices.ContainsFunc(c.After.If, func(alternative []Condition) bool {
		return !covered(alternative, c.Before.If) && !slices.ContainsFunc(alternative, limits)
	})
}

// limits reports conditions that not everyone can meet.
func limits(c Condition) bool {
	switch c.Key {
	case "aws:PrincipalOrgID", "aws:PrincipalOrgPaths":
		return true
	case "network":
		return c.Text != "it comes over the public network" && c.Text != "it comes from a public address that no policy names" &&
			c.Text != "it comes through a VPC endpoint that no policy names"
	}
	return false
}
