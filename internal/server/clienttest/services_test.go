package clienttest

import (
	"path/filepath"
	"testing"
)

// testdata/kms.py is a session of boto3 with KMS.
func TestKMSBoto3(t *testing.T) { python(t, "kms.py") }

// testdata/organizations.py is a session of boto3 with Organizations.
func TestOrganizationsBoto3(t *testing.T) { python(t, "organizations.py") }

// testdata/ec2.py is a session of boto3 with the VPC endpoints of EC2.
func TestEC2Boto3(t *testing.T) { python(t, "ec2.py") }

// python runs a session of boto3 as the estate's administrator.
func python(t *testing.T, session string) {
	t.Parallel()
	python := client(t, "python3", "-c", "import boto3")
	p := start(t)
	script, err := filepath.Abs(filepath.Join("testdata", session))
	if err != nil {
		t.Fatal(err)
	}
	status, out, stderr := run(t, t.TempDir(), p.environ("AKIAADMIN00000000001", "admin/Secret+Key000000000000000000000001"), python, script)
	if status != 0 {
		t.Errorf("status %d\n%s%s", status, out, stderr)
	}
}
