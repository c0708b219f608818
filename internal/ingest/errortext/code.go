package errortext

import (
	"regexp"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/reason"
)

// statusOf are the HTTP statuses of the codes of S3's refusals (S3 API Reference,
// "Error responses").
var statusOf = map[string]int{
	"AccessDenied": 403, "AccessDeniedException": 403, "AllAccessDisabled": 403, "AccountProblem": 403, "NotSignedUp": 403, "InvalidPayer": 403,
	"InvalidAccessKeyId": 403, "SignatureDoesNotMatch": 403, "RequestTimeTooSkewed": 403, "InvalidObjectState": 403, "UnrecognizedClientException": 403,
	"InvalidClientTokenId": 403, "ExpiredTokenException": 403, "MissingAuthenticationToken": 403,
	"ExpiredToken": 400, "InvalidToken": 400, "TokenRefreshRequired": 400, "AuthorizationHeaderMalformed": 400, "AuthorizationQueryParametersError": 400,
	"AccessControlListNotSupported": 400, "InvalidBucketAclWithObjectOwnership": 400, "KMS.DisabledException": 400, "KMS.NotFoundException": 400,
	"KMS.KMSInvalidStateException": 400, "IllegalLocationConstraintException": 400, "InvalidRequest": 400, "InvalidArgument": 400,
	"PermanentRedirect": 301, "TemporaryRedirect": 307, "MethodNotAllowed": 405, "NoSuchBucket": 404, "NoSuchKey": 404, "NoSuchVersion": 404,
}

// byCodes are the gates that a code alone tells.
var byCodes = map[string]Refusal{
	"InvalidAccessKeyId":                  {iam.GateCredentials, iam.KindAuthentication, reason.UnknownAccessKey},
	"InvalidClientTokenId":                {iam.GateCredentials, iam.KindAuthentication, reason.UnknownAccessKey},
	"UnrecognizedClientException":         {iam.GateCredentials, iam.KindAuthentication, reason.UnknownAccessKey},
	"ExpiredToken":                        {iam.GateCredentials, iam.KindAuthentication, reason.ExpiredToken},
	"ExpiredTokenException":               {iam.GateCredentials, iam.KindAuthentication, reason.ExpiredToken},
	"TokenRefreshRequired":                {iam.GateCredentials, iam.KindAuthentication, reason.ExpiredToken},
	"InvalidToken":                        {iam.GateCredentials, iam.KindAuthentication, reason.InvalidToken},
	"MissingAuthenticationToken":          {iam.GateCredentials, iam.KindAuthentication, reason.AnonymousNotAllowed},
	"SignatureDoesNotMatch":               {iam.GateSignature, iam.KindAuthentication, reason.SignatureMismatch},
	"RequestTimeTooSkewed":                {iam.GateSignature, iam.KindAuthentication, reason.ClockSkew},
	"AuthorizationHeaderMalformed":        {iam.GateEndpoint, iam.KindAuthentication, reason.WrongRegion},
	"PermanentRedirect":                   {iam.GateEndpoint, iam.KindAuthentication, reason.WrongRegion},
	"TemporaryRedirect":                   {iam.GateEndpoint, iam.KindAuthentication, reason.WrongRegion},
	"IllegalLocationConstraintException":  {iam.GateEndpoint, iam.KindAuthentication, reason.WrongRegion},
	"InvalidObjectState":                  {iam.GateObjectState, iam.KindState, reason.Archived},
	"AccessControlListNotSupported":       {iam.GateOwnership, iam.KindSetting, reason.ACLNotSupported},
	"InvalidBucketAclWithObjectOwnership": {iam.GateOwnership, iam.KindSetting, reason.ACLConflictsWithOwnership},
	"KMS.DisabledException":               {iam.GateKMS, iam.KindState, reason.KeyDisabled},
	"KMS.KMSInvalidStateException":        {iam.GateKMS, iam.KindState, reason.KeyState},
	"KMS.NotFoundException":               {iam.GateKMS, iam.KindNotFound, reason.KeyNotFound},
	"NoSuchBucket":                        {iam.GateExistence, iam.KindNotFound, reason.NoSuchBucket},
}

func (m *Message) byCode() *Refusal {
	r, ok := byCodes[m.Code]
	if !ok || m.Code == "AuthorizationHeaderMalformed" && m.Details["Region"] == "" && !strings.Contains(m.Text, "expecting") {
		return nil
	}
	return &r
}

var word = regexp.MustCompile(`\b(?:KMS\.)?[A-Z][A-Za-z]+\b`)

// bareCode finds an error code that stands in a text by itself.
func bareCode(text string) string {
	for _, w := range word.FindAllString(text, -1) {
		if statusOf[w] != 0 && w != "InvalidRequest" && w != "InvalidArgument" {
			return w
		}
	}
	if strings.Contains(text, "Access Denied") {
		return "AccessDenied"
	}
	return ""
}

// behind is what follows a code and a colon.
func behind(text, code string) string {
	_, rest, ok := strings.Cut(text, code+":")
	if !ok {
		return ""
	}
	return oneLine(rest)
}
