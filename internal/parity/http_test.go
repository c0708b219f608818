package parity

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/explain"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// leastCompared is how many requests of the corpus are asked over HTTP at least, so
// that the comparison cannot shrink unseen.
const leastCompared = 2150

// A tally counts what was compared, and what was not and why.
type tally struct {
	mu       sync.Mutex
	compared int
	skipped  map[string]int
	wire     map[string]int // errors of requests that were let pass, and could not be done
}

// The endpoint decides a request that really comes over HTTP as the library decides
// the same request, and its answer is the one that the decision names.
func TestHTTP(t *testing.T) {
	n := &tally{skipped: map[string]int{}, wire: map[string]int{}}
	t.Run("corpus", func(t *testing.T) {
		for _, c := range corpusCases(t) {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				overHTTP(t, c, n)
			})
		}
	})
	n.report(t)
}

func (n *tally) report(t *testing.T) {
	t.Logf("%d requests compared", n.compared)
	for _, list := range []map[string]int{n.skipped, n.wire} {
		for _, why := range slices.Sorted(maps.Keys(list)) {
			t.Logf("%5d %s", list[why], why)
		}
	}
	if n.compared < leastCompared {
		t.Errorf("%d requests were compared over HTTP, and are to be %d at least", n.compared, leastCompared)
	}
}

func (n *tally) count(m map[string]int, what string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	m[what]++
}

func overHTTP(t *testing.T, c *corpusCase, n *tally) {
	e := c.estate(t)
	var questions []*question
	for i, r := range c.parse(t) {
		q, why := ask(e, i, r)
		if why != "" {
			n.count(n.skipped, why)
			continue
		}
		questions = append(questions, q)
	}
	var g *rig
	defer func() { g.close(t) }()
	for _, q := range questions {
		if g == nil || g.dirty || g.only != -1 || q.alone() {
			g.close(t)
			g = newRig(t, prepare(t, c, questions, q))
		}
		q.compare(t, c, g, n)
		n.mu.Lock()
		n.compared++
		n.mu.Unlock()
	}
}

// compare asks both, and compares.
func (q *question) compare(t *testing.T, c *corpusCase, g *rig, n *tally) {
	t.Helper()
	name := fmt.Sprintf("request %d (%s)", q.index, q.asked.ID)
	q.complete(g.estate)
	at := q.at()
	g.clock.Store(&at)
	g.openUpload(t, q)
	want := q.byLibrary(t, g)
	q.sameVerdict(t, name, c, want)
	a := send(t, q.build(t, g.http.URL, g.setup))
	got := g.decisions(t, a.id)
	for _, d := range got {
		g.dirty = g.dirty || d.Verdict == iam.Allowed && !q.spec.Read
	}
	if len(got) == 0 {
		t.Errorf("%s: no decision was recorded; %d %s", name, a.status, a.body)
		return
	}
	// What refuses all of DeleteObjects leaves its further objects undecided.
	if len(want) > len(got) && a.status >= 400 {
		want = want[:len(got)]
	}
	if diff := cmp.Diff(plain(t, want), plain(t, got)); diff != "" {
		t.Errorf("%s: (-library +HTTP)\n%s\nwire %d %s", name, diff, a.status, a.body)
	}
	q.onWire(t, name, a, got, n)
}

// sameVerdict checks that a verdict which was known before the network and the rest
// were stated is the same after.
func (q *question) sameVerdict(t *testing.T, name string, c *corpusCase, stated []*report.Decision) {
	t.Helper()
	before, _, err := explain.Request(c.estate(t), c.parse(t)[q.index], explain.Options{})
	if err != nil {
		t.Fatal(err)
	}
	after := iam.Allowed
	for _, d := range stated {
		if d.Verdict != iam.Allowed {
			after = d.Verdict
		}
	}
	if before.Verdict != iam.Unknown && before.Verdict != after {
		t.Errorf("%s: %s as the corpus states it, and %s with all stated", name, before.Verdict, after)
	}
}

// byLibrary decides the request; DeleteObjects object by object.
func (q *question) byLibrary(t *testing.T, g *rig) []*report.Decision {
	t.Helper()
	asked := []*request.Request{q.stated}
	if q.spec.Name == "DeleteObjects" && q.stated.Body != nil && len(q.stated.Body.Objects) > 0 {
		asked = nil
		for _, o := range q.stated.Body.Objects {
			r, body := *q.stated, *q.stated.Body
			body.Objects = []request.ObjectID{o}
			r.Body = &body
			asked = append(asked, &r)
		}
	}
	var list []*report.Decision
	for _, r := range asked {
		d, _, err := explain.Request(g.estate, r, explain.Options{})
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, d)
	}
	return list
}

// plain turns decisions into comparable values, without what cannot be the same:
// the request's id; the place of a session policy, which the endpoint has from STS
// and not from a file; and the place and state of a delete marker, of which the
// store keeps that it is one.
func plain(t *testing.T, list []*report.Decision) []any {
	t.Helper()
	var out []any
	for _, d := range list {
		c := *d
		c.ID, c.Assumed = "", nil
		text, err := json.Marshal(&c)
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := json.Unmarshal(text, &v); err != nil {
			t.Fatal(err)
		}
		prune(v, d.Code == "NoSuchKey")
		out = append(out, v)
	}
	return out
}

func prune(v any, gone bool) {
	switch v := v.(type) {
	case map[string]any:
		switch {
		case v["gate"] == "session", v["reason"] == string(reason.DeleteMarkerByVersion):
			delete(v, "source")
		case v["gate"] == "object-state" && gone:
			delete(v, "outcome")
		}
		for _, member := range v {
			prune(member, gone)
		}
	case []any:
		for _, item := range v {
			prune(item, gone)
		}
	}
}
