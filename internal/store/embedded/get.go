package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/why403/why403/internal/store"
)

// Get implements store.Objects.
func (s *Store) Get(ctx context.Context, bucket, key, versionID string) (store.Object, io.ReadSeekCloser, error) {
	for attempt := 0; ; attempt++ {
		if err := s.alive(ctx); err != nil {
			return store.Object{}, nil, err
		}
		h, err := s.lookup(ctx, bucket, key, versionID, true)
		if err != nil {
			return h.object, nil, err
		}
		r, err := s.openBytes(h)
		switch {
		case err == nil:
			return h.object, r, nil
		case !errors.Is(err, errGone) || attempt == 100:
			return store.Object{}, nil, fmt.Errorf("bytes of %s/%s: %w", bucket, key, err)
		}
		// Removed since it was looked up: look again.
	}
}

// Stat implements store.Objects.
func (s *Store) Stat(ctx context.Context, bucket, key, versionID string) (store.Object, error) {
	if err := s.alive(ctx); err != nil {
		return store.Object{}, err
	}
	h, err := s.lookup(ctx, bucket, key, versionID, false)
	return h.object, err
}

// hit is a version that was found, with its bytes or the names of its files if they were asked for.
type hit struct {
	object   store.Object
	version  version
	data     []byte
	segments []segment
}

const getQuery = `SELECT ` + columnsOf + `, i.data FROM bucket b JOIN current c ON c.bucket = b.id
	LEFT JOIN inline i ON i.content = c.content WHERE b.name = ? AND c.key = ?`

const statQuery = `SELECT ` + columnsOf + ` FROM bucket b JOIN current c ON c.bucket = b.id WHERE b.name = ? AND c.key = ?`

// lookup finds a version. The usual case, the current version of an object in one row, takes one query.
func (s *Store) lookup(ctx context.Context, bucket, key, versionID string, bytes bool) (h hit, err error) {
	if versionID == "" {
		query, dest := statQuery, h.version.dest()
		if bytes {
			query, dest = getQuery, append(dest, &h.data)
		}
		err = s.scan(ctx, dest, query, bucket, []byte(key))
		if err == nil && (!bytes || h.version.segments <= 1) {
			return h, s.finish(ctx, &h, bucket, key, bytes)
		}
		if err != nil && !missing(err) {
			return h, err
		}
	}
	err = s.view(ctx, func(q querier) error { return h.fill(q, bucket, key, versionID, bytes) })
	return h, err
}

// finish completes a current version that one query has found. Its file, if it has one, may be gone by now; openBytes tells.
func (s *Store) finish(ctx context.Context, h *hit, bucket, key string, bytes bool) (err error) {
	if h.object, err = h.version.object(bucket, key, true); err != nil || !bytes || h.version.segments == 0 {
		return err
	}
	h.segments = make([]segment, 1)
	g := &h.segments[0]
	err = s.scan(ctx, []any{&g.name, &g.size}, `SELECT name, stored FROM segment WHERE content = ?`, h.version.content)
	if missing(err) {
		return nil
	}
	return err
}

func (h *hit) fill(q querier, bucket, key, versionID string, bytes bool) error {
	b, err := findBucket(q, bucket)
	if err != nil {
		return err
	}
	p, missed := find(q, b.id, key, versionID)
	if p.seq == 0 {
		return missed
	}
	h.version = p.version
	if h.object, err = p.object(bucket, key, p.latest); err != nil {
		return err
	}
	if missed != nil || !bytes || p.content == 0 {
		return missed
	}
	if p.segments == 0 {
		return q.scan([]any{&h.data}, `SELECT data FROM inline WHERE content = ?`, p.content)
	}
	h.segments, err = findSegments(q, p.content)
	return err
}

// errGone says that files went between the look-up and the opening.
var errGone = errors.New("files are gone")

// openBytes opens what lookup has found.
func (s *Store) openBytes(h hit) (io.ReadSeekCloser, error) {
	switch len(h.segments) {
	case 0:
		return newMemory(h.data), nil
	case 1:
		return s.openOne(h.segments[0].name)
	}
	if !s.garbage.pin(h.version.content) {
		return nil, errGone
	}
	first, err := s.openOne(h.segments[0].name)
	if err != nil {
		s.garbage.unpin(h.version.content)
		return nil, err
	}
	return newSegments(h.segments, first, s.files.open, func() { s.garbage.unpin(h.version.content) }), nil
}

// openOne returns the file itself, so that the kernel can send it to a socket. It needs no pin: an open file outlives its name.
func (s *Store) openOne(name string) (io.ReadSeekCloser, error) {
	if name == "" {
		return nil, errGone
	}
	f, err := s.files.open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errGone
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// UpdateMeta implements store.Objects.
func (s *Store) UpdateMeta(ctx context.Context, bucket, key, versionID string, change func(*store.Object) error) (store.Object, error) {
	var o store.Object
	if err := s.alive(ctx); err != nil {
		return o, err
	}
	err := s.write.do(ctx, func(t *tx) error {
		b, err := findBucket(t, bucket)
		if err != nil {
			return err
		}
		p, missed := find(t, b.id, key, versionID)
		if p.seq == 0 {
			return missed
		}
		if o, err = p.object(bucket, key, p.latest); err != nil || missed != nil {
			return errors.Join(err, missed)
		}
		changed := o
		if err := change(&changed); err != nil {
			return err
		}
		o.Attributes = changed.Attributes
		attrs, err := encodeAttributes(o.Attributes)
		if err != nil {
			return err
		}
		return t.exec(`UPDATE `+p.table+` SET attrs = ? WHERE bucket = ? AND key = ? AND seq = ?`, attrs, b.id, []byte(key), p.seq)
	})
	return o, err
}
