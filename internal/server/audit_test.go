package server

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/why403/why403/internal/ingest/accesslog"
	"github.com/why403/why403/internal/ingest/cloudtrail"
	"github.com/why403/why403/internal/ingest/record"
	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/internal/store"
)

// delivered returns the objects of a bucket, as they are kept.
func (g *rig) delivered(bucket string) map[string][]byte {
	g.t.Helper()
	page, err := g.store.List(context.Background(), store.ListQuery{Bucket: bucket, Limit: 100})
	if err != nil {
		g.t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, o := range page.Objects {
		_, r, err := g.store.Get(context.Background(), bucket, o.Key, "")
		if err != nil {
			g.t.Fatal(err)
		}
		if files[o.Key], err = io.ReadAll(r); err != nil {
			g.t.Fatal(err)
		}
		r.Close()
	}
	return files
}

const trailPolicy = `{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::trails"},
  {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::trails/AWSLogs/111122223333/*",
   "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/all"}}}]}`

func (g *rig) trail(operation, body string) answer {
	return g.api(admin, "cloudtrail", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101."+operation, body)
}

// A trail delivers what was called, denials in the words of the answer, in files
// that why403's own reader takes.
func TestTrail(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/trails", ""), 200, "")
	g.wantAPI(g.trail("CreateTrail", `{"Name": "all", "S3BucketName": "none"}`), 400, "S3BucketDoesNotExistException")
	g.wantAPI(g.trail("CreateTrail", `{"Name": "all", "S3BucketName": "trails"}`), 400, "InsufficientS3BucketPolicyException")
	g.want(g.do(admin, "PUT", "/trails?policy", trailPolicy), 204, "")
	g.wantAPI(g.trail("CreateTrail", `{"Name": "all", "S3BucketName": "trails"}`), 200, "")
	g.wantAPI(g.trail("PutEventSelectors", `{"TrailName": "all", "EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": true,
		"DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::reports/"]}]}]}`), 200, "")
	g.want(g.do(admin, "GET", "/reports/2026/q1.csv", ""), 200, "") // not yet
	g.wantAPI(g.trail("StartLogging", `{"Name": "all"}`), 200, "")
	g.want(g.do(reader, "GET", "/reports/2026/q1.csv", ""), 200, "")
	refused := g.want(g.do(nobody, "GET", "/reports/2026/q1.csv", ""), 403, "AccessDenied")
	g.want(g.do(admin, "PUT", "/versioned/other", "not selected"), 200, "")
	g.want(g.do(sigv4.Credential{AccessKeyID: "AKIAUNKNOWN000000001", Secret: "x"}, "GET", "/reports/2026/q1.csv", ""), 403, "InvalidAccessKeyId")
	g.wantAPI(g.api(reader, "kms", "TrentService.Decrypt", `{"CiphertextBlob": "aGVsbG8="}`), 400, "InvalidCiphertextException")
	g.server.audit.Flush(context.Background())

	var got []string
	for key, file := range g.delivered("trails") {
		if !strings.HasPrefix(key, "AWSLogs/111122223333/CloudTrail/us-east-1/") || !strings.HasSuffix(key, ".json.gz") {
			t.Errorf("key %s", key)
		}
		zip, err := gzip.NewReader(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		r := &cloudtrail.Reader{Handle: func(r *record.Record) error {
			got = append(got, fmt.Sprintf("%s %s %s/%s %s %s", r.Service, r.Event, r.Bucket, r.Key, r.Error, r.Category))
			if string(r.Error) == "AccessDenied" && (string(r.Message) != refused.message() || string(r.RequestID) != refused.Header.Get("X-Amz-Request-Id")) {
				t.Errorf("message %q of %s, want %q of %s", r.Message, r.RequestID, refused.message(), refused.Header.Get("X-Amz-Request-Id"))
			}
			return nil
		}, Bad: func(b *cloudtrail.Bad) error { return b }}
		if err := r.Read(key, zip); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(got)
	want := []string{
		"cloudtrail.amazonaws.com StartLogging /  Management",
		"kms.amazonaws.com Decrypt / InvalidCiphertextException Management",
		"s3.amazonaws.com GetObject reports/2026/q1.csv  Data",
		"s3.amazonaws.com GetObject reports/2026/q1.csv AccessDenied Data",
	}
	if !slices.Equal(got, want) {
		t.Errorf("delivered\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if a := g.trail("GetTrailStatus", `{"Name": "all"}`); !strings.Contains(a.body, `"LatestDeliveryTime"`) || strings.Contains(a.body, "LatestDeliveryError") {
		t.Errorf("%s", a.body)
	}
	g.want(g.do(admin, "DELETE", "/trails?policy", ""), 204, "")
	g.server.audit.Flush(context.Background())
	if a := g.trail("GetTrailStatus", `{"Name": "all"}`); !strings.Contains(a.body, `"LatestDeliveryError":"AccessDenied"`) || !strings.Contains(g.log.String(), "may not put AWSLogs/") {
		t.Errorf("%s\n%s", a.body, tail(g.log.String()))
	}
}

// The event history has management events alone.
func TestLookupEvents(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/made", ""), 200, "")
	g.want(g.do(admin, "PUT", "/made/k", "x"), 200, "")
	g.want(g.do(nobody, "GET", "/reports?policy", ""), 403, "AccessDenied")
	g.wantAPI(g.api(admin, "kms", "TrentService.CreateKey", `{"Description": "d"}`), 200, "")
	names := func(query string) string {
		var out struct {
			Events []struct{ EventName, Username, CloudTrailEvent string }
		}
		a := g.wantAPI(g.trail("LookupEvents", query), 200, "")
		if err := json.Unmarshal([]byte(a.body), &out); err != nil {
			t.Fatal(err)
		}
		var list []string
		for _, e := range out.Events {
			list = append(list, e.EventName+" "+e.Username)
		}
		return strings.Join(list, ", ")
	}
	if got, want := names("{}"), "CreateKey admin, GetBucketPolicy nobody, CreateBucket admin"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := names(`{"LookupAttributes": [{"AttributeKey": "Username", "AttributeValue": "nobody"}]}`), "GetBucketPolicy nobody"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	a := g.call(admin, "GetSessionToken")
	_, secret, _ := strings.Cut(a.body, "<SecretAccessKey>")
	secret, _, _ = strings.Cut(secret, "<")
	g.wantAPI(g.api(admin, "kms", "TrentService.Encrypt", `{"KeyId": "alias/data", "Plaintext": "c2VjcmV0IQ=="}`), 200, "")
	if all := g.trail("LookupEvents", "{}").body; secret == "" || strings.Contains(all, secret) || strings.Contains(all, "c2VjcmV0IQ==") {
		t.Errorf("the secret %q shows in %s", secret, all)
	}
	if got := names(`{"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "PutObject"}]}`); got != "" {
		t.Errorf("data events: %s", got)
	}
}

// A bucket's access log goes where it is told to, and why403's own reader takes it.
func TestAccessLog(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/logs", ""), 200, "")
	g.want(g.do(admin, "PUT", "/logs?policy", `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"},
		"Action": "s3:PutObject", "Resource": "arn:aws:s3:::logs/*", "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}]}`), 204, "")
	g.want(g.do(admin, "PUT", "/reports?logging", `<BucketLoggingStatus xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LoggingEnabled><TargetBucket>logs</TargetBucket><TargetPrefix>r/</TargetPrefix></LoggingEnabled></BucketLoggingStatus>`), 200, "")
	g.want(g.do(reader, "GET", "/reports/2026/q1.csv", ""), 200, "")
	g.want(g.do(nobody, "GET", "/reports/a%20b", ""), 403, "AccessDenied")
	g.want(g.do(nouser, "GET", "/reports", ""), 403, "AccessDenied")
	g.want(g.do(sigv4.Credential{AccessKeyID: reader.AccessKeyID, Secret: "wrong"}, "GET", "/reports/k", ""), 403, "SignatureDoesNotMatch")
	g.want(g.do(admin, "PUT", "/reports/copies/q1.csv", "", "x-amz-copy-source", "/reports/2026/q1.csv"), 200, "")
	const batch = `<Delete><Object><Key>copies/q1.csv</Key></Object><Object><Key>never there</Key></Object></Delete>`
	g.want(g.do(admin, "POST", "/reports?delete", batch, "x-amz-checksum-crc32", crc32Of(batch)), 200, "")
	g.want(g.do(nobody, "POST", "/reports?delete", batch, "x-amz-checksum-crc32", crc32Of(batch)), 200, "")
	g.want(g.do(sigv4.Credential{}, "GET", "/reports/k?Signature=abc&AWSAccessKeyId=AKIAEXAMPLE0000ALICE&x-amz-security-token=secret&Expires=1", ""), 403, "AccessDenied")
	g.server.audit.Flush(context.Background())
	files := g.delivered("logs")
	var got []string
	for key, file := range files {
		if !strings.HasPrefix(key, "r/20") {
			t.Errorf("key %s", key)
		}
		if bytes.Contains(file, []byte("=abc")) || bytes.Contains(file, []byte("=secret")) {
			t.Errorf("a signature or a token is told: %s", file)
		}
		r := &accesslog.Reader{Handle: func(r *record.Record) error {
			got = append(got, fmt.Sprintf("%s %s %s %d %s %s", r.Event, r.Operation(), r.Key, r.Status, r.Error, r.Who.ARN))
			return nil
		}, Bad: func(b *accesslog.Bad) error { return b }}
		if err := r.Read(key, bytes.NewReader(file)); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"REST.GET.OBJECT GetObject 2026/q1.csv 200  arn:aws:iam::111122223333:user/reader",
		"REST.GET.OBJECT GetObject a b 403 AccessDenied arn:aws:iam::111122223333:user/nobody",
		"REST.GET.BUCKET ListObjects  403 AccessDenied ",
		"REST.GET.OBJECT GetObject k 403 SignatureDoesNotMatch ",
		"REST.COPY.OBJECT CopyObject copies/q1.csv 200  arn:aws:iam::111122223333:user/admin",
		"REST.COPY.OBJECT_GET  2026/q1.csv 200  arn:aws:iam::111122223333:user/admin",
		"REST.POST.MULTI_OBJECT_DELETE DeleteObjects  200  arn:aws:iam::111122223333:user/admin",
		"BATCH.DELETE.OBJECT  copies/q1.csv 204  arn:aws:iam::111122223333:user/admin",
		"BATCH.DELETE.OBJECT  never there 204  arn:aws:iam::111122223333:user/admin",
		"REST.POST.MULTI_OBJECT_DELETE DeleteObjects  200  arn:aws:iam::111122223333:user/nobody",
		"BATCH.DELETE.OBJECT  copies/q1.csv 403 AccessDenied arn:aws:iam::111122223333:user/nobody",
		"BATCH.DELETE.OBJECT  never there 403 AccessDenied arn:aws:iam::111122223333:user/nobody",
		"REST.GET.OBJECT GetObject k 403 AccessDenied ",
	}
	got = slices.DeleteFunc(got, func(s string) bool { return strings.Contains(s, "LOGGING") })
	if !slices.Equal(got, want) {
		t.Errorf("delivered\n%s\nwant\n%s\nof %q", strings.Join(got, "\n"), strings.Join(want, "\n"), files)
	}
}

// A target bucket that was deleted, and made again by another account, is given no
// log of the account that it is not of.
func TestAccessLogOfOthers(t *testing.T) {
	g := newRig(t, nil)
	const opened = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::logs/*"}]}`
	g.want(g.do(admin, "PUT", "/logs", ""), 200, "")
	g.want(g.do(admin, "PUT", "/logs?policy", opened), 204, "")
	g.want(g.do(admin, "PUT", "/reports?logging", `<BucketLoggingStatus><LoggingEnabled><TargetBucket>logs</TargetBucket><TargetPrefix/></LoggingEnabled></BucketLoggingStatus>`), 200, "")
	g.want(g.do(admin, "DELETE", "/logs", ""), 204, "")
	g.want(g.do(partner, "PUT", "/logs", ""), 200, "")
	g.want(g.do(partner, "PUT", "/logs?policy", opened), 204, "")
	g.want(g.do(reader, "GET", "/reports/2026/q1.csv", ""), 200, "")
	g.server.audit.Flush(context.Background())
	if files := g.delivered("logs"); len(files) > 0 {
		t.Errorf("delivered %d files", len(files))
	}
}

// The tags of a trail.
func TestTrailTags(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/trails", ""), 200, "")
	g.want(g.do(admin, "PUT", "/trails?policy", trailPolicy), 204, "")
	g.wantAPI(g.trail("CreateTrail", `{"Name": "all", "S3BucketName": "trails", "TagsList": [{"Key": "a", "Value": "1"}]}`), 200, "")
	const arn = `"arn:aws:cloudtrail:us-east-1:111122223333:trail/all"`
	g.wantAPI(g.trail("AddTags", `{"ResourceId": `+arn+`, "TagsList": [{"Key": "b", "Value": "2"}]}`), 200, "")
	g.wantAPI(g.trail("RemoveTags", `{"ResourceId": `+arn+`, "TagsList": [{"Key": "a"}]}`), 200, "")
	g.wantAPI(g.trail("AddTags", `{"ResourceId": "none", "TagsList": [{"Key": "b"}]}`), 400, "TrailNotFoundException")
	if a := g.wantAPI(g.trail("ListTags", `{"ResourceIdList": [`+arn+`]}`), 200, ""); !strings.Contains(a.body, `"TagsList":[{"Key":"b","Value":"2"}]`) {
		t.Error(a.body)
	}
}
