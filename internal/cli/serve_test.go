package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/report"
)

// A syncBuffer is what a command writes to while a test reads.
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

// A served is a why403 serve that runs.
type served struct {
	t           *testing.T
	url         string
	out, stderr syncBuffer
	stop        context.CancelFunc
	status      chan int
}

var address = regexp.MustCompile(`(?m)^why403: AWS on (https?://\S+)$`)

// serve runs why403 serve on a free port.
func serve(t *testing.T, args ...string) *served {
	t.Helper()
	s := &served{t: t, status: make(chan int, 1)}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	args = append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)
	go func() { s.status <- Main(ctx, &System{Stdout: &s.out, Stderr: &s.stderr}, args) }()
	t.Cleanup(stop)
	for range 1000 {
		if m := address.FindStringSubmatch(s.stderr.String()); m != nil {
			s.url = m[1]
			return s
		}
		select {
		case status := <-s.status:
			t.Fatalf("why403 %v ended with %d\n%s", args, status, s.stderr.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Fatalf("no address in\n%s", s.stderr.String())
	return nil
}

// end interrupts it, and returns what it said.
func (s *served) end() string {
	s.t.Helper()
	s.stop()
	select {
	case status := <-s.status:
		if status != statusOK {
			s.t.Errorf("status %d", status)
		}
	case <-time.After(30 * time.Second):
		s.t.Fatal("it does not stop")
	}
	return s.stderr.String()
}

// do makes a signed request, and returns status and body.
func (s *served) do(who sigv4.Credential, method, target, body string, header ...string) (int, string) {
	s.t.Helper()
	r, err := http.NewRequest(method, s.url+target, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	sigv4.Signer{Credential: who, Region: "us-east-1"}.Sign(r, time.Now(), sigv4.UnsignedPayload)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

const servedEstate = `version: 1
accounts:
  "111122223333":
    users:
      alice:
        accessKeys: {AKIAALICE00000000001: {secret: alice-not-a-secret}}
      bob:
        attached: ["arn:aws:iam::aws:policy/AdministratorAccess"]
        accessKeys: {AKIABOB0000000000001: {secret: bob-not-a-secret}}
      gone:
        accessKeys: {AKIAGONE000000000001: {secret: gone-not-a-secret, status: Inactive}}
    vpcEndpoints:
      vpce-1a2b3c4d: {vpc: vpc-1a2b3c4d, service: com.amazonaws.us-east-1.s3}
    buckets:
      office:
        document:
          Version: "2012-10-17"
          Statement:
            - {Sid: Office, Effect: Deny, Principal: "*", Action: "s3:*", Resource: "arn:aws:s3:::office/*", Condition: {NotIpAddress: {"aws:SourceIp": 203.0.113.0/24}}}
        objects: {plan.txt: {}}
`

var (
	alice = sigv4.Credential{AccessKeyID: "AKIAALICE00000000001", Secret: "alice-not-a-secret"}
	bob   = sigv4.Credential{AccessKeyID: "AKIABOB0000000000001", Secret: "bob-not-a-secret"}
)

func writeEstate(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "estate.yaml")
	if err := os.WriteFile(path, []byte(servedEstate), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A refusal is explained on standard error, with the statement's place.
func TestServeExplains(t *testing.T) {
	s := serve(t, "-e", writeEstate(t))
	if status, body := s.do(bob, "GET", "/office/plan.txt", "", "X-Why403-Source-Ip", "203.0.113.7"); status != 403 || !strings.Contains(body, "explicit deny") {
		t.Errorf("without --simulate-network the header must not count: %d %s", status, body)
	}
	said, shell := s.end(), s.out.String()
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(s.url, "http://"))
	for _, want := range []string{
		"# AWS_ACCESS_KEY_ID=AKIAALICE00000000001 is arn:aws:iam::111122223333:user/alice\n",
		"# their secrets are in the estate; --show-keys prints them\n",
		"# through vpce-1a2b3c4d: http://vpce-1a2b3c4d.localhost:" + port + "\n",
	} {
		if !strings.Contains(shell, want) {
			t.Errorf("%q is missing in\n%s", want, shell)
		}
	}
	for _, want := range []string{
		"DENIED  s3:GetObject  arn:aws:s3:::office/plan.txt\n",
		"explicit deny in the bucket policy of office",
		`statement "Office"`,
		"why403: stopped; objects and changes are removed\n",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is missing in\n%s", want, said)
		}
	}
	for _, bad := range []string{"not-a-secret", "AKIAGONE"} {
		if strings.Contains(said+shell, bad) {
			t.Errorf("%q is shown:\n%s%s", bad, shell, said)
		}
	}
	for line := range strings.Lines(shell) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "export ") {
			t.Errorf("standard output is not for a shell: %s", line)
		}
	}
}

// With -o json refusals are lines of JSON on standard output, also those of the
// signature.
func TestServeJSON(t *testing.T) {
	s := serve(t, "-e", writeEstate(t), "-o", "json", "--simulate-network")
	if status, body := s.do(bob, "GET", "/office/plan.txt", "", "X-Why403-Source-Ip", "203.0.113.7"); status != 200 {
		t.Errorf("with --simulate-network: %d %s", status, body)
	}
	s.do(alice, "GET", "/office", "")
	s.do(sigv4.Credential{AccessKeyID: alice.AccessKeyID, Secret: "wrong"}, "GET", "/office", "")
	s.end()
	var reasons []string
	for decoder := json.NewDecoder(strings.NewReader(s.out.String())); decoder.More(); {
		var d report.Decision
		if err := decoder.Decode(&d); err != nil {
			t.Fatalf("%v in\n%s", err, s.out.String())
		}
		reasons = append(reasons, d.Cause.Reason)
	}
	if got := strings.Join(reasons, " "); got != "no-allow-identity signature-mismatch" {
		t.Errorf("reasons %q in\n%s", got, s.out.String())
	}
}

// --show-keys prints secrets, for pasting.
func TestServeShowsKeys(t *testing.T) {
	s := serve(t, "-e", writeEstate(t), "--show-keys", "--region", "eu-west-1")
	s.end()
	said := s.out.String()
	for _, want := range []string{
		"\n  # account 111122223333, canonical user id " + estate.CanonicalIDOf("111122223333") + "\n\n  # arn:aws:iam::111122223333:user/alice\n  export AWS_ACCESS_KEY_ID=AKIAALICE00000000001 AWS_SECRET_ACCESS_KEY=alice-not-a-secret\n",
		"AWS_REGION=eu-west-1",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is missing in\n%s", want, said)
		}
	}
}

var printedKey = regexp.MustCompile(`export AWS_ACCESS_KEY_ID=(AKIA[A-Z2-7]{16}) AWS_SECRET_ACCESS_KEY=([A-Za-z0-9+/]{40})\n`)

// Without an estate there is an administrator with a new key; in a data folder
// key, buckets and objects stay.
func TestServeWithoutEstate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	admin := func(s *served) sigv4.Credential {
		m := printedKey.FindStringSubmatch(s.out.String())
		if m == nil {
			t.Fatalf("no key in\n%s", s.out.String())
		}
		return sigv4.Credential{AccessKeyID: m[1], Secret: m[2]}
	}
	s := serve(t, "--data", dir)
	first := admin(s)
	if status, body := s.do(first, "PUT", "/photos", ""); status != 200 {
		t.Fatalf("CreateBucket: %d %s", status, body)
	}
	if status, body := s.do(first, "PUT", "/photos/cat.jpg", "meow"); status != 200 {
		t.Fatalf("PutObject: %d %s", status, body)
	}

	var out, stderr bytes.Buffer
	if status := Main(context.Background(), &System{Stdout: &out, Stderr: &stderr}, []string{"serve", "--listen", "127.0.0.1:0", "--data", dir}); status != statusUsage ||
		!strings.Contains(stderr.String(), "another why403 serves the folder") {
		t.Errorf("a second one on the folder: %d %s", status, stderr.String())
	}
	if said := s.end(); !strings.Contains(said, "why403: stopped; objects and changes stay in "+dir) {
		t.Error(said)
	}

	s = serve(t, "--data", dir)
	if again := admin(s); again != first {
		t.Errorf("key %s, and %s before", again.AccessKeyID, first.AccessKeyID)
	}
	if status, body := s.do(first, "GET", "/photos/cat.jpg", ""); status != 200 || body != "meow" {
		t.Errorf("GetObject: %d %s", status, body)
	}
	s.end()
}

// --soft lets pass what policies refuse, and not what is wrongly signed.
func TestServeSoft(t *testing.T) {
	s := serve(t, "-e", writeEstate(t), "--soft")
	if status, body := s.do(alice, "GET", "/office/plan.txt", ""); status != 200 {
		t.Errorf("%d %s", status, body)
	}
	if status, _ := s.do(sigv4.Credential{AccessKeyID: alice.AccessKeyID, Secret: "wrong"}, "GET", "/office/plan.txt", ""); status != 403 {
		t.Errorf("a wrong secret: %d", status)
	}
	if said := s.end(); !strings.Contains(said, "warning: --soft") || !strings.Contains(said, "DENIED  s3:GetObject") {
		t.Error(said)
	}
}

var keptAddress = regexp.MustCompile(`(?m)^  export AWS_ENDPOINT_URL=(http://\S+)$`)

// why403 demo --keep stays up for other clients, and then explains what it
// refuses; before that it says nothing on standard error.
func TestDemoKeep(t *testing.T) {
	s := &served{t: t, status: make(chan int, 1)}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	t.Cleanup(stop)
	go func() {
		s.status <- Main(ctx, &System{Stdout: &s.out, Stderr: &s.stderr}, []string{"demo", "--keep", "--only", "scp"})
	}()
	for i := 0; s.url == "" && i < 1000; i++ {
		if m := keptAddress.FindStringSubmatch(s.stderr.String()); m != nil {
			s.url = m[1]
		}
		time.Sleep(10 * time.Millisecond)
	}
	ana := sigv4.Credential{AccessKeyID: "AKIADEMOPRODANA00001", Secret: "demo/prod/ana/not-a-secret"}
	if status, body := s.do(ana, "GET", "/reports/2026/q1.csv", ""); status != 403 {
		t.Errorf("%d %s", status, body)
	}
	said := s.end()
	if !strings.HasPrefix(said, "why403: the endpoint stays up until interrupted") || !strings.Contains(said, "DENIED  s3:GetObject  arn:aws:s3:::reports/2026/q1.csv") {
		t.Error(said)
	}
	if out := s.out.String(); !strings.Contains(out, "1 scenario, every request decided as expected") {
		t.Error(out)
	}
}

// A port that is taken is said so.
func TestServePortInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var out, stderr bytes.Buffer
	status := Main(context.Background(), &System{Stdout: &out, Stderr: &stderr}, []string{"serve", "--listen", l.Addr().String()})
	if status != statusUsage || !strings.Contains(stderr.String(), "why403: error: "+l.Addr().String()+" is in use\nwhy403: hint: choose another with --listen") {
		t.Errorf("%d %s", status, stderr.String())
	}
}

// The keys that are printed are those that work, and no more than asked for.
func TestNewEstate(t *testing.T) {
	a, b := newEstate(), newEstate()
	if bytes.Equal(a, b) {
		t.Error("the same key twice")
	}
}

// Clients that leave in the middle of an answer, or of their body, end nobody's endpoint
// but their own connection.
func TestServeOutlivesItsClients(t *testing.T) {
	s := serve(t, "-e", writeEstate(t))
	if status, body := s.do(bob, "PUT", "/big", ""); status != 200 {
		t.Fatal(status, body)
	}
	if status, body := s.do(bob, "PUT", "/big/k", strings.Repeat("x", 8<<20)); status != 200 {
		t.Fatal(status, body)
	}
	host := strings.TrimPrefix(s.url, "http://")
	for _, method := range []string{"GET", "PUT"} {
		r, err := http.NewRequest(method, s.url+"/big/k", nil)
		if err != nil {
			t.Fatal(err)
		}
		sigv4.Signer{Credential: bob, Region: "us-east-1"}.Sign(r, time.Now(), sigv4.UnsignedPayload)
		for range 30 {
			c, err := net.Dial("tcp", host)
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(c, method+" /big/k HTTP/1.1\r\nHost: "+host+"\r\n")
			r.Header.Write(c)
			if method == "PUT" {
				io.WriteString(c, "Content-Length: 8388608\r\n\r\n"+strings.Repeat("x", 1<<20))
			} else {
				io.WriteString(c, "\r\n")
				c.Read(make([]byte, 1))
			}
			c.(*net.TCPConn).SetLinger(0)
			c.Close()
		}
	}
	time.Sleep(100 * time.Millisecond)
	if status, _ := s.do(bob, "GET", "/big/k", ""); status != 200 {
		t.Errorf("after that, status %d", status)
	}
	s.end()
}

// A log is one that somebody may stop reading.
type readBy struct {
	syncBuffer
	nobody atomic.Bool
}

func (l *readBy) Write(p []byte) (int, error) {
	if l.nobody.Load() {
		return 0, &os.PathError{Op: "write", Path: "/dev/stderr", Err: syscall.EPIPE}
	}
	return l.syncBuffer.Write(p)
}

// An endpoint whose log nobody reads any more ends, and cleans up.
func TestServeEndsWithItsReader(t *testing.T) {
	log := &readBy{}
	status := make(chan int, 1)
	go func() {
		status <- Main(t.Context(), &System{Stdout: io.Discard, Stderr: log}, []string{"serve", "--listen", "127.0.0.1:0", "-e", writeEstate(t)})
	}()
	for deadline := time.Now().Add(20 * time.Second); address.FindStringSubmatch(log.String()) == nil; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no address in\n%s", log.String())
		}
	}
	log.nobody.Store(true)
	if res, err := http.Get(address.FindStringSubmatch(log.String())[1] + "/office/plan.txt"); err == nil {
		res.Body.Close()
	}
	select {
	case got := <-status:
		if got != statusOK {
			t.Errorf("status %d", got)
		}
	case <-time.After(20 * time.Second):
		t.Error("it goes on")
	}
}
