package clienttest

import (
	"path/filepath"
	"testing"
)

// testdata/js/session.mjs is a session of the AWS SDK for JavaScript. Its packages
// are installed by npm ci in that folder.
func TestJavaScriptSDK(t *testing.T) {
	t.Parallel()
	dir, err := filepath.Abs(filepath.Join("testdata", "js"))
	if err != nil {
		t.Fatal(err)
	}
	probe := filepath.Join(dir, "installed.mjs")
	node := client(t, "node", probe)
	p := start(t)
	status, out, stderr := run(t, dir, p.environ("AKIAADMIN00000000001", "admin/Secret+Key000000000000000000000001"), node, filepath.Join(dir, "session.mjs"))
	if status != 0 {
		t.Errorf("status %d\n%s%s", status, out, stderr)
	}
}
