package server

import (
	"bytes"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/explain"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// Who may do what is the engine's word; the endpoint gives its code and message.
func TestAccess(t *testing.T) {
	g := newRig(t, nil)
	for _, key := range []string{"/reports/k", "/reports/secret/k", "/public-site/k", "/guarded-net/k"} {
		who := admin
		headers := []string{"Host", "127.0.0.1"}
		if strings.HasPrefix(key, "/guarded-net") {
			headers[1] = "vpce-1a2b3c4d.localhost"
		}
		g.want(g.do(who, "PUT", key, "x", headers...), 200, "")
	}
	for _, c := range []struct {
		name, method, target string
		answer               answer
		status               int
		code, message        string
	}{
		{name: "identity policy", answer: g.do(reader, "GET", "/reports/k", ""), status: 200},
		{name: "no policy", answer: g.do(nobody, "GET", "/reports/k", ""), status: 403, code: "AccessDenied",
			message: `User: arn:aws:iam::111122223333:user/nobody is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::reports/k" because no identity-based policy allows the s3:GetObject action`},
		{name: "explicit deny", answer: g.do(reader, "GET", "/reports/secret/k", ""), status: 403, code: "AccessDenied",
			message: `User: arn:aws:iam::111122223333:user/reader is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::reports/secret/k" with an explicit deny in a resource-based policy`},
		{name: "anonymous", answer: g.do(nouser, "GET", "/reports/k", ""), status: 403, code: "AccessDenied", message: "Access Denied"},
		{name: "public", answer: g.do(nouser, "GET", "/public-site/k", ""), status: 200},
		{name: "anonymous create", answer: g.do(nouser, "PUT", "/a-new-bucket", ""), status: 403, code: "AccessDenied", message: "Anonymous users cannot invoke this API. Please authenticate."},
		{name: "anonymous list of buckets", answer: g.do(nouser, "GET", "/", ""), status: 403, code: "AccessDenied", message: "Access Denied"},
		{name: "missing key, may list", answer: g.do(admin, "GET", "/reports/none", ""), status: 404, code: "NoSuchKey"},
		{name: "missing key, may not list", answer: g.do(reader, "GET", "/reports/none", ""), status: 403, code: "AccessDenied"},
		{name: "through the endpoint", answer: g.do(admin, "GET", "/guarded-net/k", "", "Host", "vpce-1a2b3c4d.localhost"), status: 200},
		{name: "through the endpoint, virtual host", answer: g.do(admin, "GET", "/k", "", "Host", "guarded-net.vpce-1a2b3c4d.localhost"), status: 200},
		{name: "not through the endpoint", answer: g.do(admin, "GET", "/guarded-net/k", ""), status: 403, code: "AccessDenied",
			message: `User: arn:aws:iam::111122223333:user/admin is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::guarded-net/k" with an explicit deny in a resource-based policy`},
		{name: "wrong owner expected", answer: g.do(admin, "GET", "/reports/k", "", "x-amz-expected-bucket-owner", "444455556666"), status: 403, code: "AccessDenied", message: "Access Denied"},
		{name: "policy of another account's bucket", answer: g.do(partner, "GET", "/reports?policy", ""), status: 403, code: "AccessDenied"},
	} {
		g.want(c.answer, c.status, c.code)
		if c.message != "" && c.answer.message() != c.message {
			t.Errorf("%s: message\n%s\nwant\n%s", c.name, c.answer.message(), c.message)
		}
	}
}

// Buckets answer to path-style and virtual-hosted requests alike.
func TestAddressing(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/reports/dir/k", "hello"), 200, "")
	for _, host := range []string{"reports.localhost", "reports.s3.localhost", "reports.s3.amazonaws.com", "reports.s3.us-east-1.amazonaws.com"} {
		if a := g.want(g.do(admin, "GET", "/dir/k", "", "Host", host), 200, ""); a.body != "hello" {
			t.Errorf("%s: %q", host, a.body)
		}
	}
	g.want(g.do(admin, "GET", "/dir/k", "", "Host", "other.localhost"), 404, "NoSuchBucket")
	a := g.do(admin, "GET", "/reports/dir/k", "", "Host", "s3.eu-west-1.amazonaws.com")
	g.want(a, 301, "PermanentRedirect")
	if a.Header.Get("X-Amz-Bucket-Region") != "us-east-1" {
		t.Errorf("redirect: %v\n%s", a.Header, a.body)
	}
	g.want(g.do(admin, "GET", "/europe", ""), 200, "")
}

// Access points answer under their own host, under NAME-ACCOUNT.localhost, and by
// their alias.
func TestAccessPoints(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/reports/k", "hello"), 200, "")
	ap, ok := g.server.Estate().AccessPoint("reports-ap", "111122223333")
	if !ok {
		t.Fatal("no access point")
	}
	for _, c := range [][2]string{
		{"reports-ap-111122223333.s3-accesspoint.us-east-1.amazonaws.com", "/k"}, {"reports-ap-111122223333.localhost", "/k"},
		{ap.Alias + ".localhost", "/k"}, {"127.0.0.1", "/" + ap.Alias + "/k"},
	} {
		if a := g.want(g.do(admin, "GET", c[1], "", "Host", c[0]), 200, ""); a.body != "hello" {
			t.Errorf("%s: %q", c[0], a.body)
		}
		a := g.want(g.do(nobody, "GET", c[1], "", "Host", c[0]), 403, "AccessDenied")
		if !strings.Contains(a.message(), "accesspoint/reports-ap/object/k") {
			t.Errorf("%s: %s", c[0], a.message())
		}
	}
	g.want(g.do(admin, "GET", "/k", "", "Host", "other-ap-111122223333.s3-accesspoint.us-east-1.amazonaws.com"), 404, "NoSuchAccessPoint")
	g.want(g.do(admin, "DELETE", "/reports", ""), 400, "BucketHasAccessPointsAttached")
}

// A source address is believed only where the network is simulated.
func TestSimulatedNetwork(t *testing.T) {
	const policy = `{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
		"Resource": "arn:aws:s3:::reports/*", "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}},
		{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}`
	for _, simulate := range []bool{false, true} {
		g := newRig(t, func(c *Config) { c.SimulateNetwork = simulate })
		g.want(g.do(admin, "PUT", "/reports?policy", policy), 204, "")
		g.want(g.do(admin, "PUT", "/reports/k", "x"), 200, "")
		a := g.do(admin, "GET", "/reports/k", "", "x-why403-source-ip", "203.0.113.9")
		b := g.do(admin, "GET", "/reports?list-type=2", "", "x-why403-secure-transport", "false")
		if simulate {
			g.want(a, 200, "")
			g.want(b, 403, "AccessDenied")
		} else {
			g.want(a, 403, "AccessDenied")
			g.want(b, 200, "")
		}
	}
	g := newRig(t, func(c *Config) { c.PlainIsInsecure = true })
	g.want(g.do(admin, "PUT", "/reports?policy", policy), 204, "")
	g.want(g.do(admin, "PUT", "/reports/k", "x"), 403, "AccessDenied")
}

// Decisions can be asked for by request id, and the log explains refusals.
func TestDecisions(t *testing.T) {
	g := newRig(t, func(c *Config) { c.Render = func(d *report.Decision) string { return "RENDERED " + d.Cause.Reason } })
	a := g.want(g.do(reader, "GET", "/reports/secret/k", ""), 403, "AccessDenied")
	id := a.Header.Get("X-Amz-Request-Id")
	var d report.Decision
	if err := json.Unmarshal([]byte(g.do(nouser, "GET", "/_why403/decisions/"+id, "").body), &d); err != nil {
		t.Fatal(err)
	}
	if d.ID != id || d.Verdict != iam.Denied || d.Cause == nil || d.Cause.Gate != iam.GateBucketPolicy || d.Cause.Statement.Sid != "DenySecret" ||
		d.Cause.Source == nil || d.Cause.Source.File != "bucket-policy.json" || d.Cause.Source.Line != 4 || d.Message != a.message() {
		t.Errorf("decision %+v, cause %+v", d, d.Cause)
	}
	if log := g.entry(a); !strings.Contains(log, "RENDERED "+d.Cause.Reason) {
		t.Errorf("log: %s", log)
	}
	if a := g.do(nouser, "GET", "/_why403/healthz", ""); a.body != "ok\n" {
		t.Errorf("healthz: %d %q", a.StatusCode, a.body)
	}
	if a := g.do(nouser, "GET", "/_why403/decisions/none", ""); a.StatusCode != 404 {
		t.Errorf("no such decision: %d", a.StatusCode)
	}
	r := g.request("GET", "/_why403/healthz", "")
	r.RemoteAddr, r.RequestURI = "203.0.113.9:1", "/_why403/healthz"
	w := &memoryWriter{header: http.Header{}}
	g.server.Handler().ServeHTTP(w, r)
	if w.status != 403 {
		t.Errorf("from elsewhere: %d", w.status)
	}
}

type memoryWriter struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *memoryWriter) Header() http.Header { return w.header }
func (w *memoryWriter) WriteHeader(s int)   { w.status = s }
func (w *memoryWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = 200
	}
	return w.body.Write(p)
}

// The same request, asked over HTTP and of the library, has the same verdict,
// cause and message.
func TestSameDecision(t *testing.T) {
	g := newRig(t, nil)
	for _, c := range []struct {
		who    string
		op     string
		key    string
		method string
		target string
	}{
		{"reader", "GetObject", "secret/k", "GET", "/reports/secret/k"},
		{"nobody", "GetObject", "2026/q1.csv", "GET", "/reports/2026/q1.csv"},
		{"reader", "GetObject", "2026/q1.csv", "GET", "/reports/2026/q1.csv"},
		{"nobody", "PutObject", "2026/q1.csv", "PUT", "/reports/2026/q1.csv"},
		{"reader", "ListObjectsV2", "", "GET", "/reports?list-type=2"},
		{"reader", "DeleteObject", "2026/q1.csv", "DELETE", "/reports/2026/q1.csv"},
		{"reader", "GetBucketPolicy", "", "GET", "/reports?policy"},
	} {
		who := reader
		if c.who == "nobody" {
			who = nobody
		}
		a := g.do(who, c.method, c.target, "")
		var over report.Decision
		if err := json.Unmarshal([]byte(g.do(nouser, "GET", "/_why403/decisions/"+a.Header.Get("X-Amz-Request-Id"), "").body), &over); err != nil {
			t.Fatal(err)
		}
		ip, now := "127.0.0.1", time.Now()
		query := map[string]string{}
		if c.op == "ListObjectsV2" {
			query["list-type"] = "2"
		}
		lib, _, err := explain.Request(g.server.config.Estate, &request.Request{
			ID: over.ID, Principal: "arn:aws:iam::111122223333:user/" + c.who, Operation: c.op, Bucket: "reports", Key: c.key, Query: query, SourceIP: &ip, Time: &now,
		}, explain.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if over.Verdict != lib.Verdict || over.Message != lib.Message || over.Code != lib.Code || !sameCause(over.Cause, lib.Cause) {
			t.Errorf("%s %s: over HTTP %v %s %+v, by the library %v %s %+v", c.who, c.op, over.Verdict, over.Message, over.Cause, lib.Verdict, lib.Message, lib.Cause)
		}
		if lib.Verdict == iam.Denied && c.method != "HEAD" && a.message() != lib.Message {
			t.Errorf("%s %s: answered %q, want %q", c.who, c.op, a.message(), lib.Message)
		}
	}
}

func sameCause(a, b *report.Cause) bool {
	if a == nil || b == nil {
		return a == b
	}
	x, y := *a, *b
	if x.Source != nil && y.Source != nil {
		sx, sy := *x.Source, *y.Source
		sx.Column, sy.Column = 0, 0
		x.Source, y.Source = &sx, &sy
	}
	x.NearMisses, y.NearMisses = nil, nil
	return reflect.DeepEqual(x, y)
}

// DeleteObjects is decided by key: what may not be deleted is an error of its own
// in an answer of 200.
func TestDeleteObjects(t *testing.T) {
	g := newRig(t, nil)
	for _, k := range []string{"a", "b", "secret/x"} {
		g.want(g.do(admin, "PUT", "/reports/"+k, "x"), 200, "")
	}
	const policy = `{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::reports/secret/*"}]}`
	g.want(g.do(admin, "PUT", "/reports?policy", policy), 204, "")
	const doc = `<Delete><Object><Key>a</Key></Object><Object><Key>secret/x</Key></Object><Object><Key>none</Key></Object></Delete>`
	g.want(g.do(admin, "POST", "/reports?delete", doc), 400, "InvalidRequest")
	a := g.want(g.do(admin, "POST", "/reports?delete", doc, "x-amz-checksum-crc32", crc32Of(doc)), 200, "")
	for _, want := range []string{"<Deleted><Key>a</Key></Deleted>", "<Deleted><Key>none</Key></Deleted>", "<Error><Key>secret/x</Key><Code>AccessDenied</Code><Message>User: arn:aws:iam::111122223333:user/admin is not authorized"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("%s\nlacks %s", a.body, want)
		}
	}
	g.want(g.do(admin, "GET", "/reports/a", ""), 404, "NoSuchKey")
	g.want(g.do(admin, "GET", "/reports/secret/x", ""), 200, "")
	const quiet = `<Delete><Quiet>true</Quiet><Object><Key>b</Key></Object></Delete>`
	if a := g.do(admin, "POST", "/reports?delete", quiet, "x-amz-checksum-crc32", crc32Of(quiet)); strings.Contains(a.body, "Deleted") {
		t.Errorf("quiet: %s", a.body)
	}
	if a := g.do(nobody, "POST", "/reports?delete", quiet, "x-amz-checksum-crc32", crc32Of(quiet)); a.StatusCode != 200 || !strings.Contains(a.body, "<Code>AccessDenied</Code>") {
		t.Errorf("nobody: %d %s", a.StatusCode, a.body)
	}
	g.want(g.do(admin, "POST", "/no-such-bucket-here?delete", quiet, "x-amz-checksum-crc32", crc32Of(quiet)), 404, "NoSuchBucket")
	g.want(g.do(admin, "POST", "/reports?delete", "<Delete>", "x-amz-checksum-crc32", crc32Of("<Delete>")), 400, "MalformedXML")
}

// Soft lets pass what is refused, and says what would have been.
func TestSoft(t *testing.T) {
	g := newRig(t, func(c *Config) { c.Soft = true })
	g.want(g.do(nobody, "PUT", "/reports/k", "x"), 200, "")
	a := g.want(g.do(nobody, "GET", "/reports/k", ""), 200, "")
	if log := g.entry(a); !strings.Contains(log, "denied GET") || !strings.Contains(log, "200 GET") {
		t.Errorf("log: %s", log)
	}
	g.want(g.do(nobody, "GET", "/no-such-bucket-here/k", ""), 404, "NoSuchBucket")
}

// The decision on an allowed request is made again when it is asked for, and says
// what it would have said.
func TestAllowedDecisionByID(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/reports/k", "hello"), 200, "")
	a := g.want(g.do(reader, "GET", "/reports/k", ""), 200, "")
	g.want(g.do(admin, "DELETE", "/reports/k", ""), 204, "")
	d := g.want(g.do(nouser, "GET", "/_why403/decisions/"+a.Header.Get("X-Amz-Request-Id"), ""), 200, "")
	var got report.Decision
	if err := json.Unmarshal([]byte(d.body), &got); err != nil {
		t.Fatal(err)
	}
	if got.Verdict != iam.Allowed || got.Operation != "GetObject" || got.Principal != "arn:aws:iam::111122223333:user/reader" || len(got.Checks) != 1 ||
		got.Checks[0].Resource != "arn:aws:s3:::reports/k" || got.Checks[0].Gates[iam.GateIdentity].Policy != "read" {
		t.Errorf("got %s", d.body)
	}
}
