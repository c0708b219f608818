package embedded

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"strings"
)

// idLength is that of version and upload ids: 24 bytes in base64. S3's documented examples are as long.
const idLength = 32

// idEncoding is base64 with the characters of S3's version ids: letters, digits, "." and "_" (observed at AWS). Folders of older
// programs have ids with "-" for ".".
var idEncoding = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._").WithPadding(base64.NoPadding).Strict()

// newID makes an unguessable id in which seq is hidden: sequence finds it again, so that an id leads straight to its row and a
// listing can go on behind an id that is gone by then.
func newID(seq int64) string {
	var b [24]byte
	rand.Read(b[:16])
	binary.BigEndian.PutUint64(b[16:], uint64(seq)^binary.BigEndian.Uint64(b[:8]))
	return idEncoding.EncodeToString(b[:])
}

// sequence returns the seq of an id made by newID; false if the id cannot be one.
func sequence(id string) (int64, bool) {
	if len(id) != idLength {
		return 0, false
	}
	b, err := idEncoding.DecodeString(strings.ReplaceAll(id, "-", "."))
	if err != nil {
		return 0, false
	}
	seq := int64(binary.BigEndian.Uint64(b[16:]) ^ binary.BigEndian.Uint64(b[:8]))
	return seq, seq > 0
}
