package server

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/store/embedded"
)

// export reads the endpoint's state as an estate.
func (g *rig) export(query string) (*estate.Estate, string) {
	g.t.Helper()
	a := g.do(nouser, "GET", EstatePath+query, "")
	if a.StatusCode != 200 {
		g.t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	e, err := estate.Parse("export.yaml", []byte(a.body))
	if err != nil {
		g.t.Fatalf("the export cannot be read: %v\n%s", err, a.body)
	}
	return e, a.body
}

// What is exported, loaded into another endpoint and exported there is the same.
func TestExportAgain(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/made", ""), 200, "")
	g.want(g.do(admin, "PUT", "/made/k", "hello", "x-amz-tagging", "a=b"), 200, "")
	g.want(g.do(admin, "PUT", "/made?policy", `{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::made/*"}]}`), 204, "")
	g.want(g.do(admin, "PUT", "/versioned/k", "again"), 200, "")
	g.want(g.do(admin, "DELETE", "/versioned/gone", ""), 204, "")
	first, text := g.export("?objects=1000&secrets=true")
	if b, _ := first.Bucket("made"); !b.Listed || b.Objects["k"] == nil || b.Objects["k"].Tags["a"] != "b" {
		t.Errorf("made: %+v", b)
	}
	if b, _ := first.Bucket("versioned"); len(b.Objects["k"].Versions) != 4 || !b.Objects["gone"].DeleteMarker {
		t.Errorf("versioned: %s", text)
	}
	other := &rig{t: t, dir: t.TempDir(), log: &syncBuffer{}, now: g.now, config: func(c *Config) { c.Estate = first }}
	other.start()
	t.Cleanup(other.stop)
	other.want(other.do(admin, "DELETE", "/made/k", ""), 403, "AccessDenied")
	if a := other.want(other.do(admin, "GET", "/made/k", ""), 200, ""); a.Header.Get("X-Amz-Tagging-Count") != "1" {
		t.Errorf("%v", a.Header)
	}
	second, _ := other.export("?objects=1000&secrets=true")
	if diff := cmp.Diff(withoutMarkers(t, first), withoutMarkers(t, second)); diff != "" {
		t.Errorf("exported again:\n%s", diff)
	}
}

// withoutMarkers writes an estate without the delete markers among versions, whose
// ids the store gives.
func withoutMarkers(t *testing.T, e *estate.Estate) string {
	t.Helper()
	for _, a := range e.Accounts {
		for _, b := range a.Buckets {
			for _, o := range b.Objects {
				maps.DeleteFunc(o.Versions, func(_ string, v *estate.Object) bool { return v.DeleteMarker })
			}
		}
	}
	var b strings.Builder
	if err := e.Encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestExportOptions(t *testing.T) {
	g := newRig(t, nil)
	_, plain := g.export("")
	for _, hidden := range []string{admin.Secret, "objects:", "listed:"} {
		if strings.Contains(plain, hidden) {
			t.Errorf("%q is in %s", hidden, plain)
		}
	}
	if e, _ := g.export("?secrets=true"); e.Accounts[prod].Users["admin"].AccessKeys[admin.AccessKeyID].Secret != admin.Secret {
		t.Error("no secret")
	}
	some, text := g.export("?objects=2")
	n := 0
	for _, a := range some.Accounts {
		for _, b := range a.Buckets {
			n += len(b.Objects)
		}
	}
	if n == 0 || n > 2 {
		t.Errorf("%d objects:\n%s", n, text)
	}
	for _, bad := range []string{"?objects=-1", "?objects=x", "?secrets=x", "?object=1"} {
		if a := g.do(nouser, "GET", EstatePath+bad, ""); a.StatusCode != 400 {
			t.Errorf("%s: %d", bad, a.StatusCode)
		}
	}
}

// Only this machine reads the state, and no web page that points its own name here.
func TestExportIsLocal(t *testing.T) {
	st, err := embedded.Open(t.TempDir(), embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	e, err := estate.Load(filepath.Join("testdata", "estate.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Config{Estate: e, Store: st})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		peer, host string
		want       int
	}{
		{"127.0.0.1:5", "127.0.0.1:4033", 200}, {"[::1]:5", "[::1]:4033", 200}, {"127.0.0.1:5", "localhost", 200}, {"127.0.0.1:5", "s3.localhost:4033", 200},
		{"192.0.2.1:5", "127.0.0.1:4033", 403}, {"127.0.0.1:5", "evil.example", 403}, {"127.0.0.1:5", "notlocalhost", 403}, {"127.0.0.1:5", "192.0.2.1", 403},
	} {
		r := httptest.NewRequest(http.MethodGet, EstatePath, nil)
		r.RemoteAddr, r.Host = tt.peer, tt.host
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		if w.Code != tt.want {
			t.Errorf("from %s for %s: %d, want %d", tt.peer, tt.host, w.Code, tt.want)
		}
	}
}

// A page that is an object here has the endpoint's own origin, and is not told the
// estate: browsers say that it is a page that asks.
func TestEstateIsNotForPages(t *testing.T) {
	g := newRig(t, nil)
	for _, site := range []string{"same-origin", "same-site", "cross-site"} {
		for _, host := range []string{"127.0.0.1:4033", ConsoleHost} {
			a := g.send(g.request("GET", EstatePath+"?secrets=true", "", "Host", host, "Sec-Fetch-Site", site))
			if a.StatusCode == 200 || strings.Contains(a.body, admin.Secret) {
				t.Errorf("%s at %s: %d", site, host, a.StatusCode)
			}
		}
	}
	if a := g.send(g.request("GET", EstatePath+"?secrets=true", "", "Host", ConsoleHost, "Sec-Fetch-Site", "none")); a.StatusCode != 200 {
		t.Errorf("by its user: %d", a.StatusCode)
	}
}
