package clienttest

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A cli is the AWS CLI with the keys of one user.
type cli struct {
	t    *testing.T
	p    *endpoint
	path string
	dir  string
	env  []string
}

func (c *cli) as(accessKey, secret string, more ...string) *cli {
	d := *c
	d.env = c.p.environ(accessKey, secret, more...)
	return &d
}

// ok runs a command that must succeed.
func (c *cli) ok(args ...string) string {
	c.t.Helper()
	status, out, stderr := run(c.t, c.dir, c.env, c.path, args...)
	if status != 0 {
		c.t.Fatalf("aws %s: status %d\n%s%s", strings.Join(args, " "), status, out, stderr)
	}
	return out
}

// fails runs a command that must fail and say want.
func (c *cli) fails(want string, args ...string) {
	c.t.Helper()
	status, out, stderr := run(c.t, c.dir, c.env, c.path, args...)
	if status == 0 || !strings.Contains(stderr, want) {
		c.t.Errorf("aws %s: status %d, want a failure that says %q\n%s%s", strings.Join(args, " "), status, want, out, stderr)
	}
}

func newCLI(t *testing.T) *cli {
	client(t, "aws", "--version") // before an endpoint is started
	return newCLIAt(t, start(t))
}

// newCLIAt is the AWS CLI of the administrator, on an endpoint that others use too.
func newCLIAt(t *testing.T, p *endpoint) *cli {
	c := &cli{t: t, p: p, path: client(t, "aws", "--version"), dir: t.TempDir()}
	return c.as("AKIAADMIN00000000001", "admin/Secret+Key000000000000000000000001")
}

func (c *cli) file(name, content string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), []byte(content), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

func (c *cli) read(name string) string {
	c.t.Helper()
	b, err := os.ReadFile(filepath.Join(c.dir, name))
	if err != nil {
		c.t.Fatal(err)
	}
	return string(b)
}

// The high-level commands: mb, cp, ls, mv, sync, presign, rm, rb.
func TestCLIHighLevel(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.file("one.txt", "first\n")
	c.file("two words+ü.txt", "second\n")
	c.ok("s3", "mb", "s3://why403-cli-test")
	c.ok("s3", "cp", "one.txt", "s3://why403-cli-test/folder/one.txt", "--metadata", "colour=blue")
	c.ok("s3", "cp", "two words+ü.txt", "s3://why403-cli-test/folder/")
	if out := c.ok("s3", "ls", "s3://why403-cli-test/folder/"); !strings.Contains(out, "6 one.txt") || !strings.Contains(out, "7 two words+ü.txt") {
		t.Errorf("ls: %s", out)
	}
	if out := c.ok("s3", "ls", "s3://why403-cli-test"); !strings.Contains(out, "PRE folder/") {
		t.Errorf("ls: %s", out)
	}
	if out := c.ok("s3", "ls"); !strings.Contains(out, "why403-cli-test") || !strings.Contains(out, "reports") {
		t.Errorf("ls: %s", out)
	}
	c.ok("s3", "cp", "s3://why403-cli-test/folder/two words+ü.txt", "back.txt")
	if got := c.read("back.txt"); got != "second\n" {
		t.Errorf("downloaded %q", got)
	}
	c.ok("s3", "mv", "s3://why403-cli-test/folder/one.txt", "s3://why403-cli-test/moved.txt")
	c.ok("s3", "sync", "s3://why403-cli-test", "mirror")
	if got := c.read("mirror/moved.txt"); got != "first\n" {
		t.Errorf("synchronised %q", got)
	}
	if out := c.ok("s3api", "head-object", "--bucket", "why403-cli-test", "--key", "moved.txt"); !strings.Contains(out, `"colour": "blue"`) {
		t.Errorf("metadata was not copied: %s", out)
	}
	c.presigned(strings.TrimSpace(c.ok("s3", "presign", "s3://why403-cli-test/moved.txt", "--expires-in", "60")), "first\n")
	c.fails("BucketNotEmpty", "s3", "rb", "s3://why403-cli-test")
	c.ok("s3", "rm", "s3://why403-cli-test", "--recursive")
	c.ok("s3", "rb", "s3://why403-cli-test")
	c.fails("NoSuchBucket", "s3", "ls", "s3://why403-cli-test")
}

func (c *cli) presigned(url, want string) {
	c.t.Helper()
	res, err := http.Get(url)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	if string(b) != want {
		c.t.Errorf("%s: %d %s", url, res.StatusCode, b)
	}
}

// s3api: what a bucket is told, and what the engine then makes of it.
func TestCLIBucketSettings(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	nobody := c.as("AKIANOBODY0000000001", "nobody/Secret+Key00000000000000000000001")
	c.ok("s3api", "create-bucket", "--bucket", "why403-settings", "--object-ownership", "ObjectWriter")
	c.ok("s3api", "put-object", "--bucket", "why403-settings", "--key", "k", "--tagging", "a=b")
	nobody.fails("because no identity-based policy allows the s3:GetObject action", "s3api", "get-object", "--bucket", "why403-settings", "--key", "k", "out")

	policy := `{"Version": "2012-10-17",
 "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/nobody"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::why403-settings/*"}]}`
	c.ok("s3api", "put-bucket-policy", "--bucket", "why403-settings", "--policy", policy)
	nobody.ok("s3api", "get-object", "--bucket", "why403-settings", "--key", "k", "out")
	var got struct{ Policy string }
	if err := json.Unmarshal([]byte(c.ok("s3api", "get-bucket-policy", "--bucket", "why403-settings")), &got); err != nil || got.Policy != policy {
		t.Errorf("policy came back as %s (%v)", got.Policy, err)
	}
	public := strings.Replace(policy, `{"AWS": "arn:aws:iam::111122223333:user/nobody"}`, `"*"`, 1)
	c.fails("because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access", "s3api", "put-bucket-policy", "--bucket", "why403-settings", "--policy", public)
	c.fails("MalformedPolicy", "s3api", "put-bucket-policy", "--bucket", "why403-settings", "--policy", `{"Version": "2012-10-17"}`)
	c.fails("because public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access", "s3api", "put-object-acl", "--bucket", "why403-settings", "--key", "k", "--acl", "public-read")

	c.ok("s3api", "put-public-access-block", "--bucket", "why403-settings", "--public-access-block-configuration", "BlockPublicAcls=false")
	if out := c.ok("s3api", "get-public-access-block", "--bucket", "why403-settings"); strings.Contains(out, "true") {
		t.Errorf("public access block: %s", out)
	}
	c.ok("s3api", "delete-public-access-block", "--bucket", "why403-settings")
	c.fails("NoSuchPublicAccessBlockConfiguration", "s3api", "get-public-access-block", "--bucket", "why403-settings")
	c.ok("s3api", "put-object-acl", "--bucket", "why403-settings", "--key", "k", "--acl", "public-read")
	if out := c.ok("s3api", "get-object-acl", "--bucket", "why403-settings", "--key", "k"); !strings.Contains(out, "groups/global/AllUsers") {
		t.Errorf("object ACL: %s", out)
	}
	c.presigned(c.p.url+"/why403-settings/k", "")
	c.ok("s3api", "delete-bucket-policy", "--bucket", "why403-settings")
	c.fails("NoSuchBucketPolicy", "s3api", "get-bucket-policy", "--bucket", "why403-settings")

	c.ok("s3api", "put-bucket-acl", "--bucket", "why403-settings", "--acl", "public-read")
	c.fails("InvalidBucketAclWithObjectOwnership", "s3api", "put-bucket-ownership-controls", "--bucket", "why403-settings", "--ownership-controls", "Rules=[{ObjectOwnership=BucketOwnerEnforced}]")
	c.ok("s3api", "put-bucket-acl", "--bucket", "why403-settings", "--acl", "private")
	c.ok("s3api", "put-bucket-ownership-controls", "--bucket", "why403-settings", "--ownership-controls", "Rules=[{ObjectOwnership=BucketOwnerEnforced}]")
	c.fails("AccessControlListNotSupported", "s3api", "put-object-acl", "--bucket", "why403-settings", "--key", "k", "--acl", "public-read")
	if out := c.ok("s3api", "get-bucket-ownership-controls", "--bucket", "why403-settings"); !strings.Contains(out, "BucketOwnerEnforced") {
		t.Errorf("ownership: %s", out)
	}
}

// s3api: tags, versions, location, and deletion of many.
func TestCLIBucketContents(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.ok("s3api", "create-bucket", "--bucket", "why403-settings")
	c.ok("s3api", "put-object", "--bucket", "why403-settings", "--key", "k")
	c.ok("s3api", "put-bucket-tagging", "--bucket", "why403-settings", "--tagging", "TagSet=[{Key=a,Value=b}]")
	c.ok("s3api", "get-bucket-tagging", "--bucket", "why403-settings")
	c.ok("s3api", "delete-bucket-tagging", "--bucket", "why403-settings")
	c.fails("NoSuchTagSet", "s3api", "get-bucket-tagging", "--bucket", "why403-settings")
	c.ok("s3api", "put-object-tagging", "--bucket", "why403-settings", "--key", "k", "--tagging", "TagSet=[{Key=x,Value=y}]")
	if out := c.ok("s3api", "get-object-tagging", "--bucket", "why403-settings", "--key", "k"); !strings.Contains(out, `"x"`) {
		t.Errorf("object tags: %s", out)
	}
	c.ok("s3api", "delete-object-tagging", "--bucket", "why403-settings", "--key", "k")
	c.ok("s3api", "put-bucket-versioning", "--bucket", "why403-settings", "--versioning-configuration", "Status=Enabled")
	c.ok("s3api", "put-object", "--bucket", "why403-settings", "--key", "k")
	if out := c.ok("s3api", "list-object-versions", "--bucket", "why403-settings"); strings.Count(out, "VersionId") != 2 {
		t.Errorf("versions: %s", out)
	}
	if out := c.ok("s3api", "get-bucket-location", "--bucket", "europe"); !strings.Contains(out, "eu-west-1") {
		t.Errorf("location: %s", out)
	}
	if out := c.ok("s3api", "delete-objects", "--bucket", "why403-settings", "--delete", "Objects=[{Key=k},{Key=none}]"); strings.Count(out, `"Key"`) != 2 {
		t.Errorf("delete-objects: %s", out)
	}
}

// sts get-caller-identity, and a session of a role.
func TestCLISession(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	if out := c.ok("sts", "get-caller-identity"); !strings.Contains(out, "arn:aws:iam::111122223333:user/admin") {
		t.Errorf("get-caller-identity: %s", out)
	}
	var res struct {
		Credentials struct{ AccessKeyId, SecretAccessKey, SessionToken string }
	}
	out := c.ok("sts", "assume-role", "--role-arn", "arn:aws:iam::111122223333:role/service/app", "--role-session-name", "s1", "--tags", "Key=team,Value=red")
	if err := json.Unmarshal([]byte(out), &res); err != nil {
		t.Fatal(err)
	}
	s := c.as(res.Credentials.AccessKeyId, res.Credentials.SecretAccessKey, "AWS_SESSION_TOKEN="+res.Credentials.SessionToken)
	if out := s.ok("sts", "get-caller-identity"); !strings.Contains(out, "arn:aws:sts::111122223333:assumed-role/app/s1") {
		t.Errorf("get-caller-identity: %s", out)
	}
	s.ok("s3api", "put-object", "--bucket", "reports", "--key", "red/k")
	s.fails("User: arn:aws:sts::111122223333:assumed-role/app/s1 is not authorized to perform: s3:PutObject", "s3api", "put-object", "--bucket", "reports", "--key", "app/k")
	wrong := c.as(res.Credentials.AccessKeyId, res.Credentials.SecretAccessKey, "AWS_SESSION_TOKEN=nonsense")
	wrong.fails("InvalidToken", "s3api", "get-object", "--bucket", "reports", "--key", "red/k", "out")
}

// Errors of the caller's own side.
func TestCLIAuthentication(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.as("AKIAUNKNOWN000000001", "x").fails("InvalidAccessKeyId", "s3api", "list-buckets")
	c.as("AKIAADMIN00000000001", "wrong").fails("SignatureDoesNotMatch", "s3api", "list-buckets")
	c.as("AKIAREADER0000000002", "reader/Secret+Key00000000000000000000002").fails("InvalidAccessKeyId", "s3api", "list-buckets")
	c.ok("s3api", "list-objects-v2", "--bucket", "europe") // the CLI follows the Region that the refusal names
	c.fails("explicit deny in a resource-based policy", "s3api", "get-object", "--bucket", "guarded-net", "--key", "k", "out")
}
