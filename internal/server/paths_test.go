package server

import (
	"encoding/json"
	"testing"

	"github.com/why403/why403/report"
)

// decided returns the decision on the request that has that answer.
func (g *rig) decided(a answer) (d report.Decision) {
	g.t.Helper()
	told := g.do(nouser, "GET", "/_why403/decisions/"+a.Header.Get("X-Amz-Request-Id"), "")
	if err := json.Unmarshal([]byte(told.body), &d); err != nil {
		g.t.Errorf("%s %s: %v: %s", a.Request.Method, a.Request.URL, err, told.body)
	}
	return d
}

// However a path is written, the decision is about the object that is stored, and no
// path is normalised: facts of SigV4, 3, and "Creating object key names".
func TestOddPathsAreDecidedAsTheyAreServed(t *testing.T) {
	g := newRig(t, nil)
	for _, c := range []struct{ path, key string }{
		{"/reports//k", "/k"}, {"/reports/./k", "./k"}, {"/reports/a/../other/k", "a/../other/k"}, {"/reports/a/%2e%2e/other/k", "a/../other/k"}, {"/reports/a%2Fb", "a/b"},
		{"/%72eports/k", "k"}, {"/reports/k%252Fz", "k%2Fz"}, {"/reports/k/", "k/"}, {"/reports/k//", "k//"}, {"/reports/%2F", "/"}, {"/reports/a+b", "a+b"}, {"/reports/a%20b", "a b"},
		{"/reports/k/..", "k/.."}, {"/reports/%3Facl", "?acl"}, {"/reports/a;b", "a;b"}, {"/reports/A", "A"}, {"/reports/_why403/", "_why403/"},
	} {
		for _, method := range []string{"PUT", "GET"} {
			body := ""
			if method == "PUT" {
				body = c.path
			}
			a := g.send(g.signedRaw(method, c.path, body))
			d := g.decided(a)
			if want := "arn:aws:s3:::reports/" + c.key; a.StatusCode != 200 || len(d.Checks) != 1 || d.Checks[0].Resource != want || method == "GET" && a.body != c.path {
				t.Errorf("%s %s: %d %q, decided on %+v, want %s", method, c.path, a.StatusCode, a.body, d.Checks, want)
			}
		}
	}
	for path, want := range map[string]string{"/./reports/k": "NoSuchBucket", "/../reports/k": "NoSuchBucket", "/%2Freports/k": "NoSuchBucket",
		"/reports%2Fk": "NoSuchBucket", "/REPORTS/k": "NoSuchBucket", "/reports%00/k": "NoSuchBucket", "/reports/%ff": "InvalidURI"} {
		if a := g.send(g.signedRaw("GET", path, "")); a.code() != want {
			t.Errorf("GET %s: %d %s, want %s", path, a.StatusCode, a.body, want)
		}
	}
	for _, path := range []string{"/reports/../other/k", "/reports/%2e%2e/other/k", "/reports/..", "/reports/a/../../../other/k"} {
		if a := g.send(g.signedRaw("PUT", path, "")); a.StatusCode != 400 || a.body != "" {
			t.Errorf("PUT %s: %d %q, want 400 and nothing else", path, a.StatusCode, a.body)
		}
	}
	for _, path := range []string{"//reports/k", "///", "//k"} { // no list of buckets
		g.want(g.do(admin, "GET", path, ""), 405, "MethodNotAllowed")
	}
}
