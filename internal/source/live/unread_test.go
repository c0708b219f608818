package live

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// answering is a collector of one bucket, of which AWS answers everything like h.
func answering(t *testing.T, h http.HandlerFunc, objects ...Object) *collector {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("AKIA", "secret", ""),
		Retryer: func() aws.Retryer { return aws.NopRetryer{} }}
	return newCollector(context.Background(), &Session{config: cfg, Region: "us-east-1", Account: "111122223333"}, Scope{Objects: objects}, nil)
}

// What AWS answers otherwise than by the setting, or by the code for one that is not
// set, is not known, its Region included.
func TestUnexpectedAnswersAreUnknown(t *testing.T) {
	for status, code := range map[int]string{301: "PermanentRedirect", 400: "AuthorizationHeaderMalformed", 403: "AccessDenied", 404: "NoSuchBucket", 503: "SlowDown", 200: "none"} {
		c := answering(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodHead {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			w.WriteHeader(status)
			w.Write([]byte("<Error><Code>" + code + "</Code>")) // cut short
		})
		c.bucket("b", "")
		b := c.account.Buckets["b"]
		for _, what := range []string{"region", "document", "publicAccessBlock", "ownership", "acl", "encryption", "versioning", "objectLock", "requestPayer", "tags", "abac", "website"} {
			if _, unread := b.Unknown.Why(what); !unread {
				t.Errorf("%d %s: %s is taken for known: %+v", status, code, what, b)
			}
		}
	}
}

// The KMS key of an object is read, be it of a version or of the current one.
func TestKeyOfObject(t *testing.T) {
	const key = "arn:aws:kms:us-east-1:111122223333:key/1111aaaa-12ab-34cd-56ef-1234567890ab"
	for _, version := range []string{"", "v1"} {
		c := answering(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Amz-Server-Side-Encryption", "aws:kms")
			w.Header().Set("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", key)
		}, Object{Bucket: "b", Key: "k", VersionID: version})
		c.bucket("b", "us-east-1")
		if !c.keys[key] {
			t.Errorf("version %q: keys %v", version, c.keys)
		}
	}
}
