package wire

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"net/http"
)

// IDs are the two names that S3 gives every request.
type IDs struct {
	Request string // x-amz-request-id: sixteen letters and digits
	Host    string // x-amz-id-2
}

// NewIDs makes ids that were never used before.
func NewIDs() IDs {
	var b [10 + 48]byte
	rand.Read(b[:]) // never fails
	return IDs{base32.StdEncoding.EncodeToString(b[:10]), base64.StdEncoding.EncodeToString(b[10:])}
}

// Set puts the ids into the header of an answer.
func (ids IDs) Set(h http.Header) {
	h.Set("X-Amz-Request-Id", ids.Request)
	h.Set("X-Amz-Id-2", ids.Host)
}
