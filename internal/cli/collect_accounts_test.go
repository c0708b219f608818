package cli

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/explain"
	"github.com/why403/why403/request"
)

const twoAccounts = `version: 1
organizations:
  o-exampleorg01:
    managementAccount: "111122223333"
    policies:
      NoPut: {type: scp, document: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "*", Resource: "*"}, {Sid: NoPut, Effect: Deny, Action: "s3:PutObject", Resource: "*"}]}}
    root:
      id: r-ab12
      accounts: ["111122223333"]
      units: {ou-ab12-prod0001: {name: prod, scps: [NoPut], accounts: ["444455556666"]}}
accounts:
  "111122223333":
    users:
      admin:
        inline: {all: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}}
        accessKeys: {AKIAADMIN00000000001: {secret: "admin/Secret+Key000000000000000000000001"}}
    roles:
      audit: &audit
        trust: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {AWS: "111122223333"}, Action: "sts:AssumeRole"}]}
        inline: {all: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}}
  "444455556666":
    roles:
      audit: *audit
    users:
      bob: {inline: {all: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "s3:*", Resource: "*"}]}}}
    buckets: {theirs: {}}
`

// Two accounts by two roles make one estate, whose organization is that of the
// management account. Nothing that the commands write or say holds a secret.
func TestCollectTwoAccounts(t *testing.T) {
	file := filepath.Join(t.TempDir(), "estate.yaml")
	if err := os.WriteFile(file, []byte(twoAccounts), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, "-e", file)
	dir := filepath.Join(t.TempDir(), "got")
	run := func(args ...string) (string, string, int) {
		return s.command("AKIAADMIN00000000001", "admin/Secret+Key000000000000000000000001", args...)
	}
	_, stderr, status := run("collect", "-o", dir, "--role-arn", "arn:aws:iam::444455556666:role/audit", "--role-arn", "arn:aws:iam::111122223333:role/audit")
	if status != 0 {
		t.Fatalf("status %d\n%s", status, stderr)
	}
	e, err := estate.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	for operation, want := range map[string]string{"PutObject": "denied deny-scp", "GetObject": "allowed"} {
		r := &request.Request{Principal: "arn:aws:iam::444455556666:user/bob", Operation: operation, Bucket: "theirs", Key: "k", Unstated: "absent"}
		d, _, err := explain.Request(e, r, explain.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := d.Verdict.String()
		if d.Cause != nil {
			got += " " + string(d.Cause.Reason)
		}
		if got != want {
			t.Errorf("%s: %s, want %s; unknown %+v", operation, got, want, d.Unknown)
		}
	}
	if _, stderr, status = run("collect", "-o", t.TempDir()+"/x", "--profile", "a", "--profile", "b", "--role-arn", "arn:aws:iam::444455556666:role/audit"); status != 2 || !strings.Contains(stderr, "who is to assume which role") {
		t.Errorf("status %d\n%s", status, stderr)
	}
}

// A whole organization is read through its management account: each account by the
// role, the tree once; an account without the role is unknown, with the reason, and a
// key is read in the account that owns it.
func TestCollectOrganization(t *testing.T) {
	const more = `    buckets: {ours: {encryption: {algorithm: "aws:kms", key: "arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"}}}
  "444455556666":
    keys:
      1234abcd-12ab-34cd-56ef-1234567890ab:
        document: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {AWS: ["111122223333", "444455556666"]}, Action: "kms:*", Resource: "*"}]}`
	text := strings.Replace(twoAccounts, `  "444455556666":`, more, 1)
	text = strings.Replace(text, `accounts: ["444455556666"]`, `accounts: ["444455556666", "777788889999"]`, 1) + "  \"777788889999\": {buckets: {closed: {}}}\n"
	file := filepath.Join(t.TempDir(), "estate.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, "-e", file)
	w := watchCalls(t, s.url, 0)
	dir := filepath.Join(t.TempDir(), "got")
	cmd, stderr := collectThrough(t, w, "-o", dir, "--organization", "--role-name", "audit")
	if err := cmd.Wait(); err != nil || !strings.Contains(stderr.String(), "777788889999") || !strings.Contains(stderr.String(), "sts:AssumeRole on arn:aws:iam::777788889999:role/audit") {
		t.Fatalf("%v\n%s", err, stderr)
	}
	trees := 0
	for asked := range w.answered {
		if strings.Contains(asked, "DescribeOrganization") {
			trees++
		}
	}
	if trees != 1 {
		t.Errorf("the organization was read %d times", trees)
	}
	e, err := estate.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct{ principal, operation, bucket, want string }{
		"an SCP of the unit":     {"arn:aws:iam::444455556666:user/bob", "PutObject", "theirs", "denied deny-scp"},
		"its own account":        {"arn:aws:iam::444455556666:user/bob", "GetObject", "theirs", "allowed"},
		"another account's key":  {"arn:aws:iam::111122223333:user/admin", "PutObject", "ours", "allowed"},
		"an account not read":    {"arn:aws:iam::777788889999:user/eve", "GetObject", "theirs", "denied no-allow-resource-policy"},
		"a bucket of that other": {"arn:aws:iam::111122223333:user/admin", "GetObject", "closed", "unknown"},
	} {
		r := &request.Request{Principal: c.principal, Operation: c.operation, Bucket: c.bucket, Key: "k", Unstated: "absent"}
		d, _, err := explain.Request(e, r, explain.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := d.Verdict.String()
		if d.Cause != nil {
			got += " " + string(d.Cause.Reason)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s; unknown %+v", what, got, c.want, d.Unknown)
		}
	}
	if _, stderr, status := s.command("AKIAADMIN00000000001", secretOf("admin"), "collect", "-o", t.TempDir()+"/x", "--organization"); status != 2 || !strings.Contains(stderr, "--role-name does not say") {
		t.Errorf("status %d\n%s", status, stderr)
	}
	if _, stderr, status := s.command("AKIAADMIN00000000001", secretOf("admin"), "collect", "-o", t.TempDir()+"/x", "--organization", "--role-name", "audit", "--role-arn", "arn:aws:iam::444455556666:role/audit"); status != 2 || !strings.Contains(stderr, "read the organization: ") || !strings.Contains(stderr, "management account") {
		t.Errorf("from a member account: status %d\n%s", status, stderr)
	}
}

// No command that reads live AWS, or explains what was pasted, says or writes a
// secret: neither access keys' secrets, nor session tokens, nor keys of SSE-C.
func TestNoSecrets(t *testing.T) {
	s := serveLive(t)
	dir := filepath.Join(t.TempDir(), "got")
	const hush = "hush/Session+Token00000000000000000000001"
	pasted := "An error occurred (InvalidToken) when calling the GetObject operation: The provided token is malformed. aws_secret_access_key=" + secretOf("admin") + " aws_session_token=" + hush
	url := s.url + "/reports/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAADMIN00000000001%2F20261122%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20261122T100000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Security-Token=" +
		strings.ReplaceAll(strings.ReplaceAll(hush, "/", "%2F"), "+", "%2B") + "&X-Amz-Signature=00"
	commands := [][]string{{"collect", "-o", dir}, {"doctor", "--offline"}, {"s3://reports/k"}, {"s3://reports/k", "-o", "json"},
		{"message", pasted}, {"message", pasted, "-o", "json"}, {"url", url}, {"url", url, "-o", "json"}}
	check := func(id, who string, args []string) {
		out, stderr, _ := s.command(id, secretOf(who), args...)
		if out+stderr == "" {
			t.Errorf("%v says nothing", args)
		}
		clean(t, args[0]+" as "+who, out+stderr)
	}
	for _, key := range []string{"AKIAADMIN00000000001 admin", "AKIANOBODY0000000001 nobody", "AKIAUNKNOWN000000001 admin"} {
		id, who, _ := strings.Cut(key, " ")
		for _, args := range commands {
			check(id, who, args)
		}
	}
	check("AKIAADMIN00000000001", "admin", []string{"doctor", "-o", "json"})
	check("AKIANOBODY0000000001", "nobody", []string{"run", "--", "aws", "s3api", "get-object", "--bucket", "reports", "--key", "k", "/dev/null",
		"--sse-customer-algorithm", "AES256", "--sse-customer-key", "0123456789abcdef0123456789abcdef"}) // without the AWS CLI, that it is missing
	if err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(file)
		clean(t, file, string(data))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	clean(t, "the log of the endpoint", s.end())
}

func secretOf(user string) string {
	return map[string]string{"admin": "admin/Secret+Key000000000000000000000001", "nobody": "nobody/Secret+Key00000000000000000000001"}[user]
}

// clean looks for the secrets, also as URLs and in base64 carry them.
func clean(t *testing.T, where, text string) {
	t.Helper()
	for _, secret := range []string{"Secret+Key", "Secret%2BKey", "Session+Token", "Session%2BToken", "0123456789abcdef0123456789abcdef", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="} {
		if i := strings.Index(text, secret); i >= 0 {
			t.Errorf("%s holds the secret %s: …%s", where, secret, text[max(0, i-80):i+len(secret)])
		}
	}
}
