package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/why403/why403/internal/store"
)

// Keys are listed in the order of their UTF-8 bytes, whatever the page size.
func listOrder(s *suite) {
	s.bucket("b", store.Unversioned)
	want := slices.Sorted(slices.Values(append([]string{"a", "B", "b", "A", "a/", "a0", "a!", "é", "z", "\U00010000", "\uffff"}, unusual...)))
	for _, k := range want {
		s.put("b", k, "")
	}
	s.bucket("c", store.Unversioned)
	s.put("c", "elsewhere", "")
	for _, limit := range []int{1, 2, 3, 1000} {
		var got []string
		for _, o := range s.list(store.ListQuery{Bucket: "b", Limit: limit}).Objects {
			got = append(got, o.Key)
		}
		if !slices.Equal(got, want) {
			s.Errorf("limit %d: got %q, want %q", limit, got, want)
		}
	}
	page, err := s.List(s.ctx, store.ListQuery{Bucket: "b"})
	s.ok(err)
	if len(page.Objects) != 0 || page.Truncated {
		s.Errorf("limit 0 gave %+v", page)
	}
}

// The example of "Organizing objects using prefixes".
func listDelimiter(s *suite) {
	s.bucket("b", store.Unversioned)
	for _, k := range []string{"sample.jpg", "photos/2006/January/sample.jpg", "photos/2006/February/sample2.jpg",
		"photos/2006/February/sample3.jpg", "photos/2006/February/sample4.jpg"} {
		s.put("b", k, "")
	}
	for limit := 1; limit < 5; limit++ {
		page := s.list(store.ListQuery{Bucket: "b", Delimiter: "/", Limit: limit})
		s.same(keys(page.Objects), "sample.jpg")
		s.same(strings.Join(page.CommonPrefixes, " "), "photos/")
		page = s.list(store.ListQuery{Bucket: "b", Delimiter: "/", Prefix: "photos/2006/", Limit: limit})
		s.same(keys(page.Objects), "")
		s.same(strings.Join(page.CommonPrefixes, " "), "photos/2006/February/ photos/2006/January/")
	}
	// A group and a key share the limit, and the group is passed over as one.
	page, err := s.List(s.ctx, store.ListQuery{Bucket: "b", Delimiter: "/", Limit: 1})
	s.ok(err)
	if !page.Truncated || page.Next != "photos/" || len(page.CommonPrefixes) != 1 || len(page.Objects) != 0 {
		s.Errorf("first page %+v", page)
	}
	// Delimiters are any string.
	s.same(strings.Join(s.list(store.ListQuery{Bucket: "b", Delimiter: "sample", Limit: 9}).CommonPrefixes, " "),
		"photos/2006/February/sample photos/2006/January/sample sample")
}

// A marker is exclusive, need not exist, and may lie before or behind the prefix.
func listAfter(s *suite) {
	s.bucket("b", store.Unversioned)
	for _, k := range []string{"a", "b", "b/1", "b/2", "b0", "c"} {
		s.put("b", k, "")
	}
	for _, c := range []struct{ prefix, delimiter, after, objects, prefixes string }{
		{"", "", "a", "b b/1 b/2 b0 c", ""},
		{"", "", "aa", "b b/1 b/2 b0 c", ""},
		{"", "", "c", "", ""},
		{"b", "", "a", "b b/1 b/2 b0", ""},
		{"b", "", "c", "", ""},
		{"b", "", "b", "b/1 b/2 b0", ""},
		{"", "/", "b", "b0 c", "b/"},
		{"", "/", "b/", "b0 c", ""},
		{"b/", "/", "b/", "b/1 b/2", ""},
		{"b/", "/", "b/1", "b/2", ""},
	} {
		page := s.list(store.ListQuery{Bucket: "b", Prefix: c.prefix, Delimiter: c.delimiter, After: c.after, Limit: 2})
		if got := keys(page.Objects); got != c.objects || strings.Join(page.CommonPrefixes, " ") != c.prefixes {
			s.Errorf("prefix %q delimiter %q after %q: got %q and %q, want %q and %q", c.prefix, c.delimiter, c.after,
				got, page.CommonPrefixes, c.objects, c.prefixes)
		}
	}
}

// expect lists by going over all keys.
func expect(all []string, prefix, delimiter string) (objects, groups []string) {
	for _, k := range slices.Sorted(slices.Values(all)) {
		rest, ok := strings.CutPrefix(k, prefix)
		if !ok {
			continue
		}
		if before, _, ok := strings.Cut(rest, delimiter); ok && delimiter != "" {
			if g := prefix + before + delimiter; len(groups) == 0 || groups[len(groups)-1] != g {
				groups = append(groups, g)
			}
			continue
		}
		objects = append(objects, k)
	}
	return objects, groups
}

// Random keys under random prefixes, delimiters and page sizes are listed as by going over all of them; so are uploads.
func listModel(s *suite) {
	rnd := rand.New(rand.NewPCG(3, 4))
	word := func(max int) string {
		b := make([]byte, 1+rnd.IntN(max))
		for i := range b {
			b[i] = "ab/-"[rnd.IntN(4)]
		}
		return string(b)
	}
	s.bucket("b", store.Unversioned)
	have := map[string]bool{}
	var all []string
	for range 400 {
		if k := word(7); !have[k] {
			have[k], all = true, append(all, k)
			s.put("b", k, "")
			_, err := s.CreateUpload(s.ctx, store.UploadMeta{Bucket: "b", Key: k})
			s.ok(err)
		}
	}
	for range 200 {
		q := store.ListQuery{Bucket: "b", Limit: 1 + rnd.IntN(30), Versions: rnd.IntN(2) == 0}
		if rnd.IntN(3) > 0 {
			q.Prefix = word(3)
		}
		if rnd.IntN(3) > 0 {
			q.Delimiter = word(2)
		}
		objects, groups := expect(all, q.Prefix, q.Delimiter)
		page := s.list(q)
		if got := keys(page.Objects); got != strings.Join(objects, " ") || !slices.Equal(page.CommonPrefixes, groups) {
			s.Fatalf("%+v: got %q and %q, want %q and %q", q, got, page.CommonPrefixes, objects, groups)
		}
		uploads, prefixes := s.listUploads(store.UploadQuery{Bucket: "b", Prefix: q.Prefix, Delimiter: q.Delimiter, Limit: q.Limit})
		if !slices.Equal(uploads, objects) || !slices.Equal(prefixes, groups) {
			s.Fatalf("uploads %+v: got %q and %q, want %q and %q", q, uploads, prefixes, objects, groups)
		}
	}
}

func (s *suite) listUploads(q store.UploadQuery) (names, prefixes []string) {
	s.Helper()
	for {
		page, err := s.ListUploads(s.ctx, q)
		s.ok(err)
		for _, u := range page.Uploads {
			names = append(names, u.Key)
		}
		prefixes = append(prefixes, page.CommonPrefixes...)
		if !page.Truncated {
			return names, prefixes
		}
		q.After, q.AfterUpload = page.Next, page.NextUpload
	}
}

// Versions of a key are listed newest first, and the listing goes on within a key.
func listVersions(s *suite) {
	s.bucket("b", store.Enabled)
	var want []string
	for _, k := range []string{"a", "b/1", "c"} {
		var ids []string
		for i := range 4 {
			if i == 2 {
				ids = append(ids, s.del("b", k, "").VersionID)
			} else {
				ids = append(ids, s.put("b", k, fmt.Sprint(i)).VersionID)
			}
		}
		slices.Reverse(ids)
		want = append(want, ids...)
	}
	for limit := 1; limit < 8; limit++ {
		var got []string
		latest := 0
		for _, o := range s.list(store.ListQuery{Bucket: "b", Limit: limit, Versions: true}).Objects {
			got = append(got, o.VersionID)
			if o.Latest {
				latest++
			}
		}
		if !slices.Equal(got, want) || latest != 3 {
			s.Errorf("limit %d: got %v with %d latest, want %v with 3", limit, got, latest, want)
		}
		page := s.list(store.ListQuery{Bucket: "b", Delimiter: "/", Limit: limit, Versions: true})
		s.same(keys(page.Objects), "a a a a c c c c")
		s.same(strings.Join(page.CommonPrefixes, " "), "b/")
	}
	// Without a version id the marker leaves the whole key behind.
	s.same(keys(s.list(store.ListQuery{Bucket: "b", After: "a", Limit: 9, Versions: true}).Objects), "b/1 b/1 b/1 b/1 c c c c")
}

// Emptying a bucket page by page, as clients do, leaves nothing out, though each marker is gone when it is used.
func listVersionsWhileDeleting(s *suite) {
	s.bucket("b", store.Unversioned)
	s.put("b", "k", "null")
	s.versioning("b", store.Enabled)
	for range 10 {
		s.put("b", "k", "x")
		s.del("b", "k", "")
		s.put("b", "l", "x")
	}
	s.versioning("b", store.Suspended)
	s.put("b", "l", "null")
	q := store.ListQuery{Bucket: "b", Limit: 3, Versions: true}
	for {
		page, err := s.List(s.ctx, q)
		s.ok(err)
		for _, o := range page.Objects {
			s.del("b", o.Key, o.VersionID)
		}
		if !page.Truncated {
			break
		}
		q.After, q.AfterVersion = page.Next, page.NextVersion
	}
	s.ok(s.Update(s.ctx, func(tx store.Tx) error { return tx.DeleteBucket("b") }))
}
