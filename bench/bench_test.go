package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server"
	"github.com/why403/why403/internal/store/embedded"
)

// flags are those of every run here: the key of estate.yaml, and few requests.
func flags(url string, more ...string) []string {
	return append([]string{"-endpoint", url, "-access-key", "AKIALOAD000000000001", "-secret-key", "load/Secret+Key0000000000000000000000001",
		"-n", "40", "-t", "1m", "-keys", "1000", "-large", "2", "-c", "4", "-o", "json"}, more...)
}

func endpoint(t *testing.T) *httptest.Server {
	t.Helper()
	e, err := estate.Load("estate.yaml")
	if err != nil {
		t.Fatal(err)
	}
	st, err := embedded.Open(t.TempDir(), embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	s, err := server.New(server.Config{Estate: e, Store: st})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s.Handler())
	t.Cleanup(h.Close)
	return h
}

func TestAllPhases(t *testing.T) {
	for _, payload := range []string{"signed", "unsigned"} {
		t.Run(payload, func(t *testing.T) {
			var out bytes.Buffer
			if err := run(t.Context(), &out, flags(endpoint(t).URL, "-unsigned="+strconv.FormatBool(payload == "unsigned"), "-clean")); err != nil {
				t.Fatalf("%v\n%s", err, out.String())
			}
			var r report
			if err := json.Unmarshal(out.Bytes(), &r); err != nil {
				t.Fatal(err)
			}
			if r.Payload != payload || len(r.Phases) != 5 {
				t.Fatalf("got %+v", r)
			}
			for i, name := range []string{"put4k", "get4k", "list", "put8m", "get8m"} {
				p := r.Phases[i]
				if p.Phase != name || p.Requests != 40 || p.Errors != 0 || p.PerSecond <= 0 || p.P50 <= 0 || p.P99 < p.P50 || (p.MiB > 0) != (name != "list") {
					t.Errorf("phase %d: %+v", i, p)
				}
			}
		})
	}
}

// A server that answers what was not put is found out.
func TestWrongBytes(t *testing.T) {
	h := endpoint(t)
	wrong := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			body := pattern(small)
			body[len(body)-1]++
			_, _ = w.Write(body)
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
	}))
	defer wrong.Close()
	var out bytes.Buffer
	if err := run(t.Context(), &out, flags(wrong.URL, "-phases", "get4k,list")); !errors.Is(err, errFailed) {
		t.Errorf("got %v, want %v\n%s", err, errFailed, out.String())
	}
	out.Reset()
	if err := run(t.Context(), &out, flags(h.URL, "-phases", "get4k", "-secret-key", "other")); err == nil || !strings.Contains(err.Error(), "SignatureDoesNotMatch") {
		t.Errorf("got %v, want SignatureDoesNotMatch", err)
	}
}

func TestUsage(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"-phases put5k", "no phase"},
		{"-o xml", "text or json"},
		{"-c 0", "greater than 0"},
		{"-endpoint ftp://x", "not an http"},
		{"more", "unexpected argument"},
	} {
		if err := run(t.Context(), io.Discard, flags("http://127.0.0.1:1", strings.Fields(c.args)...)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.args, err, c.want)
		}
	}
}

func TestPercentile(t *testing.T) {
	var times []time.Duration
	for i := range 100 {
		times = append(times, time.Duration(i+1)*time.Millisecond)
	}
	for p, want := range map[int]float64{50: 50, 90: 90, 99: 99, 100: 100} {
		if got := percentile(times, p); got != want {
			t.Errorf("percentile %d of 1 to 100 ms: got %v, want %v", p, got, want)
		}
	}
	if got := percentile(times[:1], 99); got != 1 {
		t.Errorf("of one: got %v, want 1", got)
	}
	if got := percentile(nil, 50); got != 0 {
		t.Errorf("of none: got %v, want 0", got)
	}
}

// The pattern repeats, which is what comparing counts on.
func TestPattern(t *testing.T) {
	want := pattern(3*patternLength + 100)
	for _, pos := range []int{0, 5, patternLength - 1, 2*patternLength + 7, 3 * patternLength} {
		n := min(patternLength, len(want)-pos)
		if pos%patternLength+n > 0 && !bytes.Equal(samePart(want, pos, n), want[pos:pos+n]) {
			t.Errorf("part at %d differs", pos)
		}
	}
	if bytes.Equal(want[:100], want[100:200]) {
		t.Error("the pattern is too regular")
	}
}
