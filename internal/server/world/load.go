package world

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/store"
)

// load lays what the store holds over the estate that the endpoint was started
// with.
func (w *World) load(ctx context.Context) error {
	w.places = placesOf(w.seed)
	c := newChange(w, &State{estate: w.seed})
	for id, a := range w.seed.Accounts {
		for name, b := range a.Buckets {
			b := *b
			b.Objects, b.Listed = nil, true // they are in the store
			put(c.draft, &c.draft.account(id).Buckets, name, &b)
		}
	}
	for _, k := range slices.Concat(kinds, more) {
		if err := w.loadKind(ctx, c, k); err != nil {
			return err
		}
	}
	next, err := c.finish()
	if err != nil {
		return fmt.Errorf("the estate does not fit what was changed by earlier runs: %w", err)
	}
	w.state.Store(next)
	return nil
}

// loadKind reads the documents of a kind. One that is part of another of its
// kind, such as a unit of a unit, may come before that.
func (w *World) loadKind(ctx context.Context, c *Change, k loader) error {
	var pending []store.Document
	err := w.store.Documents(ctx, k.kind(), "", func(d store.Document) bool {
		pending = append(pending, d)
		return true
	})
	for len(pending) > 0 && err == nil {
		var again []store.Document
		for _, d := range pending {
			ok, bad := k.load(w, c, d)
			if bad != nil {
				err = errors.Join(err, fmt.Errorf("%s %s of account %s: %w", d.Kind, d.Name, d.Account, bad))
			} else if !ok {
				again = append(again, d)
			}
		}
		if len(again) == len(pending) {
			d := again[0]
			return fmt.Errorf("%s %s of account %s: what it belongs to is not there", d.Kind, d.Name, d.Account)
		}
		pending = again
	}
	return err
}

// fresh are the buckets of the seed that nobody has changed, or deleted.
func (w *World) fresh() []*estate.Bucket {
	s := w.State()
	var list []*estate.Bucket
	for id, a := range w.seed.Accounts {
		for name, b := range a.Buckets {
			if _, changed := s.records[shelf{Buckets.name, id}][name]; !changed {
				list = append(list, b)
			}
		}
	}
	slices.SortFunc(list, func(a, b *estate.Bucket) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// places are the documents of the seed, by file and text, so that those which a
// changed thing still has keep their places in the estate's files.
type places map[[2]string]*estate.Document

func placesOf(seed *estate.Estate) places {
	p := places{}
	seed.EachDocument(func(d *estate.Document) { p[[2]string{d.File, d.Text()}] = d })
	return p
}

var documentType = reflect.TypeFor[estate.Document]()

// restore goes through a record that was read from the store. Documents that were
// the seed's, and are no more, lose their places, which would lead astray.
func (p places) restore(record any) error { return p.walk(reflect.ValueOf(record)) }

func (p places) walk(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return p.walk(v.Elem())
		}
	case reflect.Map:
		for iter := v.MapRange(); iter.Next(); {
			if err := p.walk(iter.Value()); err != nil {
				return err
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return nil
		}
		for i := range v.Len() {
			if err := p.walk(v.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Struct:
		if v.Type() == documentType && v.CanAddr() {
			return p.document(v.Addr().Interface().(*estate.Document))
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				if err := p.walk(v.Field(i)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (p places) document(d *estate.Document) error {
	text := d.Text()
	if text == "" || d.Kept() {
		return nil
	}
	if seed := p[[2]string{d.File, text}]; seed != nil {
		*d = *seed
		return nil
	}
	return d.Rename(d.File + " (of an earlier run)")
}
