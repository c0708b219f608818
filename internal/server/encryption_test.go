package server

import (
	"crypto/md5"
	"encoding/base64"
	"strings"
	"testing"
)

// How an object is encrypted is kept and told, and the gates that hang on it close.
func TestEncryption(t *testing.T) {
	g := newRig(t, nil)
	a := g.want(g.do(admin, "PUT", "/reports/kms", "x", "x-amz-server-side-encryption", "aws:kms"), 200, "")
	if id := a.Header.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"); !strings.HasPrefix(id, "arn:aws:kms:us-east-1:111122223333:key/") {
		t.Errorf("key %q", id)
	}
	if a := g.want(g.do(admin, "GET", "/reports/kms", ""), 200, ""); a.Header.Get("X-Amz-Server-Side-Encryption") != "aws:kms" {
		t.Errorf("%v", a.Header)
	}
	g.want(g.do(admin, "PUT", "/public-site/kms", "x", "x-amz-server-side-encryption", "aws:kms"), 200, "")
	g.want(g.do(nouser, "GET", "/public-site/kms", ""), 400, "InvalidArgument") // needs a signature
	g.want(g.do(admin, "PUT", "/reports/kms", "x", "x-amz-server-side-encryption", "rot13"), 400, "InvalidArgument")
	g.want(g.do(admin, "PUT", "/reports/kms", "x", "x-amz-server-side-encryption", "aws:kms",
		"x-amz-server-side-encryption-aws-kms-key-id", "1234abcd-12ab-34cd-56ef-1234567890ab"), 400, "KMS.NotFoundException")

	key := strings.Repeat("k", 32)
	sum := md5.Sum([]byte(key))
	ssec := []string{"x-amz-server-side-encryption-customer-algorithm", "AES256",
		"x-amz-server-side-encryption-customer-key", base64.StdEncoding.EncodeToString([]byte(key)),
		"x-amz-server-side-encryption-customer-key-md5", base64.StdEncoding.EncodeToString(sum[:])}
	a = g.want(g.do(admin, "PUT", "/reports/c", "x", ssec...), 403, "AccessDenied")
	if !strings.Contains(a.message(), "blocked upload requests that specify Server Side Encryption with Customer provided keys") {
		t.Errorf("%s", a.message())
	}
	g.want(g.do(admin, "PUT", "/own-keys/c", "x", ssec...), 200, "")
	g.want(g.do(admin, "GET", "/own-keys/c", ""), 400, "InvalidRequest")
	g.want(g.do(admin, "GET", "/own-keys/c", "", ssec...), 200, "")
	other := strings.Repeat("o", 32)
	sum = md5.Sum([]byte(other))
	g.want(g.do(admin, "GET", "/own-keys/c", "", "x-amz-server-side-encryption-customer-algorithm", "AES256",
		"x-amz-server-side-encryption-customer-key", base64.StdEncoding.EncodeToString([]byte(other)),
		"x-amz-server-side-encryption-customer-key-md5", base64.StdEncoding.EncodeToString(sum[:])), 403, "AccessDenied")
	g.want(g.do(admin, "PUT", "/own-keys/c", "x", "x-amz-server-side-encryption-customer-algorithm", "AES256"), 400, "InvalidArgument")
	if strings.Contains(g.log.String(), base64.StdEncoding.EncodeToString([]byte(key))) {
		t.Error("the log tells a customer's key")
	}
}
