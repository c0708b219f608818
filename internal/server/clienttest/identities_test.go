package clienttest

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// testdata/identities.py is a session of boto3 with IAM and STS, by the root users
// of two accounts.
func TestBoto3Identities(t *testing.T) {
	t.Parallel()
	python := client(t, "python3", "-c", "import boto3")
	p := start(t)
	script, err := filepath.Abs(filepath.Join("testdata", "identities.py"))
	if err != nil {
		t.Fatal(err)
	}
	env := p.environ("AKIAROOT000000000001", "root/Secret+Key0000000000000000000000001")
	status, out, stderr := run(t, t.TempDir(), env, python, script, "AKIAPARTNERROOT00001", "partner-root/Secret+Key000000000000000001")
	if status != 0 {
		t.Errorf("status %d\n%s%s", status, out, stderr)
	}
}

// The AWS CLI makes a user and a role, works as both, and asks the simulator.
func TestCLIIdentities(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	const account = "111122223333"
	field := func(out string, path ...string) string {
		t.Helper()
		var v any
		if err := json.Unmarshal([]byte(out), &v); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		for _, name := range path {
			m, _ := v.(map[string]any)
			v = m[name]
		}
		s, _ := v.(string)
		return s
	}
	c.ok("iam", "create-user", "--user-name", "dora")
	key := c.ok("iam", "create-access-key", "--user-name", "dora")
	dora := c.as(field(key, "AccessKey", "AccessKeyId"), field(key, "AccessKey", "SecretAccessKey"))
	if arn := field(dora.ok("sts", "get-caller-identity"), "Arn"); arn != "arn:aws:iam::"+account+":user/dora" {
		t.Errorf("caller %s", arn)
	}
	dora.fails("(AccessDenied) when calling the ListUsers operation: User: arn:aws:iam::"+account+":user/dora is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::"+account+":user/ because no identity-based policy allows the iam:ListUsers action", "iam", "list-users")
	c.file("trust.json", `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::`+account+`:user/dora"}, "Action": "sts:AssumeRole"}]}`)
	c.file("put.json", `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::reports/*"}]}`)
	c.ok("iam", "create-role", "--role-name", "uploader", "--assume-role-policy-document", "file://trust.json")
	c.ok("iam", "put-role-policy", "--role-name", "uploader", "--policy-name", "put", "--policy-document", "file://put.json")
	assumed := dora.ok("sts", "assume-role", "--role-arn", "arn:aws:iam::"+account+":role/uploader", "--role-session-name", "upload")
	uploader := c.as(field(assumed, "Credentials", "AccessKeyId"), field(assumed, "Credentials", "SecretAccessKey"), "AWS_SESSION_TOKEN="+field(assumed, "Credentials", "SessionToken"))
	uploader.ok("s3", "cp", "put.json", "s3://reports/put.json")
	uploader.fails("AccessDenied", "s3", "ls", "s3://reports/")
	out := c.ok("iam", "simulate-principal-policy", "--policy-source-arn", "arn:aws:iam::"+account+":role/uploader", "--action-names", "s3:PutObject", "s3:GetObject",
		"--resource-arns", "arn:aws:s3:::reports/k", "--query", "EvaluationResults[].EvalDecision", "--output", "text")
	if strings.Fields(out)[0] != "allowed" || strings.Fields(out)[1] != "implicitDeny" {
		t.Errorf("simulator: %s", out)
	}
	c.fails("(DeleteConflict)", "iam", "delete-role", "--role-name", "uploader")
	c.ok("iam", "delete-role-policy", "--role-name", "uploader", "--policy-name", "put")
	c.ok("iam", "delete-role", "--role-name", "uploader")
	uploader.fails("AccessDenied", "s3", "cp", "put.json", "s3://reports/put.json")
	c.ok("iam", "get-account-authorization-details", "--filter", "Role", "User")
	c.ok("iam", "create-virtual-mfa-device", "--virtual-mfa-device-name", "dora", "--outfile", "qr.png", "--bootstrap-method", "QRCodePNG")
	if !strings.HasPrefix(c.read("qr.png"), "\x89PNG") {
		t.Error("no picture in PNG")
	}
}
