package sigv4

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Gates that can refuse here, named as in the decision format.
const (
	GateEndpoint    = "endpoint"
	GateCredentials = "credentials"
	GateSignature   = "signature"
)

// KindAuthentication is the kind of every cause that this package finds.
const KindAuthentication = "authentication"

// An Element is one extra element of an S3 error body.
type Element struct{ Name, Value string }

// An Error is a refusal: why, and what the service answers.
type Error struct {
	Gate    string // GateEndpoint, GateCredentials, GateSignature; empty for a malformed body
	Kind    string // KindAuthentication
	Reason  Reason
	Status  int       // HTTP status
	Code    string    // AWS error code
	Message string    // to the letter
	Extra   []Element // in the order in which S3 sends them
	Detail  *Mismatch // for a signature mismatch; nil otherwise
}

// Error returns code and message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Hint returns what probably disagrees, and "" for errors other than a
// signature mismatch.
func (e *Error) Hint() string {
	if e.Detail == nil {
		return ""
	}
	return e.Detail.Hint.Text
}

// with appends an extra element.
func (e *Error) with(name, value string) *Error {
	e.Extra = append(e.Extra, Element{name, value})
	return e
}

func newError(gate string, reason Reason, status int, code, message string) *Error {
	return &Error{Gate: gate, Kind: KindAuthentication, Reason: reason, Status: status, Code: code, Message: message}
}

const (
	malformedPrefix    = "The authorization header is malformed; "
	headerDateMismatch = malformedPrefix + "Invalid credential date. Date is not the same as X-Amz-Date." // S3 repeats the prefix
	missingParameters  = "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, " +
		"X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
)

func gateOf(reason Reason) string {
	if reason == ReasonWrongRegion {
		return GateEndpoint
	}
	return GateSignature
}

func errHeaderMalformed(reason Reason, suffix string) *Error {
	return newError(gateOf(reason), reason, 400, "AuthorizationHeaderMalformed", malformedPrefix+suffix)
}

func errQueryParameters(reason Reason, message string) *Error {
	return newError(gateOf(reason), reason, 400, "AuthorizationQueryParametersError", message)
}

func errInvalidArgument(reason Reason, message, name, value string) *Error {
	return newError(gateOf(reason), reason, 400, "InvalidArgument", message).
		with("ArgumentName", name).with("ArgumentValue", value)
}

func errSeveralMechanisms(auth string) *Error {
	return errInvalidArgument(ReasonSeveralMechanisms, "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, "+
		"Signature query string parameter or the Authorization header should be specified", "Authorization", auth)
}

func errUnsupportedAuthorization(auth string) *Error {
	return errInvalidArgument(ReasonUnsupportedAuthorization, "Unsupported Authorization Type", "Authorization", auth)
}

// errV4AHeader refuses SigV4A as S3 refuses a header that it does not
// implement; what S3 itself would say does not arise, as it implements it.
func errV4AHeader() *Error {
	return newError(GateSignature, ReasonSigV4A, 501, "NotImplemented",
		"A header you provided implies functionality that is not implemented").with("Header", "Authorization")
}

func errSigV2Refused() *Error {
	return newError(GateSignature, ReasonSigV2Refused, 400, "InvalidRequest",
		"The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.")
}

func errMissingDate() *Error {
	return newError(GateSignature, ReasonMissingDate, 403, "AccessDenied",
		"AWS authentication requires a valid Date or x-amz-date header")
}

func errSkew(sent string, now time.Time, limit time.Duration) *Error {
	return newError(GateSignature, ReasonClockSkew, 403, "RequestTimeTooSkewed",
		"The difference between the request time and the current time is too large.").
		with("RequestTime", sent).with("ServerTime", now.Format(isoFormat)).
		with("MaxAllowedSkewMilliseconds", strconv.FormatInt(limit.Milliseconds(), 10))
}

func errAccessKey(reason Reason, id string) *Error {
	return newError(GateCredentials, reason, 403, "InvalidAccessKeyId",
		"The AWS Access Key Id you provided does not exist in our records.").with("AWSAccessKeyId", id)
}

func errToken(reason Reason, token string) *Error {
	code, message := "InvalidToken", "The provided token is malformed or otherwise invalid."
	if reason == ReasonExpiredToken {
		code, message = "ExpiredToken", "The provided token has expired."
	}
	return newError(GateCredentials, reason, 400, code, message).with("Token-0", token)
}

func errUnsignedHeaders(names []string) *Error {
	return newError(GateSignature, ReasonUnsignedHeaders, 403, "AccessDenied",
		"There were headers present in the request which were not signed").
		with("HeadersNotSigned", strings.Join(names, ", "))
}

const mismatchMessage = "The request signature we calculated does not match the signature you provided. Check your key and signing method."

// errMismatch returns SignatureDoesNotMatch with the strings that were
// computed. SigV2 and POST have no canonical request.
func (c *check) errMismatch(m *Mismatch) *Error {
	if !c.v.s3() {
		e := c.v.genericError(ReasonSignatureMismatch, genericMismatchMessage)
		e.Detail = m
		return e
	}
	e := newError(GateSignature, ReasonSignatureMismatch, 403, "SignatureDoesNotMatch", mismatchMessage).
		with("AWSAccessKeyId", c.claim.AccessKeyID).
		with("StringToSign", m.StringToSign).
		with("SignatureProvided", m.SignatureProvided).
		with("StringToSignBytes", hexBytes(m.StringToSign))
	if m.CanonicalRequest != "" {
		_ = e.with("CanonicalRequest", m.CanonicalRequest).with("CanonicalRequestBytes", hexBytes(m.CanonicalRequest))
	}
	e.Detail = m
	return e
}

// hexBytes prints bytes as S3 does: pairs of lower-case digits with one space
// between.
func hexBytes(s string) string { return fmt.Sprintf("% x", s) }
