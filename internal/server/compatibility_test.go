package server

import (
	"bytes"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "rewrite docs/compatibility.md")

// docs/compatibility.md is what the tables of operations say today. After a change:
// go generate ./internal/server.
func TestCompatibilityPage(t *testing.T) {
	const page = "../../docs/compatibility.md"
	var b bytes.Buffer
	if err := newRig(t, nil).server.WriteCompatibility(&b); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(page, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil || !bytes.Equal(got, b.Bytes()) {
		t.Errorf("docs/compatibility.md is not what the endpoint does today (%v); run go generate ./internal/server", err)
	}
}
