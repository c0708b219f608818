package embedded

import (
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/why403/why403/internal/store"
)

// oldFolder makes a folder as a program made it that knew the first schemas alone, and fills it.
func oldFolder(t *testing.T, schemas int) string {
	t.Helper()
	dir := t.TempDir()
	c, err := connect(filepath.Join(dir, "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	all := migrations
	migrations = migrations[:schemas]
	err = migrate(c)
	migrations = all
	if err != nil {
		t.Fatal(err)
	}
	const old = `(bucket, key, seq, version, marker, etag, size, stored, modified, parts, segments, content, attrs)`
	file := "blobs/1/0/0123456789abcdef0123456789abcdef"
	if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(file)), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, file), []byte(strings.Repeat("x", 20_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		`INSERT INTO bucket VALUES (10, 'b', 1, 1700000000000)`,
		`INSERT INTO history ` + old + ` VALUES (10, CAST('k' AS BLOB), 20, 'null', 0, 'e1', 3, 3, 1700000000000, 0, 0, 21, CAST('{"owner":"111122223333"}' AS BLOB))`,
		`INSERT INTO inline VALUES (21, CAST('old' AS BLOB))`,
		`INSERT INTO current ` + old + ` VALUES (10, CAST('k' AS BLOB), 22, 'v', 0, 'e2', 20000, 20000, 1700000001000, 0, 1, 23,
			CAST('{"owner":"111122223333","storageClass":"GLACIER","header":{"content-type":"text/plain"},"checksums":{"CRC32":"AAAAAA=="},"checksumType":"FULL_OBJECT"}' AS BLOB))`,
		`INSERT INTO segment VALUES (23, 0, '` + file + `', '', 20000, 20000, 0, NULL)`,
		`UPDATE counter SET value = 100 WHERE name = 'revision'`, `UPDATE counter SET value = 1 WHERE name = 'opened'`,
		`INSERT INTO document VALUES ('user', '111122223333', 'ana', 30, CAST('{}' AS BLOB))`,
	} {
		if err := c.once(q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	if err := c.close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A folder of an older program keeps its objects, versions, files and documents, and takes new ones.
func TestMigrate(t *testing.T) {
	for schemas := 1; schemas < len(migrations); schemas++ {
		dir := oldFolder(t, schemas)
		for range 2 { // the second time there is nothing to migrate
			s := openOld(t, dir)
			o, r, err := s.Get(t.Context(), "b", "k", "")
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(r)
			r.Close()
			if err != nil || len(body) != 20_000 || o.ETag != "e2" || o.StorageClass != "GLACIER" || o.Header["content-type"] != "text/plain" {
				t.Errorf("%d bytes, %v, %+v", len(body), err, o)
			}
			if o, err := s.Stat(t.Context(), "b", "k", store.NullVersion); err != nil || o.ETag != "e1" || o.Owner != "111122223333" {
				t.Errorf("version null: %+v, %v", o, err)
			}
			page, err := s.List(t.Context(), store.ListQuery{Bucket: "b", Limit: 10, Brief: true})
			if err != nil || len(page.Objects) == 0 || page.Objects[0].StorageClass != "GLACIER" {
				t.Fatalf("%+v, %v", page, err)
			}
			if d, err := s.Document(t.Context(), store.Ref{Kind: "user", Account: "111122223333", Name: "ana"}); err != nil || d.Revision != 30 {
				t.Errorf("%+v, %v", d, err)
			}
			if n, err := s.Put(t.Context(), store.ObjectMeta{Bucket: "b", Key: "new"}, strings.NewReader("x")); err != nil || n.Revision < 100 {
				t.Errorf("%+v, %v; want a revision that was not given yet", n, err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func openOld(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A brief listing tells what it promises, of rows of any age, and after changes of attributes.
func TestBrief(t *testing.T) {
	s := openOld(t, oldFolder(t, 1))
	defer s.Close()
	a := store.Attributes{Owner: "o", StorageClass: "STANDARD_IA", ChecksumType: "FULL_OBJECT", Checksums: map[string]string{"SHA1": "x", "CRC32": "y"},
		Tags: map[string]string{"k": "v"}, UserMetadata: map[string]string{"m": "n"}}
	for _, key := range []string{"a", "c", "z"} {
		if _, err := s.Put(t.Context(), store.ObjectMeta{Bucket: "b", Key: key, Attributes: a}, strings.NewReader(key)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.UpdateMeta(t.Context(), "b", "c", "", func(o *store.Object) error { o.Owner, o.Checksums = "p", nil; return nil }); err != nil {
		t.Fatal(err)
	}
	full, err := s.List(t.Context(), store.ListQuery{Bucket: "b", Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	brief, err := s.List(t.Context(), store.ListQuery{Bucket: "b", Limit: 10, Brief: true})
	if err != nil || len(brief.Objects) != 4 || len(full.Objects) != 4 {
		t.Fatalf("%d and %d objects, %v", len(full.Objects), len(brief.Objects), err)
	}
	for i := range full.Objects {
		f, b := full.Objects[i], brief.Objects[i]
		if f.Owner != b.Owner || f.StorageClass != b.StorageClass || f.ChecksumType != b.ChecksumType ||
			!slices.Equal(slices.Sorted(maps.Keys(f.Checksums)), slices.Sorted(maps.Keys(b.Checksums))) {
			t.Errorf("full %+v\nbrief %+v", f, b)
		}
		f.Attributes, b.Attributes = store.Attributes{}, store.Attributes{}
		if !reflect.DeepEqual(f, b) {
			t.Errorf("full %+v\nbrief %+v", f, b)
		}
	}
}
