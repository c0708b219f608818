package embedded

import (
	"bytes"
	"strings"
)

// cursor goes over the rows of a listing in their order.
type cursor interface {
	// seek goes to the first row whose key is not less than key.
	seek(key []byte) error
	// next goes to the following row.
	next() error
	// key is that of the row, valid until the next move; nil past the end.
	key() []byte
}

// walk is one page of a listing.
type walk struct {
	prefix, delimiter, after string
	limit                    int
	take                     func() error // takes the row where the cursor stands

	groups    []string
	last      string // key or group
	lastGroup bool
	truncated bool
}

// stepsInGroup is how many rows of a group are stepped over before the rest is passed over by a seek, which costs as much as
// a few steps.
const stepsInGroup = 3

// run fills the page. start is the first key that may be on it.
func (w *walk) run(c cursor, start []byte) error {
	if w.limit <= 0 || start == nil {
		return nil
	}
	if err := c.seek(start); err != nil {
		return err
	}
	for taken := 0; ; taken++ {
		k := c.key()
		if k == nil || !bytes.HasPrefix(k, []byte(w.prefix)) {
			return nil
		}
		if taken == w.limit {
			w.truncated = true
			return nil
		}
		var err error
		if group := w.group(k); group != "" {
			w.groups, w.last, w.lastGroup = append(w.groups, group), group, true
			err = passGroup(c, []byte(group))
		} else {
			w.last, w.lastGroup = string(k), false
			if err = w.take(); err == nil {
				err = c.next()
			}
		}
		if err != nil {
			return err
		}
	}
}

// group returns the common prefix that a key belongs to; empty if none.
func (w *walk) group(key []byte) string {
	if w.delimiter == "" {
		return ""
	}
	i := bytes.Index(key[len(w.prefix):], []byte(w.delimiter))
	if i < 0 {
		return ""
	}
	return string(key[:len(w.prefix)+i+len(w.delimiter)])
}

func passGroup(c cursor, group []byte) error {
	for range stepsInGroup {
		if err := c.next(); err != nil {
			return err
		}
		if k := c.key(); k == nil || !bytes.HasPrefix(k, group) {
			return nil
		}
	}
	return c.seek(successor(group))
}

// start returns the first key that may follow after; nil if none can. If inside, rows of the key after itself may follow.
func (w *walk) start(inside bool) []byte {
	switch {
	case w.after == "" || w.after < w.prefix:
		return []byte(w.prefix)
	case inside:
		return []byte(w.after)
	case strings.HasPrefix(w.after, w.prefix) && w.group([]byte(w.after)) == w.after:
		return successor([]byte(w.after))
	}
	return append([]byte(w.after), 0)
}

// successor returns the least key greater than all that begin with prefix; nil if there is none.
func successor(prefix []byte) []byte {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] < 0xff {
			next := bytes.Clone(prefix[:i+1])
			next[i]++
			return next
		}
	}
	return nil
}

// table is a cursor over the result of a query.
type table struct {
	// query returns the rows from key on.
	query func(key []byte) (*rows, error)
	// rest, if not nil, is the query of the rows within the key at which the listing resumes; they come before query's rows.
	rest func() (*rows, error)
	// dest receives the columns behind the key.
	dest []any

	rows    *rows
	current buffer
	into    []any  // current and dest
	resume  []byte // where query goes on after rest
}

func (t *table) seek(key []byte) error {
	t.close()
	if key == nil {
		return nil
	}
	var err error
	if t.rest != nil {
		t.rows, err = t.rest()
		t.rest, t.resume = nil, append(bytes.Clone(key), 0)
	} else {
		t.rows, err = t.query(key)
		t.resume = nil
	}
	if err != nil {
		return err
	}
	return t.next()
}

func (t *table) next() error {
	if t.rows == nil {
		return nil
	}
	if t.rows.Next() {
		if t.into == nil {
			t.into = append([]any{&t.current}, t.dest...)
		}
		return t.rows.Scan(t.into...)
	}
	err := t.rows.Err()
	t.close()
	if err == nil && t.resume != nil {
		return t.seek(t.resume)
	}
	return err
}

func (t *table) key() []byte {
	if t.rows == nil {
		return nil
	}
	return t.current
}

func (t *table) close() {
	if t.rows != nil {
		t.rows.Close()
	}
	t.rows = nil
}
