package replay

import (
	"fmt"
	"strings"
	"testing"

	"github.com/why403/why403/internal/ingest"
)

// world is an estate with holes, for changes of which a past success or refusal proves
// less than it seems to.
const world = `{"version": 1, "accounts": {"111122223333": {
 "roles": {
  "app": {"inline": {"p": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}}},
  "dark": {"unknown": [{"what": "inline", "why": "AccessDenied"}]},
  "none": {}},
 "keys": {"1234abcd-12ab-34cd-56ef-1234567890ab": {"region": "us-east-1"}},
 "buckets": {
  "b": {"document": DOCUMENT, "publicAccessBlock": false, "ownership": "BucketOwnerPreferred", "encryption": {"algorithm": "AES256", "blocked": []}},
  "pub": {"publicAccessBlock": false, "ownership": "ObjectWriter", "unknown": [{"what": "document", "why": "AccessDenied"}], "objects": {"open": {"acl": {"canned": "public-read"}}}}}}}}`

// open is a bucket policy that lets the role dark in, and everyone read.
const open = `{"Version": "2012-10-17", "Statement": [{"Sid": "Dark", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/dark"}, "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]},
 {"Sid": "Everyone", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/public/*"}]}`

func onlyEveryone() string {
	head, tail, _ := strings.Cut(open, `{"Sid": "Dark"`)
	_, tail, _ = strings.Cut(tail, `{"Sid": "Everyone"`)
	return head + `{"Sid": "Everyone"` + tail
}

func denies(action, resource, condition string) string {
	return `{"Version": "2012-10-17", "Statement": [{"Sid": "New", "Effect": "Deny", "Principal": "*", "Action": "` + action + `", "Resource": ["arn:aws:s3:::b", "` + resource + `"]` + condition + `}, ` + strings.SplitAfterN(open, "[", 2)[1]
}

// trailOf is a record of CloudTrail by a role, lineOf one of an access log.
func trailOf(role, event, more string) string {
	return `{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAX:s1","arn":"arn:aws:sts::111122223333:assumed-role/` + role + `/s1","accountId":"111122223333","sessionContext":{"sessionIssuer":{"type":"Role","arn":"arn:aws:iam::111122223333:role/` + role +
		`"},"attributes":{"creationDate":"2026-11-22T09:50:00Z","mfaAuthenticated":"false"}}},"eventTime":"2026-11-22T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"` + event + `","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.7","userAgent":"[aws-cli/2]","requestID":"R1","eventID":"e1","eventCategory":"Data","additionalEventData":{"SignatureVersion":"SigV4","CipherSuite":"x","AuthenticationMethod":"AuthHeader"},` + more + `}`
}

func params(rest string) string { return `"requestParameters":{"bucketName":"b",` + rest + `}` }

func lineOf(role, operation, key, status string) string {
	method := strings.Split(operation, ".")[1]
	return `79a5 b [22/Nov/2026:10:00:00 +0000] 203.0.113.7 arn:aws:sts::111122223333:assumed-role/` + role + `/s1 R1 ` + operation + ` ` + key + ` "` + method + ` /` + key + ` HTTP/1.1" ` + status + ` 1 1 2 1 "-" "aws-cli/2" - h= SigV4 x AuthHeader b.s3.us-east-1.amazonaws.com TLSv1.3 - - -`
}

const refusedBySession = `,"errorCode":"AccessDenied","errorMessage":"User: arn:aws:sts::111122223333:assumed-role/none/s1 is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::b/k\" because no session policy allows the s3:GetObject action"`

// What a past success or refusal does not prove is not claimed; what it does prove is.
func TestProof(t *testing.T) {
	file := func(text string) string { return writeFile(t, "p.json", text) }
	edited := func(from, to string) string {
		text := strings.Replace(world, "DOCUMENT", open, 1)
		if !strings.Contains(text, from) {
			t.Fatal(from)
		}
		return writeFile(t, "estate.json", strings.ReplaceAll(text, from, to))
	}
	allowNone := file(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}`)
	putNone := file(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}]}`)
	kms := strings.Replace(strings.Replace(trailOf("app", "Decrypt", `"requestParameters":{"encryptionContext":{"aws:s3:arn":"arn:aws:s3:::b/k"},"keyId":"arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"}`), "s3.amazonaws", "kms.amazonaws", 1), `"accountId"`, `"invokedBy":"fas.s3.amazonaws.com","accountId"`, 1)
	for _, c := range []struct {
		name, trail, access, change string
		want                        string // how many requests of each category that counts
	}{
		{"a key that was not there, for who may not list any more", trailOf("app", "GetObject", params(`"key":"k"`)+`,"errorCode":"NoSuchKey"`), "", "bucket-policy:b=" + file(denies("s3:ListBucket", "arn:aws:s3:::b/*", "")), "denied 1"},
		{"the same, of an access log", "", lineOf("app", "REST.HEAD.OBJECT", "k", "404 NoSuchKey"), "bucket-policy:b=" + file(denies("s3:ListBucket", "arn:aws:s3:::b/*", "")), "denied 1"},
		{"a key that was there", trailOf("app", "GetObject", params(`"key":"k"`)), "", "bucket-policy:b=" + file(denies("s3:ListBucket", "arn:aws:s3:::b/*", "")), "works 1"},

		{"headers that the log does not have", "", lineOf("app", "REST.PUT.OBJECT", "k", "200 -"), "bucket-policy:b=" + file(denies("s3:PutObjectAcl", "arn:aws:s3:::b/*", "")), "unknown 1"},
		{"headers that CloudTrail has", trailOf("app", "PutObject", params(`"key":"k"`)), "", "bucket-policy:b=" + file(denies("s3:PutObjectAcl", "arn:aws:s3:::b/*", "")), "works 1"},
		{"both logs of it", trailOf("app", "PutObject", params(`"key":"k"`)), lineOf("app", "REST.PUT.OBJECT", "k", "200 -"), "bucket-policy:b=" + file(denies("s3:PutObjectAcl", "arn:aws:s3:::b/*", "")), "works 1"},
		{"an ACL that CloudTrail has", trailOf("app", "PutObject", params(`"key":"k","x-amz-acl":"public-read"`)), lineOf("app", "REST.PUT.OBJECT", "k", "200 -"), "bucket-policy:b=" + file(denies("s3:PutObjectAcl", "arn:aws:s3:::b/*", "")), "denied 1"},
		{"tags, which no log has", trailOf("app", "PutObject", params(`"key":"k"`)), lineOf("app", "REST.PUT.OBJECT", "k", "200 -"), "bucket-policy:b=" + file(denies("s3:PutObjectTagging", "arn:aws:s3:::b/*", "")), "unknown 1"},
		{"ACLs disabled", "", lineOf("app", "REST.PUT.OBJECT", "k", "200 -"), "ownership:b=BucketOwnerEnforced", "unknown 1"},
		{"ACLs disabled, CloudTrail", trailOf("app", "PutObject", params(`"key":"k","x-amz-acl":"public-read"`)), "", "ownership:b=BucketOwnerEnforced", "denied 1"},
		{"an unencrypted upload refused", "", lineOf("app", "REST.PUT.OBJECT", "k", "200 -"), "bucket-policy:b=" + file(denies("s3:PutObject", "arn:aws:s3:::b/*", `,"Condition":{"Null":{"s3:x-amz-server-side-encryption":"true"}}`)), "unknown 1"},

		{"the statement that may have let it in goes", trailOf("dark", "GetObject", params(`"key":"k"`)), "", "bucket-policy:b=" + file(onlyEveryone()), "unknown 1"},
		{"the policy of everyone stays", trailOf("dark", "GetObject", params(`"key":"public/k"`)), "", "bucket-policy:b=" + file(open), "works 1"},
		{"a tag that nobody knows", trailOf("app", "GetObject", params(`"key":"k"`)), "", "bucket-policy:b=" + file(denies("s3:*", "arn:aws:s3:::b/*", `,"Condition":{"StringEquals":{"aws:PrincipalTag/team":"x"}}`)), "unknown 1"},
		{"a source identity that the record has", strings.Replace(trailOf("app", "GetObject", params(`"key":"k"`)), `"sessionIssuer"`, `"sourceIdentity":"bob","sessionIssuer"`, 1), "", "bucket-policy:b=" + file(denies("s3:*", "arn:aws:s3:::b/*", `,"Condition":{"StringEquals":{"aws:SourceIdentity":"bob"}}`)), "denied 1"},

		{"everyone is shut out", strings.Replace(trailOf("app", "GetObject", params(`"key":"public/k"`)), `"type":"AssumedRole","principalId":"AROAX:s1","arn":"arn:aws:sts::111122223333:assumed-role/app/s1","accountId":"111122223333"`, `"type":"AWSAccount","principalId":"","accountId":"anonymous"`, 1), "", "public-access-block:b=on", "denied 1"},
		{"grants of an object's ACL go, of a bucket whose policy is not known", strings.Replace(trailOf("none", "GetObject", params(`"key":"open"`)), `"bucketName":"b"`, `"bucketName":"pub"`, 1), "", edited(`"public-read"`, `"private"`), "unknown 1"},

		{"objects that CloudTrail does not name", trailOf("app", "DeleteObjects", params(`"delete":""`)), "", "bucket-policy:b=" + file(denies("s3:DeleteObject", "arn:aws:s3:::b/kept/*", "")), "unknown 1"},
		{"a key's policy", kms, "", "key:1234abcd-12ab-34cd-56ef-1234567890ab=" + file(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/none"},"Action":"kms:*","Resource":"*"}]}`), "denied 1"},

		{"refused by a session policy", trailOf("none", "GetObject", params(`"key":"k"`)+refusedBySession), "", "identity:role/none=" + allowNone, "unknown 1"},
		{"the same, which the access log does not tell", trailOf("none", "GetObject", params(`"key":"k"`)+refusedBySession), lineOf("none", "REST.GET.OBJECT", "k", "403 AccessDenied"), "identity:role/none=" + allowNone, "unknown 1"},
		{"refused for want of an allow", trailOf("none", "ListObjects", params(`"prefix":"k"`)+strings.ReplaceAll(refusedBySession, "session", "identity-based")), lineOf("none", "REST.GET.BUCKET", "-", "403 AccessDenied"), "identity:role/none=" + allowNone, "allowed 1"},
		{"refused for an ACL that CloudTrail alone has", trailOf("none", "PutObject", params(`"key":"k","x-amz-acl":"public-read"`)+`,"errorCode":"AccessDenied"`), lineOf("none", "REST.PUT.OBJECT", "k", "403 AccessDenied"), "identity:role/none=" + putNone, "refused 1"},
		{"refused, and the access log alone has it", "", lineOf("none", "REST.PUT.OBJECT", "k", "403 AccessDenied"), "identity:role/none=" + putNone, "allowed 1"},
		{"an address of carriers came through an endpoint", "", strings.Replace(lineOf("app", "REST.GET.OBJECT", "k", "200 -"), "203.0.113.7", "100.64.3.4", 1), "bucket-policy:b=" + file(denies("s3:*", "arn:aws:s3:::b/*", `,"Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-0a1b2c3d"}}`)), "unknown 1"},
		{"an expired URL", "", strings.NewReplacer("AuthHeader", "QueryString", "/k HTTP", "/k?X-Amz-Date=20261122T080000Z&X-Amz-Expires=3600 HTTP").Replace(lineOf("none", "REST.GET.OBJECT", "k", "403 AccessDenied")), "identity:role/none=" + allowNone, "ignored 1"},
	} {
		var paths []string
		for name, text := range map[string]string{"trail.json": c.trail, "access.log": c.access} {
			if text != "" {
				paths = append(paths, writeFile(t, name, text+"\n"))
			}
		}
		text := strings.Replace(world, "DOCUMENT", open, 1)
		if strings.HasPrefix(c.change, "key:") {
			text = strings.Replace(text, `"inline": {"p": {`, `"inline": {"k": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}, "p": {`, 1)
		}
		after, err := Apply(parseEstate(t, text), c.change)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		out, err := (&Replay{Before: parseEstate(t, text), After: after, Sources: &ingest.Sources{Paths: paths}, Options: ingest.Options{Strict: true, Workers: 2}, Tally: &ingest.Tally{}}).Run(t.Context())
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := summary(out); got != c.want {
			t.Errorf("%s: %s, want %s%s", c.name, got, c.want, details(out))
		}
	}
}

// summary counts what a report says; of what works still, whether anything does.
func summary(r *Report) string {
	var parts []string
	for _, p := range []struct {
		name string
		n    int64
	}{{"denied", Requests(r.NewlyDenied)}, {"allowed", Requests(r.NewlyAllowed)}, {"unknown", Requests(r.CannotTell)}, {"contradicted", Requests(r.Contradicted)}, {"works", r.StillWorks}, {"refused", r.StillRefused}, {"ignored", r.Ignored}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", p.name, p.n))
		}
	}
	return strings.Join(parts, ", ")
}

func details(r *Report) string {
	var b strings.Builder
	_ = r.Text(&b, true)
	return "\n" + b.String()
}
