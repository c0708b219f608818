package embedded

import (
	"context"

	"github.com/why403/why403/internal/store"
)

// scanner and querier are what reads have in common, be they in a write (tx) or beside it (reader).
type scanner interface {
	scan(dest []any, query string, args ...any) error
}

type querier interface {
	scanner
	rows(query string, args ...any) (*rows, error)
}

// take takes a reading connection out of the pool; give it back with s.readers <- c.
func (s *Store) take(ctx context.Context) (*connection, error) {
	if err := s.alive(ctx); err != nil {
		return nil, err
	}
	select {
	case c := <-s.readers:
		return c, nil
	case <-s.closed:
		return nil, store.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// view runs read on the database as it stood at one moment.
func (s *Store) view(ctx context.Context, read func(querier) error) (err error) {
	c, err := s.take(ctx)
	if err != nil {
		return err
	}
	defer func() { s.readers <- c }()
	if err := c.exec("BEGIN"); err != nil {
		return err
	}
	defer func() { // also when read panics
		if end := c.exec("COMMIT"); err == nil {
			err = end
		}
	}()
	return read(c)
}

// read runs queries each of which sees the database as it is by then.
func (s *Store) read(ctx context.Context, read func(querier) error) error {
	c, err := s.take(ctx)
	if err != nil {
		return err
	}
	defer func() { s.readers <- c }()
	return read(c)
}

// scan runs a query of one row.
func (s *Store) scan(ctx context.Context, dest []any, query string, args ...any) error {
	return s.read(ctx, func(q querier) error { return q.scan(dest, query, args...) })
}

// bucket returns a bucket, out of the cache if it can.
func (s *Store) bucket(ctx context.Context, name string) (bucketRow, error) {
	b, ok, at := s.buckets.get(name)
	if ok {
		return b, nil
	}
	err := s.read(ctx, func(q querier) (err error) { b, err = readBucket(q, name); return err })
	if err == nil {
		s.buckets.put(name, b, bucketWeight, at)
	}
	return b, err
}
