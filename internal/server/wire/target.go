package wire

import (
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"
)

// A Target is what a request addresses, read from its raw target and its Host
// header alone.
type Target struct {
	Path     string // raw, as on the wire
	RawQuery string
	Query    Query

	Bucket        string // "" for the service itself
	Key           string // decoded once, never normalised; "" for none
	VirtualHosted bool   // the bucket stands in the Host header

	Host        string // without port, lower case
	Service     string // that the host names, "sts"; "" where it names none or S3
	Region      string // that the host names; "" for none
	AccessPoint string // NAME-ACCOUNT of an access point's host
	VPCEndpoint string // vpce-… that the host names
	Website     bool   // the host is that of a bucket's website
	Control     bool   // an operation of S3 Control; Bucket and Key are then those of its path
}

// AWS reports whether the host is one of AWS's, and so names the endpoint that
// the client meant.
func (t *Target) AWS() bool { return strings.HasSuffix(t.Host, amazonaws) }

const amazonaws = ".amazonaws.com"

// controlPath is under which S3 Control has all its operations.
const controlPath = "/v20180820/"

var (
	errInvalidURI = NewError(http.StatusBadRequest, "InvalidURI", "Couldn't parse the specified URI.")

	regionLabel      = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
	vpceLabel        = regexp.MustCompile(`^vpce-[0-9a-z]+(-[0-9a-z]+)?$`)
	accessPointLabel = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*-[0-9]{12}$`)
)

// ParseTarget reads what a request addresses. The error is S3's InvalidURI.
//
// Hosts are those of "Virtual hosting of general purpose buckets", of "Referencing
// access points" and of "Website endpoints" in the Amazon S3 User Guide; the same
// names before ".localhost" or ".127.0.0.1", as clients make them of a custom
// endpoint, in place of the Region and domain; and "vpce-ID.localhost", which stands
// for a request through that VPC endpoint. Any other host is path style.
//
// Operations of S3 Control are known by their path and the header x-amz-account-id,
// which all of them send, whatever the host: clients put the account before it.
func ParseTarget(r *http.Request) (Target, *Error) {
	t := Target{}
	uri := r.RequestURI
	if uri == "" && r.URL != nil {
		uri = r.URL.RequestURI()
	}
	t.Path, t.RawQuery, _ = strings.Cut(uri, "?")
	if i := strings.Index(t.Path, "://"); i > 0 && t.Path[0] != '/' {
		_, rest, _ := strings.Cut(t.Path[i+3:], "/")
		t.Path = "/" + rest
	}
	t.Query = ParseQuery(t.RawQuery)
	t.parseHost(r.Host)
	if t.Path == "" {
		t.Path = "/"
	}
	if t.Path[0] != '/' {
		return t, errInvalidURI
	}
	path, err := url.PathUnescape(t.Path[1:])
	if err != nil || !utf8.ValidString(path) {
		return t, errInvalidURI
	}
	if strings.HasPrefix(t.Path, controlPath) && r.Header.Get("X-Amz-Account-Id") != "" {
		t.Control, t.VirtualHosted, t.AccessPoint = true, false, ""
	}
	if t.VirtualHosted || t.AccessPoint != "" || t.Website {
		t.Key = path
		return t, nil
	}
	bucket, key, _ := strings.Cut(t.Path[1:], "/")
	t.Bucket, _ = url.PathUnescape(bucket) // decoded above
	t.Key, _ = url.PathUnescape(key)
	return t, nil
}

func (t *Target) parseHost(host string) {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	t.Host = strings.ToLower(strings.TrimSuffix(host, "."))
	switch {
	case t.Host == "localhost":
	case strings.HasSuffix(t.Host, ".localhost"):
		t.parseLabels(strings.Split(strings.TrimSuffix(t.Host, ".localhost"), "."))
	case strings.HasSuffix(t.Host, ".127.0.0.1"):
		t.parseLabels(strings.Split(strings.TrimSuffix(t.Host, ".127.0.0.1"), "."))
	case strings.HasSuffix(t.Host, amazonaws):
		t.parseLabels(strings.Split(strings.TrimSuffix(t.Host, amazonaws), "."))
	}
}

// parseLabels reads the labels before the domain from the right: Region, service,
// VPC endpoint, and what is left is a bucket or an access point.
func (t *Target) parseLabels(labels []string) {
	last := func() string {
		if len(labels) == 0 {
			return ""
		}
		return labels[len(labels)-1]
	}
	drop := func() { labels = labels[:len(labels)-1] }
	if last() == "vpce" {
		drop()
	}
	if regionLabel.MatchString(last()) {
		t.Region = last()
		drop()
	}
	if last() == "dualstack" {
		drop()
	}
	service := last()
	if rest, ok := strings.CutPrefix(service, "s3-"); ok && regionLabel.MatchString(rest) {
		t.Region, service = rest, "s3"
	}
	if rest, ok := strings.CutPrefix(service, "s3-website-"); ok && regionLabel.MatchString(rest) {
		t.Region, service = rest, "s3-website"
	}
	switch service {
	case "s3-website":
		t.Website = true
		drop()
	case "s3", "s3-fips", "s3-accelerate", "s3-accesspoint", "s3-accesspoint-fips":
		drop()
	case "sts", "sts-fips", "iam", "iam-fips", "kms", "kms-fips", "organizations", "organizations-fips", "cloudtrail", "cloudtrail-fips", "ec2", "ec2-fips":
		t.Service = strings.TrimSuffix(service, "-fips")
		return
	case "s3-control":
		t.Service = service
		return
	}
	if vpceLabel.MatchString(last()) {
		t.VPCEndpoint = last()
		drop()
		if last() == "bucket" || last() == "accesspoint" {
			drop()
		}
	}
	t.name(strings.Join(labels, "."), strings.HasPrefix(service, "s3-accesspoint"))
}

func (t *Target) name(name string, accessPoint bool) {
	switch {
	case name == "":
	case accessPoint && accessPointLabel.MatchString(name):
		t.AccessPoint = name
	default:
		t.Bucket, t.VirtualHosted = name, true
	}
}

// NameAndAccount splits the label of an access point's host.
func NameAndAccount(label string) (name, account string, ok bool) {
	if !accessPointLabel.MatchString(label) {
		return "", "", false
	}
	i := len(label) - 13
	return label[:i], label[i+1:], true
}

var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// ValidBucketName reports whether a bucket of that name can be made: "General
// purpose bucket naming rules" in the Amazon S3 User Guide. Its older editions say
// besides that each label begins and ends with a letter or number.
func ValidBucketName(name string) bool {
	switch {
	case !bucketName.MatchString(name), strings.Contains(name, ".."), net.ParseIP(name) != nil:
		return false
	case strings.Contains(name, ".-"), strings.Contains(name, "-."):
		return false
	case strings.HasPrefix(name, "xn--"), strings.HasPrefix(name, "sthree-"), strings.HasPrefix(name, "amzn-s3-demo-"):
		return false
	}
	for _, suffix := range []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"} {
		if strings.HasSuffix(name, suffix) {
			return false
		}
	}
	return true
}
