package embedded

import (
	"errors"
	"fmt"
	"slices"

	"zombiezen.com/go/sqlite"

	"github.com/why403/why403/internal/store"
)

// connection is one connection to the database with its prepared statements. One goroutine at a time uses it, and whoever
// holds one must not wait for another: the pool may be empty.
type connection struct {
	conn       *sqlite.Conn
	statements map[string]*statement
}

// statement is a prepared statement. What is bound to it stays bound: to clear bindings has SQLite make its plan anew.
type statement struct {
	*sqlite.Stmt
	busy bool // its rows are being read
}

// connect opens the database file at path, and applies pragmas ("synchronous=FULL").
func connect(path string, pragmas ...string) (*connection, error) {
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|sqlite.OpenCreate|sqlite.OpenWAL)
	if err != nil {
		return nil, err
	}
	conn.SetBusyTimeout(busyTimeout)
	c := &connection{conn, map[string]*statement{}}
	for _, p := range pragmas {
		if err := c.once("PRAGMA " + p); err != nil {
			return nil, errors.Join(err, c.close())
		}
	}
	return c, nil
}

func (c *connection) close() error {
	var errs []error
	for _, s := range c.statements {
		errs = append(errs, s.Finalize())
	}
	return errors.Join(append(errs, c.conn.Close())...)
}

// prepare returns a statement that is not busy.
func (c *connection) prepare(query string) (*statement, error) {
	known := c.statements[query]
	if known != nil && !known.busy {
		return known, nil
	}
	s, _, err := c.conn.PrepareTransient(query)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", query, err)
	}
	made := &statement{Stmt: s}
	if known == nil { // else it is a query within its own rows
		c.statements[query] = made
	}
	return made, nil
}

// once runs a statement that is not worth keeping, and passes over its rows.
func (c *connection) once(query string) error {
	s, _, err := c.conn.PrepareTransient(query)
	if err != nil {
		return fmt.Errorf("prepare %q: %w", query, err)
	}
	for more := true; more && err == nil; {
		more, err = s.Step()
	}
	return errors.Join(err, s.Finalize())
}

// errNoRow says that a query of one row found none.
var errNoRow = errors.New("no row")

func missing(err error) bool { return errors.Is(err, errNoRow) }

func (c *connection) exec(query string, args ...any) error {
	r, err := c.rows(query, args...)
	if err != nil {
		return err
	}
	r.Next()
	return r.Close()
}

// count is exec, and returns how many rows changed.
func (c *connection) count(query string, args ...any) (int, error) {
	err := c.exec(query, args...)
	return c.conn.Changes(), err
}

func (c *connection) scan(dest []any, query string, args ...any) error {
	r, err := c.rows(query, args...)
	if err != nil {
		return err
	}
	if !r.Next() {
		if err = r.Close(); err == nil {
			err = errNoRow
		}
		return err
	}
	return errors.Join(r.Scan(dest...), r.Close())
}

// rows are the rows of a query. Close must be called.
type rows struct {
	stmt *statement // nil: closed
	keep bool       // the connection has stmt
	err  error
}

func (c *connection) rows(query string, args ...any) (*rows, error) {
	s, err := c.prepare(query)
	if err != nil {
		return nil, err
	}
	s.busy = true
	r := &rows{stmt: s, keep: c.statements[query] == s}
	for i, a := range args {
		if err := bind(s.Stmt, i+1, a); err != nil {
			return nil, errors.Join(fmt.Errorf("%q: %w", query, err), r.Close())
		}
	}
	return r, nil
}

func bind(s *sqlite.Stmt, i int, arg any) error {
	switch v := arg.(type) {
	case int64:
		s.BindInt64(i, v)
	case int:
		s.BindInt64(i, int64(v))
	case store.Versioning:
		s.BindInt64(i, int64(v))
	case bool:
		s.BindBool(i, v)
	case string:
		s.BindText(i, v)
	case []byte:
		if v == nil {
			s.BindNull(i)
		} else {
			s.BindBytes(i, v)
		}
	default:
		return fmt.Errorf("argument %d has type %T", i, arg)
	}
	return nil
}

// Next goes to the next row; false at the end, and on an error, which Close returns.
func (r *rows) Next() bool {
	if r.err != nil {
		return false
	}
	more, err := r.stmt.Step()
	r.err = err
	return more
}

// Err returns the error that ended the rows.
func (r *rows) Err() error { return r.err }

// A buffer takes a column's bytes, and is used anew by each row.
type buffer []byte

// Scan copies the columns of a row.
func (r *rows) Scan(dest ...any) error {
	for i, d := range dest {
		switch d := d.(type) {
		case *int64:
			*d = r.stmt.ColumnInt64(i)
		case *int:
			*d = r.stmt.ColumnInt(i)
		case *store.Versioning:
			*d = store.Versioning(r.stmt.ColumnInt(i))
		case *bool:
			*d = r.stmt.ColumnBool(i)
		case *string:
			*d = r.stmt.ColumnText(i)
		case *buffer:
			*d = slices.Grow((*d)[:0], r.stmt.ColumnLen(i))[:r.stmt.ColumnLen(i)]
			r.stmt.ColumnBytes(i, *d)
		case *[]byte:
			*d = nil
			if !r.stmt.ColumnIsNull(i) {
				*d = make([]byte, r.stmt.ColumnLen(i))
				r.stmt.ColumnBytes(i, *d)
			}
		default:
			return fmt.Errorf("column %d has no place in %T", i, d)
		}
	}
	return nil
}

// Close ends the reading, and returns its error.
func (r *rows) Close() error {
	if r.stmt == nil {
		return r.err
	}
	if r.keep {
		_ = r.stmt.Reset() // repeats the error of Step
		r.stmt.busy = false
	} else {
		r.err = errors.Join(r.err, r.stmt.Finalize())
	}
	r.stmt = nil
	return r.err
}

// collect reads rows of one column.
func collect[T any](r *rows, err error) ([]T, error) {
	if err != nil {
		return nil, err
	}
	var all []T
	for r.Next() {
		var v T
		if err := r.Scan(&v); err != nil {
			return nil, errors.Join(err, r.Close())
		}
		all = append(all, v)
	}
	return all, r.Close()
}
