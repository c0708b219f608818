package audit

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/sigv4"
)

// An Access is one request to S3, when it is over.
type Access struct {
	IDs       wire.IDs
	Received  time.Time
	Operation string // "GetObject"; "" where it was not told
	Estate    *estate.Estate
	Bucket    *estate.Bucket // nil: none, or none that exists
	Name      string         // of the bucket, as it was named
	Key       string
	VersionID string // that the request names
	Region    string
	Request   *http.Request
	Remote    string // address
	Secure    bool   // it counts as made over TLS
	Endpoint  string // VPC endpoint that it came through
	Point     *estate.AccessPoint
	Caller    *world.Caller // nil: anonymous, or not authenticated
	Auth      *sigv4.Result // nil: not authenticated
	Gate      iam.Gate      // that refused
	Code      string        // of the error
	Message   string
	Size      int64 // of the object; -1: none
	Parts     []Part

	Status   int
	Sent     int64
	Duration time.Duration
}

// A Part is what an access log tells of a request in a line of its own: the reading of
// a copy's source, in the log of that bucket, and each key of a DeleteObjects call.
type Part struct {
	Operation      string // as access logs name it
	Bucket         *estate.Bucket
	Key, VersionID string
	Status         int
	Code           string
}

// dataOperations are the calls that CloudTrail counts as data events (CloudTrail
// User Guide and S3 User Guide, Amazon S3 CloudTrail events); all others are
// management events.
var dataOperations = func() map[string]bool {
	set := map[string]bool{}
	for name := range strings.FieldsSeq(`AbortMultipartUpload CompleteMultipartUpload CopyObject CreateMultipartUpload DeleteObject DeleteObjects
		DeleteObjectTagging GetObject GetObjectAcl GetObjectAttributes GetObjectLegalHold GetObjectRetention GetObjectTagging GetObjectTorrent HeadBucket
		HeadObject ListMultipartUploads ListObjectVersions ListObjects ListObjectsV2 ListParts OptionsObject PostObject PutObject PutObjectAcl
		PutObjectLegalHold PutObjectRetention PutObjectTagging RestoreObject SelectObjectContent UploadPart UploadPartCopy`) {
		set[name] = true
	}
	return set
}()

// eventNames are CloudTrail's names that are not the API's.
var eventNames = map[string]string{
	"ListObjectsV2": "ListObjects", "OptionsObject": "PreflightRequest", "PutBucketLifecycleConfiguration": "PutBucketLifecycle",
	"GetBucketLifecycleConfiguration": "GetBucketLifecycle", "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
	"PutPublicAccessBlock": "PutBucketPublicAccessBlock", "DeletePublicAccessBlock": "DeleteBucketPublicAccessBlock",
}

// shownParameters are the headers that CloudTrail copies to requestParameters.
var shownParameters = []string{
	"X-Amz-Acl", "X-Amz-Storage-Class", "X-Amz-Server-Side-Encryption", "X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", "X-Amz-Copy-Source",
}

// event is the record of CloudTrail, or nil for what it does not record: requests
// that were not authenticated, and those that a VPC endpoint policy refused.
func (a *Access) event() *Record {
	if a.Operation == "" || a.Auth == nil || a.Gate == iam.GateVPCEndpoint {
		return nil
	}
	r := newRecord(a.Received.Add(a.Duration), a.IDs, "s3.amazonaws.com", a.Operation, a.Region)
	if name := eventNames[a.Operation]; name != "" {
		r.EventName = name
	}
	r.Identity = identityOf(a.Estate, a.Caller, accessKey(a.Auth))
	r.SourceIP, r.UserAgent = a.Remote, "["+a.Request.UserAgent()+"]"
	r.ErrorCode, r.ErrorMessage = a.Code, a.Message
	r.Parameters = a.parameters()
	r.Additional = map[string]any{"bytesTransferredIn": max(a.Request.ContentLength, 0), "bytesTransferredOut": a.Sent, "x-amz-id-2": a.IDs.Host}
	if a.Caller != nil {
		r.Additional["SignatureVersion"], r.Additional["AuthenticationMethod"] = version(a.Auth), mechanism(a.Auth)
	}
	r.ReadOnly = strings.HasPrefix(a.Operation, "Get") || strings.HasPrefix(a.Operation, "List") || strings.HasPrefix(a.Operation, "Head") || a.Operation == "OptionsObject"
	r.setCategory(dataOperations[a.Operation])
	r.VPCEndpoint = a.Endpoint
	r.secure(a.Secure, a.Request.Host)
	a.resources(r)
	return r
}

func (a *Access) parameters() map[string]any {
	p := map[string]any{"Host": a.Request.Host}
	if a.Name != "" {
		p["bucketName"] = a.Name
	}
	if a.Key != "" {
		p["key"] = a.Key
	}
	query, _ := url.ParseQuery(a.Request.URL.RawQuery) // what does not parse is not shown
	for name, values := range query {
		if name != "X-Amz-Credential" && name != "X-Amz-Signature" && name != "X-Amz-Security-Token" && name != "Signature" && name != "AWSAccessKeyId" {
			p[name] = values[0]
		}
	}
	for _, name := range shownParameters {
		if v := a.Request.Header.Get(name); v != "" {
			p[strings.ToLower(name)] = v
		}
	}
	return p
}

func (a *Access) resources(r *Record) {
	if a.Name == "" {
		return
	}
	bucket := "arn:aws:s3:::" + a.Name
	if a.Bucket != nil {
		bucket = "arn:aws:s3:::" + a.Bucket.Name // behind an access point
	}
	switch {
	case a.Key != "":
		r.Resources = append(r.Resources, Resource{Type: "AWS::S3::Object", ARN: bucket + "/" + a.Key})
	case r.Category == "Data":
		r.Resources = append(r.Resources, Resource{Type: "AWS::S3::Object", ARNPrefix: bucket + "/" + a.Request.URL.Query().Get("prefix")})
	}
	owner := Resource{Type: "AWS::S3::Bucket", ARN: bucket}
	if a.Bucket != nil {
		owner.Account = string(a.Bucket.Account)
	}
	r.Resources = append(r.Resources, owner)
	if p := a.Point; p != nil {
		r.Resources = append(r.Resources, Resource{Type: "AWS::S3::AccessPoint", ARN: p.ARN(estate.PartitionOf(a.Region)), Account: string(p.Account)})
	}
}

func accessKey(auth *sigv4.Result) string {
	if auth == nil {
		return ""
	}
	return auth.Credential.AccessKeyID
}
