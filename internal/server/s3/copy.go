package s3

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/store"
)

// A copySource is the object that a copy reads.
type copySource struct{ bucket, key, versionID string }

// source reads x-amz-copy-source. An access point stands for its bucket.
func (x *exchange) source() (copySource, error) {
	value := x.get("X-Amz-Copy-Source")
	if !wellEncoded(value) {
		return copySource{}, invalidSource("Invalid copy source encoding")
	}
	bucket, key, version, arn, err := s3op.CopySource(value)
	if err == nil && arn != "" {
		ap, ok := x.estate.AccessPoint(arn)
		if !ok {
			return copySource{}, wire.NewError(http.StatusNotFound, "NoSuchAccessPoint", "The specified accesspoint does not exist")
		}
		bucket = ap.Bucket
	}
	if err != nil || leavesRoot(key) {
		return copySource{}, invalidSource("Invalid copy source object key")
	}
	if _, known := x.estate.Bucket(bucket); !known && !wire.ValidBucketName(bucket) {
		return copySource{}, invalidSource("Invalid copy source bucket name")
	}
	return copySource{bucket, key, version}, nil
}

// invalidSource has the header's name for its value, too (observed at AWS).
func invalidSource(message string) error {
	return invalidArgument(message, "x-amz-copy-source", "x-amz-copy-source")
}

func wellEncoded(source string) bool {
	_, err := url.PathUnescape(source)
	return err == nil
}

type copyObjectResult struct {
	XMLName      xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ CopyObjectResult"`
	LastModified wire.Time
	ETag         string
	checksumsXML
}

// copyObject is CopyObject.
func (x *exchange) copyObject() error {
	src, err := x.source()
	if err != nil {
		return err
	}
	from, bytes, err := x.openSource(src)
	if err != nil {
		return err
	}
	defer bytes.Close()
	if from.Size > maxPut {
		return invalidRequest("The specified copy source is larger than the maximum allowable size for a copy source: " + itoa(maxPut))
	}
	plain, err := x.open(&from, bytes, copySSE)
	if err != nil {
		return err
	}
	attributes, err := x.copiedAttributes(src, &from)
	if err != nil {
		return err
	}
	algorithm, err := x.copyAlgorithm(&from)
	if err != nil {
		return err
	}
	hash := algorithm.make()
	sealing := x.seal(&attributes, io.TeeReader(plain, hash), 0)
	meta := store.ObjectMeta{Bucket: x.bucketName, Key: x.key, Attributes: attributes, Preconditions: x.preconditions(), Opaque: true}
	meta.Seal = func(o *store.Object) error {
		if o.ETag, o.Size = sealing.ETag(), sealing.Size(); o.Size != from.Size {
			return errShortSource
		}
		sums := checksums{algorithm: algorithm, hash: hash}
		o.Checksums, o.ChecksumType = map[string]string{algorithm.name: sums.value()}, fullObject
		return nil
	}
	o, err := x.store().Put(x.ctx, meta, sealing)
	if err != nil {
		return err
	}
	x.setSourceVersion(&from)
	x.setVersion(&o)
	x.setExpiry(&o)
	x.setEncryption(&o)
	return x.xml(copyObjectResult{LastModified: wire.Time(o.Modified), ETag: `"` + o.ETag + `"`,
		checksumsXML: shownChecksums(o.Checksums)})
}

// openSource opens the object to be copied: the one that was decided on.
func (x *exchange) openSource(src copySource) (store.Object, io.ReadSeekCloser, error) {
	o, bytes, err := x.store().Get(x.ctx, src.bucket, src.key, x.s.World.StoredVersion(x.ctx, src.bucket, src.key, src.versionID))
	switch {
	case errors.Is(err, store.ErrNoSuchBucket):
		return o, nil, wire.NewError(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist").With("BucketName", src.bucket)
	case errors.Is(err, store.ErrDeleteMarker):
		return o, nil, invalidRequest("The source of a copy request may not specifically refer to a delete marker by version id.")
	case errors.Is(err, store.ErrNoSuchVersion):
		if err := x.checkMissing(src.versionID, err); err != nil {
			return o, nil, err
		}
		return o, nil, wire.NewError(http.StatusNotFound, "NoSuchVersion", "The specified version does not exist.").With("Key", src.key).With("VersionId", src.versionID)
	case errors.Is(err, store.ErrNoSuchKey):
		return o, nil, wire.NewError(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.").With("Key", src.key)
	case err != nil:
		return o, nil, err
	}
	err = x.checkSource(&o)
	if err == nil {
		err = x.checkReadKey(&o, copySSE)
	}
	if err == nil && o.Revision != x.sourceRevision {
		err = errChanged
	}
	if err != nil {
		bytes.Close()
	}
	return o, bytes, err
}

// checkSource checks the preconditions of the source.
func (x *exchange) checkSource(o *store.Object) error {
	const prefix = "X-Amz-Copy-Source-"
	if v := x.get(prefix + "If-Match"); v != "" {
		if !matchETag(v, o.ETag) {
			return preconditionFailed("x-amz-copy-source-If-Match")
		}
	} else if t, ok := parseHTTPTime(x.get(prefix + "If-Unmodified-Since")); ok && seconds(o.Modified).After(t) {
		return preconditionFailed("x-amz-copy-source-If-Unmodified-Since")
	}
	if v := x.get(prefix + "If-None-Match"); v != "" {
		if matchETag(v, o.ETag) {
			return preconditionFailed("x-amz-copy-source-If-None-Match")
		}
	} else if x.unmodified(o, x.get(prefix+"If-Modified-Since")) {
		return preconditionFailed("x-amz-copy-source-If-Modified-Since")
	}
	return nil
}

// copiedAttributes are those of the copy: its own ACL, encryption and storage
// class, and metadata and tags of the source unless they are replaced.
func (x *exchange) copiedAttributes(src copySource, from *store.Object) (store.Attributes, error) {
	replaceMeta, err := x.directive("X-Amz-Metadata-Directive", "Unknown metadata directive.")
	if err != nil {
		return store.Attributes{}, err
	}
	replaceTags, err := x.directive("X-Amz-Tagging-Directive", "Unknown tagging directive.")
	if err != nil {
		return store.Attributes{}, err
	}
	a, err := x.newAttributes()
	if err != nil {
		return a, err
	}
	if src == (copySource{bucket: x.bucketName, key: x.key}) && !replaceMeta && !x.copyChanges(from, &a) {
		return a, invalidRequest("This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.")
	}
	if !replaceTags {
		a.Tags = from.Tags
	}
	if replaceMeta {
		return a, x.metadata(&a)
	}
	a.Header, a.UserMetadata = maps.Clone(from.Header), from.UserMetadata
	delete(a.Header, redirectHeader)
	if v := x.get("X-Amz-Website-Redirect-Location"); v != "" {
		if a.Header == nil {
			a.Header = map[string]string{}
		}
		a.Header[redirectHeader] = v
	}
	return a, checkRedirect(a.Header[redirectHeader])
}

// copyChanges reports whether a copy onto itself changes anything but metadata. A bucket whose encryption was set, and an
// encryption other than the copy's, count as change (observed at AWS).
func (x *exchange) copyChanges(from *store.Object, to *store.Attributes) bool {
	for _, name := range []string{sse, sse + "-Customer-Algorithm", "X-Amz-Storage-Class", "X-Amz-Website-Redirect-Location"} {
		if x.get(name) != "" {
			return true
		}
	}
	return x.bucket.Encryption != nil || !bytes.Equal(from.Encryption, to.Encryption)
}

// directive reads COPY (false, also where absent) or REPLACE (true).
func (x *exchange) directive(name, complaint string) (replace bool, err error) {
	switch v := x.get(name); v {
	case "", "COPY":
		return false, nil
	case "REPLACE":
		return true, nil
	default:
		return false, invalidArgument(complaint, strings.ToLower(name), v)
	}
}

// copyAlgorithm is which checksum the copy gets: the one asked for, else that of
// the source.
func (x *exchange) copyAlgorithm(from *store.Object) (*algorithm, error) {
	if v := x.get("X-Amz-Checksum-Algorithm"); v != "" {
		if a := algorithmOf(v); a != nil {
			return a, nil
		}
		return nil, invalidRequest(unsupportedAlgorithm)
	}
	for name := range from.Checksums {
		if a := algorithmOf(name); a != nil {
			return a, nil
		}
	}
	return algorithmOf("CRC64NVME"), nil
}
