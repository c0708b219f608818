package ingest_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/ingest"
	"github.com/why403/why403/internal/ingest/loggen"
	"github.com/why403/why403/internal/ingest/record"
)

// benchFile is 40,000 requests, 5 % of them refused, as one compressed file of
// each kind of log.
type benchFile struct {
	text, zip []byte
	records   int64
}

var benchFiles = sync.OnceValues(func() (map[string]*benchFile, error) {
	e, err := estate.Load("../../bench/loggen/estate.yaml")
	if err != nil {
		return nil, err
	}
	g, err := loggen.New(e, 1)
	if err != nil {
		return nil, err
	}
	g.Denied = 0.05
	trail, access := &benchFile{text: []byte(`{"Records":[`)}, &benchFile{}
	for i := range 40000 {
		ev, err := g.Next()
		if err != nil {
			return nil, err
		}
		if i > 0 {
			trail.text = append(trail.text, ',')
		}
		trail.text = ev.AppendCloudTrail(trail.text, "111122223333")
		access.text = ev.AppendAccessLog(access.text, e.Accounts["111122223333"])
	}
	trail.text = append(trail.text, `]}`...)
	for _, f := range []*benchFile{trail, access} {
		var zip bytes.Buffer
		z := gzip.NewWriter(&zip)
		_, _ = z.Write(f.text)
		_ = z.Close()
		f.zip, f.records = zip.Bytes(), 40000
	}
	return map[string]*benchFile{"cloudtrail": trail, "access": access}, nil
})

func benchOf(b *testing.B, kind string) (*benchFile, *ingest.Sources) {
	files, err := benchFiles()
	if err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), kind+".gz")
	if err := os.WriteFile(path, files[kind].zip, 0o666); err != nil {
		b.Fatal(err)
	}
	return files[kind], &ingest.Sources{Paths: []string{path}}
}

// BenchmarkInflate is what all other figures are measured against: taking the
// compression off, and nothing else.
func BenchmarkInflate(b *testing.B) {
	for _, kind := range []string{"cloudtrail", "access"} {
		b.Run(kind, func(b *testing.B) {
			f, _ := benchOf(b, kind)
			b.SetBytes(int64(len(f.text)))
			z := new(gzip.Reader)
			for b.Loop() {
				if err := z.Reset(bytes.NewReader(f.zip)); err != nil {
					b.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, z); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkRead reads compressed files: all records, and those of failed requests.
func BenchmarkRead(b *testing.B) {
	for _, name := range []string{"cloudtrail/failed", "cloudtrail/all", "access/failed", "access/all"} {
		b.Run(name, func(b *testing.B) {
			kind, which, _ := strings.Cut(name, "/")
			f, s := benchOf(b, kind)
			b.SetBytes(int64(len(f.text)))
			for b.Loop() {
				tally, seen := &ingest.Tally{}, int64(0)
				err := ingest.Run(b.Context(), s, ingest.Options{FailedOnly: which == "failed"}, tally, func(int) func(*record.Record) error {
					return func(*record.Record) error { seen++; return nil }
				})
				if err != nil || tally.Records.Load() != f.records || tally.Bad.Load() != 0 || which == "all" && seen != f.records {
					b.Fatalf("%v: %d records of %d, %d bad, %d seen", err, tally.Records.Load(), f.records, tally.Bad.Load(), seen)
				}
			}
			b.ReportMetric(float64(f.records)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}
