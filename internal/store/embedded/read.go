package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/why403/why403/internal/store"
)

// scanner and querier are what reads have in common, be they in a write (tx) or beside it (reader).
type scanner interface {
	scan(dest []any, query string, args ...any) error
}

type querier interface {
	scanner
	rows(query string, args ...any) (*sql.Rows, error)
}

// connection is one connection to the database with its prepared statements. One goroutine at a time uses it, and whoever
// holds one must not wait for another: the pool may be empty.
//
// No context is handed to the driver, which would start a goroutine per statement to watch it.
type connection struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

func connect(db *sql.DB) (*connection, error) {
	conn, err := db.Conn(context.Background())
	return &connection{conn, map[string]*sql.Stmt{}}, err
}

func (c *connection) prepare(query string) (*sql.Stmt, error) {
	if s, ok := c.stmts[query]; ok {
		return s, nil
	}
	s, err := c.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", query, err)
	}
	c.stmts[query] = s
	return s, nil
}

// close closes the prepared statements before the connection: the driver keeps a
// connection's files open as long as a statement is.
func (c *connection) close() error {
	var errs []error
	for _, s := range c.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.conn.Close())...)
}

func (c *connection) exec(query string, args ...any) error {
	_, err := c.count(query, args...)
	return err
}

// count is exec, and returns how many rows changed.
func (c *connection) count(query string, args ...any) (int64, error) {
	s, err := c.prepare(query)
	if err != nil {
		return 0, err
	}
	r, err := s.Exec(args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func (c *connection) scan(dest []any, query string, args ...any) error {
	s, err := c.prepare(query)
	if err != nil {
		return err
	}
	return s.QueryRow(args...).Scan(dest...)
}

func (c *connection) rows(query string, args ...any) (*sql.Rows, error) {
	s, err := c.prepare(query)
	if err != nil {
		return nil, err
	}
	return s.Query(args...)
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

// scan runs a query of one row outside of any view.
func (s *Store) scan(ctx context.Context, dest []any, query string, args ...any) error {
	c, err := s.take(ctx)
	if err != nil {
		return err
	}
	defer func() { s.readers <- c }()
	return c.scan(dest, query, args...)
}

// each makes Store a scanner for one context.
type each struct {
	s   *Store
	ctx context.Context
}

func (e each) scan(dest []any, query string, args ...any) error {
	return e.s.scan(e.ctx, dest, query, args...)
}

// collect reads rows of one column.
func collect[T any](rows *sql.Rows, err error) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// missing says that a query of one row found none.
func missing(err error) bool { return errors.Is(err, sql.ErrNoRows) }
