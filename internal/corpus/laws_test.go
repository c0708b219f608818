package corpus

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/gather"
	"github.com/why403/why403/policy"
	"github.com/why403/why403/request"
)

// The laws of the engine, held on every case of the corpus.

// world is one case made ready anew, so that a law may change its policies.
func world(t *testing.T, file string) (*estate.Estate, []*request.Request) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := parseCase(t, data)
	e, err := estate.ParseFS(c.files, "estate.yaml")
	if err != nil {
		t.Fatal(err)
	}
	requests, err := request.Parse(c.requestName, c.requests)
	if err != nil {
		t.Fatal(err)
	}
	return e, requests
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func decideAll(t *testing.T, e *estate.Estate, requests []*request.Request) []*decide.Decision {
	t.Helper()
	g := gather.New(e, func() time.Time { return noon })
	out := make([]*decide.Decision, len(requests))
	for i, r := range requests {
		f, err := g.Facts(r)
		if err != nil {
			t.Fatal(err)
		}
		out[i] = decide.Decide(f)
	}
	return out
}

func eachCase(t *testing.T, law func(t *testing.T, file string)) {
	files, err := filepath.Glob(filepath.Join(folder, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { law(t, file) })
	}
}

// The order of a policy's statements never matters to the verdict.
func TestOrderOfStatementsNeverMatters(t *testing.T) {
	eachCase(t, func(t *testing.T, file string) {
		e, requests := world(t, file)
		want := decideAll(t, e, requests)
		shuffled, requests := world(t, file)
		rng := rand.New(rand.NewPCG(7, 11))
		for _, d := range shuffled.PolicyDocuments() {
			rng.Shuffle(len(d.Statements), func(i, j int) { d.Statements[i], d.Statements[j] = d.Statements[j], d.Statements[i] })
		}
		for i, got := range decideAll(t, shuffled, requests) {
			if got.Verdict != want[i].Verdict || got.Status != want[i].Status {
				t.Errorf("request %d: %v %d in one order, %v %d in another", i, want[i].Verdict, want[i].Status, got.Verdict, got.Status)
			}
		}
	})
}

// resourcePolicies tells bucket, access point, endpoint and key policies, whose
// statements need a Principal, from the others.
func hasPrincipals(d *policy.Document) bool {
	return len(d.Statements) > 0 && d.Statements[0].HasPrincipal
}

func addStatement(d *policy.Document, effect policy.Effect) {
	st := policy.Statement{Index: len(d.Statements), Effect: effect, Actions: []policy.Value{{Text: "s3:*"}, {Text: "kms:*"}}, Resources: []policy.Value{{Text: "*"}}}
	if hasPrincipals(d) {
		st.HasPrincipal = true
		st.Principals = []policy.PrincipalValue{{Type: "*", Value: policy.Value{Text: "*"}}}
	}
	d.Statements = append(d.Statements, st)
}

// A Deny more never lets a request through that was refused.
func TestDenyMoreNeverAllows(t *testing.T) {
	eachCase(t, func(t *testing.T, file string) {
		e, requests := world(t, file)
		want := decideAll(t, e, requests)
		for n := range len(e.PolicyDocuments()) {
			changed, requests := world(t, file)
			addStatement(changed.PolicyDocuments()[n], policy.Deny)
			for i, got := range decideAll(t, changed, requests) {
				if got.Verdict > want[i].Verdict {
					t.Errorf("request %d: %v, and %v with a Deny more in document %d", i, want[i].Verdict, got.Verdict, n)
				}
			}
		}
	})
}

// An Allow more never refuses a request that was let through, except by making
// a policy public, which Block Public Access then acts on.
func TestAllowMoreNeverDenies(t *testing.T) {
	eachCase(t, func(t *testing.T, file string) {
		e, requests := world(t, file)
		want := decideAll(t, e, requests)
		for n := range len(e.PolicyDocuments()) {
			changed, requests := world(t, file)
			doc := changed.PolicyDocuments()[n]
			if hasPrincipals(doc) {
				continue // it would become public
			}
			addStatement(doc, policy.Allow)
			for i, got := range decideAll(t, changed, requests) {
				if got.Verdict < want[i].Verdict {
					t.Errorf("request %d: %v, and %v with an Allow more in document %d", i, want[i].Verdict, got.Verdict, n)
				}
			}
		}
	})
}

// The verdict without trace is the verdict with it, from a cache as from fresh
// facts.
func TestTraceChangesNothing(t *testing.T) {
	eachCase(t, func(t *testing.T, file string) {
		e, requests := world(t, file)
		g := gather.New(e, func() time.Time { return noon })
		for range 2 {
			for i, r := range requests {
				f, err := g.Facts(r)
				if err != nil {
					t.Fatal(err)
				}
				if fast, full := decide.Allowed(f), decide.Decide(f).Verdict; fast != full {
					t.Errorf("request %d: %v without trace, %v with it", i, fast, full)
				}
			}
		}
	})
}

// What is not known, resolved either way, gives a verdict that the open one
// admitted: a verdict that is not unknown stays as it is.
func TestResolvingUnknownKeysStaysWithinTheVerdict(t *testing.T) {
	resolved := 0
	eachCase(t, func(t *testing.T, file string) {
		e, requests := world(t, file)
		g := gather.New(e, func() time.Time { return noon })
		for i, r := range requests {
			f, err := g.Facts(r)
			if err != nil {
				t.Fatal(err)
			}
			open := decide.Decide(f).Verdict
			for _, key := range unsureKeys(f) {
				for _, value := range candidates(e, key) {
					one := *r
					one.Context = map[string]request.ContextValue{}
					for k, v := range r.Context {
						one.Context[k] = v
					}
					one.Context[key.String()] = request.ContextValue{Value: value}
					f, err := g.Facts(&one)
					if err != nil {
						t.Fatal(err)
					}
					resolved++
					if got := decide.Decide(f).Verdict; open != iam.Unknown && got != open {
						t.Errorf("request %d: %v while %s was not known, %v with %s", i, open, key, got, value)
					}
				}
			}
		}
	})
	if resolved < 1000 {
		t.Errorf("only %d resolutions were tried", resolved)
	}
}

func unsureKeys(f *decide.Facts) []condition.Key {
	var keys []condition.Key
	if len(f.Checks) == 0 {
		return nil
	}
	for _, entry := range f.Checks[0].Context.Entries() {
		if entry.Value.State == condition.Unsure && !entry.Value.Carried && !strings.HasSuffix(entry.Key.String(), "/") {
			keys = append(keys, entry.Key)
		}
	}
	return keys
}

// candidates are values of a key that make a difference: none, each that a
// policy of the estate names, and one that none does.
func candidates(e *estate.Estate, key condition.Key) []condition.Value {
	values := []condition.Value{{}, condition.String1("198.51.100.99"), condition.String1("true")}
	for _, d := range e.PolicyDocuments() {
		for _, st := range d.Statements {
			for _, c := range st.Conditions {
				if condition.Intern(c.Key) == key {
					for _, v := range c.Values {
						values = append(values, condition.String1(strings.TrimSuffix(v.Text, "/24")))
					}
				}
			}
		}
	}
	return values[:min(len(values), 8)]
}

// Facts that are gathered in room used before, for other requests of the same and of
// other estates, are those gathered in room of their own, in every detail; whatever
// was gathered in between.
func TestLawUsedRoom(t *testing.T) {
	var room gather.Work
	eachCase(t, func(t *testing.T, file string) {
		e, requests := world(t, file)
		g := gather.New(e, func() time.Time { return noon })
		forgetful := gather.New(e, func() time.Time { return noon }).WithLimit(1)
		for range 2 {
			for i, r := range requests {
				want, err := g.Facts(r)
				if err != nil {
					t.Fatal(err)
				}
				got, err := g.FactsIn(&room, r)
				if err != nil {
					t.Fatal(err)
				}
				if a, b := sorted(got), sorted(want); !reflect.DeepEqual(a, b) {
					t.Errorf("request %d (%s) has other facts in used room: %.2000v", i, r.ID, difference(a, b))
				}
				fresh, err := gather.New(e, func() time.Time { return noon }).Facts(r)
				if err != nil {
					t.Fatal(err)
				}
				small, err := forgetful.Facts(r)
				if err != nil {
					t.Fatal(err)
				}
				if a, b, c := decide.Allowed(got), decide.Allowed(fresh), decide.Allowed(small); a != b || c != b {
					t.Errorf("request %d (%s): %v in used room, %v where hardly anything is kept, %v anew", i, r.ID, a, c, b)
				}
			}
		}
	})
}

// sorted returns facts whose contexts are sorted: what a request states of its
// context for itself has no order.
func sorted(f *decide.Facts) []any {
	copied := *f
	copied.Checks = slices.Clone(f.Checks)
	all := []any{&copied}
	for i := range copied.Checks {
		c := &copied.Checks[i]
		all = append(all, c.Context.Entries())
		c.Context = condition.Context{}
		if c.List != nil {
			list := *c.List
			all = append(all, list.Context.Entries())
			list.Context, c.List = condition.Context{}, &list
		}
	}
	return all
}

// difference returns the first difference.
func difference(a, b []any) []any {
	for i := range a {
		if i >= len(b) || !reflect.DeepEqual(a[i], b[i]) {
			return []any{a[i], b[min(i, len(b)-1)]}
		}
	}
	return nil
}
