package s3

import (
	"testing"

	"github.com/why403/why403/internal/s3op"
)

// The table of operations and the notes name operations that there are.
func TestOperationsExist(t *testing.T) {
	for name := range operations {
		if _, ok := s3op.Lookup(name); !ok {
			t.Errorf("the table has %s, which no operation is called", name)
		}
	}
	for name := range notes {
		if !Implemented(name) {
			t.Errorf("a note on %s, which is not implemented", name)
		}
	}
}
