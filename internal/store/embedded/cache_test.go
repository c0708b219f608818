package embedded

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

func TestCache(t *testing.T) {
	c := newCache[string, int](80)
	_, ok, at := c.get("k")
	if ok {
		t.Fatal("an empty cache has k")
	}
	c.put("k", 1, 10, at)
	if v, ok, _ := c.get("k"); !ok || v != 1 {
		t.Errorf("got %d, %v, want 1", v, ok)
	}
	_, _, at = c.get("l")
	c.begin([]string{"k", "m"})
	if _, ok, _ := c.get("k"); ok {
		t.Error("k is there while it is being committed")
	}
	c.put("k", 2, 10, at)
	c.put("l", 3, 10, at)
	if _, ok, _ := c.get("k"); ok {
		t.Error("k came back while it was being committed")
	}
	if v, _, _ := c.get("l"); v != 3 {
		t.Errorf("l is %d, want 3: it is not part of the commit", v)
	}
	_, _, at = c.get("m")
	c.end()
	c.put("m", 4, 10, at)
	if _, ok, _ := c.get("m"); ok {
		t.Error("m was kept, though it was read before the commit was over")
	}
	c.put("huge", 5, 21, at+1)
	if _, ok, _ := c.get("huge"); ok {
		t.Error("what takes more than a quarter was kept")
	}
}

// A cache stays within its limit, and keeps what is asked for.
func TestCacheLimit(t *testing.T) {
	c := newCache[int, int](100)
	_, _, at := c.get(0)
	for i := range 1000 {
		c.put(i, i, 10, at)
		c.get(0)
		if n := len(c.newer) + len(c.older); n > 10 {
			t.Fatalf("%d values of weight 10 in a cache of 100", n)
		}
	}
	if _, ok, _ := c.get(0); !ok {
		t.Error("what was asked for all the time is gone")
	}
}

// What a read returns is never older than what was acknowledged before it began, with a cache that holds all, and with one
// that throws away all the time.
func TestReadsAreNeverStale(t *testing.T) {
	for _, limit := range []int{0, 16 << 10} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			s, err := Open(t.TempDir(), Options{Cache: limit})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if err := s.Update(t.Context(), func(tx store.Tx) error { _, err := tx.CreateBucket("b"); return err }); err != nil {
				t.Fatal(err)
			}
			const keys, writes = 4, 60
			var acknowledged [keys]atomic.Int64
			var writers, readers sync.WaitGroup
			done := make(chan struct{})
			for k := range keys {
				writers.Go(func() { overwrite(t, s, fmt.Sprint(k), writes, &acknowledged[k]) })
				for range 2 {
					readers.Go(func() { readWhile(t, s, fmt.Sprint(k), done, &acknowledged[k]) })
				}
			}
			writers.Wait()
			close(done)
			readers.Wait()
		})
	}
}

// overwrite puts the numbers 1 to n into a key, and also as a tag.
func overwrite(t *testing.T, s *Store, key string, n int, acknowledged *atomic.Int64) {
	ctx := context.Background()
	for i := range n {
		text := fmt.Sprint(i + 1)
		if _, err := s.Put(ctx, store.ObjectMeta{Bucket: "b", Key: key}, strings.NewReader(text)); err != nil {
			t.Error(err)
		}
		acknowledged.Store(int64(i + 1))
		_, err := s.UpdateMeta(ctx, "b", key, "", func(o *store.Object) error { o.Tags = map[string]string{"n": text}; return nil })
		if err != nil {
			t.Error(err)
		}
		if o, err := s.Stat(ctx, "b", key, ""); err != nil || o.Tags["n"] != text {
			t.Errorf("%s: tag %q, %v, want %s", key, o.Tags["n"], err, text)
		}
	}
}

func readWhile(t *testing.T, s *Store, key string, done chan struct{}, acknowledged *atomic.Int64) {
	for {
		select {
		case <-done:
			return
		default:
		}
		before := acknowledged.Load()
		_, r, err := s.Get(context.Background(), "b", key, "")
		if err != nil {
			if before > 0 {
				t.Errorf("%s: %v after %d was acknowledged", key, err, before)
			}
			continue
		}
		b, _ := io.ReadAll(r)
		r.Close()
		var got int64
		if fmt.Sscan(string(b), &got); got < before {
			t.Errorf("%s: read %q after %d was acknowledged", key, b, before)
		}
	}
}
