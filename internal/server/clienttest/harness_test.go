package clienttest

import (
	"bytes"
	"errors"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server"
	"github.com/why403/why403/internal/store/embedded"
)

// An endpoint is one that clients speak to.
type endpoint struct {
	t      *testing.T
	url    string
	log    *logBuffer
	server *server.Server
}

type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// start starts an endpoint over the estate of package server's tests.
func start(t *testing.T) *endpoint {
	t.Helper()
	e, err := estate.Load(filepath.Join("..", "testdata", "estate.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	st, err := embedded.Open(t.TempDir(), embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := &endpoint{t: t, log: &logBuffer{}}
	s, err := server.New(server.Config{Estate: e, Store: st, Log: p.log})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s.Handler())
	p.url, p.server = h.URL, s
	t.Cleanup(func() {
		h.Close()
		if err := st.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the endpoint's log:\n%s", p.log)
		}
		if strings.Contains(p.log.String(), "panic: ") {
			t.Error("the endpoint panicked")
		}
	})
	return p
}

// client finds a program, or skips the test.
func client(t *testing.T, name string, probe ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil && len(probe) > 0 {
		err = exec.Command(path, probe...).Run()
	}
	if err != nil {
		message := "client " + name + " " + strings.Join(probe, " ") + " is not installed: " + err.Error()
		if os.Getenv("WHY403_REQUIRE_CLIENTS") == "1" {
			t.Fatal(message)
		}
		t.Skip(message)
	}
	return path
}

// environ is the environment of a client that holds the keys of a user.
func (p *endpoint) environ(accessKey, secret string, more ...string) []string {
	env := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + p.t.TempDir(), "LANG=C.UTF-8", "NO_PROXY=127.0.0.1,localhost",
		"AWS_ACCESS_KEY_ID=" + accessKey, "AWS_SECRET_ACCESS_KEY=" + secret, "AWS_DEFAULT_REGION=us-east-1",
		"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull, "AWS_EC2_METADATA_DISABLED=true",
		"AWS_MAX_ATTEMPTS=1", "AWS_PAGER=", "AWS_ENDPOINT_URL=" + p.url,
	}
	return append(env, more...)
}

// run runs a client, and returns its exit status and both of its outputs.
func run(t *testing.T, dir string, env []string, name string, args ...string) (status int, out, err string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, env, &stdout, &stderr
	var exit *exec.ExitError
	if e := cmd.Run(); e != nil && !errors.As(e, &exit) {
		t.Fatalf("%s: %v", name, e)
	}
	return cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()
}
