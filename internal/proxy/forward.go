package proxy

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
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
	scheme, given, _ := strings.Cut(r.Header.Get("Proxy-Authorization"), " ")
	if !strings.EqualFold(scheme, "Basic") || subtle.ConstantTimeCompare([]byte(given), []byte(credentials("why403", f.secret))) != 1 {
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
