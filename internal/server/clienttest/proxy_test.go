package clienttest

import (
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"sync"
	"testing"

	"github.com/why403/why403/internal/proxy"
	"github.com/why403/why403/internal/sigv4"
)

// endpointKeys are the access keys of an endpoint, sessions among them, as the
// caches of a machine would hold them.
type endpointKeys struct{ p *endpoint }

// Credential implements [sigv4.Keys].
func (k endpointKeys) Credential(id string) (sigv4.Credential, bool) {
	c, ok := k.p.server.Keys().Credential(id)
	if !ok { // a key that no service knows was mistyped, which is not the proxy's to say
		return sigv4.Credential{AccessKeyID: id, Secret: "x"}, true
	}
	return c, true
}

// throughProxy is an endpoint behind the proxy of why403 run, and what the proxy
// saw refused.
func throughProxy(t *testing.T) (*endpoint, *seen) {
	p := start(t)
	upstream, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	s := &seen{}
	h := httptest.NewServer(proxy.New(proxy.Options{
		Upstream: func(proxy.Destination) (*url.URL, error) { return upstream, nil }, Keys: endpointKeys{p}, Watch: proxy.Watch{Refused: s.add},
	}))
	t.Cleanup(h.Close)
	behind := *p
	behind.url = h.URL
	return &behind, s
}

type seen struct {
	mu       sync.Mutex
	statuses map[int]int
}

func (s *seen) add(r *proxy.Refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.statuses == nil {
		s.statuses = map[int]int{}
	}
	s.statuses[r.Status]++
}

// What clients do on the endpoint they can do through the proxy, presigned URLs,
// signed chunks and trailing checksums included; and the proxy sees their 403s.
func TestThroughProxy(t *testing.T) {
	t.Parallel()
	admin := []string{"AKIAADMIN00000000001", "admin/Secret+Key000000000000000000000001"}
	t.Run("boto3", func(t *testing.T) {
		t.Parallel()
		python := client(t, "python3", "-c", "import boto3")
		for _, script := range []string{"session.py", "multipart.py"} {
			p, s := throughProxy(t)
			path, err := filepath.Abs(filepath.Join("testdata", script))
			if err != nil {
				t.Fatal(err)
			}
			if status, out, stderr := run(t, t.TempDir(), p.environ(admin[0], admin[1]), python, path); status != 0 {
				t.Errorf("%s: status %d\n%s%s", script, status, out, stderr)
			}
			if s.statuses[403] == 0 && script == "session.py" {
				t.Errorf("%s met refusals, and the proxy saw %v", script, s.statuses)
			}
		}
	})
	t.Run("JavaScript SDK", func(t *testing.T) {
		t.Parallel()
		dir, err := filepath.Abs(filepath.Join("testdata", "js"))
		if err != nil {
			t.Fatal(err)
		}
		node := client(t, "node", filepath.Join(dir, "installed.mjs"))
		p, s := throughProxy(t)
		if status, out, stderr := run(t, dir, p.environ(admin[0], admin[1]), node, filepath.Join(dir, "session.mjs")); status != 0 {
			t.Errorf("status %d\n%s%s", status, out, stderr)
		}
		if s.statuses[403] == 0 {
			t.Errorf("the proxy saw %v", s.statuses)
		}
	})
	t.Run("rclone", func(t *testing.T) {
		t.Parallel()
		p, s := throughProxy(t)
		c := newRclone(t, p, admin[0], admin[1])
		first, second := c.tree("tree")
		c.ok("mkdir", "w:why403-rclone")
		c.ok("sync", "tree", "w:why403-rclone/tree")
		c.ok("sync", "w:why403-rclone/tree", "back")
		c.holds("back/one.txt", first)
		c.holds("back/sub/two words+ü.bin", second)
		newRclone(t, p, "AKIANOBODY0000000001", "nobody/Secret+Key00000000000000000000001").fails("AccessDenied", "lsf", "w:why403-rclone")
		if s.statuses[403] == 0 {
			t.Errorf("the proxy saw %v", s.statuses)
		}
	})
	t.Run("AWS CLI", func(t *testing.T) {
		t.Parallel()
		client(t, "aws", "--version")
		p, s := throughProxy(t)
		c := newCLIAt(t, p)
		c.file("large.bin", string(large(20<<20)))
		c.ok("s3", "cp", "large.bin", "s3://reports/large.bin", "--no-progress")
		c.ok("s3", "cp", "s3://reports/large.bin", "back.bin", "--no-progress")
		if c.read("back.bin") != c.read("large.bin") {
			t.Error("the file that came back is not the one that went")
		}
		c.as("AKIAREADER0000000001", "reader/Secret+Key00000000000000000000001").fails("because no identity-based policy allows the s3:PutObject action", "s3", "cp", "large.bin", "s3://reports/x", "--no-progress")
		if s.statuses[403] == 0 {
			t.Errorf("the proxy saw %v", s.statuses)
		}
	})
}
