package clienttest

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A program is a client that is not the AWS CLI, with the keys of one user.
type program struct {
	t    *testing.T
	path string
	dir  string
	env  []string
}

// ok runs a command that must succeed, and returns what it printed.
func (c *program) ok(args ...string) string {
	c.t.Helper()
	status, out, stderr := run(c.t, c.dir, c.env, c.path, args...)
	if status != 0 {
		c.t.Fatalf("%s %s: status %d\n%s%s", filepath.Base(c.path), strings.Join(args, " "), status, out, stderr)
	}
	return out
}

// fails runs a command that must fail and say want.
func (c *program) fails(want string, args ...string) {
	c.t.Helper()
	status, out, stderr := run(c.t, c.dir, c.env, c.path, args...)
	if status == 0 || !strings.Contains(out+stderr, want) {
		c.t.Errorf("%s %s: status %d, want a failure that says %q\n%s%s", filepath.Base(c.path), strings.Join(args, " "), status, want, out, stderr)
	}
}

// tree makes a folder of two files, the second of which is sent in parts.
func (c *program) tree(name string) (first, second []byte) {
	c.t.Helper()
	first, second = []byte("first\n"), large(12<<20)
	for path, content := range map[string][]byte{"one.txt": first, "sub/two words+ü.bin": second} {
		path = filepath.Join(c.dir, name, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			c.t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			c.t.Fatal(err)
		}
	}
	return first, second
}

// holds requires a file with this content.
func (c *program) holds(path string, want []byte) {
	c.t.Helper()
	got, err := os.ReadFile(filepath.Join(c.dir, filepath.FromSlash(path)))
	if err != nil || !bytes.Equal(got, want) {
		c.t.Errorf("%s: %d bytes, want %d (%v)", path, len(got), len(want), err)
	}
}

func newRclone(t *testing.T, p *endpoint, accessKey, secret string) *program {
	path := client(t, "rclone", "version")
	return &program{t: t, path: path, dir: t.TempDir(), env: p.environ(accessKey, secret,
		"RCLONE_CONFIG="+filepath.Join(t.TempDir(), "none.conf"), "RCLONE_CONFIG_W_TYPE=s3", "RCLONE_CONFIG_W_PROVIDER=Other",
		"RCLONE_CONFIG_W_ENDPOINT="+p.url, "RCLONE_CONFIG_W_FORCE_PATH_STYLE=true", "RCLONE_CONFIG_W_REGION=us-east-1",
		"RCLONE_CONFIG_W_ENV_AUTH=false", "RCLONE_CONFIG_W_ACCESS_KEY_ID="+accessKey, "RCLONE_CONFIG_W_SECRET_ACCESS_KEY="+secret,
		"RCLONE_RETRIES=1", "RCLONE_LOW_LEVEL_RETRIES=1", "RCLONE_S3_CHUNK_SIZE=5Mi", "RCLONE_S3_UPLOAD_CUTOFF=6Mi",
		"RCLONE_S3_ACL=bucket-owner-full-control", "RCLONE_S3_BUCKET_ACL=private")}
}

// rclone: mkdir, sync in parts, check, moves, versions of what is there, purge;
// and what it is refused.
func TestRclone(t *testing.T) {
	t.Parallel()
	p := start(t)
	c := newRclone(t, p, "AKIAADMIN00000000001", "admin/Secret+Key000000000000000000000001")
	first, second := c.tree("tree")
	c.ok("mkdir", "w:why403-rclone")
	c.fails("AccessControlListNotSupported", "sync", "tree", "w:why403-rclone/tree", "--s3-acl", "private") // its default, which a bucket of today refuses
	c.ok("sync", "tree", "w:why403-rclone/tree")
	c.ok("check", "tree", "w:why403-rclone/tree")
	if out := c.ok("lsf", "-R", "w:why403-rclone"); !strings.Contains(out, "tree/sub/two words+ü.bin") || !strings.Contains(out, "tree/one.txt") {
		t.Errorf("lsf: %s", out)
	}
	c.ok("sync", "w:why403-rclone/tree", "back")
	c.holds("back/one.txt", first)
	c.holds("back/sub/two words+ü.bin", second)
	c.ok("moveto", "w:why403-rclone/tree/one.txt", "w:why403-rclone/moved.txt")
	c.ok("copyto", "w:why403-rclone/moved.txt", "w:reports/from-rclone.txt")
	if out := c.ok("cat", "w:reports/from-rclone.txt"); out != string(first) {
		t.Errorf("cat: %q", out)
	}
	if out := c.ok("size", "w:why403-rclone", "--json"); !strings.Contains(out, `"count":2`) {
		t.Errorf("size: %s", out)
	}
	c.ok("purge", "w:why403-rclone")
	c.fails("directory not found", "lsf", "w:why403-rclone")

	reader := newRclone(t, p, "AKIAREADER0000000001", "reader/Secret+Key00000000000000000000001")
	reader.tree("tree")
	reader.ok("copyto", "w:reports/from-rclone.txt", "got.txt")
	reader.holds("got.txt", first)
	reader.fails("AccessDenied", "copy", "tree/sub", "w:reports/refused")
	reader.fails("status code: 403", "copyto", "tree/one.txt", "w:reports/refused.txt") // by HEAD, which has no body
	reader.fails("AccessDenied", "lsf", "w:reports")
	newRclone(t, p, "AKIAADMIN00000000001", "wrong").fails("SignatureDoesNotMatch", "lsf", "w:reports")
}
