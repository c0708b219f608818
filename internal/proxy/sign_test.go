package proxy

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/why403/why403/internal/sigv4"
)

// verified is an origin that answers with what was signed, as S3 verifies it: the
// body, the mechanism, the payload and the age.
func verified(t *testing.T) *httptest.Server {
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := sigv4.Verifier{Keys: keys, AllowSigV2: true}
		res, refused := v.Verify(r)
		if refused != nil {
			http.Error(w, refused.Error(), refused.Status)
			return
		}
		body, err := io.ReadAll(res.Body(r.Body))
		if err != nil {
			http.Error(w, err.Error(), 400)
			return
		}
		fmt.Fprintf(w, "%v %v %s %d %d %s", res.Mechanism, res.Algorithm, res.Payload, r.ContentLength, len(body), r.Header.Get("Content-Type"))
	}))
	t.Cleanup(h.Close)
	return h
}

func request(t *testing.T, s *stand, method, target string, body io.Reader) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, "http://"+s.address+target, body)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func send(t *testing.T, r *http.Request) (status int, body string) {
	t.Helper()
	res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(b)
}

var signer = sigv4.Signer{Credential: keys[keyID], Region: "eu-west-1"}

// Each way of signing arrives as the same way, for the other host.
func TestSignedAnew(t *testing.T) {
	s := byEndpoint(t, verified(t))
	now := time.Now()
	hour := now.Add(-10 * time.Minute) // a program's clock that is late, but not too late
	r := request(t, s, "PUT", "/b/k%20+?tagging", strings.NewReader("hello"))
	r.Header.Set("Content-Type", "text/plain")
	signer.Sign(r, hour, sigv4.UnsignedPayload, "Content-Type")
	if status, body := send(t, r); status != 200 || body != "header AWS4-HMAC-SHA256 UNSIGNED-PAYLOAD 5 5 text/plain" {
		t.Errorf("header: %d %s", status, body)
	}
	r = request(t, s, "GET", "/b//k?versionId=1&x-id=GetObject", nil)
	u, _ := url.Parse(signer.Presign(r, now.Add(-2*time.Hour), 3*time.Hour))
	r.URL = u
	if status, body := send(t, r); status != 200 || body != "query AWS4-HMAC-SHA256 UNSIGNED-PAYLOAD 0 0 " {
		t.Errorf("presigned: %d %s", status, body)
	}
	r = request(t, s, "GET", "/b/k?acl", nil)
	signer.SignV2(r, now, "")
	if status, body := send(t, r); status != 200 || body != "header AWS  0 0 " {
		t.Errorf("version 2: %d %s", status, body)
	}
	r = request(t, s, "GET", "/b/k?acl", nil)
	r.URL, _ = url.Parse(signer.PresignV2(r, now.Add(time.Hour), ""))
	if status, body := send(t, r); status != 200 || body != "query AWS  0 0 " {
		t.Errorf("presigned, version 2: %d %s", status, body)
	}
	if status, body := send(t, request(t, s, "GET", "/b/k", nil)); status != 200 || body != "anonymous   0 0 " {
		t.Errorf("anonymous: %d %s", status, body)
	}
}

// Chunks that come in any pieces leave of a size that S3 takes.
func TestChunksSignedAnew(t *testing.T) {
	s := byEndpoint(t, verified(t))
	for _, size := range []int{0, 1, 8191, 8192, 65536, 65537, 200000} {
		for _, payload := range []string{sigv4.StreamingSigned, sigv4.StreamingSignedTrailer, sigv4.StreamingUnsignedTrailer} {
			data := bytes.Repeat([]byte("x"), size)
			r := request(t, s, "PUT", "/b/k", nil)
			r.Header.Set("Content-Encoding", "aws-chunked")
			r.Header.Set("X-Amz-Decoded-Content-Length", fmt.Sprint(size))
			var trailer []sigv4.FormField
			if payload != sigv4.StreamingSigned {
				r.Header.Set("X-Amz-Trailer", "x-amz-checksum-crc32")
				trailer = []sigv4.FormField{{Name: "x-amz-checksum-crc32", Value: "AAAAAA=="}}
			}
			at := time.Now()
			signature := signer.Sign(r, at, payload)
			var body bytes.Buffer
			w := signer.ChunkWriter(&body, at, payload, signature)
			for rest := data; len(rest) > 0; {
				n := min(len(rest), 8192)
				w.Write(rest[:n])
				rest = rest[n:]
			}
			w.Close(trailer...)
			length := int64(body.Len())
			r.Body, r.ContentLength = io.NopCloser(iotest.HalfReader(&body)), length
			status, answer := send(t, r)
			var mechanism, algorithm, got string
			var sent, decoded int64
			fmt.Sscan(answer, &mechanism, &algorithm, &got, &sent, &decoded)
			if status != 200 || got != payload || decoded != int64(size) {
				t.Errorf("%s, %d bytes: %d %s", payload, size, status, answer)
			}
			if (payload == sigv4.StreamingSigned) != (sent > 0 && sent >= int64(size)) && payload != sigv4.StreamingUnsignedTrailer || payload == sigv4.StreamingUnsignedTrailer && sent != length {
				t.Errorf("%s, %d bytes: Content-Length %d, want that of the body", payload, size, sent)
			}
		}
	}
}

// Without the secret nothing is signed with a key: who else is on this machine, a page
// in a browser, a name that was rebound.
func TestOthersGetNothingSigned(t *testing.T) {
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" || r.URL.Query().Has("X-Amz-Signature") {
			t.Errorf("forwarded: %s %v", r.RequestURI, r.Header)
		}
	}))
	defer origin.Close()
	u, _ := url.Parse(origin.URL)
	p := New(Options{Upstream: func(Destination) (*url.URL, error) { return u, nil }, Keys: keys})
	h := httptest.NewServer(p)
	defer h.Close()
	p.Address = h.Listener.Addr().String()
	s := &stand{t: t, address: p.Address}
	wrong := sigv4.Signer{Credential: sigv4.Credential{AccessKeyID: keyID, Secret: "guessed"}, Region: "eu-west-1"}
	replayed := func() *http.Request {
		r := request(t, s, "GET", "/b/k", nil)
		signer.Sign(r, time.Now(), sigv4.UnsignedPayload)
		return r
	}
	tests := []struct {
		name   string
		status int
		make   func() *http.Request
	}{
		{"a wrong secret", 403, func() *http.Request {
			r := request(t, s, "GET", "/b/k", nil)
			wrong.Sign(r, time.Now(), sigv4.UnsignedPayload)
			return r
		}},
		{"a wrong secret, presigned", 403, func() *http.Request {
			r := request(t, s, "GET", "/b/k", nil)
			r.URL, _ = url.Parse(wrong.Presign(r, time.Now(), time.Hour))
			return r
		}},
		{"a signature for another key of the bucket", 403, func() *http.Request { r := replayed(); r.URL.Path = "/b/other"; return r }},
		{"a signature for another method", 403, func() *http.Request { r := replayed(); r.Method = "DELETE"; return r }},
		{"a key that nobody knows", 400, func() *http.Request {
			r := request(t, s, "GET", "/b/k", nil)
			sigv4.Signer{Credential: sigv4.Credential{AccessKeyID: "AKIAUNKNOWN", Secret: "x"}, Region: "eu-west-1"}.Sign(r, time.Now(), sigv4.UnsignedPayload)
			return r
		}},
		{"a name that was rebound", 421, func() *http.Request { r := request(t, s, "GET", "/b/k", nil); r.Host = "evil.example"; return r }},
		{"a page", 421, func() *http.Request {
			r := request(t, s, "GET", "/b/k", nil)
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			return r
		}},
	}
	for _, test := range tests {
		if status, body := send(t, test.make()); status != test.status {
			t.Errorf("%s: %d %s, want %d", test.name, status, body, test.status)
		}
	}
}

// What cannot be signed anew says so.
func TestNotSignedAnew(t *testing.T) {
	s := byEndpoint(t, verified(t))
	r := request(t, s, "GET", "/b/k", nil)
	r.Header.Set("Authorization", "AWS4-ECDSA-P256-SHA256 Credential="+keyID+"/20260101/s3/aws4_request, SignedHeaders=host, Signature=00")
	status, body := send(t, r)
	if status != 400 || !strings.Contains(body, "cannot be signed anew") || len(s.refused) != 1 {
		t.Errorf("%d %s", status, body)
	}
}

func TestLearn(t *testing.T) {
	tests := map[string]string{
		// AWS Security Token Service API Reference, AssumeRoleWithWebIdentity
		`<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>
		<SubjectFromWebIdentityToken>amzn1.account.AF6RHO7KZU5XRVQJGXK6HB56KR2A</SubjectFromWebIdentityToken><Credentials><SessionToken>TOKEN</SessionToken>
		<SecretAccessKey>SECRET</SecretAccessKey><Expiration>2014-10-24T23:00:23Z</Expiration><AccessKeyId>ASgeIAIOSFODNN7EXAMPLE</AccessKeyId></Credentials>
		</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`: "ASgeIAIOSFODNN7EXAMPLE SECRET TOKEN",
		// AWS IAM Identity Center Portal API Reference, GetRoleCredentials
		`{"roleCredentials":{"accessKeyId":"ASIA1","expiration":1767225600000,"secretAccessKey":"S","sessionToken":"T"}}`: "ASIA1 S T",
		`{"Account":"111122223333"}`: "", `<GetCallerIdentityResponse><Arn>x</Arn></GetCallerIdentityResponse>`: "", `<a><b`: "", ``: "",
	}
	for body, want := range tests {
		got := ""
		learn([]byte(body), func(c sigv4.Credential) { got = c.AccessKeyID + " " + c.Secret + " " + c.SessionToken })
		if got != want {
			t.Errorf("%s: learned %q, want %q", body, got, want)
		}
	}
}
