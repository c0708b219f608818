package embedded

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/why403/why403/internal/store"
)

// Put implements store.Objects.
func (s *Store) Put(ctx context.Context, meta store.ObjectMeta, r io.Reader) (store.Object, error) {
	if err := s.admit(ctx, meta.Bucket, meta.Key); err != nil {
		return store.Object{}, err
	}
	b, err := s.receive(ctx, r, s.options.InlineLimit, meta.Opaque)
	if err != nil {
		return store.Object{}, err
	}
	o := store.Object{Bucket: meta.Bucket, Key: meta.Key, ETag: b.md5, Size: b.size, StoredSize: b.size, Latest: true,
		Attributes: meta.Attributes}
	if err := s.commitObject(ctx, &o, &b, meta); err != nil {
		return store.Object{}, s.abandon(b, err)
	}
	return o, nil
}

func (s *Store) commitObject(ctx context.Context, o *store.Object, b *body, meta store.ObjectMeta) error {
	if meta.Seal != nil {
		if err := meta.Seal(o); err != nil {
			return err
		}
		o.Bucket, o.Key, o.StoredSize = meta.Bucket, meta.Key, b.size // not Seal's to change
	}
	v := version{etag: o.ETag, size: o.Size, stored: o.StoredSize}
	if err := v.encode(o.Attributes); err != nil {
		return err
	}
	if err := s.publish(b); err != nil {
		return err
	}
	return s.write.do(ctx, func(t *tx) error {
		v := v
		v.modified = t.now()
		bucket, err := t.checkWrite(o.Bucket, o.Key, meta.Preconditions)
		if err != nil {
			return err
		}
		if err := t.keep(&v, b); err != nil {
			return err
		}
		return t.place(bucket, o, v)
	})
}

// admit refuses before any byte of a body is read what would be refused afterwards.
func (s *Store) admit(ctx context.Context, bucket, key string) error {
	switch {
	case key == "":
		return store.ErrInvalidKey
	case len(key) > store.MaxKeyLength:
		return store.ErrKeyTooLong
	}
	_, err := s.Bucket(ctx, bucket)
	return err
}

// checkWrite decides preconditions.
func (t *tx) checkWrite(bucket, key string, p store.Preconditions) (bucketRow, error) {
	b, err := findBucket(t, bucket)
	if err != nil || p == (store.Preconditions{}) {
		return b, err
	}
	cur, ok, err := findCurrent(t, b.id, key)
	if err != nil {
		return b, err
	}
	return b, precondition(p, cur.etag, ok)
}

func precondition(p store.Preconditions, etag string, exists bool) error {
	if p.IfMatch != "" {
		if !exists {
			return store.ErrNoSuchKey
		}
		if !matches(p.IfMatch, etag) {
			return store.ErrPreconditionFailed
		}
	}
	if p.IfNoneMatch != "" && exists && matches(p.IfNoneMatch, etag) {
		return store.ErrPreconditionFailed
	}
	return nil
}

func matches(condition, etag string) bool {
	return condition == "*" || unquote(condition) == unquote(etag)
}

func unquote(etag string) string { return strings.Trim(etag, `"`) }

// keep writes the bytes of a body, or the name of its file.
func (t *tx) keep(v *version, b *body) (err error) {
	if b.size == 0 && b.name == "" {
		return nil
	}
	if v.content, err = t.next(); err != nil {
		return err
	}
	if b.name == "" {
		return t.exec(`INSERT INTO inline VALUES (?, ?)`, v.content, b.data)
	}
	v.segments = 1
	t.published = append(t.published, b.name)
	return t.exec(`INSERT INTO segment VALUES (?, 0, ?, '', ?, ?, 0, NULL)`, v.content, b.name, b.size, b.size)
}

// place makes v the newest version of its key, as the versioning state of the bucket demands ("How S3 Versioning works"), and
// completes o.
func (t *tx) place(b bucketRow, o *store.Object, v version) (err error) {
	if err := t.number(&v, b.versioning); err != nil {
		return err
	}
	if err := t.makeRoom(b, o.Key, v.id); err != nil {
		return err
	}
	o.VersionID, o.Revision, o.Modified = v.id, v.seq, time.UnixMilli(v.modified).UTC()
	return t.insert("current", b.id, o.Key, v)
}

// number gives a new version its place in the order and its id.
func (t *tx) number(v *version, state store.Versioning) (err error) {
	if v.seq, err = t.next(); err != nil {
		return err
	}
	v.id = store.NullVersion
	if state == store.Enabled {
		v.id = newID(v.seq)
	}
	return nil
}

// makeRoom retires the current version before a newer one comes; if the newer one is null, the null version goes.
func (t *tx) makeRoom(b bucketRow, key, id string) error {
	cur, ok, err := findCurrent(t, b.id, key)
	if err != nil {
		return err
	}
	null := id == store.NullVersion
	switch {
	case ok && null && cur.id == store.NullVersion:
		return t.remove(b.id, key, place{version: cur, table: "current"})
	case ok:
		if err := t.retire(b.id, key); err != nil {
			return err
		}
	}
	if null && b.versioning != store.Unversioned {
		return t.removeNull(b.id, key)
	}
	return nil
}
