package server

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/internal/store"
)

// dial opens a connection, and begins on it a signed upload of size bytes.
func (g *rig) dial(target string, size int) net.Conn {
	g.t.Helper()
	r := g.request("PUT", target, "")
	r.ContentLength = int64(size)
	sigv4.Signer{Credential: admin, Region: "us-east-1"}.Sign(r, g.now(), "UNSIGNED-PAYLOAD")
	c, err := net.Dial("tcp", g.http.Listener.Addr().String())
	if err != nil {
		g.t.Fatal(err)
	}
	fmt.Fprintf(c, "PUT %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n", target, r.URL.Host, size)
	r.Header.Write(c)
	io.WriteString(c, "\r\n")
	return c
}

// files are those of the data folder, the database apart.
func (g *rig) files() (names []string) {
	filepath.WalkDir(g.dir, func(path string, d fs.DirEntry, err error) error {
		if base := filepath.Base(path); err == nil && d.Type().IsRegular() && !strings.Contains(base, "sqlite") && !strings.Contains(base, ".db") {
			names = append(names, path)
		}
		return nil
	})
	return names
}

// A client that falls silent within its body is told so, as S3 does, and one that goes is not. Neither leaves an object,
// a file or a goroutine.
func TestUnfinishedUploads(t *testing.T) {
	g := newRig(t, func(c *Config) { c.Patience = 300 * time.Millisecond })
	g.want(g.do(admin, "PUT", "/reports/k", "x"), 200, "")
	before, routines := g.files(), runtime.NumGoroutine()

	silent := g.dial("/reports/silent", mebibyte)
	io.WriteString(silent, fiveMiB[:mebibyte/2])
	res, err := http.ReadResponse(bufio.NewReader(silent), nil)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	silent.Close()
	if res.StatusCode != 400 || !strings.Contains(string(body), "<Code>RequestTimeout</Code>") {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	for range 20 {
		c := g.dial("/reports/gone", 6*mebibyte)
		io.WriteString(c, fiveMiB)
		c.Close()
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if fmt.Sprint(g.files()) == fmt.Sprint(before) && runtime.NumGoroutine() <= routines+3 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("left: %v, before %v; %d goroutines, before %d", g.files(), before, runtime.NumGoroutine(), routines)
		}
	}
	page, err := g.store.List(context.Background(), store.ListQuery{Bucket: "reports", Limit: 10})
	if err != nil || len(page.Objects) != 2 { // k, and the seed's
		t.Errorf("%v %v", page.Objects, err)
	}
}

// A client that takes its time, but moves, is served to the end: the time is that of silence, not of the request.
func TestSlowUpload(t *testing.T) {
	g := newRig(t, func(c *Config) { c.Patience = 400 * time.Millisecond })
	c := g.dial("/reports/slow", 10*leastProgress)
	defer c.Close()
	for range 10 {
		time.Sleep(100 * time.Millisecond)
		io.WriteString(c, fiveMiB[:leastProgress])
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("%v %v", res, err)
	}
	if a := g.want(g.do(admin, "GET", "/reports/slow", ""), 200, ""); a.body != strings.Repeat(fiveMiB[:leastProgress], 10) {
		t.Errorf("%d bytes are not what was sent", len(a.body))
	}
}

// A client that does not take the answer holds nothing for longer than its time.
func TestUnreadAnswer(t *testing.T) {
	g := newRig(t, func(c *Config) { c.Patience = 300 * time.Millisecond })
	g.want(g.do(admin, "PUT", "/public-site/large", strings.Repeat(fiveMiB, 6)), 200, "")
	routines := runtime.NumGoroutine()
	c, err := net.Dial("tcp", g.http.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "GET /public-site/large HTTP/1.1\r\nHost: %s\r\n\r\n", g.http.Listener.Addr())
	b := make([]byte, 1)
	if _, err := c.Read(b); err != nil { // it begins
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > routines+1; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, before %d", runtime.NumGoroutine(), routines)
		}
	}
}
