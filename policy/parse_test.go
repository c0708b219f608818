package policy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/policy"
)

// Every complaint of the parser, with its place and text.
func TestParseErrors(t *testing.T) {
	tests := []struct{ name, doc, want string }{
		{"no JSON", `{"Statement": [`, `p.json:1:16: not valid JSON: `},
		{"comments", "{\n// x\n\"Statement\": []}", `p.json:2:1: comments and trailing commas are not JSON`},
		{"a list", `[]`, `p.json:1:1: a policy document is a JSON object; this is a list`},
		{"version", `{"Version": "2012-10-7"}`, `p.json:1:13: invalid version "2012-10-7"; the versions of the policy language are "2012-10-17" and "2008-10-17"`},
		{"unknown element", `{"Statments": []}`, `p.json:1:2: unknown policy element "Statments"; did you mean "Statement"?`},
		{"unknown element like none", `{"Zzzzzzzzzzzzzzzzz": []}`, `p.json:1:2: unknown policy element "Zzzzzzzzzzzzzzzzz"`},
		{"case of an element", `{"statement": []}`, `p.json:1:2: unknown policy element "statement"; did you mean "Statement"?`},
		{"no Statement", `{"Version": "2012-10-17"}`, `p.json:1:1: missing required field Statement`},
		{"two Statements", `{"Statement": [], "Statement": []}`, `p.json:1:19: a policy document has one Statement element, which may be a list`},
		{"statement a string", `{"Statement": ["x"]}`, `p.json:1:16: a statement is a JSON object; this is a string`},
		{"unknown member", st(`"Effects": "Allow"`), `p.json:2:1: unknown policy element "Effects"; did you mean "Effect"?`},
		{"no Effect", st(`"Action": "*"`), `p.json:1:15: missing required field Effect ("Allow" or "Deny")`},
		{"effect in lower case", st(`"Effect": "allow"`), `p.json:2:11: invalid effect "allow"; an effect is "Allow" or "Deny", in this case of letters`},
		{"no Action", st(`"Effect": "Deny"`), `p.json:1:15: missing required field Action`},
		{"Action and NotAction", st(`"Action": "a:b", "NotAction": "a:c"`), `p.json:2:18: a statement has either Action or NotAction, not both`},
		{"Resource and NotResource", st(`"Resource": "*", "NotResource": "*"`), `p.json:2:18: a statement has either Resource or NotResource, not both`},
		{"action a number", st(`"Action": ["a:b", 1]`), `p.json:2:19: a number where a string is expected in Action`},
		{"resource an object", st(`"Resource": {"a": 1}`), `p.json:2:13: a mapping where a string is expected in Resource`},
		{"two principals", st(`"Principal": "*", "NotPrincipal": "*"`), `p.json:2:19: a statement has one Principal or NotPrincipal element`},
		{"principal a string", st(`"Principal": "111122223333"`), `p.json:2:14: invalid principal "111122223333"; write "*" or {"AWS": "111122223333"}`},
		{"principal a list", st(`"Principal": ["*"]`), `p.json:2:14: a list where "*" or a mapping such as {"AWS": …} is expected`},
		{"principal type", st(`"Principal": {"Aws": "*"}`), `p.json:2:15: unknown policy element "Aws"; did you mean "AWS"?`},
		{"principal value", st(`"Principal": {"AWS": [true]}`), `p.json:2:23: a boolean where a string is expected in Principal`},
		{"principal wildcard", st(`"Principal": {"AWS": "arn:aws:iam::111122223333:user/*"}`), `p.json:2:22: invalid principal "arn:aws:iam::111122223333:user/*": a wildcard stands for all of a principal or none; use the condition key aws:PrincipalArn with ArnLike`},
		{"condition a list", st(`"Condition": []`), `p.json:2:14: a list where a Condition mapping is expected`},
		{"condition without keys", st(`"Condition": {"Bool": "true"}`), `p.json:2:23: a string where a mapping of condition keys to values is expected`},
		{"condition value", st(`"Condition": {"Bool": {"aws:SecureTransport": [null]}}`), `p.json:2:48: null where a condition value is expected`},
		{"operator", full(`"Condition": {"StringEqual": {"aws:userid": "x"}}`), `p.json:2:31: unknown condition operator "StringEqual"; did you mean "StringEquals"?`},
		{"set operator", full(`"Condition": {"ForSomeValues:StringEquals": {"aws:userid": "x"}}`), `p.json:2:46: unknown set operator "ForSomeValues"; known are ForAllValues and ForAnyValue`},
		{"Null with IfExists", full(`"Condition": {"NullIfExists": {"aws:userid": "true"}}`), `p.json:2:32: the operator Null cannot be used with IfExists`},
		{"brace in a resource", full(`"Resource": ["*", "arn:aws:s3:::b/${aws:userid"]`), `p.json:2:19: the variable that begins at "${aws:userid" lacks its closing brace`},
		{"empty variable", full(`"Resource": "arn:aws:s3:::b/${}"`), `p.json:2:13: the variable ${} is empty`},
		{"space in a variable", full(`"Resource": "arn:aws:s3:::b/${aws: userid}"`), `p.json:2:13: the variable ${aws: userid} has a space in its name`},
		{"default without quotes", full(`"Resource": "arn:aws:s3:::b/${aws:userid, x}"`), `p.json:2:13: the default value of ${aws:userid, x} must follow a comma and one space, in single quotes`},
		{"variable in a condition", full(`"Condition": {"StringLike": {"aws:userid": "${x"}}`), `p.json:2:30: the variable that begins at "${x" lacks its closing brace`},
		{"control character", full(`"Resource": "arn:aws:s3:::b/\u0000"`), `p.json:2:13: the control character U+0000 cannot stand in a policy document`},
		{"control character in a condition", full(`"Condition": {"StringLike": {"aws:userid": ["x", "\u0002"]}}`), `p.json:2:50: the control character U+0002 cannot stand in a policy document`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := policy.Parse("p.json", []byte(tt.doc))
			if err == nil || d != nil {
				t.Fatalf("%s\ngot document %v and error %v, want %s", tt.doc, d, err, tt.want)
			}
			if got := err.Error(); got != tt.want && !(strings.HasSuffix(tt.want, "JSON: ") && strings.HasPrefix(got, tt.want)) {
				t.Errorf("%s\ngot  %s\nwant %s", tt.doc, got, tt.want)
			}
			var e *policy.Error
			if !errors.As(err, &e) || e.ExitCode() != 2 {
				t.Errorf("%T is no *policy.Error of exit status 2", err)
			}
		})
	}
}

// st is a document of one statement with the member on line 2.
func st(member string) string { return "{\"Statement\": {\n" + member + "\n}}" }

// full is st with all that a statement must have.
func full(member string) string {
	return "{\"Version\": \"2012-10-17\", \"Statement\": {\n" + member + ",\n\"Effect\": \"Deny\", \"Action\": \"*\"}}"
}

// IAM User Guide, Grammar: wherever a list may stand, so may a single value.
func TestSingleValueOrList(t *testing.T) {
	single := `{"Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*",
		"Condition": {"StringLike": {"aws:userid": "x"}}}}`
	list := `{"Statement": [{"Effect": "Allow", "Principal": {"AWS": ["111122223333"]}, "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::b/*"],
		"Condition": {"StringLike": {"aws:userid": ["x"]}}}]}`
	if diff := cmp.Diff(shape(t, single), shape(t, list)); diff != "" {
		t.Error(diff)
	}
}

// shape is the statements of a document without places.
func shape(t *testing.T, doc string) []policy.Statement {
	t.Helper()
	d, err := policy.Parse("", []byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	for i := range d.Statements {
		s := &d.Statements[i]
		s.Pos = policy.Pos{}
		clear := func(values []policy.Value) {
			for j := range values {
				values[j].Pos = policy.Pos{}
			}
		}
		clear(s.Actions)
		clear(s.Resources)
		for j := range s.Principals {
			s.Principals[j].Pos = policy.Pos{}
		}
		for j := range s.Conditions {
			s.Conditions[j].Pos = policy.Pos{}
			clear(s.Conditions[j].Values)
		}
	}
	return d.Statements
}

// IAM User Guide, Troubleshooting IAM policies: of documents stored long ago
// that repeat a member, the last Effect counts; Action and Resource are merged.
func TestRepeatedMembers(t *testing.T) {
	got := shape(t, `{"Statement": {"Effect": "Deny", "Effect": "Allow", "Action": "s3:GetObject", "Action": ["s3:PutObject"],
		"Resource": "arn:aws:s3:::a", "Resource": "arn:aws:s3:::b", "Condition": {"Bool": {"aws:SecureTransport": "true"}}, "Condition": {"Null": {"aws:userid": "false"}}}}`)
	want := shape(t, `{"Statement": {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"],
		"Resource": ["arn:aws:s3:::a", "arn:aws:s3:::b"], "Condition": {"Bool": {"aws:SecureTransport": "true"}, "Null": {"aws:userid": "false"}}}}`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// IAM User Guide, Condition: numbers and booleans may stand without quotes.
func TestBareConditionValues(t *testing.T) {
	got := shape(t, `{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": true}, "NumericLessThan": {"s3:max-keys": [10, 2.5]}}}}`)
	want := shape(t, `{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}, "NumericLessThan": {"s3:max-keys": ["10", "2.5"]}}}}`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A statement, an action, a resource, a principal and a condition know where
// they stand, in JSON and in the YAML of an estate file.
func TestPositions(t *testing.T) {
	const doc = `{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "One", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
    {
      "Effect": "Deny",
      "Principal": {"AWS": ["111122223333"]},
      "Action": ["s3:GetObject",
                 "s3:PutObject"],
      "NotResource": "arn:aws:s3:::b/*",
      "Condition": {"StringLike": {"aws:userid": ["x",
        "y"]}}
    }
  ]
}`
	const yaml = `bucket:
  document:
    Version: "2012-10-17"
    Statement:
    - {Sid: One, Effect: Allow, Action: "s3:GetObject", Resource: "*"}
    - Effect: Deny
      Principal: {AWS: ["111122223333"]}
      Action:
      - s3:GetObject
      - s3:PutObject
      NotResource: arn:aws:s3:::b/*
      Condition:
        StringLike:
          aws:userid: [x, y]
`
	fromJSON, err := policy.Parse("p.json", []byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	n, err := node.ParseYAML("estate.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	fromYAML, err := policy.FromNode(n.Get("bucket").Get("document"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		d    *policy.Document
		want []string
	}{
		{fromJSON, []string{"p.json:1:1", "p.json:4:5", "p.json:5:5", "p.json:7:29", "p.json:9:18", "p.json:10:22", "p.json:11:36", "p.json:12:9"}},
		{fromYAML, []string{"estate.yaml:3:5", "estate.yaml:5:7", "estate.yaml:6:7", "estate.yaml:7:25", "estate.yaml:10:9", "estate.yaml:11:20", "estate.yaml:14:11", "estate.yaml:14:27"}},
	} {
		s := &tt.d.Statements[1]
		got := []string{tt.d.Pos.String(), tt.d.Statements[0].Pos.String(), s.Pos.String(), s.Principals[0].Pos.String(),
			s.Actions[1].Pos.String(), s.Resources[0].Pos.String(), s.Conditions[0].Pos.String(), s.Conditions[0].Values[1].Pos.String()}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("document, statements, principal, action, resource, condition key, condition value:\n%s", diff)
		}
	}
}

// Size is what quotas are counted on: the bytes of the JSON text.
func TestSize(t *testing.T) {
	const doc = ` {"Statement": []} `
	d, err := policy.Parse("p.json", []byte(doc))
	if err != nil || d.Size != len(doc) {
		t.Errorf("got %v, %v", d, err)
	}
}
