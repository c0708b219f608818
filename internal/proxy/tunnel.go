package proxy

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/net/proxy"
)

// Dial connects to an address of TLS as the program would, by the proxy that its
// environment names for it.
func (n *Network) Dial(ctx context.Context, address string) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: dialTimeout}
	via, err := n.proxy(&url.URL{Scheme: "https", Host: address})
	switch {
	case err != nil:
		return nil, err
	case via == nil:
		return dialer.DialContext(ctx, "tcp", address)
	case via.Scheme == "http", via.Scheme == "https":
		return n.dialBy(ctx, dialer, via, address)
	}
	socks, err := proxy.FromURL(via, dialer)
	if err != nil {
		return nil, err
	}
	return socks.(proxy.ContextDialer).DialContext(ctx, "tcp", address) // SOCKS is one
}

// dialBy has a proxy open a tunnel (RFC 9110, section 9.3.6).
func (n *Network) dialBy(ctx context.Context, dialer *net.Dialer, via *url.URL, address string) (net.Conn, error) {
	port := via.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[via.Scheme]
	}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(via.Hostname(), port))
	if err != nil {
		return nil, err
	}
	if via.Scheme == "https" {
		conn = tls.Client(conn, &tls.Config{ServerName: via.Hostname(), RootCAs: n.roots})
	}
	open, err := openTunnel(conn, via.User, address)
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("by the proxy %s: %w", via.Host, err)
	}
	return open, nil
}

func openTunnel(conn net.Conn, user *url.Userinfo, address string) (net.Conn, error) {
	conn.SetDeadline(time.Now().Add(dialTimeout))
	r := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: address}, Host: address, Header: http.Header{}}
	if user != nil {
		password, _ := user.Password()
		r.Header.Set("Proxy-Authorization", basic(user.Username(), password))
	}
	if err := r.Write(conn); err != nil {
		return nil, err
	}
	in := bufio.NewReader(conn)
	res, err := http.ReadResponse(in, r)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, errors.New(res.Status)
	}
	conn.SetDeadline(time.Time{})
	return &readAhead{Conn: conn, in: in}, nil
}

func basic(user, password string) string { return "Basic " + credentials(user, password) }

func credentials(user, password string) string {
	return base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
}

// readAhead is a connection of which something has been read already.
type readAhead struct {
	net.Conn
	in   *bufio.Reader
	tail []byte // what was read last
}

// tailed is how much of the end is kept: an alert of TLS.
const tailed = 7

func (c *readAhead) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.tail = append(c.tail, p[max(0, n-tailed):n]...)
	c.tail = append(c.tail[:0], c.tail[max(0, len(c.tail)-tailed):]...)
	return n, err
}

// CloseWrite ends one direction, where the connection can.
func (c *readAhead) CloseWrite() error { return closeWrite(c.Conn) }

func closeWrite(c net.Conn) error {
	if half, ok := c.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return c.Close()
}

// join copies both ways until both have ended.
func join(a, b net.Conn) {
	defer a.Close()
	defer b.Close()
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{a, b}, {b, a}} {
		both.Go(func() {
			if _, err := io.Copy(way[0], way[1]); err != nil {
				a.Close()
				b.Close()
				return
			}
			_ = closeWrite(way[0]) // it may have ended
		})
	}
	both.Wait()
}
