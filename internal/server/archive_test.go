package server

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Restoring: "Restoring an archived object", and RestoreObject and GetObject in the API Reference.
func TestRestore(t *testing.T) {
	g := newRig(t, nil)
	const days = `<RestoreRequest xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Days>2</Days><GlacierJobParameters><Tier>%</Tier></GlacierJobParameters></RestoreRequest>`
	restore := func(tier string) string { return strings.ReplaceAll(days, "%", tier) }
	for _, class := range []string{"GLACIER", "DEEP_ARCHIVE"} {
		k := "/reports/" + class
		g.want(g.do(admin, "PUT", k, "cold", "x-amz-storage-class", class), 200, "")
		a := g.want(g.do(admin, "GET", k, ""), 403, "InvalidObjectState")
		if !strings.Contains(a.body, "<StorageClass>"+class+"</StorageClass>") || a.message() != "The operation is not valid for the object's storage class" {
			t.Errorf("%s", a.body)
		}
		if a := g.want(g.do(admin, "HEAD", k, ""), 200, ""); a.Header.Get("X-Amz-Storage-Class") != class || a.Header.Get("X-Amz-Restore") != "" {
			t.Errorf("%v", a.Header)
		}
		g.want(g.do(admin, "PUT", "/reports/copy", "", "x-amz-copy-source", k), 403, "ObjectNotInActiveTierError")
		g.want(g.do(admin, "POST", k+"?restore", "<RestoreRequest></RestoreRequest>"), 400, "MalformedXML")
		g.want(g.do(admin, "POST", k+"?restore", restore("Slow")), 400, "MalformedXML")
		g.want(g.do(admin, "POST", k+"?restore", restore("Bulk")), 202, "")
		g.want(g.do(admin, "POST", k+"?restore", restore("Standard")), 200, "") // longer
		got := g.want(g.do(admin, "GET", k, ""), 200, "")
		until := g.now().UTC().AddDate(0, 0, 3).Truncate(24 * time.Hour).Format(http.TimeFormat)
		if got.body != "cold" || got.Header.Get("X-Amz-Restore") != `ongoing-request="false", expiry-date="`+until+`"` || got.Header.Get("X-Amz-Storage-Class") != class {
			t.Errorf("%q %v", got.body, got.Header)
		}
	}
	g.want(g.do(admin, "POST", "/reports/DEEP_ARCHIVE?restore", restore("Expedited")), 400, "InvalidArgument")
	g.want(g.do(admin, "PUT", "/reports/warm", "x"), 200, "")
	a := g.want(g.do(admin, "POST", "/reports/warm?restore", restore("Bulk")), 403, "InvalidObjectState")
	if a.message() != "Restore is not allowed for the object's current storage class" {
		t.Errorf("%q", a.message())
	}
	g.want(g.do(admin, "POST", "/reports/none?restore", restore("Bulk")), 404, "NoSuchKey")

	listed := g.want(g.do(admin, "GET", "/reports?list-type=2", "", "x-amz-optional-object-attributes", "RestoreStatus"), 200, "")
	if strings.Count(listed.body, "<RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress><RestoreExpiryDate>") != 2 {
		t.Errorf("%s", listed.body)
	}
	if plain := g.want(g.do(admin, "GET", "/reports?list-type=2", ""), 200, ""); strings.Contains(plain.body, "RestoreStatus") {
		t.Errorf("%s", plain.body)
	}
	g.want(g.do(admin, "GET", "/reports?list-type=2", "", "x-amz-optional-object-attributes", "Colour"), 400, "InvalidArgument")

	g.now = func() time.Time { return time.Now().Add(96 * time.Hour) } // the copy is gone again
	g.want(g.do(admin, "GET", "/reports/GLACIER", ""), 403, "InvalidObjectState")
}

// What GetObjectAttributes tells: its page in the API Reference.
func TestObjectAttributes(t *testing.T) {
	g := newRig(t, nil)
	type parts struct {
		PartsCount, PartNumberMarker, NextPartNumberMarker, MaxParts int
		IsTruncated                                                  bool
		Part                                                         []struct {
			PartNumber, Size int
			ChecksumCRC32    string
		}
	}
	type result struct {
		XMLName      xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ GetObjectAttributesResponse"`
		ETag         *string
		Checksum     *struct{ ChecksumCRC32, ChecksumType string }
		ObjectParts  *parts
		StorageClass *string
		ObjectSize   *int
	}
	ask := func(target, what string, headers ...string) (r result) {
		t.Helper()
		a := g.want(g.do(admin, "GET", target, "", append(headers, "x-amz-object-attributes", what)...), 200, "")
		if err := xml.Unmarshal([]byte(a.body), &r); err != nil || a.Header.Get("Last-Modified") == "" {
			t.Errorf("%v %s %v", err, a.body, a.Header)
		}
		return r
	}
	put := g.want(g.do(admin, "PUT", "/reports/k", "hello", "x-amz-checksum-crc32", crc32Of("hello")), 200, "")
	all := ask("/reports/k?attributes", "ETag,Checksum,ObjectParts,StorageClass,ObjectSize")
	if all.ETag == nil || `"`+*all.ETag+`"` != put.Header.Get("ETag") || all.Checksum == nil || all.Checksum.ChecksumCRC32 != crc32Of("hello") ||
		all.Checksum.ChecksumType != "FULL_OBJECT" || all.ObjectParts != nil || *all.StorageClass != "STANDARD" || *all.ObjectSize != 5 {
		t.Errorf("%+v", all)
	}
	if one := ask("/reports/k?attributes", "ObjectSize"); one.ETag != nil || one.Checksum != nil || one.StorageClass != nil || one.ObjectSize == nil {
		t.Errorf("%+v", one)
	}
	for _, what := range []string{"", "Colour"} {
		g.want(g.do(admin, "GET", "/reports/k?attributes", "", "x-amz-object-attributes", what), 400, "InvalidArgument")
	}
	g.want(g.do(admin, "GET", "/reports/none?attributes", "", "x-amz-object-attributes", "ETag"), 404, "NoSuchKey")

	up := g.begin(admin, "/reports/big", "x-amz-checksum-algorithm", "CRC32")
	first := listedCRC(g, up, 1, fiveMiB)
	second := listedCRC(g, up, 4, "tail")
	g.want(g.do(admin, "POST", up, list(first, second)), 200, "")
	p := ask("/reports/big?attributes", "ObjectParts", "x-amz-max-parts", "1").ObjectParts
	if p == nil || p.PartsCount != 2 || p.MaxParts != 1 || !p.IsTruncated || p.NextPartNumberMarker != 1 || len(p.Part) != 1 || p.Part[0].Size != 5*mebibyte || p.Part[0].ChecksumCRC32 != crc32Of(fiveMiB) {
		t.Fatalf("%+v", p)
	}
	p = ask("/reports/big?attributes", "ObjectParts", "x-amz-part-number-marker", "1").ObjectParts
	if p == nil || p.IsTruncated || p.PartNumberMarker != 1 || len(p.Part) != 1 || p.Part[0].PartNumber != 4 {
		t.Errorf("%+v", p)
	}
	g.want(g.do(admin, "GET", "/reports/big?attributes", "", "x-amz-object-attributes", "ObjectParts", "x-amz-max-parts", "x"), 400, "InvalidArgument")

	g.want(g.do(admin, "PUT", "/own-keys/c", "x", customerKey("", "k")...), 200, "")
	g.want(g.do(admin, "GET", "/own-keys/c?attributes", "", "x-amz-object-attributes", "ETag"), 400, "InvalidRequest")
	ask("/own-keys/c?attributes", "ETag", customerKey("", "k")...)
}

func listedCRC(g *rig, up string, n int, body string) string {
	g.t.Helper()
	a := g.want(g.do(admin, "PUT", up+"&partNumber="+string(rune('0'+n)), body, "x-amz-checksum-crc32", crc32Of(body)), 200, "")
	return listed(n, a.Header.Get("ETag"), "<ChecksumCRC32>"+crc32Of(body)+"</ChecksumCRC32>")
}

// The digests of nothing and of "abc" stand in RFC 1321, FIPS 180-4 and the vectors of xxHash.
func TestChecksumAlgorithms(t *testing.T) {
	g := newRig(t, nil)
	for _, c := range []struct{ algorithm, body, hex string }{
		{"MD5", "abc", "900150983cd24fb0d6963f7d28e17f72"},
		{"SHA1", "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
		{"SHA256", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"SHA512", "abc", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
		{"CRC32", "123456789", "cbf43926"},
		{"CRC32C", "123456789", "e3069283"},
		{"CRC64NVME", "123456789", "ae8b14860a799888"},
		{"XXHASH64", "", "ef46db3751d8e999"},
		{"XXHASH64", "abc", "44bc2cf5ad770999"},
		{"XXHASH3", "", "2d06800538d394c2"},
		{"XXHASH128", "", "99aa06d3014798d86001c324468d497f"},
	} {
		name, want := "x-amz-checksum-"+strings.ToLower(c.algorithm), base64Of(c.hex)
		k := "/reports/" + c.algorithm
		if a := g.want(g.do(admin, "PUT", k, c.body, name, want), 200, ""); a.Header.Get(name) != want || a.Header.Get("X-Amz-Checksum-Type") != "FULL_OBJECT" {
			t.Errorf("%s: %v", c.algorithm, a.Header)
		}
		if a := g.want(g.do(admin, "GET", k, "", "x-amz-checksum-mode", "ENABLED"), 200, ""); a.Header.Get(name) != want {
			t.Errorf("%s: %v", c.algorithm, a.Header)
		}
		g.want(g.do(admin, "PUT", k, c.body+"!", name, want), 400, "BadDigest")
		g.want(g.do(admin, "PUT", k, c.body, name, "bm90IGEgZGlnZXN0IG9mIGFueQ=="), 400, "InvalidRequest")
		copied := g.want(g.do(admin, "PUT", k+"-copy", "", "x-amz-copy-source", k), 200, "")
		if !strings.Contains(copied.body, "<Checksum"+c.algorithm+">"+want+"<") {
			t.Errorf("%s: %s", c.algorithm, copied.body)
		}
		attributes := g.want(g.do(admin, "GET", k+"?attributes", "", "x-amz-object-attributes", "Checksum"), 200, "")
		if !strings.Contains(attributes.body, "<Checksum><Checksum"+c.algorithm+">"+want+"<") {
			t.Errorf("%s: %s", c.algorithm, attributes.body)
		}
	}
}

func base64Of(digits string) string {
	b, err := hex.DecodeString(digits)
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(b)
}

// Who pays is told to those who agreed to: "Downloading objects from Requester Pays buckets".
func TestRequesterPays(t *testing.T) {
	g := newRig(t, nil)
	partnerUser(g)
	g.want(g.do(admin, "PUT", "/reports?requestPayment", "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>"), 200, "")
	g.want(g.do(admin, "PUT", "/reports/k", "x"), 200, "")
	if a := g.want(g.do(admin, "GET", "/reports/k", "", "x-amz-request-payer", "requester"), 200, ""); a.Header.Get("X-Amz-Request-Charged") != "" {
		t.Error("the owner is charged") // who pays as the owner
	}
	g.want(g.do(partner, "PUT", "/reports/theirs", "x"), 403, "AccessDenied")
	for _, c := range []struct{ method, target string }{{"PUT", "/reports/theirs"}, {"POST", "/reports/up?uploads"}} {
		a := g.want(g.do(partner, c.method, c.target, "", "x-amz-request-payer", "requester"), 200, "")
		if a.Header.Get("X-Amz-Request-Charged") != "requester" {
			t.Errorf("%s %s: %v", c.method, c.target, a.Header)
		}
	}
}

// The owner that a client expects: "Verifying bucket ownership with bucket owner condition".
func TestExpectedOwner(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/reports/k", "x"), 200, "")
	const own, source = "x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"
	for _, method := range []string{"GET", "PUT", "DELETE", "HEAD"} {
		a := g.do(admin, method, "/reports/k", "", own, "444455556666")
		if a.StatusCode != 403 || method != "HEAD" && a.message() != "Access Denied" {
			t.Errorf("%s: %d %s", method, a.StatusCode, a.body)
		}
	}
	g.want(g.do(admin, "GET", "/reports/k", "", own, "111122223333"), 200, "")
	g.want(g.do(admin, "GET", "/reports/k", "", own, "nobody"), 400, "InvalidBucketOwnerAWSAccountID")
	copy := func(headers ...string) answer {
		return g.do(admin, "PUT", "/reports/copy", "", append(headers, "x-amz-copy-source", "/reports/k")...)
	}
	g.want(copy(source, "444455556666"), 403, "AccessDenied")
	g.want(copy(own, "444455556666", source, "111122223333"), 403, "AccessDenied")
	g.want(copy(own, "111122223333", source, "111122223333"), 200, "")
}

// The checksums of a part are told with it: HeadObject and GetObject in the API Reference, ChecksumMode and PartNumber.
func TestPartChecksums(t *testing.T) {
	g := newRig(t, nil)
	up := g.begin(admin, "/reports/big", "x-amz-checksum-algorithm", "CRC32")
	g.want(g.do(admin, "POST", up, list(listedCRC(g, up, 1, fiveMiB), listedCRC(g, up, 4, "tail"))), 200, "")
	a := g.want(g.do(admin, "GET", "/reports/big?partNumber=4", "", "x-amz-checksum-mode", "ENABLED"), 206, "")
	if a.body != "tail" || a.Header.Get("X-Amz-Checksum-Crc32") != crc32Of("tail") || a.Header.Get("X-Amz-Checksum-Type") != "COMPOSITE" {
		t.Errorf("%q %v", a.body, a.Header)
	}
	if a := g.want(g.do(admin, "GET", "/reports/big", "", "x-amz-checksum-mode", "ENABLED", "Range", "bytes=0-1"), 206, ""); a.Header.Get("X-Amz-Checksum-Crc32") != "" {
		t.Errorf("a range has no checksum: %v", a.Header)
	}
	g.want(g.do(admin, "PUT", "/reports/one", "x", "x-amz-checksum-crc32", crc32Of("x")), 200, "")
	if a := g.want(g.do(admin, "GET", "/reports/one?partNumber=1", "", "x-amz-checksum-mode", "ENABLED"), 206, ""); a.Header.Get("X-Amz-Checksum-Crc32") != crc32Of("x") {
		t.Errorf("%v", a.Header)
	}
	g.want(g.do(admin, "PUT", "/reports/one", "x", "x-amz-website-redirect-location", "elsewhere"), 400, "InvalidRedirectLocation")
}
