package world

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/store"
)

// A Bucket is a bucket with what the calls that read settings show besides. Its
// access points are records of their own, and its objects are in the store.
type Bucket struct {
	estate.Bucket
	Side

	Seeded bool `json:"seeded,omitempty"` // it is the seed's, changed: what its file says of it has a place there
}

// A Side is what the calls that read settings show of a bucket, and what decides
// nothing.
type Side struct {
	NoPublicAccessBlock bool `json:"noPublicAccessBlock,omitempty"` // deleted: none is on
	NoOwnershipControls bool `json:"noOwnershipControls,omitempty"` // deleted: as ObjectWriter

	// Configurations are the documents of settings that decide nothing, by the name
	// of the setting, with "/" and the id where a bucket has several.
	Configurations map[string]string `json:"configurations,omitempty"`

	DefaultRetention *DefaultRetention `json:"defaultRetention,omitempty"` // of Object Lock; nil: none
}

// A DefaultRetention is what new objects of a bucket with Object Lock get: so many days, or years.
type DefaultRetention struct {
	Mode  string `json:"mode"`
	Days  int    `json:"days,omitempty"`
	Years int    `json:"years,omitempty"`
}

// Buckets are the buckets by name. They are made and deleted by CreateBucket and
// DeleteBucket, which see to the store's own.
var Buckets = func() *Kind[Bucket] {
	k := inAccount("bucket", func(a *estate.Account) *map[string]*estate.Bucket { return &a.Buckets },
		func(_ iam.AccountID, _ string, b *estate.Bucket) Bucket { return Bucket{Bucket: *b, Seeded: true} },
		func(b *Bucket) *estate.Bucket { return &b.Bucket })
	set := k.set
	k.set = func(d *draft, account iam.AccountID, name string, v *Bucket) bool {
		if v != nil {
			b := &v.Bucket
			b.Name, b.Account, b.AccessPoints = name, account, nil
			b.Objects, b.Listed = nil, true
			if old := d.account(account).Buckets[name]; old != nil {
				b.AccessPoints = old.AccessPoints
			}
		}
		return set(d, account, name, v)
	}
	k.restore = func(v, seed *Bucket) {
		if v.Seeded {
			v.Pos, v.Places = seed.Pos, seed.Places
		}
	}
	return k
}()

// MarshalJSON leaves out what are records of their own.
func (b Bucket) MarshalJSON() ([]byte, error) {
	type plain Bucket
	b.AccessPoints, b.Objects = nil, nil
	return json.Marshal(plain(b))
}

// UnmarshalJSON is the reverse of MarshalJSON.
func (b *Bucket) UnmarshalJSON(data []byte) error {
	type plain Bucket
	var s struct {
		*plain
		Settings json.RawMessage `json:"settings"`
	}
	s.plain = (*plain)(b)
	if err := json.Unmarshal(data, &s); err != nil || s.Settings == nil {
		return err
	}
	return errors.New("it is in the form of an unreleased version; start again with an empty data folder")
}

// PolicyFile is how positions name the policy of a bucket that was put here.
func PolicyFile(bucket string) string { return bucket + "?policy" }

// ParsePolicy reads a bucket policy as the estate holds one that was put here.
func ParsePolicy(bucket string, text []byte) (estate.Document, error) {
	return estate.ParseDocument(PolicyFile(bucket), text)
}

// CreateBucket makes a bucket. store.ErrBucketExists: the name is taken.
func (w *World) CreateBucket(ctx context.Context, b *estate.Bucket) error {
	return w.Change(ctx, func(c *Change) error {
		if _, taken := c.Estate().Bucket(b.Name); taken {
			return store.ErrBucketExists
		}
		c.Also(func(tx store.Tx) error {
			if _, err := tx.CreateBucket(b.Name); err != nil {
				return err
			}
			return setVersioning(tx, b)
		})
		Buckets.Put(c, b.Account, b.Name, Bucket{Bucket: *b})
		return nil
	})
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
	return w.Change(ctx, func(c *Change) error {
		b, ok := c.Estate().Bucket(name)
		if !ok {
			return store.ErrNoSuchBucket
		}
		c.Also(func(tx store.Tx) error {
			if err := tx.DeleteBucket(name); err != nil {
				return err
			}
			return tx.DeleteDocument(seededRef(b))
		})
		Buckets.Delete(c, b.Account, name)
		return nil
	})
}

// Side returns what is kept besides the settings of a bucket.
func (w *World) Side(name string) Side {
	s := w.state.Load()
	b, ok := s.estate.Bucket(name)
	if !ok {
		return Side{}
	}
	r, _ := Buckets.Get(s, b.Account, name)
	return r.Side
}

// ChangeBucket changes settings of a bucket. change gets a copy; its error is
// returned and changes nothing. Errors besides: store.ErrNoSuchBucket.
func (w *World) ChangeBucket(ctx context.Context, name string, change func(*estate.Bucket, *Side) error) error {
	return w.Change(ctx, func(c *Change) error {
		old, ok := c.Estate().Bucket(name)
		if !ok {
			return store.ErrNoSuchBucket
		}
		b, _ := Buckets.Get(c, old.Account, name)
		if err := change(&b.Bucket, &b.Side); err != nil {
			return err
		}
		if b.Versioning.Status != old.Versioning.Status {
			c.Also(func(tx store.Tx) error { return setVersioning(tx, &b.Bucket) })
		}
		Buckets.Put(c, old.Account, name, b)
		return nil
	})
}

// SetPolicy puts the policy of a bucket, which was read by [ParsePolicy], or
// removes it (the zero Document).
func (w *World) SetPolicy(ctx context.Context, name string, doc estate.Document) error {
	return w.ChangeBucket(ctx, name, func(b *estate.Bucket, _ *Side) error {
		b.Document = doc
		return nil
	})
}
