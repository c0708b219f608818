package policy_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/why403/why403/policy"
)

// A document per finding. want holds "line:column code" of each finding, and
// behind that what it suggests. The beliefs are those of the IAM User Guide's
// element reference and Access Analyzer's policy checks; actions, their resource
// types and keys are those of the Service Authorization Reference.
var lintTests = []struct {
	name string
	kind policy.Kind
	doc  string
	want []string
}{
	{"nothing to find", policy.Identity, `{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "List", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b", "Condition": {"StringLike": {"s3:prefix": "${aws:PrincipalTag/team}/*"}}},
    {"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject", "s3:Put*"], "Resource": "arn:aws:s3:::b/*"}
  ]}`, nil},
	{"S3's own example of a perimeter", policy.BucketPolicy, `{
  "Version": "2012-10-17",
  "Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
    "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}}}`, nil},

	// Statement ids
	{"equal Sids", policy.Identity, `{"Statement": [
  {"Sid": "A", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
  {"Sid": "A", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}]}`, []string{"3:3 duplicate-sid"}},
	{"empty Sid", policy.BucketPolicy, `{"Statement": [
  {"Sid": "", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]}`, []string{"2:3 empty-sid"}},
	{"Sid with blanks in IAM", policy.Identity, `{"Statement": [
  {"Sid": "read all", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}`, []string{"2:3 sid-characters"}},
	{"Sid with blanks in KMS", policy.KeyPolicy, `{"Statement": [
  {"Sid": "Enable IAM User Permissions", "Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"}]}`, nil},

	// Actions
	{"an operation for an action", policy.Identity, `{"Statement": {"Effect": "Allow",
  "Action": ["s3:HeadObject", "s3:ListObjectsV2"],
  "Resource": "*"}}`, []string{"2:14 no-such-action s3:GetObject", "2:31 no-such-action s3:ListBucket"}},
	{"misspelt", policy.Identity, `{"Statement": {"Effect": "Allow", "Action": "s3:GetObjct", "Resource": "*"}}`,
		[]string{"1:45 no-such-action s3:GetObject"}},
	{"pattern of nothing", policy.Identity, `{"Statement": {"Effect": "Allow", "Action": "s3:Frobnicate*", "Resource": "*"}}`,
		[]string{"1:45 no-such-action"}},
	{"no prefix", policy.Identity, `{"Statement": {"Effect": "Allow", "Action": "getobject", "Resource": "*"}}`,
		[]string{"1:45 no-such-action s3:GetObject"}},
	{"wildcard in the prefix", policy.Identity, `{"Statement": {"Effect": "Allow", "Action": "s*:GetObject", "Resource": "*"}}`,
		[]string{"1:45 no-such-action"}},
	{"no such service", policy.Identity, `{"Statement": {"Effect": "Allow", "Action": ["s4:GetObject", "s4:*"], "Resource": "*"}}`,
		[]string{"1:46 no-such-action", "1:62 no-such-action"}},
	{"kms in a bucket policy", policy.BucketPolicy, `{"Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"},
  "Action": ["s3:GetObject", "kms:Decrypt"], "Resource": "arn:aws:s3:::b/*"}}`,
		[]string{"2:30 action-of-another-service", "2:30 action-never-meets-resource"}},
	{"s3 in a key policy", policy.KeyPolicy, `{"Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"},
  "Action": "s3:GetObject", "Resource": "*"}}`, []string{"2:13 action-of-another-service"}},
	{"Allow with NotAction", policy.Identity, `{"Statement": [
  {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
  {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}`, []string{"2:3 not-action-with-allow"}},

	// Actions and the resources beside them
	{"object action on a bucket", policy.Identity, `{"Statement": {"Effect": "Allow",
  "Action": ["s3:ListBucket", "s3:GetObject"],
  "Resource": "arn:aws:s3:::b"}}`, []string{"2:31 object-action-on-bucket-arn arn:aws:s3:::b/*"}},
	{"bucket action on objects", policy.Identity, `{"Statement": {"Effect": "Allow",
  "Action": ["s3:ListBucket", "s3:GetObject"],
  "Resource": "arn:aws:s3:::b/home/*"}}`, []string{"2:14 bucket-action-on-object-arn arn:aws:s3:::b"}},
	{"a bucket's name with a wildcard covers both", policy.Identity, `{"Statement": {"Effect": "Allow",
  "Action": ["s3:ListBucket", "s3:GetObject"], "Resource": "arn:aws:s3:::b*"}}`, nil},
	{"ListAllMyBuckets on a bucket", policy.Identity, `{"Statement": [
  {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "arn:aws:s3:::b"},
  {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "arn:aws:s3:::*"},
  {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}]}`, []string{"2:33 action-needs-any-resource *"}},
	{"an alias is no key", policy.Identity, `{"Statement": {"Effect": "Allow", "Action": "kms:Decrypt",
  "Resource": "arn:aws:kms:us-east-1:111122223333:alias/data"}}`, []string{"1:45 action-never-meets-resource"}},
	{"an object behind an access point", policy.AccessPointPolicy, `{"Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"},
  "Action": "s3:GetObject", "Resource": "arn:aws:s3:us-east-1:111122223333:accesspoint/ap/object/*"}}`, nil},

	// Resources
	{"no Resource", policy.Identity, `{"Statement": {"Effect": "Allow", "Action": "s3:GetObject"}}`, []string{"1:15 missing-resource"}},
	{"no Resource in a key policy", policy.KeyPolicy, `{"Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*"}}`,
		[]string{"1:15 missing-resource *"}},
	{"a key's ARN in its policy", policy.KeyPolicy, `{"Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*",
  "Resource": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"}}`, []string{"2:15 resource-in-key-policy *"}},
	{"a trust policy's Resource", policy.TrustPolicy, `{"Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole",
  "Resource": "*"}}`, []string{"2:15 resource-in-trust-policy"}},
	{"any resource in a bucket policy", policy.BucketPolicy, `{"Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:GetObject",
  "Resource": "*"}}`, []string{"2:15 resource-any-in-bucket-policy"}},
	{"no ARN", policy.Identity, `{"Statement": {"Effect": "Deny", "Action": "*", "Resource": ["s3://b/*", "arn:aws:s3::b"]}}`,
		[]string{"1:62 resource-not-arn arn:aws:s3:::b/*", "1:74 resource-not-arn"}},
	{"a bucket's ARN with its account", policy.Identity, `{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:us-east-1:111122223333:b/*"}}`,
		[]string{"1:45 action-never-meets-resource", "1:65 bucket-arn-with-account arn:aws:s3:::b/*"}},
	{"Allow with NotResource", policy.Identity, `{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::b/*"}}`,
		[]string{"1:15 not-resource-with-allow"}},

	// Policy variables
	{"variable without version", policy.BucketPolicy, `{"Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:GetObject",
  "Resource": "arn:aws:s3:::b/${aws:username}/*",
  "Condition": {"StringEquals": {"s3:ExistingObjectTag/team": "${aws:PrincipalTag/team}"}}}}`,
		[]string{"2:15 variable-under-old-version 2012-10-17", "3:63 variable-under-old-version 2012-10-17"}},
	{"aws:username", policy.Identity, `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject",
  "Resource": "arn:aws:s3:::b/${aws:username}/*"}}`, []string{"2:15 username-of-role"}},

	// Principals
	{"no Principal", policy.BucketPolicy, `{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}}`, []string{"1:15 missing-principal"}},
	{"a Principal in an identity-based policy", policy.Identity, `{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}}`,
		[]string{"1:15 principal-not-for-kind"}},
	{"ids of the deleted", policy.BucketPolicy, `{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*",
  "Principal": {"AWS": ["AROAEXAMPLE00000000AB", "AIDAEXAMPLE00000000AB"]}}}`, []string{"2:25 principal-recreated", "2:50 principal-recreated"}},
	{"a group", policy.BucketPolicy, `{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*",
  "Principal": {"AWS": "arn:aws:iam::111122223333:group/dev"}}}`, []string{"2:24 principal-group arn:aws:iam::111122223333:root"}},
	{"nobody", policy.BucketPolicy, `{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Principal": {"AWS": [
  "alice",
  "arn:aws:iam::1111:user/alice",
  "arn:aws:iam::111122223333:assumed-role/app/s",
  "arn:aws:sts::111122223333:role/app",
  "arn:aws:sts::111122223333:assumed-role/app",
  "arn:aws:sts::111122223333:assumed-role/path/app/s",
  "arn:aws:iam::111122223333:policy/p",
  "arn:aws:iam::111122223333:user/"],
  "Service": "logging", "CanonicalUser": "abc", "Federated": "accounts.google.com"}}}`, []string{
		"2:3 principal-never-matches",
		"3:3 principal-never-matches",
		"4:3 principal-never-matches arn:aws:sts::111122223333:assumed-role/app/s",
		"5:3 principal-never-matches arn:aws:iam::111122223333:role/app",
		"6:3 principal-never-matches arn:aws:iam::111122223333:role/app",
		"7:3 principal-never-matches arn:aws:sts::111122223333:assumed-role/app/s",
		"8:3 principal-never-matches",
		"9:3 principal-never-matches",
		"10:14 principal-never-matches", "10:42 principal-never-matches", "10:62 principal-never-matches"}},
	{"somebody", policy.BucketPolicy, `{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Principal": {"AWS": [
  "111122223333", "arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:role/path/app", "arn:aws:sts::111122223333:assumed-role/app/s",
  "arn:aws:sts::111122223333:federated-user/bob", "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"],
  "Service": "logging.s3.amazonaws.com"}}}`, nil},
	{"another partition", policy.BucketPolicy, `{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws-cn:s3:::b/*",
  "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}}}`, []string{"2:24 principal-of-another-partition"}},
	{"a web identity provider", policy.TrustPolicy, `{"Statement": {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
  "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
  "Condition": {"StringEquals": {"token.actions.githubusercontent.com:sub": "repo:o/r:ref:refs/heads/main"}}}}`, nil},
	{"Allow with NotPrincipal", policy.BucketPolicy, `{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*",
  "NotPrincipal": {"AWS": "111122223333"}}}`, []string{"1:15 not-principal-with-allow"}},
	{"NotPrincipal without the account", policy.BucketPolicy, `{"Statement": {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*",
  "NotPrincipal": {"AWS": ["arn:aws:iam::111122223333:user/alice", "arn:aws:iam::444455556666:role/app"]}}}`,
		[]string{"1:15 not-principal-with-boundary", "2:28 not-principal-incomplete arn:aws:iam::111122223333:root", "2:68 not-principal-incomplete"}},
	{"a full NotPrincipal", policy.BucketPolicy, `{"Statement": {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*",
  "NotPrincipal": {"AWS": ["111122223333", "arn:aws:iam::111122223333:role/p/app", "arn:aws:sts::111122223333:assumed-role/app/s"]}}}`,
		[]string{"1:15 not-principal-with-boundary"}},

	// Conditions: keys
	{"a key that the action never carries", policy.Identity, `{"Statement": {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObject"], "Resource": "*",
  "Condition": {"StringLike": {"s3:prefix": "home/*"}}}}`, []string{"2:32 condition-key-never-carried"}},
	{"an action whose keys are not known", policy.Identity, `{"Statement": {"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*",
  "Condition": {"StringLike": {"s3:prefix": "home/*"}}}}`, nil},
	{"keys that do not exist", policy.Identity, `{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*",
  "Condition": {"StringEquals": {
    "SourceVpce": "vpce-1a2b3c4d",
    "aws:PrincipalTag": "x",
    "s3:colour": "blue"}}}}`, []string{"3:5 no-such-condition-key", "4:5 no-such-condition-key", "5:5 no-such-condition-key"}},

	// Conditions: types
	{"operators of another type", policy.Identity, `{"Statement": {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*", "Condition": {
  "NumericEquals": {"s3:prefix": "1"},
  "StringEquals": {"s3:max-keys": "10"},
  "StringLike": {"aws:SourceIp": "203.0.113.*"},
  "Bool": {"aws:CurrentTime": "true", "aws:PrincipalArn": "true"}}}}`, []string{
		"2:21 operator-type-mismatch StringEquals", "3:20 operator-type-mismatch NumericEquals", "4:18 operator-type-mismatch IpAddress",
		"5:12 operator-type-mismatch DateLessThan", "5:39 operator-type-mismatch ArnLike"}},
	{"values of another type", policy.Identity, `{"Statement": {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*", "Condition": {
  "NumericLessThan": {"s3:max-keys": "ten"},
  "IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "203.0.113.0/33"]},
  "Bool": {"aws:SecureTransport": "yes"},
  "ArnLike": {"aws:PrincipalArn": "role/app"},
  "DateLessThan": {"aws:CurrentTime": "tomorrow"}}}}`, []string{
		"2:38 value-type-mismatch", "3:52 value-type-mismatch", "4:35 value-type-mismatch", "5:35 value-type-mismatch", "6:39 value-type-mismatch"}},

	// Conditions: set operators
	{"many values and no set operator", policy.SCP, `{"Statement": {"Effect": "Deny", "Action": "s3:*", "Resource": "*",
  "Condition": {"StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}}}}`, []string{"2:34 multi-valued-without-set-operator ForAnyValue:StringEquals"}},
	{"a set operator on one value", policy.Identity, `{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*",
  "Condition": {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-exampleorg01"}}}}`, []string{"2:47 set-operator-on-single-valued StringEquals"}},
	{"ForAllValues alone", policy.Identity, `{"Statement": [
  {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*", "Condition": {"ForAllValues:StringEquals": {"s3:RequestObjectTagKeys": ["a", "b"]}}},
  {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*",
   "Condition": {"ForAllValues:StringEquals": {"s3:RequestObjectTagKeys": ["a", "b"]}, "Null": {"s3:RequestObjectTagKeys": "false"}}}]}`,
		[]string{"2:110 for-all-values-without-null Null"}},

	// Conditions: absent keys
	{"NotIpAddress and endpoints", policy.BucketPolicy, `{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*",
  "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}}`, []string{"2:34 source-ip-behind-endpoint Null", "2:34 source-ip-of-services Bool"}},
	{"NotIpAddress with an endpoint", policy.BucketPolicy, `{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*",
  "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}, "Bool": {"aws:ViaAWSService": "false"}}}}`, nil},
	{"a header that may be left out", policy.BucketPolicy, `{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*",
  "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}}}`, []string{"2:37 negated-operator-on-absent-key Null"}},
	{"only if present", policy.BucketPolicy, `{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*",
  "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}, "Null": {"s3:x-amz-server-side-encryption": "false"}}}}`, nil},
	{"IfExists in an Allow", policy.Identity, `{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*",
  "Condition": {"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1a2b3c4d"}}}}`, []string{"2:42 absent-key-allows"}},
	{"a private range", policy.Identity, `{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*",
  "Condition": {"IpAddress": {"aws:SourceIp": ["10.1.0.0/16", "203.0.113.0/24", "0.0.0.0/0"]}}}}`, []string{"2:48 private-range-in-source-ip aws:VpcSourceIp"}},
	{"MFA and long-term keys", policy.Identity, `{"Statement": [
  {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}},
  {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}},
  {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"NumericLessThanIfExists": {"aws:MultiFactorAuthAge": "3600"}}},
  {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"NumericGreaterThan": {"aws:MultiFactorAuthAge": "3600"}}}]}`, []string{
		"2:80 mfa-absent-for-long-term-keys BoolIfExists", "3:89 mfa-absent-for-long-term-keys Bool",
		"4:100 mfa-absent-for-long-term-keys", "5:94 mfa-absent-for-long-term-keys"}},
	{"MFA as it should be", policy.Identity, `{"Statement": [
  {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}},
  {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}]}`, nil},
	{"MFA's age, and its absence, in S3's example", policy.BucketPolicy, `{"Statement": [
  {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*", "Condition": {"Null": {"aws:MultiFactorAuthAge": "true"}}},
  {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*", "Condition": {"NumericGreaterThan": {"aws:MultiFactorAuthAge": "3600"}}}]}`, nil},

	// Statements that another takes away, in either order
	{"an Allow under a Deny", policy.BucketPolicy, `{"Statement": [
  {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": ["s3:GetObject", "s3:GetObjectVersion"], "Resource": "arn:aws:s3:::b/a/*"},
  {"Effect": "Deny", "Principal": "*", "Action": "s3:Get*", "Resource": "arn:aws:s3:::b/*"}]}`, []string{"2:3 unreachable-allow"}},
	{"a Deny of everything but", policy.Identity, `{"Statement": [
  {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"},
  {"Effect": "Allow", "Action": "iam:GetUser", "Resource": "*"},
  {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}]}`, []string{"2:3 unreachable-allow"}},
	{"what is not proved is not said", policy.BucketPolicy, `{"Statement": [
  {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:Get*", "Resource": "arn:aws:s3:::b/*"},
  {"Effect": "Deny", "Principal": {"AWS": "444455556666"}, "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"},
  {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"},
  {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/a*"},
  {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}`, nil},
}

func TestLint(t *testing.T) {
	for _, tt := range lintTests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := policy.Parse("p.json", []byte(tt.doc))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range policy.Lint(d, tt.kind) {
				got = append(got, strings.TrimSpace(fmt.Sprintf("%d:%d %s %s", f.Pos.Line, f.Pos.Column, f.Code, f.Suggest)))
				t.Log(f)
			}
			if g, w := strings.Join(got, "\n"), strings.Join(tt.want, "\n"); g != w {
				t.Errorf("%s\ngot:\n%s\nwant:\n%s", tt.doc, g, w)
			}
		})
	}
}

// Every code that the source can give stands in the table above.
func TestLintTableIsComplete(t *testing.T) {
	files, err := filepath.Glob("lint*.go")
	if err != nil || len(files) < 4 {
		t.Fatalf("no source: %v", err)
	}
	said := ""
	for _, tt := range lintTests {
		said += strings.Join(tt.want, " ") + " "
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`l\.(?:add|hint)\("([a-z-]+)"`).FindAllStringSubmatch(string(src), -1) {
			if !strings.Contains(said, " "+m[1]+" ") {
				t.Errorf("%s gives %s, and no test has it", file, m[1])
			}
		}
	}
}

// A finding reads as one sentence with its place, code at the end.
func TestFindingString(t *testing.T) {
	d, err := policy.Parse("p.json", []byte(`{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b"}}`))
	if err != nil {
		t.Fatal(err)
	}
	got := policy.Lint(d, policy.Identity)[0].String()
	want := `p.json:1:45: s3:GetObject is asked on objects, and "arn:aws:s3:::b" is a bucket; add "arn:aws:s3:::b/*" (object-action-on-bucket-arn)`
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}
