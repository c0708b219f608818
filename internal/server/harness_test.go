package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/internal/store"
	"github.com/why403/why403/internal/store/embedded"
)

// A rig is an endpoint that tests speak to.
type rig struct {
	t    *testing.T
	dir  string
	http *httptest.Server
	log  *syncBuffer
	now  func() time.Time

	server *Server
	twin   *twin
	store  store.Store
	config func(*Config)
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// newRig starts an endpoint over testdata/estate.yaml and an empty data folder.
func newRig(t *testing.T, config func(*Config)) *rig {
	t.Helper()
	g := &rig{t: t, dir: t.TempDir(), log: &syncBuffer{}, now: time.Now, config: config}
	g.start()
	t.Cleanup(g.stop)
	return g
}

func (g *rig) start() {
	g.t.Helper()
	e, err := estate.Load(filepath.Join("testdata", "estate.yaml"))
	if err != nil {
		g.t.Fatal(err)
	}
	if g.store, err = embedded.Open(g.dir, embedded.Options{}); err != nil {
		g.t.Fatal(err)
	}
	c := Config{Estate: e, Store: g.store, Log: g.log, Now: func() time.Time { return g.now() }}
	if g.config != nil {
		g.config(&c)
	}
	if c.Decider == nil {
		g.twin = newTwin(g.t)
		c.Decider = g.twin
	}
	if g.server, err = New(c); err != nil {
		g.t.Fatal(err)
	}
	g.http = httptest.NewServer(g.server.Handler())
}

func (g *rig) stop() {
	g.http.Close()
	if g.twin != nil {
		g.twin.check(g.server.decisions)
	}
	if err := g.store.Close(); err != nil {
		g.t.Error(err)
	}
	if strings.Contains(g.log.String(), "panic") {
		g.t.Errorf("the endpoint panicked:\n%s", g.log.String())
	}
}

// restart is what a restart of the process does.
func (g *rig) restart() {
	g.t.Helper()
	g.stop()
	g.start()
}

// Credentials of testdata/estate.yaml.
var (
	admin   = sigv4.Credential{AccessKeyID: "AKIAADMIN00000000001", Secret: "admin/Secret+Key000000000000000000000001"}
	reader  = sigv4.Credential{AccessKeyID: "AKIAREADER0000000001", Secret: "reader/Secret+Key00000000000000000000001"}
	nobody  = sigv4.Credential{AccessKeyID: "AKIANOBODY0000000001", Secret: "nobody/Secret+Key00000000000000000000001"}
	partner = sigv4.Credential{AccessKeyID: "AKIAPARTNER000000001", Secret: "partner/Secret+Key0000000000000000000001"}
	root    = sigv4.Credential{AccessKeyID: "AKIAROOT000000000001", Secret: "root/Secret+Key0000000000000000000000001"}
	nouser  = sigv4.Credential{}

	bounded     = sigv4.Credential{AccessKeyID: "AKIABOUNDED000000001", Secret: "bounded/Secret+Key0000000000000000000001"}
	management  = sigv4.Credential{AccessKeyID: "AKIAMANAGER000000001", Secret: "manager/Secret+Key0000000000000000000001"}
	partnerRoot = sigv4.Credential{AccessKeyID: "AKIAPARTNERROOT00001", Secret: "partner-root/Secret+Key000000000000000001"}
)

// An answer is what came back.
type answer struct {
	*http.Response
	body string
}

// code is the error code of an error body.
func (a answer) code() string {
	var e struct{ Code string }
	xml.Unmarshal([]byte(a.body), &e)
	return e.Code
}

func (a answer) message() string {
	var e struct{ Message string }
	xml.Unmarshal([]byte(a.body), &e)
	return e.Message
}

// request makes a request that nobody signed. Headers are name, value, …; "Host"
// sets the Host.
func (g *rig) request(method, target, body string, headers ...string) *http.Request {
	g.t.Helper()
	r, err := http.NewRequest(method, g.http.URL+target, strings.NewReader(body))
	if err != nil {
		g.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// do signs and sends; the zero credential does not sign.
func (g *rig) do(who sigv4.Credential, method, target, body string, headers ...string) answer {
	g.t.Helper()
	r := g.request(method, target, body, headers...)
	if who.AccessKeyID != "" {
		sum := sha256.Sum256([]byte(body))
		sigv4.Signer{Credential: who, Region: regionOf(target, r.Host)}.Sign(r, g.now(), hex.EncodeToString(sum[:]))
	}
	return g.send(r)
}

func regionOf(target, host string) string {
	if strings.HasPrefix(target, "/europe") || strings.Contains(host, "eu-west-1") {
		return "eu-west-1"
	}
	return "us-east-1"
}

func (g *rig) send(r *http.Request) answer {
	g.t.Helper()
	res, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}).Do(r)
	if err != nil {
		g.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	return answer{res, string(b)}
}

// want fails the test unless the answer has that status and error code.
func (g *rig) want(a answer, status int, code string) answer {
	g.t.Helper()
	if a.StatusCode != status || a.code() != code {
		g.t.Errorf("%s %s: got %d %s, want %d %s\n%s\nlog:\n%s", a.Request.Method, a.Request.URL.RequestURI(), a.StatusCode, a.code(), status, code,
			a.body, tail(g.log.String()))
	}
	return a
}

func tail(s string) string {
	if len(s) > 1500 {
		return "…" + s[len(s)-1500:]
	}
	return s
}

func hashOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
