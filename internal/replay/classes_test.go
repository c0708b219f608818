package replay

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/ingest/accesslog"
	"github.com/why403/why403/internal/ingest/cloudtrail"
	"github.com/why403/why403/internal/ingest/record"
)

// lookedAt are conditions and resources, one for each thing that a policy may look
// at in a request (IAM User Guide, Global condition keys; Service Authorization
// Reference, Condition keys for Amazon S3).
var lookedAt = []string{
	`"Resource": "*", "Condition": {"StringLike": {"aws:UserAgent": "*Boto3*"}}`,
	`"Resource": "*", "Condition": {"StringLike": {"aws:Referer": "https://example.com/*"}}`,
	`"Resource": "*", "Condition": {"Null": {"aws:Referer": "true"}}`,
	`"Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": ["203.0.113.0/25", "2001:db8::/32"]}}`,
	`"Resource": "*", "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.7"}}`,
	`"Resource": "*", "Condition": {"StringLike": {"aws:SourceIp": "203.0.113.*"}}`,
	`"Resource": "*", "Condition": {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/24"}}`,
	`"Resource": "*", "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-0a"}}`,
	`"Resource": "*", "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}`,
	`"Resource": "*", "Condition": {"StringLike": {"s3:prefix": ["home/*", ""]}}`,
	`"Resource": "*", "Condition": {"StringEquals": {"s3:delimiter": "/"}}`,
	`"Resource": "*", "Condition": {"NumericLessThanEquals": {"s3:max-keys": "100"}}`,
	`"Resource": "*", "Condition": {"StringEquals": {"s3:VersionId": "v1"}}`,
	`"Resource": "*", "Condition": {"StringEquals": {"s3:x-amz-acl": "public-read"}}`,
	`"Resource": "*", "Condition": {"StringEquals": {"s3:x-amz-storage-class": "GLACIER"}}`,
	`"Resource": "*", "Condition": {"Null": {"s3:x-amz-server-side-encryption": "true"}}`,
	`"Resource": "*", "Condition": {"StringLike": {"s3:x-amz-copy-source": "b/data/*"}}`,
	`"Resource": "*", "Condition": {"Bool": {"aws:ViaAWSService": "true"}}`,
	`"Resource": "*", "Condition": {"ForAnyValue:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}}`,
	`"Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "data"}}`,
	`"Resource": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}`,
	`"Resource": "*", "Condition": {"DateGreaterThan": {"aws:CurrentTime": "2026-11-22T10:00:30Z"}}`,
	`"Resource": "*", "Condition": {"NumericLessThan": {"aws:EpochTime": "1795341630"}}`,
	`"Resource": "*", "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2026-11-22T09:30:00Z"}}`,
	`"Resource": "*", "Condition": {"Null": {"aws:TokenIssueTime": "true"}}`,
	`"Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}`,
	`"Resource": "*", "Condition": {"NumericGreaterThan": {"aws:MultiFactorAuthAge": "1000"}}`,
	`"Resource": "*", "Condition": {"NumericGreaterThan": {"s3:signatureAge": "600000"}}`,
	`"Resource": "*", "Condition": {"StringEquals": {"s3:authType": "REST-QUERY-STRING"}}`,
	`"Resource": "*", "Condition": {"StringEquals": {"s3:signatureversion": "AWS"}}`,
	`"Resource": "*", "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.3"}}`,
	`"Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}`,
	`"Resource": "*", "Condition": {"StringEquals": {"aws:SourceIdentity": "bob"}}`,
	`"Resource": "*", "Condition": {"NumericLessThan": {"ec2:RoleDelivery": "2.0"}}`,
	`"Resource": "*", "Condition": {"StringLike": {"aws:userid": "*:s2"}}`,
	`"Resource": "*", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/app"}}`,
	`"Resource": "*", "Condition": {"StringEquals": {"aws:username": "al"}}`,
	`"Resource": "*", "Condition": {"StringEquals": {"s3:DataAccessPointArn": "arn:aws:s3:us-east-1:111122223333:accesspoint/ap"}}`,
	`"Resource": "*", "Condition": {"StringEquals": {"s3:ExistingObjectTag/c": "x"}}`,
	`"Resource": "arn:aws:s3:::b/home/${aws:userid}/*"`,
	`"Resource": "arn:aws:s3:::b/${aws:SourceIp}/*"`,
	`"Resource": "arn:aws:s3:::b/data/*.csv"`,
	`"Resource": "arn:aws:s3:::b/data/x"`,
	`"NotResource": ["arn:aws:s3:::b", "arn:aws:s3:::b/data/??"]`,
	`"Resource": ["arn:aws:s3:us-east-1:111122223333:accesspoint/ap/object/data/x", "arn:aws:s3:::b/data/*"]`,
}

// variants are records that each differ in one thing, of CloudTrail as JSON and of
// access logs as lines.
func variants(t *testing.T) []*record.Record {
	t.Helper()
	const trail = `{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAAPP:s1","arn":"arn:aws:sts::111122223333:assumed-role/app/s1","accountId":"111122223333","sessionContext":{"sessionIssuer":{"type":"Role","arn":"arn:aws:iam::111122223333:role/app"},"attributes":{"creationDate":"2026-11-22T09:50:00Z","mfaAuthenticated":"false"}}},"eventTime":"2026-11-22T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.7","userAgent":"[aws-cli/2]","requestParameters":{"bucketName":"b","key":"data/x","x-id":"GetObject"},"additionalEventData":{"SignatureVersion":"SigV4","CipherSuite":"x","AuthenticationMethod":"AuthHeader"},"requestID":"R","eventID":"e","eventCategory":"Data","tlsDetails":{"tlsVersion":"TLSv1.3"}}`
	const line = `79a5 b [22/Nov/2026:10:00:00 +0000] 203.0.113.7 arn:aws:sts::111122223333:assumed-role/app/s1 R REST.GET.OBJECT data/x "GET /data/x HTTP/1.1" 200 - 243 - 9 - "-" "aws-cli/2" - h= SigV4 x AuthHeader b.s3.us-east-1.amazonaws.com TLSv1.3 - - -`
	swap := func(text string, pairs ...string) (out []string) {
		for i := 0; i < len(pairs); i += 2 {
			if !strings.Contains(text, pairs[i]) {
				t.Fatalf("%s is not in %s", pairs[i], text)
			}
			out = append(out, strings.Replace(text, pairs[i], pairs[i+1], 1))
		}
		return append(out, text)
	}
	text := strings.Join(swap(trail, "app/s1", "app/s2", ":role/app", ":role/other", "aws-cli", "Boto3", "203.0.113.7", "203.0.113.200", "203.0.113.7", "2001:db8::1", "203.0.113.7", "10.0.0.5", "203.0.113.7", "10.0.1.5",
		"203.0.113.7", "athena.amazonaws.com", `"eventCategory"`, `"vpcEndpointId":"vpce-0a","eventCategory"`, `"eventCategory"`, `"vpcEndpointId":"vpce-aws","eventCategory"`, `"x-id"`, `"versionId":"v1","x-id"`, "data/x", "data/x.csv", "data/x", "data/xy",
		"data/x", "home/AROAAPP:s1/f", "data/x", "203.0.113.7/f", "data/x", "tagged", "us-east-1", "eu-west-1", "10:00:00Z", "10:00:31Z", "10:00:00Z", "10:20:00Z", "09:50:00Z", "09:20:00Z", `"creationDate":"2026-11-22T09:50:00Z",`, "",
		`mfaAuthenticated":"false`, `mfaAuthenticated":"true`, "AuthHeader", "QueryString", `"CipherSuite":"x",`, "", "SigV4", "SigV2", "TLSv1.3", "TLSv1.2", `"sessionIssuer"`, `"sourceIdentity":"bob","sessionIssuer"`, `"sessionIssuer"`, `"ec2RoleDelivery":"1.0","sessionIssuer"`, `"accountId":"111122223333",`, `"accountId":"111122223333","invokedBy":"athena.amazonaws.com",`,
		`"GetObject","awsRegion"`, `"PutObject","awsRegion"`, `"requestID"`, `"errorCode":"NoSuchKey","requestID"`, `"requestID"`, `"resources":[{"type":"AWS::S3::AccessPoint","ARN":"arn:aws:s3:us-east-1:111122223333:accesspoint/ap"}],"requestID"`), "\n")
	user := strings.NewReplacer("AROAAPP:s1", "AIDAAL", `"AssumedRole"`, `"IAMUser"`, "sts::111122223333:assumed-role/app/s1", "iam::111122223333:user/al").Replace(trail)
	text += "\n" + strings.Join(swap(user, `mfaAuthenticated":"false`, `mfaAuthenticated":"true`, `"sessionContext":{"sessionIssuer":{"type":"Role","arn":"arn:aws:iam::111122223333:role/app"},"attributes":{"creationDate":"2026-11-22T09:50:00Z","mfaAuthenticated":"false"}}`, `"x":1`), "\n")
	plainHTTP := strings.NewReplacer(`"CipherSuite":"x",`, "", `,"tlsDetails":{"tlsVersion":"TLSv1.3"}`, "").Replace(trail)
	text += "\n" + strings.Join(swap(plainHTTP, "data/x", "data/y"), "\n")
	aged := strings.NewReplacer("AuthHeader", "QueryString", `"x-id"`, `"X-Amz-Date":"20261122T095500Z","x-id"`).Replace(trail)
	text += "\n" + strings.Join(swap(aged, "T0955", "T0925"), "\n")
	mfa := strings.Replace(user, `mfaAuthenticated":"false`, `mfaAuthenticated":"true`, 1)
	text += "\n" + strings.Join(swap(mfa, "09:50:00Z", "09:20:00Z"), "\n")
	list := strings.NewReplacer(`"GetObject","awsRegion"`, `"ListObjects","awsRegion"`, `"key":"data/x"`, `"list-type":"2"`).Replace(trail)
	text += "\n" + strings.Join(swap(list, `"x-id"`, `"prefix":"home/a","x-id"`, `"x-id"`, `"prefix":"data/a","x-id"`, `"x-id"`, `"delimiter":"/","x-id"`, `"x-id"`, `"max-keys":"50","x-id"`, `"x-id"`, `"max-keys":"1000","x-id"`), "\n")
	put := strings.Replace(trail, `"GetObject","awsRegion"`, `"PutObject","awsRegion"`, 1)
	text += "\n" + strings.Join(swap(put, `"x-id"`, `"x-amz-acl":"public-read","x-id"`, `"x-id"`, `"x-amz-storage-class":"GLACIER","x-id"`, `"x-id"`, `"x-amz-server-side-encryption":"AES256","x-id"`, `"x-id"`, `"x-amz-content-sha256":"UNSIGNED-PAYLOAD","x-id"`), "\n")
	cp := strings.NewReplacer(`"GetObject","awsRegion"`, `"CopyObject","awsRegion"`, `"x-id"`, `"x-amz-copy-source":"/b/data/x","x-id"`).Replace(trail)
	text += "\n" + strings.Join(swap(cp, "/b/data/x", "/b/data/x.csv", "/b/data/x", "/b/home/x", "/b/data/x", "/b/tagged"), "\n")

	var list2 []*record.Record
	keep := func(r *record.Record) error { list2 = append(list2, r.Clone()); return nil }
	if err := (&cloudtrail.Reader{Handle: keep, Bad: func(b *cloudtrail.Bad) error { return b }}).Read("trail", strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	lines := strings.Join(swap(line, "app/s1", "app/s2", "203.0.113.7", "10.0.0.5", "203.0.113.7", "203.0.113.200", "aws-cli", "Boto3", `"-" `, `"https://example.com/a" `, "TLSv1.3", "TLSv1.2", "SigV4 x", "SigV4 -", "AuthHeader", "QueryString", "10:00:00", "10:00:31",
		"REST.GET.OBJECT data/x", "REST.GET.OBJECT data/x.csv", "200 -", "404 NoSuchKey", "- - -", "arn:aws:s3:us-east-1:111122223333:accesspoint/ap - -", "arn:aws:sts::111122223333:assumed-role/app/s1", "-", "REST.GET.OBJECT", "REST.PUT.OBJECT"), "\n")
	if err := (&accesslog.Reader{Handle: keep, Bad: func(b *accesslog.Bad) error { return b }}).Read("access", strings.NewReader(lines)); err != nil {
		t.Fatal(err)
	}
	if len(list2) < 60 {
		t.Fatalf("%d records", len(list2))
	}
	return list2
}

// Whatever a policy looks at, records of one class are decided alike, in whatever
// order they come; and each thing is looked at by some policy, so that it matters.
func TestClassesKeepWhatPoliciesLookAt(t *testing.T) {
	records := variants(t)
	for _, effect := range []string{"Allow", "Deny"} {
		for _, what := range lookedAt {
			statement := fmt.Sprintf(`{"Effect": %q, "Action": "s3:*", %s}`, effect, what)
			if effect == "Deny" {
				statement += `, {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}`
			}
			document := `{"p": {"Version": "2012-10-17", "Statement": [` + statement + `]}}`
			e := parseEstate(t, `{"version": 1, "accounts": {"111122223333": {"roles": {"app": {"id": "AROAAPP", "tags": {"team": "data"}, "inline": `+document+`}}, "users": {"al": {"id": "AIDAAL", "tags": {"team": "ops"}, "inline": `+document+`}},
				"vpcEndpoints": {"vpce-0a": {"vpc": "vpc-1", "service": "com.amazonaws.us-east-1.s3"}},
				"buckets": {"b": {"accessPoints": {"ap": {}}, "objects": {"tagged": {"tags": {"c": "x"}}}}}}}}`)
			for _, forwards := range []bool{true, false} {
				d, alone := NewDecider(e, nil), NewDecider(e, nil)
				seen := map[iam.Verdict]bool{}
				for i := range records {
					r := records[i]
					if !forwards {
						r = records[len(records)-1-i]
					}
					want, got := alone.Alone(r), d.Decide(r)
					seen[want.Before] = true
					if diff := cmp.Diff(plain(alone, r, want), plain(d, r, got)); diff != "" {
						t.Errorf("%s %s: %s %s %s/%s by %s from %s\n%s", effect, what, r.Kind, r.Event, r.Bucket, r.Key, r.Who.ARN, r.SourceIP, diff)
					}
				}
				if len(seen) < 2 {
					t.Errorf("%s %s: all %d records are %v", effect, what, len(records), seen)
				}
			}
		}
	}
}
