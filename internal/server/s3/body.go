package s3

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"io"
	"net/http"

	"github.com/why403/why403/internal/server/document"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/sigv4"
)

// A readError says that the client did not send its body to the end.
type readError struct{ err error }

func (e *readError) Error() string { return "read the request's body: " + e.err.Error() }
func (e *readError) Unwrap() error { return e.err }

// bodyReader marks the errors of reading a request's body.
type bodyReader struct{ src io.Reader }

func (b bodyReader) Read(p []byte) (int, error) {
	n, err := b.src.Read(p)
	var known *sigv4.Error
	if err != nil && err != io.EOF && !errors.As(err, &known) {
		err = &readError{err}
	}
	return n, err
}

// parseBody reads the document that the operation carries. What is wrong with it
// is kept in bodyErr, except for what the signature vouches for.
func (x *exchange) parseBody() error {
	if x.op.parse == nil {
		return nil
	}
	data, err := io.ReadAll(io.LimitReader(x.auth.Body(bodyReader{x.r.Body}), x.op.limit+1))
	if err != nil {
		return err
	}
	if int64(len(data)) > x.op.limit {
		x.bodyErr = wire.NewError(http.StatusBadRequest, "MaxMessageLengthExceeded", "Your request was too big.").
			With("MaxMessageLengthBytes", itoa(x.op.limit))
		return nil
	}
	if x.bodyErr = x.verifyDocument(data); x.bodyErr == nil {
		x.bodyErr = x.op.parse(x, data)
	}
	return nil
}

// verifyDocument checks Content-MD5 and checksum of a document.
func (x *exchange) verifyDocument(data []byte) error {
	sum := md5.Sum(data)
	if x.op.ofObject {
		return x.verifyMD5(sum[:])
	}
	sums, err := x.newChecksums(false)
	if err != nil {
		return err
	}
	if err := x.verifyMD5(sum[:]); err != nil {
		return err
	}
	if sums.algorithm == nil && x.op.needsDigest && x.get("Content-Md5") == "" {
		return invalidRequest("Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
	}
	if sums.algorithm == nil {
		return nil
	}
	_, _ = io.Copy(sums.hash, bytes.NewReader(data)) // a hash does not fail
	return sums.verify(nil)
}

// verifyMD5 compares the MD5 of a body with Content-MD5, where that was sent.
func (x *exchange) verifyMD5(sum []byte) error {
	sent, ok := x.header["Content-Md5"]
	if !ok {
		return nil
	}
	want, err := base64.StdEncoding.DecodeString(sent[0])
	if err != nil || len(want) != md5.Size {
		return wire.NewError(http.StatusBadRequest, "InvalidDigest", "The Content-MD5 you specified was invalid.").With("Content-MD5", sent[0])
	}
	if !bytes.Equal(want, sum) {
		expected := sent[0]
		if x.spec.Name == "PutObject" {
			expected = hex.EncodeToString(want) // observed at AWS; UploadPart has base64
		}
		return wire.NewError(http.StatusBadRequest, "BadDigest", "The Content-MD5 you specified did not match what we received.").
			With("ExpectedDigest", expected).With("CalculatedDigest", base64.StdEncoding.EncodeToString(sum))
	}
	return nil
}

// missingBody is S3's complaint about a document that was not sent: "Error
// responses".
func missingBody() error {
	return wire.NewError(http.StatusBadRequest, "MissingRequestBodyError", "Request Body is empty")
}

// readDocument reads a document by its schema.
func readDocument(schema *document.Schema, data []byte) (*document.Element, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, missingBody()
	}
	d, err := schema.Parse(data)
	if err != nil {
		return nil, malformedXML()
	}
	return d, nil
}

// decodeXML reads a document whose root has that name; the error is MalformedXML.
func decodeXML(data []byte, root string, into any) error {
	d := xml.NewDecoder(bytes.NewReader(data))
	for {
		t, err := d.Token()
		if err != nil {
			return malformedXML()
		}
		start, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		if start.Name.Local != root || d.DecodeElement(into, &start) != nil {
			return malformedXML()
		}
		return nil
	}
}
