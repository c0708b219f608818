package server

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"mime/multipart"
	"strings"
	"testing"

	"github.com/why403/why403/internal/sigv4"
)

// A field is one field of a form.
type field struct{ name, value string }

// form posts fields and, where content is not nil, a file behind them.
func (g *rig) form(target string, fields []field, content []byte, behind ...field) answer {
	g.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range fields {
		if err := w.WriteField(f.name, f.value); err != nil {
			g.t.Fatal(err)
		}
	}
	if content != nil {
		file, err := w.CreateFormFile("file", "report.txt")
		if err != nil {
			g.t.Fatal(err)
		}
		if _, err := file.Write(content); err != nil {
			g.t.Fatal(err)
		}
	}
	for _, f := range behind {
		if err := w.WriteField(f.name, f.value); err != nil {
			g.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		g.t.Fatal(err)
	}
	return g.send(g.request("POST", target, b.String(), "Content-Type", w.FormDataContentType()))
}

func sum(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// signed adds a policy of these conditions to fields, and its signature: "Creating
// an HTML form (using AWS signature version 4)". The fields of the signature are
// conditions by themselves.
func (g *rig) signed(who sigv4.Credential, conditions string, fields ...field) []field {
	now := g.now().UTC()
	day := now.Format("20060102")
	add := []field{{"x-amz-algorithm", "AWS4-HMAC-SHA256"}, {"x-amz-credential", who.AccessKeyID + "/" + day + "/us-east-1/s3/aws4_request"}, {"x-amz-date", now.Format("20060102T150405Z")}}
	for _, f := range add {
		conditions += fmt.Sprintf(`,{%q:%q}`, f.name, f.value)
	}
	policy := base64.StdEncoding.EncodeToString([]byte(`{"expiration":"` + now.Add(3600e9).Format("2006-01-02T15:04:05.000Z") + `","conditions":[` + conditions + `]}`))
	key := sum(sum(sum(sum([]byte("AWS4"+who.Secret), day), "us-east-1"), "s3"), "aws4_request")
	return append(append(fields, add...), field{"Policy", policy}, field{"x-amz-signature", hex.EncodeToString(sum(key, policy))})
}

func TestPostObject(t *testing.T) {
	g := newRig(t, nil)
	base := `{"bucket":"reports"},["starts-with","$key","in/"]`
	for _, c := range []struct {
		name   string
		fields []field
		status int
		code   string
		says   string
	}{
		{name: "204 by default", fields: g.signed(admin, base, field{"key", "in/${filename}"}), status: 204},
		{name: "names in any case", fields: g.signed(admin, base, field{"KEY", "in/a"}), status: 204},
		{name: "200", fields: g.signed(admin, base+`,["eq","$success_action_status","200"]`, field{"key", "in/a"}, field{"success_action_status", "200"}), status: 200},
		{name: "201", fields: g.signed(admin, base+`,["eq","$success_action_status","201"]`, field{"key", "in/a"}, field{"success_action_status", "201"}), status: 201},
		{name: "a status that is none", fields: g.signed(admin, base+`,["starts-with","$success_action_status",""]`, field{"key", "in/a"}, field{"success_action_status", "404"}), status: 204},
		{name: "ignored fields", fields: g.signed(admin, base, field{"key", "in/a"}, field{"x-ignore-this", "1"}), status: 204},
		{name: "another key", fields: g.signed(admin, base, field{"key", "out/a"}), status: 403, code: "AccessDenied", says: `Invalid according to Policy: Policy Condition failed: ["starts-with","$key","in/"]`},
		{name: "another bucket", fields: g.signed(admin, `{"bucket":"drop"},["starts-with","$key","in/"]`, field{"key", "in/a"}), status: 403, code: "AccessDenied", says: `Invalid according to Policy: Policy Condition failed: ["eq", "$bucket", "drop"]`},
		{name: "a field without condition", fields: g.signed(admin, base, field{"key", "in/a"}, field{"acl", "private"}), status: 403, code: "AccessDenied", says: "Invalid according to Policy: Extra input fields: acl"},
		{name: "no key", fields: g.signed(admin, `{"bucket":"reports"}`), status: 400, code: "InvalidArgument"},
		{name: "too big", fields: g.signed(admin, base+`,["content-length-range",0,3]`, field{"key", "in/a"}), status: 400, code: "EntityTooLarge"},
		{name: "too small", fields: g.signed(admin, base+`,["content-length-range","10","20"]`, field{"key", "in/a"}), status: 400, code: "EntityTooSmall"},
		{name: "a caller without permission", fields: g.signed(nobody, base, field{"key", "in/a"}), status: 403, code: "AccessDenied"},
		{name: "nobody", fields: []field{{"key", "in/a"}}, status: 403, code: "AccessDenied"},
		{name: "public ACL", fields: g.signed(admin, base+`,{"acl":"public-read"}`, field{"key", "in/a"}, field{"acl", "public-read"}), status: 400, code: "AccessControlListNotSupported"},
		{name: "bad tags", fields: g.signed(admin, base+`,["starts-with","$tagging",""]`, field{"key", "in/a"}, field{"tagging", "<Tagging>"}), status: 400, code: "MalformedXML"},
		{name: "half a signature", fields: []field{{"key", "in/a"}, {"x-amz-algorithm", "AWS4-HMAC-SHA256"}}, status: 400, code: "InvalidArgument"},
	} {
		a := g.form("/reports", c.fields, []byte("hello"))
		g.want(a, c.status, c.code)
		if c.says != "" && a.message() != c.says {
			t.Errorf("%s: %q, want %q", c.name, a.message(), c.says)
		}
		if a.StatusCode < 300 && a.Header.Get("ETag") != `"5d41402abc4b2a76b9719d911017c592"` {
			t.Errorf("%s: %v", c.name, a.Header)
		}
	}
	g.want(g.form("/reports", g.signed(admin, base, field{"key", "in/a"}), nil), 400, "InvalidArgument")
	g.want(g.form("/reports", g.signed(admin, base, field{"key", "in/two"}), []byte("x"), field{"file", "second"}), 400, "InvalidArgument")
	g.want(g.do(admin, "GET", "/reports/in/two", ""), 404, "NoSuchKey")
	g.want(g.send(g.request("POST", "/reports", "x", "Content-Type", "text/plain")), 412, "PreconditionFailed")
	r := g.request("POST", "/reports", "--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nx\r\n--b--\r\n", "Content-Type", "multipart/form-data; boundary=b")
	r.ContentLength = -1
	g.want(g.send(r), 411, "MissingContentLength")
	if a := g.want(g.do(admin, "GET", "/reports/in/report.txt", ""), 200, ""); a.body != "hello" {
		t.Errorf("the file: %q", a.body)
	}
}

// What a form says of its object comes back with it, and the answers tell where it
// is.
func TestPostObjectFields(t *testing.T) {
	g := newRig(t, nil)
	conditions := `{"bucket":"reports"},["starts-with","$key",""],["starts-with","$Content-Type","text/"],["starts-with","$x-amz-meta-from",""],["starts-with","$tagging",""],` +
		`["starts-with","$success_action_redirect",""],["starts-with","$success_action_status",""]`
	fields := g.signed(admin, conditions, field{"key", "a b/${filename}"}, field{"Content-Type", "text/plain"}, field{"x-amz-meta-from", "form"},
		field{"tagging", "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>"}, field{"success_action_status", "201"}, field{"success_action_redirect", ""})
	a := g.want(g.form("/reports", fields, []byte("hello"), field{"ignored", "behind the file"}), 201, "")
	if !strings.Contains(a.body, "<Key>a b/report.txt</Key>") || !strings.Contains(a.body, "<Bucket>reports</Bucket>") || !strings.HasSuffix(a.Header.Get("Location"), "/reports/a%20b%2Freport.txt") {
		t.Errorf("201: %v %s", a.Header, a.body)
	}
	got := g.want(g.do(admin, "GET", "/reports/a%20b/report.txt", ""), 200, "")
	wantHeaders(t, got.Header, map[string]string{"Content-Type": "text/plain", "X-Amz-Meta-From": "form", "X-Amz-Tagging-Count": "1"})
	fields = g.signed(admin, conditions, field{"key", "r"}, field{"Content-Type", "text/css"}, field{"success_action_redirect", "https://example.com/done?x=1"},
		field{"x-amz-meta-from", ""}, field{"tagging", ""}, field{"success_action_status", ""})
	a = g.want(g.form("/reports", fields, []byte("hello")), 303, "")
	if want := "https://example.com/done?x=1&bucket=reports&key=r&etag=%225d41402abc4b2a76b9719d911017c592%22"; a.Header.Get("Location") != want {
		t.Errorf("redirect to %s, want %s", a.Header.Get("Location"), want)
	}
}

// Signature Version 2 signs the policy alone.
func TestPostObjectSignatureV2(t *testing.T) {
	g := newRig(t, nil)
	policy := base64.StdEncoding.EncodeToString([]byte(`{"expiration":"2036-01-01T00:00:00Z","conditions":[["eq","$key","v2"],{"bucket":"reports"}]}`))
	h := hmac.New(sha1.New, []byte(admin.Secret))
	h.Write([]byte(policy))
	fields := []field{{"key", "v2"}, {"AWSAccessKeyId", admin.AccessKeyID}, {"signature", base64.StdEncoding.EncodeToString(h.Sum(nil))}, {"policy", policy}}
	g.want(g.form("/reports", fields, []byte("x")), 204, "")
	fields[2].value = "AAAA"
	g.want(g.form("/reports", fields, []byte("x")), 403, "SignatureDoesNotMatch")
}

// An anonymous form is an anonymous upload: the ACL of the bucket lets it in.
func TestPostObjectAnonymous(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/open-forms", "", "x-amz-object-ownership", "ObjectWriter"), 200, "")
	g.want(g.do(admin, "DELETE", "/open-forms?publicAccessBlock", ""), 204, "")
	g.want(g.form("/open-forms", []field{{"key", "k"}}, []byte("x")), 403, "AccessDenied")
	g.want(g.do(admin, "PUT", "/open-forms?acl", "", "x-amz-acl", "public-read-write"), 200, "")
	g.want(g.form("/open-forms", []field{{"key", "k"}, {"Content-Type", "text/css"}}, []byte("x")), 204, "")
	g.want(g.form("/open-forms", []field{{"key", "public"}, {"acl", "public-read"}}, []byte("x")), 204, "")
	if a := g.want(g.do(nouser, "GET", "/open-forms/public", ""), 200, ""); a.body != "x" {
		t.Errorf("%q", a.body)
	}
}
