package store

import (
	"errors"
	"fmt"
)

// The errors on which callers branch; test with [errors.Is]. Each bears the name of the S3 error code that it becomes,
// where there is one.
var (
	ErrNoSuchBucket       = errors.New("no such bucket")
	ErrNoSuchKey          = errors.New("no such key")
	ErrNoSuchVersion      = errors.New("no such version")
	ErrNoSuchUpload       = errors.New("no such upload")
	ErrBucketExists       = errors.New("bucket exists")
	ErrBucketNotEmpty     = errors.New("bucket not empty")
	ErrPreconditionFailed = errors.New("precondition failed")
	ErrInvalidPart        = errors.New("invalid part")
	ErrInvalidPartOrder   = errors.New("invalid part order")
	ErrEntityTooSmall     = errors.New("part smaller than the minimum")
	ErrKeyTooLong         = errors.New("key longer than 1024 bytes")

	// ErrInvalidVersion is an ErrNoSuchVersion of an id that the store cannot have given (S3: 400 InvalidArgument).
	ErrInvalidVersion = fmt.Errorf("invalid version id: %w", ErrNoSuchVersion)
	// ErrConditionalConflict says that the key was written or deleted since the upload began (S3: 409).
	ErrConditionalConflict = errors.New("conditional request in conflict with another one")
	// ErrInvalidKey refuses the empty key.
	ErrInvalidKey = errors.New("invalid key")
	// ErrDeleteMarker says that the version asked for by its id is a delete marker (S3: 405 MethodNotAllowed).
	ErrDeleteMarker = errors.New("version is a delete marker")
	// ErrInvalidVersioning refuses a return to Unversioned: S3 knows no such change.
	ErrInvalidVersioning = errors.New("invalid change of versioning state")
	// ErrNotFound says that no document has that Ref.
	ErrNotFound = errors.New("no such document")
	// ErrClosed is what every call on a closed store returns.
	ErrClosed = errors.New("store is closed")
	// ErrInUse says that another process, or another handle of this one, has the store open.
	ErrInUse = errors.New("store is in use")
)
