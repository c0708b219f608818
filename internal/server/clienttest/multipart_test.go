package clienttest

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
)

// large returns bytes that no compression and no repetition makes equal.
func large(n int) []byte {
	r := rand.NewChaCha8([32]byte{4, 0, 3})
	b := make([]byte, n)
	r.Read(b) // never fails
	return b
}

// aws s3 cp cuts files of 8 MiB and more into parts, up, down and from bucket to
// bucket.
func TestCLIMultipart(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	content := large(40 << 20)
	c.file("large.bin", string(content))
	c.ok("s3", "cp", "large.bin", "s3://reports/large.bin", "--no-progress", "--metadata", "colour=blue")
	c.ok("s3", "cp", "s3://reports/large.bin", "back.bin", "--no-progress")
	if !bytes.Equal([]byte(c.read("back.bin")), content) {
		t.Error("the file that came back is not the one that went")
	}
	var head struct {
		ContentLength int
		ETag          string
		PartsCount    int
		Metadata      map[string]string
	}
	if err := json.Unmarshal([]byte(c.ok("s3api", "head-object", "--bucket", "reports", "--key", "large.bin", "--part-number", "1")), &head); err != nil {
		t.Fatal(err)
	}
	if head.PartsCount != 5 || head.ContentLength != 8<<20 || !strings.HasSuffix(head.ETag, `-5"`) || head.Metadata["colour"] != "blue" {
		t.Errorf("%+v", head)
	}
	c.ok("s3", "cp", "s3://reports/large.bin", "s3://with-acls/copied.bin", "--no-progress") // UploadPartCopy
	c.ok("s3", "cp", "s3://with-acls/copied.bin", "copied.bin", "--no-progress")
	if !bytes.Equal([]byte(c.read("copied.bin")), content) {
		t.Error("the copy is not the original")
	}
	reader := c.as("AKIAREADER0000000001", "reader/Secret+Key00000000000000000000001")
	reader.fails("because no identity-based policy allows the s3:PutObject action", "s3", "cp", "large.bin", "s3://reports/refused.bin", "--no-progress")
	if out := c.ok("s3api", "list-multipart-uploads", "--bucket", "reports"); strings.Contains(out, "UploadId\"") {
		t.Errorf("uploads are left: %s", out)
	}
}

// testdata/multipart.py is a session of boto3.
func TestBoto3Multipart(t *testing.T) {
	t.Parallel()
	python := client(t, "python3", "-c", "import boto3")
	p := start(t)
	script, err := filepath.Abs(filepath.Join("testdata", "multipart.py"))
	if err != nil {
		t.Fatal(err)
	}
	status, out, stderr := run(t, t.TempDir(), p.environ("AKIAADMIN00000000001", "admin/Secret+Key000000000000000000000001"), python, script)
	if status != 0 {
		t.Errorf("status %d\n%s%s", status, out, stderr)
	}
}
