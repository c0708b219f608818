package render_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/why403/why403/internal/render"
	"github.com/why403/why403/report"
)

var update = flag.Bool("update", false, "rewrite want.txt of the cases")

// TestText holds each case of testdata: a decision, the files that it names, and
// the text that it must give. The comment says what is shown; its last line may
// give options, as in "options: gates width=60".
func TestText(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { testCase(t, name) })
	}
}

func testCase(t *testing.T, name string) {
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var d report.Decision
	var steps []report.Step
	decode(t, archive, "decision.json", &d)
	decode(t, archive, "trace.json", &steps)
	var got bytes.Buffer
	if err := render.Text(&got, &d, steps, options(t, archive)); err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(got.String(), "\x1b", "ESC")
	if *update {
		rewrite(t, name, archive, text)
		return
	}
	if diff := cmp.Diff(string(section(archive, "want.txt")), text); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func section(a *txtar.Archive, name string) []byte {
	for _, f := range a.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

func decode(t *testing.T, a *txtar.Archive, name string, dst any) {
	t.Helper()
	data := section(a, name)
	if data == nil {
		return
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(dst); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func options(t *testing.T, a *txtar.Archive) render.Options {
	t.Helper()
	o := render.Options{Dir: "estate", Open: func(path string) ([]byte, error) {
		if data := section(a, filepath.ToSlash(path)); data != nil {
			return data, nil
		}
		return nil, fs.ErrNotExist
	}}
	_, line, _ := strings.Cut(string(a.Comment), "options:")
	for _, word := range strings.Fields(line) {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "gates":
			o.Gates = true
		case "trace":
			o.Trace = true
		case "all":
			o.All = true
		case "color":
			o.Color = true
		case "more":
			o.More = "See every statement considered: why403 explain --trace s3://reports/2026/q1.csv"
		case "width":
			n, err := strconv.Atoi(value)
			if err != nil {
				t.Fatal(err)
			}
			o.Width = n
		default:
			t.Fatalf("unknown option %q", word)
		}
	}
	return o
}

func rewrite(t *testing.T, name string, a *txtar.Archive, text string) {
	t.Helper()
	for i := range a.Files {
		if a.Files[i].Name == "want.txt" {
			a.Files[i].Data = []byte(text)
			if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatal(fmt.Errorf("%s has no want.txt", name))
}

// The text of a terminal without colour is that of a pipe, but for line breaks.
func TestWrappedTextSaysTheSame(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range files {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var d report.Decision
		var steps []report.Step
		decode(t, archive, "decision.json", &d)
		decode(t, archive, "trace.json", &steps)
		o := options(t, archive)
		o.Color, o.Width = false, 0
		words := func(o render.Options) string {
			var b bytes.Buffer
			if err := render.Text(&b, &d, steps, o); err != nil {
				t.Fatal(err)
			}
			return strings.Join(strings.Fields(b.String()), " ")
		}
		want := words(o)
		for _, width := range []int{10, 40, 80, 200} {
			o.Width = width
			if diff := cmp.Diff(want, words(o)); diff != "" {
				t.Errorf("%s at width %d (-piped +terminal)\n%s", name, width, diff)
			}
		}
	}
}

func TestJSONKeepsListsAndLosesNothing(t *testing.T) {
	var b bytes.Buffer
	if err := render.JSON(&b, &report.Decision{Principal: "anonymous"}, nil); err != nil {
		t.Fatal(err)
	}
	want := `{"verdict":"denied","principal":"anonymous","checks":[],"contributing":[],"unknown":[],"fixes":[]}` + "\n"
	if b.String() != want {
		t.Errorf("got  %swant %s", b.String(), want)
	}
	b.Reset()
	if err := render.JSON(&b, &report.Decision{Principal: "<a&b>"}, []report.Step{}); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); !strings.Contains(got, `"<a&b>"`) || !strings.HasSuffix(got, `"trace":[]}`+"\n") || strings.Count(got, "\n") != 1 {
		t.Errorf("one line, text as it is, and a trace: %s", got)
	}
}
