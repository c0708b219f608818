package embedded

import (
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/why403/why403/internal/store"
)

// version is a row of current or history, without bucket and key.
type version struct {
	seq                    int64
	id                     string
	marker                 bool
	etag                   string
	size, stored, modified int64
	parts, segments        int
	content                int64 // 0: no bytes
	attrs                  []byte
	shown                  buffer // see shownOf
}

// columns are those of version; columnsOf says the same of a table under another name.
const (
	columns   = `seq, version, marker, etag, size, stored, modified, parts, segments, content, attrs, shown`
	columnsOf = `c.seq, c.version, c.marker, c.etag, c.size, c.stored, c.modified, c.parts, c.segments, c.content, c.attrs, c.shown`
)

func (v *version) dest() []any {
	return []any{&v.seq, &v.id, &v.marker, &v.etag, &v.size, &v.stored, &v.modified, &v.parts, &v.segments, &v.content, &v.attrs, &v.shown}
}

func (v *version) values() []any {
	return []any{v.seq, v.id, v.marker, v.etag, v.size, v.stored, v.modified, v.parts, v.segments, v.content, v.attrs, []byte(v.shown)}
}

// bare is object without attributes.
func (v *version) bare(bucket, key string, latest bool) store.Object {
	return store.Object{Bucket: bucket, Key: key, VersionID: v.id, ETag: v.etag, Size: v.size, StoredSize: v.stored,
		Modified: time.UnixMilli(v.modified).UTC(), Revision: v.seq, Latest: latest, DeleteMarker: v.marker, Parts: v.parts}
}

// object makes the description of a version out of its row.
func (v *version) object(bucket, key string, latest bool) (store.Object, error) {
	o := v.bare(bucket, key, latest)
	err := decodeAttributes(v.attrs, &o.Attributes)
	if err != nil {
		err = fmt.Errorf("attributes of %s/%s version %s: %w", bucket, key, v.id, err)
	}
	return o, err
}

// encode sets what the row holds of attributes.
func (v *version) encode(a store.Attributes) (err error) {
	v.attrs, err = encodeAttributes(a)
	v.shown = shownOf(&a)
	return err
}

// encodeAttributes returns nil for attributes that are all empty.
func encodeAttributes(a store.Attributes) ([]byte, error) {
	if reflect.ValueOf(a).IsZero() {
		return nil, nil
	}
	return json.Marshal(a)
}

func decodeAttributes(b []byte, a *store.Attributes) error {
	if len(b) == 0 {
		return nil
	}
	return json.Unmarshal(b, a)
}

// place is where a version's row is.
type place struct {
	version
	table  string // current or history
	latest bool
}

// bucketRow is a row of bucket.
type bucketRow struct {
	id, created int64
	versioning  store.Versioning
}

// findBucket returns a bucket, in a write the one that the write sees.
func findBucket(q querier, name string) (b bucketRow, err error) {
	if t, ok := q.(*tx); ok {
		return t.bucket(name)
	}
	return readBucket(q, name)
}

func readBucket(q scanner, name string) (b bucketRow, err error) {
	err = q.scan([]any{&b.id, &b.versioning, &b.created}, `SELECT id, versioning, created FROM bucket WHERE name = ?`, name)
	if missing(err) {
		err = store.ErrNoSuchBucket
	}
	return b, err
}

// findCurrent returns the current version; false if there is none.
func findCurrent(q querier, bucket int64, key string) (v version, ok bool, err error) {
	err = q.scan(v.dest(), `SELECT `+columns+` FROM current WHERE bucket = ? AND key = ?`, bucket, []byte(key))
	return found(v, err)
}

// findNewestOld returns the newest version in history; false if there is none.
func findNewestOld(q querier, bucket int64, key string) (v version, ok bool, err error) {
	err = q.scan(v.dest(), `SELECT `+columns+` FROM history WHERE bucket = ? AND key = ? ORDER BY seq DESC LIMIT 1`, bucket, []byte(key))
	return found(v, err)
}

// findOld returns a version in history by its id; false if there is none.
func findOld(q querier, bucket int64, key, id string) (v version, ok bool, err error) {
	if id == store.NullVersion {
		err = q.scan(v.dest(), `SELECT `+columns+` FROM history WHERE bucket = ? AND key = ? AND version = 'null'`, bucket, []byte(key))
		return found(v, err)
	}
	seq, ok := sequence(id)
	if !ok {
		return v, false, nil
	}
	err = q.scan(v.dest(), `SELECT `+columns+` FROM history WHERE bucket = ? AND key = ? AND seq = ? AND version = ?`, bucket, []byte(key), seq, id)
	return found(v, err)
}

func found(v version, err error) (version, bool, error) {
	if missing(err) {
		return v, false, nil
	}
	return v, err == nil, err
}

// find returns the version that a request means. Errors as documented at store.Objects.Get; with ErrDeleteMarker, and with
// ErrNoSuchKey where there is one, the place is the marker's.
func find(q querier, bucket int64, key, id string) (place, error) {
	cur, ok, err := findCurrent(q, bucket, key)
	if err != nil {
		return place{}, err
	}
	if ok && (id == "" || id == cur.id) {
		return place{cur, "current", true}, nil
	}
	if id == "" {
		return findMarker(q, bucket, key)
	}
	old, exists, err := findOld(q, bucket, key, id)
	if err != nil {
		return place{}, err
	}
	if !exists {
		return place{}, noSuchVersion(q, id)
	}
	p := place{old, "history", false}
	if !ok {
		newest, _, err := findNewestOld(q, bucket, key)
		if err != nil {
			return place{}, err
		}
		p.latest = newest.seq == old.seq
	}
	if old.marker {
		return p, store.ErrDeleteMarker
	}
	return p, nil
}

// noSuchVersion tells an id that is not there any more from one that was never given.
func noSuchVersion(q querier, id string) error {
	if id == store.NullVersion {
		return store.ErrNoSuchVersion
	}
	var given int64
	if err := q.scan([]any{&given}, `SELECT value FROM counter WHERE name = 'revision'`); err != nil {
		return err
	}
	if seq, ok := sequence(id); !ok || seq >= given {
		return store.ErrInvalidVersion
	}
	return store.ErrNoSuchVersion
}

// findMarker answers for a key without a current version.
func findMarker(q querier, bucket int64, key string) (place, error) {
	newest, ok, err := findNewestOld(q, bucket, key)
	if err != nil {
		return place{}, err
	}
	if !ok {
		return place{}, store.ErrNoSuchKey
	}
	return place{newest, "history", true}, store.ErrNoSuchKey
}

// insert writes a row of current or history.
func (t *tx) insert(table string, bucket int64, key string, v version) error {
	t.touch(bucket, key)
	return t.exec(`INSERT OR REPLACE INTO `+table+` (bucket, key, `+columns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		append([]any{bucket, []byte(key)}, v.values()...)...)
}

// retire moves the current version into history.
func (t *tx) retire(bucket int64, key string) error {
	t.touch(bucket, key)
	if err := t.exec(`INSERT INTO history SELECT * FROM current WHERE bucket = ? AND key = ?`, bucket, []byte(key)); err != nil {
		return err
	}
	return t.exec(`DELETE FROM current WHERE bucket = ? AND key = ?`, bucket, []byte(key))
}

// promote makes the newest version in history current, if it is not a delete marker, after the current one was removed or
// a marker above it.
func (t *tx) promote(bucket int64, key string) error {
	v, ok, err := findNewestOld(t, bucket, key)
	if err != nil || !ok || v.marker {
		return err
	}
	t.touch(bucket, key)
	if err := t.exec(`INSERT INTO current SELECT * FROM history WHERE bucket = ? AND key = ? AND seq = ?`, bucket, []byte(key), v.seq); err != nil {
		return err
	}
	return t.exec(`DELETE FROM history WHERE bucket = ? AND key = ? AND seq = ?`, bucket, []byte(key), v.seq)
}

// remove removes a version and its bytes for good.
func (t *tx) remove(bucket int64, key string, p place) error {
	t.touch(bucket, key)
	if err := t.exec(`DELETE FROM `+p.table+` WHERE bucket = ? AND key = ?`+andSeq(p.table), append([]any{bucket, []byte(key)}, seqArg(p)...)...); err != nil {
		return err
	}
	return t.drop(p.content, p.segments)
}

func andSeq(table string) string {
	if table == "history" {
		return ` AND seq = ?`
	}
	return ""
}

func seqArg(p place) []any {
	if p.table == "history" {
		return []any{p.seq}
	}
	return nil
}

// removeNull removes the null version in history, if there is one.
func (t *tx) removeNull(bucket int64, key string) error {
	v, ok, err := findOld(t, bucket, key, store.NullVersion)
	if err != nil || !ok {
		return err
	}
	return t.remove(bucket, key, place{version: v, table: "history"})
}

// drop throws bytes away.
func (t *tx) drop(content int64, segments int) error {
	switch {
	case content == 0:
		return nil
	case segments == 0:
		return t.exec(`DELETE FROM inline WHERE content = ?`, content)
	}
	names, err := collect[string](t.rows(`SELECT name FROM segment WHERE content = ?`, content))
	if err != nil {
		return err
	}
	if err := t.exec(`DELETE FROM segment WHERE content = ?`, content); err != nil {
		return err
	}
	return t.discard(content, names)
}

// discard lists files as garbage and has them unlinked after the commit.
func (t *tx) discard(content int64, names []string) error {
	for _, name := range names {
		if err := t.exec(`INSERT OR REPLACE INTO garbage VALUES (?)`, name); err != nil {
			return err
		}
	}
	t.after = append(t.after, func() { t.w.garbage.add(content, names) })
	return nil
}
