package server

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/why403/why403/internal/sigv4"
)

// raw opens a connection and sends the head of a signed PUT of that many bytes.
func (g *rig) raw(target string, length int64) (net.Conn, *bufio.Reader) {
	g.t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(g.http.URL, "http://"))
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { c.Close() })
	r := g.request("PUT", target, "")
	sigv4.Signer{Credential: admin, Region: "us-east-1"}.Sign(r, g.now(), sigv4.UnsignedPayload)
	fmt.Fprintf(c, "PUT %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n", target, r.Host, length)
	for name, values := range r.Header {
		fmt.Fprintf(c, "%s: %s\r\n", name, values[0])
	}
	fmt.Fprint(c, "\r\n")
	return c, bufio.NewReader(c)
}

// leftovers counts the files below the data folder's blobs and tmp.
func (g *rig) leftovers() (n int) {
	g.t.Helper()
	for _, dir := range []string{"blobs", "tmp"} {
		err := filepath.WalkDir(filepath.Join(g.dir, dir), func(_ string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				n++
			}
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		})
		if err != nil {
			g.t.Fatal(err)
		}
	}
	return n
}

// noFiles waits until nothing is left behind.
func (g *rig) noFiles() {
	g.t.Helper()
	for range 300 {
		if g.leftovers() == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	g.t.Errorf("%d files are left", g.leftovers())
}

// A client that stops sending, or trickles, is answered RequestTimeout, and leaves
// nothing; one that is slow and goes on is served.
func TestSlowBodies(t *testing.T) {
	g := newRig(t, func(c *Config) { c.Patience = 300 * time.Millisecond })
	for name, trickle := range map[string]int{"stalled": 0, "trickling": 1} {
		t.Run(name, func(t *testing.T) {
			c, answer := g.raw("/reports/slow", 10<<20)
			if _, err := c.Write(make([]byte, 1<<20)); err != nil {
				t.Fatal(err)
			}
			done := make(chan struct{})
			var trickling sync.WaitGroup
			trickling.Go(func() {
				for i := 0; trickle > 0 && i < 100; i++ {
					select {
					case <-done:
						return
					case <-time.After(50 * time.Millisecond):
						if _, err := c.Write(make([]byte, trickle)); err != nil {
							return
						}
					}
				}
			})
			res, err := http.ReadResponse(answer, nil)
			close(done)
			trickling.Wait()
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(res.Body)
			res.Body.Close()
			if res.StatusCode != 400 || !strings.Contains(string(body), "<Code>RequestTimeout</Code>") {
				t.Errorf("got %s %s", res.Status, body)
			}
		})
	}
	g.noFiles()
	c, answer := g.raw("/reports/steady", 40<<10)
	for range 20 {
		time.Sleep(50 * time.Millisecond)
		if _, err := c.Write(make([]byte, 2<<10)); err != nil {
			t.Fatal(err)
		}
	}
	if res, err := http.ReadResponse(answer, nil); err != nil || res.StatusCode != 200 {
		t.Errorf("got %v, %v, want 200 for a client that took three timeouts' time", res, err)
	}
}

// An upload whose client goes away leaves nothing.
func TestAbortedUploads(t *testing.T) {
	g := newRig(t, nil)
	for range 20 {
		c, _ := g.raw("/reports/gone", 10<<20)
		if _, err := c.Write(make([]byte, 300<<10)); err != nil {
			t.Fatal(err)
		}
		c.Close()
	}
	g.noFiles()
	g.want(g.do(admin, "GET", "/reports/gone", ""), 404, "NoSuchKey")
}

// A thousand connections that say nothing, and a hundred that never end their header,
// keep nobody from being served.
func TestIdleConnections(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/reports/k", "hello"), 200, "")
	for i := range 1100 {
		c, err := net.Dial("tcp", strings.TrimPrefix(g.http.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if i%11 == 0 {
			fmt.Fprint(c, "GET /reports/k HTTP/1.1\r\nX-Slow: ")
		}
	}
	for range 20 {
		if a := g.want(g.do(admin, "GET", "/reports/k", ""), 200, ""); a.body != "hello" {
			t.Errorf("got %q", a.body)
		}
	}
}

// A header that never ends closes its connection.
func TestSlowHeaders(t *testing.T) {
	g := newRig(t, nil)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := g.server.httpServer()
	if h.ReadHeaderTimeout <= 0 || h.IdleTimeout <= 0 || h.MaxHeaderBytes <= 0 {
		t.Fatalf("no limits: %+v", h)
	}
	h.ReadHeaderTimeout = 200 * time.Millisecond
	go h.Serve(listener)
	defer h.Close()
	c, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprint(c, "GET / HTTP/1.1\r\nX: ")
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.ReadAll(c); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the connection is still open")
	}
}

// At the end requests under way are finished, and new connections refused.
func TestGracefulShutdown(t *testing.T) {
	g := newRig(t, nil)
	ctx, stop := context.WithCancel(t.Context())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- g.server.Serve(ctx, listener) }()
	g.http.URL = "http://" + listener.Addr().String()
	c, answer := g.raw("/reports/late", 10)
	if _, err := c.Write([]byte("01234")); err != nil {
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond) // the request is under way
	stop()
	for i := 0; ; i++ {
		if fresh, err := net.Dial("tcp", listener.Addr().String()); err != nil {
			break
		} else if fresh.Close(); i == 500 {
			t.Fatal("new connections are still taken")
		}
		time.Sleep(10 * time.Millisecond)
	}
	if _, err := c.Write([]byte("56789")); err != nil {
		t.Fatal(err)
	}
	if res, err := http.ReadResponse(answer, nil); err != nil || res.StatusCode != 200 {
		t.Errorf("got %v, %v", res, err)
	}
	if err := <-done; err != nil {
		t.Errorf("Serve: %v", err)
	}
}

// Keys and buckets are names, not paths: nothing outside of the data folder is made or
// read, whatever they say.
func TestNoTraversal(t *testing.T) {
	g := newRig(t, nil)
	outside := filepath.Join(filepath.Dir(g.dir), "outside.txt")
	if err := os.WriteFile(outside, []byte("not yours"), 0o600); err != nil {
		t.Fatal(err)
	}
	big := strings.Repeat("x", 50_000)
	for _, key := range []string{"../outside.txt", "..%2Foutside.txt", "%2e%2e/%2e%2e/outside.txt", "..%5C..%5Coutside.txt", "%2Fetc%2Fpasswd", "a/../../../outside.txt",
		"state.db", "../state.db", "blobs/../lock", ".", "..", "%00/../x", "tmp%2F..%2F..%2Foutside.txt"} {
		for _, body := range []string{"small", big} {
			g.send(g.signedRaw("PUT", "/reports/"+key, body))
			if a := g.send(g.signedRaw("GET", "/reports/"+key, "")); a.StatusCode == 200 && a.body != body {
				t.Errorf("GET %s: %d bytes that nobody put", key, len(a.body))
			}
		}
		for _, bucket := range []string{"..", "%2e%2e", "..%2F..", "blobs%2F..", "."} {
			if a := g.send(g.signedRaw("PUT", "/"+bucket, "")); a.StatusCode < 400 {
				t.Errorf("PUT /%s: %s", bucket, a.Status)
			}
		}
	}
	if b, err := os.ReadFile(outside); err != nil || string(b) != "not yours" {
		t.Errorf("the file outside holds %q, %v", b, err)
	}
	entries, err := os.ReadDir(g.dir)
	if err != nil {
		t.Fatal(err)
	}
	own := regexp.MustCompile(`^(lock|state\.db(-wal|-shm)?|blobs|tmp|master.*|vault.*|keys.*)$`)
	for _, e := range entries {
		if !own.MatchString(e.Name()) {
			t.Errorf("%s was made in the data folder", e.Name())
		}
	}
	named := regexp.MustCompile(`^[0-9a-f]{32}$`)
	err = filepath.WalkDir(filepath.Join(g.dir, "blobs"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !named.MatchString(d.Name()) {
			t.Errorf("file %s has not a name of ours", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// signedRaw signs a request whose target goes over the wire as it is.
func (g *rig) signedRaw(method, target, body string) *http.Request {
	g.t.Helper()
	r := g.request(method, "/", body)
	r.URL.Opaque = target
	sigv4.Signer{Credential: admin, Region: "us-east-1"}.Sign(r, g.now(), hashOf(body))
	return r
}

// The figures count what was done, by labels that no client chooses.
func TestMetrics(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/reports/k", "hello"), 200, "")
	g.want(g.do(admin, "GET", "/reports/k", ""), 200, "")
	g.want(g.do(nobody, "GET", "/reports/k", ""), 403, "AccessDenied")
	g.do(admin, "BREW", "/reports/k?made-up=1", "")
	a := g.want(g.do(nouser, "GET", "/_why403/metrics", ""), 200, "")
	for _, want := range []string{
		`why403_requests_total{operation="PutObject",service="s3",status="200"} 1`,
		`why403_requests_total{operation="GetObject",service="s3",status="200"} 1`,
		`why403_requests_total{operation="GetObject",service="s3",status="403"} 1`,
		`why403_decisions_total{gate="identity",verdict="denied"} 1`,
		`why403_decisions_total{gate="",verdict="allowed"} 2`,
		`why403_request_duration_seconds_count{operation="GetObject",service="s3"} 2`,
		`why403_received_bytes_total 5`,
		`why403_requests_under_way 1`,
		`why403_store_writes_waiting 0`,
	} {
		if !strings.Contains(a.body, "\n"+want+"\n") {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(a.body, "BREW") || strings.Contains(a.body, "made-up") {
		t.Error("a label holds what a client chose")
	}
	if a := g.want(g.do(nouser, "GET", "/_why403/healthz", ""), 200, ""); a.body != "ok\n" {
		t.Errorf("got %q", a.body)
	}
	g.want(g.do(admin, "PUT", "/metrics", ""), 200, "")
	g.want(g.do(admin, "PUT", "/healthz", ""), 200, "")
	g.want(g.do(admin, "PUT", "/metrics/healthz", "x"), 200, "")
}

// "The PUT request header is limited to 8 KB in size" ("Working with object metadata").
func TestHeaderSection(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/reports/k", "x", "X-Amz-Meta-A", strings.Repeat("a", 2040)), 200, "")
	g.want(g.do(admin, "PUT", "/reports/k", "x", "X-Amz-Meta-A", strings.Repeat("a", 4000)), 400, "MetadataTooLarge")
	g.want(g.do(admin, "PUT", "/reports/k", "x", "X-Amz-Meta-A", strings.Repeat("a", 9000)), 400, "RequestHeaderSectionTooLarge")
	g.want(g.do(admin, "PUT", "/reports/"+strings.Repeat("k", 9000), "x"), 400, "KeyTooLongError")
}
