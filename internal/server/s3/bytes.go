package s3

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/envelope"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/store"
)

// envelope returns what seals and opens the bytes of an object that is encrypted as e says. The headers of that prefix
// carry the customer's key of SSE-C; customerKey has checked them.
func (x *exchange) envelope(bucket, key string, e *estate.Encryption, prefix string) *envelope.Envelope {
	secret, _ := base64.StdEncoding.DecodeString(x.get(prefix + "-Customer-Key"))
	var context map[string]string
	if e != nil {
		context = e.Context
	}
	return envelope.For(x.s.World.Vault(), bucket, key, e, secret).WithContext(context)
}

// newContext reads x-amz-server-side-encryption-context into the attributes of a new object.
func (x *exchange) newContext(a *store.Attributes) error {
	const name = "x-amz-server-side-encryption-context"
	v := x.get(name)
	if v == "" {
		return nil
	}
	if !isKMS(x.get(sse)) {
		return invalidArgument(needsKMS, "x-amz-server-side-encryption", x.get(sse))
	}
	var pairs map[string]string
	raw, err := base64.StdEncoding.DecodeString(v)
	if err != nil || json.Unmarshal(raw, &pairs) != nil || pairs == nil {
		return invalidArgument("The header '"+name+"' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map", name, v)
	}
	a.Extra = map[string]json.RawMessage{world.ExtraContext: raw}
	x.set(name, v)
	return nil
}

// seal seals what is uploaded: part 0 is an object in one piece.
func (x *exchange) seal(a *store.Attributes, plain io.Reader, part int) *envelope.Sealing {
	e := world.EncryptionOf(&store.Object{Attributes: *a})
	return x.envelope(x.bucketName, x.key, e, sse).Seal(plain, part, x.get("Content-Md5") != "")
}

// verifySealed compares what was sealed with what the request says of its body.
func (x *exchange) verifySealed(s *envelope.Sealing) error {
	if n := x.auth.DecodedLength; n >= 0 && s.Size() != n {
		return &readError{io.ErrUnexpectedEOF}
	}
	return x.verifyMD5(s.MD5())
}

// open returns the plaintext of an object whose stored bytes are raw.
func (x *exchange) open(o *store.Object, raw io.ReadSeeker, prefix string) (io.ReadSeeker, error) {
	if o.Size == o.StoredSize {
		return raw, nil // kept by a version that did not encrypt, or empty
	}
	n := x.envelope(o.Bucket, o.Key, world.EncryptionOf(o), prefix)
	if o.Parts == 0 {
		return n.Open(raw, envelope.Piece{Size: o.Size, Stored: o.StoredSize}), nil
	}
	parts, _, err := x.store().ObjectParts(x.ctx, o.Bucket, o.Key, o.VersionID, 0, maxPartNumber)
	if err != nil {
		return nil, x.goneMeanwhile(err)
	}
	var pieces []envelope.Piece
	var size, stored int64
	for _, p := range parts {
		pieces = append(pieces, envelope.Piece{Number: p.Number, Size: p.Size, Stored: p.StoredSize})
		size, stored = size+p.Size, stored+p.StoredSize
	}
	if size != o.Size || stored != o.StoredSize {
		return nil, errChanged
	}
	return n.Open(raw, pieces...), nil
}

// checkReadKey checks the headers of SSE-C that come with a read. That they are there, and of the right key, was
// decided on.
func (x *exchange) checkReadKey(o *store.Object, prefix string) error {
	e := world.EncryptionOf(o)
	if e != nil && e.Algorithm == "SSE-C" && x.get(prefix+"-Customer-Key") != "" && x.get(prefix+"-Customer-Key-Md5") == "" { // observed at AWS
		return wire.NewError(http.StatusForbidden, "AccessDenied",
			"Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret key.")
	}
	sent, err := x.customerKey(prefix)
	if err != nil {
		return err
	}
	if sent != nil && (e == nil || e.Algorithm != "SSE-C") {
		return invalidRequest("The encryption parameters are not applicable to this object.")
	}
	if v := x.get(sse); v != "" && prefix == sse {
		return invalidArgument("x-amz-server-side-encryption header is not supported for this operation.", "x-amz-server-side-encryption", v)
	}
	return nil
}

var errShortSource = errors.New("the source of a copy ended early")
