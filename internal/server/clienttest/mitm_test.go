package clienttest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// leavesNothing requires that no temporary file of why403 is left in a folder.
func leavesNothing(t *testing.T, dir string) {
	t.Helper()
	if left, _ := filepath.Glob(filepath.Join(dir, "why403-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

const (
	adminKey, adminSecret   = "AKIAADMIN00000000001", "admin/Secret+Key000000000000000000000001"
	readerKey, readerSecret = "AKIAREADER0000000001", "reader/Secret+Key00000000000000000000001"
)

// why403 run --mitm with real clients under AWS's own names: what they send passes
// as they signed it, by virtual hosts, access points and S3 Control, and what is
// refused is explained. The proxy that was set before is gone through.
func TestMITM(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	t.Run("AWS CLI", func(t *testing.T) {
		aws, c := client(t, "aws", "--version"), startCloud(t)
		dir := t.TempDir()
		file := filepath.Join(dir, "large.bin")
		if err := os.WriteFile(file, large(20<<20), 0o600); err != nil {
			t.Fatal(err)
		}
		mitm := func(env []string, args ...string) (int, string, string) {
			return why403(t, env, append([]string{"run", "--mitm", "--", aws}, args...)...)
		}
		admin, reader := c.env(adminKey, adminSecret), c.env(readerKey, readerSecret)
		for _, args := range [][]string{
			{"s3", "cp", file, "s3://reports/large.bin", "--no-progress"},
			{"s3", "cp", "s3://reports/large.bin", filepath.Join(dir, "back.bin"), "--no-progress"},
			{"s3api", "list-objects-v2", "--bucket", "arn:aws:s3:us-east-1:111122223333:accesspoint/reports-ap"},
			{"s3control", "get-public-access-block", "--account-id", "111122223333"},
			{"sts", "get-caller-identity"},
		} {
			status, out, stderr := mitm(admin, args...)
			if args[0] == "s3control" { // nobody set one
				if status == 0 || !strings.Contains(stderr, "NoSuchPublicAccessBlockConfiguration") {
					t.Errorf("%v: status %d\n%s%s", args, status, out, stderr)
				}
				continue
			}
			if status != 0 || strings.Contains(stderr, "why403:") {
				t.Errorf("%v: status %d\n%s%s", args, status, out, stderr)
			}
		}
		for _, host := range []string{"reports.s3.amazonaws.com", "reports-ap-111122223333.s3-accesspoint.us-east-1.amazonaws.com", "111122223333.s3-control.us-east-1.amazonaws.com"} {
			if !c.met(host + ":443") {
				t.Errorf("the proxy that was set was not asked for %s, but for %v", host, c.asked)
			}
		}
		failed, _, _ := run(t, dir, append(c.endpoint.environ(readerKey, readerSecret), "AWS_ENDPOINT_URL="+c.url), aws, "s3api", "list-objects-v2", "--bucket", "reports")
		status, out, stderr := mitm(reader, "s3api", "list-objects-v2", "--bucket", "reports")
		if status != failed || out != "" || !strings.Contains(stderr, "no-allow-identity") || !strings.Contains(stderr, "why403: refusal 1 of 1") || !strings.Contains(stderr, "ListObjectsV2") {
			t.Errorf("status %d, want %d\n%s%s", status, failed, out, stderr)
		}
		leavesNothing(t, os.TempDir())
	})
}
