package storetest

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/why403/why403/internal/store"
)

// Benchmark measures a store: writing and reading at concurrency 8, and pages of a listing.
func Benchmark(b *testing.B, open Opener) {
	for _, size := range []int{4 << 10, 64 << 10, 1 << 20} {
		b.Run(fmt.Sprintf("Put/%dKiB", size>>10), func(b *testing.B) { benchPut(b, open, size) })
		b.Run(fmt.Sprintf("Get/%dKiB", size>>10), func(b *testing.B) { benchGet(b, open, size) })
	}
	b.Run("Stat", func(b *testing.B) { benchStat(b, open) })
	b.Run("GetWhilePutting/4KiB", func(b *testing.B) { benchMixed(b, open) })
	b.Run("List", func(b *testing.B) { benchList(b, open) })
	b.Run("Update", func(b *testing.B) { benchUpdate(b, open) })
}

// concurrently runs f b.N times on eight goroutines.
func concurrently(b *testing.B, f func(i int) error) {
	b.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range workers {
		wg.Go(func() {
			for {
				i := next.Add(1) - 1
				if i >= int64(b.N) {
					return
				}
				if err := f(int(i)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ops/s")
}

func benchStore(b *testing.B, open Opener) store.Store {
	b.Helper()
	s := open(b)
	err := s.Update(context.Background(), func(tx store.Tx) error { _, err := tx.CreateBucket("b"); return err })
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func benchWrite(s store.Store, key, body string) error {
	_, err := s.Put(context.Background(), store.ObjectMeta{Bucket: "b", Key: key,
		Attributes: store.Attributes{Owner: "111122223333", Header: map[string]string{"content-type": "text/plain"}}}, strings.NewReader(body))
	return err
}

func benchRead(s store.Store, key string) error {
	_, r, err := s.Get(context.Background(), "b", key, "")
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(io.Discard, r)
	return err
}

// benchKey spreads keys over the bucket.
func benchKey(i int) string { return fmt.Sprintf("data/%02x/%08d", i*31%256, i) }

func benchPut(b *testing.B, open Opener, size int) {
	s := benchStore(b, open)
	b.SetBytes(int64(size))
	concurrently(b, func(i int) error { return benchWrite(s, benchKey(i), long[:size]) })
}

func benchGet(b *testing.B, open Opener, size int) {
	s := benchStore(b, open)
	const n = 200
	parallel(func(w int) {
		for i := w; i < n; i += workers {
			if err := benchWrite(s, benchKey(i), long[:size]); err != nil {
				b.Error(err)
			}
		}
	})
	b.SetBytes(int64(size))
	concurrently(b, func(i int) error { return benchRead(s, benchKey(i%n)) })
}

func benchStat(b *testing.B, open Opener) {
	s := benchStore(b, open)
	if err := benchWrite(s, "k", ""); err != nil {
		b.Fatal(err)
	}
	concurrently(b, func(int) error {
		_, err := s.Stat(context.Background(), "b", "k", "")
		return err
	})
}

// benchMixed reads while four writers write without pause.
func benchMixed(b *testing.B, open Opener) {
	s := benchStore(b, open)
	if err := benchWrite(s, "k", long[:4096]); err != nil {
		b.Fatal(err)
	}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				if err := benchWrite(s, fmt.Sprint(w, " ", i), long[:4096]); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	concurrently(b, func(int) error { return benchRead(s, "k") })
	close(stop)
	wg.Wait()
}

// benchList reads pages of 1,000 out of 100,000 keys in 256 folders: of keys, of groups, and of versions.
func benchList(b *testing.B, open Opener) {
	s := benchStore(b, open)
	const n = 100_000
	parallel(func(w int) {
		for i := w; i < n; i += workers {
			if err := benchWrite(s, benchKey(i), "x"); err != nil {
				b.Error(err)
			}
		}
	})
	for name, q := range map[string]store.ListQuery{
		"Keys":     {Bucket: "b", Limit: 1000, After: "data/80/"},
		"Prefix":   {Bucket: "b", Limit: 1000, Prefix: "data/80/", Delimiter: "/"},
		"Groups":   {Bucket: "b", Limit: 1000, Prefix: "data/", Delimiter: "/"},
		"Versions": {Bucket: "b", Limit: 1000, After: "data/80/", Versions: true},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				page, err := s.List(context.Background(), q)
				if err != nil || len(page.Objects)+len(page.CommonPrefixes) < 256 {
					b.Fatalf("%d objects, %d groups, %v", len(page.Objects), len(page.CommonPrefixes), err)
				}
			}
		})
	}
}

func benchUpdate(b *testing.B, open Opener) {
	s := benchStore(b, open)
	concurrently(b, func(i int) error {
		return s.Update(context.Background(), func(tx store.Tx) error {
			return tx.PutDocument(store.Ref{Kind: "user", Account: "111122223333", Name: fmt.Sprint(i % 1000)}, []byte(`{"path":"/"}`))
		})
	})
}
