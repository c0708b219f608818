package accesslog_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/why403/why403/internal/ingest/accesslog"
	"github.com/why403/why403/internal/ingest/record"
)

const owner = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"

// The first line is that of the S3 User Guide, the others follow the fact sheet:
// samples composed from records of S3.
var samples = []struct{ name, line, want string }{
	{"User Guide", owner + ` amzn-s3-demo-bucket1 [06/Feb/2019:00:00:38 +0000] 192.0.2.3 79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be 3E57427F3EXAMPLE REST.GET.VERSIONING - "GET /amzn-s3-demo-bucket1?versioning HTTP/1.1" 200 - 113 - 7 - "-" "S3Console/0.4" - s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader amzn-s3-demo-bucket1.s3.us-west-1.amazonaws.com TLSV1.2 arn:aws:s3:us-west-1:123456789012:accesspoint/example-AP Yes us-east-1`,
		"GetBucketVersioning amzn-s3-demo-bucket1  200  2019-02-06T00:00:38Z " + owner + " 3E57427F3EXAMPLE S3Console/0.4 TLSV1.2 us-east-1"},
	{"refused session of another account", owner + ` my-bucket [22/Nov/2026:10:00:00 +0000] 192.0.2.50 arn:aws:sts::444455556666:assumed-role/scanner/i-0abc 6D7E8F9A0B1C2D3E REST.GET.OBJECT secrets/db.env "GET /secrets/db.env HTTP/1.1" 403 AccessDenied 243 - 9 - "-" "Boto3/1.34.0 Python/3.12" - hostId= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader my-bucket.s3.us-east-1.amazonaws.com TLSv1.2 - - -`,
		"GetObject my-bucket secrets/db.env 403 AccessDenied 2026-11-22T10:00:00Z arn:aws:sts::444455556666:assumed-role/scanner/i-0abc 6D7E8F9A0B1C2D3E Boto3/1.34.0 Python/3.12 TLSv1.2 "},
	{"anonymous, 26 fields", owner + ` my-bucket [22/Nov/2026:10:00:01 +0000] 198.51.100.9 - DD7672BEA6F6C3E1 REST.GET.OBJECT viewer/a.html "GET /viewer/a.html HTTP/1.1" 403 AccessDenied 243 - 11 - "-" "curl/8.4.0" - hostId= - ECDHE-RSA-AES128-GCM-SHA256 - my-bucket.s3-eu-west-1.amazonaws.com TLSv1.2 - -`,
		"GetObject my-bucket viewer/a.html 403 AccessDenied 2026-11-22T10:00:01Z  DD7672BEA6F6C3E1 curl/8.4.0 TLSv1.2 "},
	{"one object of a batch", owner + ` my-bucket [22/Nov/2026:10:00:02 +0000] 198.51.100.7 arn:aws:iam::111122223333:user/alice D630F8F6B949DA00 BATCH.DELETE.OBJECT fork/test/ - 204 - - - - - - - - hostId= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader my-bucket.s3.eu-west-2.amazonaws.com TLSv1.2 - - -`,
		" my-bucket fork/test/ 204  2026-11-22T10:00:02Z arn:aws:iam::111122223333:user/alice D630F8F6B949DA00  TLSv1.2 "},
	{"18 fields, a requester with spaces, a quote in the user agent", owner + ` b [22/Nov/2026:10:00:02 +0000] - arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E2EXAMPLEID D630 REST.GET.OBJECT a%2Bb "GET /a%20b HTTP/1.1" 200 - 1 1 2 1 "http://x/" "Mozilla/5.0 "" - hostId=`,
		`GetObject b a b 200  2026-11-22T10:00:02Z arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E2EXAMPLEID D630 Mozilla/5.0 "  `},
	{"a key encoded once, fields to come", owner + ` b [22/Nov/2026:10:00:02 +0000] 192.0.2.1 - D630 REST.GET.OBJECT 50%25+off.txt "GET /50%25%20off.txt HTTP/1.1" 404 NoSuchKey 1 1 2 1 "-" "a" - h= SigV4 - QueryString b.s3.amazonaws.com - - - - new newer`,
		"GetObject b 50% off.txt 404 NoSuchKey 2026-11-22T10:00:02Z  D630 a  "},
	{"an operation that nobody knows", owner + ` b [22/Nov/2026:10:00:02 +0000] 192.0.2.1 - D630 REST.GET.NEWNESS - "GET /?policyStatus HTTP/1.1" 403 AccessDenied 1 1 2 1 "-" "a" - h= `,
		"GetBucketPolicyStatus b  403 AccessDenied 2026-11-22T10:00:02Z  D630 a  "},
}

func read(t *testing.T, text string, failedOnly bool) (got, bad []string) {
	t.Helper()
	r := &accesslog.Reader{Options: accesslog.Options{FailedOnly: failedOnly}, Handle: func(r *record.Record) error {
		got = append(got, fmt.Sprintf("%s %s %s %d %s %s %s %s %s %s %s", r.Operation(), r.Bucket, r.Key, r.Status, r.Error,
			r.When().Format("2006-01-02T15:04:05Z"), r.Who.ARN, r.RequestID, r.UserAgent, r.TLSVersion, r.Region))
		return nil
	}, Bad: func(b *accesslog.Bad) error { bad = append(bad, b.Error()); return nil }}
	if err := r.Read("f", strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	return got, bad
}

func TestLines(t *testing.T) {
	var all, want []string
	for _, s := range samples {
		got, bad := read(t, s.line+"\n", false)
		if diff := cmp.Diff([]string{s.want}, got); diff != "" || bad != nil {
			t.Errorf("%s: %v\n%s", s.name, bad, diff)
		}
		all = append(all, s.line)
		if strings.Contains(s.want, " 403 ") || strings.Contains(s.want, " 404 ") {
			want = append(want, s.want)
		}
	}
	got, bad := read(t, strings.Join(all, "\r\n"), true)
	if diff := cmp.Diff(want, got); diff != "" || bad != nil {
		t.Errorf("failed only: %v\n%s", bad, diff)
	}
}

// Lines that are none, torn ones among them, are told by their number.
func TestBadLines(t *testing.T) {
	torn := samples[1].line[:300] + samples[2].line
	for _, failedOnly := range []bool{false, true} {
		got, bad := read(t, samples[1].line+"\nnonsense\n"+torn+"\n"+owner+"\n"+samples[2].line, failedOnly)
		if len(got) != 2 || len(bad) != 3 || !strings.HasPrefix(bad[0], "f:2:1: ") || !strings.HasPrefix(bad[1], "f:3:1: ") || !strings.HasPrefix(bad[2], "f:4:1: ") {
			t.Errorf("read %d: %v", len(got), bad)
		}
	}
}

// FuzzLine holds the reader to the two ways of reading: what the quick look calls a
// success is none of the failed.
func FuzzLine(f *testing.F) {
	for _, s := range samples {
		f.Add(s.line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		all, _ := read(t, line, false)
		failed, _ := read(t, line, true)
		if len(failed) > len(all) {
			t.Errorf("%q: %d failed of %d", line, len(failed), len(all))
		}
	})
}
