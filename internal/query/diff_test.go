package query

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/report"
)

// testKeys are keys on either side of every pattern that random estates have.
var testKeys = []string{"a", "b", "x", "a/b", "a/c", "ab", "a/b/c", "x.c", "a/x.c", "ann/x", "z/y", "a/", ".c", "new/k"}

var diffActions = []string{"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket", "s3:PutBucketPolicy", "s3:GetObjectVersion", "s3:BypassGovernanceRetention"}

// A difference is what asking for every principal, action and key on both sides
// finds, and no more.
func TestDifferenceIsBruteForce(t *testing.T) {
	changes, gains := 0, 0
	for seed := range uint64(8) {
		r := newRandom(seed + 1000)
		text := r.estateText()
		n, g := differs(t, seed, parse(t, text), parse(t, r.mutated(t, text)))
		changes, gains = changes+n, gains+g
	}
	if changes < 200 || gains < 2 {
		t.Errorf("only %d changes, %d gains", changes, gains)
	}
}

func differs(t *testing.T, seed uint64, before, after *estate.Estate) (changes, gains int) {
	t.Helper()
	d, err := Difference(before, after, Scope{Actions: diffActions, Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	engines := []*Engine{New(before, clock), New(after, clock)}
	found := map[string]bool{}
	for i := range d.Changes {
		c := &d.Changes[i]
		if c.Gains() {
			gains++
		}
		if !c.Gains() && !c.Loses() {
			t.Errorf("seed %d: a change that gives and takes nothing: %+v", seed, c)
		}
		for _, key := range testKeys {
			if c.Keys == nil || c.Holds(key) {
				found[cellName(&c.Principal, c.Action, c.Bucket, c.AccessPoint, key)] = true
			}
		}
	}
	forEachCell(t, engines, func(name string, p *Principal, a *Ask, both []*Engine) {
		answers, err := accesses(both, p, a)
		if err != nil {
			t.Fatal(err)
		}
		differ := !Same(&answers[0], &answers[1])
		if differ {
			changes++
		}
		if differ != found[name] {
			t.Errorf("seed %d: %s: brute force says %v, %+v and %+v; the difference says %v", seed, name, differ, answers[0], answers[1], found[name])
		}
	})
	return changes, gains
}

func cellName(p *Principal, action, bucket, point, key string) string {
	return fmt.Sprintf("%s %s on %s/%s by %s", action, point, bucket, key, p.Name)
}

// forEachCell asks both estates about everything, without a bound on what the
// change can affect, and without a filter.
func forEachCell(t *testing.T, engines []*Engine, visit func(name string, p *Principal, a *Ask, both []*Engine)) {
	t.Helper()
	var all []Principal
	for _, e := range engines {
		for _, p := range e.principals {
			if !slices.ContainsFunc(all, func(o Principal) bool { return o.Name == p.Name }) {
				all = append(all, p)
			}
		}
	}
	for _, u := range unitsNamed(diffActions) {
		for _, bucket := range []string{"b", "other"} {
			for _, point := range pointsOf(engines, bucket) {
				if point != "" && !u.through {
					continue // an access point does not take it
				}
				for i := range all {
					both := slices.Clone(engines)
					for j, e := range engines {
						_, held := e.estate.AccessPoint(point)
						if !e.has(&all[i]) || point != "" && !held {
							both[j] = nil
						}
					}
					if both[0] == nil && both[1] == nil {
						continue
					}
					for _, key := range testKeys {
						a := u.on(bucket, point)
						if point != "" {
							a.Bucket = ""
						}
						if u.object {
							a.Key, a.typical = key, true
						}
						visit(cellName(&all[i], u.action, bucket, point, key), &all[i], &a, both)
						if !u.object {
							for _, key := range testKeys[1:] {
								visit(cellName(&all[i], u.action, bucket, point, key), &all[i], &a, both)
							}
							break
						}
					}
				}
			}
		}
	}
}

func pointsOf(engines []*Engine, bucket string) []string {
	list := []string{""}
	for _, e := range engines {
		for _, p := range e.estate.AccessPointsOf(bucket) {
			list = addNew(list, p.ARN("aws"))
		}
	}
	return list
}

// An estate made ready from the one that it is a copy of answers as one that is
// made ready anew.
func TestAfterIsNew(t *testing.T) {
	for seed := range uint64(25) {
		r := newRandom(seed + 3000)
		data := r.estateText()
		before, other := parse(t, data), parse(t, r.mutated(t, data))
		after := sharing(before, other)
		if err := after.Link(); err != nil {
			t.Fatal(err)
		}
		fresh, from := New(after, clock), New(before, clock).After(after)
		for _, a := range madeAsks {
			want, err := fresh.WhoCan(&a, false)
			if err != nil {
				continue
			}
			got, err := from.WhoCan(&a, false)
			got = slices.DeleteFunc(got, func(w report.Who) bool { // whom the change has ceased to name
				return !slices.ContainsFunc(fresh.principals, func(p Principal) bool { return p.Name == w.Principal })
			})
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("seed %d: %+v: %v\nfrom the copied: %+v\nanew: %+v", seed, a, err, got, want)
			}
		}
	}
}

// sharing is the second estate, with all that is alike taken from the first.
func sharing(before, after *estate.Estate) *estate.Estate {
	out := copyOf(before)
	for id, a := range out.Accounts {
		b := after.Accounts[id]
		a.Users, a.Roles, a.Buckets = share(a.Users, b.Users), share(a.Roles, b.Roles), share(a.Buckets, b.Buckets)
		a.Keys, a.ManagedPolicies, a.PublicAccessBlock = share(a.Keys, b.Keys), share(a.ManagedPolicies, b.ManagedPolicies), b.PublicAccessBlock
	}
	return out
}

func share[V any](a, b map[string]*V) map[string]*V {
	if same(a, b) {
		return a
	}
	out := map[string]*V{}
	for k, v := range b {
		if out[k] = v; a[k] != nil && same(a[k], v) {
			out[k] = a[k]
		}
	}
	return out
}

// An estate does not differ from itself, read twice.
func TestNoDifferenceFromItself(t *testing.T) {
	eachEstate(t, 20, func(t *testing.T, e *estate.Estate, _ []Ask, seed uint64) {
		d, err := Difference(e, e, Scope{})
		if err != nil || len(d.Changes) > 0 {
			t.Errorf("seed %d: %v %v", seed, d, err)
		}
		if effects, err := (&comparison{before: New(e, clock), after: New(e, clock)}).run(); err != nil || len(effects) > 0 {
			t.Errorf("seed %d: effects of no difference: %+v %v", seed, effects, err)
		}
	})
	text := newRandom(7).estateText()
	if effects, err := (&comparison{before: New(parse(t, text), clock), after: New(parse(t, text), clock)}).run(); err != nil || len(effects) > 0 {
		t.Errorf("effects between two readings of one file: %+v %v", effects, err)
	}
}

// What a region is called is what it holds.
func TestDescriptionsOfRegionsAreExact(t *testing.T) {
	r := newRandom(11)
	pool := []string{"a*", "a/*", "a/b", "*c", "b/*", "b/?", "x"}
	for range 500 {
		var patterns []condition.Pattern
		for range 1 + r.IntN(4) {
			p, _ := condition.Dialect{Wildcards: true}.Compile(r.pick(pool...))
			patterns = append(patterns, p)
		}
		s := spaces{made: map[string]*keySpace{}}
		space := s.of(patterns)
		region := make([]bool, len(space.classes))
		for c := range region {
			region[c] = r.chance(50)
		}
		described := space.describe(region)
		for c := range space.classes {
			if got := named(described, space.classes[c].Text); got != region[c] {
				t.Fatalf("%v of %d classes is called %q, which of %q says %v", region, len(region), described, space.classes[c].Text, got)
			}
		}
	}
}

// named tells whether a description names a key.
func named(described []string, key string) bool {
	matches := func(pattern string) bool {
		p, _ := condition.Dialect{Wildcards: true}.Compile(pattern)
		return p.Match(key, nil) == condition.True
	}
	return slices.ContainsFunc(described, func(text string) bool {
		in, except, has := strings.Cut(text, " except ")
		for _, p := range strings.Split(in, " and ") {
			if !matches(p) {
				return false
			}
		}
		return !has || !slices.ContainsFunc(strings.Split(except, ", "), matches)
	})
}
