package render_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/render"
	"github.com/why403/why403/report"
)

// Whatever names and files hold, the text drives no terminal, and nothing panics.
func FuzzText(f *testing.F) {
	f.Add("key\x1b[31m", "{\"Sid\": \"a\"\n}\x00", 1, 1, 40)
	f.Add("a\u202eb\xff", "- Effect: Deny\n  Action: '*'\n", 1, 3, 0)
	f.Add("", "", 0, 0, 1)
	f.Fuzz(func(t *testing.T, name, file string, line, column, width int) {
		cause := &report.Cause{Gate: iam.GateBucketPolicy, Kind: iam.KindExplicitDeny, Reason: name, Action: "s3:GetObject", Resource: name, Policy: name,
			Statement: &report.Statement{Sid: name}, Source: &report.Source{File: "f" + name, Line: line, Column: column}, Summary: name,
			Compare:    []report.Comparison{{Operator: name, Key: name, Policy: []string{name, ""}, Request: name, Matched: "true"}},
			NearMisses: []report.NearMiss{{Policy: name, Part: name, Reason: name, Summary: name}}}
		d := &report.Decision{ID: name, Principal: name, Message: name, Code: name, Status: 403, Cause: cause, Contributing: []*report.Cause{cause}, Assumed: []string{name},
			Unknown: []report.Unknown{{What: name, Why: name, Need: name}}, Fixes: []report.Fix{{Title: name, Where: name, Command: name, Note: name}},
			Checks: []report.Check{{Action: name, Resource: name, Gates: []report.GateResult{{Policy: name, Reason: name, Outcome: iam.OutcomeDeny}}}}}
		steps := []report.Step{{Policy: name, Effect: name, Failed: name, Compare: cause.Compare}}
		var b bytes.Buffer
		o := render.Options{Width: width, Gates: true, Trace: true, More: name, Dir: name, Open: func(string) ([]byte, error) { return []byte(file), nil }}
		if err := render.Text(&b, d, steps, o); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		if !utf8.ValidString(text) {
			t.Errorf("not UTF-8: %q", text)
		}
		if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) }); i >= 0 {
			t.Errorf("control character in %q", text[i:])
		}
	})
}
