// Package corpus runs the cases of testdata/corpus: each is a belief about AWS,
// with an estate, a request and the decision that AWS's documentation leads to.
package corpus

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/explain"
	"github.com/why403/why403/request"
)

const folder = "../../testdata/corpus"

func TestCorpus(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(folder, "*.txtar"))
	if err != nil || len(files) < 250 {
		t.Fatalf("the corpus holds %d cases, and is to hold 250 at least: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { runCase(t, file) })
	}
}

func runCase(t *testing.T, file string) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := parseCase(t, data)
	e, err := estate.ParseFS(c.files, "estate.yaml")
	if err != nil {
		t.Fatal(err)
	}
	requests, err := request.Parse(c.requestName, c.requests)
	if err != nil {
		t.Fatal(err)
	}
	if len(requests) != len(c.wants) {
		t.Fatalf("%d requests and %d wants", len(requests), len(c.wants))
	}
	for i, r := range requests {
		d, _, err := explain.Request(e, r, explain.Options{})
		if err != nil {
			t.Errorf("request %d (%s): %v", i, r.ID, err)
			continue
		}
		got, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var gotValue any
		if err := json.Unmarshal(got, &gotValue); err != nil {
			t.Fatal(err)
		}
		if diff := mismatch("", c.wants[i], gotValue); diff != "" {
			t.Errorf("request %d (%s): %s\ndecision: %s", i, r.ID, diff, short(got))
		}
	}
}

// short cuts the outcomes of gates that have no part in a decision.
func short(decision []byte) string {
	var v map[string]any
	_ = json.Unmarshal(decision, &v)
	if checks, ok := v["checks"].([]any); ok {
		for _, c := range checks {
			check := c.(map[string]any)
			var kept []string
			for _, g := range check["gates"].([]any) {
				gate := g.(map[string]any)
				if gate["outcome"] != "not-applicable" {
					kept = append(kept, fmt.Sprintf("%v=%v", gate["gate"], gate["outcome"]))
				}
			}
			check["gates"] = strings.Join(kept, " ")
		}
	}
	out, _ := json.Marshal(v)
	return string(out)
}

type testCase struct {
	files       fstest.MapFS
	requestName string
	requests    []byte
	wants       []any
}

func parseCase(t *testing.T, data []byte) testCase {
	c := testCase{files: fstest.MapFS{}}
	a := txtar.Parse(data)
	if !bytes.Contains(a.Comment, []byte("Source:")) {
		t.Error("the comment does not name its source (\"Source: …\")")
	}
	for _, f := range a.Files {
		switch f.Name {
		case "request.json", "requests.jsonl":
			c.requestName, c.requests = f.Name, f.Data
		case "want.json", "wants.jsonl":
			dec := json.NewDecoder(bytes.NewReader(f.Data))
			for dec.More() {
				var v any
				if err := dec.Decode(&v); err != nil {
					t.Fatalf("%s: %v", f.Name, err)
				}
				c.wants = append(c.wants, v)
			}
		default:
			c.files[f.Name] = &fstest.MapFile{Data: f.Data}
		}
	}
	if len(c.wants) == 0 || c.requests == nil {
		t.Fatal("the case needs request.json with want.json, or requests.jsonl with wants.jsonl")
	}
	return c
}

// mismatch tells where the decision differs from what is wanted, of which only
// the fields given count. Checks are found by action and resource, gates by
// name, other lists are compared item by item.
func mismatch(path string, want, got any) string {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return fmt.Sprintf("%s: want %s, got %s", path, text(want), text(got))
		}
		for key, value := range w {
			if diff := mismatch(path+"."+key, value, g[key]); diff != "" {
				return diff
			}
		}
		return ""
	case []any:
		g, ok := got.([]any)
		if !ok && len(w) > 0 {
			return fmt.Sprintf("%s: want %s, got %s", path, text(want), text(got))
		}
		if strings.HasSuffix(path, ".checks") {
			return matchBy(path, w, g, "action", "resource")
		}
		if strings.HasSuffix(path, ".gates") {
			return matchBy(path, w, g, "gate")
		}
		if len(w) != len(g) {
			return fmt.Sprintf("%s: want %d items, got %d: %s", path, len(w), len(g), text(got))
		}
		for i := range w {
			if diff := mismatch(fmt.Sprintf("%s[%d]", path, i), w[i], g[i]); diff != "" {
				return diff
			}
		}
		return ""
	}
	if !reflect.DeepEqual(want, got) && !(want == nil && got == nil) {
		return fmt.Sprintf("%s: want %s, got %s", path, text(want), text(got))
	}
	return ""
}

func matchBy(path string, want, got []any, names ...string) string {
	for _, w := range want {
		wm, ok := w.(map[string]any)
		if !ok {
			return path + ": a want that is not a mapping"
		}
		found, diff := false, ""
		for _, g := range got {
			gm := g.(map[string]any)
			same := true
			for _, name := range names {
				if v, stated := wm[name]; stated && v != gm[name] {
					same = false
				}
			}
			if !same {
				continue
			}
			if diff = mismatch(path+"["+fmt.Sprint(wm[names[0]])+"]", w, g); diff == "" {
				found = true
				break
			}
		}
		if !found && diff == "" {
			return fmt.Sprintf("%s: no item %s", path, text(w))
		}
		if !found {
			return diff
		}
	}
	return ""
}

func text(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}
