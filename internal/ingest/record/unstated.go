package record

import (
	"strings"

	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/request"
)

// The condition keys whose headers no log has, or not this one. CloudTrail copies
// ACLs, encryption and storage class of a request to its parameters; access logs
// have the referer, and no other header (CloudTrail User Guide and S3 User Guide,
// Amazon S3 CloudTrail events; S3 User Guide, server access log format).
var (
	neverLogged = []string{"s3:x-amz-content-sha256", "s3:if-match", "s3:if-none-match", "s3:x-amz-object-if-match"}

	neverInCloudTrail = []string{"aws:Referer"}

	neverOfWrites = []string{"s3:RequestObjectTag/", "s3:RequestObjectTagKeys", "aws:RequestTag/", "aws:TagKeys", "s3:object-lock-mode", "s3:object-lock-retain-until-date",
		"s3:object-lock-remaining-retention-days", "s3:object-lock-legal-hold", "s3:x-amz-website-redirect-location", "s3:x-amz-metadata-directive"}

	onlyInCloudTrail = []string{"s3:x-amz-acl", "s3:x-amz-grant-read", "s3:x-amz-grant-write", "s3:x-amz-grant-read-acp", "s3:x-amz-grant-write-acp", "s3:x-amz-grant-full-control",
		"s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id", "s3:x-amz-server-side-encryption-customer-algorithm", "s3:x-amz-storage-class",
		"s3:x-amz-object-ownership", "s3:x-amz-copy-source"}
)

// unstated marks as not known what the request may have carried and the log does
// not have; what it has all the same stays.
func (r *Record) unstated(q *request.Request) {
	mark := func(keys []string) {
		for _, key := range keys {
			if _, ok := q.Context[key]; !ok && !sent(q, key) {
				q.Context[key] = request.ContextValue{Value: condition.NotKnown}
			}
		}
	}
	mark(neverLogged)
	if r.Kind == CloudTrail {
		mark(neverInCloudTrail)
	}
	spec, ok := s3op.Lookup(q.Operation)
	if !ok || spec.Read {
		return
	}
	mark(neverOfWrites)
	if r.Kind == AccessLog {
		mark(onlyInCloudTrail)
	}
}

// sent reports that the header of a condition key is among the request's.
func sent(q *request.Request, key string) bool {
	_, name, _ := strings.Cut(key, ":")
	if key == "s3:RequestObjectTag/" || key == "s3:RequestObjectTagKeys" {
		name = "x-amz-tagging"
	}
	if _, ok := q.Headers[name]; ok {
		return true
	}
	_, ok := q.Headers["x-amz-"+name]
	return ok
}
