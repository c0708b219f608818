package embedded

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/why403/why403/internal/store"
)

func openTest(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func putTest(t *testing.T, s *Store, key, body string) store.Object {
	t.Helper()
	err := s.Update(t.Context(), func(tx store.Tx) error {
		if _, err := tx.CreateBucket("b"); !errors.Is(err, store.ErrBucketExists) {
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	o, err := s.Put(t.Context(), store.ObjectMeta{Bucket: "b", Key: key}, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// An id gives its number back, and looks like an id.
func TestID(t *testing.T) {
	for _, seq := range []int64{1, 2, 255, 1 << 40, 1<<63 - 1} {
		for range 200 {
			id := newID(seq)
			if got, ok := sequence(id); !ok || got != seq || !store.ValidVersionID(id) || strings.Contains(id, "-") {
				t.Fatalf("newID(%d) = %q, which gives %d, %v", seq, id, got, ok)
			}
		}
	}
	if seq, ok := sequence("Cg1Zs1-XQBUAAQIDBAUGBwoNWbNfl0H3"); !ok || seq != 482 {
		t.Errorf("an id of an older program: %d, %v", seq, ok)
	}
	for _, id := range []string{"", "null", strings.Repeat("A", 31), strings.Repeat("!", 32), strings.Repeat("A", 32)} {
		if seq, ok := sequence(id); ok {
			t.Errorf("sequence(%q) = %d", id, seq)
		}
	}
}

func TestSuccessor(t *testing.T) {
	for _, c := range []struct{ prefix, want string }{{"a/", "a0"}, {"a", "b"}, {"a\xff", "b"}, {"a\xff\xff", "b"}, {"\x00", "\x01"}} {
		if got := successor([]byte(c.prefix)); string(got) != c.want {
			t.Errorf("successor(%q) = %q, want %q", c.prefix, got, c.want)
		}
	}
	if got := successor([]byte("\xff\xff")); got != nil {
		t.Errorf("successor of the last = %q", got)
	}
}

func FuzzSuccessor(f *testing.F) {
	f.Add([]byte("a/"), []byte("a/b"))
	f.Fuzz(func(t *testing.T, prefix, key []byte) {
		next := successor(prefix)
		if len(prefix) == 0 || next == nil {
			return
		}
		// Passing over a group leaves out its keys and no other.
		if between := bytes.Compare(key, prefix) >= 0 && bytes.Compare(key, next) < 0; between != bytes.HasPrefix(key, prefix) {
			t.Errorf("prefix %q, next %q, key %q", prefix, next, key)
		}
	})
}

func TestFolderInUse(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, dir)
	if _, err := Open(dir, Options{}); !errors.Is(err, store.ErrInUse) {
		t.Fatalf("second Open: %v, want %v", err, store.ErrInUse)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	openTest(t, dir)
}

// A database of a later program is refused, and left alone.
func TestLaterSchema(t *testing.T) {
	dir := t.TempDir()
	openTest(t, dir).Close()
	db, err := connect(filepath.Join(dir, "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.exec(`INSERT INTO migration VALUES (1000)`); err != nil {
		t.Fatal(err)
	}
	db.close()
	if s, err := Open(dir, Options{}); err == nil || !strings.Contains(err.Error(), "knows up to") {
		t.Fatalf("Open: %v, %v", s, err)
	}
}

// Open removes temporary files, files that no row refers to, and files on the garbage list; and nothing else.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, dir)
	body := strings.Repeat("x", 100_000)
	putTest(t, s, "kept", body)
	putTest(t, s, "deleted", body)
	var doomed string
	if err := s.scan(t.Context(), []any{&doomed}, `SELECT name FROM segment ORDER BY content DESC LIMIT 1`); err != nil {
		t.Fatal(err)
	}
	// The state in which a process dies between commit and unlink.
	err := s.write.do(t.Context(), func(tx *tx) error {
		return errors.Join(tx.exec(`DELETE FROM current WHERE key = ?`, []byte("deleted")),
			tx.exec(`DELETE FROM segment WHERE name = ?`, doomed), tx.exec(`INSERT INTO garbage VALUES (?)`, doomed))
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	stray := []string{"tmp/0123", filepath.Join(filepath.Dir(doomed), "stray")}
	for _, name := range stray {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s = openTest(t, dir)
	for _, name := range append(stray, doomed) {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %v, want it gone", name, err)
		}
	}
	o, r, err := s.Get(t.Context(), "b", "kept", "")
	if err != nil || o.Size != 100_000 {
		t.Fatalf("kept: %+v, %v", o, err)
	}
	r.Close()
	var n int
	if err := s.scan(t.Context(), []any{&n}, `SELECT count(*) FROM garbage`); err != nil || n != 0 {
		t.Errorf("%d on the garbage list, %v", n, err)
	}
}

// Files of what is overwritten or deleted go without waiting for the next start.
func TestGarbageGoes(t *testing.T) {
	s := openTest(t, t.TempDir())
	body := strings.Repeat("x", 100_000)
	for range 20 {
		putTest(t, s, "k", body)
	}
	if _, err := s.Delete(t.Context(), store.DeleteRequest{Bucket: "b", Key: "k"}); err != nil {
		t.Fatal(err)
	}
	for range 200 {
		if files, err := filepath.Glob(filepath.Join(s.dir, "blobs/*/*/*")); err == nil && len(files) == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("files are still there after two seconds")
}

// One write that fails in a batch leaves the others of that batch alone.
func TestBatch(t *testing.T) {
	s := openTest(t, t.TempDir())
	putTest(t, s, "k", "")
	refused := errors.New("refused")
	hold := make(chan struct{})
	go s.Update(context.Background(), func(store.Tx) error { <-hold; return nil })
	time.Sleep(20 * time.Millisecond) // the writer waits in the transaction above; what follows forms one batch
	results := make(chan error, 20)
	for i := range 20 {
		go func() {
			results <- s.Update(context.Background(), func(tx store.Tx) error {
				err := tx.PutDocument(store.Ref{Kind: "k", Name: string(rune('a' + i))}, nil)
				if i%2 == 0 {
					return refused
				}
				return err
			})
		}()
	}
	time.Sleep(20 * time.Millisecond)
	close(hold)
	failed := 0
	for range 20 {
		if err := <-results; err != nil {
			if failed++; !errors.Is(err, refused) {
				t.Error(err)
			}
		}
	}
	n := 0
	if err := s.Documents(t.Context(), "k", "", func(store.Document) bool { n++; return true }); err != nil || failed != 10 || n != 10 {
		t.Errorf("%d refused, %d written, %v; want 10 and 10", failed, n, err)
	}
}

// Readers that never pause do not make the write-ahead log grow without end.
func TestLogIsTrimmed(t *testing.T) {
	s := openTest(t, t.TempDir())
	putTest(t, s, "k", "")
	path := filepath.Join(s.dir, "state.db-wal")
	if err := os.Truncate(path, logTooLarge+1); err != nil {
		t.Fatal(err)
	}
	s.write.trimLog()
	if info, err := os.Stat(path); err != nil || info.Size() > logTooLarge {
		t.Errorf("log %v, %v", info, err)
	}
	putTest(t, s, "k", "after")
}
