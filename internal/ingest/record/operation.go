package record

import (
	"strings"

	"github.com/why403/why403/internal/s3op"
)

// operations are the names of operations in access logs, with those of the API (S3
// User Guide, Amazon S3 server access log format, Operation; and records of S3).
// Where a key tells the object's call from the bucket's both are given.
var operations = map[string]struct{ bucket, object string }{
	"REST.GET.OBJECT": {"", "GetObject"}, "REST.HEAD.OBJECT": {"", "HeadObject"},
	"WEBSITE.GET.OBJECT": {"", "GetObject"}, "WEBSITE.HEAD.OBJECT": {"", "HeadObject"},
	"REST.PUT.OBJECT": {"", "PutObject"}, "REST.POST.OBJECT": {"", "PostObject"},
	"REST.COPY.OBJECT": {"", "CopyObject"}, "REST.COPY.PART": {"", "UploadPartCopy"},
	"REST.DELETE.OBJECT": {"", "DeleteObject"}, "REST.POST.MULTI_OBJECT_DELETE": {"DeleteObjects", ""},
	"REST.GET.BUCKET": {"ListObjects", ""}, "REST.GET.BUCKETVERSIONS": {"ListObjectVersions", ""}, "REST.HEAD.BUCKET": {"HeadBucket", ""},
	"REST.PUT.BUCKET": {"CreateBucket", ""}, "REST.DELETE.BUCKET": {"DeleteBucket", ""},
	"REST.POST.UPLOADS": {"", "CreateMultipartUpload"}, "REST.PUT.PART": {"", "UploadPart"}, "REST.POST.UPLOAD": {"", "CompleteMultipartUpload"},
	"REST.DELETE.UPLOAD": {"", "AbortMultipartUpload"}, "REST.GET.UPLOAD": {"", "ListParts"}, "REST.GET.UPLOADS": {"ListMultipartUploads", ""},
	"REST.GET.ACL": {"GetBucketAcl", "GetObjectAcl"}, "REST.PUT.ACL": {"PutBucketAcl", "PutObjectAcl"},
	"REST.GET.BUCKETPOLICY": {"GetBucketPolicy", ""}, "REST.PUT.BUCKETPOLICY": {"PutBucketPolicy", ""}, "REST.DELETE.BUCKETPOLICY": {"DeleteBucketPolicy", ""},
	"REST.GET.POLICY_STATUS":       {"GetBucketPolicyStatus", ""},
	"REST.GET.PUBLIC_ACCESS_BLOCK": {"GetPublicAccessBlock", ""}, "REST.PUT.PUBLIC_ACCESS_BLOCK": {"PutPublicAccessBlock", ""}, "REST.DELETE.PUBLIC_ACCESS_BLOCK": {"DeletePublicAccessBlock", ""},
	"REST.GET.OWNERSHIP_CONTROLS": {"GetBucketOwnershipControls", ""}, "REST.PUT.OWNERSHIP_CONTROLS": {"PutBucketOwnershipControls", ""}, "REST.DELETE.OWNERSHIP_CONTROLS": {"DeleteBucketOwnershipControls", ""},
	"REST.GET.ENCRYPTION": {"GetBucketEncryption", ""}, "REST.PUT.ENCRYPTION": {"PutBucketEncryption", ""}, "REST.DELETE.ENCRYPTION": {"DeleteBucketEncryption", ""},
	"REST.GET.VERSIONING": {"GetBucketVersioning", ""}, "REST.PUT.VERSIONING": {"PutBucketVersioning", ""},
	"REST.GET.LOGGING_STATUS": {"GetBucketLogging", ""}, "REST.PUT.LOGGING_STATUS": {"PutBucketLogging", ""},
	"REST.GET.REQUEST_PAYMENT": {"GetBucketRequestPayment", ""}, "REST.PUT.REQUEST_PAYMENT": {"PutBucketRequestPayment", ""},
	"REST.GET.NOTIFICATION": {"GetBucketNotificationConfiguration", ""}, "REST.PUT.NOTIFICATION": {"PutBucketNotificationConfiguration", ""},
	"REST.GET.ACCELERATE": {"GetBucketAccelerateConfiguration", ""}, "REST.PUT.ACCELERATE": {"PutBucketAccelerateConfiguration", ""},
	"REST.GET.LOCATION": {"GetBucketLocation", ""},
	"REST.GET.TAGGING":  {"GetBucketTagging", "GetObjectTagging"}, "REST.PUT.TAGGING": {"PutBucketTagging", "PutObjectTagging"}, "REST.DELETE.TAGGING": {"DeleteBucketTagging", "DeleteObjectTagging"},
	"REST.GET.OBJECT_TAGGING": {"", "GetObjectTagging"}, "REST.PUT.OBJECT_TAGGING": {"", "PutObjectTagging"}, "REST.DELETE.OBJECT_TAGGING": {"", "DeleteObjectTagging"},
	"REST.GET.OBJECT_ATTRIBUTES": {"", "GetObjectAttributes"},
	"REST.GET.RETENTION":         {"", "GetObjectRetention"}, "REST.PUT.RETENTION": {"", "PutObjectRetention"},
	"REST.GET.LEGAL_HOLD": {"", "GetObjectLegalHold"}, "REST.PUT.LEGAL_HOLD": {"", "PutObjectLegalHold"},
	"REST.GET.OBJECT_LOCK_CONFIGURATION": {"GetObjectLockConfiguration", ""}, "REST.PUT.OBJECT_LOCK_CONFIGURATION": {"PutObjectLockConfiguration", ""},
	"REST.POST.RESTORE": {"", "RestoreObject"}, "REST.OPTIONS.PREFLIGHT": {"OptionsObject", "OptionsObject"},
	"REST.GET.CORS": {"GetBucketCors", ""}, "REST.PUT.CORS": {"PutBucketCors", ""}, "REST.DELETE.CORS": {"DeleteBucketCors", ""},
	"REST.GET.WEBSITE": {"GetBucketWebsite", ""}, "REST.PUT.WEBSITE": {"PutBucketWebsite", ""}, "REST.DELETE.WEBSITE": {"DeleteBucketWebsite", ""},
	"REST.GET.LIFECYCLE": {"GetBucketLifecycleConfiguration", ""}, "REST.PUT.LIFECYCLE": {"PutBucketLifecycleConfiguration", ""}, "REST.DELETE.LIFECYCLE": {"DeleteBucketLifecycle", ""},
	"REST.GET.REPLICATION": {"GetBucketReplication", ""}, "REST.PUT.REPLICATION": {"PutBucketReplication", ""}, "REST.DELETE.REPLICATION": {"DeleteBucketReplication", ""},
}

// halves are records of one half of a call, or of one object of many: they stand
// for a permission rather than for an operation.
var halves = map[string]string{"REST.COPY.OBJECT_GET": "s3:GetObject", "REST.COPY.PART_GET": "s3:GetObject", "BATCH.DELETE.OBJECT": "s3:DeleteObject"}

// Operation returns the API's name of the operation, "" where there is none: the
// halves of calls, what S3 does by itself, and names that nobody knows.
//
// CloudTrail calls ListObjectsV2 "ListObjects", with list-type 2.
func (r *Record) Operation() string {
	if r.Kind == CloudTrail {
		if string(r.Event) == "ListObjects" {
			return r.listing()
		}
		if spec, ok := s3op.Lookup(string(r.Event)); ok {
			return spec.Name
		}
		return ""
	}
	if o, ok := operations[string(r.Event)]; ok {
		switch {
		case string(r.Event) == "REST.GET.BUCKET":
			return r.listing()
		case len(r.Key) > 0 && o.object != "" || o.bucket == "":
			return o.object
		}
		return o.bucket
	}
	if _, ok := halves[string(r.Event)]; ok || !strings.HasPrefix(string(r.Event), "REST.") {
		return ""
	}
	return r.classified()
}

func (r *Record) listing() string {
	if v, ok := r.Param("list-type"); ok && string(v) == "2" {
		return "ListObjectsV2"
	}
	return "ListObjects"
}

// classified tells the operation by method, key and query string.
func (r *Record) classified() string {
	shape := s3op.Shape{Method: string(r.Method), Bucket: string(r.Bucket), Key: string(r.Key)}
	for _, p := range r.Params {
		shape.Query = append(shape.Query, s3op.Param{Name: string(p.Name), Value: string(p.Value), HasValue: len(p.Value) > 0})
	}
	if spec, no := s3op.Classify(shape); no == nil {
		return spec.Name
	}
	return ""
}

// Action returns the permission that a record of half a call stands for, "" for
// others.
func (r *Record) Action() string {
	if r.Kind == CloudTrail {
		if r.IsKMS() {
			return "kms:" + string(r.Event)
		}
		return ""
	}
	action := halves[string(r.Event)]
	if action != "" && len(r.VersionID) > 0 {
		action += "Version"
	}
	return action
}
