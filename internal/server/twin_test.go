package server

import (
	"encoding/json"
	"slices"
	"sync"
	"testing"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/explain"
	"github.com/why403/why403/internal/server/s3"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// A twin is the engine, held to a law by every test of the endpoint: what it allows
// by its short way, in room that it uses again, with what it keeps of callers and
// buckets, is what a decision made from nothing allows, whatever has changed since;
// and the report that is made of such a request later, when the state of the endpoint
// is another, is the one that would have been made at once.
type twin struct {
	Allower
	t *testing.T

	mu   sync.Mutex
	want map[string][]string // reports by request id
}

func newTwin(t *testing.T) *twin {
	return &twin{Allower: NewEngine().(Allower), t: t, want: map[string][]string{}}
}

// Allow implements Allower.
func (w *twin) Allow(e *estate.Estate, r *request.Request) (s3.Reporter, bool) {
	by, ok := w.Allower.Allow(e, r)
	d, _, err := explain.Request(e, r, explain.Options{})
	if anew := err == nil && d.Verdict == iam.Allowed; ok != anew {
		w.t.Errorf("%s of %s on %s/%s: allowed %v by the short way, %v anew", r.Operation+r.Action, r.Principal, r.Bucket, r.Key, ok, anew)
	}
	if ok && r.Action == "" { // others are questions beside the request, and leave no report
		w.mu.Lock()
		defer w.mu.Unlock()
		w.want[r.ID] = append(w.want[r.ID], text(w.t, d))
	}
	return by, ok
}

func text(t *testing.T, d *report.Decision) string {
	body, err := json.Marshal(d)
	if err != nil {
		t.Error(err)
	}
	return string(body)
}

// check compares the reports that the endpoint gives of its last requests.
func (w *twin) check(d *decisions) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, want := range w.want {
		entry, kept := d.find(id)
		if !kept {
			continue
		}
		var got []string
		for _, report := range entry.reports() {
			got = append(got, text(w.t, report))
		}
		for _, one := range want {
			if !slices.Contains(got, one) {
				w.t.Errorf("%s: the report made later is\n%s\nand at once\n%s", entry.target, got, one)
			}
		}
	}
	clear(w.want)
}
