package server

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/why403/why403/internal/sigv4"
)

// presign returns the path and query of a presigned URL.
func (g *rig) presign(who sigv4.Credential, method, target string, expires time.Duration, headers ...string) string {
	g.t.Helper()
	r := g.request(method, target, "", headers...)
	return strings.TrimPrefix(sigv4.Signer{Credential: who, Region: regionOf(target, "")}.Presign(r, g.now(), expires), g.http.URL)
}

// Every way in which the caller's own side goes wrong has the answer of the error
// catalogue, and the log names the gate.
func TestAuthenticationErrors(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/reports/k", "x"), 200, "")
	wrong := sigv4.Credential{AccessKeyID: admin.AccessKeyID, Secret: "wrong"}
	inactive := sigv4.Credential{AccessKeyID: "AKIAREADER0000000002", Secret: "reader/Secret+Key00000000000000000000002"}
	late := func() answer {
		now := g.now
		defer func() { g.now = now }()
		r := g.request("GET", "/reports/k", "")
		sigv4.Signer{Credential: admin, Region: "us-east-1"}.Sign(r, now().Add(-20*time.Minute), sigv4.EmptyPayload)
		return g.send(r)
	}
	unsigned := func() answer {
		r := g.request("GET", "/reports/k", "")
		sigv4.Signer{Credential: admin, Region: "us-east-1"}.Sign(r, g.now(), sigv4.EmptyPayload)
		r.Header.Set("x-amz-expected-bucket-owner", "111122223333")
		return g.send(r)
	}
	region := func() answer {
		r := g.request("GET", "/reports/k", "")
		sigv4.Signer{Credential: admin, Region: "ap-south-1"}.Sign(r, g.now(), sigv4.EmptyPayload)
		return g.send(r)
	}
	expired := func() answer {
		r := g.request("GET", "/reports/k", "")
		url := sigv4.Signer{Credential: admin, Region: "us-east-1"}.Presign(r, g.now().Add(-time.Hour), time.Minute)
		return g.do(nouser, "GET", strings.TrimPrefix(url, g.http.URL), "")
	}
	both := func() answer {
		return g.do(admin, "GET", g.presign(admin, "GET", "/reports/k", time.Minute), "")
	}
	for _, c := range []struct {
		name   string
		answer answer
		status int
		code   string
		extra  string // element of the body
		log    string
	}{
		{"unknown key", g.do(sigv4.Credential{AccessKeyID: "AKIAUNKNOWN", Secret: "x"}, "GET", "/reports/k", ""), 403, "InvalidAccessKeyId", "<AWSAccessKeyId>AKIAUNKNOWN</AWSAccessKeyId>", "credentials (unknown-access-key)"},
		{"inactive key", g.do(inactive, "GET", "/reports/k", ""), 403, "InvalidAccessKeyId", "<AWSAccessKeyId>", "credentials (inactive-access-key)"},
		{"wrong secret", g.do(wrong, "GET", "/reports/k", ""), 403, "SignatureDoesNotMatch", "<CanonicalRequest>GET\n/reports/k\n", "signature (signature-mismatch)"},
		{"clock", late(), 403, "RequestTimeTooSkewed", "<MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds>", "signature (clock-skew)"},
		{"unsigned header", unsigned(), 403, "AccessDenied", "<HeadersNotSigned>x-amz-expected-bucket-owner</HeadersNotSigned>", "signature (unsigned-headers)"},
		{"region", region(), 400, "AuthorizationHeaderMalformed", "<Region>us-east-1</Region>", "endpoint (wrong-region)"},
		{"expired URL", expired(), 403, "AccessDenied", "<X-Amz-Expires>60</X-Amz-Expires>", "signature (presigned-expired)"},
		{"two mechanisms", both(), 400, "InvalidArgument", "<ArgumentName>Authorization</ArgumentName>", "signature (malformed-authorization): Only one auth mechanism allowed"},
		{"other scheme", g.do(nouser, "GET", "/reports/k", "", "Authorization", "Basic eDp5"), 400, "InvalidArgument", "<ArgumentName>Authorization</ArgumentName>", "signature (malformed-authorization): Unsupported Authorization Type"},
	} {
		g.want(c.answer, c.status, c.code)
		if !strings.Contains(c.answer.body, c.extra) {
			t.Errorf("%s: %s\nlacks %s", c.name, c.answer.body, c.extra)
		}
		if strings.Count(c.answer.body, "Secret") != 0 {
			t.Errorf("%s: the answer tells a secret: %s", c.name, c.answer.body)
		}
		if log := g.entry(c.answer); !strings.Contains(log, c.log) {
			t.Errorf("%s: the log says\n%s\nwant %s", c.name, log, c.log)
		}
	}
	if strings.Contains(g.log.String(), "Secret+Key") {
		t.Error("the log tells a secret")
	}
}

// entry returns what the log says of an answer.
func (g *rig) entry(a answer) string {
	id, out := a.Header.Get("X-Amz-Request-Id"), ""
	mine := false
	for line := range strings.Lines(g.log.String()) {
		if !strings.HasPrefix(line, " ") {
			mine = strings.Contains(line, " "+id+" ")
		}
		if mine {
			out += line
		}
	}
	return out
}

// Presigned URLs act as their signer, and carry headers in their query.
func TestPresigned(t *testing.T) {
	g := newRig(t, nil)
	put := g.presign(admin, "PUT", "/reports/p?x-amz-meta-colour=blue&x-amz-tagging=a%3Db", time.Minute)
	g.want(g.do(nouser, "PUT", put, "hello"), 200, "")
	get := g.want(g.do(nouser, "GET", g.presign(admin, "GET", "/reports/p?response-content-type=text%2Fx-test", time.Minute), ""), 200, "")
	if get.body != "hello" || get.Header.Get("X-Amz-Meta-Colour") != "blue" || get.Header.Get("Content-Type") != "text/x-test" || get.Header.Get("X-Amz-Tagging-Count") != "1" {
		t.Errorf("%q %v", get.body, get.Header)
	}
	g.want(g.do(nouser, "GET", g.presign(nobody, "GET", "/reports/p", time.Minute), ""), 403, "AccessDenied")
	g.want(g.do(nouser, "PUT", g.presign(admin, "PUT", "/reports/p", time.Minute), "x", "x-amz-acl", "private"), 403, "AccessDenied")
	g.want(g.do(nouser, "GET", "/public-site/x?response-content-type=text%2Fplain", ""), 403, "AccessDenied")
}

// Bodies in chunks: signed, and unsigned with a trailer.
func TestChunkedBodies(t *testing.T) {
	g := newRig(t, nil)
	content := bytes.Repeat([]byte("0123456789abcdef"), 8192)
	for _, payload := range []string{sigv4.StreamingSigned, sigv4.StreamingSignedTrailer, sigv4.StreamingUnsignedTrailer} {
		for _, c := range []struct {
			crc, length, code string
			status            int
		}{
			{crc: "ADgFQA==", status: 200},
			{crc: "AAAAAA==", status: 400, code: "BadDigest"},
			{crc: "ADgFQA==", length: "131073", status: 400, code: "IncompleteBody"},
		} {
			trailer := payload != sigv4.StreamingSigned
			if !trailer && c.code == "BadDigest" {
				continue
			}
			a := g.chunked(payload, content, c.crc, c.length, trailer)
			g.want(a, c.status, c.code)
		}
		got := g.want(g.do(admin, "GET", "/reports/chunked", "", "x-amz-checksum-mode", "ENABLED"), 200, "")
		if got.body != string(content) || got.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s: %d bytes, %v", payload, len(got.body), got.Header)
		}
	}
	r := g.request("PUT", "/reports?tagging", "x", "x-amz-decoded-content-length", "1")
	sigv4.Signer{Credential: admin, Region: "us-east-1"}.Sign(r, g.now(), sigv4.StreamingUnsignedTrailer)
	g.want(g.send(r), 400, "InvalidRequest")
}

func (g *rig) chunked(payload string, content []byte, crc, length string, trailer bool) answer {
	g.t.Helper()
	return g.chunkedTo("/reports/chunked", payload, content, crc, length, trailer)
}

func (g *rig) chunkedTo(target, payload string, content []byte, crc, length string, trailer bool) answer {
	g.t.Helper()
	if length == "" {
		length = "131072"
	}
	r := g.request("PUT", target, "", "Content-Encoding", "aws-chunked,gzip", "x-amz-decoded-content-length", length)
	if trailer {
		r.Header.Set("x-amz-trailer", "x-amz-checksum-crc32")
	}
	signer := sigv4.Signer{Credential: admin, Region: "us-east-1"}
	at := g.now()
	seed := signer.Sign(r, at, payload)
	var body bytes.Buffer
	w := signer.ChunkWriter(&body, at, payload, seed)
	for rest := content; len(rest) > 0; rest = rest[min(len(rest), 65536):] {
		if _, err := w.Write(rest[:min(len(rest), 65536)]); err != nil {
			g.t.Fatal(err)
		}
	}
	var fields []sigv4.FormField
	if trailer {
		fields = append(fields, sigv4.FormField{Name: "x-amz-checksum-crc32", Value: crc})
	}
	if err := w.Close(fields...); err != nil {
		g.t.Fatal(err)
	}
	r.Body, r.ContentLength = io.NopCloser(&body), int64(body.Len())
	return g.send(r)
}

// A body that is not what was signed is not stored.
func TestSignedPayload(t *testing.T) {
	g := newRig(t, nil)
	r := g.request("PUT", "/reports/k", "other")
	sigv4.Signer{Credential: admin, Region: "us-east-1"}.Sign(r, g.now(), sigv4.EmptyPayload)
	a := g.want(g.send(r), 400, "XAmzContentSHA256Mismatch")
	if log := g.entry(a); !strings.Contains(log, "signature (signature-mismatch)") {
		t.Errorf("the log says %s", log)
	}
	g.want(g.do(admin, "GET", "/reports/k", ""), 404, "NoSuchKey")
	r = g.request("GET", "/reports/k", "")
	sigv4.Signer{Credential: admin, Region: "us-east-1"}.Sign(r, g.now(), sigv4.EmptyPayload)
	r.Header.Del("X-Amz-Content-Sha256")
	g.want(g.send(r), 400, "InvalidRequest")
}

// A refused upload is refused before its body is read: clients that wait for
// 100 Continue never send it.
func TestExpectContinue(t *testing.T) {
	g := newRig(t, nil)
	read := false
	body := readerFunc(func(p []byte) (int, error) { read = true; return 0, io.EOF })
	r := g.request("PUT", "/reports/k", "", "Expect", "100-continue")
	r.Body, r.ContentLength = io.NopCloser(body), 1<<20
	sigv4.Signer{Credential: nobody, Region: "us-east-1"}.Sign(r, g.now(), sigv4.UnsignedPayload)
	res, err := (&http.Client{Transport: &http.Transport{ExpectContinueTimeout: time.Minute}}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 403 || read {
		t.Errorf("status %d, body read: %v", res.StatusCode, read)
	}
}

// What clients may leave out, or send empty, as public conformance suites have it.
func TestHeadersLeftOut(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(nouser, "PUT", "/reports/k", "x", "Authorization", ""), 403, "AccessDenied")
	c := g.dial("/reports/k", 0)
	defer c.Close()
	if res, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil || res.StatusCode != 200 {
		t.Fatalf("an empty object: %v, %v", res, err)
	}
	bare, err := net.Dial("tcp", g.http.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer bare.Close()
	r := g.request("PUT", "/reports/k", "")
	sigv4.Signer{Credential: admin, Region: "us-east-1"}.Sign(r, g.now(), "UNSIGNED-PAYLOAD")
	fmt.Fprintf(bare, "PUT /reports/k HTTP/1.1\r\nHost: %s\r\n", r.URL.Host)
	r.Header.Write(bare)
	io.WriteString(bare, "\r\n")
	if res, err := http.ReadResponse(bufio.NewReader(bare), nil); err != nil || res.StatusCode != 411 {
		t.Errorf("an object of no stated length: %v, %v", res, err)
	}
}

// A client that waits for 100 Continue gets it with an empty body too: botocore takes
// the final answer for it otherwise, and misreads the answer after that.
func TestExpectContinueOfNothing(t *testing.T) {
	g := newRig(t, nil)
	r := g.request("PUT", "/reports/k", "", "Expect", "100-continue")
	sigv4.Signer{Credential: admin, Region: "us-east-1"}.Sign(r, g.now(), sigv4.EmptyPayload)
	c, err := net.Dial("tcp", g.http.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "PUT /reports/k HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\n", r.URL.Host)
	r.Header.Write(c)
	io.WriteString(c, "\r\n")
	lines := bufio.NewReader(c)
	if first, err := lines.ReadString('\n'); err != nil || first != "HTTP/1.1 100 Continue\r\n" {
		t.Fatalf("%q, %v", first, err)
	}
	if end, err := lines.ReadString('\n'); err != nil || end != "\r\n" {
		t.Fatalf("%q, %v", end, err)
	}
	if res, err := http.ReadResponse(lines, nil); err != nil || res.StatusCode != 200 {
		t.Errorf("then: %v, %v", res, err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
