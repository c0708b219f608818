package parity

import (
	"bytes"
	"context"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/explain"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/store/embedded"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// leastExported is how many requests are asked of exported estates at least.
const leastExported = 500

// The state of an endpoint, exported and loaded, decides requests as the estate does
// that the endpoint was started with. Every fourth case is tried, to save time.
func TestExport(t *testing.T) {
	var compared atomic.Int64
	t.Run("corpus", func(t *testing.T) {
		for i, c := range corpusCases(t) {
			if i%4 != 0 {
				continue
			}
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				compared.Add(int64(exported(t, c)))
			})
		}
	})
	if n := compared.Load(); n < leastExported {
		t.Errorf("%d requests were compared, and are to be %d at least", n, leastExported)
	}
}

func exported(t *testing.T, c *corpusCase) (compared int) {
	e := c.estate(t)
	objects := statesObjects(e)
	again := export(t, e, objects)
	requests := c.parse(t)
	for i, r := range c.parse(t) {
		if objects && !stated(e, r) {
			continue // in the endpoint's state, what is not stated does not exist
		}
		want, got := decided(t, e, requests[i]), decided(t, again, r)
		if diff := cmp.Diff(want, got, cmpopts.IgnoreTypes(&report.Source{})); diff != "" {
			t.Errorf("request %d:\n%s", i, diff)
		}
		compared++
	}
	return compared
}

// export serves an estate and exports it.
func export(t *testing.T, e *estate.Estate, objects bool) *estate.Estate {
	t.Helper()
	st, err := embedded.Open(t.TempDir(), embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	w, err := world.Open(context.Background(), st, e, nil)
	if err != nil {
		t.Fatal(err)
	}
	o := world.ExportOptions{Secrets: true}
	if objects {
		o.Objects = 1000
	}
	out, err := w.Export(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := out.Encode(&text); err != nil {
		t.Fatal(err)
	}
	again, err := estate.Parse("export.yaml", text.Bytes())
	if err != nil {
		t.Fatalf("%v\n%s", err, text.String())
	}
	return again
}

func statesObjects(e *estate.Estate) bool {
	for _, a := range e.Accounts {
		for _, b := range a.Buckets {
			if b.Listed || len(b.Objects) > 0 {
				return true
			}
		}
	}
	return false
}

// stated reports whether the estate says whether the request's object exists.
func stated(e *estate.Estate, r *request.Request) bool {
	b, ok := e.Bucket(r.Bucket)
	return ok && r.CopySource == "" && r.VersionID == "" && r.Body == nil && (b.Listed || r.Key == "" || b.Objects[r.Key] != nil)
}

// decided is a decision without what the place of a policy decides.
func decided(t *testing.T, e *estate.Estate, r *request.Request) *report.Decision {
	t.Helper()
	d := full(t, e, r)
	return &report.Decision{Verdict: d.Verdict, Status: d.Status, Code: d.Code, Message: d.Message, Cause: d.Cause}
}

func full(t *testing.T, e *estate.Estate, r *request.Request) *report.Decision {
	t.Helper()
	if r.Time == nil {
		r.Time = &now
	}
	d, _, err := explain.Request(e, r, explain.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}
