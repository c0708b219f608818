package sigv4

// A Reason is a stable name for why a request was refused.
type Reason string

// Reasons of gate "endpoint".
const (
	ReasonWrongRegion Reason = "wrong-region" // the credential scope names another Region
)

// Reasons of gate "credentials".
const (
	ReasonUnknownAccessKey  Reason = "unknown-access-key"  // no such access key
	ReasonInactiveAccessKey Reason = "inactive-access-key" // the access key is disabled
	ReasonMissingToken      Reason = "missing-token"       // a temporary key was used without its session token
	ReasonInvalidToken      Reason = "invalid-token"       // the session token is not that of the access key
	ReasonExpiredToken      Reason = "expired-token"       // the session has ended
)

// Reasons of gate "signature".
const (
	ReasonSeveralMechanisms        Reason = "several-mechanisms"        // header and query both authenticate
	ReasonUnsupportedAuthorization Reason = "unsupported-authorization" // Basic, Bearer or an unknown scheme
	ReasonMissingAuthentication    Reason = "missing-authentication"    // no authentication where the service needs one
	ReasonSigV2Refused             Reason = "sigv2-refused"             // Signature Version 2 where it is not accepted
	ReasonSigV4A                   Reason = "sigv4a-unsupported"        // Signature Version 4A
	ReasonMalformedAuthorization   Reason = "malformed-authorization"   // Authorization header or credential that does not parse
	ReasonMalformedPresigned       Reason = "malformed-presigned-url"   // query parameters missing or not of their form
	ReasonMissingDate              Reason = "missing-date"              // no usable x-amz-date or Date
	ReasonClockSkew                Reason = "clock-skew"                // signed too far from the server's time
	ReasonWrongService             Reason = "wrong-service"             // the credential scope names another service
	ReasonWrongDate                Reason = "wrong-date"                // the scope's date is malformed or not the request's
	ReasonWrongTerminator          Reason = "wrong-terminator"          // the scope does not end in aws4_request
	ReasonPresignedExpired         Reason = "presigned-expired"         // a presigned URL after its time
	ReasonPresignedNotYetValid     Reason = "presigned-not-yet-valid"   // a presigned URL before its time
	ReasonUnsignedHeaders          Reason = "unsigned-headers"          // host or x-amz-* headers that are not signed
	ReasonConflictingValues        Reason = "conflicting-values"        // header and query parameter of one name differ
	ReasonMissingPayloadHash       Reason = "missing-content-sha256"    // header authentication without x-amz-content-sha256
	ReasonInvalidPayloadHash       Reason = "invalid-content-sha256"    // a value that x-amz-content-sha256 cannot have here
	ReasonSignatureMismatch        Reason = "signature-mismatch"        // the signature is not the one computed
)

// Reasons of gate "signature" for POST forms.
const (
	ReasonFormField         Reason = "post-field-missing"    // a field of the authentication is missing
	ReasonFormMalformed     Reason = "post-form-malformed"   // the multipart body does not parse, or holds no file
	ReasonFormTooLarge      Reason = "post-fields-too-large" // more than 20 KB before the file
	ReasonPolicyMalformed   Reason = "post-policy-malformed" // the policy document does not parse
	ReasonPolicyExpired     Reason = "post-policy-expired"   // the policy has expired
	ReasonPolicyCondition   Reason = "post-policy-condition" // a condition of the policy does not hold
	ReasonPolicyExtraFields Reason = "post-extra-fields"     // a field that no condition covers
	ReasonPolicySize        Reason = "post-file-size"        // a file outside content-length-range
)

// Reasons of a body. The last five concern its form, not who sent it, and have
// no gate.
const (
	ReasonPayloadMismatch  Reason = "content-sha256-mismatch"  // the body's hash is not the signed one
	ReasonChunkSignature   Reason = "chunk-signature-mismatch" // a chunk or trailer signature is wrong
	ReasonStreamingRefused Reason = "streaming-not-allowed"    // aws-chunked on another operation
	ReasonMissingLength    Reason = "missing-decoded-length"   // aws-chunked without x-amz-decoded-content-length
	ReasonChunkSize        Reason = "chunk-too-small"          // a chunk under 8192 bytes that is not the last
	ReasonIncompleteBody   Reason = "incomplete-body"          // the body ends early, runs on, or does not parse
	ReasonMalformedTrailer Reason = "malformed-trailer"        // trailing fields other than those announced
	ReasonBodyTooLarge     Reason = "body-too-large"           // more than MaxBody for a query or JSON service
)
