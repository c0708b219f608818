package embedded

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
)

// idLength is that of version and upload ids: 24 bytes in URL-safe base64. S3's documented examples are as long.
const idLength = 32

// newID makes an unguessable id in which seq is hidden: sequence finds it again, so that an id leads straight to its row and a
// listing can go on behind an id that is gone by then. It never begins with "-", which command lines would take for a flag.
func newID(seq int64) string {
	for {
		var b [24]byte
		rand.Read(b[:16])
		binary.BigEndian.PutUint64(b[16:], uint64(seq)^binary.BigEndian.Uint64(b[:8]))
		if id := base64.RawURLEncoding.EncodeToString(b[:]); id[0] != '-' {
			return id
		}
	}
}

// sequence returns the seq of an id made by newID; false if the id cannot be one.
func sequence(id string) (int64, bool) {
	if len(id) != idLength {
		return 0, false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(id)
	if err != nil {
		return 0, false
	}
	seq := int64(binary.BigEndian.Uint64(b[16:]) ^ binary.BigEndian.Uint64(b[:8]))
	return seq, seq > 0
}
