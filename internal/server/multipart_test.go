package server

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/sigv4"
)

// begin creates a multipart upload, and returns the target of its later steps:
// /bucket/key?uploadId=….
func (g *rig) begin(who sigv4.Credential, target string, headers ...string) string {
	g.t.Helper()
	a := g.want(g.do(who, "POST", target+"?uploads", "", headers...), 200, "")
	var res struct{ Bucket, Key, UploadId string }
	if err := xml.Unmarshal([]byte(a.body), &res); err != nil || res.UploadId == "" || "/"+res.Bucket+"/"+res.Key != target {
		g.t.Fatalf("CreateMultipartUpload: %v %s", err, a.body)
	}
	return target + "?uploadId=" + res.UploadId
}

// part uploads a part, and returns the element that lists it.
func (g *rig) part(who sigv4.Credential, upload string, n int, body string, headers ...string) string {
	g.t.Helper()
	a := g.want(g.do(who, "PUT", fmt.Sprintf("%s&partNumber=%d", upload, n), body, headers...), 200, "")
	return listed(n, a.Header.Get("ETag"))
}

func listed(n int, etag string, more ...string) string {
	return fmt.Sprintf("<Part><PartNumber>%d</PartNumber><ETag>%s</ETag>%s</Part>", n, etag, strings.Join(more, ""))
}

func list(parts ...string) string {
	return `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` + strings.Join(parts, "") + `</CompleteMultipartUpload>`
}

const mebibyte = 1 << 20

var fiveMiB = strings.Repeat("0123456789abcdef", 5*mebibyte/16)

// multipartETag is the MD5 of the MD5s of the parts, and their number: "Object" in
// the API Reference, and every client's way to check a multipart upload.
func multipartETag(parts ...string) string {
	var sums []byte
	for _, p := range parts {
		sum := md5.Sum([]byte(p))
		sums = append(sums, sum[:]...)
	}
	return fmt.Sprintf(`"%x-%d"`, md5.Sum(sums), len(parts))
}

// An object made of parts: what Create states is on it, and its parts can be read
// by number.
func TestMultipartUpload(t *testing.T) {
	g := newRig(t, nil)
	up := g.begin(admin, "/reports/big", "Content-Type", "text/plain", "x-amz-meta-colour", "blue", "x-amz-tagging", "a=b", "x-amz-storage-class", "STANDARD_IA")
	third := g.part(admin, up, 7, "tail")
	g.part(admin, up, 1, "replaced")
	first := g.part(admin, up, 1, fiveMiB)
	second := g.part(admin, up, 3, fiveMiB)
	g.want(g.do(admin, "GET", "/reports/big", ""), 404, "NoSuchKey")
	done := g.want(g.do(admin, "POST", up, list(first, second, third)), 200, "")
	var res struct{ Location, Bucket, Key, ETag, ChecksumCRC64NVME, ChecksumType string }
	if err := xml.Unmarshal([]byte(done.body), &res); err != nil {
		t.Fatal(err)
	}
	want := multipartETag(fiveMiB, fiveMiB, "tail")
	if res.ETag != want || res.Bucket != "reports" || res.Key != "big" || res.Location != g.http.URL+"/reports/big" || res.ChecksumType != "FULL_OBJECT" {
		t.Errorf("%+v, want the ETag %s", res, want)
	}
	got := g.want(g.do(admin, "GET", "/reports/big", "", "x-amz-checksum-mode", "ENABLED"), 200, "")
	if got.body != fiveMiB+fiveMiB+"tail" {
		t.Errorf("%d bytes", len(got.body))
	}
	for name, want := range map[string]string{"ETag": want, "Content-Type": "text/plain", "X-Amz-Meta-Colour": "blue", "X-Amz-Tagging-Count": "1",
		"X-Amz-Storage-Class": "STANDARD_IA", "X-Amz-Checksum-Crc64nvme": res.ChecksumCRC64NVME, "X-Amz-Mp-Parts-Count": ""} {
		if v := got.Header.Get(name); v != want {
			t.Errorf("%s: %q, want %q", name, v, want)
		}
	}
	whole := g.want(g.do(admin, "PUT", "/reports/whole", got.body), 200, "") // the same bytes in one piece
	if sum := whole.Header.Get("X-Amz-Checksum-Crc64nvme"); sum != res.ChecksumCRC64NVME {
		t.Errorf("checksum %s, in one piece %s", res.ChecksumCRC64NVME, sum)
	}
	got = g.want(g.do(admin, "GET", "/reports/big?partNumber=7", ""), 206, "")
	if got.body != "tail" || got.Header.Get("X-Amz-Mp-Parts-Count") != "3" || got.Header.Get("Content-Range") != "bytes 10485760-10485763/10485764" {
		t.Errorf("part 7: %q %v", got.body, got.Header)
	}
	if head := g.want(g.do(admin, "HEAD", "/reports/big?partNumber=3", ""), 206, ""); head.Header.Get("Content-Length") != "5242880" {
		t.Errorf("part 3: %v", head.Header)
	}
	if got := g.want(g.do(admin, "GET", "/reports/big", "", "Range", "bytes=5242878-5242881"), 206, ""); got.body != "ef01" {
		t.Errorf("across parts: %q", got.body)
	}
	again := g.want(g.do(admin, "POST", up, list(first, second, third)), 200, "") // a client that lost the answer
	if again.body != done.body {
		t.Errorf("again: %s", again.body)
	}
	g.want(g.do(admin, "POST", up, list(first, second)), 404, "NoSuchUpload")
	g.want(g.do(admin, "PUT", up+"&partNumber=1", "x"), 404, "NoSuchUpload")
	g.want(g.do(admin, "GET", up, ""), 404, "NoSuchUpload")
}

// What CompleteMultipartUpload refuses, with the elements that S3 adds. The upload
// lives on.
func TestCompleteRefusals(t *testing.T) {
	g := newRig(t, nil)
	up := g.begin(admin, "/reports/k")
	small, big, last := g.part(admin, up, 1, "small"), g.part(admin, up, 2, fiveMiB), g.part(admin, up, 3, "last")
	const etag = "b1ac6cf9d6ccb5c7dbb0b1a2cb0eb6a1"
	for _, c := range []struct {
		name, body, code, extra string
	}{
		{"too small", list(small, big, last), "EntityTooSmall", "<ProposedSize>5</ProposedSize><MinSizeAllowed>5242880</MinSizeAllowed><PartNumber>1</PartNumber><ETag>eb5c1399a871211c7e7ed732d15e3a8b</ETag>"},
		{"another ETag", list(listed(2, etag)), "InvalidPart", "<PartNumber>2</PartNumber><ETag>" + etag + "</ETag>"},
		{"no such part", list(big, listed(4, etag)), "InvalidPart", "<PartNumber>4</PartNumber>"},
		{"order", list(last, big), "InvalidPartOrder", "<UploadId>"},
		{"twice", list(big, big), "InvalidPartOrder", ""},
		{"no parts", list(), "MalformedXML", ""},
		{"no body", "", "InvalidRequest", "You must specify at least one part"},
		{"no XML", "hello", "MalformedXML", ""},
		{"part 0", list(listed(0, etag)), "InvalidArgument", ""},
		{"no ETag", list("<Part><PartNumber>2</PartNumber></Part>"), "MalformedXML", ""},
	} {
		a := g.want(g.do(admin, "POST", up, c.body), 400, c.code)
		if !strings.Contains(a.body, c.extra) {
			t.Errorf("%s: %s", c.name, a.body)
		}
	}
	g.want(g.do(admin, "POST", up, list(big, last), "x-amz-mp-object-size", "7"), 400, "InvalidRequest")
	g.want(g.do(admin, "POST", "/reports/k?uploadId=none", list(big)), 404, "NoSuchUpload")
	g.want(g.do(admin, "POST", strings.Replace(up, "/k?", "/other?", 1), list(big)), 404, "NoSuchUpload")
	g.want(g.do(admin, "POST", up, list(big, last), "x-amz-mp-object-size", "5242884"), 200, "") // part 1 is thrown away
	if got := g.do(admin, "GET", "/reports/k", ""); got.body != fiveMiB+"last" {
		t.Errorf("%d bytes", len(got.body))
	}
}

// "Add preconditions": Complete decides them, against the key as it then is.
func TestCompletePreconditions(t *testing.T) {
	g := newRig(t, nil)
	complete := func(headers ...string) answer {
		up := g.begin(admin, "/reports/k")
		return g.do(admin, "POST", up, list(g.part(admin, up, 1, "x")), headers...)
	}
	g.want(complete("If-Match", `"00000000000000000000000000000000"`), 404, "NoSuchKey")
	g.want(complete("If-None-Match", "*"), 200, "")
	g.want(complete("If-None-Match", "*"), 412, "PreconditionFailed")
	g.want(complete("If-Match", `"00000000000000000000000000000000"`), 412, "PreconditionFailed")
	g.want(complete("If-Match", multipartETag("x")), 200, "")
	g.want(complete("If-None-Match", `"x"`), 501, "NotImplemented")
}

// Parts come in all forms of bodies, and what does not match is not kept.
func TestPartBodies(t *testing.T) {
	g := newRig(t, nil)
	up := g.begin(admin, "/reports/k")
	content := bytes.Repeat([]byte("0123456789abcdef"), 8192)
	for n, payload := range []string{sigv4.StreamingSigned, sigv4.StreamingSignedTrailer, sigv4.StreamingUnsignedTrailer} {
		target, trailer := fmt.Sprintf("%s&partNumber=%d", up, n+1), payload != sigv4.StreamingSigned
		g.want(g.chunkedTo(target, payload, content, "ADgFQA==", "", trailer), 200, "")
		g.want(g.chunkedTo(target, payload, content, "ADgFQA==", "131073", trailer), 400, "IncompleteBody")
		if trailer {
			g.want(g.chunkedTo(target, payload, content, "AAAAAA==", "", true), 400, "BadDigest")
		}
	}
	part := up + "&partNumber=9"
	g.want(g.do(admin, "PUT", part, "hello", "Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="), 400, "BadDigest")
	g.want(g.do(admin, "PUT", part, "hello", "x-amz-checksum-crc32", "AAAAAA=="), 400, "BadDigest")
	if a := g.want(g.do(admin, "GET", up, ""), 200, ""); strings.Count(a.body, "<Part>") != 3 || strings.Count(a.body, "<Size>131072</Size>") != 3 {
		t.Errorf("%s", a.body)
	}
	a := g.want(g.do(admin, "PUT", part, "hello", "x-amz-checksum-crc32", "NhCmhg=="), 200, "")
	if a.Header.Get("ETag") != `"5d41402abc4b2a76b9719d911017c592"` || a.Header.Get("X-Amz-Checksum-Crc32") != "NhCmhg==" {
		t.Errorf("%v", a.Header)
	}
	for _, n := range []string{"0", "10001", "-1", "one", ""} {
		g.want(g.do(admin, "PUT", up+"&partNumber="+n, "x"), 400, "InvalidArgument")
	}
}

// "Using checksums with multipart uploads": which type goes with which algorithm,
// and what becomes of the parts' checksums.
func TestMultipartChecksums(t *testing.T) {
	g := newRig(t, nil)
	for _, c := range []struct{ algorithm, kind, want string }{
		{"CRC32", "", "COMPOSITE"}, {"CRC32C", "FULL_OBJECT", "FULL_OBJECT"}, {"CRC64NVME", "", "FULL_OBJECT"}, {"SHA1", "", "COMPOSITE"}, {"SHA256", "COMPOSITE", "COMPOSITE"},
		{"CRC64NVME", "COMPOSITE", ""}, {"SHA1", "FULL_OBJECT", ""}, {"SHA256", "FULL_OBJECT", ""}, {"MD4", "", ""}, {"", "COMPOSITE", ""}, {"CRC32", "HALF", ""},
	} {
		headers := []string{}
		if c.algorithm != "" {
			headers = append(headers, "x-amz-checksum-algorithm", c.algorithm)
		}
		if c.kind != "" {
			headers = append(headers, "x-amz-checksum-type", c.kind)
		}
		a := g.do(admin, "POST", "/reports/sum?uploads", "", headers...)
		if c.want == "" {
			g.want(a, 400, "InvalidRequest")
		} else if a.Header.Get("X-Amz-Checksum-Algorithm") != c.algorithm || a.Header.Get("X-Amz-Checksum-Type") != c.want {
			t.Errorf("%v: %d %v", c, a.StatusCode, a.Header)
		}
	}

	sumOf := func(b []byte) string {
		sum := sha256.Sum256(b)
		return base64.StdEncoding.EncodeToString(sum[:])
	}
	raw := func(parts ...string) (all []byte) {
		for _, p := range parts {
			sum := sha256.Sum256([]byte(p))
			all = append(all, sum[:]...)
		}
		return all
	}
	up := g.begin(admin, "/reports/sum", "x-amz-checksum-algorithm", "SHA256")
	a := g.want(g.do(admin, "PUT", up+"&partNumber=1", "x"), 400, "InvalidRequest")
	if a.message() != "Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: null" {
		t.Errorf("%s", a.message())
	}
	g.want(g.do(admin, "PUT", up+"&partNumber=1", "hello", "x-amz-checksum-crc32", "NhCmhg=="), 400, "InvalidRequest")
	one, two := sumOf([]byte(fiveMiB)), sumOf([]byte("tail"))
	g.part(admin, up, 1, fiveMiB, "x-amz-checksum-sha256", one)
	g.part(admin, up, 2, "tail", "x-amz-checksum-sha256", two)
	etag := func(s string) string { sum := md5.Sum([]byte(s)); return hex.EncodeToString(sum[:]) }
	sha := func(v string) string { return "<ChecksumSHA256>" + v + "</ChecksumSHA256>" }
	p1, p2 := listed(1, etag(fiveMiB), sha(one)), listed(2, etag("tail"), sha(two))
	a = g.want(g.do(admin, "POST", up, list(p1, listed(2, etag("tail")))), 400, "InvalidRequest")
	if a.message() != "The upload was created using a sha256 checksum. The complete request must include the checksum for each part. It was missing for part 2 in the request." {
		t.Errorf("%s", a.message())
	}
	g.want(g.do(admin, "POST", up, list(p1, listed(2, etag("tail"), sha(one)))), 400, "InvalidPart")
	g.want(g.do(admin, "POST", up, list(p1, listed(2, etag("tail"), sha("?")))), 400, "InvalidArgument")
	a = g.want(g.do(admin, "POST", up, list(p1, p2), "x-amz-checksum-type", "FULL_OBJECT"), 400, "InvalidRequest")
	if a.message() != "The upload was created using the COMPOSITE checksum mode. The complete request must use the same checksum mode." {
		t.Errorf("%s", a.message())
	}
	a = g.want(g.do(admin, "POST", up, list(p1, p2), "x-amz-checksum-sha256", one), 400, "BadDigest")
	if a.message() != "The sha256 you specified did not match the calculated checksum." {
		t.Errorf("%s", a.message())
	}
	want := sumOf(raw(fiveMiB, "tail"))
	a = g.want(g.do(admin, "POST", up, list(p1, p2), "x-amz-checksum-sha256", want), 200, "")
	if !strings.Contains(a.body, sha(want+"-2")) || !strings.Contains(a.body, "<ChecksumType>COMPOSITE</ChecksumType>") {
		t.Errorf("%s", a.body)
	}
	a = g.want(g.do(admin, "HEAD", "/reports/sum", "", "x-amz-checksum-mode", "ENABLED"), 200, "")
	if a.Header.Get("X-Amz-Checksum-Sha256") != want+"-2" || a.Header.Get("X-Amz-Checksum-Type") != "COMPOSITE" {
		t.Errorf("%v", a.Header)
	}
}

// A FULL_OBJECT checksum is that of the whole, as if put in one piece.
func TestFullObjectChecksum(t *testing.T) {
	g := newRig(t, nil)
	up := g.begin(admin, "/reports/full", "x-amz-checksum-algorithm", "CRC32", "x-amz-checksum-type", "FULL_OBJECT")
	p1, p2 := g.part(admin, up, 1, fiveMiB), g.part(admin, up, 2, "tail", "x-amz-checksum-crc32", crc32Of("tail"))
	g.want(g.do(admin, "POST", up, list(p1, p2), "x-amz-checksum-crc32", crc32Of("tail")), 400, "BadDigest")
	a := g.want(g.do(admin, "POST", up, list(p1, p2), "x-amz-checksum-crc32", crc32Of(fiveMiB+"tail")), 200, "")
	if !strings.Contains(a.body, "<ChecksumCRC32>"+crc32Of(fiveMiB+"tail")+"</ChecksumCRC32>") {
		t.Errorf("%s", a.body)
	}
}

// Parts can be copied, whole or by range, with both permissions.
func TestUploadPartCopy(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/reports/src", fiveMiB+"0123456789"), 200, "")
	up := g.begin(admin, "/with-acls/copy", "x-amz-checksum-algorithm", "CRC32")
	copied := func(n int, headers ...string) answer {
		return g.do(admin, "PUT", fmt.Sprintf("%s&partNumber=%d", up, n), "", append([]string{"x-amz-copy-source", "/reports/src"}, headers...)...)
	}
	var parts []string
	for i, r := range []string{"bytes=0-5242879", "bytes=5242881-5242883"} {
		a := g.want(copied(i+1, "x-amz-copy-source-range", r), 200, "")
		var res struct{ ETag, ChecksumCRC32 string }
		if err := xml.Unmarshal([]byte(a.body), &res); err != nil || res.ETag == "" || res.ChecksumCRC32 == "" {
			t.Fatalf("%v %s", err, a.body)
		}
		parts = append(parts, listed(i+1, res.ETag, "<ChecksumCRC32>"+res.ChecksumCRC32+"</ChecksumCRC32>"))
	}
	for _, r := range []string{"bytes=0-5242890", "bytes=4-2", "bytes=5-", "0-5", "bytes=0-1,3-4"} {
		g.want(copied(3, "x-amz-copy-source-range", r), 400, "InvalidArgument")
	}
	g.want(copied(3, "x-amz-copy-source-if-match", `"00000000000000000000000000000000"`), 412, "PreconditionFailed")
	g.want(g.do(admin, "PUT", up+"&partNumber=3", "", "x-amz-copy-source", "/reports/none"), 404, "NoSuchKey")
	g.want(g.do(reader, "PUT", up+"&partNumber=3", "", "x-amz-copy-source", "/reports/src"), 403, "AccessDenied")
	g.want(g.do(admin, "POST", up, list(parts...)), 200, "")
	if got := g.do(admin, "GET", "/with-acls/copy", ""); got.body != fiveMiB+"123" {
		t.Errorf("%d bytes", len(got.body))
	}
}

// The pages of ListParts and ListMultipartUploads.
func TestMultipartListings(t *testing.T) {
	g := newRig(t, nil)
	ups := map[string]string{}
	for _, key := range []string{"a", "b/1", "b/2", "c"} {
		ups[key] = g.begin(admin, "/reports/"+key)
	}
	second := g.begin(partnerUser(g), "/reports/a")
	for n := range 3 {
		g.part(admin, ups["a"], n+1, strings.Repeat("x", n))
	}
	var parts struct {
		NextPartNumberMarker, MaxParts int
		IsTruncated                    bool
		Initiator, Owner               struct{ ID, DisplayName string }
		StorageClass                   string
		Part                           []struct{ PartNumber, Size int }
	}
	a := g.want(g.do(admin, "GET", ups["a"]+"&max-parts=2", ""), 200, "")
	if err := xml.Unmarshal([]byte(a.body), &parts); err != nil || len(parts.Part) != 2 || !parts.IsTruncated || parts.NextPartNumberMarker != 2 ||
		parts.MaxParts != 2 || parts.StorageClass != "STANDARD" || parts.Part[1].Size != 1 {
		t.Errorf("%v %s", err, a.body)
	}
	if parts.Initiator.ID != "arn:aws:iam::111122223333:user/admin" || parts.Initiator.DisplayName != "admin" || len(parts.Owner.ID) != 64 {
		t.Errorf("%+v", parts)
	}
	a = g.want(g.do(admin, "GET", ups["a"]+"&part-number-marker=2", ""), 200, "")
	if strings.Count(a.body, "<Part>") != 1 || !strings.Contains(a.body, "<IsTruncated>false</IsTruncated>") {
		t.Errorf("%s", a.body)
	}
	g.want(g.do(admin, "GET", ups["a"]+"&max-parts=x", ""), 400, "InvalidArgument")
	g.want(g.do(admin, "GET", ups["a"]+"&max-parts=-1", ""), 400, "InvalidArgument")

	type page struct {
		NextKeyMarker, NextUploadIdMarker string
		IsTruncated                       bool
		Upload                            []struct{ Key, UploadId string }
		CommonPrefixes                    []struct{ Prefix string }
	}
	get := func(query string) (p page) {
		a := g.want(g.do(admin, "GET", "/reports?uploads"+query, ""), 200, "")
		if err := xml.Unmarshal([]byte(a.body), &p); err != nil {
			t.Fatal(err)
		}
		return p
	}
	if p := get("&delimiter=%2F"); len(p.Upload) != 3 || len(p.CommonPrefixes) != 1 || p.CommonPrefixes[0].Prefix != "b/" {
		t.Errorf("%+v", p)
	}
	if p := get("&prefix=b%2F"); len(p.Upload) != 2 || p.IsTruncated {
		t.Errorf("%+v", p)
	}
	p := get("&max-uploads=1")
	if len(p.Upload) != 1 || !p.IsTruncated || p.NextKeyMarker != "a" || !strings.HasSuffix(ups["a"], p.NextUploadIdMarker) {
		t.Errorf("%+v", p)
	}
	if p := get("&max-uploads=1&key-marker=a&upload-id-marker=" + p.NextUploadIdMarker); len(p.Upload) != 1 || !strings.HasSuffix(second, p.Upload[0].UploadId) {
		t.Errorf("%+v", p)
	}
	if p := get("&key-marker=a"); len(p.Upload) != 3 || p.Upload[0].Key != "b/1" {
		t.Errorf("%+v", p)
	}
	g.want(g.do(nobody, "GET", "/reports?uploads", ""), 403, "AccessDenied")
}

// partnerUser opens the bucket reports to the other account, for uploads alone.
func partnerUser(g *rig) sigv4.Credential {
	g.t.Helper()
	g.want(g.do(admin, "PUT", "/reports?policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"444455556666"},
		"Action":"s3:PutObject","Resource":"arn:aws:s3:::reports/*"}]}`), 204, "")
	return partner
}

// "Multipart upload API and permissions": every step is decided; the bucket owner's
// account and the initiator may list parts and abort without a statement, unless one
// denies it.
func TestMultipartPermissions(t *testing.T) {
	g := newRig(t, nil)
	a := g.want(g.do(nouser, "POST", "/public-site/k?uploads", ""), 403, "AccessDenied")
	if a.message() != "Anonymous users cannot initiate multipart uploads. Please authenticate." {
		t.Errorf("%s", a.message())
	}
	g.want(g.do(reader, "POST", "/reports/k?uploads", ""), 403, "AccessDenied")
	own := g.begin(admin, "/reports/k")
	part := g.part(admin, own, 1, "x")
	a = g.want(g.do(reader, "PUT", own+"&partNumber=1", "x"), 403, "AccessDenied")
	if want := `User: arn:aws:iam::111122223333:user/reader is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::reports/k" because no identity-based policy allows the s3:PutObject action`; a.message() != want {
		t.Errorf("%s", a.message())
	}
	g.want(g.do(reader, "POST", own, list(part)), 403, "AccessDenied")
	g.want(g.do(nobody, "GET", own, ""), 200, "") // of the bucket owner's account
	g.want(g.do(partner, "GET", own, ""), 403, "AccessDenied")
	g.want(g.do(partner, "DELETE", own, ""), 403, "AccessDenied")

	theirs := g.begin(partnerUser(g), "/reports/theirs")
	g.part(partner, theirs, 1, "x")
	for _, who := range []sigv4.Credential{partner, partnerRoot} {
		a := g.want(g.do(who, "GET", theirs, ""), 200, "")
		if d := g.server.decisions.get(a.Header.Get("X-Amz-Request-Id")); len(d) != 1 || d[0].Verdict != iam.Allowed || d[0].Cause != nil {
			t.Errorf("recorded %+v", d)
		}
		g.want(g.do(who, "GET", own, ""), 403, "AccessDenied")
	}
	limited := g.begin(bounded, "/reports/limited")
	g.want(g.do(bounded, "GET", limited, ""), 403, "AccessDenied") // their boundary does not let them
	g.want(g.do(bounded, "DELETE", limited, ""), 403, "AccessDenied")
	g.want(g.do(nobody, "DELETE", own, ""), 204, "")
	g.want(g.do(admin, "DELETE", own, ""), 404, "NoSuchUpload")
	g.want(g.do(admin, "PUT", "/reports?policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*",
		"Action":"s3:AbortMultipartUpload","Resource":"arn:aws:s3:::reports/*"}]}`), 204, "")
	g.want(g.do(partner, "DELETE", theirs, ""), 403, "AccessDenied")
	g.want(g.do(admin, "DELETE", theirs, ""), 403, "AccessDenied")
	g.want(g.do(admin, "DELETE", "/reports?policy", ""), 204, "")
	g.want(g.do(partner, "DELETE", theirs, ""), 204, "")
}

// Later steps are decided with what Create stated, not with what they say
// themselves; s3:ObjectCreationOperation is true for Complete alone.
func TestMultipartConditions(t *testing.T) {
	g := newRig(t, nil)
	deny := func(condition string) {
		g.want(g.do(admin, "PUT", "/reports?policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutObject",
			"Resource":"arn:aws:s3:::reports/*","Condition":`+condition+`}]}`), 204, "")
	}
	before := g.begin(admin, "/reports/before")
	deny(`{"StringNotEquals":{"s3:x-amz-server-side-encryption":"AES256"}}`)
	g.want(g.do(admin, "POST", "/reports/k?uploads", ""), 403, "AccessDenied")
	up := g.begin(admin, "/reports/k", "x-amz-server-side-encryption", "AES256")
	g.want(g.do(admin, "POST", up, list(g.part(admin, up, 1, "x"))), 200, "")
	g.want(g.do(admin, "PUT", before+"&partNumber=1", "x", "x-amz-server-side-encryption", "AES256"), 403, "AccessDenied")

	deny(`{"Null":{"s3:if-none-match":"true"},"Bool":{"s3:ObjectCreationOperation":"true"}}`)
	up = g.begin(admin, "/reports/once")
	part := g.part(admin, up, 1, "x")
	g.want(g.do(admin, "POST", up, list(part)), 403, "AccessDenied")
	g.want(g.do(admin, "POST", up, list(part), "If-None-Match", "*"), 200, "")

	deny(`{"StringEquals":{"s3:RequestObjectTag/class":"secret"}}`)
	g.want(g.do(admin, "POST", "/reports/k?uploads", "", "x-amz-tagging", "class=secret"), 403, "AccessDenied")
	up = g.begin(admin, "/reports/k", "x-amz-tagging", "class=public")
	g.want(g.do(admin, "POST", up, list(g.part(admin, up, 1, "x"))), 200, "")
}

// Parts need the customer's key of their upload.
func TestMultipartCustomerKey(t *testing.T) {
	g := newRig(t, nil)
	headers := func(letter string) []string {
		key := strings.Repeat(letter, 32)
		sum := md5.Sum([]byte(key))
		return []string{"x-amz-server-side-encryption-customer-algorithm", "AES256",
			"x-amz-server-side-encryption-customer-key", base64.StdEncoding.EncodeToString([]byte(key)),
			"x-amz-server-side-encryption-customer-key-md5", base64.StdEncoding.EncodeToString(sum[:])}
	}
	up := g.begin(admin, "/own-keys/c", headers("k")...)
	for _, c := range []struct {
		headers []string
		message string
	}{
		{nil, "The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters."},
		{headers("o"), "The provided encryption parameters did not match the ones used originally."},
	} {
		if a := g.want(g.do(admin, "PUT", up+"&partNumber=1", "x", c.headers...), 400, "InvalidRequest"); a.message() != c.message {
			t.Errorf("%s", a.message())
		}
	}
	g.want(g.do(admin, "POST", up, list(g.part(admin, up, 1, "x", headers("k")...))), 200, "")
	g.want(g.do(admin, "GET", "/own-keys/c", ""), 400, "InvalidRequest")
	g.want(g.do(admin, "GET", "/own-keys/c", "", headers("k")...), 200, "")
	plain := g.begin(admin, "/own-keys/p")
	g.want(g.do(admin, "PUT", plain+"&partNumber=1", "x", headers("k")...), 400, "InvalidRequest")
}

// Uploads survive a restart, and nothing is left of those that are aborted or whose
// bucket goes.
func TestMultipartRemains(t *testing.T) {
	g := newRig(t, nil)
	files := func() (n int) {
		filepath.WalkDir(g.dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && !strings.Contains(filepath.Base(path), "sqlite") && !strings.Contains(filepath.Base(path), ".db") {
				n++
			}
			return nil
		})
		return n
	}
	g.want(g.do(admin, "PUT", "/made", ""), 200, "")
	g.restart()
	before := files()
	up := g.begin(admin, "/made/k", "x-amz-meta-a", "b")
	p1, p2 := g.part(admin, up, 1, fiveMiB), g.part(admin, up, 2, "tail")
	g.restart()
	done := g.begin(admin, "/made/aborted")
	g.part(admin, done, 1, fiveMiB)
	g.want(g.do(admin, "PUT", done+"&partNumber=2", "x", "Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="), 400, "BadDigest")
	g.want(g.do(admin, "DELETE", done, ""), 204, "")
	g.want(g.do(admin, "POST", up, list(p1, p2)), 200, "")
	if got := g.want(g.do(admin, "GET", "/made/k", ""), 200, ""); got.body != fiveMiB+"tail" || got.Header.Get("X-Amz-Meta-A") != "b" {
		t.Errorf("%d bytes, %v", len(got.body), got.Header)
	}
	g.want(g.do(admin, "DELETE", "/made/k", ""), 204, "")
	g.part(admin, g.begin(admin, "/made/open"), 1, fiveMiB)
	g.want(g.do(admin, "DELETE", "/made", ""), 204, "")
	for deadline := time.Now().Add(5 * time.Second); files() != before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d files, %d before the uploads", files(), before)
		}
	}
}

// A KMS key that Create asks for is the object's, and is decided on at every step.
func TestMultipartKMS(t *testing.T) {
	g := newRig(t, nil)
	kms := []string{"x-amz-server-side-encryption", "aws:kms"}
	up := g.begin(admin, "/reports/kms", kms...)
	a := g.want(g.do(admin, "PUT", up+"&partNumber=1", "x"), 200, "")
	if a.Header.Get("X-Amz-Server-Side-Encryption") != "aws:kms" || !strings.HasPrefix(a.Header.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"), "arn:aws:kms:us-east-1:111122223333:key/") {
		t.Errorf("%v", a.Header)
	}
	g.want(g.do(admin, "GET", up, ""), 200, "")
	g.want(g.do(admin, "POST", up, list(listed(1, a.Header.Get("ETag")))), 200, "")
	if a := g.want(g.do(admin, "HEAD", "/reports/kms", ""), 200, ""); a.Header.Get("X-Amz-Server-Side-Encryption") != "aws:kms" {
		t.Errorf("%v", a.Header)
	}
	partnerUser(g)
	g.want(g.do(partner, "POST", "/reports/theirs?uploads", "", append(kms, "x-amz-server-side-encryption-aws-kms-key-id", "alias/none")...), 400, "KMS.NotFoundException")
	up = g.begin(admin, "/reports/mixed", kms...)
	g.want(g.do(partner, "PUT", up+"&partNumber=1", "x"), 200, "") // aws/s3 of the caller's own account
}
