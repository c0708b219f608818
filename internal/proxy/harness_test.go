package proxy

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/why403/why403/internal/sigv4"
)

const (
	keyID  = "AKIAIOSFODNN7EXAMPLE"
	secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

var keys = sigv4.KeyMap{keyID: {AccessKeyID: keyID, Secret: secret}}

// A stand is a proxy before an origin, and what it told.
type stand struct {
	t       testing.TB
	address string // of the proxy
	dial    func() net.Conn
	forward *Forward

	mu         sync.Mutex
	refused    []*Refusal
	passed     int
	distrusted []string
}

func (s *stand) watch(transport http.RoundTripper) Watch {
	return Watch{
		Transport: transport,
		Refused: func(r *Refusal) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.refused = append(s.refused, r)
		},
		Passed: func(*http.Request) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.passed++
		},
	}
}

// told returns the statuses of refusals.
func (s *stand) told() (statuses []int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.refused {
		statuses = append(statuses, r.Status)
	}
	return statuses
}

// until waits for what is told.
func (s *stand) until(told func() bool) {
	for {
		s.mu.Lock()
		ok := told()
		s.mu.Unlock()
		if ok {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// ways are the two ways of standing before an origin. A connection that dial gives
// is one on which requests to S3 are written.
var ways = map[string]func(t testing.TB, origin *httptest.Server) *stand{"endpoint": byEndpoint, "mitm": byMITM}

func byEndpoint(t testing.TB, origin *httptest.Server) *stand {
	t.Helper()
	s := &stand{t: t}
	u, err := url.Parse(origin.URL)
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(New(Options{
		Upstream: func(Destination) (*url.URL, error) { return u, nil }, Keys: keys,
		Watch: s.watch(&http.Transport{DisableCompression: true, ExpectContinueTimeout: time.Second, TLSClientConfig: trusting(origin)}),
	}))
	t.Cleanup(h.Close)
	s.address = h.Listener.Addr().String()
	s.dial = func() net.Conn { return dial(t, s.address) }
	return s
}

// host is the one that is addressed by byMITM.
const host = "bucket.s3.eu-west-1.amazonaws.com"

func byMITM(t testing.TB, origin *httptest.Server) *stand {
	t.Helper()
	s := &stand{t: t}
	n, err := NewNetwork(func(string) string { return "" }, "")
	if err != nil {
		t.Fatal(err)
	}
	hosts := NewHosts()
	authority, err := NewAuthority(hosts.Domains())
	if err != nil {
		t.Fatal(err)
	}
	to := func(ctx context.Context, _, _ string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", origin.Listener.Addr().String())
		if err != nil || origin.TLS == nil {
			return c, err
		}
		return tls.Client(c, trusting(origin)), nil
	}
	s.forward = NewForward(&Forward{
		Hosts: hosts, Authority: authority, Network: n,
		Distrusted: func(host string) { s.mu.Lock(); defer s.mu.Unlock(); s.distrusted = append(s.distrusted, host) },
		Watch:      s.watch(&http.Transport{DisableCompression: true, ExpectContinueTimeout: time.Second, DialContext: to, DialTLSContext: to}),
	})
	h := httptest.NewServer(s.forward)
	t.Cleanup(func() { h.Close(); s.forward.Close() })
	s.address = h.Listener.Addr().String()
	s.dial = func() net.Conn {
		return s.secure(s.tunnel(host+":443"), &tls.Config{ServerName: host, RootCAs: s.roots()})
	}
	return s
}

func trusting(origin *httptest.Server) *tls.Config {
	if origin.TLS == nil {
		return nil
	}
	pool := x509.NewCertPool()
	pool.AddCert(origin.Certificate())
	return &tls.Config{RootCAs: pool, ServerName: "example.com"}
}

func dial(t testing.TB, address string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(30 * time.Second))
	return c
}

func (s *stand) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(s.forward.Authority.PEM)
	return pool
}

// tunnel asks for a tunnel with the password.
func (s *stand) tunnel(address string) net.Conn {
	s.t.Helper()
	c := dial(s.t, s.address)
	fmt.Fprintf(c, "CONNECT %s HTTP/1.1\r\nHost: %s\r\nProxy-Authorization: %s\r\n\r\n", address, address, basic("why403", s.forward.secret))
	res, err := http.ReadResponse(bufio.NewReader(oneByte{c}), nil)
	if err != nil || res.StatusCode != http.StatusOK {
		s.t.Fatalf("CONNECT %s: %v, %v", address, res, err)
	}
	return c
}

// oneByte reads no further than it must.
type oneByte struct{ io.Reader }

func (o oneByte) Read(p []byte) (int, error) { return o.Reader.Read(p[:1]) }

func (s *stand) secure(c net.Conn, config *tls.Config) net.Conn {
	s.t.Helper()
	secure := tls.Client(c, config)
	if err := secure.Handshake(); err != nil {
		s.t.Fatal(err)
	}
	return secure
}

// ask writes a request as it is, with $HOST as the one to address, and reads the
// answer.
func (s *stand) ask(c net.Conn, text, method string) *http.Response {
	s.t.Helper()
	if _, err := io.WriteString(c, s.request(text)); err != nil {
		s.t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: method})
	if err != nil {
		s.t.Fatalf("%q: %v", text, err)
	}
	return res
}

func (s *stand) request(text string) string {
	name := s.address
	if s.forward != nil {
		name = host
	}
	return strings.ReplaceAll(strings.ReplaceAll(text, "$HOST", name), "\n", "\r\n")
}
