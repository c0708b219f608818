package storetest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/why403/why403/internal/store"
)

func (s *suite) documents(kind, account string) string {
	s.Helper()
	var b strings.Builder
	s.ok(s.Documents(s.ctx, kind, account, func(d store.Document) bool {
		fmt.Fprintf(&b, "%s/%s=%s ", d.Account, d.Name, d.Body)
		return true
	}))
	return b.String()
}

// Documents are found by kind, account and name, keep their bytes, and carry the revision of their last change.
func documents(s *suite) {
	_, err := s.Document(s.ctx, store.Ref{Kind: "user", Account: "1", Name: "alice"})
	s.is(err, store.ErrNotFound)
	var first, second int64
	s.ok(s.Update(s.ctx, func(tx store.Tx) error {
		first = tx.Revision()
		for _, r := range []store.Ref{{Kind: "user", Account: "2", Name: "carol"}, {Kind: "user", Account: "1", Name: "bob"},
			{Kind: "user", Account: "1", Name: "alice"}, {Kind: "role", Account: "1", Name: "alice"}} {
			if err := tx.PutDocument(r, []byte(r.Kind+" "+r.Name)); err != nil {
				return err
			}
		}
		d, err := tx.Document(store.Ref{Kind: "user", Account: "1", Name: "bob"}) // a transaction sees its own changes
		if string(d.Body) != "user bob" {
			s.Errorf("in the transaction: %+v, %v", d, err)
		}
		return err
	}))
	s.same(s.documents("user", ""), "1/alice=user alice 1/bob=user bob 2/carol=user carol ")
	s.same(s.documents("user", "1"), "1/alice=user alice 1/bob=user bob ")
	s.same(s.documents("group", ""), "")
	text := " {\"a\" : 1}\n" // kept byte for byte
	s.ok(s.Update(s.ctx, func(tx store.Tx) error {
		second = tx.Revision()
		if err := tx.DeleteDocument(store.Ref{Kind: "user", Account: "2", Name: "nobody"}); err != nil {
			return err
		}
		if err := tx.DeleteDocument(store.Ref{Kind: "user", Account: "1", Name: "bob"}); err != nil {
			return err
		}
		return tx.PutDocument(store.Ref{Kind: "user", Account: "1", Name: "alice"}, []byte(text))
	}))
	d, err := s.Document(s.ctx, store.Ref{Kind: "user", Account: "1", Name: "alice"})
	s.ok(err)
	s.same(string(d.Body), text)
	if d.Revision != second || second <= first {
		s.Errorf("document has revision %d, transactions had %d and %d", d.Revision, first, second)
	}
	if d, err = s.Document(s.ctx, store.Ref{Kind: "role", Account: "1", Name: "alice"}); err != nil || d.Revision != first {
		s.Errorf("untouched document %+v, %v", d, err)
	}
	if n, err := s.Revision(s.ctx); err != nil || n != second {
		s.Errorf("revision %d, %v, want %d", n, err, second)
	}
	s.same(s.documents("user", ""), "1/alice="+text+" 2/carol=user carol ")
	n := 0
	s.ok(s.Documents(s.ctx, "user", "", func(store.Document) bool { n++; return false }))
	if n != 1 {
		s.Errorf("went on to %d documents", n)
	}
}

// An error of the transaction undoes all of it: documents and buckets.
func updateRollback(s *suite) {
	s.bucket("b", store.Unversioned)
	before, err := s.Revision(s.ctx)
	s.ok(err)
	refused := errors.New("refused")
	s.is(s.Update(s.ctx, func(tx store.Tx) error {
		s.ok(tx.PutDocument(store.Ref{Kind: "k", Name: "n"}, nil))
		_, err := tx.CreateBucket("other")
		s.ok(err)
		s.ok(tx.SetVersioning("b", store.Enabled))
		return refused
	}), refused)
	_, err = s.Document(s.ctx, store.Ref{Kind: "k", Name: "n"})
	s.is(err, store.ErrNotFound)
	_, err = s.Bucket(s.ctx, "other")
	s.is(err, store.ErrNoSuchBucket)
	if b, err := s.Bucket(s.ctx, "b"); err != nil || b.Versioning != store.Unversioned {
		s.Errorf("bucket %+v, %v", b, err)
	}
	if n, err := s.Revision(s.ctx); err != nil || n != before {
		s.Errorf("revision %d, %v, want %d", n, err, before)
	}
}

// A panic of the transaction reaches its caller, undoes it, and leaves the store at work.
func updatePanics(s *suite) {
	func() {
		defer func() {
			if p := recover(); p != "bug" {
				s.Errorf("recovered %v", p)
			}
		}()
		_ = s.Update(s.ctx, func(tx store.Tx) error {
			_, _ = tx.CreateBucket("b")
			panic("bug")
		})
	}()
	s.bucket("b", store.Unversioned)
}

// Buckets have a life of their own: unique names, an end only when empty, and no inheritance.
func buckets(s *suite) {
	s.bucket("b", store.Unversioned)
	del := func() error { return s.Update(s.ctx, func(tx store.Tx) error { return tx.DeleteBucket("b") }) }
	s.is(s.Update(s.ctx, func(tx store.Tx) error { _, err := tx.CreateBucket("b"); return err }), store.ErrBucketExists)
	s.is(s.Update(s.ctx, func(tx store.Tx) error { return tx.SetVersioning("none", store.Enabled) }), store.ErrNoSuchBucket)
	s.is(s.Update(s.ctx, func(tx store.Tx) error { return tx.DeleteBucket("none") }), store.ErrNoSuchBucket)
	s.put("b", "k", "x")
	s.is(del(), store.ErrBucketNotEmpty)
	s.del("b", "k", "")
	s.versioning("b", store.Enabled)
	s.is(s.Update(s.ctx, func(tx store.Tx) error { return tx.SetVersioning("b", store.Unversioned) }), store.ErrInvalidVersioning)
	d := s.del("b", "k", "")
	s.is(del(), store.ErrBucketNotEmpty) // a delete marker counts
	s.del("b", "k", d.VersionID)
	u := s.upload("b", "k")
	s.part(u, 1, long)
	s.ok(del())
	_, err := s.Bucket(s.ctx, "b")
	s.is(err, store.ErrNoSuchBucket)
	s.bucket("b", store.Unversioned)
	b, err := s.Bucket(s.ctx, "b")
	s.ok(err)
	if b.Versioning != store.Unversioned || b.Name != "b" || b.Created.IsZero() {
		s.Errorf("bucket %+v", b)
	}
	_, err = s.StatUpload(s.ctx, "b", "k", u.UploadID)
	s.is(err, store.ErrNoSuchUpload)
}

// After Close every call says so.
func closed(s *suite) {
	s.bucket("b", store.Unversioned)
	s.put("b", "k", "x")
	s.ok(s.Close())
	_, err := s.Put(s.ctx, store.ObjectMeta{Bucket: "b", Key: "k"}, strings.NewReader("x"))
	s.is(err, store.ErrClosed)
	_, _, err = s.Get(s.ctx, "b", "k", "")
	s.is(err, store.ErrClosed)
	_, err = s.List(s.ctx, store.ListQuery{Bucket: "b", Limit: 1})
	s.is(err, store.ErrClosed)
	s.is(s.Update(s.ctx, func(store.Tx) error { return nil }), store.ErrClosed)
	s.ok(s.Close())
}
