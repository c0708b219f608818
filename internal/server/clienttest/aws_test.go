package clienttest

import (
	"bufio"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/why403/why403/internal/proxy"
)

// A cloud is an endpoint under AWS's own names, over TLS, on a network that has them
// behind a proxy alone: that of env.
type cloud struct {
	*endpoint
	proxyURL string // with its password
	bundle   string // file of who signed the certificates

	mu    sync.Mutex
	asked []string // addresses that the proxy was asked for
}

func startCloud(t *testing.T) *cloud {
	t.Helper()
	c := &cloud{endpoint: start(t)}
	authority, err := proxy.NewAuthority([]string{"amazonaws.com", "example.com"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.bundle = filepath.Join(t.TempDir(), "authority.pem")
	if err := os.WriteFile(c.bundle, authority.PEM, 0o600); err != nil {
		t.Fatal(err)
	}
	aws := httptest.NewUnstartedServer(c.server.Handler())
	aws.TLS = &tls.Config{GetCertificate: func(h *tls.ClientHelloInfo) (*tls.Certificate, error) { return authority.Certificate(h.ServerName) }}
	aws.Config.ErrorLog = log.New(io.Discard, "", 0) // some programs of the tests trust nobody
	aws.StartTLS()
	t.Cleanup(aws.Close)
	gate := httptest.NewServer(c.gate(aws.Listener.Addr().String()))
	t.Cleanup(gate.Close)
	c.proxyURL = strings.Replace(gate.URL, "http://", "http://person:word@", 1)
	return c
}

// gate is a proxy that leads every tunnel to one address.
func (c *cloud) gate(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if user, word, _ := (&http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}).BasicAuth(); user+word != "personword" {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		c.mu.Lock()
		c.asked = append(c.asked, r.Host)
		c.mu.Unlock()
		out, err := net.Dial("tcp", to)
		if err != nil || r.Method != http.MethodConnect {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		in, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			out.Close()
			return
		}
		io.WriteString(in, "HTTP/1.1 200 OK\r\n\r\n")
		go copyTo(out, buffered.Reader)
		copyTo(in, bufio.NewReader(out))
	}
}

func copyTo(to net.Conn, from io.Reader) {
	io.Copy(to, from)
	to.Close()
}

// env is the environment of a program in that network.
func (c *cloud) env(accessKey, secret string, more ...string) []string {
	var env []string
	for _, entry := range c.environ(accessKey, secret) {
		if !strings.HasPrefix(entry, "AWS_ENDPOINT_URL=") && !strings.HasPrefix(entry, "NO_PROXY=") {
			env = append(env, entry)
		}
	}
	return append(append(env, "HTTPS_PROXY="+c.proxyURL, "REQUESTS_CA_BUNDLE="+c.bundle), more...)
}

// met reports whether the proxy was asked for an address.
func (c *cloud) met(address string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Contains(c.asked, address)
}
