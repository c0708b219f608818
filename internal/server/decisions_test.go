package server

import (
	"fmt"
	"testing"
	"time"

	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// A former state reports which it is.
type former string

func (s former) Report(r *request.Request) func() *report.Decision {
	return func() *report.Decision { return &report.Decision{ID: r.ID, Operation: string(s)} }
}

type stated string

func (s stated) Request() *request.Request { return &request.Request{ID: string(s)} }

// What was allowed in a former state does not hold it for long, and is reported as
// that state had it.
func TestFormerStatesAreLetGo(t *testing.T) {
	const keep = 20
	d := newDecisions(keep, time.Now)
	id := func(i int) string { return fmt.Sprint("request", i) }
	states := []former{"first", "second", "third"}
	for i := range 60 {
		s := states[i/20]
		d.add(id(i), decision{by: s, again: stated(id(i))}, nil)
		held := map[any]bool{}
		for j := range d.ring {
			held[d.ring[j].first.by] = true
		}
		if delete(held, nil); i%20 > keep/settledAtOnce && len(held) != 1 {
			t.Errorf("after %d requests %d states are held", i+1, len(held))
		}
	}
	d.add(id(59), decision{by: states[0], again: stated(id(59))}, nil)
	for i := 40; i < 60; i++ {
		if got := d.get(id(i)); len(got) == 0 || got[0].ID != id(i) || got[0].Operation != "third" {
			t.Errorf("request %d: got %+v", i, got)
		}
	}
	if got := d.get(id(59)); len(got) != 2 || got[1].Operation != "first" {
		t.Errorf("a request of two decisions: got %+v", got)
	}
	if _, kept := d.find(id(39)); kept {
		t.Error("more than the newest are kept")
	}
	if list := d.newest(5); len(list) != 5 || list[0].id != id(59) || list[4].id != id(55) {
		t.Errorf("the newest five: %+v", list)
	}
}
