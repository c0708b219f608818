package parity

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/why403/why403/internal/server"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/store"
	"github.com/why403/why403/internal/store/embedded"
	"github.com/why403/why403/report"
)

// A rig is an endpoint over the prepared estate of a case.
type rig struct {
	*setup
	http  *httptest.Server
	store store.Store
	clock atomic.Pointer[time.Time]
	dirty bool // a request has changed its state, or may have
}

func newRig(t *testing.T, s *setup) *rig {
	t.Helper()
	g := &rig{setup: s}
	g.clock.Store(&now)
	clock := func() time.Time { return *g.clock.Load() }
	var err error
	if g.store, err = embedded.Open(t.TempDir(), embedded.Options{}); err != nil {
		t.Fatal(err)
	}
	// Sessions go into the store, where the endpoint finds those of earlier runs.
	w, err := world.Open(context.Background(), g.store, s.estate, func() time.Time { return time.Time{} })
	if err != nil {
		t.Fatal(err)
	}
	for _, session := range s.sessions {
		if err := w.AddSession(context.Background(), session); err != nil {
			t.Fatal(err)
		}
	}
	endpoint, err := server.New(server.Config{Estate: s.estate, Store: g.store, Now: clock, SimulateNetwork: true})
	if err != nil {
		t.Fatal(err)
	}
	g.http = httptest.NewServer(endpoint.Handler())
	return g
}

func (g *rig) close(t *testing.T) {
	if g == nil {
		return
	}
	g.http.Close()
	if err := g.store.Close(); err != nil {
		t.Error(err)
	}
}

// openUpload opens the multipart upload that a request goes on with, as a
// CreateMultipartUpload without headers leaves it. Somebody else is its initiator.
func (g *rig) openUpload(t *testing.T, q *question) {
	t.Helper()
	b, held := g.estate.Bucket(q.bucket(g.estate))
	if !needsUpload[q.spec.Name] || !held {
		return
	}
	attributes := store.Attributes{Owner: string(b.Account), Extra: map[string]json.RawMessage{
		"upload": json.RawMessage(`{"initiator": "arn:aws:iam::000000000000:root", "algorithm": "CRC64NVME", "type": "FULL_OBJECT"}`)}}
	u, err := g.store.CreateUpload(t.Context(), store.UploadMeta{Bucket: b.Name, Key: q.asked.Key, Attributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	q.uploadID = u.UploadID
}

// decisions asks the endpoint what it decided.
func (g *rig) decisions(t *testing.T, id string) []*report.Decision {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", g.http.URL+"/_why403/decisions/"+id, nil)
	if err != nil {
		t.Fatal(err)
	}
	a := send(t, r)
	if a.status != 200 {
		return nil
	}
	var list []*report.Decision
	for lines := bufio.NewScanner(strings.NewReader(a.body)); lines.Scan(); {
		d := &report.Decision{}
		decoder := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(d); err != nil {
			t.Fatal(err)
		}
		list = append(list, d)
	}
	return list
}
