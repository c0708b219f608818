package proxy

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
)

var region = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]+$`)

// Endpoints tell where the program's requests go without the proxy.
type Endpoints struct {
	// Named is the endpoint that the program's environment, or the profile of an access
	// key, names for a service; "" is AWS's own ("Service-specific endpoints" in the AWS
	// SDKs and Tools Reference Guide).
	Named func(service, accessKeyID string) string

	// Region is the one that is configured, for requests that name none.
	Region string

	// Transport asks S3 for the Region of a bucket, where nothing tells it.
	Transport http.RoundTripper

	mu      sync.Mutex
	buckets map[string]string // Regions by bucket
}

// Upstream implements [Options.Upstream] for a service.
func (e *Endpoints) Upstream(service string) func(Destination) (*url.URL, error) {
	return func(d Destination) (*url.URL, error) {
		if named := e.Named(service, d.AccessKeyID); named != "" {
			return url.Parse(named)
		}
		if d.Service != "" && d.Service != service {
			return nil, fmt.Errorf("a request to the service %q, which came to the proxy for %s, %w", d.Service, service, ErrForward)
		}
		r := d.Region
		if r == "" {
			r = e.regionOf(service, d.Bucket)
		}
		if !region.MatchString(r) {
			return nil, fmt.Errorf("%q is no Region", r)
		}
		if service == "sso" {
			service = "portal.sso"
		}
		return &url.URL{Scheme: "https", Host: service + "." + r + "." + suffixOf(r)}, nil
	}
}

// regionOf is the Region of a request that names none, as those that are not signed
// and those of Signature Version 2. S3 tells that of a bucket also to whom it tells
// nothing else (HeadBucket in the Amazon S3 API Reference).
func (e *Endpoints) regionOf(service, bucket string) string {
	configured := e.Region
	if configured == "" {
		configured = "us-east-1"
	}
	if service != "s3" || bucket == "" || e.Transport == nil {
		return configured
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if r, ok := e.buckets[bucket]; ok {
		return r
	}
	u := &url.URL{Scheme: "https", Host: "s3." + configured + "." + suffixOf(configured), Path: "/" + bucket}
	res, err := e.Transport.RoundTrip(&http.Request{Method: http.MethodHead, URL: u, Host: u.Host, Header: http.Header{}})
	if err != nil {
		return configured
	}
	res.Body.Close()
	r := res.Header.Get("X-Amz-Bucket-Region")
	if !region.MatchString(r) {
		return configured
	}
	if e.buckets == nil {
		e.buckets = map[string]string{}
	}
	e.buckets[bucket] = r
	return r
}

// partitions are the domains of AWS's partitions, by how their Regions begin
// (botocore's partitions).
var partitions = []struct{ regions, domain, dualStack string }{
	{"cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
	{"eusc-", "amazonaws.eu", "api.amazonwebservices.eu"},
	{"us-iso-", "c2s.ic.gov", "api.aws.ic.gov"},
	{"us-isob-", "sc2s.sgov.gov", "api.aws.scloud"},
	{"eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
	{"us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
	{"", "amazonaws.com", "api.aws"},
}

func suffixOf(region string) string {
	for _, p := range partitions {
		if strings.HasPrefix(region, p.regions) {
			return p.domain
		}
	}
	return ""
}
