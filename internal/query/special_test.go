package query

import (
	"testing"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/gather"
	"github.com/why403/why403/request"
)

// What a specialised question answers, a request decided in full is.
func TestSpecialisedIsUnspecialised(t *testing.T) {
	settled, open := 0, 0
	eachEstate(t, 8, func(t *testing.T, e *estate.Estate, asks []Ask, seed uint64) {
		n, m := specialLaw(t, e, asks, seed)
		settled, open = settled+n, open+m
	})
	if settled < 8000 || open < 800 {
		t.Errorf("only %d requests were settled, %d were not", settled, open)
	}
}

func specialLaw(t *testing.T, e *estate.Estate, asks []Ask, seed uint64) (settled, open int) {
	t.Helper()
	q, g := New(e, clock), gather.New(e, clock)
	for _, a := range asks {
		if a.Operation == "" || q.Check(&a) != nil {
			continue
		}
		for i := range q.principals {
			p := &q.principals[i]
			if p.Name == OtherAccounts || p.Kind == "canonical user" {
				continue
			}
			s, err := q.Specialise(p.Name, &a)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range plainRequests(p, &a) {
				v, ok := s.Verdict(r)
				if !ok {
					open++
					continue
				}
				f, err := g.Facts(r)
				if err != nil {
					continue
				}
				settled++
				if want := decide.Allowed(f); want != v {
					t.Errorf("seed %d: %+v by %s on %q: %v specialised, %v in full", seed, a, r.Principal, r.Key, v, want)
				}
			}
		}
	}
	return settled, open
}

// plainRequests are requests of a principal on several keys, in all situations
// and in one of which nothing is stated.
func plainRequests(p *Principal, a *Ask) []*request.Request {
	var list []*request.Request
	keys := []string{a.Key}
	if a.onKeys() {
		keys = append(keys, testKeys...)
	}
	names := []string{p.Name}
	if p.Kind == "role" {
		names = append(names, p.request)
	}
	for i, key := range keys {
		for j, situation := range append(situations, func(*request.Request) {}) {
			if i > 0 && (i+j)%4 != 0 {
				continue
			}
			r := &request.Request{Principal: names[(i+j)%len(names)], Operation: a.Operation, Bucket: a.Bucket, Key: key, VersionID: a.VersionID, AccessPoint: a.AccessPoint, Context: map[string]request.ContextValue{}}
			situation(r)
			if p.kind != iam.RoleSession {
				r.SessionTags = nil
			}
			list = append(list, r)
		}
	}
	return list
}

// FuzzSpecialised holds the same on estates of any seed.
func FuzzSpecialised(f *testing.F) {
	for seed := range uint64(2) {
		f.Add(seed + 5000)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		specialLaw(t, parse(t, newRandom(seed).estateText()), madeAsks, seed)
	})
}

// FuzzDifference holds that a difference is brute force on estates of any seed.
func FuzzDifference(f *testing.F) {
	for seed := range uint64(2) {
		f.Add(seed + 9000)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := newRandom(seed)
		text := r.estateText()
		differs(t, seed, parse(t, text), parse(t, r.mutated(t, text)))
	})
}

// BenchmarkSpecial answers a request of a role on a bucket, specialised and in
// full.
func BenchmarkSpecial(b *testing.B) {
	e := parse(b, largeText(b))
	q := New(e, clock)
	bucket, _ := large.Bucket(21)
	r := &request.Request{Principal: large.Role(41), Operation: "GetObject", Bucket: bucket, Key: "app-01/part-7.parquet", SourceIP: text("203.0.113.7")}
	a := &Ask{Operation: "GetObject", Bucket: bucket}
	b.Run("specialised", func(b *testing.B) {
		s, err := q.Specialise(r.Principal, a)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			if _, ok := s.Verdict(r); !ok {
				b.Fatal("it is not settled")
			}
		}
	})
	b.Run("full", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f, err := q.gatherer.Facts(r)
			if err != nil {
				b.Fatal(err)
			}
			decide.Allowed(f)
		}
	})
	b.Run("specialise", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := q.Specialise(r.Principal, a); err != nil {
				b.Fatal(err)
			}
		}
	})
}
