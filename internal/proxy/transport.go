package proxy

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// A Network is how the program reaches AWS without the proxy.
type Network struct {
	proxy func(*url.URL) (*url.URL, error)
	dial  func(network, address string) (net.Conn, error)
	roots *x509.CertPool // nil is the system's
}

// NewNetwork reads the variables that name proxies. bundle is the file of those whom
// the program trusts in place of the system's authorities, "" for the system's, to
// which those in more are added.
func NewNetwork(getenv func(string) string, bundle string, more ...string) (*Network, error) {
	either := func(upper, lower string) string { return cmp.Or(getenv(upper), getenv(lower)) }
	all := either("ALL_PROXY", "all_proxy")
	c := httpproxy.Config{
		HTTPProxy: cmp.Or(either("HTTP_PROXY", "http_proxy"), all), HTTPSProxy: cmp.Or(either("HTTPS_PROXY", "https_proxy"), all),
		NoProxy: either("NO_PROXY", "no_proxy"),
	}
	n := &Network{proxy: c.ProxyFunc()}
	return n, n.trust(bundle, more)
}

func (n *Network) trust(bundle string, more []string) error {
	if bundle != "" {
		data, err := os.ReadFile(bundle)
		if err != nil {
			return fmt.Errorf("read the bundle of certificate authorities: %w", err)
		}
		n.roots = x509.NewCertPool()
		n.roots.AppendCertsFromPEM(data)
		return nil
	}
	for _, file := range more {
		data, err := os.ReadFile(file)
		if err != nil {
			continue // the program complains of it, or does not look at it
		}
		if n.roots == nil {
			if n.roots, err = x509.SystemCertPool(); err != nil {
				n.roots = x509.NewCertPool()
			}
		}
		n.roots.AppendCertsFromPEM(data)
	}
	return nil
}

// Transport returns a transport that changes nothing of what it sends.
func (n *Network) Transport() *http.Transport {
	return &http.Transport{
		Proxy:                 func(r *http.Request) (*url.URL, error) { return n.proxy(r.URL) },
		DialContext:           (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSClientConfig:       &tls.Config{RootCAs: n.roots},
		TLSHandshakeTimeout:   10 * time.Second,
		MaxIdleConnsPerHost:   64,
		IdleConnTimeout:       90 * time.Second,
		DisableCompression:    true,
		ExpectContinueTimeout: time.Second,
	}
}

const dialTimeout = 30 * time.Second
