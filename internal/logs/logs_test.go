package logs_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/ingest"
	"github.com/why403/why403/internal/logs"
)

// The records follow the examples of the fact sheet: a refusal with S3's reason, one
// across accounts in the copies of caller and owner, network activity, the KMS leg.
const trail = `{"Records":[
{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLEAPP0000000:session-1","arn":"arn:aws:sts::111122223333:assumed-role/app/session-1","accountId":"111122223333","sessionContext":{"sessionIssuer":{"type":"Role","arn":"arn:aws:iam::111122223333:role/app"},"attributes":{"mfaAuthenticated":"false"}}},"eventTime":"2026-11-22T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.7","errorCode":"AccessDenied","errorMessage":"User: arn:aws:sts::111122223333:assumed-role/app/session-1 is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::my-bucket/data/report.csv\" because no identity-based policy allows the s3:GetObject action","requestParameters":{"bucketName":"my-bucket","key":"data/report.csv"},"additionalEventData":{"SignatureVersion":"SigV4","CipherSuite":"x","AuthenticationMethod":"AuthHeader"},"requestID":"K5FWSE7EXAMPLE","eventID":"e1","eventType":"AwsApiCall","eventCategory":"Data"},
{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/dev","accountId":"111122223333"},"eventTime":"2026-11-22T11:00:00Z","eventSource":"s3.amazonaws.com","eventName":"DeleteObject","errorCode":"AccessDenied","errorMessage":"User: arn:aws:iam::111122223333:user/dev is not authorized to perform: s3:DeleteObject on resource: \"arn:aws:s3:::my-bucket/t/x.txt\" with an explicit deny in an identity-based policy: arn:aws:iam::111122223333:policy/phase4-explicit-deny-policy","requestParameters":{"bucketName":"my-bucket","key":"t/x.txt"},"requestID":"R2","eventID":"e2"},
{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::444455556666:assumed-role/reader/batch-17","accountId":"444455556666"},"eventTime":"2026-11-22T12:00:00Z","eventSource":"s3.amazonaws.com","eventName":"ListObjects","errorCode":"AccessDenied","errorMessage":"Access Denied","requestParameters":{"list-type":"2","bucketName":"my-bucket","prefix":"data/"},"requestID":"R3","eventID":"e3","sharedEventID":"65422b38","recipientAccountId":"444455556666"},
{"eventVersion":"1.11","userIdentity":{"type":"AWSAccount","principalId":"AROAEXAMPLEREADER0000:batch-17","accountId":"444455556666"},"eventTime":"2026-11-22T12:00:00Z","eventSource":"s3.amazonaws.com","eventName":"ListObjects","errorCode":"AccessDenied","errorMessage":"Access Denied","requestParameters":{"list-type":"2","bucketName":"my-bucket","prefix":"data/"},"requestID":"R3","eventID":"e4","sharedEventID":"65422b38","recipientAccountId":"111122223333"},
{"eventVersion":"1.09","userIdentity":{"type":"AWSAccount","principalId":"AROAEXAMPLEREADER0000:batch-17","accountId":"444455556666"},"eventTime":"2026-11-22T13:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","sourceIPAddress":"10.0.1.15","errorCode":"VpceAccessDenied","errorMessage":"The request was denied due to a VPC endpoint policy","requestID":"R5","eventID":"e5","eventType":"AwsVpceEvent","vpcEndpointId":"vpce-1a2b3c4d","eventCategory":"NetworkActivity"},
{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/app/session-1","accountId":"111122223333","invokedBy":"fas.s3.amazonaws.com"},"eventTime":"2026-11-22T14:00:00Z","eventSource":"kms.amazonaws.com","eventName":"Decrypt","awsRegion":"us-east-1","errorCode":"AccessDenied","errorMessage":"User: arn:aws:sts::111122223333:assumed-role/app/session-1 is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab because no identity-based policy allows the kms:Decrypt action","requestParameters":{"encryptionContext":{"aws:s3:arn":"arn:aws:s3:::my-bucket/data/report.csv"},"keyId":"arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"},"requestID":"R6","eventID":"e6"},
{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/dev"},"eventTime":"2026-11-22T14:00:00Z","eventSource":"kms.amazonaws.com","eventName":"Decrypt","errorCode":"AccessDenied","errorMessage":"not of S3","requestID":"R7","eventID":"e7"},
{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/dev"},"eventTime":"2026-11-22T15:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","errorCode":"NoSuchKey","requestParameters":{"bucketName":"my-bucket","key":"k"},"requestID":"R8","eventID":"e8"}]}`

const owner = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"

// The first line is the first record's request, the second one that CloudTrail does
// not have.
const access = owner + ` my-bucket [22/Nov/2026:09:59:59 +0000] 203.0.113.7 arn:aws:sts::111122223333:assumed-role/app/session-1 K5FWSE7EXAMPLE REST.GET.OBJECT data/report.csv "GET /data/report.csv HTTP/1.1" 403 AccessDenied 243 - 9 - "-" "Boto3" - h= SigV4 x AuthHeader my-bucket.s3.us-east-1.amazonaws.com TLSv1.2 - - -
` + owner + ` my-bucket [22/Nov/2026:16:00:00 +0000] 203.0.113.7 - S1 REST.GET.OBJECT data/report.csv "GET /data/report.csv HTTP/1.1" 403 SignatureDoesNotMatch 243 - 9 - "-" "Boto3" - h= SigV4 x AuthHeader my-bucket.s3.us-east-1.amazonaws.com TLSv1.2 - - -
`

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func analyse(t *testing.T, e *estate.Estate, paths ...string) *logs.Report {
	t.Helper()
	out, err := (&logs.Analysis{Estate: e, Sources: &ingest.Sources{Paths: paths}, Options: ingest.Options{Strict: true, Workers: 2}, Tally: &ingest.Tally{}}).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// lines writes groups in a line each.
func lines(list []*logs.Denial) []string {
	var out []string
	for _, d := range list {
		gate, reason := "-", "-"
		if d.Cause != nil {
			gate, reason = d.Cause.Gate, d.Cause.Reason+" "+d.Cause.Policy
		}
		out = append(out, fmt.Sprint(d.Count, " ", d.Operation, " ", d.Bucket, " ", d.Principal, " ", gate, " ", reason, " ", d.Example.RequestID, " ", d.FirstText))
	}
	slices.Sort(out)
	return out
}

// Without an estate the cause is what AWS's words tell; what several logs have is
// one request, and who it was is what the fullest of them says.
func TestWithoutEstate(t *testing.T) {
	out := analyse(t, nil, write(t, "trail.json", trail), write(t, "access.log", access))
	want := []string{
		"1 DeleteObject my-bucket arn:aws:iam::111122223333:user/dev identity deny-identity arn:aws:iam::111122223333:policy/phase4-explicit-deny-policy R2 2026-11-22T11:00:00Z",
		"1 GetObject  AROAEXAMPLEREADER0000 of 444455556666 vpc-endpoint deny-vpc-endpoint  R5 2026-11-22T13:00:00Z",
		"1 GetObject my-bucket anonymous signature signature-mismatch  S1 2026-11-22T16:00:00Z",
		"1 GetObject my-bucket arn:aws:iam::111122223333:role/app identity no-allow-identity  K5FWSE7EXAMPLE 2026-11-22T09:59:59Z",
		"1 ListObjectsV2 my-bucket arn:aws:sts::444455556666:assumed-role/reader - - R3 2026-11-22T12:00:00Z",
		"1 kms:Decrypt my-bucket arn:aws:sts::111122223333:assumed-role/app kms no-allow-kms-identity  R6 2026-11-22T14:00:00Z",
	}
	if diff := cmp.Diff(want, lines(out.Denials)); diff != "" || out.Denied != 6 {
		t.Errorf("%d denied\n%s", out.Denied, diff)
	}
	if len(out.Notes) != 1 || !out.NetworkActivity {
		t.Errorf("notes %q", out.Notes)
	}
	var page bytes.Buffer
	if err := out.HTML(&page); err != nil || strings.Contains(page.String(), "<script") || !strings.Contains(page.String(), "<svg") {
		t.Errorf("%v: %s", err, page.String())
	}
}

// With an estate the statement is named, and what disagrees with it stands apart.
func TestWithEstate(t *testing.T) {
	e, err := estate.Parse("estate.json", []byte(`{"version": 1, "accounts": {"111122223333": {"roles": {"app": {}}, "users": {"dev": {"inline": {"all": {"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Sid": "KeepK", "Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::my-bucket/k"}]}}}},
		"buckets": {"my-bucket": {"document": {"Version": "2012-10-17", "Statement": [{"Sid": "No", "Effect": "Deny", "Principal": "*", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::my-bucket"}]}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	out := analyse(t, e, write(t, "trail.json", trail))
	want := []string{
		"1 DeleteObject my-bucket arn:aws:iam::111122223333:user/dev identity deny-identity arn:aws:iam::111122223333:policy/phase4-explicit-deny-policy R2 2026-11-22T11:00:00Z",
		"1 GetObject my-bucket arn:aws:iam::111122223333:user/dev identity deny-identity all R8 2026-11-22T15:00:00Z",
	}
	if diff := cmp.Diff(want, lines(out.Disagreements)); diff != "" {
		t.Error(diff)
	}
	denied := lines(out.Denials)
	if len(denied) != 4 || !slices.ContainsFunc(denied, func(s string) bool {
		return strings.Contains(s, "ListObjectsV2 my-bucket arn:aws:sts::444455556666:assumed-role/reader bucket-policy deny-resource-policy my-bucket R3")
	}) {
		t.Errorf("%s", strings.Join(denied, "\n"))
	}
}

// What may be behind a refusal that the estate does not show hangs on what was asked.
func TestLikelyReasons(t *testing.T) {
	e, err := estate.Parse("estate.json", []byte(`{"version": 1, "accounts": {"111122223333": {"roles": {"app": {"inline": {"all": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::my-bucket/*"}]}}}}, "buckets": {"my-bucket": {}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	get := strings.SplitAfter(access, "\n")[0]
	for line, want := range map[string]string{get: "the key does not exist", strings.ReplaceAll(get, "GET", "PUT"): "an ACL, tags or encryption"} {
		out := analyse(t, e, write(t, "access.log", line))
		if len(out.Disagreements) != 1 || !strings.Contains(out.Disagreements[0].Why, want) {
			t.Errorf("%+v, want %q", out.Disagreements, want)
		}
	}
	// CloudTrail's message that speaks of listing tells that the key was not there.
	missing := strings.NewReplacer("s3:GetObject on resource: \\\"arn:aws:s3:::my-bucket/data/report.csv\\\"", "s3:ListBucket on resource: \\\"arn:aws:s3:::my-bucket\\\"", "the s3:GetObject action", "the s3:ListBucket action").Replace(strings.Split(trail, "\n")[1])
	out := analyse(t, e, write(t, "trail.json", strings.TrimSuffix(missing, ",")))
	if len(out.Disagreements) != 0 || len(out.Denials) != 1 || out.Denials[0].Cause.Gate != "existence" {
		t.Errorf("%v, %v", lines(out.Denials), lines(out.Disagreements))
	}
}
