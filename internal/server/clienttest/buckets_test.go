package clienttest

import (
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The scripts of testdata that are about buckets, each a session of boto3 as the
// administrator.
func TestBoto3Buckets(t *testing.T) {
	for _, c := range []struct {
		script  string
		byProxy bool // hosts before the endpoint's are reached through it as a proxy
	}{{"configurations.py", false}, {"forms.py", false}, {"accesspoints.py", true}} {
		t.Run(c.script, func(t *testing.T) {
			t.Parallel()
			python := client(t, "python3", "-c", "import boto3")
			p := start(t)
			path, err := filepath.Abs(filepath.Join("testdata", c.script))
			if err != nil {
				t.Fatal(err)
			}
			var more []string
			if c.byProxy {
				more = []string{"NO_PROXY=", "HTTP_PROXY=" + p.url, "AWS_ENDPOINT_URL=" + strings.Replace(p.url, "127.0.0.1", "localhost", 1)}
			}
			status, out, stderr := run(t, t.TempDir(), p.environ("AKIAADMIN00000000001", "admin/Secret+Key000000000000000000000001", more...), python, path)
			if status != 0 || out != "done\n" {
				t.Errorf("status %d\n%s%s", status, out, stderr)
			}
		})
	}
}

// The AWS CLI makes a website and an access point, and reaches both through the
// endpoint as its own proxy, as docs/compatibility.md says.
func TestCLIBuckets(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.ok("s3", "mb", "s3://why403-site")
	c.ok("s3", "website", "s3://why403-site", "--index-document", "index.html", "--error-document", "error.html")
	if out := c.ok("s3api", "get-bucket-website", "--bucket", "why403-site", "--query", "IndexDocument.Suffix", "--output", "text"); out != "index.html\n" {
		t.Errorf("index document %q", out)
	}
	c.ok("s3api", "delete-public-access-block", "--bucket", "why403-site")
	c.file("policy.json", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::why403-site/*"}]}`)
	c.ok("s3api", "put-bucket-policy", "--bucket", "why403-site", "--policy", "file://policy.json")
	if out := c.ok("s3api", "get-bucket-policy-status", "--bucket", "why403-site", "--output", "text"); !strings.Contains(out, "True") {
		t.Errorf("policy status %q", out)
	}
	c.file("index.html", "<h1>home</h1>")
	c.ok("s3", "cp", "index.html", "s3://why403-site/", "--no-progress")
	proxy, err := url.Parse(c.p.url)
	if err != nil {
		t.Fatal(err)
	}
	visitor := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy)}}
	for path, want := range map[string]string{"/": "200 <h1>home</h1>", "/none": "404 "} {
		res, err := visitor.Get("http://why403-site.s3-website.localhost" + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if got := strconv.Itoa(res.StatusCode) + " " + string(body); err != nil || !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, %v", path, got, err)
		}
	}
	c = c.as("AKIAADMIN00000000001", "admin/Secret+Key000000000000000000000001", "NO_PROXY=", "HTTP_PROXY="+c.p.url, "AWS_ENDPOINT_URL="+strings.Replace(c.p.url, "127.0.0.1", "localhost", 1))
	c.ok("s3control", "create-access-point", "--account-id", "111122223333", "--name", "pages", "--bucket", "why403-site")
	c.ok("s3api", "get-object", "--bucket", "arn:aws:s3:us-east-1:111122223333:accesspoint/pages", "--key", "index.html", "through.html")
	c.fails("NoSuchAccessPointPolicy", "s3control", "get-access-point-policy", "--account-id", "111122223333", "--name", "pages")
}
