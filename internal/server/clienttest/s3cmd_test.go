package clienttest

import (
	"path/filepath"
	"strings"
	"testing"
)

func newS3cmd(t *testing.T, p *endpoint, accessKey, secret string) *program {
	path := client(t, "s3cmd", "--version")
	c := &program{t: t, path: path, dir: t.TempDir(), env: p.environ(accessKey, secret)}
	config := "[default]\naccess_key = " + accessKey + "\nsecret_key = " + secret + "\n" +
		"host_base = " + strings.TrimPrefix(p.url, "http://") + "\nhost_bucket = " + strings.TrimPrefix(p.url, "http://") + "\n" +
		"use_https = False\nbucket_location = us-east-1\nmultipart_chunk_size_mb = 5\nmax_retries = 1\n"
	(&cli{t: t, dir: c.dir}).file("s3cfg", config)
	c.env = append(c.env, "S3CMD_CONFIG="+filepath.Join(c.dir, "s3cfg"))
	return c
}

// s3cmd: buckets, put in parts, get, sync, ACLs, policies, tags of its own
// making; and what it is refused.
func TestS3cmd(t *testing.T) {
	t.Parallel()
	p := start(t)
	c := newS3cmd(t, p, "AKIAADMIN00000000001", "admin/Secret+Key000000000000000000000001")
	first, second := c.tree("tree")
	c.ok("mb", "s3://why403-s3cmd")
	c.ok("sync", "--no-progress", "tree/", "s3://why403-s3cmd/tree/")
	if out := c.ok("ls", "-r", "s3://why403-s3cmd"); !strings.Contains(out, "s3://why403-s3cmd/tree/sub/two words+ü.bin") {
		t.Errorf("ls: %s", out)
	}
	c.ok("sync", "--no-progress", "s3://why403-s3cmd/tree/", "back/")
	c.holds("back/one.txt", first)
	c.holds("back/sub/two words+ü.bin", second)
	c.ok("cp", "s3://why403-s3cmd/tree/one.txt", "s3://with-acls/copied.txt")
	c.ok("setacl", "--acl-public", "s3://with-acls/copied.txt")
	if out := c.ok("info", "s3://with-acls/copied.txt"); !strings.Contains(out, "*anon*: READ") {
		t.Errorf("info: %s", out)
	}
	c.ok("mv", "s3://why403-s3cmd/tree/one.txt", "s3://why403-s3cmd/moved.txt")
	c.ok("get", "--no-progress", "s3://why403-s3cmd/moved.txt", "moved.txt")
	c.holds("moved.txt", first)
	c.fails("AccessControlListNotSupported", "setacl", "--acl-public", "s3://why403-s3cmd/moved.txt")

	reader := newS3cmd(t, p, "AKIAREADER0000000001", "reader/Secret+Key00000000000000000000001")
	reader.tree("tree")
	reader.fails("403 (AccessDenied)", "put", "--no-progress", "tree/one.txt", "s3://reports/refused.txt")
	reader.fails("s3:ListBucket", "ls", "s3://reports")

	c.ok("del", "--recursive", "--force", "s3://why403-s3cmd")
	c.ok("rb", "s3://why403-s3cmd")
	newS3cmd(t, p, "AKIAADMIN00000000001", "wrong").fails("SignatureDoesNotMatch", "ls", "s3://reports")
}
