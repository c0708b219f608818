package store

import (
	"context"
	"io"
	"time"
)

// A Store keeps objects and state. All methods may be called from any goroutine. Close waits for writes that have begun.
type Store interface {
	Objects
	Uploads
	State
	io.Closer
}

// Objects is the half that holds bytes.
type Objects interface {
	// Put reads body to its end and makes it the newest version of its key. On any error, one of body included, nothing has
	// changed. Memory use does not grow with the body. Errors: ErrNoSuchBucket, ErrKeyTooLong, ErrInvalidKey, those of
	// Preconditions.
	Put(ctx context.Context, meta ObjectMeta, body io.Reader) (Object, error)

	// Get opens a version for reading and seeking; versionID empty means the current version. The caller closes it.
	// Errors: ErrNoSuchBucket; ErrNoSuchKey when there is no current version (if that is because of a delete marker, the
	// Object returned is the marker); ErrNoSuchVersion; ErrDeleteMarker, with the marker.
	Get(ctx context.Context, bucket, key, versionID string) (Object, io.ReadSeekCloser, error)

	// Stat is Get without the bytes.
	Stat(ctx context.Context, bucket, key, versionID string) (Object, error)

	// Delete deletes as the bucket's versioning state demands: see DeleteRequest. A key or version that does not exist is
	// no error. Errors: ErrNoSuchBucket, those of Preconditions, that of Check.
	Delete(ctx context.Context, req DeleteRequest) (Deleted, error)

	// UpdateMeta changes attributes of a version in one transaction; neither Modified nor Revision change. An error of
	// change is returned and changes nothing. change must be quick, must not call the store, and sees the present values.
	// Errors as for Get.
	UpdateMeta(ctx context.Context, bucket, key, versionID string, change func(*Object) error) (Object, error)

	// List returns one page. Its cost does not depend on the size of the bucket or of the groups that Delimiter forms.
	// Errors: ErrNoSuchBucket.
	List(ctx context.Context, query ListQuery) (ListPage, error)
}

// Uploads is S3's multipart upload. Every method returns ErrNoSuchUpload for an upload that never was, was aborted or is
// complete, and ErrNoSuchBucket.
type Uploads interface {
	CreateUpload(ctx context.Context, meta UploadMeta) (Upload, error)
	StatUpload(ctx context.Context, bucket, key, uploadID string) (Upload, error)

	// PutPart is to a part what Put is to an object. ErrInvalidPart: the number is out of range.
	PutPart(ctx context.Context, meta PartMeta, body io.Reader) (Part, error)

	// ListParts returns at most limit parts of an upload with numbers greater than after, and whether there are more.
	ListParts(ctx context.Context, bucket, key, uploadID string, after, limit int) ([]Part, bool, error)

	// CompleteUpload makes the listed parts the newest version of the key, without copying their bytes. Preconditions that
	// hold because of another write or deletion since the upload began are ErrConditionalConflict. Further errors:
	// ErrInvalidPart (none listed, or one is not there with that ETag), ErrInvalidPartOrder, ErrEntityTooSmall, those of
	// Preconditions; the upload then still exists.
	CompleteUpload(ctx context.Context, req CompleteRequest) (Object, error)

	AbortUpload(ctx context.Context, bucket, key, uploadID string) error
	ListUploads(ctx context.Context, query UploadQuery) (UploadPage, error)

	// ObjectParts returns at most limit parts of a multipart object with numbers greater than after, and whether there are
	// more. An object written in one piece has none. Errors as for Get.
	ObjectParts(ctx context.Context, bucket, key, versionID string, after, limit int) ([]Part, bool, error)
}

// State is the half that holds documents and buckets.
type State interface {
	// Document returns one document, or ErrNotFound.
	Document(ctx context.Context, ref Ref) (Document, error)

	// Documents calls yield for every document of a kind and account (empty: of all accounts), in order of account and
	// name, as they stood at one moment, until yield returns false. yield must not call the store.
	Documents(ctx context.Context, kind, account string, yield func(Document) bool) error

	// Bucket returns a bucket, or ErrNoSuchBucket.
	Bucket(ctx context.Context, name string) (Bucket, error)

	// Revision is that of the newest committed change to documents or buckets.
	Revision(ctx context.Context) (int64, error)

	// Update runs change in a transaction. If change returns an error nothing has changed, and Update returns that error.
	// All transactions of a store run one after another, so change must be quick, and must not call the store other than
	// through tx, nor keep tx.
	Update(ctx context.Context, change func(tx Tx) error) error
}

// A Tx reads and changes the state within Update. It sees its own changes.
type Tx interface {
	// Revision is the one that this transaction's documents get.
	Revision() int64
	Document(ref Ref) (Document, error)
	Documents(kind, account string, yield func(Document) bool) error
	// PutDocument writes a document, which the caller must not change afterwards.
	PutDocument(ref Ref, body []byte) error
	// DeleteDocument removes a document; one that is not there is no error.
	DeleteDocument(ref Ref) error

	Bucket(name string) (Bucket, error)
	// CreateBucket makes an empty, unversioned bucket, or returns ErrBucketExists. Names are unique in the store.
	CreateBucket(name string) (Bucket, error)
	// DeleteBucket removes a bucket without objects, versions and delete markers, and aborts its uploads. Errors:
	// ErrNoSuchBucket, ErrBucketNotEmpty.
	DeleteBucket(name string) error
	// SetVersioning returns ErrNoSuchBucket, or ErrInvalidVersioning for a return to Unversioned.
	SetVersioning(name string, to Versioning) error
}

// A Ref addresses a document. Kind is the caller's word for what it is ("bucket", "user"); Account may be empty.
type Ref struct{ Kind, Account, Name string }

// A Document is one JSON text with the revision of its last change. The store keeps the bytes as they are.
type Document struct {
	Ref
	Revision int64
	Body     []byte
}

// A Bucket is what the store knows of a bucket.
type Bucket struct {
	Name       string
	Versioning Versioning
	Created    time.Time
}

// Versioning is the versioning state of a bucket.
type Versioning int

// The versioning states. A bucket that left Unversioned never returns to it.
const (
	Unversioned Versioning = iota
	Enabled
	Suspended
)

// String returns the word of the API: Enabled, Suspended, or nothing for Unversioned.
func (v Versioning) String() string { return [...]string{"", "Enabled", "Suspended"}[v] }
