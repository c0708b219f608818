package s3

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/store"
)

const (
	maxPartNumber = 10000
	minPartSize   = 5 << 20 // of all parts but the last: "Amazon S3 multipart upload limits"
)

// extraUpload names an upload's state in store.Attributes.Extra. The object that
// the upload makes keeps it, so that CompleteMultipartUpload can be sent again.
const extraUpload = "upload"

// An upload is what is kept of CreateMultipartUpload besides the attributes of the
// object to be.
type upload struct {
	ID        string            `json:"id,omitempty"`        // of the finished upload
	Initiator string            `json:"initiator,omitempty"` // ARN
	Headers   map[string]string `json:"headers,omitempty"`   // that the later steps are decided with
	Algorithm string            `json:"algorithm"`           // of the object's checksum
	Type      string            `json:"type"`                // COMPOSITE or FULL_OBJECT
	Asked     bool              `json:"asked,omitempty"`     // the client chose the algorithm
}

func (u *upload) composite() bool { return u.Type == composite }

// uploadOf reads what createMultipartUpload kept.
func uploadOf(a *store.Attributes) (*upload, bool) {
	u := &upload{}
	if raw := a.Extra[extraUpload]; raw == nil || json.Unmarshal(raw, u) != nil {
		return nil, false
	}
	return u, true
}

func (u *upload) keep(a *store.Attributes) error {
	raw, err := json.Marshal(u)
	if a.Extra == nil {
		a.Extra = map[string]json.RawMessage{}
	}
	a.Extra[extraUpload] = raw
	return err
}

func (x *exchange) uploadID() string { return x.query.Get("uploadId") }

// ofUpload reports whether the operation is a later step of a multipart upload.
func (x *exchange) ofUpload() bool { return x.spec.Subresource == "uploadId" }

// gatherUpload looks up the upload that the request names. A finished one is told
// by its object, as long as that is the current one.
func (x *exchange) gatherUpload() error {
	x.pending, x.upload = store.Upload{}, nil
	x.pending, x.uploadErr = x.store().StatUpload(x.ctx, x.bucketName, x.key, x.uploadID())
	switch {
	case x.uploadErr == nil:
		x.upload, _ = uploadOf(&x.pending.Attributes)
	case !errors.Is(x.uploadErr, store.ErrNoSuchUpload) && !errors.Is(x.uploadErr, store.ErrNoSuchBucket):
		return x.uploadErr
	default:
		if u, ok := uploadOf(&x.object.Attributes); ok && u.ID == x.uploadID() {
			x.upload = u
		}
		return nil
	}
	if x.upload == nil {
		return errors.New("upload without its state")
	}
	return nil
}

func (x *exchange) noSuchUpload() *wire.Error {
	return wire.NewError(http.StatusNotFound, "NoSuchUpload",
		"The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.").
		With("UploadId", x.uploadID())
}

type initiateResult struct {
	XMLName  xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ InitiateMultipartUploadResult"`
	Bucket   string
	Key      string
	UploadId string
}

// createMultipartUpload is CreateMultipartUpload. All that the object is to have
// is asked for here, and is checked and decided once.
func (x *exchange) createMultipartUpload() error {
	attributes, err := x.newAttributes()
	if err != nil {
		return err
	}
	if err := x.metadata(&attributes); err != nil {
		return err
	}
	u, err := x.newUpload()
	if err != nil {
		return err
	}
	if err := u.keep(&attributes); err != nil {
		return err
	}
	pending, err := x.store().CreateUpload(x.ctx, store.UploadMeta{Bucket: x.bucketName, Key: x.key, Attributes: attributes})
	if err != nil {
		return err
	}
	x.setEncryption(&store.Object{Attributes: attributes})
	if u.Asked {
		x.set("X-Amz-Checksum-Algorithm", u.Algorithm)
		x.set("X-Amz-Checksum-Type", u.Type)
	}
	return x.xml(initiateResult{Bucket: x.bucketName, Key: x.key, UploadId: pending.UploadID})
}

func (x *exchange) newUpload() (*upload, error) {
	u := &upload{Headers: x.uploadHeaders()}
	if x.caller != nil {
		u.Initiator = x.caller.ARN
	}
	return u, x.uploadChecksum(u)
}

// uploadChecksum reads which checksum the object is to have: "Using checksums with
// multipart uploads". Where none is asked for, it is S3's own CRC64NVME.
func (x *exchange) uploadChecksum(u *upload) error {
	name, kind := x.get("X-Amz-Checksum-Algorithm"), strings.ToUpper(x.get("X-Amz-Checksum-Type"))
	if name == "" {
		if kind != "" {
			return invalidRequest("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")
		}
		u.Algorithm, u.Type = "CRC64NVME", fullObject
		return nil
	}
	a := algorithmOf(name)
	if a == nil {
		return invalidRequest(unsupportedAlgorithm)
	}
	u.Algorithm, u.Type, u.Asked = a.name, kind, true
	switch kind {
	case "":
		if u.Type = composite; a.noComposite() {
			u.Type = fullObject
		}
		return nil
	case composite, fullObject:
		if kind == composite && a.noComposite() || kind == fullObject && a.polynomial == 0 {
			return invalidRequest("The " + kind + " checksum type cannot be used with the " + strings.ToLower(a.name) + " checksum algorithm.")
		}
		return nil
	}
	return invalidRequest("Value for x-amz-checksum-type header is invalid.")
}

// abortMultipartUpload is AbortMultipartUpload. The parts are gone with it.
func (x *exchange) abortMultipartUpload() error {
	if err := x.store().AbortUpload(x.ctx, x.bucketName, x.key, x.uploadID()); err != nil {
		return err
	}
	return x.empty(http.StatusNoContent)
}

// partNumber reads which part the request is about.
func (x *exchange) partNumber() (int, error) {
	v := x.query.Get("partNumber")
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > maxPartNumber {
		return 0, invalidArgument("Part number must be an integer between 1 and 10000, inclusive", "partNumber", v)
	}
	return n, nil
}

// checkPartKey demands that a part comes with the customer's key of its upload,
// and without one where the upload has none: "Multipart uploads and SSE-C".
func (x *exchange) checkPartKey() error {
	sent, err := x.customerKey(sse)
	if err != nil {
		return err
	}
	of := world.EncryptionOf(&store.Object{Attributes: x.pending.Attributes})
	wants := of != nil && of.Algorithm == "SSE-C"
	switch {
	case wants != (sent != nil): // the same words either way: observed at AWS
		return invalidRequest("The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.")
	case wants && sent.KeyMD5 != of.KeyMD5:
		return invalidRequest("The provided encryption parameters did not match the ones used originally.")
	}
	return nil
}
