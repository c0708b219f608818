package server

import (
	"strings"
	"testing"
)

// The console lists what was decided, newest first, and explains each request.
func TestConsole(t *testing.T) {
	g := newRig(t, nil)
	if a := g.do(nouser, "GET", "/_why403/", ""); a.StatusCode != 200 || !strings.Contains(a.body, "No request was decided yet") {
		t.Fatalf("empty: %d %s", a.StatusCode, a.body)
	}
	g.want(g.do(admin, "PUT", "/reports/<script>", "x"), 200, "")
	refused := g.want(g.do(nobody, "GET", "/reports/%3Cscript%3E", ""), 403, "AccessDenied")
	id := refused.Header.Get("X-Amz-Request-Id")
	list := g.do(nouser, "GET", "/_why403/", "")
	if strings.Count(list.body, "<tr class=") != 2 || strings.Index(list.body, `class="denied"`) > strings.Index(list.body, `class="allowed"`) || !strings.Contains(list.body, `href="/_why403/requests/`+id+`"`) {
		t.Errorf("list: %s", list.body)
	}
	only := g.do(nouser, "GET", "/_why403/?only=denied", "")
	if strings.Count(only.body, "<tr class=") != 1 || !strings.Contains(only.body, "<b>identity</b> (no-allow-identity)") {
		t.Errorf("refusals: %s", only.body)
	}
	page := g.do(nouser, "GET", "/_why403/requests/"+id, "")
	for _, part := range []string{"DENIED  s3:GetObject", "because   ", "answered by 403", "&#34;verdict&#34;: &#34;denied&#34;"} {
		if !strings.Contains(page.body, part) {
			t.Errorf("the page lacks %q: %s", part, page.body)
		}
	}
	g.want(g.do(admin, "PUT", "/europe?policy", `{"Version":"2012-10-17","Statement":[{"Sid":"Quoted","Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::europe/*"}]}`), 204, "")
	id = g.want(g.do(admin, "PUT", "/europe/k", "x"), 403, "AccessDenied").Header.Get("X-Amz-Request-Id")
	if a := g.do(nouser, "GET", "/_why403/requests/"+id, ""); !strings.Contains(a.body, "1 | {&#34;Version&#34;:&#34;2012-10-17&#34;") && !strings.Contains(a.body, "| {&#34;Sid&#34;:&#34;Quoted&#34;") {
		t.Errorf("a policy that was put here is not quoted: %s", a.body)
	}
	for _, a := range []answer{list, only, page, g.do(nouser, "GET", "/_why403/style.css", "")} {
		if strings.Contains(a.body, "<script") || !strings.HasPrefix(a.Header.Get("Content-Security-Policy"), "default-src 'none'; style-src 'self';") || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", a.Request.URL, a.Header)
		}
	}
	if a := g.do(nouser, "GET", "/_why403/requests/NOTHING", ""); a.StatusCode != 404 {
		t.Errorf("unknown id: %d", a.StatusCode)
	}
	if a := g.do(nouser, "GET", "/_why403/", "", "Host", "evil.example"); a.StatusCode != 403 {
		t.Errorf("by another name: %d", a.StatusCode)
	}
	if a := g.do(nouser, "POST", "/_why403/", ""); a.StatusCode != 405 {
		t.Errorf("POST: %d", a.StatusCode)
	}
}
