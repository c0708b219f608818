package storetest

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing/iotest"

	"github.com/why403/why403/internal/store"
)

func (s *suite) upload(bucket, key string) store.Upload {
	s.Helper()
	u, err := s.CreateUpload(s.ctx, store.UploadMeta{Bucket: bucket, Key: key})
	s.ok(err)
	return u
}

func completion(u store.Upload, parts ...store.Part) store.CompleteRequest {
	req := store.CompleteRequest{Bucket: u.Bucket, Key: u.Key, UploadID: u.UploadID}
	for _, p := range parts {
		req.Parts = append(req.Parts, store.CompletedPart{Number: p.Number, ETag: p.ETag})
	}
	return req
}

func (s *suite) finish(u store.Upload, parts ...store.Part) store.Object {
	s.Helper()
	o, err := s.CompleteUpload(s.ctx, completion(u, parts...))
	s.ok(err)
	return o
}

// An upload becomes one object of its parts in the order of their numbers, with the attributes given at the start.
func uploadComplete(s *suite) {
	s.bucket("b", store.Unversioned)
	s.put("b", "k", "before")
	u, err := s.CreateUpload(s.ctx, store.UploadMeta{Bucket: "b", Key: "k", Attributes: fullAttributes()})
	s.ok(err)
	third, first := s.part(u, 30, "abc"), s.part(u, 1, long)
	s.part(u, 7, "left out")
	s.part(u, 9, "replaced")
	second := s.part(u, 9, long[:70000])
	s.same(s.get("b", "k", ""), "before")
	o := s.finish(u, first, second, third)
	body := long + long[:70000] + "abc"
	s.same(s.get("b", "k", ""), body)
	if o.Parts != 3 || o.Size != int64(len(body)) || o.UserMetadata["colour"] != "blau" || !o.Modified.Equal(u.Initiated) {
		s.Errorf("object %+v", o)
	}
	_, r, err := s.Get(s.ctx, "b", "k", "")
	s.ok(err)
	s.ok(iotest.TestReader(struct{ io.ReadSeeker }{r}, []byte(body)))
	s.ok(r.Close())
	parts, more, err := s.ObjectParts(s.ctx, "b", "k", "", 0, 2)
	s.ok(err)
	if len(parts) != 2 || !more || parts[1].Number != 9 || parts[1].Size != 70000 {
		s.Errorf("parts %+v, more %v", parts, more)
	}
	_, err = s.CompleteUpload(s.ctx, completion(u, first))
	s.is(err, store.ErrNoSuchUpload)
	// The ETag is the MD5 of the MD5s: for parts "abc" and nothing, of both constants of RFC 1321.
	u = s.upload("b", "etag")
	o = s.finish(u, s.part(u, 1, "abc"), s.part(u, 2, ""))
	s.same(o.ETag, "fdf1fdf1567f6942ffe1743f1e72301e-2")
	s.same(s.get("b", "etag", ""), "abc")
}

// A list of parts that does not fit is refused, and the upload goes on.
func uploadRefused(s *suite) {
	s.bucket("b", store.Unversioned)
	u := s.upload("b", "k")
	one, two, three := s.part(u, 1, "1"), s.part(u, 2, "22"), s.part(u, 3, "3")
	complete := func(req store.CompleteRequest) error { _, err := s.CompleteUpload(s.ctx, req); return err }
	s.is(complete(completion(u)), store.ErrInvalidPart)
	s.is(complete(completion(u, two, one)), store.ErrInvalidPartOrder)
	s.is(complete(completion(u, one, one)), store.ErrInvalidPartOrder)
	s.is(complete(completion(u, one, store.Part{Number: 4, ETag: one.ETag})), store.ErrInvalidPart)
	s.is(complete(completion(u, one, store.Part{Number: 2, ETag: one.ETag})), store.ErrInvalidPart)
	small := completion(u, one, two, three)
	small.MinPartSize = 2
	s.is(complete(small), store.ErrEntityTooSmall)
	absent := completion(u, one)
	absent.IfMatch = "*"
	s.is(complete(absent), store.ErrNoSuchKey)
	refused := errors.New("bad checksum")
	sealed := completion(u, one)
	sealed.Seal = func(o *store.Object, parts []store.Part) error {
		if len(parts) != 1 || o.Size != 1 {
			s.Errorf("sealing %+v of %+v", o, parts)
		}
		return refused
	}
	s.is(complete(sealed), refused)
	for _, number := range []int{0, 10001, -1} {
		_, err := s.PutPart(s.ctx, store.PartMeta{Bucket: "b", Key: "k", UploadID: u.UploadID, Number: number}, strings.NewReader(""))
		s.is(err, store.ErrInvalidPart)
	}
	last := completion(u, two, three) // the last may be small
	last.MinPartSize = 2
	s.ok(complete(last))
	s.same(s.get("b", "k", ""), "223")
}

// A precondition that holds because of what came since the upload began is a conflict: "Conditional writes behavior".
func uploadConflict(s *suite) {
	s.bucket("b", store.Unversioned)
	for name, change := range map[string]func(){
		"deleted":   func() { s.del("b", "deleted", "") },
		"written":   func() { s.put("b", "written", "new") },
		"elsewhere": func() { s.put("b", "other", "new") },
	} {
		s.put("b", name, "old")
		u := s.upload("b", name)
		req := completion(u, s.part(u, 1, "1"))
		change()
		switch name {
		case "deleted":
			req.IfNoneMatch = "*"
		case "written":
			req.IfMatch = md5New
		case "elsewhere":
			req.IfMatch = md5Old
		}
		_, err := s.CompleteUpload(s.ctx, req)
		if name == "elsewhere" {
			s.ok(err)
		} else {
			s.is(err, store.ErrConditionalConflict)
			req.Preconditions = store.Preconditions{}
			_, err = s.CompleteUpload(s.ctx, req)
			s.ok(err)
		}
	}
}

// The MD5s of "old" and "new".
const md5Old, md5New = "149603e6c03516362a8da23f624db945", "22af645d1859cb5ca6da0c484f1f37ea"

// Parts are listed by number, page by page.
func uploadParts(s *suite) {
	s.bucket("b", store.Unversioned)
	u := s.upload("b", "k")
	for _, n := range []int{10000, 3, 1, 20} {
		s.part(u, n, fmt.Sprint(n))
	}
	_, err := s.PutPart(s.ctx, store.PartMeta{Bucket: "b", Key: "k", UploadID: u.UploadID, Number: 3,
		Checksums: map[string]string{"CRC32": "x"}}, strings.NewReader("abc"))
	s.ok(err)
	var numbers []int
	for after := 0; ; {
		parts, more, err := s.ListParts(s.ctx, "b", "k", u.UploadID, after, 1)
		s.ok(err)
		for _, p := range parts {
			numbers, after = append(numbers, p.Number), p.Number
			if p.Number == 3 && (p.ETag != md5ABC || p.Size != 3 || p.Checksums["CRC32"] != "x") {
				s.Errorf("part %+v", p)
			}
		}
		if !more {
			break
		}
	}
	s.same(fmt.Sprint(numbers), "[1 3 20 10000]")
}

// An aborted upload is gone, and leaves the key as it was.
func uploadAbort(s *suite) {
	s.bucket("b", store.Unversioned)
	u := s.upload("b", "k")
	p := s.part(u, 1, long)
	s.ok(s.AbortUpload(s.ctx, "b", "k", u.UploadID))
	s.is(s.AbortUpload(s.ctx, "b", "k", u.UploadID), store.ErrNoSuchUpload)
	_, err := s.CompleteUpload(s.ctx, completion(u, p))
	s.is(err, store.ErrNoSuchUpload)
	_, err = s.PutPart(s.ctx, store.PartMeta{Bucket: "b", Key: "k", UploadID: u.UploadID, Number: 1}, strings.NewReader(""))
	s.is(err, store.ErrNoSuchUpload)
	_, _, err = s.ListParts(s.ctx, "b", "k", u.UploadID, 0, 1)
	s.is(err, store.ErrNoSuchUpload)
	_, err = s.StatUpload(s.ctx, "b", "other", s.upload("b", "k").UploadID) // an id belongs to its key
	s.is(err, store.ErrNoSuchUpload)
	_, err = s.Stat(s.ctx, "b", "k", "")
	s.is(err, store.ErrNoSuchKey)
}

// Uploads of one key are listed oldest first, and the listing goes on within a key.
func uploadList(s *suite) {
	s.bucket("b", store.Unversioned)
	var want []string
	for range 3 {
		want = append(want, s.upload("b", "k").UploadID)
	}
	want = append(want, s.upload("b", "l").UploadID)
	for limit := 1; limit < 6; limit++ {
		var got []string
		q := store.UploadQuery{Bucket: "b", Limit: limit}
		for {
			page, err := s.ListUploads(s.ctx, q)
			s.ok(err)
			for _, u := range page.Uploads {
				got = append(got, u.UploadID)
			}
			if !page.Truncated {
				break
			}
			q.After, q.AfterUpload = page.Next, page.NextUpload
		}
		s.same(fmt.Sprint(got), fmt.Sprint(want))
	}
}

// A completed upload is a version like any other.
func uploadVersioned(s *suite) {
	s.bucket("b", store.Enabled)
	before := s.put("b", "k", "before")
	u := s.upload("b", "k")
	o := s.finish(u, s.part(u, 1, long))
	s.same(s.get("b", "k", ""), long)
	s.same(s.get("b", "k", before.VersionID), "before")
	s.del("b", "k", o.VersionID)
	s.same(s.get("b", "k", ""), "before")
}
