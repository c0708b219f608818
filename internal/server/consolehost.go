package server

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// ConsoleHost is the Host at which browsers get the pages of decisions, and nothing
// else is answered. An object that is a page has the origin of the Host that served
// it, and its script may read whatever else that origin answers, through frames and
// windows, too. So what the endpoint says of itself has an origin that serves no
// object: no bucket can have an underscore in its name. Browsers resolve the names
// below localhost to this machine (RFC 6761, 6.3).
const ConsoleHost = "_why403.localhost"

// consoleURL is the origin of ConsoleHost, as the client of a request reaches it.
func consoleURL(r *http.Request) string {
	scheme, host := "http://", ConsoleHost
	if r.TLS != nil {
		scheme = "https://"
	}
	if _, port, err := net.SplitHostPort(r.Host); err == nil {
		host += ":" + port
	}
	return scheme + host
}

// hostOf returns the Host of a request without its port.
func hostOf(r *http.Request) string {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

func atConsole(r *http.Request) bool { return hostOf(r) == ConsoleHost }

// byBrowser reports whether a browser may have sent the request. Every browser adds
// Accept-Language, which scripts can change and not take away; those of today add
// Sec-Fetch-Site, which they cannot touch ("Forbidden request-header", Fetch).
// Programs send neither.
func byBrowser(r *http.Request) bool {
	for _, name := range []string{"Accept-Language", "Sec-Fetch-Site", "Origin", "Referer"} {
		if _, sent := r.Header[name]; sent {
			return true
		}
	}
	return false
}

// ofPage reports whether a web page makes the request, rather than a program or a
// browser's user ("Sec-Fetch-Site", Fetch Metadata).
func ofPage(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return site != "" && site != "none"
}

// fromElsewhere reports whether a page of another origin makes the request, other
// than by leading its reader here.
func fromElsewhere(r *http.Request) bool {
	if r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document" {
		return false
	}
	return ofPage(r) && r.Header.Get("Sec-Fetch-Site") != "same-origin" || r.Header.Get("Origin") != ""
}

// apart keeps an answer from pages of other origins that would load it as a script,
// a picture or a window of theirs (HTML, "Cross-origin opener policies"; Fetch,
// "Cross-Origin-Resource-Policy").
func apart(h http.Header) {
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
}

// local reports whether a request comes from this machine and means this machine.
// A web page that has its own name point here, so as to read what the endpoint
// says of itself, sends that name as Host.
func local(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() {
		return false
	}
	host := hostOf(r)
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.Unmap().IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost")
}
