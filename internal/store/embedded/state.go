package embedded

import (
	"context"
	"time"

	"github.com/why403/why403/internal/store"
)

// Document implements store.State.
func (s *Store) Document(ctx context.Context, ref store.Ref) (store.Document, error) {
	var d store.Document
	err := s.read(ctx, func(q querier) (err error) { d, err = findDocument(q, ref); return err })
	return d, err
}

// Documents implements store.State.
func (s *Store) Documents(ctx context.Context, kind, account string, yield func(store.Document) bool) error {
	return s.view(ctx, func(v querier) error { return eachDocument(v, kind, account, yield) })
}

// Bucket implements store.State.
func (s *Store) Bucket(ctx context.Context, name string) (store.Bucket, error) {
	if err := s.alive(ctx); err != nil {
		return store.Bucket{}, err
	}
	b, err := s.bucket(ctx, name)
	return b.shown(name), err
}

// Revision implements store.State.
func (s *Store) Revision(ctx context.Context) (n int64, err error) {
	return n, s.scan(ctx, []any{&n}, `SELECT value FROM counter WHERE name = 'state'`)
}

// Update implements store.State.
func (s *Store) Update(ctx context.Context, change func(store.Tx) error) error {
	if err := s.alive(ctx); err != nil {
		return err
	}
	return s.write.do(ctx, func(t *tx) (err error) {
		if t.revision, err = t.next(); err != nil {
			return err
		}
		if err := change(t); err != nil {
			return err
		}
		return t.exec(`UPDATE counter SET value = ? WHERE name = 'state'`, t.revision)
	})
}

func findDocument(q scanner, ref store.Ref) (store.Document, error) {
	d := store.Document{Ref: ref}
	err := q.scan([]any{&d.Revision, &d.Body}, `SELECT revision, body FROM document WHERE kind = ? AND account = ? AND name = ?`,
		ref.Kind, ref.Account, ref.Name)
	if missing(err) {
		err = store.ErrNotFound
	}
	return d, err
}

func eachDocument(q querier, kind, account string, yield func(store.Document) bool) error {
	query, args := `SELECT account, name, revision, body FROM document WHERE kind = ? ORDER BY account, name`, []any{kind}
	if account != "" {
		query, args = `SELECT account, name, revision, body FROM document WHERE kind = ? AND account = ? ORDER BY name`, []any{kind, account}
	}
	rows, err := q.rows(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		d := store.Document{Ref: store.Ref{Kind: kind}}
		if err := rows.Scan(&d.Account, &d.Name, &d.Revision, &d.Body); err != nil {
			return err
		}
		if !yield(d) {
			return nil
		}
	}
	return rows.Err()
}

// shown returns the row as the store's callers see it; the zero Bucket for the zero row.
func (b bucketRow) shown(name string) store.Bucket {
	if b.id == 0 {
		return store.Bucket{}
	}
	return store.Bucket{Name: name, Versioning: b.versioning, Created: time.UnixMilli(b.created).UTC()}
}

// Revision implements store.Tx.
func (t *tx) Revision() int64 { return t.revision }

// Document implements store.Tx.
func (t *tx) Document(ref store.Ref) (store.Document, error) { return findDocument(t, ref) }

// Documents implements store.Tx.
func (t *tx) Documents(kind, account string, yield func(store.Document) bool) error {
	return eachDocument(t, kind, account, yield)
}

// PutDocument implements store.Tx.
func (t *tx) PutDocument(ref store.Ref, body []byte) error {
	if body == nil {
		body = []byte{}
	}
	return t.exec(`INSERT OR REPLACE INTO document (kind, account, name, revision, body) VALUES (?, ?, ?, ?, ?)`,
		ref.Kind, ref.Account, ref.Name, t.revision, body)
}

// DeleteDocument implements store.Tx.
func (t *tx) DeleteDocument(ref store.Ref) error {
	return t.exec(`DELETE FROM document WHERE kind = ? AND account = ? AND name = ?`, ref.Kind, ref.Account, ref.Name)
}

// Bucket implements store.Tx.
func (t *tx) Bucket(name string) (store.Bucket, error) {
	b, err := t.bucket(name)
	return b.shown(name), err
}

// CreateBucket implements store.Tx.
func (t *tx) CreateBucket(name string) (store.Bucket, error) {
	id, err := t.next() // never used before, so that nothing of a deleted bucket can come back
	if err != nil {
		return store.Bucket{}, err
	}
	t.touchBucket(name)
	n, err := t.count(`INSERT OR IGNORE INTO bucket (id, name, versioning, created) VALUES (?, ?, 0, ?)`, id, name, t.now())
	if err != nil {
		return store.Bucket{}, err
	}
	if n == 0 {
		return store.Bucket{}, store.ErrBucketExists
	}
	return t.Bucket(name)
}

// DeleteBucket implements store.Tx.
func (t *tx) DeleteBucket(name string) error {
	b, err := findBucket(t, name)
	if err != nil {
		return err
	}
	var used bool
	err = t.scan([]any{&used}, `SELECT EXISTS (SELECT 1 FROM current WHERE bucket = ?1) OR EXISTS (SELECT 1 FROM history WHERE bucket = ?1)`, b.id)
	if err != nil {
		return err
	}
	if used {
		return store.ErrBucketNotEmpty
	}
	uploads, err := collect[int64](t.rows(`SELECT content FROM upload WHERE bucket = ?`, b.id))
	if err != nil {
		return err
	}
	for _, content := range uploads {
		if err := t.drop(content, maxPartNumber); err != nil {
			return err
		}
	}
	if err := t.exec(`DELETE FROM upload WHERE bucket = ?`, b.id); err != nil {
		return err
	}
	t.touchBucket(name)
	return t.exec(`DELETE FROM bucket WHERE id = ?`, b.id)
}

// SetVersioning implements store.Tx.
func (t *tx) SetVersioning(name string, to store.Versioning) error {
	b, err := findBucket(t, name)
	if err != nil {
		return err
	}
	if to != store.Enabled && to != store.Suspended && to != b.versioning {
		return store.ErrInvalidVersioning
	}
	t.touchBucket(name)
	return t.exec(`UPDATE bucket SET versioning = ? WHERE id = ?`, to, b.id)
}
