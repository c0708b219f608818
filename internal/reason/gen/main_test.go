package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is checked in is what the generator makes of codes.go; go generate
// ./internal/reason makes it anew. Every constant must be documented in full, or
// the generator stops.
func TestGeneratedFilesAreFresh(t *testing.T) {
	reasons := filepath.Join("..")
	docs := filepath.Join("..", "..", "..", "docs", "reasons")
	groups, err := read(filepath.Join(reasons, "codes.go"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := catalogue(groups)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, filepath.Join(reasons, "zz_generated.go"), string(want))
	list := pages(groups, filepath.Join(reasons, "testdata", "examples"))
	for name, text := range list {
		compare(t, filepath.Join(docs, name), text)
	}
	files, err := os.ReadDir(docs)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if _, ok := list[f.Name()]; !ok {
			t.Errorf("%s is the page of no reason", f.Name())
		}
	}
}

func compare(t *testing.T, file, want string) {
	t.Helper()
	got, err := os.ReadFile(file)
	if err != nil {
		t.Error(err)
		return
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is stale; run go generate ./internal/reason (-want +got)\n%s", file, diff)
	}
}

func TestReadRefusesWhatIsNotDocumented(t *testing.T) {
	const good = "\t// A: it is so.\n\t//\n\t// More of it.\n\t//\n\t// See: https://docs.aws.amazon.com/x.html\n\t// Example: a\n\tA Code = \"a\"\n"
	for _, test := range []struct{ name, old, new, want string }{
		{"complete", "", "", ""},
		{"no name", "A: it", "It", "does not begin with"},
		{"no sentence", "so.", "so", "does not end with a period"},
		{"no text", "More of it.", "", "explains nothing"},
		{"no page", "See: ", "Seen: ", "lacks \"See: \""},
		{"another's page", "docs.aws.amazon.com", "example.com", "lacks \"See: \""},
		{"no example", "Example: ", "Examples: ", "lacks \"Example: \""},
		{"no constant text", `= "a"`, "= a", "is not one constant text"},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "codes.go")
			text := "package p\n\n// Group: of one.\nconst (\n" + strings.Replace(good, test.old, test.new, 1) + ")\n"
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			groups, err := read(file)
			if test.want == "" {
				if err != nil || len(groups) != 1 || groups[0].reasons[0] != (entry{"A", "a", "It is so.", "More of it.", "https://docs.aws.amazon.com/x.html", "a"}) {
					t.Errorf("got %+v, %v", groups, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want %q", err, test.want)
			}
		})
	}
}
