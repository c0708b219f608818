package request_test

import (
	"testing"

	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/request"
)

func parseOne(t *testing.T, text string) *request.Request {
	t.Helper()
	rs, err := request.Parse("r.json", []byte(text))
	if err != nil || len(rs) != 1 {
		t.Fatalf("%d requests, %v", len(rs), err)
	}
	return rs[0]
}

// One object, a list, JSON lines and YAML all are requests.
func TestForms(t *testing.T) {
	const one = `{"principal": "anonymous", "operation": "GetObject", "bucket": "b", "key": "k"}`
	for name, tt := range map[string]struct {
		text string
		want int
	}{
		"object":     {one, 1},
		"list":       {"[" + one + ", " + one + "]", 2},
		"JSON lines": {one + "\n\n" + one + "\n", 2},
		"YAML":       {"principal: anonymous\noperation: GetObject\nbucket: b\nkey: k\n", 1},
	} {
		rs, err := request.Parse("r", []byte(tt.text))
		if err != nil || len(rs) != tt.want {
			t.Errorf("%s: %d requests, %v; want %d", name, len(rs), err, tt.want)
		}
	}
}

func TestErrorsNameThePlace(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{`{"principal": "anonymous"}`, `r.json:1:1: a request names an operation (such as "GetObject") or an action (such as "s3:GetObject")`},
		{`{"operation": "GetObject", "bucket": "b"}`, `r.json:1:1: a request names its principal, or in auth an accessKeyId`},
		{`{"principal": "anonymous", "operation": "s3:GetObject"}`, `r.json:1:41: "s3:GetObject" is an action; write "action": "s3:GetObject" with "resource", or an operation such as "GetObject"`},
		{`{"principal": "anonymous", "action": "GetObject"}`, `r.json:1:38: action "GetObject" lacks its service prefix, as in "s3:GetObject"`},
		{`{"principal": "anonymous", "operation": "GetObject", "buckt": "b"}`, `r.json:1:54: unknown field "buckt"; did you mean "bucket"?`},
		{`{"principal": "anonymous", "operation": "GetObject", "unstated": "no"}`, `r.json:1:66: "no"; what is not stated may be "absent" or "unknown"`},
	} {
		_, err := request.Parse("r.json", []byte(tt.text))
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s:\n got %v\nwant %s", tt.text, err, tt.want)
		}
	}
}

// The place of an error in JSON lines is that of the line.
func TestErrorsInLines(t *testing.T) {
	_, err := request.Parse("r.jsonl", []byte("{\"principal\": \"anonymous\", \"operation\": \"GetObject\"}\n{\"principal\": \"anonymous\", \"operaton\": \"GetObject\"}\n"))
	if err == nil || err.Error() != `r.jsonl:2:28: unknown field "operaton"; did you mean "operation"?` {
		t.Errorf("got %v", err)
	}
}

// A context value is a text, a list, or null, which removes the key.
func TestContext(t *testing.T) {
	r := parseOne(t, `{"principal": "anonymous", "operation": "GetObject", "context": {"aws:SourceIp": "203.0.113.7", "aws:TagKeys": ["a", "b"], "aws:Referer": null, "aws:SecureTransport": false}}`)
	for key, want := range map[string]string{"aws:SourceIp": "203.0.113.7", "aws:TagKeys": "[a, b]", "aws:Referer": "(absent)", "aws:SecureTransport": "false"} {
		if got := r.Context[key].String(); got != want {
			t.Errorf("%s: got %s, want %s", key, got, want)
		}
	}
	if r.Context["aws:Referer"].State != condition.Absent {
		t.Error("null does not remove the key")
	}
}

// Bodies come in the form of the contract, and in that of the AWS APIs.
func TestBodies(t *testing.T) {
	const head = `{"principal": "anonymous", "operation": "x", "body": `
	if b := parseOne(t, head+`{"Version": "2012-10-17", "Statement": []}}`).Body; b.Policy == nil {
		t.Error("a policy document is not read as one")
	}
	if b := parseOne(t, head+`{"grants": [{"grantee": {"type": "Group", "uri": "u"}, "permission": "READ"}]}}`).Body; !b.HasGrants || b.Grants[0].Permission != "READ" {
		t.Errorf("grants: %+v", b)
	}
	if b := parseOne(t, head+`{"objects": [{"key": "k", "versionId": "v"}]}}`).Body; len(b.Objects) != 1 || b.Objects[0].VersionID != "v" {
		t.Errorf("objects: %+v", b)
	}
	if b := parseOne(t, head+`{"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}`).Body; b.Ownership != "BucketOwnerEnforced" {
		t.Errorf("ownership: %+v", b)
	}
	if b := parseOne(t, head+`{"mode": "GOVERNANCE", "until": "2030-01-01T00:00:00Z"}}`).Body; b.Retention == nil || b.Retention.Mode != "GOVERNANCE" || b.Retention.Until.Year() != 2030 {
		t.Errorf("retention: %+v", b)
	}
	if b := parseOne(t, head+`{"BlockPublicAcls": true}}`).Body; b.PublicAccessBlock == nil || !b.PublicAccessBlock.BlockPublicAcls || b.PublicAccessBlock.BlockPublicPolicy {
		t.Errorf("public access block: %+v", b.PublicAccessBlock)
	}
}

// Header names compare without case; on presigned requests x-amz- headers may
// stand in the query.
func TestHeader(t *testing.T) {
	r := parseOne(t, `{"principal": "anonymous", "operation": "PutObject", "headers": {"X-Amz-Acl": "private"}, "query": {"X-Amz-Tagging": "a=b", "prefix": "p"}}`)
	for name, want := range map[string]string{"x-amz-acl": "private", "x-amz-tagging": "a=b"} {
		if got, ok := r.Header(name); !ok || got != want {
			t.Errorf("%s: got %q, %v", name, got, ok)
		}
	}
	if _, ok := r.Header("prefix"); ok {
		t.Error("a query parameter that is no header is given as one")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"principal": "anonymous", "operation": "GetObject", "body": {"objects": [{"key": 1}]}, "context": {"a": [1, null]}}`))
	f.Add([]byte("principal: *x\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if rs, err := request.Parse("r", data); err != nil && rs != nil {
			t.Error("requests besides an error")
		}
	})
}
