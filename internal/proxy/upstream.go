package proxy

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

var region = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)

// Upstream returns where S3 is for a program with this environment: the endpoint
// that AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL names ("Service-specific
// endpoints" of the AWS SDKs and Tools Reference Guide), else AWS's own of the
// Region.
func Upstream(getenv func(string) string) func(service, region string) (*url.URL, error) {
	named := ""
	if !strings.EqualFold(getenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"), "true") {
		named = getenv("AWS_ENDPOINT_URL_S3")
		if named == "" {
			named = getenv("AWS_ENDPOINT_URL")
		}
	}
	return func(service, r string) (*url.URL, error) {
		if named != "" {
			return url.Parse(named)
		}
		if r == "" {
			r = "us-east-1"
		}
		if service != "" && service != "s3" {
			return nil, fmt.Errorf("a request to the service %q came to the proxy, which is for S3 alone", service)
		}
		if !region.MatchString(r) {
			return nil, fmt.Errorf("%q is no Region", r)
		}
		return &url.URL{Scheme: "https", Host: "s3." + r + ".amazonaws.com" + suffixOf(r)}, nil
	}
}

// suffixOf is what the domain of a partition has more.
func suffixOf(region string) string {
	if strings.HasPrefix(region, "cn-") {
		return ".cn"
	}
	return ""
}
