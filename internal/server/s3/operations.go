package s3

// An operation is what the endpoint does for one row of the table of operations.
type operation struct {
	// limit bounds the body that parse gets; 0: the operation has no document.
	limit int64

	// parse reads the body before the request is decided, as decisions hang on it.
	// It fills in exchange.body and exchange.parsed. Its error is told only to
	// callers whom the engine lets pass.
	parse func(x *exchange, body []byte) error

	// needsDigest demands Content-MD5 or a checksum of the body.
	needsDigest bool

	// ofObject tells that x-amz-checksum-* is about the object, not the document.
	ofObject bool

	// streams allows aws-chunked bodies.
	streams bool

	// decide replaces the one decision on the request.
	decide func(*exchange) error

	// act does what was asked, and answers. nil: NotImplemented.
	act func(*exchange) error
}

const (
	xmlLimit    = 1 << 20
	deleteLimit = 2 << 20 // a thousand keys of 1024 bytes
	policyLimit = 20 << 10
)

// operations is the table of what the endpoint does, by the name of the
// operation. What is not in it is authenticated and decided, and then answered by
// 501 NotImplemented.
var operations map[string]operation

func init() { // not a literal: the functions refer to the table
	operations = map[string]operation{
		"ListBuckets":       {act: (*exchange).listBuckets},
		"CreateBucket":      {limit: xmlLimit, parse: (*exchange).parseCreateBucket, act: (*exchange).createBucket},
		"HeadBucket":        {act: (*exchange).headBucket},
		"DeleteBucket":      {act: (*exchange).deleteBucket},
		"GetBucketLocation": {act: (*exchange).getBucketLocation},

		"GetBucketPolicy":       {act: (*exchange).getBucketPolicy},
		"GetBucketPolicyStatus": {act: (*exchange).getBucketPolicyStatus},
		"PutBucketPolicy":       {limit: policyLimit, parse: (*exchange).parsePolicy, act: (*exchange).putBucketPolicy},
		"DeleteBucketPolicy":    {act: (*exchange).deleteBucketPolicy},

		"GetBucketAcl": {act: (*exchange).getBucketACL},
		"PutBucketAcl": {limit: xmlLimit, parse: (*exchange).parseACL, act: (*exchange).putBucketACL},
		"GetObjectAcl": {act: (*exchange).getObjectACL},
		"PutObjectAcl": {limit: xmlLimit, parse: (*exchange).parseACL, act: (*exchange).putObjectACL},

		"GetPublicAccessBlock":    {act: (*exchange).getPublicAccessBlock},
		"PutPublicAccessBlock":    {limit: xmlLimit, parse: (*exchange).parsePublicAccessBlock, act: (*exchange).putPublicAccessBlock},
		"DeletePublicAccessBlock": {act: (*exchange).deletePublicAccessBlock},

		"GetBucketOwnershipControls":    {act: (*exchange).getOwnershipControls},
		"PutBucketOwnershipControls":    {limit: xmlLimit, parse: (*exchange).parseOwnershipControls, act: (*exchange).putOwnershipControls},
		"DeleteBucketOwnershipControls": {act: (*exchange).deleteOwnershipControls},

		"GetBucketVersioning": {act: (*exchange).getBucketVersioning},
		"PutBucketVersioning": {limit: xmlLimit, parse: (*exchange).parseVersioning, act: (*exchange).putBucketVersioning},

		"GetBucketTagging":    {act: (*exchange).getBucketTagging},
		"PutBucketTagging":    {limit: xmlLimit, parse: (*exchange).parseBucketTagging, needsDigest: true, act: (*exchange).putBucketTagging},
		"DeleteBucketTagging": {act: (*exchange).deleteBucketTagging},
		"GetObjectTagging":    {act: (*exchange).getObjectTagging},
		"PutObjectTagging":    {limit: xmlLimit, parse: (*exchange).parseObjectTagging, act: (*exchange).putObjectTagging},
		"DeleteObjectTagging": {act: (*exchange).deleteObjectTagging},

		"GetObjectLockConfiguration": {act: (*exchange).getLockConfiguration},
		"PutObjectLockConfiguration": {limit: xmlLimit, parse: (*exchange).parseLockConfiguration, needsDigest: true, act: (*exchange).putLockConfiguration},
		"GetObjectRetention":         {act: (*exchange).getRetention},
		"PutObjectRetention":         {limit: xmlLimit, parse: (*exchange).parseRetention, needsDigest: true, act: (*exchange).putRetention},
		"GetObjectLegalHold":         {act: (*exchange).getLegalHold},
		"PutObjectLegalHold":         {limit: xmlLimit, parse: (*exchange).parseLegalHold, needsDigest: true, act: (*exchange).putLegalHold},

		"GetObjectAttributes": {act: (*exchange).getObjectAttributes},
		"SelectObjectContent": {act: (*exchange).closed},
		"RestoreObject":       {limit: xmlLimit, parse: (*exchange).parseRestore, act: (*exchange).restoreObject},

		"ListObjects":        {act: (*exchange).listObjects},
		"ListObjectsV2":      {act: (*exchange).listObjectsV2},
		"ListObjectVersions": {act: (*exchange).listObjectVersions},

		"GetObject":    {act: (*exchange).getObject},
		"HeadObject":   {act: (*exchange).getObject},
		"PutObject":    {streams: true, act: (*exchange).putObject},
		"PostObject":   {decide: (*exchange).decideForm, act: (*exchange).postObject},
		"CopyObject":   {act: (*exchange).copyObject},
		"DeleteObject": {act: (*exchange).deleteObject},
		"DeleteObjects": {limit: deleteLimit, parse: (*exchange).parseDelete, needsDigest: true,
			decide: (*exchange).decideDelete, act: (*exchange).deleteObjects},

		"CreateMultipartUpload":   {act: (*exchange).createMultipartUpload},
		"UploadPart":              {streams: true, act: (*exchange).uploadPart},
		"UploadPartCopy":          {act: (*exchange).uploadPartCopy},
		"CompleteMultipartUpload": {limit: completeLimit, parse: (*exchange).parseComplete, ofObject: true, act: (*exchange).completeMultipartUpload},
		"AbortMultipartUpload":    {decide: (*exchange).decideOwnUpload, act: (*exchange).abortMultipartUpload},
		"ListParts":               {decide: (*exchange).decideOwnUpload, act: (*exchange).listParts},
		"ListMultipartUploads":    {act: (*exchange).listMultipartUploads},
	}
	addConfigurations(operations)
	controlOperations(operations)
}

// Implemented reports whether the endpoint does an operation, by its name. The CORS
// preflight goes another way than the rest.
func Implemented(name string) bool { return operations[name].act != nil || name == "OptionsObject" }
