package clienttest

import (
	"path/filepath"
	"testing"
)

// The scripts of testdata that are about buckets, each a session of boto3 as the
// administrator.
func TestBoto3Buckets(t *testing.T) {
	for _, script := range []string{"configurations.py", "forms.py"} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			python := client(t, "python3", "-c", "import boto3")
			p := start(t)
			path, err := filepath.Abs(filepath.Join("testdata", script))
			if err != nil {
				t.Fatal(err)
			}
			status, out, stderr := run(t, t.TempDir(), p.environ("AKIAADMIN00000000001", "admin/Secret+Key000000000000000000000001"), python, path)
			if status != 0 || out != "done\n" {
				t.Errorf("status %d\n%s%s", status, out, stderr)
			}
		})
	}
}
