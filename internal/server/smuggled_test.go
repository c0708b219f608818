package server

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/internal/sigv4"
)

// sendLines signs and sends a request one header of which comes in several lines.
func (g *rig) sendLines(method, target, body, name string, lines ...string) answer {
	g.t.Helper()
	r := g.request(method, target, body)
	r.Header[http.CanonicalHeaderKey(name)] = lines
	sigv4.Signer{Credential: admin, Region: "us-east-1"}.Sign(r, g.now(), hashOf(body))
	return g.send(r)
}

// What is decided on is what is done, where a header comes in several lines: they are
// one value, joined by commas.
func TestHeaderInSeveralLines(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/reports/secret.bin", "secret"), 200, "")
	g.want(g.do(admin, "PUT", "/reports?policy", `{"Version":"2012-10-17","Statement":[
		{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","NotResource":"arn:aws:s3:::reports/*.txt"},
		{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::reports/*","Condition":{"StringNotLike":{"s3:x-amz-storage-class":"*STANDARD_IA"},"Null":{"s3:x-amz-storage-class":"false"}}}]}`), 204, "")
	g.want(g.do(admin, "GET", "/reports/secret.bin", ""), 403, "AccessDenied")
	g.want(g.sendLines("PUT", "/reports/copy", "", "x-amz-copy-source", "reports/secret.bin", "x.txt"), 404, "NoSuchKey")
	g.want(g.sendLines("PUT", "/reports/k", "x", "x-amz-storage-class", "GLACIER", "STANDARD_IA"), 400, "InvalidStorageClass")
}

// Parameters act as headers in presigned URLs alone, and each once.
func TestParametersAsHeaders(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/reports?policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::reports/*",
		"Condition":{"StringNotEquals":{"s3:x-amz-storage-class":"STANDARD_IA"}}}]}`), 204, "")
	const asked = "/reports/k?x-amz-storage-class=STANDARD_IA"
	g.want(g.do(admin, "PUT", asked, "x"), 403, "AccessDenied")
	a := g.want(g.do(nouser, "PUT", g.presign(admin, "PUT", asked, time.Minute), "x"), 200, "")
	if a = g.do(admin, "HEAD", "/reports/k", ""); a.Header.Get("X-Amz-Storage-Class") != "STANDARD_IA" {
		t.Errorf("%v", a.Header)
	}
	for range 8 { // whichever of the two is looked at
		g.want(g.do(nouser, "PUT", g.presign(admin, "PUT", "/reports/k?x-amz-storage-class=STANDARD&X-Amz-Storage-Class=STANDARD_IA", time.Minute), "x"), 403, "AccessDenied")
	}
}

// No parameter turns what Signature Version 2 signed into another operation, and no
// header what a URL of it says.
func TestSignatureV2CoversTheOperation(t *testing.T) {
	g := newRig(t, nil)
	signer := sigv4.Signer{Credential: admin}
	for _, spec := range s3op.All() {
		if spec.Subresource == "" || spec.Subresource == "list-type" { // ListObjects and ListObjectsV2 tell the same
			continue
		}
		target := "/reports"
		if spec.Scope == s3op.Object {
			target += "/k"
		}
		r := g.request(spec.Method, target, "")
		signer.SignV2(r, g.now(), "")
		r.URL.RawQuery = spec.Subresource
		if a := g.send(r); a.StatusCode != 403 || a.Request.Method != "HEAD" && a.code() != "SignatureDoesNotMatch" {
			t.Errorf("%s with %s added: %d %s", spec.Name, spec.Subresource, a.StatusCode, a.body)
		}
	}
	signed, err := url.Parse(signer.PresignV2(g.request("PUT", "/reports/k?x-amz-storage-class=STANDARD", ""), g.now().Add(time.Minute), ""))
	if err != nil {
		t.Fatal(err)
	}
	g.want(g.do(nouser, "PUT", signed.RequestURI(), "x"), 200, "")
	g.want(g.do(nouser, "PUT", signed.RequestURI(), "x", "x-amz-storage-class", "GLACIER"), 400, "InvalidRequest")
	if a := g.do(nouser, "PUT", strings.Replace(signed.RequestURI(), "STANDARD", "GLACIER", 1), "x"); a.code() != "SignatureDoesNotMatch" {
		t.Errorf("another value: %d %s", a.StatusCode, a.body)
	}
}

// An empty header asks for nothing, and takes nothing away: the object is encrypted as the
// bucket's default, and needs the key of that.
func TestEmptyHeaders(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/sealed", ""), 200, "")
	g.want(g.withMD5(admin, "/sealed?encryption", "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>"+dataKey+
		"</KMSMasterKeyID></ApplyServerSideEncryptionByDefault><BlockedEncryptionTypes><EncryptionType>NONE</EncryptionType></BlockedEncryptionTypes></Rule></ServerSideEncryptionConfiguration>"), 200, "")
	who := g.limited("keyless", `{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}`)
	for _, name := range []string{"X-Amz-Server-Side-Encryption", "X-Amz-Server-Side-Encryption-Customer-Algorithm", "X-Amz-Server-Side-Encryption-Bucket-Key-Enabled"} {
		for _, send := range []func(target, body string, more ...string) answer{
			func(target, body string, more ...string) answer {
				return g.do(who, "PUT", target, body, append(more, name, "")...)
			},
			func(target, body string, more ...string) answer {
				return g.do(nouser, "PUT", g.presign(who, "PUT", target+"?"+strings.ToLower(name)+"=", time.Minute), body)
			},
			func(target, _ string, _ ...string) answer {
				return g.do(who, "PUT", target, "", "X-Amz-Copy-Source", "reports/2026/q1.csv", name, "")
			},
			func(target, _ string, _ ...string) answer { return g.do(who, "POST", target+"?uploads", "", name, "") },
			func(target, body string, _ ...string) answer {
				return g.form("/sealed", g.signed(who, `["starts-with","$bucket",""],["starts-with","$key",""],["starts-with","$`+strings.ToLower(name)+`",""]`, field{"key", "k"}, field{strings.ToLower(name), ""}), []byte(body))
			},
		} {
			a := g.want(send("/sealed/k", "x"), 403, "AccessDenied")
			if !strings.Contains(a.message(), "kms:GenerateDataKey") {
				t.Errorf("%s: %s", name, a.message())
			}
		}
	}
}
