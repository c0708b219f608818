package proxy

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Without the password nothing passes, and nothing is opened.
func TestForwardNeedsItsPassword(t *testing.T) {
	origin := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("reached") }))
	defer origin.Close()
	s := byMITM(t, origin)
	other := origin.Listener.Addr().String()
	for _, header := range []string{"", "Proxy-Authorization: Basic d2h5NDAzOg==\n", "Proxy-Authorization: " + strings.ToLower(basic("why403", s.forward.secret)) + "\n"} {
		for _, line := range []string{"CONNECT " + host + ":443", "CONNECT " + other, "GET http://" + other + "/", "GET http://" + host + "/", "GET /"} {
			res := s.ask(dial(t, s.address), line+" HTTP/1.1\nHost: x\n"+header+"\n", "GET")
			if res.StatusCode != http.StatusProxyAuthRequired || res.Header.Get("Proxy-Authenticate") == "" {
				t.Errorf("%s with %q: %v", line, header, res)
			}
		}
	}
}

// What is not S3 is tunnelled byte for byte, each direction to its own end; plain HTTP
// passes with all headers but those of the hop.
func TestForwardLeavesOthersAlone(t *testing.T) {
	echo, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Close()
	go func() {
		c, err := echo.Accept()
		if err != nil {
			return
		}
		all, _ := io.ReadAll(c) // until the other direction has ended
		c.Write(append([]byte("got "), all...))
		c.Close()
	}()
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, r.RequestURI, " ", r.Host, r.Header["X-Forwarded-For"], r.Header["Proxy-Authorization"])
	}))
	defer origin.Close()
	s := byMITM(t, origin)
	c := s.tunnel(echo.Addr().String())
	io.WriteString(c, "\x00any bytes")
	c.(*net.TCPConn).CloseWrite()
	if got, err := io.ReadAll(c); string(got) != "got \x00any bytes" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	address := origin.Listener.Addr().String()
	res := s.ask(dial(t, s.address), "GET http://"+address+"/a;b?c;d HTTP/1.1\nHost: "+address+"\nX-Forwarded-For: 192.0.2.1\nProxy-Authorization: "+basic("why403", s.forward.secret)+"\n\n", "GET")
	if got, _ := io.ReadAll(res.Body); string(got) != "/a;b?c;d "+address+"[192.0.2.1] []" {
		t.Errorf("plain HTTP arrives as %q", got)
	}
	if len(s.told()) > 0 || s.passed > 0 {
		t.Errorf("told of %v, %d", s.told(), s.passed)
	}
	if res := s.ask(dial(t, s.address), "CONNECT 127.0.0.1:1 HTTP/1.1\nHost: 127.0.0.1:1\nProxy-Authorization: "+basic("why403", s.forward.secret)+"\n\n", "CONNECT"); res.StatusCode != http.StatusBadGateway {
		t.Errorf("nobody there: %v", res)
	}
}

// A client that can do either gets HTTP/1.1, one that knows HTTP/2 alone the alert that
// S3 gives it; plain HTTP is taken, in a tunnel and without.
func TestForwardProtocols(t *testing.T) {
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Host, r.RequestURI) }))
	defer origin.Close()
	s := byMITM(t, origin)
	c := s.secure(s.tunnel(host+":443"), &tls.Config{ServerName: host, RootCAs: s.roots(), NextProtos: []string{"h2", "http/1.1"}})
	if p := c.(*tls.Conn).ConnectionState().NegotiatedProtocol; p != "http/1.1" {
		t.Errorf("speaks %q", p)
	}
	only := tls.Client(s.tunnel(host+":443"), &tls.Config{ServerName: host, RootCAs: s.roots(), NextProtos: []string{"h2"}})
	if err := only.Handshake(); err == nil || !strings.Contains(err.Error(), "no application protocol") {
		t.Errorf("HTTP/2 alone: %v", err)
	}
	for _, c := range []net.Conn{c, s.tunnel(host + ":80")} {
		if body, _ := io.ReadAll(s.ask(c, "GET /k HTTP/1.1\nHost: $HOST\n\n", "GET").Body); string(body) != host+"/k" {
			t.Errorf("answered %q", body)
		}
	}
	res := s.ask(dial(t, s.address), "GET http://$HOST/k HTTP/1.1\nHost: $HOST\nProxy-Authorization: "+basic("why403", s.forward.secret)+"\n\n", "GET")
	if body, _ := io.ReadAll(res.Body); string(body) != host+"/k" || s.passed != 3 {
		t.Errorf("answered %q, %d passed", body, s.passed)
	}
}

// A program that brings its own authorities is told of once, and left alone from then
// on.
func TestForwardDistrusted(t *testing.T) {
	address := make(chan string, 1)
	upstream, err := net.Listen("tcp", "127.0.0.1:0") // the proxy that was set before
	if err != nil {
		t.Fatal(err)
	}
	defer upstream.Close()
	go func() {
		c, err := upstream.Accept()
		if err != nil {
			return
		}
		r, _ := http.ReadRequest(bufio.NewReader(c))
		address <- r.Host
		c.Close()
	}()
	origin := httptest.NewServer(http.NotFoundHandler())
	defer origin.Close()
	s := byMITM(t, origin)
	s.forward.Network, err = NewNetwork(func(name string) string {
		if name == "HTTPS_PROXY" {
			return "http://" + upstream.Addr().String()
		}
		return ""
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := tls.Client(s.tunnel(host+":443"), &tls.Config{ServerName: host, RootCAs: x509.NewCertPool()}).Handshake(); err == nil {
		t.Fatal("trusted")
	}
	s.until(func() bool { return len(s.distrusted) > 0 }) // the alert has come
	s.ask(dial(t, s.address), "CONNECT $HOST:443 HTTP/1.1\nHost: $HOST:443\nProxy-Authorization: "+basic("why403", s.forward.secret)+"\n\n", "CONNECT")
	if got := <-address; got != host+":443" || !slices.Equal(s.distrusted, []string{host}) {
		t.Errorf("tunnelled to %q, distrusted %v", got, s.distrusted)
	}
}

// The authority speaks for its domains alone, also to whom trusts it.
func TestAuthority(t *testing.T) {
	names, _ := NewHosts().Domains()
	a, err := NewAuthority(names, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := NewAuthority([]string{"minio.example"}, []net.IP{net.ParseIP("192.0.2.1")})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		a    *Authority
		host string
		ok   bool
	}{
		{a, "b.s3.eu-west-1.amazonaws.com", true}, {a, "s3.cn-north-1.amazonaws.com.cn", true}, {a, "example.com", false}, {a, "192.0.2.1", false},
		{a, "amazonaws.com.evil.example", false}, {a, "evilamazonaws.com", false}, {b, "b.minio.example", true}, {b, "192.0.2.1", true}, {b, "192.0.2.2", false}, {b, "s3.amazonaws.com", false},
	} {
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(test.a.PEM)
		c, err := test.a.Certificate(test.host)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(c.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := leaf.Verify(x509.VerifyOptions{DNSName: test.host, Roots: pool}); (err == nil) != test.ok {
			t.Errorf("%s: %v, want %v", test.host, err, test.ok)
		}
	}
	if strings.Contains(string(a.PEM), "PRIVATE") || strings.Count(string(a.PEM), "BEGIN CERTIFICATE") != 1 {
		t.Errorf("what is written is not one certificate:\n%s", a.PEM)
	}
}

func TestHosts(t *testing.T) {
	h := NewHosts("https://minio.example:9000/base", "http://127.0.0.1:9000", "")
	for name, want := range map[string]bool{
		"s3.amazonaws.com": true, "s3.amazonaws.com:443": true, "S3.Amazonaws.com.": true, "b.s3.eu-west-1.amazonaws.com": true, "a.b.s3.amazonaws.com": true,
		"b.s3-eu-west-1.amazonaws.com": true, "b.s3.dualstack.eu-west-1.amazonaws.com": true, "b.s3-fips.us-east-1.amazonaws.com": true, "b.s3-fips.dualstack.us-east-1.amazonaws.com": true,
		"b.s3-accelerate.amazonaws.com": true, "b.s3-accelerate.dualstack.amazonaws.com": true, "ap-111122223333.s3-accesspoint.eu-west-1.amazonaws.com": true,
		"111122223333.s3-control.eu-west-1.amazonaws.com": true, "m.mrap.accesspoint.s3-global.amazonaws.com": true, "b--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com": true,
		"s3express-control.us-east-1.amazonaws.com": true, "bucket.vpce-1a2b3c4d-5e6f.s3.us-east-1.vpce.amazonaws.com": true, "b.s3.cn-north-1.amazonaws.com.cn": true,
		"b.s3.eusc-de-east-1.amazonaws.eu": true, "sts.amazonaws.com": true, "sts.eu-west-1.amazonaws.com": true, "sts-fips.us-east-1.amazonaws.com": true, "sts.eu-west-1.api.aws": true,
		"kms.eu-west-1.amazonaws.com": true, "site.s3-website-us-east-1.amazonaws.com": true, "minio.example:9000": true, "b.minio.example": true, "127.0.0.1:9000": true,
		"dynamodb.eu-west-1.amazonaws.com": false, "portal.sso.eu-west-1.amazonaws.com": false, "s3.example.com": false, "amazonaws.com": false, "s3.amazonaws.com.evil.example": false,
		"evils3.amazonaws.com": false, "s3tables.us-east-1.amazonaws.com": false, "s3.eu-west-1.elb.amazonaws.com": false, "example": false, "": false, "169.254.169.254": false, "aminio.example": false,
	} {
		if got := h.Contain(name); got != want {
			t.Errorf("%q: %v, want %v", name, got, want)
		}
	}
}

// NO_PROXY keeps what leads past the proxy to other hosts alone.
func TestDirect(t *testing.T) {
	const own = "169.254.169.254,169.254.170.2,169.254.170.23,[fd00:ec2::254],[fd00:ec2::23]"
	local := own + ",localhost,127.0.0.1,::1"
	h := NewHosts()
	for set, want := range map[string]string{
		"": local, "*": local, ".amazonaws.com": local, "amazonaws.com, example.com": local + ",example.com", "com": local, "*.s3.amazonaws.com": local,
		"s3.eu-west-1.amazonaws.com:443": local, "10.0.0.0/8,intranet": local + ",10.0.0.0/8,intranet",
	} {
		if got := h.Direct(set); got != want {
			t.Errorf("%q: %s\nwant %s", set, got, want)
		}
	}
	if got := NewHosts("http://127.0.0.1:9000").Direct("127.0.0.1"); got != own+",localhost,::1" {
		t.Errorf("an endpoint of this machine: %s", got)
	}
}

// The program's own bundle takes the place of the system's authorities; others come to
// them.
func TestNetworkTrust(t *testing.T) {
	a, err := NewAuthority([]string{"example.com"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	bundle := filepath.Join(t.TempDir(), "b.pem")
	if err := os.WriteFile(bundle, a.PEM, 0o600); err != nil {
		t.Fatal(err)
	}
	none := func(string) string { return "" }
	if _, err := NewNetwork(none, bundle+".none"); err == nil || !strings.Contains(err.Error(), "b.pem.none") {
		t.Errorf("a bundle that is not there: %v", err)
	}
	only := x509.NewCertPool()
	only.AppendCertsFromPEM(a.PEM)
	system, err := x509.SystemCertPool()
	if err != nil {
		t.Skip("this system has no authorities that Go finds, so that they cannot be compared: ", err)
	}
	system.AppendCertsFromPEM(a.PEM)
	for _, test := range []struct {
		files []string
		want  *x509.CertPool
	}{{[]string{bundle, "/none"}, only}, {[]string{"", bundle, "/none"}, system}} {
		n, err := NewNetwork(none, test.files[0], test.files[1:]...)
		if err != nil {
			t.Fatal(err)
		}
		if !n.roots.Equal(test.want) || n.Transport().TLSClientConfig.RootCAs != n.roots {
			t.Errorf("%v: other authorities than the files'", test.files)
		}
	}
	if n, _ := NewNetwork(none, ""); n.roots != nil {
		t.Error("without a file: not the system's authorities")
	}
	if !only.AppendCertsFromPEM(WellKnownAuthorities()) {
		t.Error("Mozilla's authorities are none")
	}
}

// Tunnels go by the proxy that was set before, but where NO_PROXY leaves it out.
func TestNetworkDial(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "direct") }))
	defer server.Close()
	address := server.Listener.Addr().String()
	via := func(scheme string, serve func(net.Conn)) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close()
			serve(c)
		}()
		return scheme + "://u:p%40@" + l.Addr().String()
	}
	ask := func(env map[string]string, to string) string {
		n, err := NewNetwork(func(name string) string { return env[name] }, "")
		if err != nil {
			t.Fatal(err)
		}
		c, err := n.Dial(t.Context(), to)
		if err != nil {
			return err.Error()
		}
		defer c.Close()
		io.WriteString(c, "GET / HTTP/1.0\r\n\r\n")
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			return err.Error()
		}
		body, _ := io.ReadAll(res.Body)
		return string(body)
	}
	connect := func(c net.Conn) {
		r, err := http.ReadRequest(bufio.NewReader(c))
		if err != nil || r.Host != "aws.example:443" || r.Header.Get("Proxy-Authorization") != basic("u", "p@") {
			io.WriteString(c, "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
			return
		}
		io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\nHTTP/1.0 200 OK\r\n\r\nby the proxy") // at once, as some servers speak first
	}
	socks := func(c net.Conn) { // RFC 1928 and 1929
		b := make([]byte, 64)
		c.Read(b)
		c.Write([]byte{5, 2})
		c.Read(b)
		c.Write([]byte{1, 0})
		n, _ := c.Read(b)
		c.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
		c.Read(make([]byte, 64))
		fmt.Fprintf(c, "HTTP/1.0 200 OK\r\n\r\n%s", b[5:n-2])
	}
	if got := ask(map[string]string{"https_proxy": via("http", connect)}, "aws.example:443"); got != "by the proxy" {
		t.Errorf("HTTP: %s", got)
	}
	if got := ask(map[string]string{"ALL_PROXY": via("socks5", socks)}, "aws.example:443"); got != "aws.example" {
		t.Errorf("SOCKS: %s", got)
	}
	if got := ask(map[string]string{"HTTPS_PROXY": "http://127.0.0.1:1", "NO_PROXY": "127.0.0.1"}, address); got != "direct" {
		t.Errorf("NO_PROXY: %s", got)
	}
	refused := via("http", func(c net.Conn) {
		http.ReadRequest(bufio.NewReader(c))
		io.WriteString(c, "HTTP/1.1 403 Forbidden\r\n\r\n")
	})
	if got := ask(map[string]string{"HTTPS_PROXY": refused}, "aws.example:443"); !strings.Contains(got, "by the proxy 127.0.0.1") || !strings.Contains(got, "403") || strings.Contains(got, "p%40") {
		t.Errorf("refused: %s", got)
	}
}
