package cli

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// certificate writes a certificate for 127.0.0.1, signed by itself.
func certificate(t *testing.T, dir string) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: pkcs}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool = x509.NewCertPool()
	pool.AddCert(parsed)
	return cert, key, pool
}

// With --tls-cert the endpoint speaks TLS, and HTTP/1.1 as S3 does; a log of JSON
// holds one object a line; /metrics is to be had on an address of its own.
func TestServeTLS(t *testing.T) {
	cert, key, pool := certificate(t, t.TempDir())
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	figures := free.Addr().String()
	free.Close()
	s := serve(t, "--tls-cert", cert, "--tls-key", key, "--log-format", "json", "--metrics-listen", figures)
	if !strings.HasPrefix(s.url, "https://127.0.0.1:") || !strings.Contains(s.out.String(), "export AWS_ENDPOINT_URL="+s.url+" ") {
		t.Fatalf("%s\n%s", s.url, s.out.String())
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true, DisableKeepAlives: true}}
	res, err := client.Get(s.url + "/bucket/key?X-Amz-Signature=secret")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 403 && res.StatusCode != 404 && res.StatusCode != 400 || res.ProtoMajor != 1 {
		t.Errorf("got %s %s", res.Proto, res.Status)
	}
	found := logged(t, s, res.Header.Get("X-Amz-Request-Id"))
	if found["msg"] != "request" || found["status"] != float64(res.StatusCode) || found["method"] != "GET" || strings.Contains(found["target"].(string), "secret") {
		t.Errorf("got %v", found)
	}
	body := fetch(t, "http://"+figures+"/metrics")
	if !regexp.MustCompile(`(?m)^why403_requests_total\{operation="GetObject",service="s3",status="\d+"\} 1$`).MatchString(body) {
		t.Errorf("no such request in\n%s", body)
	}
	if got := fetch(t, "http://"+figures+"/healthz"); got != "ok\n" {
		t.Errorf("/healthz: %q", got)
	}
}

// logged returns the entry of a request, once it is there.
func logged(t *testing.T, s *served, id string) map[string]any {
	t.Helper()
	for range 200 {
		lines := bufio.NewScanner(strings.NewReader(s.stderr.String()))
		for lines.Scan() {
			var entry map[string]any
			if json.Unmarshal(lines.Bytes(), &entry) == nil && entry["requestId"] == id && entry["msg"] == "request" {
				return entry
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("no entry of %s in\n%s", id, s.stderr.String())
	return nil
}

func fetch(t *testing.T, url string) string {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Keys of why403's own making may be served to other machines.
func TestServeOpen(t *testing.T) {
	s := serve(t, "--listen", "0.0.0.0:0")
	if !strings.Contains(s.stderr.String(), "warning: requests come in the clear") {
		t.Errorf("no warning in\n%s", s.stderr.String())
	}
}

func TestWeakness(t *testing.T) {
	for secret, want := range map[string]string{
		"":      "is not stated",
		"short": "is shorter than 40 characters",
		"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY":   "is an example's",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": "is not random",
		"reader/Secret+Key00000000000000000000001":   "is not random",
		"q8Zt3nVw1Kx7Lr5Yb9Jm2Pf6Hs4Dg0Tc+Ue/Ai8o":   "",
	} {
		if got := weakness(activeKey{id: "AKIA1", secret: secret}); got != want {
			t.Errorf("%q: got %q, want %q", secret, got, want)
		}
	}
	if got := weakness(activeKey{id: "AKIAIOSFODNN7EXAMPLE", secret: "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"}); got == "" {
		t.Error("the key of AWS's manuals is taken for a real one")
	}
}
