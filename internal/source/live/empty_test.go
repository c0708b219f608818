package live

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/why403/why403/estate"
)

// An answer of success that lacks what was asked for leaves the setting unknown: its
// default in an estate is that of a bucket made today, which is another thing.
func TestEmptyAnswers(t *testing.T) {
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
	}))
	defer h.Close()
	c := newCollector(context.Background(), &Session{Account: "111122223333"}, Scope{}, nil)
	client := s3.NewFromConfig(aws.Config{Region: "us-east-1", BaseEndpoint: &h.URL, Credentials: credentials.NewStaticCredentialsProvider("AKIA", "secret", "")},
		func(o *s3.Options) { o.UsePathStyle = true })
	b := &estate.Bucket{}
	c.settings(&b.Unknown, c.bucketSettings(client, "reports", b))
	for _, field := range []string{"document", "ownership", "publicAccessBlock", "acl", "encryption", "objectLock", "requestPayer", "tags", "abac"} {
		if _, ok := b.Unknown.Why(field); !ok {
			t.Errorf("%s is taken for known: %+v", field, b)
		}
	}
}
