package sigv4

import (
	"fmt"
	"net/http"
	"time"
)

// A Mechanism is the place in which a request carries its authentication.
type Mechanism int

// Mechanisms.
const (
	Anonymous Mechanism = iota // not authenticated
	Header                     // Authorization header
	Query                      // query string: a presigned URL
	Post                       // fields of a browser POST form
)

// String returns the word that contract and estate use: anonymous, header,
// query, post.
func (m Mechanism) String() string {
	switch m {
	case Header:
		return "header"
	case Query:
		return "query"
	case Post:
		return "post"
	}
	return "anonymous"
}

// AuthType returns the value of the condition key s3:authType, and "" for an
// anonymous request, which has none.
func (m Mechanism) AuthType() string {
	switch m {
	case Header:
		return "REST-HEADER"
	case Query:
		return "REST-QUERY-STRING"
	case Post:
		return "POST"
	}
	return ""
}

// A Result says how an accepted request was authenticated.
type Result struct {
	Mechanism  Mechanism
	Algorithm  string     // AlgorithmV4 or AlgorithmV2; empty for Anonymous
	Credential Credential // zero for Anonymous
	SignedAt   time.Time  // time of signing; zero where it is not known (SigV2 query and forms)
	Expires    time.Duration
	Region     string // Region, service and date of the credential scope; empty for SigV2
	Service    string
	Date       string

	SignedHeaders []string    // lower case, in canonical order
	Payload       string      // value of x-amz-content-sha256 that was signed; empty where none applies
	Hoisted       http.Header // x-amz-* query parameters of a presigned URL, which act as headers
	Form          *Form       // the POST form; nil for other requests
	DecodedLength int64       // length of the object's bytes, -1 when not known

	body bodyState
}

// Format prints who signed and how, without any key, whatever the verb.
func (r *Result) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "%v %s request of %v", r.Mechanism, r.Algorithm, r.Credential)
}

// SignatureAge returns the value of s3:signatureAge: the time from signing to
// now, and zero for mechanisms other than a SigV4 presigned URL or header.
func (r *Result) SignatureAge(now time.Time) time.Duration {
	if r.Algorithm != AlgorithmV4 || r.SignedAt.IsZero() || now.Before(r.SignedAt) {
		return 0
	}
	return now.Sub(r.SignedAt)
}

// Streaming reports whether the body is aws-chunked. S3 takes that for
// PutObject and UploadPart only; see [ErrStreamingOperation].
func (r *Result) Streaming() bool { return streaming(r.Payload) }
