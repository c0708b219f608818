package storetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/why403/why403/internal/store"
)

const workers = 8

// parallel runs f once per worker and waits.
func parallel(f func(worker int)) {
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() { f(w) })
	}
	wg.Wait()
}

// However many read at once, and whatever they ask first, none waits for ever.
func manyReaders(s *suite) {
	s.bucket("b", store.Enabled)
	old := s.put("b", "k", "one")
	s.put("b", "k", "two")
	ask := []func() error{
		func() error { _, err := s.Stat(s.ctx, "b", "k", old.VersionID); return err },
		func() error { _, err := s.List(s.ctx, store.ListQuery{Bucket: "b", Limit: 1}); return err },
		func() error {
			_, err := s.List(s.ctx, store.ListQuery{Bucket: "b", Limit: 1, Versions: true})
			return err
		},
		func() error { _, err := s.ListUploads(s.ctx, store.UploadQuery{Bucket: "b", Limit: 1}); return err },
		func() error { return s.Documents(s.ctx, "k", "", func(store.Document) bool { return true }) },
		func() error { _, r, err := s.Get(s.ctx, "b", "k", old.VersionID); return errors.Join(err, r.Close()) },
	}
	var wg sync.WaitGroup
	for i := range 40 * len(ask) {
		wg.Go(func() {
			if err := ask[i%len(ask)](); err != nil {
				s.Error(err)
			}
		})
	}
	wg.Wait()
}

// Whoever reads a key that many write sees one body, whole, and the object that belongs to it.
func writersOfOneKey(s *suite) {
	s.bucket("b", store.Unversioned)
	body := func(w, i int) string { return strings.Repeat(fmt.Sprintf("%d.%d ", w, i), 1+20000*(i%2)) }
	s.put("b", "k", body(0, 0))
	parallel(func(w int) {
		for i := range 15 {
			_, err := s.Put(s.ctx, store.ObjectMeta{Bucket: "b", Key: "k", Attributes: store.Attributes{Owner: body(w, i)}}, strings.NewReader(body(w, i)))
			if err != nil {
				s.Error(err)
			}
			o, r, err := s.Get(s.ctx, "b", "k", "")
			if err != nil {
				s.Error(err)
				continue
			}
			got, err := io.ReadAll(r)
			if err != nil || o.Owner != "" && string(got) != o.Owner {
				s.Errorf("read %s (%v), described as %s", brief(string(got)), err, brief(o.Owner))
			}
			r.Close()
		}
	})
	if n := len(s.list(store.ListQuery{Bucket: "b", Limit: 10, Versions: true}).Objects); n != 1 {
		s.Errorf("%d versions", n)
	}
}

// Of many that create a key if it does not exist, one succeeds.
func onlyOneCreates(s *suite) {
	s.bucket("b", store.Unversioned)
	for round := range 10 {
		var created atomic.Int32
		parallel(func(w int) {
			_, err := s.Put(s.ctx, store.ObjectMeta{Bucket: "b", Key: fmt.Sprint(round), Preconditions: store.Preconditions{IfNoneMatch: "*"}},
				strings.NewReader(long[:w*5000]))
			if err == nil {
				created.Add(1)
			} else if !errors.Is(err, store.ErrPreconditionFailed) {
				s.Error(err)
			}
		})
		if created.Load() != 1 {
			s.Errorf("%d created the key", created.Load())
		}
	}
}

// Transactions that read and write do not lose each other's changes; one that was cancelled did nothing.
func concurrentUpdates(s *suite) {
	ref := store.Ref{Kind: "counter", Name: "n"}
	increment := func(tx store.Tx) error {
		d, err := tx.Document(ref)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		return tx.PutDocument(ref, append(d.Body, '|'))
	}
	cancelled, cancel := context.WithCancel(s.ctx)
	cancel()
	parallel(func(int) {
		for range 20 {
			if err := s.Update(s.ctx, increment); err != nil {
				s.Error(err)
			}
			if err := s.Update(cancelled, increment); !errors.Is(err, context.Canceled) {
				s.Errorf("cancelled: %v", err)
			}
		}
	})
	d, err := s.Document(s.ctx, ref)
	s.ok(err)
	if len(d.Body) != workers*20 {
		s.Errorf("%d changes, want %d", len(d.Body), workers*20)
	}
}

// Readers of keys that come and go see whole bodies or no key.
func readersAndDeleters(s *suite) {
	s.bucket("b", store.Unversioned)
	var reads atomic.Int32
	parallel(func(w int) {
		for i := range 30 {
			if w%2 == 0 {
				u, err := s.CreateUpload(s.ctx, store.UploadMeta{Bucket: "b", Key: "k"})
				if err == nil {
					var parts []store.CompletedPart
					for n := 1; n <= 3 && err == nil; n++ {
						var p store.Part
						p, err = s.PutPart(s.ctx, store.PartMeta{Bucket: "b", Key: "k", UploadID: u.UploadID, Number: n}, strings.NewReader(long[:5000]))
						parts = append(parts, store.CompletedPart{Number: n, ETag: p.ETag})
					}
					if err == nil {
						_, err = s.CompleteUpload(s.ctx, store.CompleteRequest{Bucket: "b", Key: "k", UploadID: u.UploadID, Parts: parts})
					}
				}
				if err == nil && i%3 == 0 {
					_, err = s.Delete(s.ctx, store.DeleteRequest{Bucket: "b", Key: "k"})
				}
				if err != nil {
					s.Error(err)
				}
				continue
			}
			_, r, err := s.Get(s.ctx, "b", "k", "")
			if errors.Is(err, store.ErrNoSuchKey) {
				continue
			}
			if err != nil {
				s.Error(err)
				continue
			}
			got, err := io.ReadAll(r)
			if err != nil || len(got) != 15000 {
				s.Errorf("read %d bytes, %v", len(got), err)
			}
			r.Close()
			reads.Add(1)
		}
	})
	s.Logf("%d reads", reads.Load())
}
