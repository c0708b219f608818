package iam_test

import (
	"strings"
	"testing"

	"github.com/why403/why403/iam"
)

func TestParseARN(t *testing.T) {
	for s, want := range map[string]iam.ARN{
		"arn:aws:s3:::b/k:1":                              {Partition: "aws", Service: "s3", Resource: "b/k:1"},
		"arn:aws-cn:iam::111122223333:role/a/b":           {Partition: "aws-cn", Service: "iam", Account: "111122223333", Resource: "role/a/b"},
		"arn:aws:s3:us-east-1:111122223333:accesspoint/x": {Partition: "aws", Service: "s3", Region: "us-east-1", Account: "111122223333", Resource: "accesspoint/x"},
	} {
		got, ok := iam.ParseARN(s)
		if !ok || got != want {
			t.Errorf("%s: got %+v, %v", s, got, ok)
		}
		if got.String() != s {
			t.Errorf("%s prints as %s", s, got)
		}
	}
	for _, s := range []string{"", "arn:aws:s3", "b/k", "ARN:aws:s3:::b"} {
		if _, ok := iam.ParseARN(s); ok {
			t.Errorf("%q is taken for an ARN", s)
		}
	}
}

// The forms in which GetCallerIdentity and CloudTrail name principals (IAM User
// Guide, IAM identifiers) read back as they were written.
func TestParsePrincipal(t *testing.T) {
	for s, kind := range map[string]iam.PrincipalKind{
		"arn:aws:iam::111122223333:root":                                          iam.RootUser,
		"arn:aws:iam::111122223333:user/alice":                                    iam.User,
		"arn:aws:iam::111122223333:user/team/a/alice":                             iam.User,
		"arn:aws:iam::111122223333:role/service/app":                              iam.RoleSession,
		"arn:aws:sts::111122223333:assumed-role/app/session-1":                    iam.RoleSession,
		"arn:aws:sts::111122223333:federated-user/carol":                          iam.FederatedUser,
		"logging.s3.amazonaws.com":                                                iam.ServicePrincipal,
		"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E2EXAMPL": iam.OriginAccessIdentity,
	} {
		p, err := iam.ParsePrincipal(s)
		if err != nil || p.Kind != kind || p.ARN() != s {
			t.Errorf("%s: got %v %q, %v", s, p.Kind, p.ARN(), err)
		}
	}
	for s, want := range map[string]string{
		"alice":                               "neither an ARN",
		"111122223333":                        "for its root user write",
		"arn:aws:iam::111122223333:group/dev": "groups never make requests",
		"arn:aws:sts::111122223333:assumed-role/app": "lacks the session name",
		"arn:aws:iam::1:user/x":                      "twelve digits",
		"arn:aws:iam::111122223333:user/":            "lacks a name",
		"arn:aws:s3:::bucket":                        "twelve digits",
	} {
		if _, err := iam.ParsePrincipal(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", s, err, want)
		}
	}
}

// Words that users see read back to the same value, and others are refused.
func TestWords(t *testing.T) {
	for g := range iam.NumGates {
		var back iam.Gate
		if err := back.UnmarshalText([]byte(g.String())); err != nil || back != g {
			t.Errorf("gate %s reads back as %v, %v", g, back, err)
		}
	}
	var v iam.Verdict
	if err := v.UnmarshalText([]byte("maybe")); err == nil {
		t.Error("a verdict \"maybe\"")
	}
	if v != iam.Denied {
		t.Error("the zero verdict is not denied")
	}
}
