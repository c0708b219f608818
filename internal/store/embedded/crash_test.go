package embedded_test

import (
	"bufio"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/why403/why403/internal/store"
	"github.com/why403/why403/internal/store/embedded"
)

// writerVariable makes the test binary a process that writes to the store in the folder it names, until it is killed.
const writerVariable = "WHY403_TEST_STORE_WRITER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(writerVariable); dir != "" {
		if err := writeForever(dir, os.Getenv(writerVariable+"_ROUND")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// bodySizes are on both sides of what is kept inline.
var bodySizes = []int{0, 100, 4096, 16384, 16385, 50000, 300000}

func crashBody(key string, i int) string {
	text := fmt.Sprintf("%s#%d|", key, i)
	return strings.Repeat(text, 1+bodySizes[i%len(bodySizes)]/len(text))
}

// writeForever writes objects, overwrites, deletes, uploads and documents on four goroutines, and prints a line for each one
// that was acknowledged.
func writeForever(dir, round string) error {
	s, err := embedded.Open(dir, embedded.Options{})
	if err != nil {
		return err
	}
	ctx := context.Background()
	fmt.Println("open")
	var out sync.Mutex
	say := func(format string, args ...any) {
		out.Lock()
		defer out.Unlock()
		fmt.Printf(format+"\n", args...)
	}
	failed := make(chan error)
	for w := range 4 {
		go func() {
			for i := 0; ; i++ {
				key := fmt.Sprintf("%s-%d-%d", round, w, i%50)
				if err := writeOne(ctx, s, key, w, i, say); err != nil {
					failed <- err
				}
			}
		}()
	}
	return <-failed
}

func writeOne(ctx context.Context, s store.Store, key string, w, i int, say func(string, ...any)) error {
	switch {
	case i%11 == 10:
		say("try delete %s", key)
		if _, err := s.Delete(ctx, store.DeleteRequest{Bucket: "b", Key: key}); err != nil {
			return err
		}
		say("deleted %s", key)
	case i%7 == 6:
		u, err := s.CreateUpload(ctx, store.UploadMeta{Bucket: "b", Key: key})
		if err != nil {
			return err
		}
		say("try put %s %d", key, i)
		p, err := s.PutPart(ctx, store.PartMeta{Bucket: "b", Key: key, UploadID: u.UploadID, Number: 1}, strings.NewReader(crashBody(key, i)))
		if err != nil {
			return err
		}
		if _, err := s.CompleteUpload(ctx, store.CompleteRequest{Bucket: "b", Key: key, UploadID: u.UploadID,
			Parts: []store.CompletedPart{{Number: 1, ETag: p.ETag}}}); err != nil {
			return err
		}
		say("put %s %d", key, i)
	default:
		say("try put %s %d", key, i)
		if _, err := s.Put(ctx, store.ObjectMeta{Bucket: "b", Key: key}, strings.NewReader(crashBody(key, i))); err != nil {
			return err
		}
		say("put %s %d", key, i)
	}
	ref := store.Ref{Kind: "progress", Name: fmt.Sprint(w)}
	if err := s.Update(ctx, func(tx store.Tx) error { return tx.PutDocument(ref, fmt.Appendf(nil, "%s %d", key, i)) }); err != nil {
		return err
	}
	say("document %s %s %d", ref.Name, key, i)
	return nil
}

// witness is what a killed process has told: the last acknowledged body of each key, and the write that it may have done since.
type witness struct {
	acknowledged map[string]string // key -> body number, or "" if deleted
	attempted    map[string]string
	documents    map[string]string
	lines        int
}

func (w *witness) hear(line string) {
	f := strings.Fields(line)
	w.lines++
	switch f[0] {
	case "try":
		w.attempted[f[2]] = strings.Join(f[3:], "")
	case "put":
		w.acknowledged[f[1]] = f[2]
		delete(w.attempted, f[1])
	case "deleted":
		w.acknowledged[f[1]] = ""
		delete(w.attempted, f[1])
	case "document":
		w.documents[f[1]] = f[2] + " " + f[3]
	}
}

// Whatever moment the process is killed at, what it acknowledged is there, nothing is half there, and no file is left over.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	s := openDir(t, dir)
	err := s.Update(t.Context(), func(tx store.Tx) error { _, err := tx.CreateBucket("b"); return err })
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(5, 6))
	w := &witness{acknowledged: map[string]string{}, attempted: map[string]string{}, documents: map[string]string{}}
	for round := range 8 {
		heard := w.lines
		killWriter(t, dir, round, time.Duration(100+rnd.IntN(250))*time.Millisecond, w)
		t.Logf("round %d: %d lines", round, w.lines-heard)
		s := openDir(t, dir)
		checkObjects(t, s, w)
		checkDocuments(t, s, w)
		checkFiles(t, dir, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(w.acknowledged) == 0 {
		t.Fatal("nothing was ever acknowledged")
	}
}

// killWriter lets a process write for a while, kills it, and hears all that it said.
func killWriter(t *testing.T, dir string, round int, after time.Duration, w *witness) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), writerVariable+"="+dir, fmt.Sprintf("%s_ROUND=%d", writerVariable, round))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	lines := bufio.NewReader(out)
	if line, err := lines.ReadString('\n'); line != "open\n" {
		t.Fatalf("writer said %q, %v", line, err)
	}
	timer := time.AfterFunc(after, func() { cmd.Process.Kill() })
	defer timer.Stop()
	for {
		line, err := lines.ReadString('\n')
		if err != nil { // the end, perhaps in the middle of a line
			return
		}
		w.hear(line)
	}
}

func checkObjects(t *testing.T, s store.Store, w *witness) {
	t.Helper()
	keys := map[string]bool{}
	for k := range w.acknowledged {
		keys[k] = true
	}
	for k := range w.attempted {
		keys[k] = true
	}
	for key := range keys {
		number, acknowledged := w.acknowledged[key]
		attempt, attempted := w.attempted[key]
		got, exists := readAll(t, s, key)
		switch {
		case acknowledged && matchesBody(key, number, got, exists):
		case attempted && matchesBody(key, attempt, got, exists):
			w.acknowledged[key] = attempt // it happened, though nobody was told
		case !acknowledged && !exists:
		default:
			t.Errorf("%s: %d bytes, exists %v; acknowledged %q (%v), attempted %q (%v)", key, len(got), exists, number, acknowledged, attempt, attempted)
		}
		delete(w.attempted, key)
	}
}

// matchesBody says whether a key is in the state after a write: with that body, or absent if number is empty.
func matchesBody(key, number, got string, exists bool) bool {
	if number == "" || !exists {
		return number == "" && !exists
	}
	var i int
	fmt.Sscan(number, &i)
	return got == crashBody(key, i)
}

// readAll reads a key and checks it against its own description.
func readAll(t *testing.T, s store.Store, key string) (string, bool) {
	t.Helper()
	o, r, err := s.Get(t.Context(), "b", key, "")
	if err != nil {
		if o.DeleteMarker || !errors.Is(err, store.ErrNoSuchKey) {
			t.Errorf("get %s: %v", key, err)
		}
		return "", false
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	sum := md5.Sum(b)
	if err != nil || int64(len(b)) != o.Size || o.Parts == 0 && hex.EncodeToString(sum[:]) != o.ETag {
		t.Errorf("%s: %d bytes, %v, described as %+v", key, len(b), err, o)
	}
	return string(b), true
}

func checkDocuments(t *testing.T, s store.Store, w *witness) {
	t.Helper()
	for name, want := range w.documents {
		d, err := s.Document(t.Context(), store.Ref{Kind: "progress", Name: name})
		var heard, have struct {
			round, worker, n, i int
		}
		scan := func(text string, into *struct{ round, worker, n, i int }) {
			fmt.Sscanf(text, "%d-%d-%d %d", &into.round, &into.worker, &into.n, &into.i)
		}
		scan(want, &heard)
		scan(string(d.Body), &have)
		if err != nil || have.round != heard.round || have.i < heard.i || have.i > heard.i+1 {
			t.Errorf("document %s is %q (%v), acknowledged was %q", name, d.Body, err, want)
		}
	}
}

// checkFiles requires that every file belongs to an object or to a part of an upload, and that tmp is empty.
func checkFiles(t *testing.T, dir string, s store.Store) {
	t.Helper()
	want := 0
	page, err := s.List(t.Context(), store.ListQuery{Bucket: "b", Limit: 100000, Versions: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range page.Objects {
		if o.Parts > 0 || o.StoredSize > 16<<10 {
			want++
		}
	}
	uploads, err := s.ListUploads(t.Context(), store.UploadQuery{Bucket: "b", Limit: 100000})
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range uploads.Uploads {
		parts, _, err := s.ListParts(t.Context(), "b", u.Key, u.UploadID, 0, 10000)
		if err != nil {
			t.Fatal(err)
		}
		want += len(parts)
	}
	if n := countFiles(t, filepath.Join(dir, "blobs")); n != want {
		t.Errorf("%d files for %d bodies", n, want)
	}
	if n := countFiles(t, filepath.Join(dir, "tmp")); n != 0 {
		t.Errorf("%d temporary files left", n)
	}
}

func countFiles(t *testing.T, dir string) (n int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
