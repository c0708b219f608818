package s3op_test

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/why403/why403/internal/s3op"
)

var update = flag.Bool("update", false, "rewrite docs/operations.md")

// docs/operations.md is the table of operations as it stands. After a change:
// go test ./internal/s3op -update.
func TestOperationsPageIsFresh(t *testing.T) {
	const page = "../../docs/operations.md"
	var b bytes.Buffer
	b.WriteString("# S3 operations and the permissions that they need\n\nGenerated from the table in `internal/s3op`; do not edit.\n\n")
	if err := s3op.WriteTable(&b); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(page, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil || !bytes.Equal(got, b.Bytes()) {
		t.Errorf("docs/operations.md is not the table of today (%v); run go test ./internal/s3op -update", err)
	}
}
