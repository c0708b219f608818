package splice

import (
	"strings"
	"testing"

	"github.com/why403/why403/internal/node"
)

func value(t *testing.T, text string) *node.Node {
	t.Helper()
	n, err := node.Parse("value", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Bytes outside the edit stay, and the edit is written like its neighbours.
func TestApply(t *testing.T) {
	for _, c := range []struct {
		name, file, text    string
		op, path, val, want string
	}{
		{"append to a JSON list of long statements", "p.json", "{\n  \"Statement\": [\n    {\n      \"Sid\": \"a\"\n    }\n  ]\n}\n",
			"add", "/Statement/-", `{"Sid": "b", "Action": ["x", "y"]}`, "{\n  \"Statement\": [\n    {\n      \"Sid\": \"a\"\n    },\n    {\n      \"Sid\": \"b\",\n      \"Action\": [\"x\", \"y\"]\n    }\n  ]\n}\n"},
		{"append to a JSON list of short statements", "p.json", "{\"Statement\": [\n  {\"Sid\":\"a\"}\n]}", "add", "/Statement/-", `{"Sid": "b"}`, "{\"Statement\": [\n  {\"Sid\":\"a\"},\n  {\"Sid\": \"b\"}\n]}"},
		{"JSON on one line", "p.json", `{"Statement":[{"Sid":"a"}]}`, "add", "/Statement/-", `{"Sid": "b"}`, `{"Statement":[{"Sid":"a"}, {"Sid": "b"}]}`},
		{"a single JSON statement becomes a list", "p.json", `{"Statement": {"Sid" :"a"} }`, "add", "/Statement", `[{"Sid": "a"}, {"Sid": "b"}]`, `{"Statement": [{"Sid" :"a"}, {"Sid": "b"}] }`},
		{"a JSON member", "p.json", "{\n\t\"a\": 1\n}", "add", "/b", `{"c": "d"}`, "{\n\t\"a\": 1,\n\t\"b\": {\n\t\t\"c\": \"d\"\n\t}\n}"},
		{"a JSON member beside a short one", "p.json", "{\n  \"a\": {\"b\": 1}\n}", "add", "/c", `{"d": "e"}`, "{\n  \"a\": {\"b\": 1},\n  \"c\": {\"d\": \"e\"}\n}"},
		{"a JSON value", "p.json", "{\"a\":  [\"x\"], \"b\": 1}", "add", "/a", `["x", "y"]`, "{\"a\":  [\"x\", \"y\"], \"b\": 1}"},
		{"a JSON member goes", "p.json", "{\n \"a\": 1,\n \"b\": 2\n}", "remove", "/b", "", "{\n \"a\": 1\n}"},
		{"CRLF in JSON", "p.json", "{\r\n  \"S\": [\r\n    {\"a\": 1}\r\n  ]\r\n}", "add", "/S/-", `{"b": 2}`, "{\r\n  \"S\": [\r\n    {\"a\": 1},\r\n    {\"b\": 2}\r\n  ]\r\n}"},

		{"append to a block list", "e.yaml", "a: # first\n  Statement:\n    - Sid: x # keep\n      Effect: Allow\n\n# behind\nb: 1\n", "add", "/a/Statement/-", `{"Sid": "y", "Effect": "Deny"}`,
			"a: # first\n  Statement:\n    - Sid: x # keep\n      Effect: Allow\n    - Sid: \"y\"\n      Effect: Deny\n\n# behind\nb: 1\n"},
		{"append to a block list of flow statements", "e.yaml", "S:\n- {Sid: x}\nb: 1\n", "add", "/S/-", `{"Sid": "y:z"}`, "S:\n- {Sid: x}\n- {Sid: \"y:z\"}\nb: 1\n"},
		{"append to a flow list", "e.yaml", "S: [{Sid: 'it''s', R: \"]\"}] # c\n", "add", "/S/-", `{"Sid": "y"}`, "S: [{Sid: 'it''s', R: \"]\"}, {Sid: \"y\"}] # c\n"},
		{"a flow list over several lines", "e.yaml", "S: [\n  {Sid: x},\n  {Sid: y}\n]\n", "add", "/S/-", `{"Sid": "z"}`, "S: [\n  {Sid: x},\n  {Sid: y},\n  {Sid: z}\n]\n"},
		{"a member of an empty mapping", "e.yaml", "users:\n  bob: {}\n  eve: {}\n", "add", "/users/bob", `{"inline": {"p": {"V": "1"}}}`, "users:\n  bob:\n    inline:\n      p:\n        V: \"1\"\n  eve: {}\n"},
		{"a member below an empty mapping", "e.yaml", "users:\n  bob: {}\n  eve: {}\n", "add", "/users/bob/inline", `{"p": 1}`, "users:\n  bob:\n    inline:\n      p: 1\n  eve: {}\n"},
		{"an empty mapping with a comment", "e.yaml", "bob: {}  # none\neve: []\n", "add", "/bob/inline", `{"p": 1}`, "bob:  # none\n  inline:\n    p: 1\neve: []\n"},
		{"a member where nothing stands", "e.yaml", "users:\n  bob:\n  eve:\n", "add", "/users/bob/inline", `{"p": 1}`, "users:\n  bob:\n    inline:\n      p: 1\n  eve:\n"},
		{"a member of a block mapping", "e.yaml", "b:\n  x: 1 # one\n  y: |\n    text\n    # text too\n\nc: 2\n", "add", "/b/z", `"new"`, "b:\n  x: 1 # one\n  y: |\n    text\n    # text too\n  z: new\n\nc: 2\n"},
		{"a scalar with a comment", "e.yaml", "a: old # why\nb: 1\n", "add", "/a", `"new"`, "a: new # why\nb: 1\n"},
		{"a scalar in flow", "e.yaml", "a: {b: old, c: 'x'}\n", "replace", "/a/b", `"new"`, "a: {b: new, c: 'x'}\n"},
		{"a member of a statement in flow", "e.yaml", "S:\n  - {Sid: x, Condition: {Null: {k: 'true'}}}\n", "add", "/S/0/Condition/ArnNotEquals", `{"aws:PrincipalArn": "arn:x"}`,
			"S:\n  - {Sid: x, Condition: {Null: {k: 'true'}, ArnNotEquals: {\"aws:PrincipalArn\": \"arn:x\"}}}\n"},
		{"a member goes", "e.yaml", "S:\n  - Sid: x\n    Resource: '*' # all\n    Action: a\n", "remove", "/S/0/Resource", "", "S:\n  - Sid: x\n    Action: a\n"},
		{"the last member goes", "e.yaml", "S:\n  - Sid: x\n    Resource: '*'\nT: 1\n", "remove", "/S/0/Resource", "", "S:\n  - Sid: x\nT: 1\n"},
		{"behind an alias", "e.yaml", "a: &x\n  S: [{Sid: x}]\nb: *x\n", "add", "/b/S/-", `{"Sid": "y"}`, "a: &x\n  S: [{Sid: x}]\nb:\n  S:\n    - Sid: x\n    - Sid: \"y\"\n"},
		{"JSON in a text", "e.yaml", "d: |\n  {\"S\": [{\"Sid\": \"x\"}]}\ne: 1\n", "add", "/d/S/-", `{"Sid": "z"}`, "d:\n  S:\n    - Sid: x\n    - Sid: z\ne: 1\n"},
		{"a list of one as a scalar", "e.yaml", "Action: s3:GetObject\nR: x\n", "add", "/Action", `["s3:GetObject", "s3:PutObject"]`, "Action:\n  - s3:GetObject\n  - s3:PutObject\nR: x\n"},
		{"a single flow statement becomes a list", "e.yaml", "Statement: {Sid:  x}\n", "add", "/Statement", `[{"Sid": "x"}, {"Sid": "z"}]`, "Statement: [{Sid:  x}, {Sid: z}]\n"},
		{"a true becomes a mapping", "e.yaml", "b:\n  p: true\n  q: 1\n", "add", "/b/p", `{"A": true, "B": false}`, "b:\n  p:\n    A: true\n    B: false\n  q: 1\n"},
		{"quoted names, other letters", "e.yaml", "é:\n  'a b': {ü: 1}\n  \"c:d\": 2\n", "add", "/é/a b/x", `1`, "é:\n  'a b': {ü: 1, x: 1}\n  \"c:d\": 2\n"},
		{"CRLF in YAML", "e.yaml", "a:\r\n  x: 1\r\nb: 2\r\n", "add", "/a/y", `{"z": 1}`, "a:\r\n  x: 1\r\n  \"y\":\r\n    z: 1\r\nb: 2\r\n"},
		{"no line end at the end", "e.yaml", "a:\n  x: 1", "add", "/a/y", `2`, "a:\n  x: 1\n  \"y\": 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path, err := node.ParsePointer(c.path)
			if err != nil {
				t.Fatal(err)
			}
			change := node.Change{Op: c.op, Path: path}
			if c.val != "" {
				change.Value = value(t, c.val)
			}
			got, err := Apply(c.file, []byte(c.text), change)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != c.want {
				t.Errorf("got:\n%s\nwant:\n%s", strings.ReplaceAll(string(got), "\r", "\\r"), strings.ReplaceAll(c.want, "\r", "\\r"))
			}
		})
	}
}
