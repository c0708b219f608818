package s3

import (
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/why403/why403/estate"
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
func (x *exchange) request() *request.Request { return x.requestIn(&statement{}, x.s.World.Now()) }

// A statement is room to state one request after another, without making it anew.
type statement struct {
	request        request.Request
	headers, query map[string]string
	time           time.Time
	auth           request.Auth
	expires        int64
	network        network
	object         estate.Object
}

// A network is room for where a request came from.
type network struct {
	secure       bool
	ip, endpoint string
}

// requestIn is request in the room of a statement, made at a time. It is good until the
// next use of the statement.
func (x *exchange) requestIn(st *statement, now time.Time) *request.Request {
	st.time = now
	st.headers, st.query = cleared(st.headers, len(x.r.Header)), cleared(st.query, len(x.query))
	x.query.Into(st.query)
	x.headersInto(st.headers)
	r := &st.request
	*r = request.Request{
		ID: x.ids.Request, Bucket: x.bucketName, Key: x.key, VersionID: x.versionID(),
		Query: st.query, Time: &st.time, Unstated: "absent", Body: x.body,
	}
	r.SetHeaders(st.headers)
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
	x.s.connection(x.r, x.target.VPCEndpoint, r, &st.network)
	x.identify(r, st)
	x.restate(r)
	if x.target.Website {
		x.atWebsite(r)
	}
	if x.control != nil {
		x.atControl(r)
	}
	return r
}

// cleared returns an empty map, m where there is one.
func cleared(m map[string]string, room int) map[string]string {
	if m == nil {
		return make(map[string]string, room)
	}
	clear(m)
	return m
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

// headers returns those that headersInto tells of.
func (x *exchange) headers() map[string]string {
	m := make(map[string]string, len(x.r.Header))
	x.headersInto(m)
	return m
}

// headersInto puts in the headers that decisions can hang on, in lower case; those
// that a presigned URL carries in its query stay there. What is secret stays out,
// as decisions are logged.
func (x *exchange) headersInto(m map[string]string) {
	for name, values := range x.r.Header {
		switch name = lower(name); {
		case name == "authorization", name == "x-amz-security-token", name == "cookie", strings.HasPrefix(name, "x-why403-"),
			strings.HasSuffix(name, "-customer-key"):
		default:
			if v := strings.Join(values, ","); v != "" || !strings.HasPrefix(name, "x-amz-") { // nothing is what is done by an empty one
				m[name] = v
			}
		}
	}
	if x.r.Header.Get(headerCustomerKey) != "" {
		m["x-amz-server-side-encryption-customer-key"] = notShown
	}
}

const headerCustomerKey = "X-Amz-Server-Side-Encryption-Customer-Key"

// notShown stands for a customer's key.
const notShown = "(not shown)"

// State states what a connection tells of any service's request: where it came
// from, whether over TLS, and when.
func (s *Service) State(r *http.Request, into *request.Request) {
	target, _ := wire.ParseTarget(r) // what does not parse names no endpoint
	now := s.World.Now()
	into.Time = &now
	s.connection(r, target.VPCEndpoint, into, &network{})
}

// connection states the VPC endpoint that the Host names, or else the address of
// the peer.
func (s *Service) connection(from *http.Request, endpoint string, r *request.Request, n *network) {
	n.secure, n.ip, n.endpoint = from.TLS != nil || !s.PlainIsInsecure, "", endpoint
	r.SecureTransport = &n.secure
	simulated := false
	if s.SimulateNetwork {
		if v := from.Header.Get(headerSecureTransport); v != "" {
			n.secure = v == "true"
		}
		if v := from.Header.Get(headerSourceIP); v != "" && net.ParseIP(v) != nil {
			n.ip, simulated = v, true
		}
	}
	if host, _, err := net.SplitHostPort(from.RemoteAddr); err == nil && !simulated {
		n.ip, _, _ = strings.Cut(host, "%")
	}
	if endpoint != "" {
		r.VPCEndpoint = &n.endpoint
		if !simulated {
			return
		}
	}
	if n.ip != "" {
		r.SourceIP = &n.ip
	}
}

// identify states who made the request, and how it was signed.
func (x *exchange) identify(r *request.Request, st *statement) {
	a := &st.auth
	r.Auth = a
	if x.auth == nil || x.auth.Mechanism == sigv4.Anonymous || x.caller == nil {
		r.Principal, *a = "anonymous", request.Auth{Type: "anonymous"}
		return
	}
	r.Principal = x.caller.ARN
	*a = request.Auth{Type: x.auth.Mechanism.String(), Region: x.auth.Region, Version: x.auth.Algorithm, SignedHeaders: x.auth.SignedHeaders}
	if !x.auth.SignedAt.IsZero() {
		a.SignedAt = &x.auth.SignedAt
		if x.auth.Mechanism == sigv4.Query {
			st.expires = int64(x.auth.Expires.Seconds())
			a.Expires = &st.expires
		}
	}
	if x.target.AWS() {
		a.Host = x.target.Host
	}
	x.caller.Session.State(r)
}
