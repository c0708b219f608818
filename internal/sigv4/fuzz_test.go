package sigv4

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// Law: whatever arrives, Verify returns either a result or an error that
// answers something, and accepts only what carries a signature by a known key.
func FuzzVerify(f *testing.F) {
	for _, p := range published {
		f.Add([]byte(strings.ReplaceAll(p.head, "\n", "\r\n") + "\r\n\r\n" + p.body))
	}
	head, body := publishedChunks()
	f.Add([]byte(strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n" + body[:200]))
	f.Add([]byte("GET http://h?X-Amz-Algorithm=AWS4-HMAC-SHA256 HTTP/1.1\r\nHost: h\r\nAuthorization: AWS a:b\r\n\r\n"))
	f.Add([]byte("POST / HTTP/1.1\r\nHost: h\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 70\r\n\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"policy\"\r\n\r\ne30=\r\n--b--\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, service := range []string{"s3", "sts"} {
			r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
			if err != nil {
				return
			}
			v := at(docTime, keys(docCred))
			v.Service, v.AllowSigV2 = service, true
			res, refusal := v.Verify(r)
			switch {
			case (res == nil) == (refusal == nil):
				t.Fatalf("result %v, error %v", res, refusal)
			case refusal != nil:
				if refusal.Status < 400 || refusal.Code == "" || refusal.Message == "" || refusal.Reason == "" {
					t.Fatalf("%+v", refusal)
				}
			case res.Mechanism != Anonymous && res.Credential.AccessKeyID != docCred.AccessKeyID:
				t.Fatalf("accepted for nobody: %+v", res)
			default:
				_, _ = io.Copy(io.Discard, res.Body(r.Body))
			}
			ReadClaim(r)
		}
	})
}

// The same law over the parts that Verify parses itself.
func FuzzVerifyParts(f *testing.F) {
	f.Add("GET", "/a?b", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range,Signature=00", "20130524T000000Z", UnsignedPayload)
	f.Add("PUT", "/a", "AWS AKIAIOSFODNN7EXAMPLE:00", "Fri, 24 May 2013 00:00:00 GMT", StreamingSigned)
	f.Add("GET", "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z"+
		"&X-Amz-Expires=1&X-Amz-SignedHeaders=host&X-Amz-Signature=0", "", "", "")
	f.Add("GET", "/?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=99999999999&Signature=x", "", "", "")
	f.Fuzz(func(t *testing.T, method, target, auth, date, payload string) {
		r := &http.Request{Method: method, RequestURI: target, Host: "h", Header: http.Header{}, Body: http.NoBody}
		for name, value := range map[string]string{"Authorization": auth, headerDate: date, headerPayload: payload} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		for _, service := range []string{"s3", "sts"} {
			v := at(docTime, keys(docCred))
			v.Service, v.AllowSigV2 = service, true
			res, refusal := v.Verify(r)
			if (res == nil) == (refusal == nil) {
				t.Fatalf("result %v, error %v", res, refusal)
			}
			if res != nil && res.Mechanism != Anonymous {
				t.Fatalf("accepted: %s %s %s", method, target, auth)
			}
		}
	})
}

// Law: the reader yields never more than the decoded length, and ends in io.EOF
// only with exactly that many bytes.
func FuzzChunkReader(f *testing.F) {
	_, body := publishedTrailer()
	f.Add([]byte(body[:300]), 66560, true)
	f.Add([]byte("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"), 5, false)
	f.Add([]byte("ffffffffffffffff\r\n"), 1, false)
	f.Fuzz(func(t *testing.T, raw []byte, length int, signed bool) {
		if length < 0 {
			return
		}
		r, err := http.NewRequest("PUT", "http://h/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Amz-Decoded-Content-Length", strconv.Itoa(length))
		r.Header.Set("X-Amz-Trailer", "x-amz-checksum-crc32")
		res := &Result{Payload: StreamingUnsignedTrailer}
		if signed {
			res.Payload = StreamingSignedTrailer
		}
		if err := res.prepareBody(r, bodyKey{key: []byte("k"), seed: emptySHA256}); err != nil {
			t.Fatal(err)
		}
		got, rerr := io.ReadAll(res.Body(bytes.NewReader(raw)))
		if len(got) > length || rerr == nil && len(got) != length {
			t.Fatalf("%d bytes of %d, error %v", len(got), length, rerr)
		}
	})
}

// Law: encoding what was decoded is stable, and holds only unreserved bytes
// and upper-case escapes.
func FuzzCanonicalPath(f *testing.F) {
	f.Add("/a%2fb+c%zz/ä")
	f.Fuzz(func(t *testing.T, raw string) {
		once := canonicalPathS3(raw)
		if twice := canonicalPathS3(once); twice != once {
			t.Fatalf("%q: %q, then %q", raw, once, twice)
		}
		if got := decode(once, false); got != decode(raw, false) {
			t.Fatalf("%q decodes to %q, canonical to %q", raw, decode(raw, false), got)
		}
	})
}
