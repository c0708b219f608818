package sigv4

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// getSigned signs a request by its canonical path and query as given, and
// sends it by the target as given.
func getSigned(t testing.TB, canonicalPath, canonicalQuery, target string) *http.Request {
	t.Helper()
	canonical := "GET\n" + canonicalPath + "\n" + canonicalQuery + "\nhost:my-bucket.s3.amazonaws.com\nx-amz-date:20261122T100000Z\n\nhost;x-amz-date\nUNSIGNED-PAYLOAD"
	text := "AWS4-HMAC-SHA256\n20261122T100000Z\n20261122/us-east-1/s3/aws4_request\n" + sha256Hex([]byte(canonical))
	key := signingKey(docCred.Secret, scope{"20261122", "us-east-1", "s3", "aws4_request"})
	return wire(t, "GET "+target+" HTTP/1.1\nHost: my-bucket.s3.amazonaws.com\nX-Amz-Date: 20261122T100000Z\nX-Amz-Content-Sha256: UNSIGNED-PAYLOAD\n"+
		"Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261122/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature="+
		signV4(key, []byte(text)), "")
}

// The path is decoded and encoded once, and never normalised.
func TestCanonicalPath(t *testing.T) {
	for _, tt := range []struct{ target, canonical string }{
		{"/", "/"},
		{"//a//b/", "//a//b/"},
		{"/a/./b/../c", "/a/./b/../c"},
		{"/%2Fmy-bucket/key", "//my-bucket/key"},
		{"/a%2fb", "/a/b"},
		{"/caf%c3%a9", "/caf%C3%A9"},
		{"/a!'()*b", "/a%21%27%28%29%2Ab"},
		{"/a+b", "/a%2Bb"},
		{"/a%20b~c", "/a%20b~c"},
		{"/100%25", "/100%25"},
	} {
		t.Run(tt.target, func(t *testing.T) {
			accepted(t, at(testTime, keys(docCred)), getSigned(t, tt.canonical, "", tt.target))
		})
	}
}

// Names and values are decoded, encoded and sorted by encoded name and value.
func TestCanonicalQuery(t *testing.T) {
	for _, tt := range []struct{ query, canonical string }{
		{"acl", "acl="},
		{"acl=", "acl="},
		{"b=2&a=1", "a=1&b=2"},
		{"a=2&a=1&a", "a=&a=1&a=2"},
		{"a=1;b=2", "a=1%3Bb%3D2"},
		{"prefix=a/b", "prefix=a%2Fb"},
		{"prefix=a+b", "prefix=a%20b"},
		{"prefix=a%2bb", "prefix=a%2Bb"},
		{"A=1&a=1&_=1&%7E=1", "A=1&_=1&a=1&~=1"},
		{"a-b=1&a=1", "a=1&a-b=1"},
		{"a=1&&b=2&", "a=1&b=2"},
		{"x=%zz", "x=%25zz"},
		{"q=a=b", "q=a%3Db"},
	} {
		t.Run(tt.query, func(t *testing.T) {
			accepted(t, at(testTime, keys(docCred)), getSigned(t, "/key", tt.canonical, "/key?"+tt.query))
		})
	}
}

// The server's own routing must not matter: a request that comes through
// net/http is verified by what was on the wire.
func TestThroughNetHTTP(t *testing.T) {
	v := at(testTime, keys(docCred))
	bodies := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		res, err := v.Verify(r)
		if err != nil {
			http.Error(w, err.Error()+"\n"+detail(err), err.Status)
			return
		}
		b, _ := io.ReadAll(res.Body(r.Body))
		bodies <- string(b)
	}))
	defer server.Close()
	for _, tt := range []struct {
		method, target, body string
		also                 []string
	}{
		{"PUT", "//double//../dot/%2Fkey%20?b=1&a", "hello", []string{"Content-Length", "Content-Type"}},
		{"PUT", "/empty", "", nil},
		{"GET", "/key?prefix=a%2Fb&acl", "", []string{"Range"}},
	} {
		r := request(t, tt.method, server.URL+tt.target, tt.body)
		r.Header.Set("Content-Type", "text/plain")
		r.Header.Set("Range", "bytes=0-9")
		formSigner.Sign(r, testTime, sha256Hex([]byte(tt.body)), tt.also...)
		answer, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode != 200 {
			t.Fatalf("%s %s: %s", tt.method, tt.target, text)
		}
		if got := <-bodies; got != tt.body {
			t.Errorf("%s: body %q, want %q", tt.target, got, tt.body)
		}
	}
}

// A body of unknown length has Transfer-Encoding, which net/http takes out of
// the header map, and no Content-Length.
func TestSignedTransferEncoding(t *testing.T) {
	r := request(t, "PUT", "https://my-bucket.s3.amazonaws.com/key", "")
	r.Body, r.ContentLength, r.TransferEncoding = io.NopCloser(strings.NewReader("hello")), -1, []string{"chunked"}
	formSigner.Sign(r, testTime, UnsignedPayload, "Transfer-Encoding")
	got := received(t, r)
	if _, ok := got.Header["Transfer-Encoding"]; ok {
		t.Fatal("net/http kept Transfer-Encoding; this test has no point")
	}
	if res := accepted(t, at(testTime, keys(docCred)), got); res.DecodedLength != -1 {
		t.Errorf("length %d, want -1", res.DecodedLength)
	}
}

// unread fails the test when a body is read.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body was read before the request was accepted")
	return 0, io.EOF
}

// A client that expects 100 Continue waits: nothing may read the body yet.
func TestVerifyDoesNotReadTheBody(t *testing.T) {
	r := request(t, "PUT", "https://my-bucket.s3.amazonaws.com/key", "")
	formSigner.Sign(r, testTime, UnsignedPayload)
	r.Body = io.NopCloser(unread{t})
	accepted(t, at(testTime, keys(docCred)), r)
	r.Header.Set("X-Amz-Acl", "private")
	refused(t, at(testTime, keys(docCred)), r)
}

// An unknown key is reported before the signature is looked at, and tells
// nothing about what would have to be signed.
func TestUnknownKeyTellsNothing(t *testing.T) {
	err := refused(t, at(testTime, nil), signedGet(t, setAuth("Signature=", "Signature=0")))
	if err.Reason != ReasonUnknownAccessKey || err.Detail != nil || len(err.Extra) != 1 {
		t.Errorf("%+v", err)
	}
}

// Repeated headers are joined in the order received, blanks are trimmed and
// collapsed.
func TestCanonicalHeaderValues(t *testing.T) {
	var m message
	m.headers = []field{{name: "a", values: []string{"  two   blanks\t", "second"}}, {name: "b", values: []string{""}}, {name: "c", missing: true}}
	if got, want := string(m.append(nil)), "\n\n\na:two blanks,second\nb:\nc:\n\n\n"; got != want {
		t.Errorf("canonical %q, want %q", got, want)
	}
}

// A header that is signed and missing is canonicalised as empty, as S3 shows
// in its answer.
func TestSignedHeaderThatIsMissing(t *testing.T) {
	r := request(t, "GET", "https://my-bucket.s3.amazonaws.com/key", "")
	r.Header.Set("Range", "bytes=0-9")
	formSigner.Sign(r, testTime, EmptyPayload, "Range")
	r.Header.Del("Range")
	err := refused(t, at(testTime, keys(docCred)), r)
	if !strings.Contains(err.Detail.CanonicalRequest, "\nrange:\n") {
		t.Errorf("canonical request %s", err.Detail.CanonicalRequest)
	}
	if h := err.Detail.Hint; h.Part != PartHeader || h.Confirmed || !strings.Contains(h.Text, "range") {
		t.Errorf("hint %+v", h)
	}
}

// The clock of a form is its policy's expiration alone.
func TestFormsHaveNoClockSkew(t *testing.T) {
	fields := formSigner.PostForm("my-bucket", []FormField{{"key", "k"}}, testTime.Add(-48*time.Hour), testTime.Add(time.Minute))
	accepted(t, at(testTime, keys(docCred)), formRequest(t, fields, "f", "x"))
}

// The host is signed with its port, as it was sent.
func TestHostWithPort(t *testing.T) {
	r := request(t, "GET", "http://127.0.0.1:9000/my-bucket/key", "")
	formSigner.Sign(r, testTime, EmptyPayload)
	accepted(t, at(testTime, keys(docCred)), received(t, r))
	r.Host = "127.0.0.1"
	if err := refused(t, at(testTime, keys(docCred)), r); err.Reason != ReasonSignatureMismatch {
		t.Errorf("%v", err)
	}
}

// However a result or a key is printed or logged, its secrets stay out.
func TestSecretsAreNotPrinted(t *testing.T) {
	r := request(t, "GET", "https://my-bucket.s3.amazonaws.com/key", "")
	Signer{Credential: tempCred, Region: "us-east-1"}.Sign(r, testTime, EmptyPayload)
	res := accepted(t, at(testTime, keys(tempCred)), r)
	asJSON, err := json.Marshal(res)
	if err != nil {
		t.Fatal(err)
	}
	printed := fmt.Sprintf("%v %+v %#v %s %v %#v %s", res, res, res, res, res.Credential, tempCred, asJSON)
	for _, secret := range []string{tempCred.Secret, tempCred.SessionToken, fmt.Sprint(res.body.key)} { //nolint:staticcheck // as %v prints bytes
		if strings.Contains(printed, secret) {
			t.Errorf("%q is in %s", secret, printed)
		}
	}
}

// A signed Content-Length of zero is found in requests that were made in this
// process, where only the struct holds it.
func TestSignedZeroContentLength(t *testing.T) {
	r := request(t, "PUT", "https://my-bucket.s3.amazonaws.com/key", "")
	formSigner.Sign(r, testTime, EmptyPayload, "Content-Length")
	accepted(t, at(testTime, keys(docCred)), r)
	accepted(t, at(testTime, keys(docCred)), received(t, r))
}
