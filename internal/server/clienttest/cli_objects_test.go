package clienttest

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// The AWS CLI encrypts with a customer's key and with a KMS key, in parts too, and gets back what it put.
func TestCLIEncryption(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	content := large(12 << 20)
	c.file("large.bin", string(content))
	c.file("key", strings.Repeat("k", 32))
	c.ok("s3", "cp", "large.bin", "s3://own-keys/c", "--sse-c", "AES256", "--sse-c-key", "fileb://key", "--no-progress")
	c.fails("400", "s3", "cp", "s3://own-keys/c", "back.bin", "--no-progress")
	c.ok("s3", "cp", "s3://own-keys/c", "back.bin", "--sse-c", "AES256", "--sse-c-key", "fileb://key", "--no-progress")
	if !bytes.Equal([]byte(c.read("back.bin")), content) {
		t.Error("what came back under SSE-C is not what went")
	}
	c.ok("s3", "cp", "s3://own-keys/c", "s3://own-keys/kms", "--sse-c-copy-source", "AES256", "--sse-c-copy-source-key", "fileb://key",
		"--sse", "aws:kms", "--sse-kms-key-id", "alias/data", "--no-progress")
	c.ok("s3", "cp", "s3://own-keys/kms", "kms.bin", "--no-progress")
	if !bytes.Equal([]byte(c.read("kms.bin")), content) {
		t.Error("what came back under SSE-KMS is not what went")
	}
	if head := c.ok("s3api", "head-object", "--bucket", "own-keys", "--key", "kms", "--query", "[ServerSideEncryption,SSEKMSKeyId]", "--output", "text"); head !=
		"aws:kms\tarn:aws:kms:us-east-1:111122223333:key/1111aaaa-12ab-34cd-56ef-1234567890ab\n" {
		t.Errorf("%q", head)
	}
}

// The AWS CLI locks objects, and is refused what the lock forbids.
func TestCLIObjectLock(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	const bucket = "why403-cli-locked"
	c.ok("s3api", "create-bucket", "--bucket", bucket, "--object-lock-enabled-for-bucket")
	c.ok("s3api", "put-object-lock-configuration", "--bucket", bucket, "--object-lock-configuration",
		"ObjectLockEnabled=Enabled,Rule={DefaultRetention={Mode=COMPLIANCE,Days=1}}")
	c.file("f", "text")
	c.ok("s3", "cp", "f", "s3://"+bucket+"/f", "--no-progress")
	version := strings.TrimSpace(c.ok("s3api", "head-object", "--bucket", bucket, "--key", "f", "--query", "VersionId", "--output", "text"))
	named := []string{"--bucket", bucket, "--key", "f", "--version-id", version}
	c.fails("object protected by object lock", append([]string{"s3api", "delete-object", "--bypass-governance-retention"}, named...)...)
	c.fails("object protected by object lock", append([]string{"s3api", "put-object-retention", "--retention",
		"Mode=GOVERNANCE,RetainUntilDate=" + time.Now().Add(96*time.Hour).UTC().Format(time.RFC3339)}, named...)...)
	if got := c.ok(append([]string{"s3api", "get-object-retention", "--query", "Retention.Mode", "--output", "text"}, named...)...); got != "COMPLIANCE\n" {
		t.Errorf("%q", got)
	}
	c.ok("s3", "rm", "s3://"+bucket+"/f") // a delete marker
}
