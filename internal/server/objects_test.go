package server

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// An object comes back as it was put: bytes, metadata, ETag and checksum.
func TestPutAndGet(t *testing.T) {
	g := newRig(t, nil)
	put := g.want(g.do(admin, "PUT", "/reports/a//b/../c%20d", "hello", "Content-Type", "text/plain", "x-amz-meta-Colour", "blue", "Cache-Control", "no-store",
		"x-amz-tagging", "class=public&n=1"), 200, "")
	for name, want := range map[string]string{
		"ETag": `"5d41402abc4b2a76b9719d911017c592"`, "X-Amz-Server-Side-Encryption": "AES256",
		"X-Amz-Checksum-Crc64nvme": "M3eFcAZSQlc=", "X-Amz-Checksum-Type": "FULL_OBJECT",
	} {
		if got := put.Header.Get(name); got != want {
			t.Errorf("PutObject %s: %q, want %q", name, got, want)
		}
	}
	got := g.want(g.do(admin, "GET", "/reports/a//b/../c%20d", "", "x-amz-checksum-mode", "ENABLED"), 200, "")
	if got.body != "hello" {
		t.Errorf("body %q", got.body)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/plain", "X-Amz-Meta-Colour": "blue", "Cache-Control": "no-store", "Accept-Ranges": "bytes", "Content-Length": "5",
		"X-Amz-Tagging-Count": "2", "X-Amz-Checksum-Crc64nvme": "M3eFcAZSQlc=", "X-Amz-Version-Id": "", "ETag": `"5d41402abc4b2a76b9719d911017c592"`,
	} {
		if got := got.Header.Get(name); got != want {
			t.Errorf("GetObject %s: %q, want %q", name, got, want)
		}
	}
	head := g.want(g.do(admin, "HEAD", "/reports/a//b/../c%20d", ""), 200, "")
	if head.body != "" || head.Header.Get("Content-Length") != "5" {
		t.Errorf("HEAD: %v", head.Header)
	}
	g.want(g.do(admin, "GET", "/reports/a/c%20d", ""), 404, "NoSuchKey")
	g.want(g.do(admin, "DELETE", "/reports/a//b/../c%20d", ""), 204, "")
	g.want(g.do(admin, "DELETE", "/reports/a//b/../c%20d", ""), 204, "")
	g.want(g.do(admin, "GET", "/reports/a//b/../c%20d", ""), 404, "NoSuchKey")
}

// "Range" of the GetObject page: one range; what does not parse is ignored.
func TestRanges(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/reports/r", "0123456789"), 200, "")
	for _, c := range []struct {
		header, body, contentRange string
		status                     int
		code                       string
	}{
		{"bytes=2-4", "234", "bytes 2-4/10", 206, ""},
		{"bytes=7-", "789", "bytes 7-9/10", 206, ""},
		{"bytes=-3", "789", "bytes 7-9/10", 206, ""},
		{"bytes=-30", "0123456789", "bytes 0-9/10", 206, ""},
		{"bytes=8-99", "89", "bytes 8-9/10", 206, ""},
		{"bytes=10-", "", "bytes */10", 416, "InvalidRange"},
		{"bytes=-0", "", "bytes */10", 416, "InvalidRange"},
		{"bytes=1-2,4-5", "0123456789", "", 200, ""},
		{"bytes=4-2", "0123456789", "", 200, ""},
		{"lines=1-2", "0123456789", "", 200, ""},
	} {
		a := g.want(g.do(admin, "GET", "/reports/r", "", "Range", c.header), c.status, c.code)
		if c.code == "" && a.body != c.body || a.Header.Get("Content-Range") != c.contentRange {
			t.Errorf("%s: %q, Content-Range %q", c.header, a.body, a.Header.Get("Content-Range"))
		}
	}
	g.want(g.do(admin, "PUT", "/reports/empty", ""), 200, "")
	g.want(g.do(admin, "GET", "/reports/empty", "", "Range", "bytes=0-"), 416, "InvalidRange")
	g.want(g.do(admin, "GET", "/reports/empty", ""), 200, "")
	g.want(g.do(admin, "GET", "/reports/r?partNumber=1", ""), 206, "")
	g.want(g.do(admin, "GET", "/reports/r?partNumber=2", ""), 416, "InvalidPartNumber")
}

// Conditional requests, for reads (RFC 9110, 13.2.2) and for writes.
func TestConditionalRequests(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/reports/c", "hello", "If-None-Match", "*"), 200, "")
	const etag, other = `"5d41402abc4b2a76b9719d911017c592"`, `"00000000000000000000000000000000"`
	const past, future = "Mon, 01 Jan 2001 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"
	for _, c := range []struct {
		headers []string
		status  int
		code    string
	}{
		{[]string{"If-Match", etag}, 200, ""},
		{[]string{"If-Match", "5d41402abc4b2a76b9719d911017c592"}, 200, ""},
		{[]string{"If-Match", other}, 412, "PreconditionFailed"},
		{[]string{"If-None-Match", etag}, 304, ""},
		{[]string{"If-None-Match", other}, 200, ""},
		{[]string{"If-Modified-Since", past}, 200, ""},
		{[]string{"If-Modified-Since", future}, 200, ""}, // RFC 9110, 13.1.3
		{[]string{"If-Modified-Since", time.Now().UTC().Format(http.TimeFormat)}, 304, ""},
		{[]string{"If-Unmodified-Since", past}, 412, "PreconditionFailed"},
		{[]string{"If-Unmodified-Since", future}, 200, ""},
		{[]string{"If-Match", etag, "If-Unmodified-Since", past}, 200, ""},
		{[]string{"If-None-Match", other, "If-Modified-Since", future}, 200, ""},
	} {
		g.want(g.do(admin, "GET", "/reports/c", "", c.headers...), c.status, c.code)
	}
	g.want(g.do(admin, "PUT", "/reports/c", "x", "If-None-Match", "*"), 412, "PreconditionFailed")
	g.want(g.do(admin, "PUT", "/reports/c", "x", "If-Match", other), 412, "PreconditionFailed")
	g.want(g.do(admin, "PUT", "/reports/c", "world", "If-Match", etag), 200, "")
	g.want(g.do(admin, "PUT", "/reports/c", "x", "If-None-Match", etag), 501, "NotImplemented")
	g.want(g.do(admin, "DELETE", "/reports/c", "", "If-Match", etag), 412, "PreconditionFailed")
}

// "Checking object integrity": what does not match is not stored.
func TestIntegrity(t *testing.T) {
	g := newRig(t, nil)
	for _, c := range []struct {
		name    string
		headers []string
		status  int
		code    string
	}{
		{"md5", []string{"Content-MD5", "XUFAKrxLKna5cZ2REBfFkg=="}, 200, ""},
		{"wrong md5", []string{"Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="}, 400, "BadDigest"},
		{"malformed md5", []string{"Content-MD5", "nonsense"}, 400, "InvalidDigest"},
		{"crc32", []string{"x-amz-checksum-crc32", "NhCmhg=="}, 200, ""},
		{"wrong crc32", []string{"x-amz-checksum-crc32", "AAAAAA=="}, 400, "BadDigest"},
		{"malformed crc32", []string{"x-amz-checksum-crc32", "AAAA"}, 400, "InvalidRequest"},
		{"crc32c", []string{"x-amz-checksum-crc32c", "mnG7TA=="}, 200, ""},
		{"sha256", []string{"x-amz-checksum-sha256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="}, 200, ""},
		{"sha1", []string{"x-amz-checksum-sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00="}, 200, ""},
		{"two", []string{"x-amz-checksum-crc32", "NhCmhg==", "x-amz-checksum-crc32c", "mnG7TA=="}, 400, "InvalidRequest"},
		{"announced only", []string{"x-amz-sdk-checksum-algorithm", "CRC32"}, 400, "InvalidRequest"},
	} {
		a := g.want(g.do(admin, "PUT", "/reports/i", "hello", c.headers...), c.status, c.code)
		get := g.do(admin, "GET", "/reports/i", "")
		if stored := get.StatusCode == 200; stored != (c.status == 200) {
			t.Errorf("%s: stored %v after %d %s", c.name, stored, a.StatusCode, a.body)
		}
		if c.status == 200 {
			g.want(g.do(admin, "DELETE", "/reports/i", ""), 204, "")
		}
	}
	r := g.request("PUT", "/reports/i", "hello")
	if got := g.send(r); got.code() != "AccessDenied" || got.message() != "Access Denied" {
		t.Errorf("anonymous PUT: %d %s", got.StatusCode, got.body)
	}
}

// The tail of an upload's answer names what S3 wants to say about the request.
func TestErrorBodies(t *testing.T) {
	g := newRig(t, nil)
	a := g.want(g.do(admin, "GET", "/no-such-bucket-here/k", ""), 404, "NoSuchBucket")
	if !strings.Contains(a.body, "<BucketName>no-such-bucket-here</BucketName><RequestId>"+a.Header.Get("X-Amz-Request-Id")+"</RequestId><HostId>") {
		t.Errorf("NoSuchBucket: %s", a.body)
	}
	a = g.want(g.do(admin, "GET", "/reports/none", ""), 404, "NoSuchKey")
	if !strings.Contains(a.body, "<Key>none</Key>") {
		t.Errorf("NoSuchKey: %s", a.body)
	}
	a = g.do(admin, "HEAD", "/reports/none", "")
	if a.StatusCode != 404 || a.body != "" || a.Header.Get("X-Amz-Request-Id") == "" {
		t.Errorf("HEAD: %d %q", a.StatusCode, a.body)
	}
	g.want(g.do(admin, "POST", "/reports/k", ""), 405, "MethodNotAllowed")
	g.want(g.do(admin, "GET", "/reports?metadataConfiguration", ""), 501, "NotImplemented")
	g.want(g.do(nobody, "GET", "/reports?cors", ""), 403, "AccessDenied")
}

// A delete marker is nothing that can be read, and its answer says what can be done:
// "Working with delete markers".
func TestReadOfDeleteMarker(t *testing.T) {
	g := newRig(t, nil)
	for _, method := range []string{"GET", "HEAD"} {
		a := g.do(admin, method, "/versioned/k?versionId=gone", "")
		if a.StatusCode != 405 || a.Header.Get("Allow") != "DELETE" || a.Header.Get("X-Amz-Delete-Marker") != "true" || a.Header.Get("Last-Modified") == "" {
			t.Errorf("%s: %d %v", method, a.StatusCode, a.Header)
		}
	}
}
