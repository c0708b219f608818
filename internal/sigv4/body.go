package sigv4

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// bodyKey is what chunk signatures are computed with.
type bodyKey struct {
	key   []byte
	stamp string
	scope scope
	seed  string // signature of the request itself
}

// bodyState is what Result.Body needs of the request.
type bodyState struct {
	bodyKey
	trailers []string // names announced in x-amz-trailer
}

// ready returns r once its body can be decoded, or what its headers lack.
func (r *Result) ready(req *http.Request, key bodyKey) (*Result, *Error) {
	if err := r.prepareBody(req, key); err != nil {
		return nil, err
	}
	return r, nil
}

// prepareBody reads the headers that describe the body.
func (r *Result) prepareBody(req *http.Request, key bodyKey) *Error {
	r.body = bodyState{bodyKey: key}
	if !r.Streaming() {
		return nil
	}
	n, err := strconv.ParseInt(req.Header.Get("X-Amz-Decoded-Content-Length"), 10, 64)
	if err != nil || n < 0 {
		return newError("", ReasonMissingLength, 411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
	}
	r.DecodedLength = n
	if r.Payload == StreamingSigned {
		return nil
	}
	for name := range strings.SplitSeq(strings.Join(req.Header.Values("X-Amz-Trailer"), ","), ",") {
		if name = strings.ToLower(strings.TrimSpace(name)); name == "" {
			continue
		}
		if _, ok := checksumSizes[name]; !ok {
			return newError("", ReasonMalformedTrailer, 400, "InvalidRequest", "The value specified in the x-amz-trailer header is not supported")
		}
		r.body.trailers = append(r.body.trailers, name)
	}
	return nil
}

// checksumSizes holds the trailing fields that S3 knows, with the length of
// the checksum in bytes.
var checksumSizes = map[string]int{
	"x-amz-checksum-crc32": 4, "x-amz-checksum-crc32c": 4, "x-amz-checksum-crc64nvme": 8,
	"x-amz-checksum-sha1": 20, "x-amz-checksum-sha256": 32, "x-amz-checksum-sha512": 64, "x-amz-checksum-md5": 16,
	"x-amz-checksum-xxhash64": 8, "x-amz-checksum-xxhash3": 8, "x-amz-checksum-xxhash128": 16,
}

// A Body yields the object's bytes of a verified request. What it yields is
// provisional: only when Read returns io.EOF do length, hash and signatures
// hold. Any other error from the body's own checks is an [*Error].
type Body struct {
	decoder io.Reader
	trailer http.Header
	err     error
}

// Read implements io.Reader. Once it has failed it keeps failing.
func (b *Body) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if len(p) == 0 {
		return 0, nil
	}
	n, err := b.decoder.Read(p)
	b.err = err
	return n, err
}

// Trailer returns the trailing fields, such as x-amz-checksum-crc32, once Read
// has returned io.EOF. It is nil where there are none.
func (b *Body) Trailer() http.Header { return b.trailer }

// Body returns the decoded bytes of src, the body of the verified request as
// it came over the wire. For a POST form read [Form.File] instead.
func (r *Result) Body(src io.Reader) *Body {
	if src == nil {
		src = strings.NewReader("")
	}
	b := &Body{}
	switch {
	case r.Streaming():
		b.decoder = newChunkReader(src, r, b)
	case isHex64(r.Payload):
		b.decoder = &hashReader{src: plainReader{src}, want: r.Payload, hash: sha256.New()}
	default:
		b.decoder = plainReader{src}
	}
	return b
}

// plainReader reports a body shorter than its Content-Length as S3 does.
type plainReader struct{ src io.Reader }

func (p plainReader) Read(b []byte) (int, error) {
	n, err := p.src.Read(b)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = newError("", ReasonIncompleteBody, 400, "IncompleteBody",
			"You did not provide the number of bytes specified by the Content-Length HTTP header")
	}
	return n, err
}

// hashReader compares the hash of a whole body with the signed one.
type hashReader struct {
	src  io.Reader
	want string
	hash hash.Hash
}

func (h *hashReader) Read(b []byte) (int, error) {
	n, err := h.src.Read(b)
	h.hash.Write(b[:n])
	if err != io.EOF {
		return n, err
	}
	if got := hex.EncodeToString(h.hash.Sum(nil)); !strings.EqualFold(got, h.want) {
		err = newError(GateSignature, ReasonPayloadMismatch, 400, "XAmzContentSHA256Mismatch",
			"The provided 'x-amz-content-sha256' header does not match what was computed.").
			with("ClientComputedContentSHA256", h.want).with("S3ComputedContentSHA256", got)
	}
	return n, err
}
