package s3

import (
	"errors"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/store"
	"github.com/why403/why403/request"
)

// gather looks up bucket and object as they are now. Only errors of the store
// are errors; that something is not there is a fact.
func (x *exchange) gather() error {
	x.estate = x.s.World.Estate()
	x.bucket, _ = x.estate.Bucket(x.bucketName)
	x.object, x.objectErr = store.Object{}, nil
	if x.bucket == nil || x.key == "" || x.spec.Scope != s3op.Object {
		return nil
	}
	x.stored = x.s.World.StoredVersion(x.ctx, x.bucketName, x.key, x.versionID())
	x.object, x.objectErr = x.store().Stat(x.ctx, x.bucketName, x.key, x.stored)
	if x.objectErr != nil && !absent(x.objectErr) {
		return x.objectErr
	}
	if x.ofUpload() {
		return x.gatherUpload()
	}
	return nil
}

// absent reports whether an error of the store says that there is no such object.
func absent(err error) bool {
	return errors.Is(err, store.ErrNoSuchKey) || errors.Is(err, store.ErrNoSuchVersion) || errors.Is(err, store.ErrDeleteMarker) ||
		errors.Is(err, store.ErrKeyTooLong) || errors.Is(err, store.ErrInvalidKey)
}

// facts states the object of a request.
func (x *exchange) facts() *estate.Object { return x.factsIn(&estate.Object{}) }

// factsIn is facts in the room of f, or elsewhere.
func (x *exchange) factsIn(f *estate.Object) *estate.Object {
	switch {
	case x.bucket == nil || x.key == "" || x.spec.Scope != s3op.Object:
		return nil
	case errors.Is(x.objectErr, store.ErrDeleteMarker):
		return &estate.Object{DeleteMarker: true, Owner: x.object.Owner}
	case x.objectErr != nil:
		return world.Missing()
	}
	return x.s.World.FactsIn(f, &x.object)
}

// withSource adds the facts about the object that a copy reads.
func (x *exchange) withSource(e *estate.Estate, r *request.Request) (*estate.Estate, error) {
	if r.CopySource == "" {
		return e, nil
	}
	src, err := x.source()
	if err != nil {
		withoutSource(r)
		return e, nil
	}
	o, err := x.store().Stat(x.ctx, src.bucket, src.key, x.s.World.StoredVersion(x.ctx, src.bucket, src.key, src.versionID))
	switch {
	case err == nil:
		x.sourceRevision = o.Revision
		return x.s.World.WithObject(e, src.bucket, src.key, src.versionID, x.s.World.Facts(&o)), nil
	case errors.Is(err, store.ErrDeleteMarker):
		return x.s.World.WithObject(e, src.bucket, src.key, src.versionID, &estate.Object{DeleteMarker: true}), nil
	case absent(err):
		return x.s.World.WithObject(e, src.bucket, src.key, src.versionID, world.Missing()), nil
	case errors.Is(err, store.ErrNoSuchBucket):
		withoutSource(r)
		return e, nil
	}
	return nil, err
}

// withoutSource leaves of a copy the write, to be decided alone: its source names nothing that can be decided on, which
// the handler tells those who may write.
func withoutSource(r *request.Request) {
	r.CopySource = ""
	delete(r.Headers, "x-amz-copy-source")
	switch r.Operation {
	case "CopyObject":
		r.Operation = "PutObject"
	case "UploadPartCopy":
		r.Operation = "UploadPart"
	}
}
