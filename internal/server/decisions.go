package server

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/why403/why403/internal/server/s3"
	"github.com/why403/why403/report"
)

// decisions are the newest ones by request id. A request has several where it
// names several objects.
type decisions struct {
	mu      sync.Mutex
	now     func() time.Time
	ring    []decided
	byID    map[string]int // position in ring
	added   int            // how many requests there have been; the next stands at added % len(ring)
	settled int            // those before it are settled
}

// A decided request is what is kept of one.
type decided struct {
	id                   string
	at                   time.Time
	method, host, target string // "" until it was answered
	status               int
	first                decision
	more                 []decision       // settled
	refused              *report.Decision // the first refusal; nil for none
}

// A decision is the report of one, which is made when it is asked for: by made, or
// where that is nil, of the request stated again.
type decision struct {
	made  func() *report.Decision
	by    s3.Reporter
	again s3.Stated
}

// report makes the report. It is the same whenever it is made.
func (d *decision) report() *report.Decision {
	if d.made == nil {
		return d.by.Report(d.again.Request())()
	}
	return d.made()
}

// settle keeps of a decision the facts alone, and lets go of the state of the engine.
func (d *decision) settle() {
	if d.made == nil {
		*d = decision{made: d.by.Report(d.again.Request())}
	}
}

// maxPerRequest bounds how many decisions of one request are kept.
const maxPerRequest = 1000

func newDecisions(keep int, now func() time.Time) *decisions {
	return &decisions{now: now, ring: make([]decided, keep), byID: make(map[string]int, keep)}
}

// add keeps a decision; refused is it where it is a refusal.
func (d *decisions) add(id string, made decision, refused *report.Decision) {
	at := d.now()
	d.mu.Lock()
	defer d.mu.Unlock()
	i, known := d.byID[id]
	if !known {
		i = d.added % len(d.ring)
		delete(d.byID, d.ring[i].id)
		d.ring[i], d.byID[id] = decided{id: id, at: at, first: made}, i
		d.added++
	}
	entry := &d.ring[i]
	if entry.refused == nil {
		entry.refused = refused
	}
	if known && len(entry.more) < maxPerRequest-1 {
		made.settle()
		entry.more = append(entry.more, made)
	}
	d.settleSome(made.by)
}

// settledAtOnce is how many older requests each new one settles.
const settledAtOnce = 4

// settleSome settles requests that were allowed in another state than the present
// one, the oldest first: so that hardly more than two states are held, and what a
// change of the state costs is spread over the requests after it.
func (d *decisions) settleSome(present s3.Reporter) {
	d.settled = max(d.settled, d.added-len(d.ring))
	for n := 0; n < settledAtOnce && d.settled < d.added; n++ {
		entry := &d.ring[d.settled%len(d.ring)]
		if entry.first.by == present {
			return
		}
		entry.first.settle()
		d.settled++
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
	if i, ok := d.byID[id]; ok {
		entry := &d.ring[i]
		entry.method, entry.host, entry.target, entry.status = r.Method, r.Host, target, status
	}
}

// line names the request as the log does.
func (e *decided) line() string { return lineOf(e.method, e.host, e.target) }

// reports makes the reports of all decisions of a request.
func (e *decided) reports() []*report.Decision {
	list := []*report.Decision{e.first.report()}
	for i := range e.more {
		list = append(list, e.more[i].report())
	}
	return list
}

// refusal returns the first refusal of a request, nil for none.
func (d *decisions) refusal(id string) *report.Decision {
	entry, _ := d.find(id)
	return entry.refused
}

// find returns a copy of what is kept of a request.
func (d *decisions) find(id string) (decided, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i, ok := d.byID[id]
	if !ok {
		return decided{}, false
	}
	return d.ring[i].copied(), true
}

// copied is a copy that later decisions and settling do not change.
func (e *decided) copied() decided {
	c := *e
	c.more = append([]decision(nil), e.more...)
	return c
}

func (d *decisions) get(id string) []*report.Decision {
	entry, ok := d.find(id)
	if !ok {
		return nil
	}
	return entry.reports()
}

// newest returns at most n requests, the newest first.
func (d *decisions) newest(n int) []decided {
	d.mu.Lock()
	defer d.mu.Unlock()
	n = min(n, d.added, len(d.ring))
	list := make([]decided, 0, n)
	for i := range n {
		list = append(list, d.ring[(d.added-1-i)%len(d.ring)].copied())
	}
	return list
}
