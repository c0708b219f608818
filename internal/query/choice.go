package query

import (
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/iamdata"
)

// globalChoices are the global keys that follow from how a caller goes about its
// request, and that the engine takes as absent where nothing is stated.
var globalChoices = map[string]bool{
	"aws:referer": true, "aws:useragent": true, "aws:viaawsservice": true, "aws:calledvia": true, "aws:calledviafirst": true, "aws:calledvialast": true,
	"aws:sourceidentity": true, "aws:federatedprovider": true, "aws:multifactorauthpresent": true, "aws:multifactorauthage": true, "aws:tokenissuetime": true,
}

// notChosen are the keys of S3 that follow from the resource, the operation or
// the question.
var notChosen = map[string]bool{
	"s3:resourceaccount": true, "s3:dataaccesspointarn": true, "s3:dataaccesspointaccount": true, "s3:accesspointnetworkorigin": true,
	"s3:versionid": true, "s3:tlsversion": true, "s3:objectcreationoperation": true,
}

// callersChoice tells the condition keys whose value the caller of an action
// chooses: headers and parameters, the way of signing, the calling application.
func callersChoice(action, key string) bool {
	lower := strings.ToLower(key)
	if globalChoices[lower] {
		return true
	}
	s3 := strings.HasPrefix(lower, "s3:") && !notChosen[lower] && !strings.HasPrefix(lower, "s3:existingobjecttag/") &&
		!strings.HasPrefix(lower, "s3:buckettag/") && !strings.HasPrefix(lower, "s3:accesspointtag/")
	tag := strings.HasPrefix(lower, "aws:requesttag/") || lower == "aws:tagkeys"
	return (s3 || tag) && iamdata.ActionCarries(action, key)
}

// chooses tells whether a kind of caller has the choice of a key: an unsigned
// request is signed in no way, services call as they do, and a role session's
// MFA is open already.
func chooses(kind iam.PrincipalKind, key condition.Key) bool {
	name := strings.ToLower(key.String())
	switch {
	case kind == iam.ServicePrincipal:
		return strings.HasPrefix(name, "s3:x-amz-") || strings.HasPrefix(name, "s3:object-lock-")
	case kind == iam.RoleSession || kind == iam.FederatedUser:
		return name != "aws:multifactorauthpresent" && name != "aws:multifactorauthage" && name != "aws:tokenissuetime"
	case kind == iam.Anonymous || kind == iam.OriginAccessIdentity:
		return !signed[name]
	}
	return name != "aws:sourceidentity" && name != "aws:federatedprovider" // of roles alone
}

// signed are the keys that only requests of a principal with credentials carry.
var signed = map[string]bool{
	"aws:viaawsservice": true, "aws:calledvia": true, "aws:calledviafirst": true, "aws:calledvialast": true, "aws:sourceidentity": true,
	"aws:federatedprovider": true, "aws:multifactorauthpresent": true, "aws:multifactorauthage": true, "aws:tokenissuetime": true,
	"s3:authtype": true, "s3:signatureversion": true, "s3:signatureage": true,
}
