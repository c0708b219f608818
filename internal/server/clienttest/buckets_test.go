package clienttest

import (
	"path/filepath"
	"strings"
	"testing"
)

// The scripts of testdata that are about buckets, each a session of boto3 as the
// administrator.
func TestBoto3Buckets(t *testing.T) {
	for _, c := range []struct {
		script  string
		byProxy bool // hosts before the endpoint's are reached through it as a proxy
	}{{"configurations.py", false}, {"forms.py", false}, {"accesspoints.py", true}} {
		t.Run(c.script, func(t *testing.T) {
			t.Parallel()
			python := client(t, "python3", "-c", "import boto3")
			p := start(t)
			path, err := filepath.Abs(filepath.Join("testdata", c.script))
			if err != nil {
				t.Fatal(err)
			}
			var more []string
			if c.byProxy {
				more = []string{"NO_PROXY=", "HTTP_PROXY=" + p.url, "AWS_ENDPOINT_URL=" + strings.Replace(p.url, "127.0.0.1", "localhost", 1)}
			}
			status, out, stderr := run(t, t.TempDir(), p.environ("AKIAADMIN00000000001", "admin/Secret+Key000000000000000000000001", more...), python, path)
			if status != 0 || out != "done\n" {
				t.Errorf("status %d\n%s%s", status, out, stderr)
			}
		})
	}
}
