package parity

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/request"
)

// A corpusCase is one file of the corpus. Its wants play no part here.
type corpusCase struct {
	name        string
	files       fstest.MapFS // the estate and its documents
	requestFile string
	requests    []byte
}

// corpusCases reads testdata/corpus.
func corpusCases(t *testing.T) []*corpusCase {
	t.Helper()
	files, err := filepath.Glob("../../testdata/corpus/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	var cases []*corpusCase
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c := &corpusCase{name: strings.TrimSuffix(filepath.Base(file), ".txtar"), files: fstest.MapFS{}}
		for _, f := range archive.Files {
			switch f.Name {
			case "request.json", "requests.jsonl":
				c.requestFile, c.requests = f.Name, f.Data
			case "want.json", "wants.jsonl":
			default:
				c.files[f.Name] = &fstest.MapFile{Data: f.Data}
			}
		}
		if c.requests == nil {
			t.Fatalf("%s holds no request", file)
		}
		cases = append(cases, c)
	}
	return cases
}

// estate returns a fresh copy of the case's estate, which may be changed.
func (c *corpusCase) estate(t *testing.T) *estate.Estate {
	t.Helper()
	e, err := estate.ParseFS(c.files, "estate.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// parse returns fresh copies of the case's requests, which may be changed.
func (c *corpusCase) parse(t *testing.T) []*request.Request {
	t.Helper()
	list, err := request.Parse(c.requestFile, c.requests)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// write puts the case into a folder, as the command line reads it.
func (c *corpusCase) write(t *testing.T, dir string) {
	t.Helper()
	put := func(name string, data []byte) {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, f := range c.files {
		put(name, f.Data)
	}
	put(c.requestFile, c.requests)
}
