package server

import (
	"strings"
	"testing"
)

const site = "site-of-tests.s3-website.localhost"

// newSite makes a public website with a few pages.
func newSite(t *testing.T, configuration string) *rig {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/site-of-tests", ""), 200, "")
	g.want(g.do(admin, "DELETE", "/site-of-tests?publicAccessBlock", ""), 204, "")
	g.want(g.do(admin, "PUT", "/site-of-tests?policy", `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::site-of-tests/*"},
		{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::site-of-tests/private/*"}]}`), 204, "")
	if configuration != "" {
		g.want(g.put(admin, "/site-of-tests?website", "<WebsiteConfiguration>"+configuration+"</WebsiteConfiguration>"), 200, "")
	}
	for key, body := range map[string]string{"index.html": "home", "docs/index.html": "docs", "error.html": "<p>sorry</p>", "private/a": "secret", "page.html": "a page"} {
		g.want(g.do(admin, "PUT", "/site-of-tests/"+key, body, "Content-Type", "text/html"), 200, "")
	}
	return g
}

func (g *rig) visit(path string, headers ...string) answer {
	return g.do(nouser, "GET", path, "", append(headers, "Host", site)...)
}

// Pages, folders and errors: the table of "Permissions required for website access"
// and of "Custom error documents".
func TestWebsite(t *testing.T) {
	g := newSite(t, "<IndexDocument><Suffix>index.html</Suffix></IndexDocument>")
	for _, c := range []struct {
		path, body, location, code string
		status                     int
	}{
		{path: "/", status: 200, body: "home"},
		{path: "/page.html?x=1", status: 200, body: "a page"},
		{path: "/docs/", status: 200, body: "docs"},
		{path: "/docs", status: 302, location: "/docs/"},
		{path: "/nothing", status: 404, code: "NoSuchKey"},
		{path: "/nothing/", status: 404, code: "NoSuchKey"},
		{path: "/private/a", status: 403, code: "AccessDenied"},
		{path: "/private/nothing", status: 403, code: "AccessDenied"},
	} {
		a := g.visit(c.path)
		if a.StatusCode != c.status || a.Header.Get("Location") != c.location || a.Header.Get("X-Amz-Error-Code") != c.code || c.body != "" && a.body != c.body {
			t.Errorf("%s: %d %v %s", c.path, a.StatusCode, a.Header, a.body)
		}
		if c.code != "" && (!strings.Contains(a.body, "<li>Code: "+c.code+"</li>") || !strings.Contains(a.body, "<li>RequestId: "+a.Header.Get("X-Amz-Request-Id")+"</li>") ||
			!strings.HasPrefix(a.Header.Get("Content-Type"), "text/html")) {
			t.Errorf("%s: %v\n%s", c.path, a.Header, a.body)
		}
	}
	if a := g.visit("/nothing<b>"); !strings.Contains(a.body, "<li>Key: nothing&lt;b&gt;</li>") {
		t.Errorf("a key in a page: %s", a.body)
	}
	if a := g.do(nouser, "HEAD", "/nothing", "", "Host", site); a.StatusCode != 404 || a.body != "" {
		t.Errorf("HEAD: %d %q", a.StatusCode, a.body)
	}
	if a := g.visit("/page.html", "Range", "bytes=0-0"); a.StatusCode != 206 || a.body != "a" {
		t.Errorf("a range: %d %q", a.StatusCode, a.body)
	}
	if a := g.do(admin, "PUT", "/page.html", "x", "Host", site); a.StatusCode != 405 || !strings.Contains(a.body, "<li>ResourceType: OBJECT</li>") {
		t.Errorf("PUT: %d %s", a.StatusCode, a.body)
	}
	if a := g.do(admin, "GET", "/private/a", "", "Host", site); a.StatusCode != 403 {
		t.Errorf("signed: %d %s", a.StatusCode, a.body)
	}
	for host, code := range map[string]string{"nobody-has-this.s3-website.localhost": "NoSuchBucket", "reports.s3-website-us-east-1.amazonaws.com": "NoSuchWebsiteConfiguration",
		"site-of-tests.s3-website.eu-west-1.amazonaws.com": "IncorrectEndpoint"} {
		if a := g.do(nouser, "GET", "/", "", "Host", host); a.Header.Get("X-Amz-Error-Code") != code {
			t.Errorf("%s: %d %v", host, a.StatusCode, a.Header)
		}
	}
	if a := g.do(nouser, "GET", "/", "", "Host", "s3-website.localhost"); a.StatusCode != 301 || a.Header.Get("Location") == "" {
		t.Errorf("no bucket: %d", a.StatusCode)
	}
}

// The error document comes with the status of the error, and S3's page says why
// where it cannot.
func TestWebsiteErrorDocument(t *testing.T) {
	g := newSite(t, "<IndexDocument><Suffix>index.html</Suffix></IndexDocument><ErrorDocument><Key>error.html</Key></ErrorDocument>")
	for path, status := range map[string]int{"/nothing": 404, "/private/a": 403} {
		if a := g.visit(path); a.StatusCode != status || a.body != "<p>sorry</p>" || a.Header.Get("Content-Type") != "text/html" {
			t.Errorf("%s: %d %s", path, a.StatusCode, a.body)
		}
	}
	g.want(g.do(admin, "DELETE", "/site-of-tests/error.html", ""), 204, "")
	a := g.visit("/private/a")
	if a.StatusCode != 403 || !strings.Contains(a.body, "An Error Occurred While Attempting to Retrieve a Custom Error Document") || !strings.Contains(a.body, "<li>Code: NoSuchKey</li>") {
		t.Errorf("without the document: %d %s", a.StatusCode, a.body)
	}
}

func TestWebsiteRedirects(t *testing.T) {
	g := newSite(t, `<IndexDocument><Suffix>index.html</Suffix></IndexDocument><RoutingRules>
		<RoutingRule><Condition><KeyPrefixEquals>old/</KeyPrefixEquals></Condition><Redirect><ReplaceKeyPrefixWith>docs/</ReplaceKeyPrefixWith></Redirect></RoutingRule>
		<RoutingRule><Condition><KeyPrefixEquals>away/</KeyPrefixEquals></Condition><Redirect><HostName>example.com</HostName><Protocol>https</Protocol><HttpRedirectCode>307</HttpRedirectCode><ReplaceKeyWith>x y</ReplaceKeyWith></Redirect></RoutingRule>
		<RoutingRule><Condition><HttpErrorCodeReturnedEquals>404</HttpErrorCodeReturnedEquals><KeyPrefixEquals>img/</KeyPrefixEquals></Condition><Redirect><ReplaceKeyWith>page.html</ReplaceKeyWith></Redirect></RoutingRule>
	</RoutingRules>`)
	g.want(g.do(admin, "PUT", "/site-of-tests/moved", "", "x-amz-website-redirect-location", "/page.html"), 200, "")
	for _, c := range []struct {
		path, location string
		status         int
	}{
		{"/old/a%20b?q=1", "http://" + site + "/docs/a%20b?q=1", 301},
		{"/away/a", "https://example.com/x%20y", 307},
		{"/img/none", "http://" + site + "/page.html", 301},
		{"/moved", "/page.html", 301},
	} {
		if a := g.visit(c.path); a.StatusCode != c.status || a.Header.Get("Location") != c.location {
			t.Errorf("%s: %d to %q, want %d to %q", c.path, a.StatusCode, a.Header.Get("Location"), c.status, c.location)
		}
	}
	if a := g.do(admin, "GET", "/site-of-tests/moved", ""); a.StatusCode != 200 || a.Header.Get("X-Amz-Website-Redirect-Location") != "/page.html" {
		t.Errorf("through REST: %d %v", a.StatusCode, a.Header)
	}
	g.want(g.put(admin, "/site-of-tests?website", "<WebsiteConfiguration><RedirectAllRequestsTo><HostName>example.org</HostName></RedirectAllRequestsTo></WebsiteConfiguration>"), 200, "")
	if a := g.visit("/a/b?c"); a.StatusCode != 301 || a.Header.Get("Location") != "http://example.org/a/b?c" {
		t.Errorf("all: %d %v", a.StatusCode, a.Header)
	}
}
