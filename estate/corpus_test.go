package estate_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/node"
)

// corpus returns the estates of all cases of the corpus, and of testdata.
func corpus(t testing.TB) map[string]fstest.MapFS {
	t.Helper()
	files, err := filepath.Glob("../testdata/corpus/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	all := map[string]fstest.MapFS{}
	for _, name := range files {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		fsys := fstest.MapFS{}
		for _, f := range archive.Files {
			fsys[f.Name] = &fstest.MapFile{Data: f.Data}
		}
		all[filepath.Base(name)] = fsys
	}
	return all
}

func TestCorpusLoads(t *testing.T) {
	for name, fsys := range corpus(t) {
		if _, err := estate.ParseFS(fsys, "."); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(estate.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(estate.SchemaID, doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(estate.SchemaID)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// asJSON reads YAML as a JSON Schema validator would be given it.
func asJSON(t *testing.T, name string, data []byte) any {
	t.Helper()
	n, err := node.Parse(name, data)
	if err != nil {
		t.Fatal(err)
	}
	return plain(n)
}

func plain(n *node.Node) any {
	switch n.Kind {
	case node.Bool:
		return n.Text == "true"
	case node.Number:
		return json.Number(n.Text)
	case node.String:
		return n.Text
	case node.Array:
		list := make([]any, len(n.Items))
		for i, item := range n.Items {
			list[i] = plain(item)
		}
		return list
	case node.Object:
		m := map[string]any{}
		for _, member := range n.Members {
			m[member.Name] = plain(member.Value)
		}
		return m
	}
	return nil
}

func TestSchemaAcceptsEveryExample(t *testing.T) {
	schema := compileSchema(t)
	examples := map[string][]byte{"contract.yaml": read(t, "testdata/contract.yaml")}
	for name, fsys := range corpus(t) {
		examples[name] = fsys["estate.yaml"].Data
	}
	for name, data := range examples {
		if err := schema.Validate(asJSON(t, name, data)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	schema := compileSchema(t)
	for _, text := range []string{
		`accounts: {}`,
		`version: 2`,
		`{version: 1, acounts: {}}`,
		`{version: 1, accounts: {"1": {}}}`,
		`{version: 1, accounts: {"111122223333": {buckets: {b: {ownership: BucketOwner}}}}}`,
		`{version: 1, accounts: {"111122223333": {buckets: {b: {region: us-east1}}}}}`,
		`{version: 1, accounts: {"111122223333": {buckets: {b: {document: {Statments: []}}}}}}`,
	} {
		if schema.Validate(asJSON(t, "estate.yaml", []byte(text))) == nil {
			t.Errorf("schema accepts %s", text)
		}
	}
}

// Every field of the format has a description, since the schema is what editors
// show.
func TestSchemaDescribesEveryField(t *testing.T) {
	var schema struct {
		Properties map[string]struct{ Description string }
		Defs       map[string]struct {
			Properties map[string]struct{ Description string }
		} `json:"$defs"`
	}
	if err := json.Unmarshal(estate.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	for name, f := range schema.Properties {
		if f.Description == "" {
			t.Errorf("%s has no description", name)
		}
	}
	for def, s := range schema.Defs {
		if def == "Policy" || def == "Statement" {
			continue // the policy language, which the IAM User Guide describes
		}
		for name, f := range s.Properties {
			if f.Description == "" {
				t.Errorf("%s.%s has no description", def, name)
			}
		}
	}
}
