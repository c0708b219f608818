package server

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/why403/why403/report"
)

// decisions are the newest ones by request id. A request has several where it
// names several objects.
type decisions struct {
	mu   sync.Mutex
	ring []string // request ids, oldest at next
	next int
	byID map[string][]func() *report.Decision // made when they are asked for
}

// maxPerRequest bounds how many decisions of one request are kept.
const maxPerRequest = 1000

func newDecisions(keep int) *decisions {
	return &decisions{ring: make([]string, keep), byID: make(map[string][]func() *report.Decision, keep)}
}

func (d *decisions) add(id string, decision func() *report.Decision) {
	d.mu.Lock()
	defer d.mu.Unlock()
	list, known := d.byID[id]
	if !known {
		delete(d.byID, d.ring[d.next])
		d.ring[d.next] = id
		d.next = (d.next + 1) % len(d.ring)
	}
	if len(list) < maxPerRequest {
		d.byID[id] = append(list, decision)
	}
}

func (d *decisions) get(id string) (list []*report.Decision) {
	d.mu.Lock()
	made := slices.Clone(d.byID[id])
	d.mu.Unlock()
	for _, decision := range made {
		list = append(list, decision())
	}
	return list
}

// ownPath is under which the endpoint speaks of itself. No bucket has such a name.
const ownPath = "/_why403/"

// own answers under ownPath, to peers on the loopback interface alone: decisions
// say more than their callers may know.
func (s *Server) own(w http.ResponseWriter, r *http.Request, path string) {
	if !local(r) {
		http.Error(w, "forbidden", http.StatusForbidden)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	if path == ownPath+"healthz" {
		w.Header().Set("Content-Type", "text/plain")
		w.Write([]byte("ok\n"))
		return
	}
	if path == EstatePath {
		s.exportEstate(w, r)
		return
	}
	if id, ok := strings.CutPrefix(path, ownPath+"decisions/"); ok {
		if list := s.decisions.get(id); list != nil {
			writeDecisions(w, list)
			return
		}
	}
	http.Error(w, "not found", http.StatusNotFound)
}

// writeDecisions writes one decision a line, in the form of the JSON contract.
func writeDecisions(w http.ResponseWriter, list []*report.Decision) {
	var body []byte
	for _, d := range list {
		line, err := json.Marshal(d)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		body = append(append(body, line...), '\n')
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Write(body)
}
