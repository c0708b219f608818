package embedded

import (
	"bytes"
	"context"

	"github.com/why403/why403/internal/store"
)

// List implements store.Objects.
func (s *Store) List(ctx context.Context, q store.ListQuery) (store.ListPage, error) {
	var page store.ListPage
	err := s.view(ctx, func(v querier) error {
		b, err := findBucket(v, q.Bucket)
		if err != nil {
			return err
		}
		w := walk{prefix: q.Prefix, delimiter: q.Delimiter, after: q.After, limit: q.Limit}
		if q.Versions {
			page, err = listVersions(v, b.id, q, w)
		} else {
			page, err = listCurrent(v, b.id, q.Bucket, q.Brief, w)
		}
		return err
	})
	if err != nil {
		return store.ListPage{}, err
	}
	return page, nil
}

func listCurrent(q querier, bucket int64, name string, brief bool, w walk) (store.ListPage, error) {
	var page store.ListPage
	c := newVersionTable(q, "current", "key", bucket)
	if brief {
		c.columns = briefColumns
	}
	defer c.close()
	known := memo{}
	page.Objects = make([]store.Object, 0, min(max(w.limit, 0), 1000))
	w.take = func() (err error) {
		var o store.Object
		if brief && len(c.row.shown) > 0 {
			o = c.row.bare(name, string(c.key()), true)
			o.Attributes, err = known.attributes(c.row.shown)
		} else {
			o, err = c.row.object(name, string(c.key()), true)
		}
		page.Objects = append(page.Objects, o)
		return err
	}
	err := w.run(c, w.start(false))
	page.CommonPrefixes, page.Truncated = w.groups, w.truncated
	if w.truncated {
		page.Next = w.last
	}
	return page, err
}

// versionTable is a cursor over current or history.
type versionTable struct {
	table
	row     version
	columns string
}

func newVersionTable(q querier, name, order string, bucket int64) *versionTable {
	t := &versionTable{columns: columns}
	t.dest = t.row.dest()
	t.query = func(key []byte) (*rows, error) {
		return q.rows(`SELECT key, `+t.columns+` FROM `+name+` WHERE bucket = ? AND key >= ? ORDER BY `+order, bucket, key)
	}
	return t
}

func listVersions(q querier, bucket int64, query store.ListQuery, w walk) (store.ListPage, error) {
	var page store.ListPage
	m, err := newMerged(q, bucket, query)
	if err != nil {
		return page, err
	}
	defer m.close()
	w.take = func() error {
		o, err := m.row().object(query.Bucket, string(m.key()), m.latest())
		page.Objects = append(page.Objects, o)
		return err
	}
	err = w.run(m, w.start(m.inside))
	page.CommonPrefixes, page.Truncated = w.groups, w.truncated
	if w.truncated {
		page.Next = w.last
		if n := len(page.Objects); n > 0 && !w.lastGroup {
			page.NextVersion = page.Objects[n-1].VersionID
		}
	}
	return page, err
}

// merged is a cursor over all versions: current and history in one order.
type merged struct {
	current, history *versionTable
	// inside: the listing resumes within a key, at the versions older than seq.
	inside bool
	after  []byte
	seq    int64

	previous []byte // key of the row before; if a row has the same, it is not the latest
}

// newMerged resolves the point at which the listing resumes.
func newMerged(q querier, bucket int64, query store.ListQuery) (*merged, error) {
	m := &merged{current: newVersionTable(q, "current", "key", bucket), history: newVersionTable(q, "history", "key, seq DESC", bucket)}
	if query.AfterVersion == "" || query.After < query.Prefix {
		return m, nil
	}
	m.inside, m.after = true, []byte(query.After)
	known, err := m.locate(q, bucket, query)
	if err != nil || !known {
		return m, err
	}
	m.history.rest = func() (*rows, error) {
		return q.rows(`SELECT key, `+columns+` FROM history WHERE bucket = ? AND key = ? AND seq < ? ORDER BY seq DESC`, bucket, m.after, m.seq)
	}
	return m, m.rememberNewer(q, bucket, query.After)
}

// locate finds the seq of the version behind which the listing resumes. False: that version is gone and its id does not tell,
// so the listing takes the key from its beginning rather than leave anything out.
func (m *merged) locate(q querier, bucket int64, query store.ListQuery) (bool, error) {
	if seq, ok := sequence(query.AfterVersion); ok {
		m.seq = seq
		return true, nil
	}
	cur, ok, err := findCurrent(q, bucket, query.After)
	if err != nil {
		return false, err
	}
	if ok && cur.id == query.AfterVersion {
		m.seq = cur.seq
		return true, nil
	}
	old, ok, err := findOld(q, bucket, query.After, query.AfterVersion)
	m.seq = old.seq
	return ok, err
}

// rememberNewer notes whether the key has a version that the listing is past, so that the next is not taken for the latest.
func (m *merged) rememberNewer(q querier, bucket int64, key string) error {
	cur, ok, err := findCurrent(q, bucket, key)
	if err != nil {
		return err
	}
	if !ok {
		if cur, ok, err = findNewestOld(q, bucket, key); err != nil {
			return err
		}
	}
	if ok && cur.seq >= m.seq {
		m.previous = []byte(key)
	}
	return nil
}

func (m *merged) seek(key []byte) error {
	if !bytes.Equal(key, m.after) {
		m.previous = nil
	}
	if err := m.current.seek(key); err != nil {
		return err
	}
	if m.seq != 0 && m.current.row.seq >= m.seq && bytes.Equal(m.current.key(), m.after) {
		if err := m.current.next(); err != nil {
			return err
		}
	}
	return m.history.seek(key)
}

func (m *merged) next() error {
	m.previous = append(m.previous[:0], m.key()...)
	return m.front().next()
}

// front is the table whose row comes first; a current version is newer than all in history.
func (m *merged) front() *versionTable {
	a, b := m.current.key(), m.history.key()
	if a == nil || b != nil && bytes.Compare(b, a) < 0 {
		return m.history
	}
	return m.current
}

func (m *merged) key() []byte   { return m.front().key() }
func (m *merged) row() *version { return &m.front().row }

func (m *merged) latest() bool {
	return m.front() == m.current || !bytes.Equal(m.key(), m.previous)
}

func (m *merged) close() {
	m.current.close()
	m.history.close()
}
