package world

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/store"
)

// A Kind is one kind of record: a thing of an account that AWS's APIs make, show,
// change and delete. Each record that was put is one document of the store; a
// record that nobody put is what the estate says that the endpoint was started
// with.
//
// T is plain data, and what it points to is shared: values that Get and All return
// must not be written through. Those read in a Change are copies, which may be
// changed as one likes, and Put.
type Kind[T any] struct {
	name string

	// of reads a thing out of an estate, and all lists their names. Both are nil for
	// kinds that decide nothing, which no estate holds.
	of  func(e *estate.Estate, account iam.AccountID, name string) (T, bool)
	all func(e *estate.Estate, account iam.AccountID) []string

	// set brings a thing into an estate, or removes it (nil). Not ok: what it is part
	// of is not there.
	set func(d *draft, account iam.AccountID, name string, v *T) bool

	// restore, where there is one, takes over from the seed what documents of the
	// store do not hold.
	restore func(v, seed *T)
}

// NewKind makes a kind of which no estate knows, such as instance profiles. It is
// to be called for a package's variable, with a name that no other kind has.
func NewKind[T any](name string) *Kind[T] {
	k := &Kind[T]{name: name, set: func(*draft, iam.AccountID, string, *T) bool { return true }}
	more = append(more, k)
	return k
}

// A View is what records can be read of: the [World] as it is now, one [State] of
// it, or a [Change] with what it has changed so far.
type View interface {
	Estate() *estate.Estate
	view() (*estate.Estate, records)
}

// records are those that were put or deleted here, by kind and account, then by
// name. They are values of type *T, nil where the record was deleted.
type records map[shelf]map[string]any

type shelf struct {
	kind    string
	account iam.AccountID
}

// Get returns one record.
func (k *Kind[T]) Get(v View, account iam.AccountID, name string) (T, bool) {
	e, put := v.view()
	found, ok := k.get(e, put, account, name)
	if _, changing := v.(*Change); changing && ok {
		return deepCopy(found), true
	}
	return found, ok
}

func (k *Kind[T]) get(e *estate.Estate, put records, account iam.AccountID, name string) (T, bool) {
	var none T
	if r, ok := put[shelf{k.name, account}][name]; ok {
		if found, _ := r.(*T); found != nil {
			return *found, true
		}
		return none, false
	}
	if k.of == nil {
		return none, false
	}
	return k.of(e, account, name)
}

// Find is [Kind.Get] for names that are not told apart by case. It also returns the
// name that the record has.
func (k *Kind[T]) Find(v View, account iam.AccountID, name string) (T, string, bool) {
	if found, ok := k.Get(v, account, name); ok {
		return found, name, true
	}
	e, put := v.view()
	known := maps.Keys(put[shelf{k.name, account}])
	if k.all != nil {
		known = slices.Values(k.all(e, account))
	}
	for other := range known {
		if strings.EqualFold(other, name) {
			if found, ok := k.Get(v, account, other); ok {
				return found, other, true
			}
		}
	}
	var none T
	return none, name, false
}

// All yields the records of an account in the order of their names.
func (k *Kind[T]) All(v View, account iam.AccountID) iter.Seq2[string, T] {
	e, put := v.view()
	return func(yield func(string, T) bool) {
		for _, name := range k.names(e, put, account) {
			if r, ok := k.Get(v, account, name); ok && !yield(name, r) {
				return
			}
		}
	}
}

func (k *Kind[T]) names(e *estate.Estate, put records, account iam.AccountID) []string {
	if k.all != nil {
		return slices.Sorted(slices.Values(k.all(e, account)))
	}
	return slices.Sorted(maps.Keys(put[shelf{k.name, account}]))
}

// Put makes or replaces a record.
func (k *Kind[T]) Put(c *Change, account iam.AccountID, name string, v T) {
	d := c.touch()
	if !k.set(d, account, name, &v) {
		c.errs = append(c.errs, fmt.Errorf("%s %s of account %s: what it belongs to is not there", k.name, name, account))
		return
	}
	c.put(k.ref(account, name), &v, marshal(v))
}

// Delete removes a record; one that is not there is no error.
func (k *Kind[T]) Delete(c *Change, account iam.AccountID, name string) {
	k.set(c.touch(), account, name, nil)
	if k.of != nil {
		if _, seeded := k.of(c.w.seed, account, name); seeded {
			c.put(k.ref(account, name), (*T)(nil), tombstone)
			return
		}
	}
	c.drop(k.ref(account, name))
}

// tombstone is the document of a thing of the seed that was deleted.
var tombstone = []byte(`{"deleted":true}`)

func (k *Kind[T]) ref(account iam.AccountID, name string) store.Ref {
	return store.Ref{Kind: k.name, Account: string(account), Name: name}
}

// A loader is a kind without its type.
type loader interface {
	kind() string
	load(w *World, c *Change, d store.Document) (ok bool, err error)
}

func (k *Kind[T]) kind() string { return k.name }

// load brings a document of the store into a state that is being read. Not ok:
// what it is part of has yet to come.
func (k *Kind[T]) load(w *World, c *Change, d store.Document) (ok bool, err error) {
	account := iam.AccountID(d.Account)
	var gone struct{ Deleted bool }
	if err := json.Unmarshal(d.Body, &gone); err != nil {
		return false, err
	}
	if gone.Deleted {
		k.set(c.draft, account, d.Name, nil)
		c.put(d.Ref, (*T)(nil), nil)
		return true, nil
	}
	v := new(T)
	if err := json.Unmarshal(d.Body, v); err != nil {
		return false, err
	}
	if err := w.places.restore(v); err != nil {
		return false, err
	}
	if k.restore != nil {
		if seed, ok := k.of(w.seed, account, d.Name); ok {
			k.restore(v, &seed)
		}
	}
	if !k.set(c.draft, account, d.Name, v) {
		return false, nil
	}
	c.put(d.Ref, v, nil)
	return true, nil
}
