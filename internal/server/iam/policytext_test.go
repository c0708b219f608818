package iam

import (
	"os"
	"strings"
	"testing"

	"github.com/why403/why403/estate"
)

// What IAM says of identity-based policies: testdata/identity_policies.txt tells where
// it is from.
func TestIdentityComplaint(t *testing.T) {
	data, err := os.ReadFile("testdata/identity_policies.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(data)) {
		says, document, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "| ")
		if !ok {
			continue // a comment
		}
		n++
		says = strings.TrimSpace(says)
		got := identityComplaint(document, true)
		if _, err := estate.ParseDocument("p", []byte(document)); got == "" && err != nil {
			got = badSyntax
		}
		if got != says {
			t.Errorf("%s\n got %q\nwant %q", document, got, says)
		}
	}
	if n < 100 {
		t.Errorf("%d documents", n)
	}
}

// Inline policies may be of the old version of the language (recorded at AWS in 2026
// by the project versitygw).
func TestOldVersionInline(t *testing.T) {
	const statement = `"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}`
	for _, document := range []string{"{" + statement, `{"Version": "2008-10-17", ` + statement} {
		if got := identityComplaint(document, false); got != "" {
			t.Errorf("inline %s: %s", document, got)
		}
		if got := identityComplaint(document, true); got == "" {
			t.Errorf("managed %s is taken", document)
		}
	}
}

// What IAM says of trust policies: recorded at AWS in 2026 by the projects localstack
// and versitygw.
func TestTrustFormComplaint(t *testing.T) {
	statement := func(s string) string { return `{"Version": "2012-10-17", "Statement": [{` + s + `}]}` }
	const action, anyone = `"Action": "sts:AssumeRole"`, `"Principal": {"AWS": "*"}`
	for _, c := range []struct{ document, says string }{
		{statement(`"Effect": "Allow", ` + anyone + `, ` + action), ""},
		{`{"Statement": {"Effect": "Allow", ` + anyone + `, ` + action + `}}`, ""},
		{"{nonsense", "This policy contains invalid Json"},
		{`{"Version": "2020-01-01", "Statement": []}`, "The policy must contain a valid version string"},
		{`{"Version": "2012-10-17"}`, "Could not parse the policy: Statement is empty!"},
		{`{"Version": "2012-10-17", "Statement": []}`, "Could not parse the policy: Statement is empty!"},
		{statement(anyone + `, ` + action), "Missing required field Effect"},
		{statement(`"Effect": "Maybe", ` + anyone + `, ` + action), "Invalid effect: Maybe"},
		{statement(`"Effect": "Allow", ` + action), "Missing required field Principal"},
		{statement(`"Effect": "Allow", "Principal": "*", ` + action), "Principal must be a JSON object."},
		{statement(`"Effect": "Allow", "NotPrincipal": {"AWS": "*"}, ` + action), "Allow with NotPrincipal is not allowed."},
		{statement(`"Effect": "Deny", "NotPrincipal": {"AWS": "*"}, ` + action), "AssumeRole policy must not contain NotPrincipal field."},
		{statement(`"Effect": "Allow", ` + anyone), "Missing required field Action"},
		{statement(`"Effect": "Allow", ` + anyone + `, ` + action + `, "Resource": "*"`), "Has prohibited field Resource"},
		{statement(`"Effect": "Allow", ` + anyone + `, ` + action + `, "NotResource": "*"`), "AssumeRole policy must not contain resources."},
		{statement(`"Sid": "A", "Effect": "Allow", ` + anyone + `, ` + action + `}, {"Sid": "A", "Effect": "Allow", ` + anyone + `, ` + action), "The Statement Ids in the policy are not unique"},
	} {
		if got := trustFormComplaint(c.document); got != c.says {
			t.Errorf("%s\n got %q\nwant %q", c.document, got, c.says)
		}
	}
}
