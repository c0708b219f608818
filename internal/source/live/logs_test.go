package live

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/why403/why403/internal/ingest"
	"github.com/why403/why403/internal/ingest/record"
)

// bucket is a bucket of two pages, as S3 answers ListObjectsV2 and GetObject.
func bucket(w http.ResponseWriter, r *http.Request) {
	switch q := r.URL.Query(); {
	case strings.HasPrefix(r.URL.Path, "/far") && !strings.Contains(r.Header.Get("Authorization"), "/eu-west-1/s3/"):
		w.Header().Set("X-Amz-Bucket-Region", "eu-west-1")
		w.WriteHeader(301)
		_, _ = io.WriteString(w, `<Error><Code>PermanentRedirect</Code><Message>The bucket you are attempting to access must be addressed using the specified endpoint.</Message></Error>`)
	case r.URL.Path == "/far" && q.Get("list-type") == "2":
		_, _ = io.WriteString(w, `<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>c.json.gz</Key><Size>9</Size></Contents></ListBucketResult>`)
	case r.URL.Path == "/trail" && q.Get("list-type") == "2" && q.Get("prefix") == "AWSLogs/":
		next, key := "<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>", "AWSLogs/1/CloudTrail/a.json.gz"
		if q.Get("continuation-token") == "t" {
			next, key = "<IsTruncated>false</IsTruncated>", "AWSLogs/1/CloudTrail/b.json.gz"
		}
		fmt.Fprintf(w, `<ListBucketResult>%s<Contents><Key>AWSLogs/1/CloudTrail-Digest/x.json.gz</Key><Size>1</Size></Contents><Contents><Key>%s</Key><Size>9</Size></Contents></ListBucketResult>`, next, key)
	case strings.HasSuffix(r.URL.Path, ".json.gz"):
		z := gzip.NewWriter(w)
		fmt.Fprintf(z, `{"Records":[{"eventVersion":"1.11","eventName":"GetObject","eventSource":"s3.amazonaws.com","requestID":%q}]}`, r.URL.Path)
		_ = z.Close()
	default:
		w.WriteHeader(403)
		_, _ = io.WriteString(w, `<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`)
	}
}

func readPrefix(t *testing.T, path string) ([]string, error) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(bucket))
	defer server.Close()
	logs := LogsOf(aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("AKIAEXAMPLE0000ALICE", "secret", ""),
		HTTPClient: awshttp.NewBuildableClient(), RetryMaxAttempts: 1})
	var ids []string
	err := ingest.Run(t.Context(), &ingest.Sources{Paths: []string{path}, S3: logs}, ingest.Options{Strict: true}, &ingest.Tally{}, func(int) func(*record.Record) error {
		return func(r *record.Record) error { ids = append(ids, string(r.RequestID)); return nil }
	})
	slices.Sort(ids)
	return ids, err
}

// All pages of a prefix are read, and digests are not.
func TestLogsOfPrefix(t *testing.T) {
	ids, err := readPrefix(t, "s3://trail/AWSLogs/")
	if want := []string{"/trail/AWSLogs/1/CloudTrail/a.json.gz", "/trail/AWSLogs/1/CloudTrail/b.json.gz"}; err != nil || !slices.Equal(ids, want) {
		t.Errorf("%v, %q, want %q", err, ids, want)
	}
}

// A bucket of another Region than that of the configuration says so, and is asked there.
func TestLogsOfAnotherRegion(t *testing.T) {
	if ids, err := readPrefix(t, "s3://far/"); err != nil || !slices.Equal(ids, []string{"/far/c.json.gz"}) {
		t.Errorf("%v, %q", err, ids)
	}
}

func TestLogsRefused(t *testing.T) {
	if _, err := readPrefix(t, "s3://secret/x"); err == nil || !strings.Contains(err.Error(), "list s3://secret/x: ") || !strings.Contains(err.Error(), "AccessDenied") {
		t.Errorf("%v", err)
	}
}
