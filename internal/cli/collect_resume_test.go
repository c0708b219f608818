package cli

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/why403/why403/estate"
)

// A watcher passes requests on to the endpoint, remembers those that were answered
// with success, and can be told to answer no more.
type watcher struct {
	*httptest.Server
	mu       sync.Mutex
	answered map[string]int
	seen     int
	stopAt   int           // requests that are let through; 0: all
	stopped  chan struct{} // closed when one is held back
	once     sync.Once
}

func watchCalls(t *testing.T, to string, stopAt int) *watcher {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	w := &watcher{answered: map[string]int{}, stopAt: stopAt, stopped: make(chan struct{})}
	pass := httputil.NewSingleHostReverseProxy(target)
	pass.ModifyResponse = func(r *http.Response) error {
		if r.StatusCode < 300 || r.StatusCode == http.StatusNotFound {
			w.mu.Lock()
			w.answered[r.Request.Header.Get("X-Test-Asked")]++
			w.mu.Unlock()
		}
		return nil
	}
	w.Server = httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		w.mu.Lock()
		w.seen++
		held := w.stopAt > 0 && w.seen > w.stopAt
		w.mu.Unlock()
		if held {
			w.once.Do(func() { close(w.stopped) })
			<-r.Context().Done()
			return
		}
		credential, _, _ := strings.Cut(r.Header.Get("Authorization"), ",")
		parts := strings.Split(credential, "/")
		r.Header.Set("X-Test-Asked", strings.Join([]string{r.Method, r.URL.String(), r.Header.Get("X-Amz-Target"), string(body), strings.Join(parts[min(2, len(parts)):], "/")}, " "))
		pass.ServeHTTP(out, r)
	}))
	t.Cleanup(w.Close)
	return w
}

// end waits until a request is held back, and ends the command.
func (w *watcher) end(t *testing.T, cmd *exec.Cmd, signal os.Signal) {
	t.Helper()
	select {
	case <-w.stopped:
	case <-time.After(time.Minute):
		_ = cmd.Process.Kill()
		t.Errorf("it never asked %d times", w.stopAt+1)
	}
	_ = cmd.Process.Signal(signal)
	_ = cmd.Wait() // with the status of an error, or a signal
}

// collectThrough is why403 collect with the endpoint behind a watcher.
func collectThrough(t *testing.T, w *watcher, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	cmd := exec.Command("why403", append([]string{"collect"}, args...)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "AWS_ENDPOINT_URL=" + w.URL, "AWS_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ACCESS_KEY_ID=AKIAADMIN00000000001", "AWS_SECRET_ACCESS_KEY=" + secretOf("admin"), "NO_PROXY=127.0.0.1"}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, &stderr
}

// A collection that is interrupted, or killed, at any moment leaves no estate, and
// the next goes on without asking again what was answered; what comes out is what
// one that was never cut short gives.
func TestCollectGoesOn(t *testing.T) {
	s := serveLive(t)
	whole := filepath.Join(t.TempDir(), "whole")
	if _, stderr, status := s.command("AKIAADMIN00000000001", secretOf("admin"), "collect", "-o", whole); status != 0 {
		t.Fatal(stderr)
	}
	want := tree(t, whole)
	for name, signal := range map[string]os.Signal{"interrupted": os.Interrupt, "killed": syscall.SIGKILL} {
		for _, after := range []int{2, 9, 25, 45} {
			w := watchCalls(t, s.url, after)
			dir := filepath.Join(t.TempDir(), "got")
			cmd, stderr := collectThrough(t, w, "-o", dir)
			w.end(t, cmd, signal)
			if _, err := estate.Load(dir); err == nil {
				t.Errorf("%s after %d requests: half an estate can be read", name, after)
			}
			if signal == os.Interrupt && cmd.ProcessState.ExitCode() != 2 {
				t.Errorf("%s after %d requests: status %d\n%s", name, after, cmd.ProcessState.ExitCode(), stderr)
			}
			w.mu.Lock()
			w.stopAt = 0
			w.mu.Unlock()
			cmd, stderr = collectThrough(t, w, "-o", dir)
			if err := cmd.Wait(); err != nil {
				t.Fatalf("%s after %d requests, going on: %v\n%s", name, after, err, stderr)
			}
			if after > 2 && !strings.Contains(stderr.String(), "going on from ") { // before, nothing may have been kept
				t.Errorf("%s after %d requests: it does not say that it goes on\n%s", name, after, stderr)
			}
			twice := 0
			for asked, n := range w.answered {
				if n > 1 && !strings.Contains(asked, "GetCallerIdentity") {
					twice++
					t.Logf("%s after %d requests: asked %d times: %s", name, after, n, asked)
				}
			}
			if twice > 8 { // answered, and not yet kept when it was killed
				t.Errorf("%s after %d requests: %d were asked again", name, after, twice)
			}
			if got := tree(t, dir); got != want {
				t.Errorf("%s after %d requests: another estate\n%s", name, after, got)
			}
			if _, err := os.Stat(dir + ".unfinished"); !os.IsNotExist(err) {
				t.Errorf("%s after %d requests: %s.unfinished is left behind: %v", name, after, dir, err)
			}
		}
	}
}

// tree is all files below a folder.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	if err := filepath.WalkDir(dir, func(file string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(file)
		b.WriteString(strings.TrimPrefix(file, dir) + "\n" + string(data))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The answers that are kept hold no secret and no session token, also where roles
// are assumed; --restart asks anew.
func TestCollectKeepsNoCredentials(t *testing.T) {
	file := filepath.Join(t.TempDir(), "estate.yaml")
	if err := os.WriteFile(file, []byte(twoAccounts), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, "-e", file)
	w := watchCalls(t, s.url, 20)
	dir := filepath.Join(t.TempDir(), "got")
	args := []string{"-o", dir, "--organization", "--role-name", "audit"}
	cmd, stderr := collectThrough(t, w, args...)
	w.end(t, cmd, os.Interrupt)
	info, err := os.Stat(dir + ".unfinished")
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v %v\n%s", info, err, stderr)
	}
	data, err := os.ReadFile(dir + ".unfinished")
	if err != nil || len(data) == 0 {
		t.Fatalf("nothing was kept: %v", err)
	}
	clean(t, "what is kept", string(data))
	for _, word := range []string{"SecretAccessKey", "SessionToken", "ASIA"} {
		if strings.Contains(string(data), word) {
			t.Errorf("what is kept holds %s", word)
		}
	}
	w.mu.Lock()
	w.stopAt, w.answered = 0, map[string]int{}
	w.mu.Unlock()
	cmd, stderr = collectThrough(t, w, append(args, "--restart")...)
	if err := cmd.Wait(); err != nil || strings.Contains(stderr.String(), "going on") {
		t.Errorf("%v\n%s", err, stderr)
	}
}
