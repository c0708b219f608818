package embedded

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/why403/why403/internal/store"
)

// BenchmarkMillionKeys reads pages of a thousand out of buckets of ten thousand and of a million keys, which lie in folders of
// a thousand: at the beginning, in the middle, by prefix, and by delimiter, where each of the million's groups has a thousand
// keys. Time and memory of a page are to be the same in both.
func BenchmarkMillionKeys(b *testing.B) {
	for _, n := range []int{10_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s, err := Open(b.TempDir(), Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			fillKeys(b, s, n)
			middle := folder(n / 2000)
			for _, q := range []struct {
				name  string
				query store.ListQuery
				rows  int
			}{
				{"First", store.ListQuery{}, 1000},
				{"Middle", store.ListQuery{After: middle + "000500"}, 1000},
				{"Last", store.ListQuery{After: folder(n/1000-1) + "000499"}, 500},
				{"Prefix", store.ListQuery{Prefix: middle}, 1000},
				{"PrefixDelimiter", store.ListQuery{Prefix: middle, Delimiter: "/"}, 1000},
				{"Groups", store.ListQuery{Delimiter: "/"}, n / 1000},
				{"Versions", store.ListQuery{After: middle, Versions: true}, 1000},
			} {
				b.Run(q.name, func(b *testing.B) {
					q.query.Bucket, q.query.Limit, q.query.Brief = "b", 1000, true
					b.ReportAllocs()
					for b.Loop() {
						page, err := s.List(context.Background(), q.query)
						if err != nil || len(page.Objects)+len(page.CommonPrefixes) != q.rows {
							b.Fatalf("%d objects, %d groups, %v; want %d", len(page.Objects), len(page.CommonPrefixes), err, q.rows)
						}
					}
				})
			}
		})
	}
}

func folder(i int) string { return fmt.Sprintf("folder-%06d/", i) }

// fillKeys puts n empty objects, many at a time so that they share commits.
func fillKeys(b *testing.B, s *Store, n int) {
	b.Helper()
	if err := s.Update(b.Context(), func(tx store.Tx) error { _, err := tx.CreateBucket("b"); return err }); err != nil {
		b.Fatal(err)
	}
	var next atomic.Int64
	var workers sync.WaitGroup
	for range 2 * maxBatch {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				meta := store.ObjectMeta{Bucket: "b", Key: fmt.Sprintf("%s%06d", folder(int(i/1000)), i%1000),
					Attributes: store.Attributes{Owner: "111122223333", Header: map[string]string{"content-type": "text/plain"}}}
				if _, err := s.Put(b.Context(), meta, strings.NewReader("")); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	workers.Wait()
}
