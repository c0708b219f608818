package node_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/why403/why403/internal/node"
)

// value turns a node into what encoding/json decodes with UseNumber. Of a name
// that is repeated the last value counts, there as here.
func value(n *node.Node) any {
	switch n.Kind {
	case node.Null:
		return nil
	case node.Bool:
		return n.Text == "true"
	case node.Number:
		return json.Number(n.Text)
	case node.String:
		return n.Text
	case node.Array:
		list := []any{}
		for _, item := range n.Items {
			list = append(list, value(item))
		}
		return list
	}
	m := map[string]any{}
	for _, member := range n.Members {
		m[member.Name] = value(member.Value)
	}
	return m
}

// within reports the first place of a tree that is not in the text.
func within(n *node.Node, lines []string) (node.Pos, bool) {
	inside := func(p node.Pos) bool {
		return p.Line >= 1 && int(p.Line) <= len(lines) && p.Column >= 1 && int(p.Column) <= len(lines[p.Line-1])+1
	}
	if !inside(n.Pos) {
		return n.Pos, false
	}
	for _, item := range n.Items {
		if p, ok := within(item, lines); !ok {
			return p, false
		}
	}
	for _, m := range n.Members {
		if !inside(m.Pos) {
			return m.Pos, false
		}
		if p, ok := within(m.Value, lines); !ok {
			return p, false
		}
	}
	return node.Pos{}, true
}

// ParseJSON takes what encoding/json takes, and reads the same.
func FuzzParseJSON(f *testing.F) {
	for _, seed := range []string{
		`{"a": [1, 2.5e3, -0, true, false, null, "x\u00e9\n\"\\"], "a": {}}`, `[]`, `"é"`, `1`, "{\"a\": 1,}", "// x\n{}", "{\"a\":\n[\n]}", `01`, "\ufeff{}", `{"a"`, ``, `"\ud800"`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !utf8.Valid(data) || bytes.Count(data, []byte("["))+bytes.Count(data, []byte("{")) > 60 {
			t.Skip() // encoding/json repairs what is not UTF-8, and has another limit of depth
		}
		n, err := node.ParseJSON("x", data)
		if (n == nil) != (err != nil) {
			t.Fatalf("node %v and error %v", n, err)
		}
		if valid := json.Valid(data); valid != (err == nil) {
			t.Fatalf("%q: valid %v, and error %v", data, valid, err)
		}
		if err != nil {
			return
		}
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.UseNumber()
		var want any
		if err := decoder.Decode(&want); err != nil {
			t.Fatal(err)
		}
		if got := value(n); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %#v, want %#v", data, got, want)
		}
		if pos, ok := within(n, strings.Split(string(data), "\n")); !ok {
			t.Errorf("%q: %v lies outside", data, pos)
		}
		if n.Start < 0 || n.End > len(data) || n.Start >= n.End {
			t.Errorf("%q: from %d to %d", data, n.Start, n.End)
		}
	})
}

// ParseYAML takes anything, and its places lie in the file.
func FuzzParseYAML(f *testing.F) {
	for _, seed := range []string{
		"a: 1\nb:\n- x\n- {c: [d, 'e']}\n", "a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n", "|\n  text\n", "a:\nb: ~\n", "? a\n: b\n", "--- a\n--- b\n", "", "\t", "a: [", "é: {ü: *}", "!!map {a: b}",
		"a: \"x\n  y\"\n", "- - - a\n", "a: >-\n  b\n  c\n", "{a: 1}\r\n", "&a [*a]", "0:",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := node.ParseYAML("x", data)
		if (n == nil) != (err != nil) {
			t.Fatalf("node %v and error %v", n, err)
		}
		if err != nil {
			return
		}
		if pos, ok := within(n, strings.Split(strings.ReplaceAll(string(data), "\r", "\n"), "\n")); !ok {
			t.Errorf("%q: %v lies outside", data, pos)
		}
	})
}
