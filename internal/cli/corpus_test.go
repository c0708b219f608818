package cli

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/explain"
	"github.com/why403/why403/internal/gather"
	"github.com/why403/why403/internal/render"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// A saved JSON answer renders to the same text as the decision itself, for every
// case of the corpus; columns of places alone are not in the JSON.
func TestJSONRendersAgain(t *testing.T) {
	files, err := filepath.Glob("../../testdata/corpus/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			renderAgain(t, archive)
		})
	}
}

func renderAgain(t *testing.T, archive *txtar.Archive) {
	folder := fstest.MapFS{}
	for _, f := range archive.Files {
		folder[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	e, err := estate.ParseFS(folder, "estate.yaml")
	if err != nil {
		t.Fatal(err)
	}
	g := gather.New(e, time.Now)
	for _, file := range []string{"request.json", "requests.jsonl"} {
		if folder[file] == nil {
			continue
		}
		requests, err := request.Parse(file, folder[file].Data)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range requests {
			d, steps, err := explain.With(g, r, explain.Options{Trace: true})
			if err != nil {
				t.Fatal(err)
			}
			sameAfterJSON(t, folder, d, steps)
		}
	}
}

func sameAfterJSON(t *testing.T, folder fstest.MapFS, d *report.Decision, steps []report.Step) {
	var saved bytes.Buffer
	if err := render.JSON(&saved, d, append([]report.Step{}, steps...)); err != nil {
		t.Fatal(err)
	}
	var again struct {
		report.Decision
		Trace []report.Step `json:"trace"`
	}
	decoder := json.NewDecoder(&saved)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&again); err != nil {
		t.Fatal(err)
	}
	o := render.Options{Gates: true, Trace: true, All: true, Open: folder.ReadFile}
	var first, second bytes.Buffer
	dropColumns(d, steps)
	if err := render.Text(&first, d, steps, o); err != nil {
		t.Fatal(err)
	}
	if err := render.Text(&second, &again.Decision, again.Trace, o); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first.String(), second.String()); diff != "" {
		t.Errorf("(-decision +saved)\n%s", diff)
	}
}

func dropColumns(d *report.Decision, steps []report.Step) {
	drop := func(s *report.Source) {
		if s != nil {
			s.Column = 0
		}
	}
	for _, c := range append(d.Contributing, d.Cause) {
		if c == nil {
			continue
		}
		drop(c.Source)
		for i := range c.NearMisses {
			drop(c.NearMisses[i].Source)
		}
	}
	for _, c := range d.Checks {
		for _, g := range c.Gates {
			drop(g.Source)
		}
	}
	for i := range steps {
		drop(steps[i].Source)
	}
}
