package server

import (
	"strings"
	"testing"
)

// What browsers send with a request that a script makes, one that its user types, and
// one that a link makes ("Fetch Metadata Request Headers").
var (
	byScript = []string{"Accept-Language", "en", "Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty"}
	byUser   = []string{"Accept-Language", "en", "Sec-Fetch-Site", "none", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}
	byWindow = []string{"Accept-Language", "en", "Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}
	byFrame  = []string{"Accept-Language", "en", "Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}
	byOld    = []string{"Accept-Language", ""} // Fetch Metadata is of 2020 to 2023, and scripts can empty this
)

// A page that is an object reads no decision: at each Host that serves objects its
// browser is sent elsewhere, to where the origin is another.
func TestConsoleIsOfAnotherOrigin(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/reports/page.html", "<script src=x>"), 200, "")
	id := g.want(g.do(nobody, "GET", "/reports/page.html", ""), 403, "AccessDenied").Header.Get("X-Amz-Request-Id")
	for _, path := range []string{"", "?only=denied", "requests/" + id, "decisions/" + id, "style.css", "metrics", "estate"} {
		for _, host := range []string{"127.0.0.1:4033", "localhost:4033", "reports.localhost:4033", "vpce-0a1b2c3d.localhost:4033", "[::1]:4033"} {
			for _, headers := range [][]string{byScript, byUser, byWindow, byFrame, byOld} {
				a := g.send(g.request("GET", "/_why403/"+path, "", append([]string{"Host", host}, headers...)...))
				if a.StatusCode != 302 || a.Header.Get("Location") != "http://_why403.localhost:4033/_why403/"+path || strings.Contains(a.body, "reports") {
					t.Errorf("%s at %s by %v: %d to %s: %s", path, host, headers, a.StatusCode, a.Header.Get("Location"), a.body)
				}
			}
		}
	}
	if a := g.send(g.request("GET", "/_why403/healthz", "", byScript...)); a.StatusCode != 200 {
		t.Errorf("healthz: %d", a.StatusCode)
	}
}

// At the console's own Host its pages are shown, and no object is.
func TestConsoleHost(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/reports/page.html", "<script src=x>"), 200, "")
	at := func(path string, headers ...string) answer {
		return g.send(g.request("GET", path, "", append([]string{"Host", "_WHY403.localhost:4033"}, headers...)...))
	}
	elsewhere := []string{"Accept-Language", "en", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "script"}
	link := []string{"Accept-Language", "en", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}
	frame := []string{"Accept-Language", "en", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}
	style := []string{"Accept-Language", "en", "Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "style"}
	for _, c := range []struct {
		path    string
		headers []string
		status  int
	}{
		{"/", byUser, 302}, {"/_why403/", byUser, 200}, {"/_why403/", byWindow, 200}, {"/_why403/", link, 200}, {"/_why403/", nil, 200},
		{"/_why403/style.css", style, 200}, {"/_why403/", elsewhere, 403}, {"/_why403/", frame, 403},
		{"/_why403/", []string{"Accept-Language", "en", "Origin", "http://127.0.0.1:4033"}, 403},
		{"/reports/page.html", byUser, 404}, {"/page.html", nil, 404},
	} {
		a := at(c.path, c.headers...)
		if a.StatusCode != c.status || strings.Contains(a.body, "<script") {
			t.Errorf("%s by %v: %d %s, want %d", c.path, c.headers, a.StatusCode, a.body, c.status)
		}
		for name, want := range map[string]string{"Access-Control-Allow-Origin": "", "Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY"} {
			if got := a.Header.Get(name); got != want {
				t.Errorf("%s: %s: %q, want %q", c.path, name, got, want)
			}
		}
	}
	g.want(g.do(admin, "PUT", "/", "", "Host", ConsoleHost), 405, "")
}
