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

// Every wording and code that names a gate has a sentence of its own.
func TestReadings(t *testing.T) {
	refusals := map[string]Refusal{}
	for _, w := range wordings {
		refusals[w.text] = w.Refusal
	}
	for code, r := range byCodes {
		refusals[code] = r
	}
	for name, r := range refusals {
		m := Message{Code: "AccessDenied", Action: "s3:GetObject", Refusal: &r}
		got := m.Reading()
		if got.Says == "" || strings.Contains(got.Says, "  ") || strings.Contains(got.Says, " of  ") || len(got.Not) == 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestRequest(t *testing.T) {
	for _, test := range []struct {
		name string
		m    Message
		want string // operation or action, and what it is on
	}{
		{"of an object", Message{Operation: "GetObject", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/a/k"}, "GetObject b a/k"},
		{"of a bucket", Message{Operation: "ListObjectsV2", Action: "s3:ListBucket", Resource: "arn:aws:s3:::b"}, "ListObjectsV2 b "},
		{"a copy, whose source is not told", Message{Operation: "CopyObject", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k"}, "s3:GetObject arn:aws:s3:::b/k"},
		{"a missing key, told as a missing s3:ListBucket", Message{Operation: "GetObject", Action: "s3:ListBucket", Resource: "arn:aws:s3:::b"}, "s3:ListBucket arn:aws:s3:::b"},
		{"no resource", Message{Operation: "ListBuckets", Action: "s3:ListAllMyBuckets"}, "s3:ListAllMyBuckets *"},
		{"KMS", Message{Operation: "GetObject", Action: "kms:Decrypt", Resource: "arn:aws:kms:us-east-1:111122223333:key/1"}, "kms:Decrypt arn:aws:kms:us-east-1:111122223333:key/1"},
	} {
		test.m.Principal = "arn:aws:iam::111122223333:user/a"
		r, ok := test.m.Request()
		if !ok {
			t.Errorf("%s: no request", test.name)
			continue
		}
		got := r.Action + " " + r.Resource
		if r.Operation != "" {
			got = r.Operation + " " + r.Bucket + " " + r.Key
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
	if _, ok := (&Message{Code: "AccessDenied"}).Request(); ok {
		t.Error("a request out of a message that names nobody")
	}
}
