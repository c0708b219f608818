package node_test

import (
	"strings"
	"testing"

	"github.com/why403/why403/internal/node"
)

type thing struct {
	Name string            `json:"name"`
	List []*thing          `json:"list"`
	Map  map[string]*thing `json:"map"`
	Tags map[string]string `json:"tags"`
	Pos  node.Pos          `json:"-"`
}

func decode(t *testing.T, text string) (thing, error) {
	t.Helper()
	n, err := node.Parse("x", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var v thing
	return v, node.Decode(n, &v)
}

// JSON may say a name twice; a reader would believe one, the program the other.
func TestDecodeRefusesRepeatedNames(t *testing.T) {
	for text, want := range map[string]string{
		`{"name": "a", "name": "b"}`:             `x:1:15: "name" stands here a second time`,
		`{"map": {"a": {}, "a": {}}}`:            `x:1:19: "a" stands here a second time`,
		`{"tags": {"k": "1", "l": "", "k": ""}}`: `x:1:30: "k" stands here a second time`,
	} {
		if _, err := decode(t, text); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

// Null in a list or mapping of structures is an empty structure with a place.
func TestDecodeNullElements(t *testing.T) {
	v, err := decode(t, "list: [null]\nmap:\n  a:\n  b: {name: x}\n")
	if err != nil {
		t.Fatal(err)
	}
	if v.List[0] == nil || v.Map["a"] == nil || v.List[0].Pos.Line != 1 || v.Map["a"].Pos.Line != 3 {
		t.Errorf("got %+v", v)
	}
}

// What a mapping says itself wins over what it merges, wherever the merge key
// stands, and the earlier of several merged mappings over the later.
func TestYAMLMergeKeys(t *testing.T) {
	n, err := node.ParseYAML("x", []byte("a: &a {k: 1, l: 1}\nb: &b {k: 2, m: 2}\nc:\n  k: 3\n  <<: [*a, *b]\nd:\n  <<: *a\n  l: 4\n"))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[[2]string]string{
		{"c", "k"}: "3", {"c", "l"}: "1", {"c", "m"}: "2", {"d", "k"}: "1", {"d", "l"}: "4",
	} {
		if got := n.Get(path[0]).Get(path[1]); got == nil || got.Text != want {
			t.Errorf("%v: got %+v, want %s", path, got, want)
		}
	}
	if got := len(n.Get("c").Members); got != 3 {
		t.Errorf("c has %d members, want 3", got)
	}
	if _, err := node.ParseYAML("x", []byte("a: 1\n<<: 2\n")); err == nil {
		t.Error("a number is merged")
	}
}

// A small file cannot make the parser recurse without end.
func TestYAMLHostileNesting(t *testing.T) {
	for _, part := range []string{"[", "{a: ", "- ", "a: ["} {
		if _, err := node.ParseYAML("x", []byte(strings.Repeat(part, 1_000_000))); err == nil {
			t.Errorf("a million times %q is read", part)
		}
	}
	if _, err := node.ParseYAML("x", []byte("a: "+strings.Repeat("- ", 2000)+"\n# "+strings.Repeat("-", 2000)+"\n")); err == nil {
		t.Error("two thousand dashes are read")
	}
	if _, err := node.ParseYAML("x", []byte("# "+strings.Repeat("-", 5000)+" [[[\na: 1\n")); err != nil {
		t.Errorf("a ruler in a comment is refused: %v", err)
	}
}
