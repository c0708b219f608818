package s3

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/internal/store"
)

// getObject is GetObject and HeadObject.
func (x *exchange) getObject() error {
	if x.objectErr != nil {
		return x.missing()
	}
	if err := x.checkOverrides(); err != nil {
		return err
	}
	o, bytes, err := x.store().Get(x.ctx, x.bucketName, x.key, x.stored)
	if err != nil {
		return x.goneMeanwhile(err)
	}
	defer bytes.Close()
	if o.Revision != x.object.Revision {
		return errChanged
	}
	if err := x.checkConditions(&o); err != nil {
		return err
	}
	if err := x.checkReadKey(&o, sse); err != nil {
		return err
	}
	part, status, err := x.part(&o)
	if err != nil {
		return err
	}
	plain, err := x.open(&o, bytes, sse)
	if err != nil {
		return err
	}
	x.objectHeaders(&o, part.sums)
	x.overrides()
	if status == http.StatusPartialContent && part.length > 0 { // an empty part has no range
		x.set("Content-Range", part.contentRange(o.Size))
	}
	x.set("Content-Length", itoa(part.length))
	x.wrote = true
	x.w.WriteHeader(status)
	if x.r.Method == http.MethodHead || part.length == 0 {
		return nil
	}
	return x.send(plain, part)
}

func (x *exchange) send(bytes io.ReadSeeker, part span) error {
	if _, err := bytes.Seek(part.first, io.SeekStart); err != nil {
		return err
	}
	buf := sendBuffers.Get().(*[]byte)
	defer sendBuffers.Put(buf)
	n, err := io.CopyBuffer(clientWriter{x.w}, io.LimitReader(bytes, part.length), *buf)
	if err == nil && n < part.length {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// sendBuffers hold two packages of an envelope, which are then decrypted in place.
var sendBuffers = sync.Pool{New: func() any { b := make([]byte, 128<<10); return &b }}

// A clientGone says that an answer could not be sent.
type clientGone struct{ err error }

func (e *clientGone) Error() string { return "send the answer: " + e.err.Error() }
func (e *clientGone) Unwrap() error { return e.err }

// clientWriter marks the errors of sending.
type clientWriter struct{ w io.Writer }

func (c clientWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	if err != nil {
		err = &clientGone{err}
	}
	return n, err
}

// goneMeanwhile turns an absence that the decision did not see into errChanged.
func (x *exchange) goneMeanwhile(err error) error {
	if absent(err) {
		return errChanged
	}
	return err
}

// missing is the answer where there is no such object, and the caller may know.
func (x *exchange) missing() error {
	if err := x.checkMissing(x.versionID(), x.objectErr); err != nil {
		return err
	}
	e := x.wireError(x.objectErr)
	if e.Code == "MethodNotAllowed" {
		e = x.ofMarker(e)
	}
	return e
}

// ofMarker adds what reads of a delete marker by its version are told.
func (x *exchange) ofMarker(e *wire.Error) *wire.Error {
	if !x.object.DeleteMarker {
		return e
	}
	e = e.WithHeader("X-Amz-Delete-Marker", "true").WithHeader("X-Amz-Version-Id", x.object.VersionID)
	if e.Status == http.StatusMethodNotAllowed {
		e = e.WithHeader("Allow", http.MethodDelete) // "Working with delete markers"
	}
	if x.spec.Name == "GetObject" || x.spec.Name == "HeadObject" {
		e = e.WithHeader("Last-Modified", httpTime(x.object.Modified)).WithHeader("Allow", http.MethodDelete)
	}
	return e
}

// objectHeaders tells what is known of an object. Checksums are told where they
// were asked for, and are those of what is sent.
func (x *exchange) objectHeaders(o *store.Object, sums map[string]string) {
	for name, value := range o.Header {
		x.set(name, value)
	}
	if o.Header["content-type"] == "" {
		x.set("Content-Type", "binary/octet-stream")
	}
	for name, value := range o.UserMetadata {
		x.w.Header()["x-amz-meta-"+name] = []string{value}
	}
	x.set("ETag", `"`+o.ETag+`"`)
	x.set("Last-Modified", httpTime(o.Modified))
	x.set("Accept-Ranges", "bytes")
	x.set("X-Amz-Storage-Class", o.StorageClass)
	x.setArchive(o)
	x.setVersion(o)
	x.setExpiry(o)
	x.setEncryption(o)
	if strings.EqualFold(x.get("X-Amz-Checksum-Mode"), "ENABLED") && len(sums) > 0 {
		x.setChecksums(sums, o.ChecksumType)
	}
	if len(o.Tags) > 0 && x.may(x.tagAction()) {
		x.set("X-Amz-Tagging-Count", itoa(int64(len(o.Tags))))
	}
	x.lockHeaders(o)
	if o.Parts > 0 && x.query.Has("partNumber") {
		x.set("X-Amz-Mp-Parts-Count", itoa(int64(o.Parts)))
	}
}

func (x *exchange) tagAction() string {
	if x.versionID() != "" {
		return "s3:GetObjectVersionTagging"
	}
	return "s3:GetObjectTagging"
}

// lockHeaders tells the Object Lock state to those who may know it.
func (x *exchange) lockHeaders(o *store.Object) {
	if o.Lock == nil {
		return
	}
	if o.Lock.Mode != "" && x.may("s3:GetObjectRetention") {
		x.set("X-Amz-Object-Lock-Mode", o.Lock.Mode)
		x.set("X-Amz-Object-Lock-Retain-Until-Date", o.Lock.RetainUntil.UTC().Format("2006-01-02T15:04:05.000Z"))
	}
	if (o.Lock.LegalHold || o.Lock.HadHold) && x.may("s3:GetObjectLegalHold") {
		x.set("X-Amz-Object-Lock-Legal-Hold", holdStatus(o.Lock))
	}
}

func (x *exchange) setChecksums(sums map[string]string, kind string) {
	for name, value := range sums {
		if a := algorithmOf(name); a != nil {
			x.set(a.header, value)
		}
	}
	x.set("X-Amz-Checksum-Type", kind)
}

// setEncryption tells how an object is encrypted.
func (x *exchange) setEncryption(o *store.Object) {
	e := world.EncryptionOf(o)
	if e == nil {
		if x.bucket == nil {
			return
		}
		d := x.bucket.DefaultEncryption()
		e = &d
		e.Key = x.keyARN(d.Key, x.bucket.Account, x.bucket.RegionOrDefault())
	}
	switch e.Algorithm {
	case "SSE-C":
		x.set("X-Amz-Server-Side-Encryption-Customer-Algorithm", "AES256")
		x.set("X-Amz-Server-Side-Encryption-Customer-Key-Md5", e.KeyMD5)
	case "aws:kms", "aws:kms:dsse":
		x.set("X-Amz-Server-Side-Encryption", e.Algorithm)
		x.set("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", e.Key)
		if e.BucketKey {
			x.set("X-Amz-Server-Side-Encryption-Bucket-Key-Enabled", "true")
		}
	default:
		x.set("X-Amz-Server-Side-Encryption", "AES256")
	}
}

// overridable maps the response-* parameters to headers.
var overridable = map[string]string{
	"response-content-type": "Content-Type", "response-content-language": "Content-Language", "response-expires": "Expires",
	"response-cache-control": "Cache-Control", "response-content-disposition": "Content-Disposition", "response-content-encoding": "Content-Encoding",
}

// checkOverrides refuses response-* parameters of unsigned requests.
func (x *exchange) checkOverrides() error {
	if x.auth.Mechanism != sigv4.Anonymous {
		return nil
	}
	if slices.ContainsFunc(x.query, func(p wire.Param) bool { return overridable[p.Name] != "" }) {
		return invalidRequest("Request specific response headers cannot be used for anonymous GET requests.")
	}
	return nil
}

func (x *exchange) overrides() {
	if len(x.query) == 0 {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(overridable)) {
		if v, ok := x.query.Lookup(name); ok && !strings.ContainsAny(v, "\r\n\x00") {
			x.set(overridable[name], v)
		}
	}
}
