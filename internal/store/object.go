package store

import (
	"encoding/json"
	"strings"
	"time"
)

// MaxKeyLength is the longest key in bytes of UTF-8, as in "Naming Amazon S3 objects".
const MaxKeyLength = 1024

// NullVersion is the id of the version written while versioning was off or suspended.
const NullVersion = "null"

// ValidVersionID says whether id looks like one that a store gives. S3 answers 400 InvalidArgument, "Invalid version id
// specified", to others, and 404 NoSuchVersion to those that look right and are unknown.
func ValidVersionID(id string) bool {
	if id == NullVersion {
		return true
	}
	return len(id) == 32 && strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._") == ""
}

// An Object describes one version of one key, or one delete marker.
type Object struct {
	Bucket, Key string
	// VersionID is NullVersion, or 32 characters out of A-Z a-z 0-9 - . _.
	VersionID string
	// ETag is without quotes: the MD5 of the bytes in hex; for a multipart object the MD5 of the parts' MD5s, "-" and the
	// number of parts; or what the Seal function made of it.
	ETag string
	// Size is what S3 reports; StoredSize counts the bytes that the store holds. They differ where Seal changed Size,
	// as for bytes that were encrypted on their way in.
	Size, StoredSize int64
	// Modified is the time of the write, to the millisecond; for a multipart object the time when the upload was created.
	Modified time.Time
	// Revision orders the versions of a key: the greater, the newer.
	Revision int64
	// Latest says that this is the newest version of its key, be it an object or a delete marker.
	Latest       bool
	DeleteMarker bool
	// Parts counts the parts of a multipart object. 0: it was written in one piece.
	Parts int
	Attributes
}

// Attributes is what callers keep with an object and may change later. The store does not interpret it.
// Empty fields cost nothing.
type Attributes struct {
	// Owner is the account or canonical id that owns the object.
	Owner string `json:"owner,omitempty"`
	// StorageClass is empty for STANDARD.
	StorageClass string `json:"storageClass,omitempty"`
	// Header holds system metadata under lower-case header names: content-type, cache-control, ...
	Header map[string]string `json:"header,omitempty"`
	// UserMetadata holds x-amz-meta-* without that prefix.
	UserMetadata map[string]string `json:"userMetadata,omitempty"`
	Tags         map[string]string `json:"tags,omitempty"`
	// Checksums maps an algorithm (CRC32, SHA256, ...) to the value in base64; ChecksumType is FULL_OBJECT or COMPOSITE.
	Checksums    map[string]string `json:"checksums,omitempty"`
	ChecksumType string            `json:"checksumType,omitempty"`
	Lock         *Lock             `json:"lock,omitempty"`
	// ACL and Encryption are documents of the caller's making.
	ACL        json.RawMessage `json:"acl,omitempty"`
	Encryption json.RawMessage `json:"encryption,omitempty"`
	// Extra is for all else.
	Extra map[string]json.RawMessage `json:"extra,omitempty"`
}

// A Lock is the Object Lock state of a version.
type Lock struct {
	// Mode is GOVERNANCE, COMPLIANCE, or empty without retention.
	Mode        string    `json:"mode,omitempty"`
	RetainUntil time.Time `json:"retainUntil,omitzero"`
	LegalHold   bool      `json:"legalHold,omitempty"`
	// HadHold says that a legal hold was once put on or lifted.
	HadHold bool `json:"hadHold,omitempty"`
}

// Preconditions are decided in the transaction that writes, against the current version. A delete marker counts as no
// object. The values are ETags, quoted or not. See "Add preconditions to S3 operations with conditional requests".
type Preconditions struct {
	// IfMatch requires a current version with this ETag; "*" any. Without a current version the error is ErrNoSuchKey,
	// with another ETag ErrPreconditionFailed.
	IfMatch string
	// IfNoneMatch requires that the current version has not this ETag; "*" that there is none. Else ErrPreconditionFailed.
	IfNoneMatch string
}

// ObjectMeta is what comes with the bytes of a new object.
type ObjectMeta struct {
	Bucket, Key string
	Attributes
	Preconditions
	// Opaque says that the bytes are not the object's own, as when they were encrypted on their way in: no MD5 is taken of
	// them, and Seal sets ETag and Size.
	Opaque bool
	// Seal, if not nil, is called once all bytes were read and before anything becomes visible, with ETag, Size and
	// StoredSize filled in. It may change ETag, Size and the attributes, and refuse the object with an error, which Put
	// returns as it is. It runs in the caller's goroutine.
	Seal func(*Object) error
}

// A DeleteRequest names what to delete.
type DeleteRequest struct {
	Bucket, Key string
	// VersionID empty: the simple DELETE, which in a bucket with versioning adds a delete marker. Else that version is
	// removed for good.
	VersionID string
	// IfMatch is checked against the current version, as in Preconditions.
	IfMatch string
	// Check, if not nil, sees the version that is about to be removed for good and may refuse with an error, which Delete
	// returns. It is not called when nothing is removed. It runs inside the transaction: it must be quick and must not
	// call the store.
	Check func(Object) error
}

// Deleted says what Delete did.
type Deleted struct {
	// VersionID is the version removed, or the id of the delete marker that was added; NullVersion in an unversioned bucket.
	VersionID string
	// DeleteMarker: a marker was added, or the version removed was one.
	DeleteMarker bool
	// Removed: a version is gone for good. False where there was none (which S3 answers with 204 all the same).
	Removed bool
}

// A ListQuery asks for one page of a bucket, in the order of the keys' bytes; versions of a key newest first.
type ListQuery struct {
	Bucket, Prefix string
	// Delimiter groups the keys that hold it after Prefix; any string, empty for no grouping.
	Delimiter string
	// After is exclusive: a key, a common prefix (the whole group is then passed over), or any string. S3 calls it marker,
	// start-after or key-marker; ListPage.Next is one.
	After string
	// Limit counts objects and common prefixes together. 0 or less: an empty page.
	Limit int
	// Versions lists every version and delete marker. Else only current versions are listed.
	Versions bool
	// Brief leaves out, of the attributes, all but Owner, StorageClass, ChecksumType and the names of Checksums. What the
	// objects hold must then not be changed.
	Brief bool
	// AfterVersion (with Versions) goes on within the key After, behind that version. Empty: After's versions are over.
	AfterVersion string
}

// A ListPage is the answer to a ListQuery.
type ListPage struct {
	Objects        []Object
	CommonPrefixes []string
	// Truncated says that there is more; Next and NextVersion are then the query's After and AfterVersion to go on with.
	Truncated         bool
	Next, NextVersion string
}
