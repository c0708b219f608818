package proxy

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

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
	inClear := len(tail) == tailed && tail[0] == 21 && tail[3] == 0 && tail[4] == 2 && slices.Contains([]byte{42, 43, 45, 46, 48}, tail[6])
	if !alert && !inClear {
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
	f.relay(w, r, out, nil, nil)
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
