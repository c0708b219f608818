package s3

import (
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/store"
	"github.com/why403/why403/request"
)

// maxPut is the greatest object that one PutObject or CopyObject makes.
const maxPut = 5 << 30

// maxMetadata bounds names and values of user metadata.
const maxMetadata = 2 << 10

// systemHeaders are kept with an object and given back.
var systemHeaders = []string{"cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires",
	redirectHeader}

const redirectHeader = "x-amz-website-redirect-location"

// checkRedirect refuses what a website cannot redirect to: "Configuring a webpage redirect".
func checkRedirect(to string) error {
	switch {
	case to == "", strings.HasPrefix(to, "/"), strings.HasPrefix(to, "http://"), strings.HasPrefix(to, "https://"):
		return nil
	}
	return wire.NewError(http.StatusBadRequest, "InvalidRedirectLocation", "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.")
}

// storageClasses are those of general purpose buckets: "Understanding and managing Amazon S3 storage classes".
var storageClasses = []string{"STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE",
	"GLACIER_IR"}

// putObject is PutObject.
func (x *exchange) putObject() error {
	if err := x.checkLength(); err != nil {
		return err
	}
	attributes, err := x.newAttributes()
	if err != nil {
		return err
	}
	if err := x.metadata(&attributes); err != nil {
		return err
	}
	sums, err := x.newChecksums(true)
	if err != nil {
		return err
	}
	if err := x.checkLockDigest(attributes.Lock, sums, "Object"); err != nil {
		return err
	}
	body := x.auth.Body(bodyReader{x.r.Body})
	if _, err := x.write(&attributes, sums, body, body.Trailer); err != nil {
		return err
	}
	return x.empty(http.StatusOK)
}

// write makes an object of a body that comes in one piece, and sets the headers
// that tell of it. trailer returns what came behind the body once it was read.
func (x *exchange) write(a *store.Attributes, sums *checksums, body io.Reader, trailer func() http.Header) (store.Object, error) {
	sealing := x.seal(a, io.TeeReader(body, sums.hash), 0)
	meta := store.ObjectMeta{Bucket: x.bucketName, Key: x.key, Attributes: *a, Preconditions: x.preconditions(), Opaque: true}
	meta.Seal = func(o *store.Object) error {
		err := x.verifySealed(sealing)
		if err == nil {
			err = sums.verify(trailer())
		}
		o.ETag, o.Size = sealing.ETag(), sealing.Size()
		o.Checksums, o.ChecksumType = map[string]string{sums.algorithm.name: sums.value()}, fullObject
		return err
	}
	o, err := x.store().Put(x.ctx, meta, sealing)
	if err != nil {
		return o, err
	}
	x.set("ETag", `"`+o.ETag+`"`)
	x.setWritten(&o)
	x.setExpiry(&o)
	x.setEncryption(&o)
	x.setChecksums(o.Checksums, o.ChecksumType)
	return o, nil
}

// checkLength demands that the client says how long the object is.
func (x *exchange) checkLength() error {
	_, said := x.r.Header["Content-Length"]
	switch n := x.auth.DecodedLength; {
	case n < 0, !said && n == 0 && x.r.ProtoMajor == 1:
		return wire.NewError(http.StatusLengthRequired, "MissingContentLength", "You must provide the Content-Length HTTP header.")
	case n > maxPut:
		return wire.NewError(http.StatusBadRequest, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size").
			With("ProposedSize", itoa(n)).With("MaxSizeAllowed", itoa(maxPut))
	}
	return nil
}

// preconditions reads those of a write.
func (x *exchange) preconditions() store.Preconditions {
	return store.Preconditions{IfMatch: x.get("If-Match"), IfNoneMatch: x.get("If-None-Match")}
}

// checkPreconditions refuses what S3 does not take: an If-None-Match other than *, an If-Match of *, and both together
// ("Add preconditions to S3 operations with conditional requests"; the words as observed at AWS).
func (x *exchange) checkPreconditions() error {
	match, none := x.get("If-Match"), x.get("If-None-Match")
	switch {
	case match != "" && none != "":
		return notImplementedHeader("If-Match,If-None-Match", "Multiple conditional request headers present in the request")
	case match == "*":
		return notImplementedHeader("If-Match", "We don't accept the provided value of If-Match header for this API")
	case none != "" && none != "*":
		return notImplementedHeader("If-None-Match", "We don't accept the provided value of If-None-Match header for this API")
	}
	return nil
}

func notImplementedHeader(name, more string) error {
	return wire.NewError(http.StatusNotImplemented, "NotImplemented", "A header you provided implies functionality that is not implemented").
		With("Header", name).With("additionalMessage", more)
}

// newAttributes is what a new object gets by headers, metadata apart.
func (x *exchange) newAttributes() (store.Attributes, error) {
	var a store.Attributes
	var err error
	if err = x.checkPreconditions(); err != nil {
		return a, err
	}
	if err = x.ownerAndACL(&a); err != nil {
		return a, err
	}
	if a.Tags, err = x.headerTags(); err != nil {
		return a, err
	}
	if a.StorageClass, err = x.storageClass(); err != nil {
		return a, err
	}
	if a.Lock, err = x.newLock(); err != nil {
		return a, err
	}
	e, err := x.newEncryption()
	if err != nil {
		return a, err
	}
	if err := x.encrypts(e); err != nil {
		return a, err
	}
	world.SetEncryption(&a, e)
	return a, x.newContext(&a)
}

// ownerAndACL follows Object Ownership: "Controlling ownership of objects".
func (x *exchange) ownerAndACL(a *store.Attributes) error {
	acl, stated, err := x.requestedACL(false)
	if err != nil {
		return err
	}
	bucketOwner := string(x.bucket.Account)
	a.Owner = string(x.account())
	if a.Owner == "" {
		a.Owner = "anonymous"
	}
	switch x.bucket.ObjectOwnership() {
	case "BucketOwnerEnforced":
		a.Owner = bucketOwner
		if stated && !x.ownerFullControl() {
			return wire.NewError(http.StatusBadRequest, "AccessControlListNotSupported", "The bucket does not allow ACLs")
		}
		return nil
	case "BucketOwnerPreferred":
		if stated && acl.Canned == "bucket-owner-full-control" {
			a.Owner = bucketOwner
		}
	}
	if stated {
		world.SetACL(a, acl)
	}
	return nil
}

// ownerFullControl reports whether the headers ask for bucket-owner-full-control,
// canned or spelled out.
func (x *exchange) ownerFullControl() bool {
	asked := s3op.UploadACL(&request.Request{Headers: x.headers(), Query: x.query.Map()})
	return asked.IsBucketOwnerFullControl(world.Canonical(x.estate, string(x.bucket.Account)), x.bucket.Account)
}

func (x *exchange) storageClass() (string, error) {
	v := x.get("X-Amz-Storage-Class")
	switch {
	case v == "" || v == "STANDARD":
		return "", nil
	case !slices.Contains(storageClasses, v):
		return "", wire.NewError(http.StatusBadRequest, "InvalidStorageClass", "The storage class you specified is not valid").
			With("StorageClassRequested", v)
	}
	return v, nil
}

// metadata reads system and user metadata.
func (x *exchange) metadata(a *store.Attributes) error {
	a.Header = map[string]string{}
	for _, name := range systemHeaders {
		v := x.get(name)
		if name == "content-encoding" {
			v = withoutChunked(v)
		}
		if v != "" {
			a.Header[name] = v
		}
	}
	if err := checkRedirect(a.Header[redirectHeader]); err != nil {
		return err
	}
	size := 0
	for name, values := range x.header {
		lower := strings.ToLower(name)
		meta, ok := strings.CutPrefix(lower, "x-amz-meta-")
		if !ok || meta == "" {
			continue
		}
		if a.UserMetadata == nil {
			a.UserMetadata = map[string]string{}
		}
		a.UserMetadata[meta] = strings.Join(values, ",")
		size += len(meta) + len(a.UserMetadata[meta])
	}
	if size > maxMetadata {
		return wire.NewError(http.StatusBadRequest, "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size").
			With("Size", itoa(int64(size))).With("MaxSizeAllowed", itoa(maxMetadata))
	}
	return nil
}

// withoutChunked drops aws-chunked, which is the connection's, from a
// Content-Encoding.
func withoutChunked(v string) string {
	var rest []string
	for one := range strings.SplitSeq(v, ",") {
		if one = strings.TrimSpace(one); one != "" && !strings.EqualFold(one, "aws-chunked") {
			rest = append(rest, one)
		}
	}
	return strings.Join(rest, ",")
}
