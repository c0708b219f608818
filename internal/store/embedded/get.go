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
		h, err := s.lookup(ctx, bucket, key, versionID, true)
		if err == nil {
			var r io.ReadSeekCloser
			if r, err = s.openBytes(h); err == nil {
				return h.object, r, nil
			}
		} else if !errors.Is(err, errGone) {
			return h.object, nil, err
		}
		if !errors.Is(err, errGone) || attempt == 100 {
			return store.Object{}, nil, fmt.Errorf("bytes of %s/%s: %w", bucket, key, err)
		}
		// Removed since it was looked up: look again.
	}
}

// Stat implements store.Objects.
func (s *Store) Stat(ctx context.Context, bucket, key, versionID string) (store.Object, error) {
	h, err := s.lookup(ctx, bucket, key, versionID, false)
	return h.object, err
}

// hit is a version that was found, with its bytes or the names of its files if they were asked for. A hit in the cache does
// not change any more.
type hit struct {
	object   store.Object
	version  version
	whole    bool // data and segments were read
	data     []byte
	segments []segment
}

// rowKey names a row of current.
type rowKey struct {
	bucket int64
	key    string
}

// lookup finds a version. With an error, the hit is the zero one, or that of the delete marker that the error is about.
func (s *Store) lookup(ctx context.Context, bucket, key, versionID string, bytes bool) (*hit, error) {
	if err := s.alive(ctx); err != nil {
		return &hit{}, err
	}
	b, err := s.bucket(ctx, bucket)
	if err != nil {
		return &hit{}, err
	}
	if versionID == "" {
		h, err := s.lookupCurrent(ctx, rowKey{b.id, key}, bucket, bytes)
		if !missing(err) {
			return h, err
		}
		if b.versioning == store.Unversioned { // nothing in history
			return &hit{}, store.ErrNoSuchKey
		}
	}
	h := &hit{}
	err = s.view(ctx, func(q querier) error { return h.fill(q, b.id, bucket, key, versionID, bytes) })
	return h, err
}

// lookupCurrent finds a current version, in the cache or in one query; errNoRow if there is none. Its file, if it has one,
// may be gone by now; openBytes tells.
func (s *Store) lookupCurrent(ctx context.Context, k rowKey, bucket string, bytes bool) (*hit, error) {
	h, ok, at := s.current.get(k)
	if ok && (h.whole || !bytes) {
		return h, nil
	}
	h, err := s.readHit(ctx, h, k, bucket, bytes)
	if err == nil {
		s.current.put(k, h, h.weight(k), at)
	}
	return h, err
}

// readHit reads a current version, or what known lacks of it.
func (s *Store) readHit(ctx context.Context, known *hit, k rowKey, bucket string, bytes bool) (*hit, error) {
	h := &hit{}
	if known != nil {
		*h = *known
	}
	err := s.read(ctx, func(q querier) (err error) {
		if known == nil {
			err = h.readCurrent(q, k, bucket, bytes)
		}
		if err == nil && bytes && !h.whole {
			err = h.readBytes(q)
		}
		return err
	})
	return h, err
}

const getQuery = `SELECT ` + columnsOf + `, i.data FROM current c LEFT JOIN inline i ON i.content = c.content WHERE c.bucket = ? AND c.key = ?`

const statQuery = `SELECT ` + columnsOf + ` FROM current c WHERE c.bucket = ? AND c.key = ?`

// readCurrent reads a row of current, and with bytes those that are kept inline.
func (h *hit) readCurrent(q querier, k rowKey, bucket string, bytes bool) (err error) {
	query, dest := statQuery, h.version.dest()
	if bytes {
		query, dest = getQuery, append(dest, &h.data)
	}
	if err = q.scan(dest, query, k.bucket, []byte(k.key)); err != nil {
		return err
	}
	h.whole = bytes && h.version.segments == 0
	h.object, err = h.version.object(bucket, k.key, true)
	return err
}

// readBytes reads the bytes of a version, or the names of its files; errGone if they are gone.
func (h *hit) readBytes(q querier) (err error) {
	switch {
	case h.version.content == 0:
	case h.version.segments == 0:
		err = q.scan([]any{&h.data}, `SELECT data FROM inline WHERE content = ?`, h.version.content)
	default:
		h.segments, err = findSegments(q, h.version.content)
	}
	if missing(err) || err == nil && len(h.segments) != h.version.segments {
		return errGone
	}
	h.whole = err == nil
	return err
}

// weight is about how many bytes the cache needs for a hit.
func (h *hit) weight(k rowKey) int {
	return 600 + 2*len(k.key) + 4*len(h.version.attrs) + len(h.data) + 100*len(h.segments)
}

// fill finds a version in any table, at one moment.
func (h *hit) fill(q querier, id int64, bucket, key, versionID string, bytes bool) error {
	p, missed := find(q, id, key, versionID)
	if p.seq == 0 {
		return missed
	}
	h.version = p.version
	var err error
	if h.object, err = p.object(bucket, key, p.latest); err != nil {
		return err
	}
	if missed != nil || !bytes {
		return missed
	}
	return h.readBytes(q)
}

// errGone says that files went between the look-up and the opening.
var errGone = errors.New("files are gone")

// openBytes opens what lookup has found.
func (s *Store) openBytes(h *hit) (io.ReadSeekCloser, error) {
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
		if err := p.encode(o.Attributes); err != nil {
			return err
		}
		t.touch(b.id, key)
		return t.exec(`UPDATE `+p.table+` SET attrs = ?, shown = ? WHERE bucket = ? AND key = ? AND seq = ?`, p.attrs, []byte(p.shown), b.id, []byte(key), p.seq)
	})
	return o, err
}
