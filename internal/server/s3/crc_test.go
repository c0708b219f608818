package s3

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// The CRCs of pieces make the CRC of the whole, as the hash of the whole has it.
func TestCombined(t *testing.T) {
	data := make([]byte, 300_000)
	for i := range data {
		data[i] = byte(rand.Uint32())
	}
	for i := range algorithms {
		a := &algorithms[i]
		if a.polynomial == 0 {
			continue
		}
		for _, cuts := range [][]int{{300_000}, {0, 300_000}, {1, 300_000}, {100_000, 100_000, 300_000}, {7, 65_536, 299_999, 300_000}} {
			c, from := combined{algorithm: a}, 0
			for _, to := range cuts {
				h := a.make()
				h.Write(data[from:to])
				c.add(h.Sum(nil), int64(to-from))
				from = to
			}
			whole := a.make()
			whole.Write(data)
			if !bytes.Equal(c.sum(), whole.Sum(nil)) {
				t.Errorf("%s, cut at %v: %x, want %x", a.name, cuts, c.sum(), whole.Sum(nil))
			}
		}
	}
}
