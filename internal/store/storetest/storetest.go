// Package storetest is the suite that every store passes: what package store promises, as tests, and the benchmarks by which
// stores are compared. An implementation calls it in a few lines:
//
//	func TestStore(t *testing.T) {
//		storetest.Test(t, func(t testing.TB) store.Store { ... })
//	}
//
// Expected values come from the S3 manual ("How S3 Versioning works", "Organizing objects using prefixes", "Multipart upload
// overview", "Add preconditions to S3 operations with conditional requests"), from RFC 1321 and FIPS vectors, and from a model
// in a few lines of Go that the suite compares stores with.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/why403/why403/internal/store"
)

// Opener returns an empty store, and closes and removes it when the test ends.
type Opener func(testing.TB) store.Store

// Reopener opens the store kept in folder dir, which may be empty. The caller closes it.
type Reopener func(t testing.TB, dir string) store.Store

// Test runs the suite. Each case gets a store of its own.
func Test(t *testing.T, open Opener) {
	cases := []struct {
		name string
		run  func(*suite)
	}{
		{"Objects/RoundTrip", roundTrip}, {"Objects/Overwrite", overwrite}, {"Objects/Keys", unusualKeys},
		{"Objects/Ranges", ranges}, {"Objects/Errors", objectErrors}, {"Objects/BodyFails", bodyFails}, {"Objects/Seal", seal}, {"Objects/Opaque", opaque}, {"Objects/Streaming", streaming},
		{"Objects/Attributes", attributes}, {"Objects/UpdateMeta", updateMeta}, {"Objects/ReadWhileDeleted", readWhileDeleted},
		{"Objects/Preconditions", preconditions}, {"Objects/Delete", deletes}, {"Objects/ConditionalDelete", conditionalDelete},
		{"Versions/Enabled", versionsEnabled}, {"Versions/Suspended", versionsSuspended}, {"Versions/DeleteMarkers", deleteMarkers},
		{"Versions/Check", deleteCheck}, {"Versions/Model", versionModel},
		{"List/Order", listOrder}, {"List/Delimiter", listDelimiter}, {"List/After", listAfter}, {"List/Model", listModel},
		{"List/Versions", listVersions}, {"List/VersionsWhileDeleting", listVersionsWhileDeleting},
		{"Uploads/Complete", uploadComplete}, {"Uploads/Refused", uploadRefused}, {"Uploads/Conflict", uploadConflict}, {"Uploads/Parts", uploadParts},
		{"Uploads/Abort", uploadAbort}, {"Uploads/List", uploadList}, {"Uploads/Versioned", uploadVersioned},
		{"State/Documents", documents}, {"State/Rollback", updateRollback}, {"State/Buckets", buckets}, {"State/Panic", updatePanics},
		{"Concurrent/ManyReaders", manyReaders}, {"Concurrent/OneKey", writersOfOneKey}, {"Concurrent/IfNoneMatch", onlyOneCreates}, {"Concurrent/Updates", concurrentUpdates},
		{"Concurrent/ReadersAndDeleters", readersAndDeleters},
		{"Closed", closed},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.run(&suite{T: t, Store: open(t), ctx: t.Context()}) })
	}
}

// TestReopen checks that what was acknowledged is there when the store is opened again.
func TestReopen(t *testing.T, reopen Reopener) {
	dir := t.TempDir()
	s := &suite{T: t, Store: reopen(t, dir), ctx: t.Context()}
	s.bucket("b", store.Enabled)
	small := s.put("b", "small", "one")
	large := s.put("b", "large", long)
	up, err := s.CreateUpload(s.ctx, store.UploadMeta{Bucket: "b", Key: "up"})
	s.ok(err)
	part := s.part(up, 1, long)
	s.ok(s.Update(s.ctx, func(tx store.Tx) error {
		return tx.PutDocument(store.Ref{Kind: "user", Name: "alice"}, []byte(`{"a":1}`))
	}))
	revision, err := s.Revision(s.ctx)
	s.ok(err)
	for range 2 {
		s.ok(s.Close())
		s.Store = reopen(t, dir)
		s.same(s.get("b", "small", small.VersionID), "one")
		s.same(s.get("b", "large", large.VersionID), long)
		d, err := s.Document(s.ctx, store.Ref{Kind: "user", Name: "alice"})
		s.ok(err)
		s.same(string(d.Body), `{"a":1}`)
		again, err := s.Revision(s.ctx)
		s.ok(err)
		if again != revision {
			t.Errorf("revision after opening again: %d, before %d", again, revision)
		}
	}
	newer := s.put("b", "small", "two")
	if newer.Revision <= large.Revision {
		t.Errorf("revision %d after opening again is not above %d", newer.Revision, large.Revision)
	}
	_, err = s.CompleteUpload(s.ctx, store.CompleteRequest{Bucket: "b", Key: "up", UploadID: up.UploadID,
		Parts: []store.CompletedPart{{Number: 1, ETag: part.ETag}}})
	s.ok(err)
	s.same(s.get("b", "up", ""), long)
	s.ok(s.Close())
}

// long is a body that no store keeps inline.
var long = strings.Repeat("0123456789abcdef", 64<<10)

// suite is a store under test, with words for what the cases do most.
type suite struct {
	*testing.T
	store.Store
	ctx context.Context
}

func (s *suite) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *suite) is(err, want error) {
	s.Helper()
	if !errors.Is(err, want) {
		s.Errorf("error %v, want %v", err, want)
	}
}

func (s *suite) same(got, want string) {
	s.Helper()
	if got != want {
		s.Errorf("got %s, want %s", brief(got), brief(want))
	}
}

func brief(text string) string {
	if len(text) > 80 {
		return text[:80] + "..."
	}
	return "“" + text + "”"
}

func (s *suite) bucket(name string, v store.Versioning) {
	s.Helper()
	s.ok(s.Update(s.ctx, func(tx store.Tx) error {
		_, err := tx.CreateBucket(name)
		return err
	}))
	if v != store.Unversioned {
		s.versioning(name, v)
	}
}

func (s *suite) versioning(name string, v store.Versioning) {
	s.Helper()
	s.ok(s.Update(s.ctx, func(tx store.Tx) error { return tx.SetVersioning(name, v) }))
}

func (s *suite) put(bucket, key, body string) store.Object {
	s.Helper()
	o, err := s.Put(s.ctx, store.ObjectMeta{Bucket: bucket, Key: key}, strings.NewReader(body))
	s.ok(err)
	return o
}

func (s *suite) get(bucket, key, version string) string {
	s.Helper()
	o, r, err := s.Get(s.ctx, bucket, key, version)
	if err != nil {
		s.Fatalf("get %s version %q: %v", brief(key), version, err)
	}
	defer r.Close()
	var b bytes.Buffer
	n, err := io.Copy(&b, r)
	s.ok(err)
	if n != o.StoredSize {
		s.Errorf("%s has %d bytes, its StoredSize is %d", brief(key), n, o.StoredSize)
	}
	return b.String()
}

func (s *suite) del(bucket, key, version string) store.Deleted {
	s.Helper()
	d, err := s.Delete(s.ctx, store.DeleteRequest{Bucket: bucket, Key: key, VersionID: version})
	s.ok(err)
	return d
}

func (s *suite) part(up store.Upload, number int, body string) store.Part {
	s.Helper()
	p, err := s.PutPart(s.ctx, store.PartMeta{Bucket: up.Bucket, Key: up.Key, UploadID: up.UploadID, Number: number}, strings.NewReader(body))
	s.ok(err)
	return p
}

// list reads all pages of a listing, checks what each page promises, and returns them as one.
func (s *suite) list(q store.ListQuery) store.ListPage {
	s.Helper()
	var all store.ListPage
	for range 10000 {
		page, err := s.List(s.ctx, q)
		s.ok(err)
		if n := len(page.Objects) + len(page.CommonPrefixes); n > q.Limit || page.Truncated && n < q.Limit {
			s.Fatalf("page of %d entries, limit %d, truncated %v", n, q.Limit, page.Truncated)
		}
		all.Objects = append(all.Objects, page.Objects...)
		all.CommonPrefixes = append(all.CommonPrefixes, page.CommonPrefixes...)
		if !page.Truncated {
			return all
		}
		q.After, q.AfterVersion = page.Next, page.NextVersion
	}
	s.Fatal("listing does not end")
	return all
}

func keys(objects []store.Object) string {
	var b []string
	for _, o := range objects {
		b = append(b, o.Key)
	}
	return strings.Join(b, " ")
}
