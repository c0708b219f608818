package server

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/internal/store"
)

const sseHeader = "x-amz-server-side-encryption"

// customerKey are the headers of SSE-C with a key of one letter. prefix is empty, or "copy-source-".
func customerKey(prefix, letter string) []string {
	key := strings.Repeat(letter, 32)
	sum := md5.Sum([]byte(key))
	name := "x-amz-" + prefix + "server-side-encryption-customer-"
	return []string{name + "algorithm", "AES256", name + "key", base64.StdEncoding.EncodeToString([]byte(key)),
		name + "key-md5", base64.StdEncoding.EncodeToString(sum[:])}
}

// A kind is one of S3's encryptions.
type kind struct {
	name                string
	write, read, copied []string
}

var kinds = []kind{
	{name: "default"},
	{name: "AES256", write: []string{sseHeader, "AES256"}},
	{name: "aws:kms", write: []string{sseHeader, "aws:kms", sseHeader + "-aws-kms-key-id", "alias/data"}},
	{name: "aws:kms:dsse", write: []string{sseHeader, "aws:kms:dsse"}},
	{name: "SSE-C", write: customerKey("", "k"), read: customerKey("", "k"), copied: customerKey("copy-source-", "k")},
}

// rawBytes are those that the store keeps.
func (g *rig) rawBytes(bucket, key string) []byte {
	g.t.Helper()
	_, r, err := g.store.Get(context.Background(), bucket, key, "")
	if err != nil {
		g.t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		g.t.Fatal(err)
	}
	return b
}

// Whatever the encryption: nothing of an object is legible in the store, and all of it and its ranges come back; its size
// is its own; the ETag is its MD5 where S3 says so ("Object" in the API Reference).
func TestBytesAtRest(t *testing.T) {
	g := newRig(t, nil)
	for _, k := range kinds {
		for _, text := range []string{"", "x", "a small object, kept inline", strings.Repeat("0123456789abcdef", 10_000)} {
			target := fmt.Sprintf("/own-keys/%s-%d", k.name, len(text))
			put := g.want(g.do(admin, "PUT", target, text, append(k.write, "Content-MD5", md5Of(text))...), 200, "")
			got := g.want(g.do(admin, "GET", target, "", k.read...), 200, "")
			sum := fmt.Sprintf(`"%x"`, md5.Sum([]byte(text)))
			isMD5 := k.name == "default" || k.name == "AES256"
			if got.body != text || (put.Header.Get("ETag") == sum) != isMD5 || got.Header.Get("ETag") != put.Header.Get("ETag") {
				t.Errorf("%s: %d bytes, ETag %s and %s, MD5 %s", target, len(got.body), put.Header.Get("ETag"), got.Header.Get("ETag"), sum)
			}
			if head := g.want(g.do(admin, "HEAD", target, "", k.read...), 200, ""); head.ContentLength != int64(len(text)) {
				t.Errorf("%s: HEAD says %d bytes", target, head.ContentLength)
			}
			if raw := g.rawBytes("own-keys", target[len("/own-keys/"):]); len(text) > 16 && (bytes.Contains(raw, []byte(text[:16])) || len(raw) < len(text)) {
				t.Errorf("%s is legible in the store", target)
			}
			if len(text) > 1000 {
				a := g.want(g.do(admin, "GET", target, "", append(k.read, "Range", "bytes=65530-131100")...), 206, "")
				if a.body != text[65530:131101] {
					t.Errorf("%s: the range is wrong", target)
				}
			}
			g.want(g.do(admin, "PUT", target, text, append(k.write, "Content-MD5", md5Of("other"))...), 400, "BadDigest")
		}
	}
	if a := g.want(g.do(admin, "GET", "/own-keys?list-type=2&prefix=aws:kms:dsse-16", ""), 200, ""); !strings.Contains(a.body, "<Size>160000</Size>") {
		t.Errorf("%s", a.body)
	}
	g.restart()
	for _, k := range kinds {
		g.want(g.do(admin, "GET", "/own-keys/"+k.name+"-1", "", k.read...), 200, "")
	}
}

func md5Of(s string) string {
	sum := md5.Sum([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// Parts are sealed each by itself, and ranges and part numbers read across them.
func TestPartsAtRest(t *testing.T) {
	g := newRig(t, nil)
	whole := fiveMiB + fiveMiB + "tail"
	for _, k := range kinds {
		target := "/own-keys/" + k.name
		up := g.begin(admin, target, k.write...)
		parts := []string{g.part(admin, up, 2, fiveMiB, k.read...), g.part(admin, up, 5, fiveMiB, k.read...), g.part(admin, up, 9, "tail", k.read...)}
		g.want(g.do(admin, "POST", up, list(parts...), k.read...), 200, "")
		if raw := g.rawBytes("own-keys", k.name); bytes.Contains(raw, []byte(fiveMiB[:16])) {
			t.Errorf("%s is legible in the store", k.name)
		}
		for _, r := range [][2]int{{0, len(whole) - 1}, {5*mebibyte - 3, 5*mebibyte + 70000}, {10*mebibyte - 1, 10*mebibyte + 3}, {100, 100}} {
			a := g.want(g.do(admin, "GET", target, "", append(k.read, "Range", fmt.Sprintf("bytes=%d-%d", r[0], r[1]))...), 206, "")
			if a.body != whole[r[0]:r[1]+1] {
				t.Errorf("%s: bytes %d-%d are wrong", k.name, r[0], r[1])
			}
		}
		if a := g.want(g.do(admin, "GET", target+"?partNumber=9", "", k.read...), 206, ""); a.body != "tail" {
			t.Errorf("%s: part 9 is %q", k.name, a.body)
		}
	}
}

// A copy has its own encryption, whatever the source's is: "Copying objects", and CopyObject in the API Reference.
func TestCopyReencrypts(t *testing.T) {
	g := newRig(t, nil)
	text := strings.Repeat("0123456789abcdef", 5000)
	for _, from := range kinds {
		g.want(g.do(admin, "PUT", "/own-keys/from-"+from.name, text, from.write...), 200, "")
		for _, to := range kinds {
			target := "/own-keys/" + from.name + "-to-" + to.name
			headers := append(append([]string{"x-amz-copy-source", "/own-keys/from-" + from.name}, from.copied...), to.write...)
			g.want(g.do(admin, "PUT", target, "", headers...), 200, "")
			got := g.want(g.do(admin, "GET", target, "", to.read...), 200, "")
			if got.body != text {
				t.Errorf("%s: %d bytes", target, len(got.body))
			}
			want := to.name
			if want == "default" {
				want = "AES256" // the bucket's default, not the source's
			}
			if got.Header.Get(sseHeader) != want && want != "SSE-C" {
				t.Errorf("%s: %q", target, got.Header.Get(sseHeader))
			}
		}
	}
	c := "/own-keys/from-SSE-C"
	g.want(g.do(admin, "PUT", "/own-keys/x", "", "x-amz-copy-source", c), 400, "InvalidRequest")
	g.want(g.do(admin, "PUT", "/own-keys/x", "", append([]string{"x-amz-copy-source", c}, customerKey("copy-source-", "o")...)...), 403, "AccessDenied")
	g.want(g.do(admin, "PUT", "/own-keys/x", "", append([]string{"x-amz-copy-source", "/own-keys/from-AES256"}, customerKey("copy-source-", "o")...)...), 400, "InvalidRequest")
	up := g.begin(admin, "/own-keys/parts")
	g.want(g.do(admin, "PUT", up+"&partNumber=1", "", append([]string{"x-amz-copy-source", c, "x-amz-copy-source-range", "bytes=65530-65545"}, customerKey("copy-source-", "k")...)...), 200, "")
}

// Objects that a version without encryption kept are still read.
func TestPlainObjects(t *testing.T) {
	g := newRig(t, nil)
	_, err := g.store.Put(context.Background(), store.ObjectMeta{Bucket: "reports", Key: "old"}, strings.NewReader("kept as it is"))
	if err != nil {
		t.Fatal(err)
	}
	if a := g.want(g.do(admin, "GET", "/reports/old", "", "Range", "bytes=5-6"), 206, ""); a.body != "as" {
		t.Errorf("%q", a.body)
	}
	g.want(g.do(admin, "PUT", "/reports/new", "", "x-amz-copy-source", "/reports/old"), 200, "")
	if a := g.want(g.do(admin, "GET", "/reports/new", ""), 200, ""); a.body != "kept as it is" {
		t.Errorf("%q", a.body)
	}
	g.want(g.do(admin, "GET", "/reports/2026/q1.csv", ""), 200, "") // of the seed, without bytes
}

// The states of keys, as S3 tells them: recorded answers of AWS, in GET and PUT alike.
func TestKeyStates(t *testing.T) {
	g := newRig(t, nil)
	const keys = "arn:aws:kms:us-east-1:111122223333:key/"
	for _, c := range []struct{ key, code, message string }{
		{"2222bbbb-12ab-34cd-56ef-1234567890ab", "KMS.DisabledException", keys + "2222bbbb-12ab-34cd-56ef-1234567890ab is disabled."},
		{"3333cccc-12ab-34cd-56ef-1234567890ab", "KMS.KMSInvalidStateException", keys + "3333cccc-12ab-34cd-56ef-1234567890ab is pending deletion."},
		{"4444dddd-12ab-34cd-56ef-1234567890ab", "KMS.NotFoundException", "Key '" + keys + "4444dddd-12ab-34cd-56ef-1234567890ab' does not exist"},
		{keys + "2222bbbb-12ab-34cd-56ef-1234567890ab", "KMS.DisabledException", keys + "2222bbbb-12ab-34cd-56ef-1234567890ab is disabled."},
		{"fake-key-id", "KMS.NotFoundException", "Invalid keyId 'fake-key-id'"},
		{"arn:aws:kms:us-west-2:111122223333:key/1111aaaa-12ab-34cd-56ef-1234567890ab", "KMS.NotFoundException", "Invalid arn us-west-2"},
	} {
		for _, algorithm := range []string{"aws:kms", "aws:kms:dsse"} {
			a := g.want(g.do(admin, "PUT", "/reports/k", "x", sseHeader, algorithm, sseHeader+"-aws-kms-key-id", c.key), 400, c.code)
			if a.message() != c.message {
				t.Errorf("%s: %q, want %q", c.key, a.message(), c.message)
			}
		}
		g.want(g.do(admin, "POST", "/reports/k?uploads", "", sseHeader, "aws:kms", sseHeader+"-aws-kms-key-id", c.key), 400, c.code)
	}
}

// S3 Bucket Keys are of SSE-KMS: "Reducing the cost of SSE-KMS with Amazon S3 Bucket Keys"; DSSE-KMS has none.
func TestBucketKeys(t *testing.T) {
	g := newRig(t, nil)
	const name = sseHeader + "-bucket-key-enabled"
	for _, c := range []struct{ algorithm, sent, want string }{
		{"aws:kms", "true", "true"}, {"aws:kms", "false", ""}, {"aws:kms", "", ""}, {"aws:kms:dsse", "true", ""}, {"AES256", "true", ""},
	} {
		headers := []string{sseHeader, c.algorithm}
		if c.sent != "" {
			headers = append(headers, name, c.sent)
		}
		put := g.want(g.do(admin, "PUT", "/reports/k", "x", headers...), 200, "")
		if got := g.want(g.do(admin, "HEAD", "/reports/k", ""), 200, ""); put.Header.Get(name) != c.want || got.Header.Get(name) != c.want {
			t.Errorf("%+v: %q, %q", c, put.Header.Get(name), got.Header.Get(name))
		}
	}
}

// SSE-C is told apart from what it is not, with AWS's words.
func TestCustomerKeyRefusals(t *testing.T) {
	g := newRig(t, nil)
	good := customerKey("", "k")
	g.want(g.do(admin, "PUT", "/own-keys/c", "x", good...), 200, "")
	g.want(g.do(admin, "PUT", "/own-keys/plain", "x"), 200, "")
	replace := func(i int, value string) []string {
		h := append([]string{}, good...)
		h[i] = value
		return h
	}
	for _, c := range []struct {
		method, target string
		headers        []string
		status         int
		code, message  string
	}{
		{"GET", "c", nil, 400, "InvalidRequest", "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object."},
		{"GET", "c", customerKey("", "o"), 403, "AccessDenied", "Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret key."},
		{"GET", "c", replace(3, "c2hvcnQ="), 400, "InvalidArgument", "The secret key was invalid for the specified algorithm."},
		{"GET", "c", replace(3, base64.StdEncoding.EncodeToString([]byte(strings.Repeat("o", 32)))), 400, "InvalidArgument", "The calculated MD5 hash of the key did not match the hash that was provided."},
		{"GET", "c", replace(1, "AES128"), 400, "InvalidEncryptionAlgorithmError", "The Encryption request you specified is not valid. Supported value: AES256."},
		{"GET", "plain", good, 400, "InvalidRequest", "The encryption parameters are not applicable to this object."},
		{"GET", "plain", []string{sseHeader, "AES256"}, 400, "InvalidArgument", "x-amz-server-side-encryption header is not supported for this operation."},
		{"PUT", "new", good[:2], 400, "InvalidArgument", "Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key."},
		{"PUT", "new", good[2:], 400, "InvalidArgument", "Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption algorithm."},
		{"PUT", "new", append([]string{sseHeader, "AES256"}, good...), 400, "InvalidArgument", "Server Side Encryption with Customer provided key is incompatible with the encryption method specified"},
	} {
		a := g.want(g.do(admin, c.method, "/own-keys/"+c.target, "", c.headers...), c.status, c.code)
		if a.message() != c.message {
			t.Errorf("%s %s %v: %q, want %q", c.method, c.target, c.headers, a.message(), c.message)
		}
	}
}

// The encryption context of a client is checked, kept and told, and the bytes are bound to it: PutObject in the API
// Reference.
func TestEncryptionContext(t *testing.T) {
	g := newRig(t, nil)
	const name = sseHeader + "-context"
	pairs := base64.StdEncoding.EncodeToString([]byte(`{"team":"data"}`))
	for _, c := range []struct{ method, target string }{{"PUT", "/reports/k"}, {"POST", "/reports/up?uploads"}} {
		if a := g.want(g.do(admin, c.method, c.target, "", sseHeader, "aws:kms", name, pairs), 200, ""); a.Header.Get(name) != pairs {
			t.Errorf("%v", a.Header)
		}
	}
	g.want(g.do(admin, "PUT", "/reports/k", "text", sseHeader, "aws:kms", name, pairs), 200, "")
	if a := g.want(g.do(admin, "GET", "/reports/k", ""), 200, ""); a.body != "text" {
		t.Errorf("%q", a.body)
	}
	g.want(g.do(admin, "PUT", "/reports/copy", "", "x-amz-copy-source", "/reports/k"), 200, "")
	for _, bad := range []string{"nonsense", base64.StdEncoding.EncodeToString([]byte(`["a"]`)), base64.StdEncoding.EncodeToString([]byte(`{"a":1}`))} {
		g.want(g.do(admin, "PUT", "/reports/k", "", sseHeader, "aws:kms", name, bad), 400, "InvalidArgument")
	}
	g.want(g.do(admin, "PUT", "/reports/k", "", name, pairs), 400, "InvalidArgument")
	_, err := g.store.UpdateMeta(context.Background(), "reports", "k", "", func(o *store.Object) error { o.Extra = nil; return nil })
	if err != nil {
		t.Fatal(err)
	}
	if res, err := http.DefaultTransport.RoundTrip(g.asAdmin("GET", "/reports/k")); err == nil {
		if b, err := io.ReadAll(res.Body); err == nil && string(b) == "text" {
			t.Error("the bytes open without their context")
		}
		res.Body.Close()
	}
}

// asAdmin is a request of the administrator, not yet sent.
func (g *rig) asAdmin(method, target string) *http.Request {
	r := g.request(method, target, "")
	sigv4.Signer{Credential: admin, Region: "us-east-1"}.Sign(r, g.now(), hashOf(""))
	return r
}

// A customer's key that a presigned URL carries serves, and is told neither by the log nor by the decision.
func TestCustomerKeyInURL(t *testing.T) {
	g := newRig(t, nil)
	h := customerKey("", "k")
	g.want(g.do(admin, "PUT", "/own-keys/c", "x", h...), 200, "")
	query := url.Values{h[0]: {h[1]}, h[2]: {h[3]}, h[4]: {h[5]}}.Encode()
	target := g.presign(admin, "GET", "/own-keys/c?"+query, time.Minute)
	a := g.want(g.send(g.request("GET", target, "")), 200, "")
	if a.body != "x" {
		t.Errorf("%q", a.body)
	}
	told := g.log.String() + g.send(g.request("GET", "/_why403/decisions/"+a.Header.Get("X-Amz-Request-Id"), "")).body
	if strings.Contains(told, url.QueryEscape(h[3])) || strings.Contains(told, h[3]) {
		t.Errorf("the key is told: %s", told)
	}
}

// CopyObject of a delete marker that is named by its version: an answer recorded from AWS.
func TestCopyOfDeleteMarker(t *testing.T) {
	g := newRig(t, nil)
	g.version("/versioned/new", "x")
	marker := g.want(g.do(admin, "DELETE", "/versioned/new", ""), 204, "").Header.Get("X-Amz-Version-Id")
	a := g.want(g.do(admin, "PUT", "/versioned/copy", "", "x-amz-copy-source", "/versioned/new?versionId="+marker), 400, "InvalidRequest")
	if a.message() != "The source of a copy request may not specifically refer to a delete marker by version id." {
		t.Errorf("%q", a.message())
	}
	g.want(g.do(admin, "PUT", "/versioned/copy", "", "x-amz-copy-source", "/versioned/new"), 404, "NoSuchKey")
}

// What is delivered for a service is an object as any other: encrypted, the owner's, and locked by default.
func TestDeliver(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/logs", "", "x-amz-bucket-object-lock-enabled", "true"), 200, "")
	g.want(g.withMD5(admin, "/logs?object-lock", `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>`+
		`<Mode>GOVERNANCE</Mode><Days>2</Days></DefaultRetention></Rule></ObjectLockConfiguration>`), 200, "")
	text := strings.Repeat("a line of a log\n", 100)
	o, err := g.server.s3.Deliver(context.Background(), "logs", "a.log", map[string]string{"content-type": "text/plain"}, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	a := g.want(g.do(admin, "GET", "/logs/a.log", "", "x-amz-checksum-mode", "ENABLED"), 200, "")
	if a.body != text || a.Header.Get("ETag") != fmt.Sprintf(`"%x"`, md5.Sum([]byte(text))) || a.Header.Get("Content-Type") != "text/plain" ||
		a.Header.Get(sseHeader) != "AES256" || a.Header.Get("X-Amz-Object-Lock-Mode") != "GOVERNANCE" || a.Header.Get("X-Amz-Checksum-Crc64nvme") == "" ||
		a.Header.Get("X-Amz-Version-Id") != o.VersionID {
		t.Errorf("%q %v", a.body, a.Header)
	}
	if bytes.Contains(g.rawBytes("logs", "a.log"), []byte("a line")) {
		t.Error("it is legible in the store")
	}
	if _, err := g.server.s3.Deliver(context.Background(), "none", "k", nil, nil); !errors.Is(err, store.ErrNoSuchBucket) {
		t.Errorf("%v", err)
	}
}
