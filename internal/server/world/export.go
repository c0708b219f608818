package world

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/store"
)

// ExportOptions say what an export holds besides what decides.
type ExportOptions struct {
	// Objects bounds how many objects and versions are told of, over all buckets. A
	// bucket whose objects are not all there is not marked as listed. 0: none.
	Objects int

	// Secrets includes the secrets of access keys and the seeds of MFA devices.
	Secrets bool
}

// Export returns the present state as an estate, to be written by its Encode.
func (w *World) Export(ctx context.Context, o ExportOptions) (*estate.Estate, error) {
	d := newDraft(w.Estate())
	d.estate.File, d.estate.Dir = "", ""
	left := o.Objects
	for _, id := range slices.Sorted(maps.Keys(d.estate.Accounts)) {
		a := d.estate.Accounts[id]
		if !o.Secrets {
			withoutSecrets(d, a)
		}
		for _, name := range slices.Sorted(maps.Keys(a.Buckets)) {
			b := *a.Buckets[name]
			b.Listed, b.Objects = false, nil
			if left > 0 {
				if err := w.exportObjects(ctx, &b, &left); err != nil {
					return nil, err
				}
			}
			put(d, &a.Buckets, name, &b)
		}
	}
	return d.estate, nil
}

func withoutSecrets(d *draft, a *estate.Account) {
	for name, u := range a.Users {
		u := *u
		u.AccessKeys, u.MFADevices = withoutSecret(u.AccessKeys), withoutSeed(u.MFADevices)
		put(d, &a.Users, name, &u)
	}
	if a.Root != nil {
		r := *a.Root
		r.AccessKeys, r.MFADevices = withoutSecret(r.AccessKeys), withoutSeed(r.MFADevices)
		a.Root = &r
	}
}

func withoutSecret(keys map[string]*estate.AccessKey) map[string]*estate.AccessKey {
	return cloneEach(keys, func(k *estate.AccessKey) *estate.AccessKey { return &estate.AccessKey{Status: k.Status} })
}

func withoutSeed(devices map[string]*estate.MFADevice) map[string]*estate.MFADevice {
	return cloneEach(devices, func(*estate.MFADevice) *estate.MFADevice { return &estate.MFADevice{} })
}

// exportObjects tells of the objects of a bucket, as long as the bound allows.
func (w *World) exportObjects(ctx context.Context, b *estate.Bucket, left *int) error {
	query := store.ListQuery{Bucket: b.Name, Limit: 1000, Versions: b.Versioning.Ever()}
	for {
		page, err := w.store.List(ctx, query)
		if errors.Is(err, store.ErrNoSuchBucket) {
			w.exportSeed(b)
			return nil
		}
		if err != nil {
			return err
		}
		for i := range page.Objects {
			if *left--; *left < 0 {
				return nil
			}
			w.exportObject(b, &page.Objects[i])
		}
		if !page.Truncated {
			b.Listed = true
			return nil
		}
		query.After, query.AfterVersion = page.Next, page.NextVersion
	}
}

// exportSeed tells of the objects of a bucket that the store does not hold: it is
// in the seed, and no endpoint has served it yet.
func (w *World) exportSeed(b *estate.Bucket) {
	if seed, ok := w.seed.Bucket(b.Name); ok {
		b.Objects, b.Listed = seed.Objects, seed.Listed
	}
}

// exportObject adds one version; those of a key come newest first. The newest is
// what the object itself says; in a bucket with versions it stands among those
// too, so that requests find it by its id.
func (w *World) exportObject(b *estate.Bucket, o *store.Object) {
	facts := *w.Facts(o)
	facts.Versions, facts.Tags = nil, maps.Clone(facts.Tags)
	if o.Latest {
		if b.Objects == nil {
			b.Objects = map[string]*estate.Object{}
		}
		object := facts
		b.Objects[o.Key] = &object
	}
	if !b.Versioning.Ever() {
		return
	}
	object := b.Objects[o.Key]
	if object.Versions == nil {
		object.Versions = map[string]*estate.Object{}
	}
	object.Versions[ShownVersion(o)] = &facts
}
