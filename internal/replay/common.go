package replay

import (
	"sync"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/gather"
)

// common is what the Deciders of several goroutines find out for each other. Each
// keeps for itself what it met lately, and comes here for the rest.
type common struct {
	before, after *estate.Estate

	mu      sync.Mutex
	known   map[string]*Outcome // by class
	missing map[*Outcome]string // see Decider.Missing

	gather, gatherAfter *gather.Gatherer
}

func newCommon(before, after *estate.Estate) *common {
	c := &common{before: before, after: after}
	c.forget()
	return c
}

func (c *common) forget() {
	c.known, c.missing = map[string]*Outcome{}, map[*Outcome]string{}
	c.gather = gather.New(c.before, time.Now)
	if c.gatherAfter = c.gather; c.after != c.before {
		c.gatherAfter = gather.New(c.after, time.Now)
	}
}

// outcome returns that of a class, or nil, and whom to ask for facts.
func (c *common) outcome(class string) (*Outcome, *gather.Gatherer, *gather.Gatherer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known[class], c.gather, c.gatherAfter
}

func (c *common) keep(class string, o *Outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) >= maxClasses {
		c.forget()
	}
	c.known[class] = o
}

// why returns what an outcome hangs on, and keeps it: find may take long.
func (c *common) why(o *Outcome, find func() string) string {
	c.mu.Lock()
	text, ok := c.missing[o]
	c.mu.Unlock()
	if ok {
		return text
	}
	text = find()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.missing[o] = text
	return text
}

// texts numbers texts, for all goroutines alike. No number is given twice, so what is
// forgotten is only counted anew.
type texts struct {
	mu     sync.Mutex
	last   uint32
	byText map[string]uint32
}

func (t *texts) number(text []byte) uint32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n, ok := t.byText[string(text)]; ok {
		return n
	}
	if t.byText == nil || len(t.byText) >= maxClasses {
		t.byText = map[string]uint32{}
	}
	t.last++
	t.byText[string(text)] = t.last
	return t.last
}
