package errortext

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// A file of testdata is a text that a person pastes, and what it states. A wanted
// message that names no "message" leaves it open.
func TestParse(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d cases: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			text, want := readCase(t, file)
			for name, text := range variants(text) {
				got, ok := Parse(text)
				if ok != (want != nil) {
					t.Fatalf("%s: recognised: %v, want %v\n%+v", name, ok, want != nil, got)
				}
				if want == nil {
					continue
				}
				if want.Text == "" {
					got.Text = ""
				}
				if diff := cmp.Diff(*want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
		})
	}
}

// variants are what mail, terminals and Windows do to a text.
func variants(text string) map[string]string {
	return map[string]string{
		"as it is":       text,
		"quoted":         "> " + strings.ReplaceAll(text, "\n", "\n> "),
		"coloured":       "\x1b[31m" + text + "\x1b[0m",
		"carriage lines": strings.ReplaceAll(text, "\n", "\r\n"),
	}
}

func readCase(t *testing.T, file string) (text string, want *Message) {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil || len(a.Files) != 2 || len(a.Comment) == 0 {
		t.Fatalf("%s: want a comment, text and want.json: %v", file, err)
	}
	if err := json.Unmarshal(a.Files[1].Data, &want); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(string(a.Files[0].Data), "\n"), want
}

// A message of AWS may be wrapped at any column.
func TestWrappedAnywhere(t *testing.T) {
	const text = `An error occurred (AccessDenied) when calling the GetObject operation: User: arn:aws:sts::111122223333:assumed-role/Reader/alice is not authorized to perform: ` +
		`s3:GetObject on resource: "arn:aws:s3:::reports/2026/q1.csv" because no identity-based policy allows the s3:GetObject action`
	want, _ := Parse(text)
	for column := 20; column < 200; column++ {
		var b strings.Builder
		for i := 0; i < len(text); i += column {
			b.WriteString(text[i:min(i+column, len(text))] + "\n")
		}
		got, ok := Parse(b.String())
		if !ok || got.Principal != want.Principal || got.Action != want.Action || got.Resource != want.Resource || *got.Refusal != *want.Refusal {
			t.Errorf("wrapped at column %d: %+v", column, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txtar")
	if len(files) == 0 {
		f.Fatal("no seeds")
	}
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(a.Files[0].Data))
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, ok := Parse(text)
		if ok && m.Code == "" && m.Status < 400 && m.Action == "" {
			t.Errorf("recognised, and states nothing: %+v", m)
		}
		if utf8.ValidString(text) && !utf8.ValidString(m.Principal+m.Resource) {
			t.Errorf("broken letters: %q %q", m.Principal, m.Resource)
		}
	})
}
