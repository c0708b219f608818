package s3op

import (
	"github.com/why403/why403/internal/condition"
)

// Half tells the sides of an operation apart.
type Half uint8

// The halves of an operation.
const (
	Target Half = iota // the bucket or object that the request names
	Source             // the object that a copy reads
)

// A Check is one permission that an operation needs: an action on a resource,
// with the condition keys that the request itself brings for this action.
type Check struct {
	Action    string // "s3:GetObject"
	Half      Half
	Bucket    string // "" for actions on "*"
	Key       string // "" for bucket actions
	VersionID string
	OnBucket  bool // the resource is the bucket's ARN, even where Key is set
	OnAny     bool // the resource is "*" (account level actions)

	// Keys are the condition keys that come from headers, query and body, and
	// that this action carries. Keys that hang on the estate (tags of the
	// object, the key that encrypts) and those that every check carries
	// (caller, network, signature) are not among them.
	Keys condition.Layer

	// DefaultAllowed marks the actions that S3 allows the bucket owner's
	// account without any policy statement (AbortMultipartUpload,
	// ListMultipartUploadParts; S3 User Guide, Multipart upload and permissions).
	DefaultAllowed bool
}

// A KMSNeed is one KMS permission that an operation needs where the data of
// that half is encrypted under a KMS key.
type KMSNeed struct {
	Action string // "kms:Decrypt"
	Half   Half

	// New tells that the key is the one that the new object will have (request
	// header, else the bucket's default); otherwise it is the stored object's.
	New bool
}
