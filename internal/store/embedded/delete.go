package embedded

import (
	"context"
	"errors"

	"github.com/why403/why403/internal/store"
)

// Delete implements store.Objects.
func (s *Store) Delete(ctx context.Context, req store.DeleteRequest) (store.Deleted, error) {
	var d store.Deleted
	if err := s.alive(ctx); err != nil {
		return d, err
	}
	err := s.write.do(ctx, func(t *tx) (err error) {
		b, err := t.checkWrite(req.Bucket, req.Key, store.Preconditions{IfMatch: req.IfMatch})
		if err != nil {
			return err
		}
		switch {
		case req.VersionID != "":
			d, err = t.deleteVersion(b, req)
		case b.versioning == store.Unversioned:
			d, err = t.deleteCurrent(b, req)
		default:
			d, err = t.addMarker(b, req)
		}
		if err == nil && (d.Removed || d.DeleteMarker) {
			err = t.exec(`UPDATE upload SET deleted = 1 WHERE bucket = ? AND key = ?`, b.id, []byte(req.Key))
		}
		return err
	})
	if err != nil {
		return store.Deleted{}, err
	}
	return d, nil
}

// deleteVersion removes one version for good. What was below it becomes the newest.
func (t *tx) deleteVersion(b bucketRow, req store.DeleteRequest) (store.Deleted, error) {
	d := store.Deleted{VersionID: req.VersionID}
	p, err := find(t, b.id, req.Key, req.VersionID)
	if errors.Is(err, store.ErrNoSuchVersion) {
		return d, nil
	}
	if err != nil && !errors.Is(err, store.ErrDeleteMarker) {
		return d, err
	}
	if err := t.removeChecked(b, req, p); err != nil {
		return d, err
	}
	d.Removed, d.DeleteMarker = true, p.marker
	if p.latest {
		return d, t.promote(b.id, req.Key)
	}
	return d, nil
}

// deleteCurrent is the simple DELETE in an unversioned bucket.
func (t *tx) deleteCurrent(b bucketRow, req store.DeleteRequest) (store.Deleted, error) {
	d := store.Deleted{VersionID: store.NullVersion}
	cur, ok, err := findCurrent(t, b.id, req.Key)
	if err != nil || !ok {
		return d, err
	}
	d.Removed = true
	return d, t.removeChecked(b, req, place{cur, "current", true})
}

// addMarker is the simple DELETE in a bucket with versioning; the marker comes even if the key never existed. While
// versioning is suspended the marker replaces the null version.
func (t *tx) addMarker(b bucketRow, req store.DeleteRequest) (store.Deleted, error) {
	d := store.Deleted{DeleteMarker: true}
	v := version{marker: true, modified: t.now()}
	if err := t.number(&v, b.versioning); err != nil {
		return d, err
	}
	if v.id == store.NullVersion {
		removed, err := t.checkNull(b, req)
		if err != nil {
			return d, err
		}
		d.Removed = removed
	}
	if err := t.makeRoom(b, req.Key, v.id); err != nil {
		return d, err
	}
	d.VersionID = v.id
	return d, t.insert("history", b.id, req.Key, v)
}

// checkNull asks Check about the null version that a null marker is to replace.
func (t *tx) checkNull(b bucketRow, req store.DeleteRequest) (exists bool, err error) {
	p, err := find(t, b.id, req.Key, store.NullVersion)
	switch {
	case errors.Is(err, store.ErrNoSuchVersion):
		return false, nil
	case err != nil && !errors.Is(err, store.ErrDeleteMarker):
		return false, err
	}
	return true, check(req, p)
}

func (t *tx) removeChecked(b bucketRow, req store.DeleteRequest, p place) error {
	if err := check(req, p); err != nil {
		return err
	}
	return t.remove(b.id, req.Key, p)
}

func check(req store.DeleteRequest, p place) error {
	if req.Check == nil {
		return nil
	}
	o, err := p.object(req.Bucket, req.Key, p.latest)
	if err != nil {
		return err
	}
	return req.Check(o)
}
