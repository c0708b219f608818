package live

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A journal gives back what was answered, apart by account, Region and what was
// asked; refusals are asked again, a line that was cut short counts for nothing, and
// what is too old neither.
func TestJournal(t *testing.T) {
	asked := 0
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path == "/refused" {
			w.WriteHeader(http.StatusForbidden)
		}
		if r.URL.Path == "/unset" {
			w.WriteHeader(http.StatusNotFound)
		}
		w.Header().Set("X-Asked", r.URL.Path)
		fmt.Fprintf(w, "%s %s %s", r.URL, body, r.Header.Get("Authorization"))
	}))
	defer h.Close()
	path := filepath.Join(t.TempDir(), "kept")
	now := time.Now()
	open := func(now time.Time) *Journal {
		t.Helper()
		j, err := OpenJournal(path, now)
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	ask := func(j *Journal, account, url, body, region string) string {
		t.Helper()
		r, err := http.NewRequest(http.MethodPost, h.URL+url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIA/20261130/"+region+"/iam/aws4_request, Signature=0")
		out, err := (&remembering{next: h.Client(), journal: j, account: account}).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer out.Body.Close()
		text, err := io.ReadAll(out.Body)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(out.StatusCode, " ", string(text))
	}
	j := open(now)
	calls := [][4]string{{"1", "/a", "x", "r1"}, {"1", "/a", "y", "r1"}, {"2", "/a", "x", "r1"}, {"1", "/a", "x", "r2"}, {"1", "/a?m=1", "x", "r1"}, {"1", "/unset", "", "r1"}}
	want := map[[4]string]string{}
	for _, c := range calls {
		want[c] = ask(j, c[0], c[1], c[2], c[3])
	}
	ask(j, "1", "/refused", "", "r1")
	if err := j.Close(); err != nil || asked != 7 {
		t.Fatalf("%v, asked %d times", err, asked)
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(`{"key":"half`); err != nil {
		t.Fatal(err)
	}
	_ = file.Close()
	j = open(now)
	for _, c := range calls {
		if got := ask(j, c[0], c[1], c[2], c[3]); got != want[c] {
			t.Errorf("%v: %s, want %s", c, got, want[c])
		}
	}
	if ask(j, "1", "/refused", "", "r1"); asked != 8 {
		t.Errorf("asked %d times, want the refusal alone again", asked)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if j = open(now.Add(journalAge + time.Minute)); j.Len() != 0 {
		t.Errorf("%d answers are used after %v", j.Len(), journalAge)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}
