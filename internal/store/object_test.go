package store_test

import (
	"strings"
	"testing"

	"github.com/why403/why403/internal/store"
)

func TestValidVersionID(t *testing.T) {
	for id, want := range map[string]bool{
		"null": true, strings.Repeat("a", 32): true, "-_" + strings.Repeat("9", 30): true,
		"": false, "Null": false, "1": false, strings.Repeat("a", 31): false, strings.Repeat("a", 33): false,
		strings.Repeat("a", 31) + "+": false, strings.Repeat("a", 16) + " " + strings.Repeat("a", 15): false,
	} {
		if got := store.ValidVersionID(id); got != want {
			t.Errorf("ValidVersionID(%q) = %v, want %v", id, got, want)
		}
	}
}

// The words of VersioningConfiguration in the S3 API.
func TestVersioningString(t *testing.T) {
	for v, want := range map[store.Versioning]string{store.Unversioned: "", store.Enabled: "Enabled", store.Suspended: "Suspended"} {
		if v.String() != want {
			t.Errorf("%d prints as %q, want %q", int(v), v, want)
		}
	}
}
