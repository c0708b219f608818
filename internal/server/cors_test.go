package server

import (
	"net/http"
	"testing"
)

// Preflights and the headers of real requests. The table follows the examples of
// "Elements of a CORS configuration", and recorded answers where it has errors.
func TestCORS(t *testing.T) {
	g := newRig(t, nil)
	preflight := func(target, origin, method, headers string) answer {
		list := []string{"Origin", origin, "Access-Control-Request-Method", method, "Access-Control-Request-Headers", headers}
		for i := 0; i < len(list); {
			if list[i+1] == "" {
				list = append(list[:i], list[i+2:]...)
				continue
			}
			i += 2
		}
		return g.do(nouser, "OPTIONS", target, "", list...)
	}
	g.want(preflight("/reports/k", "", "GET", ""), 400, "BadRequest")
	g.want(preflight("/reports/k", "https://a.example", "", ""), 403, "AccessForbidden")
	g.want(preflight("/reports/k", "https://a.example", "PATCH", ""), 400, "BadRequest")
	if a := g.want(preflight("/reports/k", "https://a.example", "GET", ""), 403, "AccessForbidden"); a.message() != "CORSResponse: CORS is not enabled for this bucket." {
		t.Errorf("without a configuration: %s", a.body)
	}
	g.want(preflight("/no-such-bucket-here", "https://a.example", "GET", ""), 403, "AccessForbidden")
	g.want(g.put(admin, "/reports?cors", `<CORSConfiguration>
		<CORSRule><AllowedOrigin>https://*.example</AllowedOrigin><AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod><AllowedHeader>x-amz-*</AllowedHeader><AllowedHeader>Content-Type</AllowedHeader>
			<ExposeHeader>ETag</ExposeHeader><ExposeHeader>x-amz-request-id</ExposeHeader><MaxAgeSeconds>60</MaxAgeSeconds></CORSRule>
		<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>HEAD</AllowedMethod></CORSRule></CORSConfiguration>`), 200, "")
	g.want(preflight("/reports/k", "https://a.example", "", ""), 400, "BadRequest")
	for _, c := range []struct {
		name, origin, method, headers string
		status                        int
		allow, credentials            string
	}{
		{"the first rule", "https://a.example", "GET", "", 200, "https://a.example", "true"},
		{"headers in any case", "https://a.example", "PUT", "X-Amz-Date, content-type", 200, "https://a.example", "true"},
		{"a header that is not allowed", "https://a.example", "PUT", "X-Amz-Date, Authorization", 403, "", ""},
		{"a method that is not allowed", "https://a.example", "DELETE", "", 403, "", ""},
		{"an origin that is not allowed", "http://a.example", "GET", "", 403, "", ""},
		{"every origin", "http://elsewhere", "HEAD", "", 200, "*", ""},
	} {
		a := preflight("/reports/k", c.origin, c.method, c.headers)
		if a.StatusCode != c.status || a.Header.Get("Access-Control-Allow-Origin") != c.allow || a.Header.Get("Access-Control-Allow-Credentials") != c.credentials {
			t.Errorf("%s: %d %v %s", c.name, a.StatusCode, a.Header, a.body)
		}
	}
	a := preflight("/reports/k", "https://a.example", "PUT", "X-Amz-Date, content-type")
	wantHeaders(t, a.Header, map[string]string{
		"Access-Control-Allow-Methods": "GET, PUT", "Access-Control-Allow-Headers": "x-amz-date, content-type", "Access-Control-Expose-Headers": "ETag, x-amz-request-id",
		"Access-Control-Max-Age": "60", "Vary": "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
	})
	g.want(g.do(admin, "PUT", "/reports/k", "x", "Origin", "https://a.example"), 200, "")
	for _, who := range []struct {
		name   string
		answer answer
	}{
		{"allowed", g.do(admin, "GET", "/reports/k", "", "Origin", "https://a.example")},
		{"refused", g.do(nouser, "GET", "/reports/k", "", "Origin", "https://a.example")},
		{"missing", g.do(admin, "GET", "/reports/none", "", "Origin", "https://a.example")},
	} {
		if h := who.answer.Header; h.Get("Access-Control-Allow-Origin") != "https://a.example" || h.Get("Access-Control-Expose-Headers") == "" {
			t.Errorf("%s: %d %v", who.name, who.answer.StatusCode, h)
		}
	}
	for _, a := range []answer{g.do(admin, "GET", "/reports/k", ""), g.do(admin, "GET", "/reports/k", "", "Origin", "http://other"), g.do(admin, "DELETE", "/reports/k", "", "Origin", "https://a.example")} {
		if a.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %v", a.Request.Method, a.Header)
		}
	}
}

func wantHeaders(t *testing.T, got http.Header, want map[string]string) {
	t.Helper()
	for name, value := range want {
		if got.Get(name) != value {
			t.Errorf("%s: %q, want %q", name, got.Get(name), value)
		}
	}
}
