package proxy

import (
	"crypto/tls"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/why403/why403/internal/sigv4"
)

var streamed = flag.Int64("bytes", 256<<20, "bytes that TestMemoryIsFlat streams each way")

// zeros is an endless body.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// client is an HTTP client of a program behind the stand.
func (s *stand) client() (c *http.Client, base string) {
	if s.forward == nil {
		return &http.Client{Transport: &http.Transport{}}, "http://" + s.address
	}
	u, _ := url.Parse(s.forward.URL(s.address))
	return &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(u), TLSClientConfig: &tls.Config{RootCAs: s.roots()}}}, "https://" + host
}

// Bodies of any length pass in the same memory: what this process holds at its most,
// program, proxy and origin together.
func TestMemoryIsFlat(t *testing.T) {
	origin := func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		if r.Method == http.MethodGet {
			n, err = io.CopyN(w, zeros{}, *streamed)
		}
		if err != nil || n < *streamed {
			t.Errorf("%s: %d bytes, %v", r.Method, n, err)
		}
	}
	bothWays(t, origin, func(t *testing.T, s *stand) {
		c, base := s.client()
		runtime.GC()
		var before runtime.MemStats
		runtime.ReadMemStats(&before)
		peak, stop := watchHeap()
		for _, r := range []*http.Request{
			must(http.NewRequest("GET", base+"/b/k", nil)), must(http.NewRequest("PUT", base+"/b/k", io.LimitReader(zeros{}, *streamed))), chunkedUpload(base),
		} {
			if r.ContentLength == 0 && r.Body != nil {
				r.ContentLength = *streamed
			}
			res, err := c.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			if n, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != 200 || r.Method == "GET" && n != *streamed {
				t.Errorf("%s: %d bytes, %v, %v", r.Method, n, err, res.Status)
			}
		}
		stop()
		if grown := peak.Load() - int64(before.HeapAlloc); grown > 32<<20 {
			t.Errorf("the heap grew by %d MiB", grown>>20)
		} else {
			t.Logf("the heap grew by %d KiB at most", grown>>10)
		}
	})
}

func must(r *http.Request, err error) *http.Request {
	if err != nil {
		panic(err)
	}
	return r
}

// chunkedUpload is an upload of signed chunks.
func chunkedUpload(base string) *http.Request {
	body, pipe := io.Pipe()
	r := must(http.NewRequest("PUT", base+"/b/chunks", body))
	r.Header.Set("Content-Encoding", "aws-chunked")
	r.Header.Set("X-Amz-Decoded-Content-Length", fmt.Sprint(*streamed))
	at := time.Now()
	w := signer.ChunkWriter(pipe, at, sigv4.StreamingSigned, signer.Sign(r, at, sigv4.StreamingSigned))
	r.ContentLength = -1
	go func() {
		_, err := io.CopyBuffer(struct{ io.Writer }{w}, io.LimitReader(zeros{}, *streamed), make([]byte, 128<<10))
		if err == nil {
			err = w.Close()
		}
		pipe.CloseWithError(err)
	}()
	return r
}

// watchHeap follows the heap until stop.
func watchHeap() (peak *atomic.Int64, stop func()) {
	peak = &atomic.Int64{}
	done, ended := make(chan bool), make(chan bool)
	go func() {
		defer close(ended)
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak.Store(max(peak.Load(), int64(m.HeapAlloc)))
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	return peak, func() { close(done); <-ended }
}

// BenchmarkRequest is what a small signed request costs without a proxy and by both
// ways; over TLS where AWS has it.
func BenchmarkRequest(b *testing.B) {
	origin := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write(make([]byte, 1024)) }))
	defer origin.Close()
	run := func(name string, c *http.Client, base string) {
		b.Run(name, func(b *testing.B) {
			before := cpu()
			for b.Loop() {
				r := must(http.NewRequest("GET", base+"/b/k", nil))
				signer.Sign(r, time.Now(), sigv4.UnsignedPayload)
				res, err := c.Do(r)
				if err != nil || res.StatusCode != 200 {
					b.Fatal(res, err)
				}
				io.Copy(io.Discard, res.Body)
				res.Body.Close()
			}
			b.ReportMetric(float64(cpu()-before)/float64(b.N)/1000, "cpu-µs/op")
		})
	}
	run("direct", origin.Client(), origin.URL)
	for _, name := range []string{"endpoint", "mitm"} {
		c, base := ways[name](b, origin).client()
		run(name, c, base)
	}
}
