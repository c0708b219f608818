package store

import "time"

// An UploadMeta opens a multipart upload. The attributes are those of the object to be.
type UploadMeta struct {
	Bucket, Key string
	Attributes
}

// An Upload is a multipart upload in progress.
type Upload struct {
	Bucket, Key, UploadID string
	Initiated             time.Time
	Attributes
}

// A PartMeta comes with the bytes of a part.
type PartMeta struct {
	Bucket, Key, UploadID string
	// Number orders the parts: 1 to 10000. A part sent again replaces the earlier one.
	Number int
	// Checksums as in Attributes.
	Checksums map[string]string
	// Opaque and Seal as in ObjectMeta.
	Opaque bool
	Seal   func(*Part) error
}

// A Part is one part of an upload, or of a multipart object.
type Part struct {
	Number           int
	ETag             string
	Size, StoredSize int64
	Modified         time.Time
	Checksums        map[string]string
}

// A CompleteRequest makes an object of an upload.
type CompleteRequest struct {
	Bucket, Key, UploadID string
	// Parts are in ascending order of Number. Parts of the upload that are not listed are thrown away.
	Parts []CompletedPart
	// MinPartSize holds for all parts but the last; S3's is 5 MiB.
	MinPartSize int64
	Preconditions
	// Seal as in ObjectMeta, with the parts that make the object. It runs inside the transaction: it must be quick and must
	// not call the store.
	Seal func(*Object, []Part) error
}

// A CompletedPart names a part by number and ETag, quoted or not.
type CompletedPart struct {
	Number int
	ETag   string
}

// An UploadQuery asks for one page of the uploads in progress, by key and then by age. The fields mean what they mean in
// ListQuery.
type UploadQuery struct {
	Bucket, Prefix, Delimiter string
	After                     string
	// AfterUpload goes on within the key After, behind that upload. Empty: After's uploads are over.
	AfterUpload string
	Limit       int
}

// An UploadPage is the answer to an UploadQuery.
type UploadPage struct {
	Uploads          []Upload
	CommonPrefixes   []string
	Truncated        bool
	Next, NextUpload string
}
