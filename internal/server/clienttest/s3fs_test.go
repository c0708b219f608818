package clienttest

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// mount mounts a bucket with s3fs for the length of the test.
func mount(t *testing.T, p *endpoint, accessKey, secret, bucket string) string {
	t.Helper()
	path := client(t, "s3fs", "--version")
	if _, err := os.Stat("/dev/fuse"); err != nil {
		t.Skip("this machine mounts no user file systems, which no package mends: ", err)
	}
	dir := t.TempDir()
	keys := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(keys, []byte(accessKey+":"+secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, bucket, dir, "-f", "-o", "url="+p.url, "-o", "use_path_request_style", "-o", "passwd_file="+keys, "-o", "endpoint=us-east-1",
		"-o", "multipart_size=5", "-o", "enable_noobj_cache", "-o", "stat_cache_expire=0", "-o", "retries=1")
	cmd.Env = p.environ(accessKey, secret)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }() // how it ends says nothing
	t.Cleanup(func() {
		_ = exec.Command("umount", "-l", dir).Run() // it may have ended already
		_ = cmd.Process.Kill()
		<-ended
		if t.Failed() {
			t.Logf("s3fs said:\n%s", said.String())
		}
	})
	for range 600 {
		select {
		case <-ended:
			t.Fatalf("s3fs ended: %s", said.String())
		case <-time.After(50 * time.Millisecond):
		}
		if mounts, err := os.ReadFile("/proc/self/mounts"); err == nil && strings.Contains(string(mounts), dir) {
			return dir
		}
	}
	t.Fatal("s3fs has mounted nothing")
	return ""
}

// s3fs: a mounted bucket is written, read, renamed and emptied as a folder; a user
// who may only read cannot write.
func TestS3fs(t *testing.T) {
	t.Parallel()
	p := start(t)
	c := newCLIAt(t, p)
	c.ok("s3", "mb", "s3://why403-s3fs")
	dir := mount(t, p, "AKIAADMIN00000000001", "admin/Secret+Key000000000000000000000001", "why403-s3fs")
	content := large(11 << 20)
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "sub"), 0o755), os.WriteFile(filepath.Join(dir, "sub", "large.bin"), content, 0o644)); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "sub", "large.bin")); err != nil || !bytes.Equal(got, content) {
		t.Errorf("read %d bytes back, want %d (%v)", len(got), len(content), err)
	}
	c.ok("s3", "cp", "s3://why403-s3fs/sub/large.bin", "large.bin", "--no-progress")
	if c.read("large.bin") != string(content) {
		t.Error("the object is not what was written")
	}
	if err := os.Rename(filepath.Join(dir, "sub", "large.bin"), filepath.Join(dir, "renamed.bin")); err != nil {
		t.Error(err)
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) != 2 {
		t.Errorf("%v, %v", names, err)
	}
	if err := os.Remove(filepath.Join(dir, "renamed.bin")); err != nil {
		t.Error(err)
	}
	c.fails("404", "s3api", "head-object", "--bucket", "why403-s3fs", "--key", "renamed.bin")

	c.ok("s3api", "put-bucket-policy", "--bucket", "why403-s3fs", "--policy", `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
 "Principal": {"AWS": "arn:aws:iam::111122223333:user/nobody"}, "Action": ["s3:ListBucket", "s3:GetObject"],
 "Resource": ["arn:aws:s3:::why403-s3fs", "arn:aws:s3:::why403-s3fs/*"]}]}`)
	readOnly := mount(t, p, "AKIANOBODY0000000001", "nobody/Secret+Key00000000000000000000001", "why403-s3fs")
	if err := os.WriteFile(filepath.Join(readOnly, "refused"), []byte("x"), 0o644); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("write without permission: %v, want permission denied", err)
	}
}
