package wire

import (
	"net/http"
	"testing"
)

func TestParseTarget(t *testing.T) {
	for _, c := range []struct {
		host, uri                           string
		bucket, key                         string
		virtual                             bool
		region, accessPoint, vpce, service_ string
		website                             bool
	}{
		{host: "127.0.0.1:4033", uri: "/"},
		{host: "127.0.0.1:4033", uri: "/b", bucket: "b"},
		{host: "127.0.0.1:4033", uri: "/b/", bucket: "b"},
		{host: "127.0.0.1:4033", uri: "/b/a//b/../c?versionId=1", bucket: "b", key: "a//b/../c"},
		{host: "127.0.0.1:4033", uri: "/b//k", bucket: "b", key: "/k"},
		{host: "127.0.0.1:4033", uri: "/b/a%2Fb%20c+d", bucket: "b", key: "a/b c+d"},
		{host: "localhost", uri: "/b/k", bucket: "b", key: "k"},
		{host: "why403:4033", uri: "/b/k", bucket: "b", key: "k"},
		{host: "b.localhost:4033", uri: "/a/k", bucket: "b", key: "a/k", virtual: true},
		{host: "my.dotted.s3.localhost:4033", uri: "/k", bucket: "my.dotted", key: "k", virtual: true},
		{host: "vpce-1a2b3c4d.localhost", uri: "/b/k", bucket: "b", key: "k", vpce: "vpce-1a2b3c4d"},
		{host: "b.vpce-1a2b3c4d.localhost", uri: "/k", bucket: "b", key: "k", virtual: true, vpce: "vpce-1a2b3c4d"},
		{host: "s3.amazonaws.com", uri: "/b/k", bucket: "b", key: "k"},
		{host: "s3.eu-west-1.amazonaws.com", uri: "/b/k", bucket: "b", key: "k", region: "eu-west-1"},
		{host: "b.s3.eu-west-1.amazonaws.com", uri: "/k", bucket: "b", key: "k", virtual: true, region: "eu-west-1"},
		{host: "b.s3-eu-west-1.amazonaws.com", uri: "/k", bucket: "b", key: "k", virtual: true, region: "eu-west-1"},
		{host: "b.s3.dualstack.us-gov-west-1.amazonaws.com", uri: "/k", bucket: "b", key: "k", virtual: true, region: "us-gov-west-1"},
		{host: "ap-111122223333.s3-accesspoint.us-east-1.amazonaws.com", uri: "/k", key: "k", region: "us-east-1", accessPoint: "ap-111122223333"},
		{host: "ap-111122223333.s3-accesspoint.localhost", uri: "/k", key: "k", accessPoint: "ap-111122223333"},
		{host: "sts.eu-west-1.amazonaws.com", uri: "/", region: "eu-west-1", service_: "sts"},
		{host: "127.0.0.1", uri: "http://127.0.0.1/b/k", bucket: "b", key: "k"},
		{host: "b.127.0.0.1:4033", uri: "/k", bucket: "b", key: "k", virtual: true},
		{host: "my.site.s3-website-eu-west-1.amazonaws.com", uri: "/k", bucket: "my.site", key: "k", virtual: true, region: "eu-west-1", website: true},
		{host: "b.s3-website.eu-central-1.amazonaws.com", uri: "/", bucket: "b", virtual: true, region: "eu-central-1", website: true},
		{host: "b.s3-website.localhost:4033", uri: "/a/", bucket: "b", key: "a/", virtual: true, website: true},
		{host: "s3-website.localhost:4033", uri: "/a/", key: "a/", website: true},
		{host: "[::1]:4033", uri: "/b/k", bucket: "b", key: "k"},
	} {
		got, err := ParseTarget(&http.Request{Host: c.host, RequestURI: c.uri})
		if err != nil || got.Bucket != c.bucket || got.Key != c.key || got.VirtualHosted != c.virtual || got.Region != c.region ||
			got.AccessPoint != c.accessPoint || got.VPCEndpoint != c.vpce || got.Service != c.service_ || got.Website != c.website {
			t.Errorf("%s %s: %+v, %v; want %+v", c.host, c.uri, got, err, c)
		}
	}
	for _, uri := range []string{"*", "/b/%zz", "/b/%ff", "/%", "b:443"} {
		if got, err := ParseTarget(&http.Request{Host: "localhost", RequestURI: uri}); err == nil || err.Code != "InvalidURI" {
			t.Errorf("%q: %+v, %v; want InvalidURI", uri, got, err)
		}
	}
}

// Clients put the account of an S3 Control call before whatever host they were
// given, or nowhere: path and header tell.
func TestParseControlTarget(t *testing.T) {
	header := http.Header{"X-Amz-Account-Id": {"111122223333"}}
	for _, host := range []string{"111122223333.localhost:4033", "111122223333.s3-control.us-east-1.amazonaws.com", "127.0.0.1:4033"} {
		got, err := ParseTarget(&http.Request{Host: host, RequestURI: "/v20180820/tags/arn%3Aaws%3As3%3A%3A%3Ab", Header: header})
		if err != nil || !got.Control || got.Bucket != "v20180820" || got.Key != "tags/arn:aws:s3:::b" || got.VirtualHosted {
			t.Errorf("%s: %+v, %v", host, got, err)
		}
		if got, err := ParseTarget(&http.Request{Host: host, RequestURI: "/v20180820/k"}); err != nil || got.Control {
			t.Errorf("%s without the header: %+v, %v", host, got, err)
		}
	}
}

func TestValidBucketName(t *testing.T) {
	for name, want := range map[string]bool{
		"abc": true, "a.b-c": true, "192.168.5.4": false, "ab": false, "Abc": false, "a..b": false, "-abc": false, "abc-": false,
		"xn--abc": false, "abc-s3alias": false, "_why403": false, "": false, "a-.b": false, "a.-b": false,
	} {
		if got := ValidBucketName(name); got != want {
			t.Errorf("ValidBucketName(%q) = %v, want %v", name, got, want)
		}
	}
}

func FuzzParseTarget(f *testing.F) {
	f.Add("b.s3.eu-west-1.amazonaws.com", "/k?acl")
	f.Fuzz(func(t *testing.T, host, uri string) {
		got, err := ParseTarget(&http.Request{Host: host, RequestURI: uri})
		if err == nil && got.VirtualHosted && got.Bucket == "" {
			t.Errorf("%q %q: virtual hosted without a bucket", host, uri)
		}
	})
}
