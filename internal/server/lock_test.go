package server

import (
	"encoding/xml"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/why403/why403/internal/sigv4"
)

// withMD5 sends a document with its digest, which the calls of Object Lock demand.
func (g *rig) withMD5(who sigv4.Credential, target, body string, headers ...string) answer {
	g.t.Helper()
	return g.do(who, "PUT", target, body, append(headers, "Content-MD5", md5Of(body))...)
}

func retention(mode string, until time.Time) string {
	return "<Retention><Mode>" + mode + "</Mode><RetainUntilDate>" + until.UTC().Format(time.RFC3339) + "</RetainUntilDate></Retention>"
}

const bypass = "x-amz-bypass-governance-retention"

// version puts an object, and returns the target of that version.
func (g *rig) version(target, body string, headers ...string) string {
	g.t.Helper()
	a := g.want(g.withMD5(admin, target, body, headers...), 200, "")
	return target + "?versionId=" + a.Header.Get("X-Amz-Version-Id")
}

// The refusals of PutObjectLockConfiguration are recorded answers of AWS.
func TestObjectLockConfiguration(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/locked", "", "x-amz-bucket-object-lock-enabled", "true"), 200, "")
	if a := g.want(g.do(admin, "GET", "/locked?versioning", ""), 200, ""); !strings.Contains(a.body, "<Status>Enabled</Status>") {
		t.Errorf("%s", a.body)
	}
	if a := g.want(g.do(admin, "GET", "/locked?object-lock", ""), 200, ""); strings.Contains(a.body, "Rule") || !strings.Contains(a.body, "<ObjectLockEnabled>Enabled</ObjectLockEnabled>") {
		t.Errorf("%s", a.body)
	}
	doc := func(inner string) string {
		return `<ObjectLockConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` + inner + `</ObjectLockConfiguration>`
	}
	const on = "<ObjectLockEnabled>Enabled</ObjectLockEnabled>"
	rule := func(inner string) string {
		return doc(on + "<Rule><DefaultRetention>" + inner + "</DefaultRetention></Rule>")
	}
	g.want(g.do(admin, "PUT", "/locked?object-lock", doc(on)), 400, "InvalidRequest") // no digest
	for _, c := range []struct{ body, code, message string }{
		{doc(""), "MalformedXML", ""}, {"", "MalformedXML", ""},
		{doc("<ObjectLockEnabled>Disabled</ObjectLockEnabled>"), "MalformedXML", ""},
		{doc(on + "<Rule></Rule>"), "MalformedXML", ""}, {rule(""), "MalformedXML", ""},
		{rule("<Mode>GOVERNANCE</Mode>"), "MalformedXML", ""},
		{rule("<Mode>governance</Mode><Days>1</Days>"), "MalformedXML", ""},
		{rule("<Mode>GOVERNANCE</Mode><Days>1</Days><Years>1</Years>"), "MalformedXML", ""},
		{rule("<Mode>GOVERNANCE</Mode><Days>0</Days>"), "InvalidArgument", "Default retention period must be a positive integer value."},
		{rule("<Mode>GOVERNANCE</Mode><Years>-1</Years>"), "InvalidArgument", "Default retention period must be a positive integer value."},
		{rule("<Mode>GOVERNANCE</Mode><Days>999999999</Days>"), "InvalidArgument", "Default retention period too large."},
	} {
		a := g.want(g.withMD5(admin, "/locked?object-lock", c.body), 400, c.code)
		if c.message != "" && a.message() != c.message {
			t.Errorf("%s: %q", c.body, a.message())
		}
	}
	years := rule("<Mode>COMPLIANCE</Mode><Years>1</Years>")
	g.want(g.withMD5(admin, "/reports?object-lock", years), 409, "InvalidBucketState")
	g.want(g.do(admin, "GET", "/reports?object-lock", ""), 404, "ObjectLockConfigurationNotFoundError")
	g.want(g.withMD5(admin, "/versioned?object-lock", years), 200, "") // of a bucket made without
	g.want(g.do(admin, "PUT", "/versioned?versioning", `<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>`), 409, "InvalidBucketState")
	g.restart()
	if a := g.want(g.do(admin, "GET", "/versioned?object-lock", ""), 200, ""); !strings.Contains(a.body, "<Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Years>1</Years></DefaultRetention></Rule>") {
		t.Errorf("%s", a.body)
	}
}

// New objects get the bucket's retention, unless they bring their own; copies and multipart uploads, too. Object Lock
// wants a digest of what is uploaded.
func TestDefaultRetention(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/locked", "", "x-amz-bucket-object-lock-enabled", "true"), 200, "")
	g.want(g.withMD5(admin, "/locked?object-lock", `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>`+
		`<Mode>GOVERNANCE</Mode><Days>2</Days></DefaultRetention></Rule></ObjectLockConfiguration>`), 200, "")
	a := g.want(g.do(admin, "PUT", "/locked/k", "x"), 400, "InvalidRequest")
	if a.message() != "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters" {
		t.Errorf("%q", a.message())
	}
	check := func(target, mode string, until time.Time) {
		t.Helper()
		head := g.want(g.do(admin, "HEAD", target, ""), 200, "")
		got, err := time.Parse(time.RFC3339, head.Header.Get("X-Amz-Object-Lock-Retain-Until-Date"))
		if err != nil || head.Header.Get("X-Amz-Object-Lock-Mode") != mode || got.Sub(until).Abs() > time.Minute || head.Header.Get("X-Amz-Object-Lock-Legal-Hold") != "" {
			t.Errorf("%s: %v", target, head.Header)
		}
	}
	inTwoDays, later := g.now().Add(48*time.Hour), g.now().Add(999*time.Hour)
	check(g.version("/locked/k", "x"), "GOVERNANCE", inTwoDays)
	check(g.version("/locked/own", "x", "x-amz-object-lock-mode", "COMPLIANCE", "x-amz-object-lock-retain-until-date", later.UTC().Format(time.RFC3339)), "COMPLIANCE", later)
	g.want(g.do(admin, "PUT", "/locked/copy", "", "x-amz-copy-source", "/locked/own"), 200, "")
	check("/locked/copy", "GOVERNANCE", inTwoDays) // its own, not the source's
	up := g.begin(admin, "/locked/parts")
	if a := g.want(g.do(admin, "PUT", up+"&partNumber=1", "x"), 400, "InvalidRequest"); !strings.Contains(a.message(), "Put Part requests") {
		t.Errorf("%q", a.message())
	}
	g.want(g.do(admin, "POST", up, list(g.part(admin, up, 1, "x", "Content-MD5", md5Of("x")))), 200, "")
	check("/locked/parts", "GOVERNANCE", inTwoDays)
}

// What protects a version, and who may lift it: "Object Lock", with answers recorded from AWS.
func TestRetentionAndLegalHold(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/locked", "", "x-amz-bucket-object-lock-enabled", "true"), 200, "")
	soon, later := g.now().Add(time.Hour), g.now().Add(48*time.Hour)
	const protected = "Access Denied because object protected by object lock."
	put := func(target, doc string, headers ...string) answer { return g.withMD5(admin, target, doc, headers...) }
	refused := func(a answer) {
		t.Helper()
		if g.want(a, 403, "AccessDenied"); a.message() != protected {
			t.Errorf("%q", a.message())
		}
	}

	k := g.version("/locked/k", "x")
	g.want(g.do(admin, "GET", k+"&retention", ""), 404, "NoSuchObjectLockConfiguration")
	g.want(g.do(admin, "GET", k+"&legal-hold", ""), 404, "NoSuchObjectLockConfiguration")
	for _, c := range []struct{ doc, code string }{
		{"", "MalformedXML"}, {"<Retention><Mode>GOVERNANCE</Mode></Retention>", "MalformedXML"},
		{retention("abc", later), "MalformedXML"}, {retention("GOVERNANCE", g.now().Add(-time.Hour)), "InvalidArgument"},
	} {
		g.want(put(k+"&retention", c.doc), 400, c.code)
	}
	g.want(put(k+"&legal-hold", "<LegalHold><Status>abc</Status></LegalHold>"), 400, "MalformedXML")
	g.want(g.do(admin, "PUT", k+"&retention", retention("GOVERNANCE", later)), 400, "InvalidRequest") // no digest

	g.want(put(k+"&retention", retention("GOVERNANCE", soon)), 200, "")
	var got struct{ Mode, RetainUntilDate string }
	a := g.want(g.do(admin, "GET", k+"&retention", ""), 200, "")
	if err := xml.Unmarshal([]byte(a.body), &got); err != nil || got.Mode != "GOVERNANCE" || got.RetainUntilDate != soon.UTC().Format("2006-01-02T15:04:05.000Z")[:19]+".000Z" {
		t.Errorf("%v %s", err, a.body)
	}
	g.want(put(k+"&retention", retention("GOVERNANCE", later)), 200, "") // longer
	refused(put(k+"&retention", retention("GOVERNANCE", soon)))
	refused(put(k+"&retention", retention("COMPLIANCE", later)))
	refused(put(k+"&retention", "<Retention/>"))
	refused(g.do(admin, "DELETE", k, ""))
	refused(g.do(root, "DELETE", k, ""))
	g.want(put(k+"&retention", retention("GOVERNANCE", soon), bypass, "true"), 200, "")
	g.want(g.do(admin, "DELETE", k, "", bypass, "true"), 204, "")

	c := g.version("/locked/c", "x", "x-amz-object-lock-mode", "COMPLIANCE", "x-amz-object-lock-retain-until-date", soon.UTC().Format(time.RFC3339))
	refused(g.do(root, "DELETE", c, "", bypass, "true"))
	refused(put(c+"&retention", retention("COMPLIANCE", g.now().Add(time.Minute)), bypass, "true"))
	refused(put(c+"&retention", retention("GOVERNANCE", later), bypass, "true"))
	g.want(put(c+"&retention", retention("COMPLIANCE", later)), 200, "")
	g.want(g.do(admin, "DELETE", "/locked/c", ""), 204, "") // a delete marker

	h := g.version("/locked/h", "x", "x-amz-object-lock-legal-hold", "ON")
	refused(g.do(admin, "DELETE", h, "", bypass, "true"))
	if a := g.want(g.do(admin, "HEAD", h, ""), 200, ""); a.Header.Get("X-Amz-Object-Lock-Legal-Hold") != "ON" {
		t.Errorf("%v", a.Header)
	}
	body := fmt.Sprintf("<Delete><Object><Key>h</Key><VersionId>%s</VersionId></Object></Delete>", h[len("/locked/h?versionId="):])
	if a := g.want(g.do(admin, "POST", "/locked?delete", body, "Content-MD5", md5Of(body)), 200, ""); !strings.Contains(a.body, "<Code>AccessDenied</Code><Message>"+protected) {
		t.Errorf("%s", a.body)
	}
	g.want(put(h+"&legal-hold", "<LegalHold><Status>OFF</Status></LegalHold>"), 200, "")
	if a := g.want(g.do(admin, "GET", h+"&legal-hold", ""), 200, ""); !strings.Contains(a.body, "<Status>OFF</Status>") {
		t.Errorf("%s", a.body)
	}
	g.want(g.do(admin, "DELETE", h, ""), 204, "")

	marker := g.want(g.do(admin, "DELETE", "/locked/h", ""), 204, "").Header.Get("X-Amz-Version-Id")
	g.want(g.do(admin, "GET", "/locked/h?retention&versionId="+marker, ""), 405, "MethodNotAllowed")
}

// Without Object Lock on the bucket, its calls and headers are refused.
func TestNoObjectLock(t *testing.T) {
	g := newRig(t, nil)
	later := g.now().Add(48 * time.Hour)
	k := g.version("/versioned/k", "x")
	for _, c := range []struct{ method, target, body, code string }{
		{"PUT", k + "&retention", retention("GOVERNANCE", later), "InvalidRequest"}, {"GET", k + "&retention", "", "InvalidRequest"},
		{"PUT", k + "&legal-hold", "<LegalHold><Status>ON</Status></LegalHold>", "InvalidRequest"}, {"GET", k + "&legal-hold", "", "InvalidRequest"},
	} {
		a := g.want(g.do(admin, c.method, c.target, c.body, "Content-MD5", md5Of(c.body)), 400, c.code)
		if a.message() != "Bucket is missing Object Lock Configuration" {
			t.Errorf("%s %s: %q", c.method, c.target, a.message())
		}
	}
	for _, v := range []string{"true", "false"} {
		a := g.want(g.do(admin, "DELETE", k, "", bypass, v), 400, "InvalidArgument")
		if !strings.Contains(a.body, "<ArgumentName>"+bypass+"</ArgumentName>") {
			t.Errorf("%s", a.body)
		}
	}
	for _, c := range []struct{ name, value, more, text, code string }{
		{"x-amz-object-lock-legal-hold", "ON", "", "", "InvalidRequest"},
		{"x-amz-object-lock-legal-hold", "wrong", "", "", "InvalidArgument"},
		{"x-amz-object-lock-mode", "GOVERNANCE", "", "", "InvalidArgument"},
		{"x-amz-object-lock-mode", "abc", "x-amz-object-lock-retain-until-date", later.UTC().Format(time.RFC3339), "InvalidArgument"},
		{"x-amz-object-lock-mode", "GOVERNANCE", "x-amz-object-lock-retain-until-date", "abc", "InvalidArgument"},
		{"x-amz-object-lock-mode", "GOVERNANCE", "x-amz-object-lock-retain-until-date", "2020-01-01T00:00:00Z", "InvalidArgument"},
	} {
		headers := []string{c.name, c.value}
		if c.more != "" {
			headers = append(headers, c.more, c.text)
		}
		g.want(g.withMD5(admin, "/versioned/k", "x", headers...), 400, c.code)
	}
}

// MFA delete, with the codes of a device: "Configuring MFA delete". Codes follow RFC 6238.
func TestMFADelete(t *testing.T) {
	g := newRig(t, nil)
	const serial = "arn:aws:iam::111122223333:mfa/root-account-mfa-device"
	now := g.now()
	g.now = func() time.Time { return now }
	code := func() string { // a fresh one
		now = now.Add(30 * time.Second)
		c, err := totp.GenerateCode("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", now)
		if err != nil {
			t.Fatal(err)
		}
		return serial + " " + c
	}
	config := func(mfa string) string {
		return "<VersioningConfiguration><Status>Enabled</Status><MfaDelete>" + mfa + "</MfaDelete></VersioningConfiguration>"
	}
	g.want(g.do(admin, "PUT", "/versioned?versioning", config("Enabled"), "x-amz-mfa", code()), 400, "InvalidRequest")
	g.want(g.do(root, "PUT", "/versioned?versioning", config("Enabled")), 403, "AccessDenied")
	g.want(g.do(root, "PUT", "/versioned?versioning", config("Enabled"), "x-amz-mfa", serial+" 000000"), 400, "TokenCodeInvalidError")
	g.want(g.do(root, "PUT", "/versioned?versioning", config("Enabled"), "x-amz-mfa", "nonsense"), 400, "InvalidArgument")
	used := code()
	g.want(g.do(root, "PUT", "/versioned?versioning", config("Enabled"), "x-amz-mfa", used), 200, "")
	if a := g.want(g.do(admin, "GET", "/versioned?versioning", ""), 200, ""); !strings.Contains(a.body, "<MfaDelete>Enabled</MfaDelete>") {
		t.Errorf("%s", a.body)
	}
	k := g.version("/versioned/new", "x")
	if a := g.want(g.do(root, "DELETE", k, ""), 403, "AccessDenied"); a.message() != "Mfa Authentication must be used for this request" {
		t.Errorf("%q", a.message())
	}
	g.want(g.do(admin, "DELETE", k, "", "x-amz-mfa", code()), 403, "AccessDenied")
	body := fmt.Sprintf("<Delete><Object><Key>new</Key><VersionId>%s</VersionId></Object></Delete>", k[len("/versioned/new?versionId="):])
	g.want(g.do(root, "POST", "/versioned?delete", body, "Content-MD5", md5Of(body)), 403, "AccessDenied")
	g.want(g.do(admin, "DELETE", "/versioned/new", ""), 204, "") // a marker needs no device
	again := g.want(g.do(root, "DELETE", k, "", "x-amz-mfa", used), 400, "TokenCodeInvalidError")
	if log := g.entry(again); !strings.Contains(log, "mfa-delete (mfa-invalid)") {
		t.Errorf("the log says of a code that was used before: %s", log)
	}
	used = code()
	two := fmt.Sprintf("<Delete><Object><Key>new</Key><VersionId>%s</VersionId></Object><Object><Key>k</Key><VersionId>v1</VersionId></Object></Delete>", g.version("/versioned/new", "y")[len("/versioned/new?versionId="):])
	g.want(g.do(root, "POST", "/versioned?delete", two, "Content-MD5", md5Of(two), "x-amz-mfa", used), 200, "")
	g.want(g.do(root, "POST", "/versioned?delete", body, "Content-MD5", md5Of(body), "x-amz-mfa", used), 400, "TokenCodeInvalidError")
	g.want(g.do(root, "DELETE", k, "", "x-amz-mfa", code()), 204, "")
	g.want(g.do(root, "PUT", "/versioned?versioning", config("Disabled")), 403, "AccessDenied")
	g.want(g.do(root, "PUT", "/versioned?versioning", config("Disabled"), "x-amz-mfa", code()), 200, "")
}
