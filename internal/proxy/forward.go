package proxy

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Forward is the proxy that HTTPS_PROXY names. Requests to its Hosts are relayed
// and watched; their connections end here, by certificates of its Authority. What
// goes elsewhere is tunnelled.
type Forward struct {
	Hosts     Hosts
	Authority *Authority
	Network   *Network

	// Distrusted is told of a host whose certificate the program did not take. What it
	// sends there from then on is tunnelled as well.
	Distrusted func(host string)

	Watch

	secret   string
	server   *http.Server
	accepted *handed
	plain    http.Handler
	skipped  sync.Map       // hosts that were distrusted
	open     sync.Map       // connections that were hijacked
	meeting  sync.WaitGroup // handshakes
}

// NewForward completes f, which is to be closed.
func NewForward(f *Forward) *Forward {
	if f.Transport == nil {
		f.Transport = f.Network.Transport()
	}
	f.Watch = f.Watch.complete()
	f.secret = rand.Text()
	f.accepted = &handed{conns: make(chan net.Conn), done: make(chan struct{})}
	f.plain = &httputil.ReverseProxy{Rewrite: untouched, Transport: f.Transport, FlushInterval: -1, ErrorLog: log.New(io.Discard, "", 0)}
	f.server = &http.Server{
		Handler: http.HandlerFunc(f.intercepted), ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0),
		DisableGeneralOptionsHandler: true, ConnContext: withDestination,
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){}, // no HTTP/2, as S3
	}
	go f.server.Serve(f.accepted) // until Close
	return f
}

// Close ends the connections that were taken over, and the tunnels. What the program
// has sent before its end is told of first.
func (f *Forward) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	met := make(chan struct{})
	go func() {
		f.meeting.Wait()
		close(met)
	}()
	select {
	case <-met:
	case <-ctx.Done():
	}
	_ = f.server.Shutdown(ctx) // or what is left is closed
	f.open.Range(func(conn, _ any) bool {
		_ = conn.(net.Conn).Close() // it may have ended
		return true
	})
	return f.server.Close()
}

// URL is what HTTPS_PROXY has to hold for a proxy at an address. Its password keeps
// others on this machine out.
func (f *Forward) URL(address string) string {
	return (&url.URL{Scheme: "http", User: url.UserPassword("why403", f.secret), Host: address}).String()
}

// ServeHTTP takes requests for tunnels, and those for plain HTTP.
func (f *Forward) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if subtle.ConstantTimeCompare([]byte(r.Header.Get("Proxy-Authorization")), []byte(basic("why403", f.secret))) != 1 {
		w.Header().Set("Proxy-Authenticate", `Basic realm="why403"`)
		http.Error(w, "why403: this port is for the program that it runs", http.StatusProxyAuthRequired)
		return
	}
	switch {
	case r.Method == http.MethodConnect:
		f.connect(w, r)
	case !r.URL.IsAbs() || r.URL.Host == "":
		http.Error(w, "why403: this is a proxy", http.StatusBadRequest)
	case f.Hosts.Contain(r.URL.Host):
		f.watch(w, r, &url.URL{Scheme: r.URL.Scheme, Host: r.URL.Host})
	default:
		f.plain.ServeHTTP(w, r)
	}
}

// untouched takes back what a ReverseProxy changes of itself.
func untouched(p *httputil.ProxyRequest) {
	p.Out.URL.RawQuery, p.Out.Host = p.In.URL.RawQuery, p.In.Host
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
		if v, ok := p.In.Header[name]; ok {
			p.Out.Header[name] = v
		}
	}
}

// connect opens a tunnel, to a server or to here.
func (f *Forward) connect(w http.ResponseWriter, r *http.Request) {
	address := r.Host
	if _, _, err := net.SplitHostPort(address); err != nil {
		address = net.JoinHostPort(address, "443")
	}
	_, skipped := f.skipped.Load(bare(address))
	if f.Hosts.Contain(address) && !skipped {
		if conn, err := f.hijack(w); err == nil {
			f.takeOver(conn, address)
		}
		return
	}
	server, err := f.Network.Dial(r.Context(), address)
	if err != nil {
		http.Error(w, "why403: reach "+address+": "+err.Error(), http.StatusBadGateway)
		return
	}
	conn, err := f.hijack(w)
	if err != nil {
		server.Close()
		return
	}
	join(conn, server)
	f.open.Delete(conn.Conn)
}

// hijack takes a connection over, and says that the tunnel is open.
func (f *Forward) hijack(w http.ResponseWriter) (*readAhead, error) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, err
	}
	f.open.Store(conn, true)
	if _, err := io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		conn.Close()
		return nil, err
	}
	return &readAhead{Conn: conn, in: buffered.Reader}, nil
}

// handshakeTimeout bounds how long the program's first byte and its handshake are
// waited for.
const handshakeTimeout = time.Minute

// patience is how long a proxy waits for requests and handshakes under way, when the
// program has ended already.
const patience = time.Second

// takeOver ends a tunnel here. What speaks TLS gets a certificate of the host, what
// begins otherwise is plain HTTP, as some programs send by tunnels as well.
func (f *Forward) takeOver(conn *readAhead, address string) {
	f.meeting.Add(1)
	defer f.meeting.Done()
	defer f.open.Delete(conn.Conn) // the server has it then, or it is closed
	conn.SetReadDeadline(time.Now().Add(handshakeTimeout))
	first, err := conn.in.Peek(1)
	if err != nil {
		conn.Close()
		return
	}
	d := destination{Conn: conn, base: &url.URL{Scheme: "http", Host: address}}
	if first[0] == 22 { // a handshake record
		d.base.Scheme = "https"
		secure := tls.Server(conn, f.tlsFor(bare(address)))
		if err := secure.Handshake(); err != nil {
			conn.Close()
			f.distrust(err, conn.tail, bare(address))
			return
		}
		d.Conn = secure
	}
	d.SetReadDeadline(time.Time{})
	if !f.accepted.hand(d) {
		d.Close()
	}
}

// tlsFor speaks HTTP/1.1 alone, as S3: a program that offers HTTP/2 besides gets the
// former, one that speaks nothing else the alert that S3 would give it.
func (f *Forward) tlsFor(host string) *tls.Config {
	return &tls.Config{
		NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return f.Authority.Certificate(host) },
	}
}

// distrust is for a program that brings its own authorities: it said so by an alert
// about the certificate (RFC 8446, section 6.2). crypto/tls has no type for it, and
// does not know one that OpenSSL has sent in the clear.
func (f *Forward) distrust(err error, tail []byte, host string) {
	var remote *net.OpError
	alert := errors.As(err, &remote) && remote.Op == "remote error" && strings.Contains(remote.Error(), "certificate")
	clear := len(tail) == tailed && tail[0] == 21 && tail[3] == 0 && tail[4] == 2 && slices.Contains([]byte{42, 43, 45, 46, 48}, tail[6])
	if !alert && !clear {
		return
	}
	if _, known := f.skipped.LoadOrStore(host, true); !known && f.Distrusted != nil {
		f.Distrusted(host)
	}
}

// intercepted takes the requests of a connection that ends here.
func (f *Forward) intercepted(w http.ResponseWriter, r *http.Request) {
	f.watch(w, r, r.Context().Value(destinationKey{}).(*url.URL))
}

// watch relays a request. A bucket before a configured endpoint is told apart.
func (f *Forward) watch(w http.ResponseWriter, r *http.Request, base *url.URL) {
	out := outgoing(r, base, r.Host)
	if endpoint, ok := f.Hosts.endpointOf(bare(r.Host)); ok {
		r = under(r, strings.TrimSuffix(bare(r.Host), endpoint)+"localhost")
	}
	f.relay(w, r, out, nil)
}

// A destination is a connection that ends here, and what it was for.
type destination struct {
	net.Conn
	base *url.URL
}

type destinationKey struct{}

func withDestination(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, destinationKey{}, c.(destination).base)
}

// handed is a listener for connections that are there already.
type handed struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (h *handed) hand(c net.Conn) bool {
	select {
	case h.conns <- c:
		return true
	case <-h.done:
		return false
	}
}

// Accept implements [net.Listener].
func (h *handed) Accept() (net.Conn, error) {
	select {
	case c := <-h.conns:
		return c, nil
	case <-h.done:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener].
func (h *handed) Close() error {
	h.once.Do(func() { close(h.done) })
	return nil
}

// Addr implements [net.Listener].
func (h *handed) Addr() net.Addr { return &net.TCPAddr{} }
