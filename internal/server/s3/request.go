package s3

import (
	"net"
	"net/http"
	"strings"

	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/request"
)

// Headers that only [Options.SimulateNetwork] honours.
const (
	headerSourceIP        = "X-Why403-Source-Ip"
	headerSecureTransport = "X-Why403-Secure-Transport"
)

// request states the exchange as the engine takes requests.
func (x *exchange) request() *request.Request {
	now := x.s.World.Now()
	r := &request.Request{
		ID: x.ids.Request, Bucket: x.bucketName, Key: x.key, VersionID: x.versionID(),
		Query: x.query.Map(), Time: &now, Unstated: "absent", Body: x.body,
	}
	r.SetHeaders(headersOf(x))
	x.stateCode(r)
	for name := range r.Query {
		if strings.HasSuffix(strings.ToLower(name), "-customer-key") {
			r.Query[name] = notShown
		}
	}
	if x.spec != nil {
		r.Operation = x.spec.Name
	}
	if x.accessPoint != nil {
		r.AccessPoint = x.accessPoint.ARN(x.accessPointPartition())
	}
	if source := x.get("X-Amz-Copy-Source"); source != "" {
		r.CopySource = source
	}
	if x.bucketName != "" && x.bucket == nil {
		no := false
		r.BucketExists = &no
	}
	x.network(r)
	x.identify(r)
	x.restate(r)
	if x.target.Website {
		x.atWebsite(r)
	}
	if x.control != nil {
		x.atControl(r)
	}
	return r
}

func (x *exchange) accessPointPartition() string {
	if a, ok := x.estate.Account(x.accessPoint.Account); ok {
		return a.Partition()
	}
	return "aws"
}

// lowerNames holds the names of headers that requests carry as a rule.
var lowerNames = map[string]string{}

func init() {
	for _, name := range []string{"Accept", "Accept-Encoding", "Amz-Sdk-Invocation-Id", "Amz-Sdk-Request", "Authorization", "Content-Encoding", "Content-Length",
		"Content-Md5", "Content-Type", "Date", "Expect", "If-Match", "If-None-Match", "Range", "User-Agent", "X-Amz-Acl", "X-Amz-Checksum-Crc32",
		"X-Amz-Checksum-Crc64nvme", "X-Amz-Checksum-Mode", "X-Amz-Content-Sha256", "X-Amz-Copy-Source", "X-Amz-Date", "X-Amz-Decoded-Content-Length",
		"X-Amz-Sdk-Checksum-Algorithm", "X-Amz-Security-Token", "X-Amz-Server-Side-Encryption", "X-Amz-Trailer", "X-Amz-User-Agent"} {
		lowerNames[name] = strings.ToLower(name)
	}
}

// lower is strings.ToLower of a header's name, as a rule without making a string.
func lower(name string) string {
	if l, ok := lowerNames[name]; ok {
		return l
	}
	return strings.ToLower(name)
}

// headersOf returns the headers that decisions can hang on, in lower case; those
// that a presigned URL carries in its query stay there. What is secret stays out,
// as decisions are logged.
func headersOf(x *exchange) map[string]string {
	m := make(map[string]string, len(x.r.Header))
	for name, values := range x.r.Header {
		switch name = lower(name); {
		case name == "authorization", name == "x-amz-security-token", name == "cookie", strings.HasPrefix(name, "x-why403-"),
			strings.HasSuffix(name, "-customer-key"):
		default:
			m[name] = strings.Join(values, ",")
		}
	}
	if x.r.Header.Get("X-Amz-Server-Side-Encryption-Customer-Key") != "" {
		m["x-amz-server-side-encryption-customer-key"] = notShown
	}
	return m
}

// notShown stands for a customer's key.
const notShown = "(not shown)"

// network states where the request came from.
func (x *exchange) network(r *request.Request) { x.s.connection(x.r, x.target.VPCEndpoint, r) }

// State states what a connection tells of any service's request: where it came
// from, whether over TLS, and when.
func (s *Service) State(r *http.Request, into *request.Request) {
	target, _ := wire.ParseTarget(r) // what does not parse names no endpoint
	now := s.World.Now()
	into.Time = &now
	s.connection(r, target.VPCEndpoint, into)
}

// connection states the VPC endpoint that the Host names, or else the address of
// the peer.
func (s *Service) connection(from *http.Request, endpoint string, r *request.Request) {
	secure := from.TLS != nil || !s.PlainIsInsecure
	if v := from.Header.Get(headerSecureTransport); v != "" && s.SimulateNetwork {
		secure = v == "true"
	}
	r.SecureTransport = &secure
	ip, simulated := "", false
	if v := from.Header.Get(headerSourceIP); v != "" && s.SimulateNetwork && net.ParseIP(v) != nil {
		ip, simulated = v, true
	} else if host, _, err := net.SplitHostPort(from.RemoteAddr); err == nil {
		ip, _, _ = strings.Cut(host, "%")
	}
	if endpoint != "" {
		r.VPCEndpoint = &endpoint
		if !simulated {
			return
		}
	}
	if ip != "" {
		r.SourceIP = &ip
	}
}

// identify states who made the request, and how it was signed.
func (x *exchange) identify(r *request.Request) {
	if x.auth == nil || x.auth.Mechanism == sigv4.Anonymous || x.caller == nil {
		r.Principal, r.Auth = "anonymous", &request.Auth{Type: "anonymous"}
		return
	}
	r.Principal = x.caller.ARN
	expires := int64(x.auth.Expires.Seconds())
	a := &request.Auth{Type: x.auth.Mechanism.String(), Region: x.auth.Region, Version: x.auth.Algorithm, SignedHeaders: x.auth.SignedHeaders}
	if !x.auth.SignedAt.IsZero() {
		a.SignedAt = &x.auth.SignedAt
		if x.auth.Mechanism == sigv4.Query {
			a.Expires = &expires
		}
	}
	if x.target.AWS() {
		a.Host = x.target.Host
	}
	r.Auth = a
	x.caller.Session.State(r)
}
