package node

import (
	"errors"
	"testing"
)

func TestParseText(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"byte order mark before JSON", "\ufeff{\"a\": 1}", ""},
		{"byte order mark before YAML", "\ufeffa: 1\n", ""},
		{"UTF-16, as PowerShell redirects", "\xff\xfea\x00", "f:1:1: the file is in UTF-16; save it as UTF-8"},
		{"zero byte", "a: 1\nb: \x00", "f:2:4: a zero byte; the file is not text"},
		{"Latin-1", "a: 1\n\n  b: \xe9", "f:3:6: not valid UTF-8; save the file as UTF-8"},
		{"YAML directive", "%YAML 1.2\n---\na: 1\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, err := Parse("f", []byte(c.text))
			switch {
			case c.want == "" && (err != nil || n.Get("a").Text != "1"):
				t.Fatalf("Parse(%q) = %v, %v; want a: 1", c.text, n, err)
			case c.want != "" && (err == nil || err.Error() != c.want):
				t.Fatalf("Parse(%q): error %v, want %s", c.text, err, c.want)
			}
		})
	}
}

// S3 calls the version of an unversioned object null, which YAML reads as null.
func TestNullAsName(t *testing.T) {
	n, err := Parse("f", []byte("{null: {a: 1}, ~: 2}"))
	if err != nil {
		t.Fatal(err)
	}
	if n.Get("null").Get("a") == nil || n.Get("~") == nil {
		t.Errorf("names %q and %q, want null and ~", n.Members[0].Name, n.Members[1].Name)
	}
}

func TestParseJSONLinePositions(t *testing.T) {
	n, err := ParseJSONLine("f", []byte(`{"a": 1}`), 7)
	if err != nil || n.Get("a").Pos != (Pos{"f", 7, 7}) {
		t.Errorf("position %v, error %v; want f:7:7", n.Get("a").Pos, err)
	}
	_, err = ParseJSONLine("f", []byte(`{"a" 1}`), 7)
	if e, ok := errors.AsType[*Error](err); !ok || e.Pos.Line != 7 {
		t.Errorf("error %v, want one of line 7", err)
	}
}
