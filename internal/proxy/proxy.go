package proxy

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/sigv4"
)

// Options are what a Proxy works with. Upstream and Keys are needed.
type Options struct {
	// Upstream is the endpoint of a service in a Region, such as
	// https://s3.REGION.amazonaws.com, or the one that the program's environment
	// names. The Region is "" for requests that name none.
	Upstream func(service, region string) (*url.URL, error)

	// Keys hold the secrets of the program's access keys.
	Keys sigv4.Keys

	// Refused is told of every answer of status 300 and more, but for 304 and 412,
	// which are no refusals. It is called from the goroutines of requests.
	Refused func(*Refusal)

	// Transport sends requests; nil is one without a proxy of its own.
	Transport http.RoundTripper
}

// A Proxy is an http.Handler to which an SDK is pointed by AWS_ENDPOINT_URL_S3.
type Proxy struct {
	Options
}

// anySkew leaves it to S3 to judge the program's clock.
const anySkew = 100 * 365 * 24 * time.Hour

// New returns a proxy.
func New(o Options) *Proxy {
	if o.Transport == nil {
		o.Transport = NewTransport()
	}
	return &Proxy{o}
}

// NewTransport returns a transport for [Options].
func NewTransport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		MaxIdleConnsPerHost:   64,
		IdleConnTimeout:       90 * time.Second,
		DisableCompression:    true,
		ForceAttemptHTTP2:     false,
		ExpectContinueTimeout: time.Second,
	}
}

// ServeHTTP forwards one request.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	wire.ContinueEmpty(w, r)
	out, err := p.outgoing(r)
	if err != nil {
		p.unable(w, r, err)
		return
	}
	res, err := p.Transport.RoundTrip(out)
	if err != nil {
		if r.Context().Err() != nil {
			panic(http.ErrAbortHandler) // the program is gone
		}
		p.unable(w, r, fmt.Errorf("reach %s: %w", out.URL.Host, err))
		return
	}
	defer res.Body.Close()
	p.answer(w, r, out, res)
}

// hopByHop are the headers that concern one connection (RFC 9110, section 7.6.1).
var hopByHop = []string{"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "Expect"}

// outgoing is the request as it goes to S3.
func (p *Proxy) outgoing(r *http.Request) (*http.Request, error) {
	claim := sigv4.ReadClaim(r)
	upstream, err := p.Upstream(claim.Service, claim.Region)
	if err != nil {
		return nil, err
	}
	out := r.Clone(r.Context())
	out.RequestURI = ""
	out.Host = upstream.Host
	out.URL = &url.URL{Scheme: upstream.Scheme, Host: upstream.Host, Opaque: opaque(upstream, r.RequestURI)}
	for _, name := range hopByHop {
		out.Header.Del(name)
	}
	if r.ContentLength == 0 {
		out.Body = http.NoBody
	}
	if claim.Mechanism == sigv4.Anonymous {
		return out, nil
	}
	return out, p.sign(r, out, claim)
}

// opaque is the target as it came, which must not be written in another way, as
// it is signed.
func opaque(upstream *url.URL, target string) string {
	if i := strings.Index(target, "://"); i > 0 && target[0] != '/' {
		_, rest, _ := strings.Cut(target[i+3:], "/")
		target = "/" + rest
	}
	return strings.TrimSuffix(upstream.EscapedPath(), "/") + target
}

// errUnknownKey is the answer to a signature with an access key whose secret the
// proxy does not find.
var errUnknownKey = errors.New("the secret of the access key was found in no place that SDKs look at")

// sign replaces the signature of a request by one for the upstream.
func (p *Proxy) sign(r, out *http.Request, claim sigv4.Claim) error {
	c, ok := p.Keys.Credential(claim.AccessKeyID)
	if !ok {
		return fmt.Errorf("sign with %s: %w", claim.AccessKeyID, errUnknownKey)
	}
	token := r.Header.Get("X-Amz-Security-Token")
	if claim.Mechanism == sigv4.Query {
		token = r.URL.Query().Get("X-Amz-Security-Token")
	}
	c.SessionToken = token // the one that was sent, be it right or wrong
	keys := sigv4.KeyMap{claim.AccessKeyID: c}
	verifier := sigv4.Verifier{Service: claim.Service, Keys: keys, MaxSkew: anySkew, AllowSigV2: true}
	res, refused := verifier.Verify(r)
	if refused != nil {
		return refused
	}
	if r.Body != nil && out.Body != http.NoBody {
		out.Body = r.Body // services other than S3 sign the body, which was read
	}
	signer := sigv4.Signer{Credential: c, Region: claim.Region, Service: claim.Service}
	out.Header.Del("Authorization")
	if claim.Mechanism == sigv4.Query {
		unsignQuery(out)
	}
	if claim.Algorithm == sigv4.AlgorithmV2 {
		out.Header.Del("X-Amz-Date")
		signer.SignV2(out, time.Now(), "")
		return nil
	}
	payload := res.Payload
	if payload == "" {
		payload = sigv4.UnsignedPayload
	}
	now := time.Now()
	also := []string{}
	for _, name := range []string{"Content-Type", "Content-Md5"} {
		if out.Header.Get(name) != "" {
			also = append(also, name)
		}
	}
	signature := signer.Sign(out, now, payload, also...)
	if res.Streaming() {
		out.Body, out.ContentLength = rechunk(r, res, signer.ChunkWriter, now, payload, signature), -1
	}
	return nil
}

// unsignQuery takes the signature out of the target of a presigned URL, which was
// made for the proxy's own address.
func unsignQuery(out *http.Request) {
	path, query, _ := strings.Cut(out.URL.Opaque, "?")
	var rest []string
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		switch name {
		case "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Security-Token",
			"AWSAccessKeyId", "Signature", "Expires", "":
		default:
			rest = append(rest, pair)
		}
	}
	out.URL.Opaque = path
	if len(rest) > 0 {
		out.URL.Opaque += "?" + strings.Join(rest, "&")
	}
}

// rechunk signs the chunks of an aws-chunked body anew.
func rechunk(r *http.Request, res *sigv4.Result, writer func(io.Writer, time.Time, string, string) *sigv4.ChunkWriter, at time.Time, payload, signature string) io.ReadCloser {
	reader, pipe := io.Pipe()
	go func() {
		body := res.Body(r.Body)
		w := writer(pipe, at, payload, signature)
		_, err := io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{body}, make([]byte, 64<<10))
		if err == nil {
			var trailer []sigv4.FormField
			for name := range strings.SplitSeq(r.Header.Get("X-Amz-Trailer"), ",") {
				if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
					trailer = append(trailer, sigv4.FormField{Name: name, Value: body.Trailer().Get(name)})
				}
			}
			err = w.Close(trailer...)
		}
		pipe.CloseWithError(err) // nil ends the body
	}()
	return reader
}
