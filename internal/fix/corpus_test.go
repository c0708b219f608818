package fix

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/request"
)

const corpusFolder = "../../testdata/corpus"

// corpusTime is the time of requests of the corpus that state none.
var corpusTime = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// A corpusCase is the estate and requests of one file of the corpus.
type corpusCase struct {
	name     string
	files    fstest.MapFS
	estate   *estate.Estate
	requests []*request.Request
}

func corpus(t testing.TB) []*corpusCase {
	names, err := filepath.Glob(filepath.Join(corpusFolder, "*.txtar"))
	if err != nil || len(names) < 250 {
		t.Fatalf("the corpus holds %d cases: %v", len(names), err)
	}
	var cases []*corpusCase
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		c := &corpusCase{name: strings.TrimSuffix(filepath.Base(name), ".txtar"), files: fstest.MapFS{}}
		for _, f := range txtar.Parse(data).Files {
			switch f.Name {
			case "request.json", "requests.jsonl":
				if c.requests, err = request.Parse(f.Name, f.Data); err != nil {
					t.Fatal(err)
				}
			case "want.json", "wants.jsonl":
			default:
				c.files[f.Name] = &fstest.MapFile{Data: f.Data}
			}
		}
		if c.estate, err = estate.ParseFS(c.files, "estate.yaml"); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	return cases
}

func TestCorpusStats(t *testing.T) {
	denied, fixed := 0, 0
	lack := map[string]int{}
	ex := map[string]string{}
	for _, c := range corpus(t) {
		f := New(c.estate, corpusTime)
		for i, r := range c.requests {
			plans, err := f.Plans(r, 0)
			if err != nil {
				continue
			}
			s, _ := decided(f.gatherer, f.estate, r, f.now)
			if s.verdict() != iam.Denied {
				continue
			}
			denied++
			ok := false
			for _, p := range plans {
				ok = ok || p.Verified
			}
			if ok {
				fixed++
				continue
			}
			k := string(s.decision.Refusals[0].Reason)
			for _, p := range plans {
				k += " end:" + p.end.verdict().String()
			}
			lack[k]++
			ex[k] = fmt.Sprintf("%s#%d", c.name, i)
		}
	}
	t.Logf("denied %d fixed %d", denied, fixed)
	for _, k := range sortedKeys(lack) {
		t.Logf("%4d %s  %s", lack[k], k, ex[k])
	}
}
