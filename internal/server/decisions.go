package server

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/why403/why403/report"
)

// decisions are the newest ones by request id. A request has several where it
// names several objects.
type decisions struct {
	mu   sync.Mutex
	now  func() time.Time
	ring []string // request ids, oldest at next
	next int
	byID map[string]*decided
}

// A decided request is what is kept of one.
type decided struct {
	id                   string
	at                   time.Time
	method, host, target string // "" until it was answered
	status               int
	made                 []func() *report.Decision // made when they are asked for
	refused              *report.Decision          // the first refusal; nil for none
}

// maxPerRequest bounds how many decisions of one request are kept.
const maxPerRequest = 1000

func newDecisions(keep int, now func() time.Time) *decisions {
	return &decisions{now: now, ring: make([]string, keep), byID: make(map[string]*decided, keep)}
}

// add keeps a decision; refused is it where it is a refusal.
func (d *decisions) add(id string, decision func() *report.Decision, refused *report.Decision) {
	at := d.now()
	d.mu.Lock()
	defer d.mu.Unlock()
	entry := d.byID[id]
	if entry == nil {
		entry = &decided{id: id, at: at}
		delete(d.byID, d.ring[d.next])
		d.ring[d.next], d.byID[id] = id, entry
		d.next = (d.next + 1) % len(d.ring)
	}
	if entry.refused == nil {
		entry.refused = refused
	}
	if len(entry.made) < maxPerRequest {
		entry.made = append(entry.made, decision)
	}
}

// maxTarget bounds how much of a request's target is kept.
const maxTarget = 2 << 10

// answered keeps what a request was and how it was answered, if it was decided.
func (d *decisions) answered(id string, r *http.Request, status int) {
	target := r.RequestURI
	if len(target) > maxTarget {
		target = strings.Clone(target[:maxTarget]) + "…"
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if entry := d.byID[id]; entry != nil {
		entry.method, entry.host, entry.target, entry.status = r.Method, r.Host, target, status
	}
}

// line names the request as the log does.
func (e *decided) line() string { return lineOf(e.method, e.host, e.target) }

// refusal returns the first refusal of a request, nil for none.
func (d *decisions) refusal(id string) *report.Decision {
	d.mu.Lock()
	defer d.mu.Unlock()
	if entry := d.byID[id]; entry != nil {
		return entry.refused
	}
	return nil
}

// find returns a copy of what is kept of a request.
func (d *decisions) find(id string) (decided, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	entry := d.byID[id]
	if entry == nil {
		return decided{}, false
	}
	c := *entry
	c.made = slices.Clone(entry.made)
	return c, true
}

func (d *decisions) get(id string) (list []*report.Decision) {
	entry, _ := d.find(id)
	for _, decision := range entry.made {
		list = append(list, decision())
	}
	return list
}

// newest returns at most n requests, the newest first.
func (d *decisions) newest(n int) []decided {
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []decided
	for i := range d.ring {
		id := d.ring[(d.next-1-i+2*len(d.ring))%len(d.ring)]
		if id == "" || len(list) == n {
			break
		}
		list = append(list, *d.byID[id])
	}
	return list
}
