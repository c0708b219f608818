package fix

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
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

// A fixed is a denied request of the corpus, with its plans.
type fixed struct {
	*corpusCase
	index int
	plans []*Plan
	start *state
}

var (
	fixedOnce sync.Once
	fixedAll  []*fixed
)

// corpusPlans finds the plans for every denied request of the corpus, once for all
// tests.
func corpusPlans(t *testing.T) []*fixed {
	if testing.Short() {
		t.Skip("plans for the whole corpus take long")
	}
	fixedOnce.Do(func() {
		for _, c := range corpus(t) {
			f := New(c.estate, corpusTime)
			for i, r := range c.requests {
				start, err := decided(f.gatherer, f.estate, r, f.now)
				if err != nil || start.verdict() != iam.Denied {
					continue
				}
				fixedAll = append(fixedAll, &fixed{c, i, gentle(f.find(start)), start})
			}
		}
	})
	return fixedAll
}

func (c *corpusCase) read(name string) ([]byte, error) {
	if f, ok := c.files[filepath.ToSlash(name)]; ok {
		return f.Data, nil
	}
	return nil, fs.ErrNotExist
}

// gentle leaves drastic plans out where there are others, as Plans does.
func gentle(plans []*Plan) []*Plan {
	var good []*Plan
	for _, p := range plans {
		if !p.drastic() {
			good = append(good, p)
		}
	}
	if len(good) == 0 {
		return plans
	}
	return good
}
