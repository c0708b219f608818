package request_test

import (
	"strings"
	"testing"

	"github.com/why403/why403/request"
)

// A value that its field cannot have is an error at its place, and never counts
// as something else.
func TestValuesThatNoFieldCanHave(t *testing.T) {
	const head = `{"principal": "anonymous", "operation": "PutBucketVersioning", "bucket": "b", `
	for _, tt := range []struct{ field, want string }{
		{`"sourceIp": "203.0.113.300"}`, `"203.0.113.300" is no IP address; write one such as 203.0.113.7`},
		{`"sourceIp": ""}`, `"" is no IP address; write one such as 203.0.113.7`},
		{`"vpcEndpoint": "vpc-1a2b3c4d"}`, `"vpc-1a2b3c4d" is no id of a VPC endpoint, such as vpce-1a2b3c4d`},
		{`"federatedBy": "alice"}`, `"alice" is not the ARN of an IAM user, such as arn:aws:iam::111122223333:user/alice`},
		{`"auth": {"type": "presigned"}}`, `type "presigned"; known here: header, query, post, anonymous`},
		{`"object": {"storageClass": "Glacier"}}`, `storageClass "Glacier"; did you mean "GLACIER"?`},
		{`"object": {"owner": "bob"}}`, `owner "bob"; an owner is an account id of twelve digits, or a canonical user id of 64 hexadecimal digits`},
		{`"body": {"status": "On"}}`, `status "On"; known here: Enabled, Suspended`},
		{`"time": ["2026-11-22T10:00:00Z"]}`, `a list where a time is expected, such as 2026-11-22T10:00:00Z`},
	} {
		_, err := request.Parse("r.json", []byte(head+tt.field))
		if err == nil || !strings.HasPrefix(err.Error(), "r.json:1:") || !strings.HasSuffix(err.Error(), ": "+tt.want) {
			t.Errorf("%s:\n got %v\nwant %s", tt.field, err, tt.want)
		}
	}
}

// A header or query parameter that is null was not sent.
func TestNullHeaderIsNotSent(t *testing.T) {
	r := parseOne(t, `{"principal": "anonymous", "operation": "PutObject", "bucket": "b", "key": "k", "headers": {"x-amz-acl": null, "a": ""}, "query": {"q": null}}`)
	if _, sent := r.Header("x-amz-acl"); sent {
		t.Error("x-amz-acl counts as sent")
	}
	if _, sent := r.Header("a"); !sent {
		t.Error("a header with an empty value counts as not sent")
	}
	if len(r.Query) != 0 {
		t.Errorf("query %v, want none", r.Query)
	}
}

// Names that S3 takes from nobody: Amazon S3 User Guide, Bucket naming rules and
// Naming Amazon S3 objects.
func TestNamesThatNobodyMayUse(t *testing.T) {
	for _, tt := range []struct {
		operation, bucket, key string
		ok                     bool
	}{
		{"PutObject", "b", strings.Repeat("é", 512), true},
		{"PutObject", "b", strings.Repeat("é", 512) + "x", false},
		{"CreateBucket", "my.dotted-bucket1", "", true},
		{"CreateBucket", "My_Bad", "", false},
		{"CreateBucket", "ab", "", false},
		{"CreateBucket", "-abc", "", false},
		{"CreateBucket", strings.Repeat("a", 64), "", false},
		{"HeadBucket", "Legacy_Name", "", true},
	} {
		r := &request.Request{Operation: tt.operation, Bucket: tt.bucket, Key: tt.key}
		if err := r.CheckNames(); (err == nil) != tt.ok {
			t.Errorf("%s %s/%.10s…: %v", tt.operation, tt.bucket, tt.key, err)
		}
	}
}

// Editors on Windows set a byte order mark and end lines with CR LF.
func TestLinesFromWindows(t *testing.T) {
	const one = `{"principal": "anonymous", "operation": "GetObject", "bucket": "b", "key": "k"}`
	rs, err := request.Parse("r", []byte("\ufeff"+one+"\r\n"+one+"\r\n"))
	if err != nil || len(rs) != 2 {
		t.Errorf("%d requests, %v; want 2", len(rs), err)
	}
}
