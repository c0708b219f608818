package storetest

import (
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing/iotest"
	"time"

	"github.com/why403/why403/internal/store"
)

// MD5 of nothing and of "abc", from RFC 1321.
const (
	md5Empty = "d41d8cd98f00b204e9800998ecf8427e"
	md5ABC   = "900150983cd24fb0d6963f7d28e17f72"
)

// Bodies of every size come back as they went, with the MD5 for ETag.
func roundTrip(s *suite) {
	s.bucket("b", store.Unversioned)
	o := s.put("b", "empty", "")
	s.same(o.ETag, md5Empty)
	s.same(s.get("b", "empty", ""), "")
	o = s.put("b", "abc", "abc")
	s.same(o.ETag, md5ABC)
	s.same(o.VersionID, store.NullVersion)
	if o.Size != 3 || o.StoredSize != 3 || !o.Latest || o.DeleteMarker || time.Since(o.Modified) > time.Hour {
		s.Errorf("object %+v", o)
	}
	for _, size := range []int{1, 4095, 4096, 16384, 16385, 262143, 262144, 262145, len(long)} {
		s.put("b", "sized", long[:size])
		s.same(s.get("b", "sized", ""), long[:size])
		st, err := s.Stat(s.ctx, "b", "sized", "")
		s.ok(err)
		if st.Size != int64(size) {
			s.Errorf("size %d, want %d", st.Size, size)
		}
	}
	// A body that comes byte by byte is the same body.
	_, err := s.Put(s.ctx, store.ObjectMeta{Bucket: "b", Key: "slow"}, iotest.OneByteReader(strings.NewReader(long[:40000])))
	s.ok(err)
	s.same(s.get("b", "slow", ""), long[:40000])
}

// Of an unversioned key only the last body exists.
func overwrite(s *suite) {
	s.bucket("b", store.Unversioned)
	for _, body := range []string{"one", long, "two", long + "x", ""} {
		s.put("b", "k", body)
		s.same(s.get("b", "k", ""), body)
		s.same(s.get("b", "k", store.NullVersion), body)
	}
	if n := len(s.list(store.ListQuery{Bucket: "b", Limit: 10, Versions: true}).Objects); n != 1 {
		s.Errorf("%d versions of an unversioned key", n)
	}
}

// Keys are any UTF-8 of 1 to 1024 bytes; they mean nothing to the file system.
var unusual = []string{"a//b", "../x", "../../../../etc/passwd", "/", "//", ".", "..", "a/../b", "C:\\x", "con", "a b+c%2F", "?versions", "*",
	"état", "日本語/キー", "\U0001F512", "tab\tnewline\n", "\x01", "'; DROP TABLE current; --", strings.Repeat("k", 1024), strings.Repeat("é", 512), "state.db", "lock"}

func unusualKeys(s *suite) {
	s.bucket("b", store.Unversioned)
	for _, k := range unusual {
		s.put("b", k, "small "+k)
		s.put("b", k[:len(k)-len(k)/2]+"\u007f", long)
	}
	for _, k := range unusual {
		s.same(s.get("b", k, ""), "small "+k)
	}
	s.list(store.ListQuery{Bucket: "b", Limit: 7})
	for _, k := range unusual {
		if !s.del("b", k, "").Removed {
			s.Errorf("%s was not removed", brief(k))
		}
	}
	_, err := s.Put(s.ctx, store.ObjectMeta{Bucket: "b", Key: strings.Repeat("k", 1025)}, strings.NewReader(""))
	s.is(err, store.ErrKeyTooLong)
	_, err = s.Put(s.ctx, store.ObjectMeta{Bucket: "b"}, strings.NewReader(""))
	s.is(err, store.ErrInvalidKey)
}

// What Get returns seeks, as a range request needs.
func ranges(s *suite) {
	s.bucket("b", store.Unversioned)
	for _, body := range []string{long[:100], long} {
		s.put("b", "k", body)
		_, r, err := s.Get(s.ctx, "b", "k", "")
		s.ok(err)
		s.ok(iotest.TestReader(struct{ io.ReadSeeker }{r}, []byte(body)))
		n, err := r.Seek(-10, io.SeekEnd)
		s.ok(err)
		if n != int64(len(body)-10) {
			s.Errorf("seek to %d, want %d", n, len(body)-10)
		}
		rest, err := io.ReadAll(r)
		s.ok(err)
		s.same(string(rest), body[len(body)-10:])
		s.ok(r.Close())
	}
}

// Each miss has its own error.
func objectErrors(s *suite) {
	_, err := s.Put(s.ctx, store.ObjectMeta{Bucket: "none", Key: "k"}, strings.NewReader("x"))
	s.is(err, store.ErrNoSuchBucket)
	_, _, err = s.Get(s.ctx, "none", "k", "")
	s.is(err, store.ErrNoSuchBucket)
	_, err = s.List(s.ctx, store.ListQuery{Bucket: "none", Limit: 1})
	s.is(err, store.ErrNoSuchBucket)
	_, err = s.Delete(s.ctx, store.DeleteRequest{Bucket: "none", Key: "k"})
	s.is(err, store.ErrNoSuchBucket)
	s.bucket("b", store.Unversioned)
	_, _, err = s.Get(s.ctx, "b", "k", "")
	s.is(err, store.ErrNoSuchKey)
	_, err = s.Stat(s.ctx, "b", "k", "")
	s.is(err, store.ErrNoSuchKey)
	_, _, err = s.Get(s.ctx, "b", "k", store.NullVersion)
	s.is(err, store.ErrNoSuchVersion)
	s.put("b", "k", "x")
	for _, id := range []string{"x", strings.Repeat("A", 32), strings.Repeat("z", 32)} {
		_, err = s.Stat(s.ctx, "b", "k", id)
		s.is(err, store.ErrNoSuchVersion)
	}
	_, err = s.UpdateMeta(s.ctx, "b", "other", "", func(*store.Object) error { return nil })
	s.is(err, store.ErrNoSuchKey)
}

// A body that ends with an error changes nothing.
func bodyFails(s *suite) {
	s.bucket("b", store.Unversioned)
	s.put("b", "k", "before")
	broken := errors.New("connection lost")
	for _, n := range []int{0, 10, len(long)} {
		_, err := s.Put(s.ctx, store.ObjectMeta{Bucket: "b", Key: "k"}, io.MultiReader(strings.NewReader(long[:n]), iotest.ErrReader(broken)))
		s.is(err, broken)
	}
	s.same(s.get("b", "k", ""), "before")
}

// A large body takes no more memory than a small one.
func streaming(s *suite) {
	s.bucket("b", store.Unversioned)
	const size, budget = 64 << 20, 8 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	o, err := s.Put(s.ctx, store.ObjectMeta{Bucket: "b", Key: "k"}, io.LimitReader(zeros{}, size))
	s.ok(err)
	_, r, err := s.Get(s.ctx, "b", "k", "")
	s.ok(err)
	n, err := io.Copy(io.Discard, r)
	s.ok(err)
	s.ok(r.Close())
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > budget {
		s.Errorf("%d bytes allocated for a body of %d", used, size)
	}
	// md5sum of 64 MiB of zeros
	if n != size || o.ETag != "7f614da9329cd3aebf59b91aadc30bf0" {
		s.Errorf("%d bytes, ETag %s", n, o.ETag)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// Seal sees ETag and size, may change them and the attributes, and may refuse.
func seal(s *suite) {
	s.bucket("b", store.Unversioned)
	_, err := s.Put(s.ctx, store.ObjectMeta{Bucket: "b", Key: "k", Seal: func(o *store.Object) error {
		if o.ETag != md5ABC || o.Size != 3 || o.StoredSize != 3 || o.Key != "k" {
			s.Errorf("sealing %+v", o)
		}
		o.ETag, o.Size, o.Checksums = "opaque", 2, map[string]string{"CRC32": "NSRBwg=="}
		return nil
	}}, strings.NewReader("abc"))
	s.ok(err)
	o, err := s.Stat(s.ctx, "b", "k", "")
	s.ok(err)
	if o.ETag != "opaque" || o.Size != 2 || o.StoredSize != 3 || o.Checksums["CRC32"] != "NSRBwg==" {
		s.Errorf("sealed %+v", o)
	}
	refused := errors.New("bad digest")
	for _, body := range []string{"x", long} {
		_, err = s.Put(s.ctx, store.ObjectMeta{Bucket: "b", Key: "k", Seal: func(*store.Object) error { return refused }}, strings.NewReader(body))
		s.is(err, refused)
	}
	s.same(s.get("b", "k", ""), "abc")
}

// opaque bytes have the ETag and size that Seal says, and are none the less kept.
func opaque(s *suite) {
	s.bucket("b", store.Unversioned)
	for _, body := range []string{"abc", long} {
		_, err := s.Put(s.ctx, store.ObjectMeta{Bucket: "b", Key: "k", Opaque: true, Seal: func(o *store.Object) error {
			if o.ETag != "" || o.StoredSize != int64(len(body)) {
				s.Errorf("sealing %+v", o)
			}
			o.ETag, o.Size = "e", 1
			return nil
		}}, strings.NewReader(body))
		s.ok(err)
		o, err := s.Stat(s.ctx, "b", "k", "")
		s.ok(err)
		if o.ETag != "e" || o.Size != 1 || o.StoredSize != int64(len(body)) {
			s.Errorf("sealed %+v", o)
		}
		s.same(s.get("b", "k", ""), body)
	}
	up, err := s.CreateUpload(s.ctx, store.UploadMeta{Bucket: "b", Key: "k"})
	s.ok(err)
	p, err := s.PutPart(s.ctx, store.PartMeta{Bucket: "b", Key: "k", UploadID: up.UploadID, Number: 1, Opaque: true, Seal: func(p *store.Part) error {
		if p.ETag != "" {
			s.Errorf("sealing %+v", p)
		}
		p.ETag, p.Size = "e", 1
		return nil
	}}, strings.NewReader(long))
	s.ok(err)
	if p.ETag != "e" || p.Size != 1 || p.StoredSize != int64(len(long)) {
		s.Errorf("sealed %+v", p)
	}
}

func fullAttributes() store.Attributes {
	return store.Attributes{Owner: "111122223333", StorageClass: "STANDARD_IA", Header: map[string]string{"content-type": "text/plain"},
		UserMetadata: map[string]string{"colour": "blau"}, Tags: map[string]string{"team": "data", "": ""},
		Checksums: map[string]string{"CRC32": "NSRBwg=="}, ChecksumType: "FULL_OBJECT",
		Lock: &store.Lock{Mode: "GOVERNANCE", RetainUntil: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC), LegalHold: true},
		ACL:  json.RawMessage(`{"canned":"private"}`), Encryption: json.RawMessage(`{"algorithm":"AES256"}`),
		Extra: map[string]json.RawMessage{"website": json.RawMessage(`"/x"`)}}
}

// Attributes come back as they were given, from every way of asking.
func attributes(s *suite) {
	s.bucket("b", store.Unversioned)
	want := fullAttributes()
	o, err := s.Put(s.ctx, store.ObjectMeta{Bucket: "b", Key: "k", Attributes: want}, strings.NewReader("x"))
	s.ok(err)
	st, err := s.Stat(s.ctx, "b", "k", "")
	s.ok(err)
	g, r, err := s.Get(s.ctx, "b", "k", store.NullVersion)
	s.ok(err)
	r.Close()
	listed := s.list(store.ListQuery{Bucket: "b", Limit: 1}).Objects[0]
	for _, other := range []store.Object{st, g, listed} {
		if !reflect.DeepEqual(o, other) {
			s.Errorf("got %+v\nwant %+v", other, o)
		}
	}
	if !reflect.DeepEqual(st.Attributes, want) {
		s.Errorf("got %+v\nwant %+v", st.Attributes, want)
	}
}

// UpdateMeta changes attributes and nothing else.
func updateMeta(s *suite) {
	s.bucket("b", store.Enabled)
	old := s.put("b", "k", "one")
	s.put("b", "k", "two")
	_, err := s.UpdateMeta(s.ctx, "b", "k", old.VersionID, func(o *store.Object) error {
		o.Tags, o.Size, o.VersionID = map[string]string{"a": "b"}, 99, "x"
		return nil
	})
	s.ok(err)
	got, err := s.Stat(s.ctx, "b", "k", old.VersionID)
	s.ok(err)
	old.Tags, old.Latest = map[string]string{"a": "b"}, false
	if !reflect.DeepEqual(got, old) {
		s.Errorf("got %+v\nwant %+v", got, old)
	}
	cur, err := s.Stat(s.ctx, "b", "k", "")
	s.ok(err)
	if cur.Tags != nil {
		s.Errorf("the current version has tags %v", cur.Tags)
	}
	refused := errors.New("locked")
	_, err = s.UpdateMeta(s.ctx, "b", "k", "", func(o *store.Object) error { o.Owner = "x"; return refused })
	s.is(err, refused)
	if cur, _ = s.Stat(s.ctx, "b", "k", ""); cur.Owner != "" {
		s.Error("a refused change was made")
	}
	marker := s.del("b", "k", "")
	_, err = s.UpdateMeta(s.ctx, "b", "k", marker.VersionID, func(*store.Object) error { return nil })
	s.is(err, store.ErrDeleteMarker)
}

// A reader keeps the bytes that it opened, whatever happens to the object.
func readWhileDeleted(s *suite) {
	s.bucket("b", store.Unversioned)
	s.put("b", "inline", "short")
	s.put("b", "file", long)
	up, err := s.CreateUpload(s.ctx, store.UploadMeta{Bucket: "b", Key: "parts"})
	s.ok(err)
	s.finish(up, s.part(up, 1, long), s.part(up, 2, "tail"))
	for key, want := range map[string]string{"inline": "short", "file": long, "parts": long + "tail"} {
		_, r, err := s.Get(s.ctx, "b", key, "")
		s.ok(err)
		s.del("b", key, "")
		s.put("b", key, "other")
		time.Sleep(20 * time.Millisecond) // long enough for anything done in the background
		got, err := io.ReadAll(r)
		s.ok(err)
		s.same(string(got), want)
		s.ok(r.Close())
		s.same(s.get("b", key, ""), "other")
	}
}

// The table of "How to prevent object overwrites with conditional writes".
func preconditions(s *suite) {
	s.bucket("b", store.Enabled)
	put := func(p store.Preconditions) error {
		_, err := s.Put(s.ctx, store.ObjectMeta{Bucket: "b", Key: "k", Preconditions: p}, strings.NewReader("abc"))
		return err
	}
	s.is(put(store.Preconditions{IfMatch: md5ABC}), store.ErrNoSuchKey)
	s.is(put(store.Preconditions{IfMatch: "*"}), store.ErrNoSuchKey)
	s.ok(put(store.Preconditions{IfNoneMatch: "*"}))
	s.is(put(store.Preconditions{IfNoneMatch: "*"}), store.ErrPreconditionFailed)
	s.is(put(store.Preconditions{IfNoneMatch: md5ABC}), store.ErrPreconditionFailed)
	s.is(put(store.Preconditions{IfMatch: md5Empty}), store.ErrPreconditionFailed)
	s.ok(put(store.Preconditions{IfMatch: md5ABC}))
	s.ok(put(store.Preconditions{IfMatch: `"` + md5ABC + `"`}))
	s.ok(put(store.Preconditions{IfNoneMatch: md5Empty}))
	s.del("b", "k", "") // a delete marker counts as no object
	s.is(put(store.Preconditions{IfMatch: md5ABC}), store.ErrNoSuchKey)
	s.ok(put(store.Preconditions{IfNoneMatch: "*"}))
}

// DELETE of what is not there is no error.
func deletes(s *suite) {
	s.bucket("b", store.Unversioned)
	if d := s.del("b", "k", ""); d != (store.Deleted{VersionID: store.NullVersion}) {
		s.Errorf("deleted %+v", d)
	}
	s.put("b", "k", long)
	if d := s.del("b", "k", ""); d != (store.Deleted{VersionID: store.NullVersion, Removed: true}) {
		s.Errorf("deleted %+v", d)
	}
	_, err := s.Stat(s.ctx, "b", "k", "")
	s.is(err, store.ErrNoSuchKey)
	s.put("b", "k", "x")
	if d := s.del("b", "k", store.NullVersion); !d.Removed {
		s.Errorf("deleted %+v", d)
	}
	if d := s.del("b", "k", "nonsense"); d.Removed {
		s.Errorf("deleted %+v", d)
	}
}

// Conditions of a DELETE look at the current version ("How to perform conditional deletes").
func conditionalDelete(s *suite) {
	s.bucket("b", store.Unversioned)
	del := func(match string) error {
		_, err := s.Delete(s.ctx, store.DeleteRequest{Bucket: "b", Key: "k", IfMatch: match})
		return err
	}
	s.is(del("*"), store.ErrNoSuchKey)
	s.put("b", "k", "abc")
	s.is(del(md5Empty), store.ErrPreconditionFailed)
	s.same(s.get("b", "k", ""), "abc")
	s.ok(del(md5ABC))
	s.put("b", "k", "abc")
	s.ok(del("*"))
	_, err := s.Stat(s.ctx, "b", "k", "")
	s.is(err, store.ErrNoSuchKey)
}
