package s3

import (
	"strings"

	"github.com/why403/why403/request"
)

// A codeState is what became of the code of an MFA device that a request brings.
type codeState uint8

const (
	codeUnused codeState = iota
	codeTaken            // by this request
	codeSpent            // by another one before
)

// takeCode takes the code of a request that was let pass by it. A code is right once:
// S3 deletes one version by it, or what one DeleteObjects names.
func (x *exchange) takeCode() {
	serial, code, sent := strings.Cut(x.get("X-Amz-Mfa"), " ")
	if !sent || x.code != codeUnused || x.caller == nil || !x.byCode() {
		return
	}
	x.code = codeSpent
	if x.s.World.TakeCode(x.caller.Account, serial, code) {
		x.code = codeTaken
	}
}

// byCode reports whether the request is one that MFA delete is about.
func (x *exchange) byCode() bool {
	if x.bucket == nil {
		return false
	}
	on := x.bucket.Versioning.MFADelete == "Enabled"
	switch x.spec.Name {
	case "PutBucketVersioning":
		return on || x.body != nil && x.body.Versioning != nil && x.body.Versioning.MFADelete == "Enabled"
	case "DeleteObject":
		return on && x.versionID() != ""
	case "DeleteObjects":
		return on
	}
	return false
}

// stateCode states a code that was used before as one that no device shows.
func (x *exchange) stateCode(r *request.Request) {
	if x.code != codeSpent {
		return
	}
	serial, _, _ := strings.Cut(x.get("X-Amz-Mfa"), " ")
	r.Headers["x-amz-mfa"] = serial + " (used)"
}
