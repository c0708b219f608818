package proxy

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// bothWays runs a test before an origin by both ways.
func bothWays(t *testing.T, origin http.HandlerFunc, test func(t *testing.T, s *stand)) {
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			h := httptest.NewServer(origin)
			t.Cleanup(h.Close)
			test(t, way(t, h))
		})
	}
}

// A target is signed as it stands, and so it has to arrive.
func TestTargetsArriveAsTheyAre(t *testing.T) {
	bothWays(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.RequestURI) }, func(t *testing.T, s *stand) {
		for _, target := range []string{
			"/", "/k", "//k", "///", "//evil.example/k", "/a//b/", "/a/../b/./c", "/a%2Fb", "/a%2fb", "/a+b%20c", "/!*'();:@&=,$~-._", "/%E2%82%AC", "/a|b", "/a^b",
			"/?acl", "/?acl=", "/?a=1&a=2&&b", "/?", "/k?x=a/b?c", "/k?q=%zz", "/k?x;y", "/k?response-content-type=a%2Fb%3B+c",
		} {
			res := s.ask(s.dial(), "GET "+target+" HTTP/1.1\nHost: $HOST\n\n", "GET")
			if got, _ := io.ReadAll(res.Body); string(got) != target {
				t.Errorf("%q arrives as %q", target, got)
			}
		}
	})
}

// Headers of one connection end there, those of the request pass in their number and
// order; nothing is added (RFC 9110, section 7.6.1).
func TestHeadersArriveAsTheyAre(t *testing.T) {
	got := make(chan http.Header, 1)
	bothWays(t, func(w http.ResponseWriter, r *http.Request) {
		got <- r.Header.Clone()
		w.Header()["Connection"] = []string{"X-Hop"}
		w.Header()["X-Hop"] = []string{"1"}
		w.Header()["x-amz-meta-Colour"] = []string{"blue"}
	}, func(t *testing.T, s *stand) {
		res := s.ask(s.dial(), "GET /k HTTP/1.1\nHost: $HOST\nConnection: keep-alive, X-Secret\nX-Secret: 1\nTE: trailers\nKeep-Alive: 3\nX-A: 1\nX-A: 2\nX-Empty:\nAccept-Encoding: gzip\n\n", "GET")
		h := <-got
		want := http.Header{"X-A": {"1", "2"}, "X-Empty": {""}, "Accept-Encoding": {"gzip"}}
		if fmt.Sprint(h) != fmt.Sprint(want) {
			t.Errorf("arrived %v, want %v", h, want)
		}
		if res.Header.Get("X-Hop") != "" || res.Header.Get("X-Amz-Meta-Colour") != "blue" {
			t.Errorf("answered %v", res.Header)
		}
	})
}

// Whatever a program sends, the origin never sees two requests where the proxy saw
// one (RFC 9112, section 11.2).
func TestRequestSmuggling(t *testing.T) {
	for _, text := range []string{
		"POST /k HTTP/1.1\nHost: $HOST\nContent-Length: 6\nTransfer-Encoding: chunked\n\n0\n\nGET /hidden HTTP/1.1\nHost: $HOST\n\n",
		"POST /k HTTP/1.1\nHost: $HOST\nTransfer-Encoding: chunked\nContent-Length: 44\n\n0\n\nGET /hidden HTTP/1.1\nHost: $HOST\n\n",
		"POST /k HTTP/1.1\nHost: $HOST\nContent-Length: 0\nContent-Length: 40\n\nGET /hidden HTTP/1.1\nHost: $HOST\n\n",
		"POST /k HTTP/1.1\nHost: $HOST\nContent-Length: +0\n\nGET /hidden HTTP/1.1\nHost: $HOST\n\n",
		"POST /k HTTP/1.1\nHost: $HOST\nTransfer-Encoding: xchunked\nContent-Length: 3\n\nGET /hidden HTTP/1.1\nHost: $HOST\n\n",
		"POST /k HTTP/1.1\nHost: $HOST\nTransfer-Encoding: chunked, identity\n\n0\n\nGET /hidden HTTP/1.1\nHost: $HOST\n\n",
		"POST /k HTTP/1.1\nHost: $HOST\nTransfer-Encoding : chunked\n\n0\n\nGET /hidden HTTP/1.1\nHost: $HOST\n\n",
		"GET /k HTTP/1.1\nHost: $HOST\nX: a\n Content-Length: 40\n\nGET /hidden HTTP/1.1\nHost: $HOST\n\n",
		"GET /k HTTP/1.1\nHost: $HOST\nHost: other\n\n",
		"GET /k\tHTTP/1.1\nHost: $HOST\n\n",
		"GET /k HTTP/1.1\nHost: $HOST\nConnection: Content-Length\nContent-Length: 3\n\nabc",
	} {
		var mu = make(chan struct{}, 1)
		var seen []string
		bothWays(t, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			mu <- struct{}{}
			seen = append(seen, fmt.Sprintf("%s %s %d %q", r.Method, r.RequestURI, r.ContentLength, body))
			<-mu
		}, func(t *testing.T, s *stand) {
			c := s.dial()
			io.WriteString(c, s.request(text))
			in, answers, hidden := bufio.NewReader(c), 0, strings.Count(text, "/hidden")
			for {
				c.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
				res, err := http.ReadResponse(in, nil)
				if err != nil {
					break
				}
				io.Copy(io.Discard, res.Body)
				answers++
			}
			mu <- struct{}{}
			defer func() { seen = nil; <-mu }()
			if len(seen) > answers || answers > 1+hidden {
				t.Errorf("%q: %d answers, the origin saw %v", text, answers, seen)
			}
		})
	}
}

// An upload waits for S3's 100 Continue, and is not sent where S3 refuses it.
func TestExpectContinue(t *testing.T) {
	bothWays(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/refused" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		body, _ := io.ReadAll(r.Body)
		w.Write(body)
	}, func(t *testing.T, s *stand) {
		c := s.dial()
		io.WriteString(c, s.request("PUT /k HTTP/1.1\nHost: $HOST\nContent-Length: 5\nExpect: 100-continue\n\n"))
		in := bufio.NewReader(c)
		if line, err := in.ReadString('\n'); err != nil || line != "HTTP/1.1 100 Continue\r\n" {
			t.Fatalf("%q, %v", line, err)
		}
		in.ReadString('\n')
		io.WriteString(c, "hello")
		res, err := http.ReadResponse(in, nil)
		if err != nil || res.StatusCode != 200 {
			t.Fatalf("%v, %v", res, err)
		}
		if body, _ := io.ReadAll(res.Body); string(body) != "hello" {
			t.Errorf("%q came back", body)
		}
		c = s.dial()
		io.WriteString(c, s.request("PUT /refused HTTP/1.1\nHost: $HOST\nContent-Length: 5\nExpect: 100-continue\n\n"))
		if line, err := bufio.NewReader(c).ReadString('\n'); err != nil || line != "HTTP/1.1 403 Forbidden\r\n" {
			t.Errorf("%q, %v", line, err)
		}
		c = s.dial() // an empty body, which botocore announces as well
		if res := s.ask(c, "PUT /k HTTP/1.1\nHost: $HOST\nContent-Length: 0\nExpect: 100-continue\n\n", "PUT"); res.StatusCode != 100 {
			t.Errorf("status %d", res.StatusCode)
		}
	})
}

func TestTrailersPass(t *testing.T) {
	bothWays(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Trailer", "X-Sum")
		fmt.Fprint(w, "body")
		w.Header().Set("X-Sum", r.Trailer.Get("X-Up"))
	}, func(t *testing.T, s *stand) {
		res := s.ask(s.dial(), "PUT /k HTTP/1.1\nHost: $HOST\nTransfer-Encoding: chunked\nTrailer: X-Up\n\n3\nabc\n0\nX-Up: 17\n\n", "PUT")
		io.Copy(io.Discard, res.Body)
		if res.Trailer.Get("X-Sum") != "17" {
			t.Errorf("trailing fields %v", res.Trailer)
		}
	})
}

// Answers without a body, and with lengths that are no body's.
func TestBodilessAnswers(t *testing.T) {
	bothWays(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/head":
			w.Header().Set("Content-Length", "12345")
		case "/304":
			w.Header().Set("Etag", `"e"`)
			w.WriteHeader(http.StatusNotModified)
		case "/204":
			w.WriteHeader(http.StatusNoContent)
		case "/early":
			w.Header().Set("Link", "</x>")
			w.WriteHeader(http.StatusEarlyHints)
		}
	}, func(t *testing.T, s *stand) {
		c := s.dial() // all on one connection, which shows that each ends where it should
		in := bufio.NewReader(c)
		for _, want := range []struct {
			method, path string
			status       int
			length       int64
		}{{"HEAD", "/head", 200, 12345}, {"GET", "/304", 304, 0}, {"DELETE", "/204", 204, 0}, {"GET", "/early", 200, 0}, {"GET", "/end", 200, 0}} {
			io.WriteString(c, s.request(want.method+" "+want.path+" HTTP/1.1\nHost: $HOST\n\n"))
			res, err := http.ReadResponse(in, &http.Request{Method: want.method})
			if err != nil || res.StatusCode != want.status || max(res.ContentLength, 0) != want.length {
				t.Fatalf("%s %s: %v, %v", want.method, want.path, res, err)
			}
			if body, err := io.ReadAll(res.Body); len(body) > 0 || err != nil {
				t.Errorf("%s %s: body %q, %v", want.method, want.path, body, err)
			}
		}
		if told := s.told(); len(told) > 0 {
			t.Errorf("told of %v", told)
		}
	})
}

// What an upstream leaves off does not look like an end.
func TestUpstreamBreaksOff(t *testing.T) {
	bothWays(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/length" {
			w.Header().Set("Content-Length", "100000")
		}
		w.Write(make([]byte, 50000))
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}, func(t *testing.T, s *stand) {
		for _, path := range []string{"/length", "/chunked"} {
			res := s.ask(s.dial(), "GET "+path+" HTTP/1.1\nHost: $HOST\n\n", "GET")
			if n, err := io.Copy(io.Discard, res.Body); err == nil {
				t.Errorf("%s: %d bytes, and no error", path, n)
			}
		}
	})
}

// A connection that S3 has closed meanwhile is not the program's trouble; where a body
// was on its way already, the program sees a broken connection and tries again, as
// without the proxy.
func TestUpstreamClosesIdle(t *testing.T) {
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) }))
			t.Cleanup(h.Close)
			s := way(t, h)
			c := s.dial()
			for i := range 20 {
				if res := s.ask(c, "GET /k HTTP/1.1\nHost: $HOST\n\n", "GET"); res.StatusCode != 200 {
					t.Fatalf("request %d: status %d", i, res.StatusCode)
				}
				h.CloseClientConnections()
				put := s.dial()
				io.WriteString(put, s.request("PUT /k HTTP/1.1\nHost: $HOST\nContent-Length: 2\n\nab"))
				if res, err := http.ReadResponse(bufio.NewReader(put), nil); err == nil && res.StatusCode != 200 {
					t.Fatalf("upload %d: status %d, %v", i, res.StatusCode, s.refused[0].Unable)
				}
				h.CloseClientConnections()
			}
		})
	}
}

// S3 sends blanks while it completes an upload, without which a client would give up.
func TestAnswersComeAsTheyAreMade(t *testing.T) {
	more := make(chan bool)
	bothWays(t, func(w http.ResponseWriter, r *http.Request) {
		for _, part := range []string{" ", " ", "<Done/>"} {
			io.WriteString(w, part)
			http.NewResponseController(w).Flush()
			<-more
		}
	}, func(t *testing.T, s *stand) {
		res := s.ask(s.dial(), "POST /k?uploadId=1 HTTP/1.1\nHost: $HOST\nContent-Length: 0\n\n", "POST")
		var got []byte
		for _, part := range []string{" ", " ", "<Done/>"} {
			b := make([]byte, len(part))
			if _, err := io.ReadFull(res.Body, b); err != nil {
				t.Fatal(err)
			}
			got = append(got, b...)
			more <- true
		}
		if string(got) != "  <Done/>" {
			t.Errorf("got %q", got)
		}
	})
}

func TestLongHeaders(t *testing.T) {
	bothWays(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/answer" {
			w.Header().Set("X-Long", strings.Repeat("x", 11<<20))
			return
		}
		fmt.Fprint(w, len(r.Header.Get("X-Long")))
	}, func(t *testing.T, s *stand) {
		res := s.ask(s.dial(), "GET / HTTP/1.1\nHost: $HOST\nX-Long: "+strings.Repeat("x", 60<<10)+"\n\n", "GET")
		if body, _ := io.ReadAll(res.Body); string(body) != fmt.Sprint(60<<10) {
			t.Errorf("arrived: %s", body)
		}
		if res := s.ask(s.dial(), "GET /answer HTTP/1.1\nHost: $HOST\n\n", "GET"); res.StatusCode != http.StatusBadGateway {
			t.Errorf("an answer of endless headers: status %d", res.StatusCode)
		}
		c := s.dial()
		go io.Copy(c, bytes.NewReader([]byte(s.request("GET / HTTP/1.1\nHost: $HOST\nX-Long: "+strings.Repeat("x", 2<<20)+"\n\n"))))
		if res, err := http.ReadResponse(bufio.NewReader(c), nil); err == nil && res.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("endless headers: status %d", res.StatusCode)
		}
	})
}

// What cannot be reached is said as an answer, which SDKs show.
func TestUnreachable(t *testing.T) {
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			h := httptest.NewServer(http.NotFoundHandler())
			s := way(t, h)
			h.Close()
			res := s.ask(s.dial(), "GET /k HTTP/1.1\nHost: $HOST\n\n", "GET")
			body, _ := io.ReadAll(res.Body)
			if res.StatusCode != http.StatusBadGateway || !strings.Contains(string(body), "<Code>Why403CannotForward</Code>") || !slices.Equal(s.told(), []int{502}) {
				t.Errorf("status %d, %s, told %v", res.StatusCode, body, s.told())
			}
		})
	}
}
