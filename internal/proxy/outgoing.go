package proxy

import (
	"net/http"
	"net/url"
	"strings"
)

// hopByHop are the headers that concern one connection (RFC 9110, section 7.6.1).
// Those that Connection names are besides.
var hopByHop = []string{"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade"}

func dropHopByHop(h http.Header) {
	for _, list := range h["Connection"] {
		for name := range strings.SplitSeq(list, ",") {
			h.Del(strings.TrimSpace(name))
		}
	}
	for _, name := range hopByHop {
		h.Del(name)
	}
}

// outgoing is a request that came, for another base and host. An expectation of 100
// Continue goes on, so that a refusal comes before the body is sent.
func outgoing(r *http.Request, base *url.URL, host string) *http.Request {
	out := r.Clone(r.Context())
	out.RequestURI, out.Host, out.Close = "", host, false
	out.URL = urlOf(base, r.RequestURI)
	dropHopByHop(out.Header)
	out.Trailer = r.Trailer // is filled in at the end of the body
	if r.ContentLength == 0 {
		out.Body = http.NoBody
		out.Header.Del("Expect")
	}
	if _, ok := r.Header["User-Agent"]; !ok {
		out.Header["User-Agent"] = nil // keeps net/http from naming itself
	}
	return out
}

// urlOf is a URL that net/http sends with the target as it came: it must not be
// written in another way, as it is signed.
func urlOf(base *url.URL, target string) *url.URL {
	if i := strings.Index(target, "://"); i > 0 && target[0] != '/' {
		_, rest, _ := strings.Cut(target[i+3:], "/")
		target = "/" + rest
	}
	target = strings.TrimSuffix(base.EscapedPath(), "/") + target
	u := &url.URL{Scheme: base.Scheme, Host: base.Host}
	u.RawPath, u.RawQuery, u.ForceQuery = strings.Cut(target, "?")
	if path, err := url.PathUnescape(u.RawPath); err == nil {
		u.Path = path
	}
	if u.RequestURI() != target {
		return &url.URL{Scheme: base.Scheme, Host: base.Host, Opaque: target}
	}
	return u
}
