package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/explain"
	"github.com/why403/why403/request"
)

const liveEstate = `version: 1
accounts:
  "111122223333":
    managedPolicies:
      limit: {document: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "s3:*", Resource: "*"}]}}
    users:
      admin:
        inline: {all: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}}
        accessKeys: {AKIAADMIN00000000001: {secret: "admin/Secret+Key000000000000000000000001"}}
      nobody:
        accessKeys: {AKIANOBODY0000000001: {secret: "nobody/Secret+Key00000000000000000000001"}}
      reader:
        boundary: limit
        attached: ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]
    roles:
      app:
        trust: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {AWS: "111122223333"}, Action: "sts:AssumeRole"}]}
        inline: {read: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "s3:GetObject", Resource: "*", Condition: {StringEquals: {"s3:ExistingObjectTag/class": "public"}}}]}}
    keys:
      1234abcd-12ab-34cd-56ef-1234567890ab:
        aliases: [alias/data]
        document: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {AWS: "arn:aws:iam::111122223333:user/admin"}, Action: "kms:*", Resource: "*"}]}
    vpcEndpoints:
      vpce-1a2b3c4d: {vpc: vpc-1a2b3c4d, service: com.amazonaws.us-east-1.s3}
    buckets:
      reports:
        document:
          Version: "2012-10-17"
          Statement: [{Sid: NotNobody, Effect: Deny, Principal: {AWS: "arn:aws:iam::111122223333:user/nobody"}, Action: "s3:PutObject", Resource: "arn:aws:s3:::reports/*"}]
        tags: {team: data}
        accessPoints: {reports-ap: {}}
      sealed:
        encryption: {algorithm: "aws:kms", key: 1234abcd-12ab-34cd-56ef-1234567890ab}
      old:
        ownership: ObjectWriter
        publicAccessBlock: false
        acl: {canned: public-read}
      ireland: {region: eu-west-1, versioning: {status: Enabled}}
`

// command runs why403 as a process of its own, as the AWS SDK reads the
// environment of the process.
func (s *served) command(accessKey, secret string, args ...string) (stdout, stderr string, status int) {
	s.t.Helper()
	return s.commandOf(exec.Command("why403", args...), accessKey, secret)
}

// commandIn is command with a file as standard input, and no credentials.
func (s *served) commandIn(file string, args ...string) (stdout, stderr string, status int) {
	s.t.Helper()
	in, err := os.Open(file)
	if err != nil {
		s.t.Fatal(err)
	}
	defer in.Close()
	cmd := exec.Command("why403", args...)
	cmd.Stdin = in
	return s.commandOf(cmd, "", "")
}

func (s *served) commandOf(cmd *exec.Cmd, accessKey, secret string) (stdout, stderr string, status int) {
	s.t.Helper()
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.t.TempDir(), "AWS_ENDPOINT_URL=" + s.url, "AWS_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ACCESS_KEY_ID=" + accessKey, "AWS_SECRET_ACCESS_KEY=" + secret, "NO_PROXY=127.0.0.1"}
	var out, err bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &err
	if e := cmd.Run(); e != nil && cmd.ProcessState == nil {
		s.t.Fatal(e)
	}
	return out.String(), err.String(), cmd.ProcessState.ExitCode()
}

func serveLive(t *testing.T) *served {
	t.Helper()
	file := filepath.Join(t.TempDir(), "estate.yaml")
	if err := os.WriteFile(file, []byte(liveEstate), 0o600); err != nil {
		t.Fatal(err)
	}
	return serve(t, "-e", file)
}

// What is collected decides as what it was collected from, holds no secret, and
// nothing was written on the way.
func TestCollect(t *testing.T) {
	s := serveLive(t)
	dir := filepath.Join(t.TempDir(), "got")
	_, stderr, status := s.command("AKIAADMIN00000000001", "admin/Secret+Key000000000000000000000001", "collect", "-o", dir)
	if status != 0 {
		t.Fatalf("status %d\n%s", status, stderr)
	}
	got, err := estate.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	want, err := estate.Parse("estate.yaml", []byte(liveEstate))
	if err != nil {
		t.Fatal(err)
	}
	const user, key = "arn:aws:iam::111122223333:user/", "data/k"
	for _, principal := range []string{user + "admin", user + "reader", user + "nobody", "arn:aws:sts::111122223333:assumed-role/app/s", "arn:aws:iam::111122223333:root", "anonymous"} {
		for _, bucket := range []string{"reports", "sealed", "old", "ireland"} {
			for _, operation := range []string{"GetObject", "PutObject", "ListObjectsV2", "GetBucketPolicy", "PutBucketAcl"} {
				r := &request.Request{Principal: principal, Operation: operation, Bucket: bucket, Unstated: "absent"}
				if strings.HasSuffix(operation, "Object") {
					r.Key = key
				}
				a, _, err := explain.Request(want, r, explain.Options{})
				if err != nil {
					t.Fatal(err)
				}
				b, _, err := explain.Request(got, r, explain.Options{})
				if err != nil {
					t.Fatal(err)
				}
				if a.Verdict != b.Verdict || (a.Cause == nil) != (b.Cause == nil) || a.Cause != nil && a.Cause.Reason != b.Cause.Reason {
					t.Errorf("%s %s %s: collected %v %+v, original %v %+v\nunknown: %+v", principal, operation, bucket, b.Verdict, b.Cause, a.Verdict, a.Cause, b.Unknown)
				}
			}
		}
	}
	if err := filepath.WalkDir(dir, func(file string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(file)
		if strings.Contains(string(data), "Secret+Key") {
			t.Errorf("%s holds a secret", file)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(s.stderr.String()) {
		if strings.Contains(line, " PUT ") || strings.Contains(line, " DELETE ") {
			t.Errorf("a call that writes: %s", line)
		}
	}
	if _, stderr, status := s.command("AKIAADMIN00000000001", "admin/Secret+Key000000000000000000000001", "collect", "-o", t.TempDir()+"/.."); status != 2 || !strings.Contains(stderr, "holds other things") {
		t.Errorf("a folder of other things: status %d\n%s", status, stderr)
	}
}

// Who may nothing reads a partial estate: all of it is unknown, with the
// permissions, and nothing is taken for allowed.
func TestCollectWithoutPermission(t *testing.T) {
	s := serveLive(t)
	dir := filepath.Join(t.TempDir(), "got")
	_, stderr, status := s.command("AKIANOBODY0000000001", "nobody/Secret+Key00000000000000000000001", "collect", "-o", dir, "--bucket", "reports")
	if status != 0 || !strings.Contains(stderr, "s3:GetBucketPolicy") {
		t.Fatalf("status %d\n%s", status, stderr)
	}
	e, err := estate.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, operation := range []string{"GetObject", "PutObject"} {
		r := &request.Request{Principal: "arn:aws:iam::111122223333:user/nobody", Operation: operation, Bucket: "reports", Key: "k", Unstated: "absent"}
		d, _, err := explain.Request(e, r, explain.Options{})
		if err != nil || d.Verdict.String() != "unknown" {
			t.Errorf("%s: %v %v, want unknown", operation, d.Verdict, err)
		}
	}
}

// why403 s3://bucket/key on live AWS: the identity, AWS's own answer, and the
// decision from what was read.
func TestExplainLive(t *testing.T) {
	s := serveLive(t)
	out, stderr, status := s.command("AKIAADMIN00000000001", "admin/Secret+Key000000000000000000000001", "s3://reports/data/k", "--unstated", "absent")
	if status != 0 || !strings.Contains(out, "404 NoSuchKey") || !strings.Contains(stderr, "as arn:aws:iam::111122223333:user/admin") || !strings.Contains(out, "AWS said  404") {
		t.Errorf("a key that is not there: status %d\n%s%s", status, out, stderr)
	}
	out, stderr, status = s.command("AKIAADMIN00000000001", "admin/Secret+Key000000000000000000000001", "explain", "--as", "arn:aws:iam::111122223333:user/nobody", "--operation", "PutObject", "--unstated", "absent", "s3://reports/k")
	if status != 1 || !strings.Contains(out, `statement "NotNobody"`) || strings.Contains(out, "AWS said") {
		t.Errorf("another principal: status %d\n%s%s", status, out, stderr)
	}
	out, stderr, status = s.command("AKIANOBODY0000000001", "nobody/Secret+Key00000000000000000000001", "s3://reports/")
	if status != 1 || !strings.Contains(out, "AWS said  403 AccessDenied") || !strings.Contains(out, "which settles what could not be read") || !strings.Contains(out, "no-allow-identity") {
		t.Errorf("without any permission: status %d\n%s%s", status, out, stderr)
	}
	out, stderr, status = s.command("AKIAADMIN00000000001", "admin/Secret+Key000000000000000000000001", "s3://no-such-bucket-here/k")
	if status != 1 || !strings.Contains(out, "404 NoSuchBucket") {
		t.Errorf("a bucket that is not there: status %d\n%s%s", status, out, stderr)
	}
	_, stderr, status = s.command("AKIAADMIN00000000001", "wrong", "s3://reports/")
	if status != 2 || !strings.Contains(stderr, "live AWS tells no identity: SignatureDoesNotMatch") || strings.Contains(stderr, "wrong") {
		t.Errorf("a wrong secret: status %d\n%s", status, stderr)
	}
}
