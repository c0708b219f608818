package clienttest

import (
	"os"
	"os/exec"
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

// mitm runs a program with --mitm, and its own temporary folder.
func mitm(t *testing.T, env []string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	return why403(t, env, append([]string{"run", "--mitm", "--"}, args...)...)
}

// why403 run --mitm with real clients under AWS's own names: what they send passes
// as they signed it, by virtual hosts, access points and S3 Control, and what is
// refused is explained. The proxy that was set before is gone through.
func TestMITM(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Run("AWS CLI", mitmOfCLI)
	t.Run("boto3, role of a profile", func(t *testing.T) {
		python, c := client(t, "python3", "-c", "import boto3"), startCloud(t)
		script, err := filepath.Abs(filepath.Join("testdata", "role.py"))
		if err != nil {
			t.Fatal(err)
		}
		status, out, stderr := mitm(t, asProfile(c.env("", ""), roleConfig(t)), python, script)
		refusedOfApp(t, status, out, stderr)
	})
	t.Run("presigned and anonymous", func(t *testing.T) {
		python, c := client(t, "python3", "-c", "import boto3"), startCloud(t)
		script, err := filepath.Abs(filepath.Join("testdata", "presign.py"))
		if err != nil {
			t.Fatal(err)
		}
		status, out, stderr := mitm(t, c.env(adminKey, adminSecret), python, script)
		if status != 0 || out != "403\n" || !strings.Contains(stderr, "signature-mismatch") || !strings.Contains(stderr, "why403: refusal 2 of 2") {
			t.Errorf("status %d\n%s%s", status, out, stderr)
		}
	})
	t.Run("SDK for Go, role of a profile", func(t *testing.T) {
		c := startCloud(t)
		exe, variable := goClient(t)
		status, out, stderr := mitm(t, append(asProfile(c.env("", ""), roleConfig(t)), variable, "AWS_CA_BUNDLE="+c.bundle), exe)
		refusedOfApp(t, status, out, stderr)
	})
	t.Run("rclone, which looks at no AWS_ENDPOINT_URL", func(t *testing.T) {
		rclone, c := client(t, "rclone", "version"), startCloud(t)
		rc := []string{"RCLONE_CONFIG=" + filepath.Join(t.TempDir(), "none.conf"), "RCLONE_CONFIG_W_TYPE=s3", "RCLONE_CONFIG_W_PROVIDER=AWS",
			"RCLONE_CONFIG_W_REGION=us-east-1", "RCLONE_CONFIG_W_ENV_AUTH=true", "RCLONE_RETRIES=1", "RCLONE_LOW_LEVEL_RETRIES=1"}
		env := c.env(readerKey, readerSecret, rc...)
		status, _, stderr := mitm(t, env, rclone, "lsf", "w:reports")
		if status == 0 || !strings.Contains(stderr, "why403: refusal 1 of 1") || !strings.Contains(stderr, "no-allow-identity") {
			t.Errorf("status %d\n%s", status, stderr)
		}
		if status, out, stderr := mitm(t, c.env(adminKey, adminSecret, rc...), rclone, "cat", "w:reports/2026/q1.csv"); status != 0 || strings.Contains(stderr, "why403:") {
			t.Errorf("status %d\n%s%s", status, out, stderr)
		}
		if status, _, stderr := why403(t, env, "--", rclone, "lsf", "w:reports"); status == 0 || !strings.Contains(stderr, "no request to S3 came by") {
			t.Errorf("without --mitm: status %d\n%s", status, stderr)
		}
	})
	t.Run("Terraform", func(t *testing.T) {
		terraform, err := exec.LookPath("terraform")
		if err != nil {
			t.Skip("Terraform is not installed; Debian has no package of it, so that scripts/test does not require it: ", err)
		}
		c, dir := startCloud(t), t.TempDir()
		write(t, filepath.Join(dir, "main.tf"), "terraform {\n  backend \"s3\" {\n    bucket = \"reports\"\n    key    = \"state\"\n    region = \"us-east-1\"\n  }\n}\n")
		status, _, stderr := mitm(t, c.env(readerKey, readerSecret), terraform, "-chdir="+dir, "init", "-input=false")
		if status != 1 || !strings.Contains(stderr, "why403: refusal 2 of 2") || !strings.Contains(stderr, "ListObjectsV2") || !strings.Contains(stderr, "no-allow-identity") {
			t.Errorf("status %d\n%s", status, stderr)
		}
		if status, out, stderr := mitm(t, c.env(adminKey, adminSecret), terraform, "-chdir="+dir, "init", "-input=false"); status != 0 || strings.Contains(stderr, "why403:") {
			t.Errorf("status %d\n%s%s", status, out, stderr)
		}
	})
	leavesNothing(t, dir)
}

func mitmOfCLI(t *testing.T) {
	aws, c := client(t, "aws", "--version"), startCloud(t)
	file := filepath.Join(t.TempDir(), "large.bin")
	if err := os.WriteFile(file, large(20<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"s3", "cp", file, "s3://reports/large.bin", "--no-progress"},
		{"s3", "cp", "s3://reports/large.bin", file + ".back", "--no-progress"},
		{"s3api", "list-objects-v2", "--bucket", "arn:aws:s3:us-east-1:111122223333:accesspoint/reports-ap"},
		{"s3control", "list-access-points", "--account-id", "111122223333"},
		{"s3api", "head-bucket", "--bucket", "europe"}, // whose Region the first answer tells
		{"sts", "get-caller-identity"},
	} {
		if status, out, stderr := mitm(t, c.env(adminKey, adminSecret), append([]string{aws}, args...)...); status != 0 || strings.Contains(stderr, "why403:") {
			t.Errorf("%v: status %d\n%s%s", args, status, out, stderr)
		}
	}
	for _, host := range []string{"reports.s3.amazonaws.com", "reports-ap-111122223333.s3-accesspoint.us-east-1.amazonaws.com", "111122223333.s3-control.us-east-1.amazonaws.com"} {
		if !c.met(host + ":443") {
			t.Errorf("the proxy that was set was not asked for %s, but for %v", host, c.asked)
		}
	}
	failed, _, _ := run(t, t.TempDir(), append(c.environ(readerKey, readerSecret), "AWS_ENDPOINT_URL="+c.url), aws, "s3api", "list-objects-v2", "--bucket", "reports")
	status, out, stderr := mitm(t, c.env(readerKey, readerSecret), aws, "s3api", "list-objects-v2", "--bucket", "reports")
	if status != failed || out != "" || !strings.Contains(stderr, "no-allow-identity") || !strings.Contains(stderr, "why403: refusal 1 of 1") || !strings.Contains(stderr, "ListObjectsV2") {
		t.Errorf("status %d, want %d\n%s%s", status, failed, out, stderr)
	}
}
