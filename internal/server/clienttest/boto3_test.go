package clienttest

import (
	"path/filepath"
	"testing"
)

// The files of testdata are sessions of boto3.
func TestBoto3(t *testing.T) {
	for _, session := range []string{"session", "objects"} {
		t.Run(session, func(t *testing.T) {
			t.Parallel()
			python := client(t, "python3", "-c", "import boto3")
			p := start(t)
			script, err := filepath.Abs(filepath.Join("testdata", session+".py"))
			if err != nil {
				t.Fatal(err)
			}
			status, out, stderr := run(t, t.TempDir(), p.environ("AKIAADMIN00000000001", "admin/Secret+Key000000000000000000000001"), python, script)
			if status != 0 {
				t.Errorf("status %d\n%s%s", status, out, stderr)
			}
		})
	}
}
