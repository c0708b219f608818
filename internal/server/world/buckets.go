package world

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/store"
	"github.com/why403/why403/policy"
)

const (
	kindBucket = "bucket"
	kindSeeded = "seeded" // marks buckets whose objects were made
)

// A savedBucket is what the store holds of a bucket that was made or changed
// here.
type savedBucket struct {
	Deleted bool `json:"deleted,omitempty"` // a bucket of the seed that is gone

	// Settings are the bucket without documents and objects.
	Settings *estate.Bucket `json:"settings,omitempty"`

	// Policy is the bucket policy to the letter, "" for none. FromSeed tells that
	// it, and the access points, are those of the estate that the endpoint was
	// started with.
	Policy         string `json:"policy,omitempty"`
	PolicyFromSeed bool   `json:"policyFromSeed,omitempty"`

	Side
}

// A Side is what the calls that read settings show of a bucket, and what decides
// nothing.
type Side struct {
	NoPublicAccessBlock bool `json:"noPublicAccessBlock,omitempty"` // deleted: none is on
	NoOwnershipControls bool `json:"noOwnershipControls,omitempty"` // deleted: as ObjectWriter

	// Configurations are the documents of settings that decide nothing, by the name
	// of the setting, with "/" and the id where a bucket has several.
	Configurations map[string]string `json:"configurations,omitempty"`
}

// PolicyFile is how positions name the policy of a bucket that was put here.
func PolicyFile(bucket string) string { return bucket + "?policy" }

func bucketRef(account iam.AccountID, name string) store.Ref {
	return store.Ref{Kind: kindBucket, Account: string(account), Name: name}
}

func seededRef(b *estate.Bucket) store.Ref {
	return store.Ref{Kind: kindSeeded, Account: string(b.Account), Name: b.Name}
}

// save returns the document of a bucket.
func (w *World) save(b *estate.Bucket, side Side, policyText string) ([]byte, error) {
	s := savedBucket{Policy: policyText, Side: side}
	settings := *b
	settings.Document, settings.Objects, settings.AccessPoints = estate.Document{}, nil, nil
	s.Settings = &settings
	if old, ok := w.seed.Bucket(b.Name); ok && b.Document.Document != nil && old.Document.Document == b.Document.Document {
		s.Policy, s.PolicyFromSeed = "", true
	}
	return json.Marshal(s)
}

// restore is the reverse of save.
func (w *World) restore(d store.Document) (*estate.Bucket, error) {
	var s savedBucket
	if err := json.Unmarshal(d.Body, &s); err != nil {
		return nil, err
	}
	if s.Deleted || s.Settings == nil {
		return nil, nil
	}
	b := s.Settings
	b.Name, b.Account = d.Name, iam.AccountID(d.Account)
	w.sides.Store(b.Name, s.Side)
	if old, ok := w.seed.Bucket(b.Name); ok && old.Account == b.Account {
		b.AccessPoints = old.AccessPoints
		b.Pos, b.Places = old.Pos, old.Places
		if s.PolicyFromSeed {
			b.Document = old.Document
		}
	}
	if s.Policy != "" {
		doc, err := ParsePolicy(b.Name, []byte(s.Policy))
		if err != nil {
			return nil, err
		}
		b.Document = doc
	}
	return b, nil
}

// ParsePolicy reads a bucket policy as the estate holds one that was put here.
func ParsePolicy(bucket string, text []byte) (estate.Document, error) {
	doc, err := policy.Parse(PolicyFile(bucket), text)
	if err != nil {
		return estate.Document{}, err
	}
	return estate.Document{Document: doc, File: PolicyFile(bucket)}, nil
}

// loadBuckets lays the store's buckets over the seed's, and makes what the store
// lacks.
func (w *World) loadBuckets(ctx context.Context) error {
	changes := map[string]*estate.Bucket{} // nil: deleted
	var bad error
	err := w.store.Documents(ctx, kindBucket, "", func(d store.Document) bool {
		b, err := w.restore(d)
		if err != nil {
			bad = fmt.Errorf("bucket %s: %w", d.Name, err)
			return false
		}
		changes[d.Name] = b
		return true
	})
	if err = errors.Join(err, bad); err != nil {
		return err
	}
	var fresh []*estate.Bucket
	for _, id := range slices.Sorted(maps.Keys(w.seed.Accounts)) {
		for name, b := range w.seed.Accounts[id].Buckets {
			if _, changed := changes[name]; !changed {
				changes[name] = live(b)
				fresh = append(fresh, b)
			}
		}
	}
	e := withBuckets(w.seed, changes)
	w.current.Store(e)
	return w.plant(ctx, fresh)
}

// live returns a bucket as the endpoint's estate holds it: its objects are in the
// store.
func live(b *estate.Bucket) *estate.Bucket {
	c := *b
	c.Objects, c.Listed = nil, true
	return &c
}

// CreateBucket makes a bucket. store.ErrBucketExists: the name is taken.
func (w *World) CreateBucket(ctx context.Context, b *estate.Bucket) error {
	w.changing.Lock()
	defer w.changing.Unlock()
	body, err := w.save(b, Side{}, "")
	if err != nil {
		return err
	}
	err = w.store.Update(ctx, func(tx store.Tx) error {
		if _, err := tx.CreateBucket(b.Name); err != nil {
			return err
		}
		if err := setVersioning(tx, b); err != nil {
			return err
		}
		return tx.PutDocument(bucketRef(b.Account, b.Name), body)
	})
	if err == nil {
		w.sides.Delete(b.Name)
		w.current.Store(withBuckets(w.Estate(), map[string]*estate.Bucket{b.Name: live(b)}))
	}
	return err
}

// Side returns what is kept besides the settings of a bucket.
func (w *World) Side(name string) Side {
	s, _ := w.sides.Load(name)
	side, _ := s.(Side)
	return side
}

func setVersioning(tx store.Tx, b *estate.Bucket) error {
	switch b.Versioning.Status {
	case "Enabled":
		return tx.SetVersioning(b.Name, store.Enabled)
	case "Suspended":
		return tx.SetVersioning(b.Name, store.Suspended)
	}
	return nil
}

// DeleteBucket deletes a bucket. Errors: store.ErrNoSuchBucket,
// store.ErrBucketNotEmpty.
func (w *World) DeleteBucket(ctx context.Context, name string) error {
	w.changing.Lock()
	defer w.changing.Unlock()
	b, ok := w.Estate().Bucket(name)
	if !ok {
		return store.ErrNoSuchBucket
	}
	err := w.store.Update(ctx, func(tx store.Tx) error {
		if err := tx.DeleteBucket(name); err != nil {
			return err
		}
		if err := tx.DeleteDocument(seededRef(b)); err != nil {
			return err
		}
		if _, seeded := w.seed.Bucket(name); seeded {
			return tx.PutDocument(bucketRef(b.Account, name), []byte(`{"deleted":true}`))
		}
		return tx.DeleteDocument(bucketRef(b.Account, name))
	})
	if err == nil {
		w.current.Store(withBuckets(w.Estate(), map[string]*estate.Bucket{name: nil}))
	}
	return err
}

// ChangeBucket changes settings of a bucket. change gets a copy, and must not
// write through its pointers and maps; its error is returned and changes
// nothing. Errors besides: store.ErrNoSuchBucket.
func (w *World) ChangeBucket(ctx context.Context, name string, change func(*estate.Bucket, *Side) error) error {
	w.changing.Lock()
	defer w.changing.Unlock()
	old, ok := w.Estate().Bucket(name)
	if !ok {
		return store.ErrNoSuchBucket
	}
	b, side := *old, w.Side(name)
	if err := change(&b, &side); err != nil {
		return err
	}
	text := ""
	if b.Document.Document == old.Document.Document {
		var err error
		if text, _, err = w.PolicyText(ctx, old); err != nil {
			return err
		}
	}
	return w.commit(ctx, old, &b, side, text)
}

// SetPolicy puts the policy of a bucket, whose text has been parsed with
// [ParsePolicy], or removes it where text is "".
func (w *World) SetPolicy(ctx context.Context, name, text string, doc estate.Document) error {
	w.changing.Lock()
	defer w.changing.Unlock()
	old, ok := w.Estate().Bucket(name)
	if !ok {
		return store.ErrNoSuchBucket
	}
	b := *old
	b.Document = doc
	return w.commit(ctx, old, &b, w.Side(name), text)
}

func (w *World) commit(ctx context.Context, old, b *estate.Bucket, side Side, text string) error {
	body, err := w.save(b, side, text)
	if err != nil {
		return err
	}
	err = w.store.Update(ctx, func(tx store.Tx) error {
		if b.Versioning.Status != old.Versioning.Status {
			if err := setVersioning(tx, b); err != nil {
				return err
			}
		}
		return tx.PutDocument(bucketRef(b.Account, b.Name), body)
	})
	if err == nil {
		w.sides.Store(b.Name, side)
		w.current.Store(withBuckets(w.Estate(), map[string]*estate.Bucket{b.Name: b}))
	}
	return err
}

// PolicyText returns the policy of a bucket to the letter, and whether it has
// one. One that came with the estate is printed as JSON.
func (w *World) PolicyText(ctx context.Context, b *estate.Bucket) (string, bool, error) {
	if b.Document.Document == nil {
		return "", false, nil
	}
	if b.Document.File != PolicyFile(b.Name) {
		return PrintPolicy(b.Document.Document), true, nil
	}
	d, err := w.store.Document(ctx, bucketRef(b.Account, b.Name))
	if err != nil {
		return "", false, err
	}
	var s savedBucket
	err = json.Unmarshal(d.Body, &s)
	return s.Policy, true, err
}
