package embedded

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/why403/why403/internal/store"
)

const maxPartNumber = 10000

// uploadRow is a row of upload.
type uploadRow struct {
	seq, content, initiated int64
	id                      string
	attrs                   []byte
	deleted                 bool // the key, since the upload began
}

func (u *uploadRow) upload(bucket, key string) (store.Upload, error) {
	up := store.Upload{Bucket: bucket, Key: key, UploadID: u.id, Initiated: time.UnixMilli(u.initiated).UTC()}
	return up, decodeAttributes(u.attrs, &up.Attributes)
}

func findUpload(q querier, bucket, key, id string) (b bucketRow, u uploadRow, err error) {
	if b, err = findBucket(q, bucket); err != nil {
		return b, u, err
	}
	seq, ok := sequence(id)
	if !ok {
		return b, u, store.ErrNoSuchUpload
	}
	err = q.scan([]any{&u.seq, &u.id, &u.content, &u.initiated, &u.attrs, &u.deleted},
		`SELECT seq, id, content, initiated, attrs, deleted FROM upload WHERE bucket = ? AND key = ? AND seq = ? AND id = ?`, b.id, []byte(key), seq, id)
	if missing(err) {
		err = store.ErrNoSuchUpload
	}
	return b, u, err
}

// CreateUpload implements store.Uploads.
func (s *Store) CreateUpload(ctx context.Context, meta store.UploadMeta) (store.Upload, error) {
	if err := s.admit(ctx, meta.Bucket, meta.Key); err != nil {
		return store.Upload{}, err
	}
	attrs, err := encodeAttributes(meta.Attributes)
	if err != nil {
		return store.Upload{}, err
	}
	u := uploadRow{attrs: attrs}
	err = s.write.do(ctx, func(t *tx) error {
		b, err := findBucket(t, meta.Bucket)
		if err != nil {
			return err
		}
		if u.seq, err = t.next(); err != nil {
			return err
		}
		if u.content, err = t.next(); err != nil {
			return err
		}
		u.id, u.initiated = newID(u.seq), t.now()
		return t.exec(`INSERT INTO upload (bucket, key, seq, id, content, initiated, attrs) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			b.id, []byte(meta.Key), u.seq, u.id, u.content, u.initiated, attrs)
	})
	if err != nil {
		return store.Upload{}, err
	}
	return u.upload(meta.Bucket, meta.Key)
}

// StatUpload implements store.Uploads.
func (s *Store) StatUpload(ctx context.Context, bucket, key, id string) (up store.Upload, err error) {
	err = s.view(ctx, func(v querier) error {
		_, u, err := findUpload(v, bucket, key, id)
		if err != nil {
			return err
		}
		up, err = u.upload(bucket, key)
		return err
	})
	return up, err
}

// PutPart implements store.Uploads.
func (s *Store) PutPart(ctx context.Context, meta store.PartMeta, r io.Reader) (store.Part, error) {
	if meta.Number < 1 || meta.Number > maxPartNumber {
		return store.Part{}, store.ErrInvalidPart
	}
	if _, err := s.StatUpload(ctx, meta.Bucket, meta.Key, meta.UploadID); err != nil {
		return store.Part{}, err
	}
	b, err := s.receive(ctx, r, -1, meta.Opaque)
	if err != nil {
		return store.Part{}, err
	}
	p := store.Part{Number: meta.Number, ETag: b.md5, Size: b.size, StoredSize: b.size, Checksums: meta.Checksums}
	if err := s.commitPart(ctx, &p, &b, meta); err != nil {
		return store.Part{}, s.abandon(b, err)
	}
	return p, nil
}

func (s *Store) commitPart(ctx context.Context, p *store.Part, b *body, meta store.PartMeta) error {
	if meta.Seal != nil {
		if err := meta.Seal(p); err != nil {
			return err
		}
	}
	checksums, err := encodeChecksums(p.Checksums)
	if err != nil {
		return err
	}
	if err := s.publish(b); err != nil {
		return err
	}
	return s.write.do(ctx, func(t *tx) error {
		_, u, err := findUpload(t, meta.Bucket, meta.Key, meta.UploadID)
		if err != nil {
			return err
		}
		if err := t.dropPart(u.content, p.Number); err != nil {
			return err
		}
		p.Modified = time.UnixMilli(t.now()).UTC()
		t.published = append(t.published, b.name)
		return t.exec(`INSERT INTO segment (content, number, name, etag, size, stored, modified, checksums) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			u.content, p.Number, b.name, p.ETag, p.Size, p.StoredSize, t.now(), checksums)
	})
}

func encodeChecksums(m map[string]string) ([]byte, error) {
	if len(m) == 0 {
		return nil, nil
	}
	return json.Marshal(m)
}

// dropPart throws one part away, if it is there. Parts of an upload have no readers.
func (t *tx) dropPart(content int64, number int) error {
	var name string
	err := t.scan([]any{&name}, `SELECT name FROM segment WHERE content = ? AND number = ?`, content, number)
	if missing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := t.exec(`DELETE FROM segment WHERE content = ? AND number = ?`, content, number); err != nil {
		return err
	}
	return t.discard(0, []string{name})
}

// ListParts implements store.Uploads.
func (s *Store) ListParts(ctx context.Context, bucket, key, id string, after, limit int) (parts []store.Part, more bool, err error) {
	err = s.view(ctx, func(v querier) error {
		_, u, err := findUpload(v, bucket, key, id)
		if err != nil {
			return err
		}
		parts, more, err = findParts(v, u.content, after, limit)
		return err
	})
	return parts, more, err
}

// ObjectParts implements store.Uploads.
func (s *Store) ObjectParts(ctx context.Context, bucket, key, versionID string, after, limit int) (parts []store.Part, more bool, err error) {
	err = s.view(ctx, func(v querier) error {
		b, err := findBucket(v, bucket)
		if err != nil {
			return err
		}
		p, err := find(v, b.id, key, versionID)
		if err != nil || p.parts == 0 {
			return err
		}
		parts, more, err = findParts(v, p.content, after, limit)
		return err
	})
	return parts, more, err
}

// findParts returns at most limit parts with numbers greater than after.
func findParts(q querier, content int64, after, limit int) (parts []store.Part, more bool, err error) {
	if limit <= 0 {
		return nil, false, nil
	}
	rows, err := q.rows(`SELECT number, etag, size, stored, modified, checksums FROM segment
		WHERE content = ? AND number > ? ORDER BY number LIMIT ?`, content, after, limit+1)
	if err != nil {
		return nil, false, err
	}
	defer rows.Close()
	for rows.Next() {
		if len(parts) == limit {
			return parts, true, nil
		}
		var p store.Part
		var modified int64
		var checksums []byte
		if err := rows.Scan(&p.Number, &p.ETag, &p.Size, &p.StoredSize, &modified, &checksums); err != nil {
			return nil, false, err
		}
		p.Modified = time.UnixMilli(modified).UTC()
		if len(checksums) > 0 {
			if err := json.Unmarshal(checksums, &p.Checksums); err != nil {
				return nil, false, fmt.Errorf("checksums of part %d: %w", p.Number, err)
			}
		}
		parts = append(parts, p)
	}
	return parts, false, rows.Err()
}

// CompleteUpload implements store.Uploads. The parts stay where they are: the object takes over the content of the upload.
func (s *Store) CompleteUpload(ctx context.Context, req store.CompleteRequest) (store.Object, error) {
	var o store.Object
	if err := s.alive(ctx); err != nil {
		return o, err
	}
	err := s.write.do(ctx, func(t *tx) error {
		b, u, err := findUpload(t, req.Bucket, req.Key, req.UploadID)
		if err != nil {
			return err
		}
		if err := t.checkComplete(b, u, req); err != nil {
			return err
		}
		o, err = t.complete(b, u, req)
		return err
	})
	if err != nil {
		return store.Object{}, err
	}
	return o, nil
}

// checkComplete checks the preconditions, which what came between the beginning of the upload and now must not have brought about.
func (t *tx) checkComplete(b bucketRow, u uploadRow, req store.CompleteRequest) error {
	if _, err := t.checkWrite(req.Bucket, req.Key, req.Preconditions); err != nil || req.Preconditions == (store.Preconditions{}) {
		return err
	}
	cur, _, err := findCurrent(t, b.id, req.Key)
	if err == nil && (req.IfMatch != "" && cur.seq > u.seq || req.IfNoneMatch != "" && u.deleted) {
		err = store.ErrConditionalConflict
	}
	return err
}

func (t *tx) complete(b bucketRow, u uploadRow, req store.CompleteRequest) (store.Object, error) {
	all, _, err := findParts(t, u.content, 0, maxPartNumber)
	if err != nil {
		return store.Object{}, err
	}
	chosen, rest, err := choose(all, req)
	if err != nil {
		return store.Object{}, err
	}
	o, err := assemble(u, req, chosen)
	if err != nil {
		return o, err
	}
	for _, p := range rest {
		if err := t.dropPart(u.content, p.Number); err != nil {
			return o, err
		}
	}
	if err := t.exec(`DELETE FROM upload WHERE bucket = ? AND key = ? AND seq = ?`, b.id, []byte(req.Key), u.seq); err != nil {
		return o, err
	}
	v := version{etag: o.ETag, size: o.Size, stored: o.StoredSize, modified: u.initiated, parts: o.Parts, segments: len(chosen), content: u.content}
	if err := v.encode(o.Attributes); err != nil {
		return o, err
	}
	return o, t.place(b, &o, v)
}

// assemble describes the object that the chosen parts make.
func assemble(u uploadRow, req store.CompleteRequest, chosen []store.Part) (store.Object, error) {
	o := store.Object{ETag: multipartETag(chosen)}
	if err := decodeAttributes(u.attrs, &o.Attributes); err != nil {
		return o, err
	}
	var stored int64
	for _, p := range chosen {
		o.Size += p.Size
		stored += p.StoredSize
	}
	o.Bucket, o.Key, o.Latest, o.StoredSize, o.Parts = req.Bucket, req.Key, true, stored, len(chosen)
	if req.Seal == nil {
		return o, nil
	}
	err := req.Seal(&o, chosen)
	o.Bucket, o.Key, o.Latest, o.StoredSize, o.Parts = req.Bucket, req.Key, true, stored, len(chosen) // not Seal's to change
	return o, err
}

// choose checks the list of a CompleteRequest against the parts of the upload, and splits these.
func choose(all []store.Part, req store.CompleteRequest) (chosen, rest []store.Part, err error) {
	byNumber := make(map[int]store.Part, len(all))
	for _, p := range all {
		byNumber[p.Number] = p
	}
	for i, want := range req.Parts {
		if i > 0 && want.Number <= req.Parts[i-1].Number {
			return nil, nil, store.ErrInvalidPartOrder
		}
	}
	for i, want := range req.Parts {
		p, ok := byNumber[want.Number]
		if !ok || unquote(p.ETag) != unquote(want.ETag) {
			return nil, nil, fmt.Errorf("part %d: %w", want.Number, store.ErrInvalidPart)
		}
		if p.Size < req.MinPartSize && i < len(req.Parts)-1 {
			return nil, nil, fmt.Errorf("part %d: %w", want.Number, store.ErrEntityTooSmall)
		}
		chosen = append(chosen, p)
		delete(byNumber, want.Number)
	}
	if len(chosen) == 0 {
		return nil, nil, store.ErrInvalidPart
	}
	for _, p := range byNumber {
		rest = append(rest, p)
	}
	return chosen, rest, nil
}

// multipartETag is the MD5 of the parts' MD5s, and their number. An ETag that is no MD5, as Seal may set it, counts as text.
func multipartETag(parts []store.Part) string {
	sum := md5.New()
	for _, p := range parts {
		if b, err := hex.DecodeString(p.ETag); err == nil && len(b) == md5.Size {
			sum.Write(b)
		} else {
			sum.Write([]byte(p.ETag))
		}
	}
	return fmt.Sprintf("%x-%d", sum.Sum(nil), len(parts))
}

// AbortUpload implements store.Uploads.
func (s *Store) AbortUpload(ctx context.Context, bucket, key, id string) error {
	if err := s.alive(ctx); err != nil {
		return err
	}
	return s.write.do(ctx, func(t *tx) error {
		b, u, err := findUpload(t, bucket, key, id)
		if err != nil {
			return err
		}
		if err := t.drop(u.content, maxPartNumber); err != nil {
			return err
		}
		return t.exec(`DELETE FROM upload WHERE bucket = ? AND key = ? AND seq = ?`, b.id, []byte(key), u.seq)
	})
}

// ListUploads implements store.Uploads.
func (s *Store) ListUploads(ctx context.Context, q store.UploadQuery) (page store.UploadPage, err error) {
	err = s.view(ctx, func(v querier) error {
		b, err := findBucket(v, q.Bucket)
		if err != nil {
			return err
		}
		page, err = listUploads(v, b.id, q)
		return err
	})
	return page, err
}

func listUploads(v querier, bucket int64, q store.UploadQuery) (page store.UploadPage, err error) {
	const fields = `SELECT key, seq, id, content, initiated, attrs FROM upload WHERE bucket = ? AND key `
	var row uploadRow
	c := &table{dest: []any{&row.seq, &row.id, &row.content, &row.initiated, &row.attrs}}
	defer c.close()
	c.query = func(key []byte) (*rows, error) { return v.rows(fields+`>= ? ORDER BY key, seq`, bucket, key) }
	w := walk{prefix: q.Prefix, delimiter: q.Delimiter, after: q.After, limit: q.Limit}
	w.take = func() error {
		u, err := row.upload(q.Bucket, string(c.key()))
		page.Uploads = append(page.Uploads, u)
		return err
	}
	seq, inside := sequence(q.AfterUpload)
	if inside = inside && q.After >= q.Prefix; inside {
		c.rest = func() (*rows, error) {
			return v.rows(fields+`= ? AND seq > ? ORDER BY seq`, bucket, []byte(q.After), seq)
		}
	}
	err = w.run(c, w.start(inside))
	page.CommonPrefixes, page.Truncated = w.groups, w.truncated
	if w.truncated {
		page.Next = w.last
		if n := len(page.Uploads); n > 0 && !w.lastGroup {
			page.NextUpload = page.Uploads[n-1].UploadID
		}
	}
	return page, err
}
