package clienttest

import (
	"encoding/base64"
	"path/filepath"
	"strings"
	"testing"
)

// testdata/kms.py is a session of boto3 with KMS.
func TestKMSBoto3(t *testing.T) { python(t, "kms.py") }

// testdata/organizations.py is a session of boto3 with Organizations.
func TestOrganizationsBoto3(t *testing.T) { python(t, "organizations.py") }

// testdata/ec2.py is a session of boto3 with the VPC endpoints of EC2.
func TestEC2Boto3(t *testing.T) { python(t, "ec2.py") }

// testdata/cloudtrail.py is a session of boto3 with CloudTrail.
func TestCloudTrailBoto3(t *testing.T) { python(t, "cloudtrail.py") }

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

// The AWS CLI makes a key, a unit with an account and a policy, and an endpoint, and
// S3 heeds all three.
func TestServicesCLI(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	word := func(args ...string) string { return strings.TrimSpace(c.ok(append(args, "--output", "text")...)) }

	key := word("kms", "create-key", "--description", "of the CLI", "--query", "KeyMetadata.KeyId")
	c.ok("kms", "create-alias", "--alias-name", "alias/cli", "--target-key-id", key)
	c.file("plain", "hello")
	c.file("sealed", "")
	sealed := word("kms", "encrypt", "--key-id", "alias/cli", "--plaintext", "fileb://plain", "--encryption-context", "a=b", "--query", "CiphertextBlob")
	raw, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		t.Fatal(err)
	}
	c.file("sealed", string(raw))
	if got := word("kms", "decrypt", "--ciphertext-blob", "fileb://sealed", "--encryption-context", "a=b", "--query", "Plaintext"); got != "aGVsbG8=" {
		t.Errorf("decrypted %q", got)
	}
	c.fails("(InvalidCiphertextException)", "kms", "decrypt", "--ciphertext-blob", "fileb://sealed")
	c.ok("s3", "mb", "s3://why403-cli-services")
	c.ok("s3", "cp", "plain", "s3://why403-cli-services/k", "--sse", "aws:kms", "--sse-kms-key-id", "alias/cli")
	c.ok("kms", "schedule-key-deletion", "--key-id", key)
	c.fails("is pending deletion", "s3", "cp", "s3://why403-cli-services/k", "out")
	c.ok("kms", "cancel-key-deletion", "--key-id", key)
	c.ok("kms", "enable-key", "--key-id", key)
	c.ok("s3", "cp", "s3://why403-cli-services/k", "out")

	vpc := word("ec2", "create-vpc", "--cidr-block", "10.1.0.0/16", "--query", "Vpc.VpcId")
	id := word("ec2", "create-vpc-endpoint", "--vpc-id", vpc, "--service-name", "com.amazonaws.us-east-1.s3", "--query", "VpcEndpoint.VpcEndpointId")
	if got := word("ec2", "describe-vpc-endpoints", "--filters", "Name=vpc-id,Values="+vpc, "--query", "VpcEndpoints[].VpcEndpointId"); got != id {
		t.Errorf("endpoints of %s: %q, want %q", vpc, got, id)
	}
	nobody := c.as("AKIANOBODY0000000001", "nobody/Secret+Key00000000000000000000001")
	nobody.fails("(UnauthorizedOperation)", "ec2", "delete-vpc-endpoints", "--vpc-endpoint-ids", id)

	o := c.as("AKIASOLO000000000001", "solo/Secret+Key0000000000000000000000001")
	o.ok("organizations", "create-organization")
	root := strings.TrimSpace(o.ok("organizations", "list-roots", "--query", "Roots[0].Id", "--output", "text"))
	o.ok("organizations", "enable-policy-type", "--root-id", root, "--policy-type", "SERVICE_CONTROL_POLICY")
	o.ok("organizations", "create-account", "--account-name", "web", "--email", "web@example.com")
	if got := o.ok("organizations", "list-create-account-status", "--query", "CreateAccountStatuses[].State", "--output", "text"); got != "SUCCEEDED\n" {
		t.Errorf("the account is %q", got)
	}
	nobody.fails("(AccessDeniedException)", "organizations", "list-accounts")
}
