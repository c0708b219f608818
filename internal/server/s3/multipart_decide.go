package s3

import (
	"slices"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// uploadStates are the headers of CreateMultipartUpload that the later steps of an
// upload are decided with: encryption, ACL, tags, lock and storage class belong to
// the upload, whatever a later step says of them.
var uploadStates = []string{
	"x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id", "x-amz-server-side-encryption-bucket-key-enabled",
	"x-amz-server-side-encryption-customer-algorithm", "x-amz-server-side-encryption-context", "x-amz-acl", "x-amz-grant-read", "x-amz-grant-write", "x-amz-grant-read-acp",
	"x-amz-grant-write-acp", "x-amz-grant-full-control", "x-amz-tagging", "x-amz-storage-class", "x-amz-website-redirect-location",
	"x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date", "x-amz-object-lock-legal-hold",
}

// uploadHeaders returns what a CreateMultipartUpload states of them. A KMS key is
// kept by its ARN: who goes on with the upload may be of another account.
func (x *exchange) uploadHeaders() map[string]string {
	const keyID = "x-amz-server-side-encryption-aws-kms-key-id"
	kept := map[string]string{}
	for _, name := range uploadStates {
		if v := x.get(name); v != "" {
			kept[name] = v
		}
	}
	if v := kept[keyID]; v != "" {
		if arn := x.keyARN(v, x.account(), x.bucket.RegionOrDefault()); arn != "" {
			kept[keyID] = arn
		}
	}
	return kept
}

// restate puts the headers of its upload into the request of a later step. They
// count as signed: the initiator's signature was over them.
func (x *exchange) restate(r *request.Request) {
	if x.spec == nil || x.upload == nil {
		return
	}
	switch {
	case x.spec.KeepsUploadHeaders():
	case x.spec.Name == "ListParts" && isKMS(x.upload.Headers["x-amz-server-side-encryption"]): // read under the upload's key
	default:
		return
	}
	for name := range r.Query {
		if slices.Contains(uploadStates, strings.ToLower(name)) {
			delete(r.Query, name)
		}
	}
	for _, name := range uploadStates {
		delete(r.Headers, name)
		if v, ok := x.upload.Headers[name]; ok {
			r.Headers[name] = v
			if len(r.Auth.SignedHeaders) > 0 {
				r.Auth.SignedHeaders = append(slices.Clip(r.Auth.SignedHeaders), name)
			}
		}
	}
}

// decideOwnUpload decides AbortMultipartUpload and ListParts. The engine knows that
// the bucket owner may do both; the initiator may, too, unless something refuses it
// explicitly or limits it, and if that is an IAM user, so may the user's account:
// "Multipart upload API and permissions".
func (x *exchange) decideOwnUpload() error {
	r := x.request()
	r.Object = x.facts()
	d, err := x.ask(r)
	if err != nil {
		return err
	}
	if wire.LacksOnly(d, x.ownUploadGates()...) {
		d.Verdict, d.Status, d.Code, d.Message = iam.Allowed, x.spec.Success, "", ""
		d.Cause, d.Contributing, d.Fixes = nil, []*report.Cause{}, []report.Fix{}
		for i := range d.Checks {
			d.Checks[i].Verdict = iam.Allowed
		}
	}
	x.s.Record(x.r, x.ids, d)
	return x.refused(d)
}

// ownUploadGates are the gates whose allow the caller can do without, as it began
// the upload, or as one of its account's IAM users did.
func (x *exchange) ownUploadGates() []iam.Gate {
	if x.caller == nil || x.upload == nil {
		return nil
	}
	by, ok := iam.ParseARN(x.upload.Initiator)
	switch {
	case x.upload.Initiator == x.caller.ARN:
		return []iam.Gate{iam.GateIdentity, iam.GateBucketPolicy}
	case ok && by.Account == x.caller.Account && strings.HasPrefix(by.Resource, "user/"):
		return []iam.Gate{iam.GateBucketPolicy}
	}
	return nil
}
