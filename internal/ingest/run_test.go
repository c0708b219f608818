package ingest_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/ingest"
	"github.com/why403/why403/internal/ingest/loggen"
	"github.com/why403/why403/internal/ingest/record"
)

const (
	event = `{"Records":[{"eventVersion":"1.11","eventName":"GetObject","eventSource":"s3.amazonaws.com","requestID":"T1"}]}`
	line  = `79a5 b [22/Nov/2026:10:00:02 +0000] 192.0.2.1 - A1 REST.GET.OBJECT k "GET /k HTTP/1.1" 200 - 1 1 2 1 "-" "a" - h=` + "\n"
)

func zipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	return b.String()
}

// folder writes files of all sorts, in AWS's layout and not.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func read(t *testing.T, s *ingest.Sources, o ingest.Options) (ids []string, tally *ingest.Tally, err error) {
	t.Helper()
	tally = &ingest.Tally{}
	var mu sync.Mutex
	err = ingest.Run(t.Context(), s, o, tally, func(int) func(*record.Record) error {
		return func(r *record.Record) error {
			mu.Lock()
			defer mu.Unlock()
			ids = append(ids, string(r.RequestID))
			return nil
		}
	})
	slices.Sort(ids)
	return ids, tally, err
}

// Kinds and compression are told by what a file holds; what is no log of requests is
// left out, and what is damaged is told.
func TestRun(t *testing.T) {
	whole := zipped(event)
	dir := folder(t, map[string]string{
		"AWSLogs/1/CloudTrail/us-east-1/2026/11/22/a.json.gz":        whole,
		"AWSLogs/1/CloudTrail-Digest/us-east-1/2026/11/22/d.json.gz": whole,
		"access/2026-11-22-10-00-00-AAAA":                            line,
		"access/zipped":                                              zipped(line + line),
		"access/empty":                                               "",
		"cut.json.gz":                                                whole[:len(whole)-4], // its checksum is cut off
		"cut.log.gz":                                                 zipped(line)[:len(zipped(line))-4],
		".hidden":                                                    "x",
	})
	for _, workers := range []int{1, 3} {
		ids, tally, err := read(t, &ingest.Sources{Paths: []string{dir}}, ingest.Options{Workers: workers})
		if diff := cmp.Diff([]string{"A1", "A1", "A1", "A1", "T1", "T1"}, ids); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
		if shown := tally.Shown(); tally.Bad.Load() != 2 || !strings.Contains(shown[0], "cut.json.gz") || tally.AccessLog.Load() != 3 {
			t.Errorf("%d bad: %q, %d access logs", tally.Bad.Load(), shown, tally.AccessLog.Load())
		}
	}
}

// A compressed file that is longer than what is read into memory is read to its end.
func TestLong(t *testing.T) {
	const lines = 160000
	var zip bytes.Buffer
	z, err := gzip.NewWriterLevel(&zip, gzip.NoCompression)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = z.Write([]byte(strings.Repeat(line, lines)))
	_ = z.Close()
	if zip.Len() <= 16<<20 {
		t.Fatalf("%d bytes are not long", zip.Len())
	}
	dir := folder(t, map[string]string{"long.gz": zip.String()})
	ids, tally, err := read(t, &ingest.Sources{Paths: []string{dir}}, ingest.Options{})
	if err != nil || len(ids) != lines || tally.Bad.Load() != 0 {
		t.Errorf("%d of %d lines, %q, %v", len(ids), lines, tally.Shown(), err)
	}
}

func TestStrict(t *testing.T) {
	dir := folder(t, map[string]string{"log": line + "nonsense\n" + line})
	ids, tally, err := read(t, &ingest.Sources{Paths: []string{dir}}, ingest.Options{})
	if len(ids) != 2 || tally.Bad.Load() != 1 || tally.Records.Load() != 2 || err != nil {
		t.Errorf("%q, %d bad, %v", ids, tally.Bad.Load(), err)
	}
	if _, _, err := read(t, &ingest.Sources{Paths: []string{dir}}, ingest.Options{Strict: true}); err == nil || !strings.Contains(err.Error(), "log:2:1: ") {
		t.Errorf("%v", err)
	}
}

func TestSources(t *testing.T) {
	ids, _, err := read(t, &ingest.Sources{Paths: []string{"-"}, Stdin: strings.NewReader(event)}, ingest.Options{})
	if !slices.Equal(ids, []string{"T1"}) || err != nil {
		t.Errorf("%q, %v", ids, err)
	}
	for path, want := range map[string]string{t.TempDir(): "there are no log files in it", "s3://bucket/prefix": "aws s3 sync", "s3://": "names no bucket"} {
		if _, _, err := read(t, &ingest.Sources{Paths: []string{path}}, ingest.Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	if _, _, err := read(t, &ingest.Sources{Paths: []string{"/does/not/exist"}}, ingest.Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

// The same estate and seed make the same logs, to the last byte, in both kinds the
// same requests.
func TestLoggen(t *testing.T) {
	e, err := estate.Load("../../bench/loggen/estate.yaml")
	if err != nil {
		t.Fatal(err)
	}
	write := func() (trail, access []byte) {
		g, err := loggen.New(e, 9)
		if err != nil {
			t.Fatal(err)
		}
		for range 200 {
			ev, err := g.Next()
			if err != nil {
				t.Fatal(err)
			}
			trail = append(ev.AppendCloudTrail(trail, "111122223333"), '\n')
			access = ev.AppendAccessLog(access, e.Accounts["111122223333"])
		}
		return trail, access
	}
	trail, access := write()
	if again, more := write(); !bytes.Equal(trail, again) || !bytes.Equal(access, more) {
		t.Error("the same seed gives other logs")
	}
	seen := map[string][]string{}
	for name, text := range map[string][]byte{"trail": trail, "access": access} {
		_, _, err := read(t, &ingest.Sources{Paths: []string{"-"}, Stdin: bytes.NewReader(text)}, ingest.Options{Strict: true})
		if err != nil {
			t.Fatal(err)
		}
		tally := &ingest.Tally{}
		err = ingest.Run(t.Context(), &ingest.Sources{Paths: []string{"-"}, Stdin: bytes.NewReader(text)}, ingest.Options{}, tally, func(int) func(*record.Record) error {
			return func(r *record.Record) error {
				seen[name] = append(seen[name], strings.Join([]string{string(r.RequestID), r.Operation(), string(r.Bucket), string(r.Key), string(r.Error), r.When().String(), string(r.SourceIP), string(r.UserAgent)}, " "))
				return nil
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(seen["trail"], seen["access"]); diff != "" || len(seen["trail"]) != 200 {
		t.Error(diff)
	}
}
