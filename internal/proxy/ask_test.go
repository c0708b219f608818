package proxy

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/why403/why403/internal/sigv4"
)

// A refused HEAD is asked once more as a GET of nothing, signed as S3 verifies it, whose
// body is that of the refusal; the program sees the answer to its HEAD.
func TestRefusedHEADIsAsked(t *testing.T) {
	var asked []string
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, refused := (&sigv4.Verifier{Keys: keys}).Verify(r); refused != nil {
			t.Errorf("%s %s: %v", r.Method, r.RequestURI, refused)
		}
		asked = append(asked, r.Method+" "+r.RequestURI+" "+r.Header.Get("Range"))
		if r.URL.Path == "/b/there" && r.Method == "GET" {
			w.WriteHeader(http.StatusPartialContent)
			io.WriteString(w, "x")
			return
		}
		w.WriteHeader(http.StatusForbidden)
		io.WriteString(w, "<Error><Code>AccessDenied</Code></Error>")
	}))
	t.Cleanup(origin.Close)
	for _, tt := range []struct {
		method, target string
		presigned      bool
		want, body     string
	}{
		{"HEAD", "/b/a%20b+c", false, "GET /b/a%20b+c bytes=0-0", "<Error><Code>AccessDenied</Code></Error>"},
		{"HEAD", "/b/k?versionId=v1", false, "GET /b/k?versionId=v1 bytes=0-0", "<Error><Code>AccessDenied</Code></Error>"},
		{"HEAD", "/b", false, "GET /b?list-type=2&max-keys=0 ", "<Error><Code>AccessDenied</Code></Error>"},
		{"HEAD", "/b/there", false, "GET /b/there bytes=0-0", ""}, // which is no refusal
		{"HEAD", "/", false, "", ""},
		{"HEAD", "/b/k", true, "", ""},
		{"DELETE", "/b/k", false, "", "<Error><Code>AccessDenied</Code></Error>"},
	} {
		asked = nil
		s := byEndpoint(t, origin)
		r := request(t, s, tt.method, tt.target, nil)
		if tt.presigned {
			r.URL.RawQuery = presignedQuery(r)
		} else {
			signer.Sign(r, time.Now(), sigv4.UnsignedPayload)
		}
		if status, body := send(t, r); status != 403 || tt.method == "HEAD" && body != "" {
			t.Errorf("%s %s: the program sees %d %q", tt.method, tt.target, status, body)
		}
		s.until(func() bool { return len(s.refused) > 0 })
		if len(asked) == 2 && asked[1] != tt.want || len(asked) != 2 && tt.want != "" {
			t.Errorf("%s %s: asked %q, want %s", tt.method, tt.target, asked, tt.want)
		}
		if got := string(s.refused[0].Body); got != tt.body {
			t.Errorf("%s %s: the refusal's body is %q, want %q", tt.method, tt.target, got, tt.body)
		}
	}
}

func presignedQuery(r *http.Request) string {
	u := signer.Presign(r, time.Now(), time.Hour)
	return u[len("http://"+r.URL.Host+r.URL.EscapedPath()+"?"):]
}
