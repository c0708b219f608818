package world

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/store"
)

// A State is the world at one moment. It does not change any more.
type State struct {
	estate  *estate.Estate
	records records
}

// Estate returns the estate of that moment.
func (s *State) Estate() *estate.Estate { return s.estate }

func (s *State) view() (*estate.Estate, records) { return s.estate, s.records }

// A Change is a change of the world under way. Records are read and written by
// their kinds: Users.Get(c, …), Users.Put(c, …). It is used by one goroutine, and
// not after the function that got it has returned.
type Change struct {
	w       *World
	draft   *draft
	shown   bool // the draft was handed out, and must not change any more
	records records
	owned   map[shelf]bool // parts of records that are not shared with the state before
	bodies  map[store.Ref][]byte
	also    []func(store.Tx) error
	errs    []error
	bad     error // why the draft contradicts itself, as it was when it was last shown
}

// Change changes the world: all that change writes becomes true and durable at
// one moment, or, where it returns an error, nothing does and Change returns that
// error. Changes run one after another, each on top of those before; requests
// meanwhile go on reading the state before. An estate that would contradict
// itself is an error too.
func (w *World) Change(ctx context.Context, change func(*Change) error) error {
	w.changing.Lock()
	defer w.changing.Unlock()
	c := newChange(w, w.state.Load())
	if err := change(c); err != nil {
		return err
	}
	next, err := c.finish()
	if err != nil {
		return fmt.Errorf("change the endpoint's state: %w", err)
	}
	err = w.store.Update(ctx, c.write)
	if err == nil {
		w.state.Store(next)
	}
	return err
}

func newChange(w *World, from *State) *Change {
	return &Change{w: w, draft: newDraft(from.estate), records: maps.Clone(from.records), owned: map[shelf]bool{}, bodies: map[store.Ref][]byte{}}
}

// Estate returns the estate as changed so far.
func (c *Change) Estate() *estate.Estate {
	if !c.shown {
		c.bad, c.shown = c.draft.link(), true
	}
	return c.draft.estate
}

func (c *Change) view() (*estate.Estate, records) { return c.draft.estate, c.records }

// Also has the transaction that writes the change do something else in the store,
// such as making a bucket. Its error undoes the change and is returned as it is.
func (c *Change) Also(do func(store.Tx) error) { c.also = append(c.also, do) }

// touch returns the draft for writing.
func (c *Change) touch() *draft {
	if c.shown {
		next := newDraft(c.draft.estate)
		if c.bad != nil {
			next.old = c.draft.old // what is wrong has to be checked again
		}
		c.draft, c.shown = next, false
	}
	return c.draft
}

// put keeps a record, and the document that tells of it.
func (c *Change) put(ref store.Ref, record any, body []byte) {
	c.shelf(ref)[ref.Name] = record
	c.bodies[ref] = body
}

// drop forgets a record, so that nothing speaks of it any more.
func (c *Change) drop(ref store.Ref) {
	delete(c.shelf(ref), ref.Name)
	c.bodies[ref] = nil
}

func (c *Change) shelf(ref store.Ref) map[string]any {
	s := shelf{ref.Kind, iam.AccountID(ref.Account)}
	switch {
	case c.records == nil:
		c.records = records{s: {}}
	case c.records[s] == nil:
		c.records[s] = map[string]any{}
	case !c.owned[s]:
		c.records[s] = maps.Clone(c.records[s])
	}
	c.owned[s] = true
	return c.records[s]
}

func (c *Change) finish() (*State, error) {
	e := c.Estate()
	return &State{e, c.records}, errors.Join(append(c.errs, c.bad)...)
}

func (c *Change) write(tx store.Tx) error {
	for _, do := range c.also {
		if err := do(tx); err != nil {
			return err
		}
	}
	for ref, body := range c.bodies {
		write := tx.DeleteDocument
		if body != nil {
			write = func(ref store.Ref) error { return tx.PutDocument(ref, body) }
		}
		if err := write(ref); err != nil {
			return err
		}
	}
	return nil
}
