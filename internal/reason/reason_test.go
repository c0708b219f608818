package reason_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/explain"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// Each reason is given in its example: as the cause, as one that contributes, of
// a near miss, or of a gate.
func TestExamples(t *testing.T) {
	if len(reason.All()) == 0 {
		t.Fatal("no reasons")
	}
	for _, r := range reason.All() {
		t.Run(string(r.Code), func(t *testing.T) {
			text := r.ExampleText()
			if text == "" {
				t.Fatalf("no example %q", r.Example)
			}
			d := decide(t, text)
			got := reasons(d)
			given := slices.Contains(got, string(r.Code))
			if !given {
				t.Errorf("verdict %s, status %d %s, reasons %q", d.Verdict, d.Status, d.Code, got)
			}
		})
	}
}

func decide(t *testing.T, text string) *report.Decision {
	t.Helper()
	files := fstest.MapFS{}
	for _, f := range txtar.Parse([]byte(text)).Files {
		files[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	e, err := estate.ParseFS(files, "estate.yaml")
	if err != nil {
		t.Fatal(err)
	}
	requests, err := request.Parse("request.json", files["request.json"].Data)
	if err != nil || len(requests) != 1 {
		t.Fatalf("%d requests, %v", len(requests), err)
	}
	d, _, err := explain.Request(e, requests[0], explain.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func reasons(d *report.Decision) []string {
	var list []string
	cause := func(c *report.Cause) {
		list = append(list, c.Reason)
		for _, m := range c.NearMisses {
			list = append(list, m.Reason)
		}
		for _, n := range c.Notes {
			list = append(list, n.Reason)
		}
	}
	if d.Cause != nil {
		cause(d.Cause)
	}
	for _, c := range d.Contributing {
		cause(c)
	}
	for _, c := range d.Checks {
		for _, g := range c.Gates {
			list = append(list, g.Reason)
		}
	}
	slices.Sort(list)
	return slices.DeleteFunc(slices.Compact(list), func(s string) bool { return s == "" })
}

// Every file of the examples is the example of a reason, and codes are unique
// and written in one form.
func TestCatalogue(t *testing.T) {
	seen := map[string]bool{}
	examples := map[string]bool{}
	for _, r := range reason.All() {
		code := string(r.Code)
		if seen[code] {
			t.Errorf("%s stands twice", code)
		}
		seen[code], examples[r.Example] = true, true
		if strings.Trim(code, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			t.Errorf("%q is not in lower case with hyphens", code)
		}
	}
	files, err := filepath.Glob("testdata/examples/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, f := range files {
		if !examples[strings.TrimSuffix(filepath.Base(f), ".txtar")] {
			t.Errorf("%s is the example of no reason", f)
		}
	}
}
