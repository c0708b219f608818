package estate_test

import (
	"testing"
	"time"

	"github.com/why403/why403/estate"
)

// The codes are the last six digits of RFC 6238, appendix B, for SHA-1.
func TestMFADeviceAccepts(t *testing.T) {
	device := &estate.MFADevice{Seed: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}
	for seconds, code := range map[int64]string{59: "287082", 1111111109: "081804", 1234567890: "005924", 2000000000: "279037"} {
		if !device.Accepts(code, time.Unix(seconds, 0)) {
			t.Errorf("%s is refused at %d", code, seconds)
		}
		if device.Accepts(code, time.Unix(seconds+300, 0)) {
			t.Errorf("%s is accepted five minutes later", code)
		}
	}
	if device.Accepts("28708", time.Unix(59, 0)) || device.Accepts("abcdef", time.Unix(59, 0)) {
		t.Error("what is no code of six digits is accepted")
	}
	if unknown := (&estate.MFADevice{}); !unknown.Accepts("123456", time.Unix(0, 0)) {
		t.Error("a device without a seed refuses a code")
	}
}
