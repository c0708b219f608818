package s3

import (
	"context"
	"errors"
	"net/http"
	"os"
	"time"

	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/internal/store"
)

// fail answers with the error that err means to the client.
func (x *exchange) fail(err error) {
	var gone *clientGone
	if errors.As(err, &gone) {
		panic(http.ErrAbortHandler)
	}
	e := x.wireError(err)
	var auth *sigv4.Error
	if errors.As(err, &auth) && auth.Gate != "" && !x.authRecorded {
		x.recordRefusal(auth) // found in the body
	}
	if e.Status >= 500 && e.Code == "InternalError" {
		x.s.Failed(x.r, x.ids, err)
	}
	if x.wrote {
		panic(http.ErrAbortHandler) // too late to say so otherwise
	}
	x.tellRegion(e)
	if x.control != nil {
		e.WriteControl(x.w, x.r, x.ids)
		return
	}
	e.WriteS3(x.w, x.r, x.ids)
}

// tellRegion names the Region of a bucket that exists, as the pages of HeadBucket
// and of redirection have it: clients go on from there.
func (x *exchange) tellRegion(e *wire.Error) {
	head := x.r.Method == http.MethodHead && (x.key == "" || e.Status == http.StatusBadRequest)
	if b, ok := x.estate.Bucket(x.bucketName); ok && (head || e.Status == http.StatusMovedPermanently || e.Code == "AuthorizationHeaderMalformed") {
		x.set("X-Amz-Bucket-Region", b.RegionOrDefault())
	}
}

const preconditionMessage = "At least one of the pre-conditions you specified did not hold"

func (x *exchange) wireError(err error) *wire.Error {
	var own *wire.Error
	if errors.As(err, &own) {
		return own
	}
	var auth *sigv4.Error
	if errors.As(err, &auth) {
		return authError(auth)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return requestTimeout()
	}
	var read *readError
	if errors.As(err, &read) {
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return requestTimeout()
		}
		return wire.NewError(http.StatusBadRequest, "IncompleteBody", "The request body terminated unexpectedly")
	}
	switch {
	case errors.Is(err, store.ErrNoSuchBucket):
		return x.noSuchBucket()
	case errors.Is(err, store.ErrNoSuchKey):
		return x.noSuchKey()
	case errors.Is(err, store.ErrNoSuchVersion):
		return x.noSuchVersion()
	case errors.Is(err, store.ErrConditionalConflict):
		return wire.NewError(http.StatusConflict, "ConditionalRequestConflict", "The conditional request cannot succeed due to a conflicting operation against this resource.").
			With("Condition", x.writeCondition()).With("Key", x.key)
	case errors.Is(err, store.ErrDeleteMarker):
		return wire.NewError(http.StatusMethodNotAllowed, "MethodNotAllowed", methodNotAllowed).
			With("Method", x.r.Method).With("ResourceType", "DeleteMarker")
	case errors.Is(err, store.ErrPreconditionFailed):
		return wire.NewError(http.StatusPreconditionFailed, "PreconditionFailed", preconditionMessage).With("Condition", x.writeCondition())
	case errors.Is(err, store.ErrKeyTooLong):
		return wire.NewError(http.StatusBadRequest, "KeyTooLongError", "Your key is too long").
			With("Size", itoa(int64(len(x.key)))).With("MaxSizeAllowed", itoa(store.MaxKeyLength))
	case errors.Is(err, store.ErrNoSuchUpload):
		return x.noSuchUpload()
	case errors.Is(err, store.ErrBucketNotEmpty):
		return x.bucketNotEmpty()
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return requestTimeout()
	case errors.Is(err, errChanged):
		return wire.NewError(http.StatusConflict, "OperationAborted",
			"A conflicting conditional operation is currently in progress against this resource. Please try again.")
	}
	return wire.NewError(http.StatusInternalServerError, "InternalError", "We encountered an internal error. Please try again.")
}

func requestTimeout() *wire.Error {
	return wire.NewError(http.StatusBadRequest, "RequestTimeout",
		"Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.").
		WithHeader("Connection", "close")
}

func authError(e *sigv4.Error) *wire.Error {
	w := wire.NewError(e.Status, e.Code, e.Message)
	for _, x := range e.Extra {
		w = w.With(x.Name, x.Value)
	}
	return w
}

func (x *exchange) noSuchBucket() *wire.Error {
	return wire.NewError(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist").With("BucketName", x.bucketName)
}

const noSuchKeyMessage = "The specified key does not exist."

func (x *exchange) noSuchKey() *wire.Error {
	e := wire.NewError(http.StatusNotFound, "NoSuchKey", noSuchKeyMessage).With("Key", x.key)
	if x.object.DeleteMarker {
		e = e.WithHeader("X-Amz-Delete-Marker", "true").WithHeader("X-Amz-Version-Id", x.object.VersionID)
	}
	return e
}

func (x *exchange) noSuchVersion() *wire.Error {
	return wire.NewError(http.StatusNotFound, "NoSuchVersion", "The specified version does not exist.").
		With("Key", x.key).With("VersionId", x.versionID())
}

func (x *exchange) bucketNotEmpty() *wire.Error {
	message := "The bucket you tried to delete is not empty"
	if x.bucket != nil && x.bucket.Versioning.Ever() {
		message += ". You must delete all versions in the bucket."
	}
	return wire.NewError(http.StatusConflict, "BucketNotEmpty", message).With("BucketName", x.bucketName)
}

// writeCondition names the precondition of a write.
func (x *exchange) writeCondition() string {
	if x.get("If-None-Match") != "" {
		return "If-None-Match"
	}
	return "If-Match"
}

// invalidArgument is S3's complaint about one parameter.
func invalidArgument(message, name, value string) *wire.Error {
	return wire.NewError(http.StatusBadRequest, "InvalidArgument", message).With("ArgumentName", name).With("ArgumentValue", value)
}

// invalidParameter is invalidArgument where S3 does not repeat the value.
func invalidParameter(message, name string) *wire.Error {
	return wire.NewError(http.StatusBadRequest, "InvalidArgument", message).With("ArgumentName", name)
}

func invalidRequest(message string) *wire.Error {
	return wire.NewError(http.StatusBadRequest, "InvalidRequest", message)
}

func malformedXML() *wire.Error {
	return wire.NewError(http.StatusBadRequest, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
}

// httpTime is a time as headers carry it.
func httpTime(t time.Time) string { return t.UTC().Format(http.TimeFormat) }
