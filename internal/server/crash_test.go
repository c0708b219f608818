package server

import (
	"bufio"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/internal/store/embedded"
)

// crashFolder makes the test binary an endpoint over the data folder that it names,
// until it is killed.
const crashFolder = "WHY403_TEST_SERVER_FOLDER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashFolder); dir != "" {
		fmt.Fprintln(os.Stderr, serveForever(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func serveForever(dir string) error {
	e, err := estate.Load("testdata/estate.yaml")
	if err != nil {
		return err
	}
	st, err := embedded.Open(dir, embedded.Options{})
	if err != nil {
		return err
	}
	s, err := New(Config{Estate: e, Store: st, Listen: "127.0.0.1:0"})
	if err != nil {
		return err
	}
	return s.Run(context.Background(), func(a net.Addr) { fmt.Println(a) })
}

// A victim is the endpoint in a process of its own.
type victim struct {
	cmd *exec.Cmd
	url string
}

func startVictim(t *testing.T, dir string) *victim {
	t.Helper()
	v := &victim{cmd: exec.Command(os.Args[0])}
	v.cmd.Env, v.cmd.Stderr = append(os.Environ(), crashFolder+"="+dir), os.Stderr
	out, err := v.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := v.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the endpoint did not start: %v", err)
	}
	v.url = "http://" + strings.TrimSpace(line)
	return v
}

func (v *victim) kill() {
	_ = v.cmd.Process.Kill() // it may be dead
	_ = v.cmd.Wait()
}

var crashClient = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 8}}

// do sends a signed request; an error tells that the process died, or an answer that
// is no success.
func (v *victim) do(method, target, body string) (http.Header, string, error) {
	r, err := http.NewRequest(method, v.url+target, strings.NewReader(body))
	if err != nil {
		return nil, "", err
	}
	sigv4.Signer{Credential: admin, Region: "us-east-1"}.Sign(r, time.Now(), hashOf(body))
	res, err := crashClient.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, "", err
	}
	if res.StatusCode >= 300 {
		return res.Header, string(b), fmt.Errorf("%s %s: %s", method, target, res.Status)
	}
	return res.Header, string(b), nil
}

// A ledger is what the endpoint has acknowledged, and what it may have done since.
type ledger struct {
	mu       sync.Mutex
	current  map[string]string // target -> body, "" where it was deleted
	doubtful map[string]string // target -> body of the request that was not answered
	versions map[string]string // target?versionId=… -> body
	writes   map[string]int    // acknowledged, by kind
}

func (l *ledger) try(target, body string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.doubtful[target] = body
}

func (l *ledger) acknowledge(kind, target, body string, h http.Header) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.current[target] = body
	delete(l.doubtful, target)
	l.writes[kind]++
	if id := h.Get("X-Amz-Version-Id"); id != "" && body != "" {
		l.versions[target+"?versionId="+id] = body
	}
}

// waitForAll waits until a write of each kind was acknowledged.
func (l *ledger) waitForAll() {
	for range 3000 {
		l.mu.Lock()
		n := len(l.writes)
		l.mu.Unlock()
		if n == 3 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// crashText makes bodies on both sides of what is kept in the database.
func crashText(target string, round, i int) string {
	text := fmt.Sprintf("%s|%d|%d;", target, round, i)
	return strings.Repeat(text, 1+[]int{0, 4096, 60_000, 300_000}[i%4]/len(text))
}

// work overwrites, deletes and uploads in parts, until the endpoint dies.
func (v *victim) work(l *ledger, worker, round int) {
	for i := 0; ; i++ {
		bucket := []string{"/crash-plain/", "/crash-versions/"}[i/2%2]
		target := fmt.Sprintf("%s%d-%d", bucket, worker, i%12)
		body := crashText(target, round, i)
		var h http.Header
		var err error
		kind := "put"
		switch {
		case i%9 == 8:
			kind, body = "delete", ""
			l.try(target, body)
			h, _, err = v.do("DELETE", target, "")
		case i%5 == 4:
			kind = "multipart"
			l.try(target, body)
			h, err = v.upload(target, body)
		default:
			l.try(target, body)
			h, _, err = v.do("PUT", target, body)
		}
		if err != nil {
			return
		}
		l.acknowledge(kind, target, body, h)
	}
}

// upload makes an object of one part.
func (v *victim) upload(target, body string) (http.Header, error) {
	_, text, err := v.do("POST", target+"?uploads=", "")
	if err != nil {
		return nil, err
	}
	var made struct{ UploadId string }
	if err := xml.Unmarshal([]byte(text), &made); err != nil {
		return nil, err
	}
	h, _, err := v.do("PUT", target+"?partNumber=1&uploadId="+made.UploadId, body)
	if err != nil {
		return nil, err
	}
	h, text, err = v.do("POST", target+"?uploadId="+made.UploadId,
		"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"+h.Get("ETag")+"</ETag></Part></CompleteMultipartUpload>")
	if err == nil && strings.Contains(text, "<Error>") {
		err = fmt.Errorf("complete %s: %s", target, text)
	}
	return h, err
}

// check reads everything that was acknowledged.
func (v *victim) check(t *testing.T, l *ledger) {
	t.Helper()
	for target := range l.doubtful {
		if _, ok := l.current[target]; !ok {
			l.current[target] = "" // it was never acknowledged, and may be there
		}
	}
	for target, want := range l.current {
		h, got, err := v.do("GET", target, "")
		if err != nil {
			if h == nil || !strings.Contains(got, "<Code>NoSuchKey</Code>") {
				t.Errorf("%v\n%s", err, got)
			}
			got = ""
		}
		if maybe, ok := l.doubtful[target]; ok && got == maybe && got != want {
			l.current[target] = got // it happened, though nobody was told
			continue
		}
		if got != want {
			t.Errorf("%s: %d bytes (%.40q), acknowledged were %d (%.40q)", target, len(got), got, len(want), want)
		}
	}
	clear(l.doubtful)
	for target, want := range l.versions {
		if _, got, err := v.do("GET", target, ""); err != nil || got != want {
			t.Errorf("%s: %d bytes, %v, acknowledged were %d", target, len(got), err, len(want))
		}
	}
}

// Whatever moment the endpoint is killed at under load, everything that it has
// acknowledged is there when it starts again: objects, overwrites, deletions, multipart
// uploads, and each version.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	l := &ledger{current: map[string]string{}, doubtful: map[string]string{}, versions: map[string]string{}, writes: map[string]int{}}
	v := startVictim(t, dir)
	for target, body := range map[string]string{"/crash-plain": "", "/crash-versions": ""} {
		if _, text, err := v.do("PUT", target, body); err != nil {
			t.Fatal(err, text)
		}
	}
	if _, text, err := v.do("PUT", "/crash-versions?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"); err != nil {
		t.Fatal(err, text)
	}
	rnd := rand.New(rand.NewPCG(7, 8))
	for round := range 6 {
		var workers sync.WaitGroup
		for w := range 4 {
			workers.Go(func() { v.work(l, w, round) })
		}
		time.Sleep(time.Duration(100+rnd.IntN(300)) * time.Millisecond)
		if round == 0 {
			l.waitForAll() // however slow the machine
		}
		v.kill()
		workers.Wait()
		v = startVictim(t, dir)
		v.check(t, l)
	}
	v.kill()
	for _, kind := range []string{"put", "delete", "multipart"} {
		if l.writes[kind] == 0 {
			t.Errorf("no %s was ever acknowledged: %v", kind, l.writes)
		}
	}
	t.Logf("acknowledged: %v, %d versions", l.writes, len(l.versions))
}
