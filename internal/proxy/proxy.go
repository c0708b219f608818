package proxy

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/sigv4"
)

// Options are what a Proxy works with. Upstream and Keys are needed.
type Options struct {
	// Upstream is where a request is for.
	Upstream func(Destination) (*url.URL, error)

	// Keys hold the secrets of the program's access keys.
	Keys sigv4.Keys

	// Learned is told of the credentials that pass by in answers, nil for nobody.
	Learned func(sigv4.Credential)

	// Address is the host and port that the program was given. Requests for other
	// hosts were led here by somebody else, such as a page in a browser, and are
	// refused; "" takes any.
	Address string

	Watch
}

// A Destination is what a signature and a target say about where a request is for.
type Destination struct {
	Service string // "" for S3, and where the request is not signed
	Region  string // "" where the request names none
	Bucket  string

	AccessKeyID string // "" where it is not signed
}

// A Proxy is an http.Handler to which an SDK is pointed by AWS_ENDPOINT_URL_S3.
type Proxy struct {
	Options
}

// New returns a proxy.
func New(o Options) *Proxy {
	o.Watch = o.Watch.complete()
	return &Proxy{o}
}

// ServeHTTP forwards one request.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if p.misled(r) {
		http.Error(w, "why403: this port is for the program that it runs", http.StatusMisdirectedRequest)
		return
	}
	out, err := p.outgoing(r)
	if err != nil {
		p.unable(w, r, err)
		return
	}
	p.relay(w, r, out, p.Learned, func(status int) []byte { return p.ask(r, out, status) })
}

// misled reports a request that was not made for the proxy: by its Host, which a
// name rebound to this machine keeps, or as one of a browser ("Fetch Metadata
// Request Headers"), which no SDK sends.
func (p *Proxy) misled(r *http.Request) bool {
	return p.Address != "" && (r.Host != p.Address || r.Header.Get("Sec-Fetch-Site") != "")
}

// outgoing is the request as it goes to S3.
func (p *Proxy) outgoing(r *http.Request) (*http.Request, error) {
	claim := sigv4.ReadClaim(r)
	upstream, err := p.Upstream(Destination{claim.Service, claim.Region, target(r).Bucket, claim.AccessKeyID})
	if err != nil {
		return nil, err
	}
	out := outgoing(r, upstream, upstream.Host)
	if claim.Mechanism == sigv4.Anonymous {
		return out, nil
	}
	return out, p.sign(r, out, claim)
}

// target is what a request addresses. Hosts of other partitions are read as those of
// the first, which have the same form.
func target(r *http.Request) wire.Target {
	for _, p := range partitions {
		if name, ok := strings.CutSuffix(bare(r.Host), "."+p.domain); ok && p.regions != "" {
			r = under(r, name+".amazonaws.com")
		}
	}
	t, _ := wire.ParseTarget(r) // what it could not read is empty
	return t
}

// under is a request for another host, to be read.
func under(r *http.Request, host string) *http.Request {
	r = r.WithContext(r.Context())
	r.Host = host
	return r
}

// ErrForward is what [Refusal.Unable] is where the request could not be signed anew:
// the program has to go by a [Forward].
var ErrForward = errors.New("cannot be signed anew")
