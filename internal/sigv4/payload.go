package sigv4

import "net/http"

// Values of x-amz-content-sha256 other than a SHA-256.
const (
	UnsignedPayload          = "UNSIGNED-PAYLOAD"
	StreamingSigned          = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	StreamingSignedTrailer   = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
	StreamingUnsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
	streamingV4A             = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"
	streamingV4ATrailer      = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER"
)

// EmptyPayload is the value of x-amz-content-sha256 for an empty body.
const EmptyPayload = emptySHA256

func streaming(payload string) bool {
	switch payload {
	case StreamingSigned, StreamingSignedTrailer, StreamingUnsignedTrailer:
		return true
	}
	return false
}

// checkPayload checks a signed x-amz-content-sha256. Of the operations that
// take aws-chunked bodies it knows only the method; the rest is the caller's.
func checkPayload(payload, method string) *Error {
	switch {
	case payload == UnsignedPayload, isHex64(payload):
		return nil
	case streaming(payload):
		if method != http.MethodPut {
			return ErrStreamingOperation()
		}
		return nil
	case payload == streamingV4A, payload == streamingV4ATrailer:
		return newError(GateSignature, ReasonInvalidPayloadHash, 400, "InvalidRequest", streamingValueMessage)
	}
	return errInvalidArgument(ReasonInvalidPayloadHash, "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, "+
		"STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, "+
		"STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
		"x-amz-content-sha256", payload)
}

const streamingValueMessage = "The value of x-amz-content-sha256 header is invalid."

// ErrStreamingOperation returns the refusal of an aws-chunked body by an
// operation other than PutObject and UploadPart. Verify itself refuses it for
// methods other than PUT.
func ErrStreamingOperation() *Error {
	return newError("", ReasonStreamingRefused, 400, "InvalidRequest", streamingValueMessage)
}

// anonymous accepts a request without authentication, if its payload value is
// one that needs no key.
func (c *check) anonymous() (*Result, *Error) {
	res := c.result(Anonymous, "", Credential{})
	payload, ok := headerValue(c.r, headerPayload)
	if !ok {
		return res, nil
	}
	if payload == StreamingSigned || payload == StreamingSignedTrailer {
		return nil, newError(GateSignature, ReasonInvalidPayloadHash, 400, "InvalidRequest",
			"Anonymous requests don't support this x-amz-content-sha256 value. Please use UNSIGNED-PAYLOAD or STREAMING-UNSIGNED-PAYLOAD-TRAILER.")
	}
	if err := checkPayload(payload, c.in.method); err != nil {
		return nil, err
	}
	res.Payload = payload
	return res.ready(c.r, bodyKey{})
}
