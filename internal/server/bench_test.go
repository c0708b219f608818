package server

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/internal/store/embedded"
)

// BenchmarkGetObject is a signed GET of a small object, decided and served, without
// a network.
func BenchmarkGetObject(b *testing.B) {
	e, err := estate.Load("testdata/estate.yaml")
	if err != nil {
		b.Fatal(err)
	}
	st, err := embedded.Open(b.TempDir(), embedded.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer st.Close()
	s, err := New(Config{Estate: e, Store: st})
	if err != nil {
		b.Fatal(err)
	}
	h := s.Handler()
	make := func(method, body string) *http.Request {
		r, _ := http.NewRequest(method, "http://127.0.0.1/reports/k", strings.NewReader(body))
		r.RequestURI, r.RemoteAddr = "/reports/k", "127.0.0.1:1"
		sigv4.Signer{Credential: admin, Region: "us-east-1"}.Sign(r, time.Now(), hashOf(body))
		return r
	}
	h.ServeHTTP(&memoryWriter{header: http.Header{}}, make("PUT", "hello"))
	get := make("GET", "")
	b.ReportAllocs()
	for b.Loop() {
		w := &memoryWriter{header: http.Header{}}
		h.ServeHTTP(w, get)
		if w.status != 200 || !bytes.Equal(w.body.Bytes(), []byte("hello")) {
			b.Fatal(w.status, w.body.String())
		}
	}
}

// BenchmarkChangeBucket is a change of one bucket among a thousand, in an estate of
// ten thousand roles.
func BenchmarkChangeBucket(b *testing.B) {
	var text strings.Builder
	text.WriteString("version: 1\naccounts:\n  \"111122223333\":\n    roles:\n")
	for i := range 10_000 {
		fmt.Fprintf(&text, "      role-%d: {inline: {p: {Version: \"2012-10-17\", Statement: [{Effect: Allow, Action: \"s3:*\", Resource: \"*\"}]}}}\n", i)
	}
	text.WriteString("    buckets:\n")
	for i := range 1000 {
		fmt.Fprintf(&text, "      bucket-%d: {}\n", i)
	}
	e, err := estate.Parse("estate.yaml", []byte(text.String()))
	if err != nil {
		b.Fatal(err)
	}
	st, err := embedded.Open(b.TempDir(), embedded.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer st.Close()
	w, err := world.Open(context.Background(), st, e, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := w.ChangeBucket(context.Background(), "bucket-7", func(c *estate.Bucket, _ *world.Side) error {
			c.Tags = map[string]string{"a": "b"}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
}
