package query

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
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

// question is one unit on a bucket, directly or through an access point, that is
// put to two estates.
type question struct {
	*differ
	u             int
	bucket, point string
	ask           Ask
	engines       [2]*Engine // nil where the estate lacks the bucket
	filters       [2]*filter
	alike         [2]*alike
	answered      map[string][]portion // by who is alike
}

func (d *differ) question(u int, bucket, point string) *question {
	q := &question{differ: d, u: u, bucket: bucket, point: point, ask: d.units[u].on(bucket, point)}
	if point != "" && q.ask.Operation != "" {
		q.ask.Bucket = ""
	}
	for i, e := range []*Engine{d.before, d.after} {
		q.filters[i] = e.filter(&q.ask, d.units[u].object)
		if !d.lacks(e, bucket, point) {
			q.engines[i] = e
		}
	}
	return q
}

// put asks for some principals, or for all.
func (q *question) put(who []int) error {
	if who == nil || len(who) > 100 {
		candidates := q.candidates()
		if who != nil {
			candidates = slices.DeleteFunc(candidates, func(i int) bool { _, in := slices.BinarySearch(who, i); return !in })
		}
		who = candidates
	}
	for _, i := range who {
		key := cell{i, q.u, q.bucket, q.point}
		if q.done[key] {
			continue
		}
		q.done[key] = true
		if err := q.one(&q.pairs[i]); err != nil {
			return err
		}
	}
	return nil
}

// one asks for one principal.
func (q *question) one(p *pair) error {
	both := []*Engine{q.engines[0], q.engines[1]}
	refused := true
	for n, has := range []bool{p.before, p.after} {
		if !has {
			both[n] = nil
		}
		refused = refused && (both[n] == nil || q.filters[n].refuses(&p.principal))
	}
	if refused {
		return nil
	}
	unit := &q.units[q.u]
	kind := q.kind(both, &p.principal)
	list, ok := q.answered[kind]
	if !ok {
		var err error
		if list, err = answer(both, &p.principal, unit, &q.ask); err != nil {
			return err
		}
		q.answered[kind] = list
	}
	q.note(list, &p.principal, unit.action, q.bucket, q.point)
	return nil
}

// kind is what principals who are alike in both estates have in common.
func (q *question) kind(both []*Engine, p *Principal) string {
	if q.answered == nil {
		q.answered = map[string][]portion{}
		q.alike = [2]*alike{q.before.alike(&q.ask, q.units[q.u].object), q.after.alike(&q.ask, q.units[q.u].object)}
	}
	kind := ""
	for n, e := range both {
		if e != nil {
			kind += q.alike[n].of(p)
		}
		kind += "|"
	}
	return kind
}

// candidates lists the principals that either filter does not refuse for sure, in
// order.
func (q *question) candidates() []int {
	var list []int
	for n, f := range q.filters {
		candidates := f.candidates()
		if candidates == nil {
			list = make([]int, len(q.pairs))
			for i := range list {
				list[i] = i
			}
			return list
		}
		for _, i := range candidates {
			list = append(list, q.places[n][i])
		}
		list = append(list, q.unlisted[n]...)
	}
	slices.Sort(list)
	return slices.Compact(list)
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

// limits reports conditions that not everyone can meet. An address range counts
// where S3 counts it: from /8 on, for IPv6 from /32 (see policy.Public).
func limits(c Condition) bool {
	switch c.Key {
	case "aws:PrincipalOrgID", "aws:PrincipalOrgPaths":
		return true
	case networkKey:
		text, from := strings.CutPrefix(c.Text, fromAddress)
		if !from || strings.HasPrefix(text, "vpc-") {
			return c.Text != overPublic && c.Text != throughOther
		}
		text, _, _ = strings.Cut(text, " ")
		p, err := netip.ParsePrefix(text)
		if err != nil {
			_, err := netip.ParseAddr(text)
			return err == nil // "a public address that no policy names" is none
		}
		return p.Addr().Is4() && p.Bits() >= 8 || !p.Addr().Is4() && p.Bits() >= 32
	}
	return false
}
