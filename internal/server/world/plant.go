package world

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/store"
)

// kindVersion holds, for the version ids that the seed names, those of the store.
const kindVersion = "version"

// kindSeeded marks buckets of the seed whose objects were made.
const kindSeeded = "seeded"

func seededRef(b *estate.Bucket) store.Ref {
	return store.Ref{Kind: kindSeeded, Account: string(b.Account), Name: b.Name}
}

// plant makes buckets of the seed in the store, with their objects. What an
// earlier start has made, or began to make, is not made again.
func (w *World) plant(ctx context.Context, buckets []*estate.Bucket) error {
	var full []*estate.Bucket
	err := w.store.Update(ctx, func(tx store.Tx) error {
		for _, b := range buckets {
			_, err := tx.Document(seededRef(b))
			if err == nil {
				continue
			}
			if !errors.Is(err, store.ErrNotFound) {
				return err
			}
			if _, err := tx.CreateBucket(b.Name); err != nil && !errors.Is(err, store.ErrBucketExists) {
				return fmt.Errorf("bucket %s: %w", b.Name, err)
			}
			if err := setVersioning(tx, b); err != nil {
				return fmt.Errorf("bucket %s: %w", b.Name, err)
			}
			if len(b.Objects) > 0 {
				full = append(full, b)
			} else if err := tx.PutDocument(seededRef(b), []byte("{}")); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, b := range full {
		if err := w.plantObjects(ctx, b); err != nil {
			return fmt.Errorf("bucket %s: %w", b.Name, err)
		}
	}
	return nil
}

func (w *World) plantObjects(ctx context.Context, b *estate.Bucket) error {
	for _, key := range slices.Sorted(maps.Keys(b.Objects)) {
		o := b.Objects[key]
		if o == nil {
			o = &estate.Object{}
		}
		if err := w.plantObject(ctx, b, key, o); err != nil {
			return fmt.Errorf("object %s: %w", key, err)
		}
	}
	return w.store.Update(ctx, func(tx store.Tx) error { return tx.PutDocument(seededRef(b), []byte("{}")) })
}

// plantObject makes the versions that the seed names, and on top of them the
// current one.
func (w *World) plantObject(ctx context.Context, b *estate.Bucket, key string, o *estate.Object) error {
	_, err := w.store.Stat(ctx, b.Name, key, "")
	switch {
	case err == nil:
		return nil // an earlier start came this far
	case !errors.Is(err, store.ErrNoSuchKey):
		return err
	}
	current := ""
	if b.Versioning.Ever() {
		current = currentVersion(o)
		for _, id := range slices.Sorted(maps.Keys(o.Versions)) {
			if id == current {
				continue
			}
			if err := w.plantVersion(ctx, b, key, id, o.Versions[id]); err != nil {
				return err
			}
		}
	}
	if current != "" {
		return w.plantVersion(ctx, b, key, current, o.Versions[current])
	}
	if o.Exists != nil && !*o.Exists {
		return nil
	}
	_, err = w.put(ctx, b, key, "", o)
	return err
}

// currentVersion is the id under which the versions of an object hold the current
// one as well, as those of an export do, and "" where none says the same.
func currentVersion(o *estate.Object) string {
	alone := *o
	alone.Versions = nil
	for _, id := range slices.Sorted(maps.Keys(o.Versions)) {
		if v := o.Versions[id]; v != nil && bytes.Equal(marshal(v), marshal(&alone)) {
			return id
		}
	}
	return ""
}

// put makes one version, or a delete marker, and returns its id. id is the one that
// the seed gives it.
func (w *World) put(ctx context.Context, b *estate.Bucket, key, id string, o *estate.Object) (string, error) {
	if o.DeleteMarker {
		gone, err := w.store.Delete(ctx, store.DeleteRequest{Bucket: b.Name, Key: key})
		return gone.VersionID, err
	}
	meta := store.ObjectMeta{Bucket: b.Name, Key: key, Attributes: attributes(b, o)}
	meta.Extra[extraSeed] = json.RawMessage("true")
	if id != "" {
		meta.Extra[extraVersion] = marshal(id)
	}
	made, err := w.store.Put(ctx, meta, bytes.NewReader(nil))
	return made.VersionID, err
}

func (w *World) plantVersion(ctx context.Context, b *estate.Bucket, key, id string, o *estate.Object) error {
	if o == nil {
		o = &estate.Object{}
	}
	if _, err := w.store.Document(ctx, versionRef(b.Name, key, id)); err == nil {
		return nil // an earlier start came this far
	}
	made, err := w.put(ctx, b, key, id, o)
	if err != nil {
		return err
	}
	return w.store.Update(ctx, func(tx store.Tx) error {
		return tx.PutDocument(versionRef(b.Name, key, id), marshal(made))
	})
}

func versionRef(bucket, key, id string) store.Ref {
	return store.Ref{Kind: kindVersion, Account: bucket, Name: id + "/" + key}
}

// StoredVersion returns the id under which the store keeps a version that a
// request names: another one for the versions of the seed.
func (w *World) StoredVersion(ctx context.Context, bucket, key, id string) string {
	b, ok := w.seed.Bucket(bucket)
	if id == "" || !ok || b.Objects[key] == nil || b.Objects[key].Versions[id] == nil {
		return id
	}
	d, err := w.store.Document(ctx, versionRef(bucket, key, id))
	if err != nil {
		return id
	}
	stored := id
	_ = json.Unmarshal(d.Body, &stored) // written by plantVersion
	return stored
}

// ShownVersion is the reverse of StoredVersion.
func ShownVersion(o *store.Object) string {
	id := o.VersionID
	_ = json.Unmarshal(o.Extra[extraVersion], &id) // absent: stays
	return id
}
