package sigv4

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"time"
)

// Algorithms, as they stand in a string to sign and in s3:signatureversion.
const (
	AlgorithmV4  = "AWS4-HMAC-SHA256"
	AlgorithmV4A = "AWS4-ECDSA-P256-SHA256"
	AlgorithmV2  = "AWS"
)

// A Credential is an access key as the verifier's owner knows it. Neither
// printing nor JSON shows its secrets.
type Credential struct {
	AccessKeyID  string
	Secret       string    `json:"-"` // secret access key
	SessionToken string    `json:"-"` // empty for a long-term key
	Expires      time.Time // zero: never
	Inactive     bool      // a disabled key, which S3 reports as unknown
	Principal    any       // whatever the caller wants back; not looked at
}

// Format prints the access key's identifier, whatever the verb.
func (c Credential) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "access key %s", c.AccessKeyID) }

// Keys finds access keys. Verify calls it at most once a request, from the
// request's goroutine.
type Keys interface {
	// Credential returns the access key of that identifier, and false when
	// there is none.
	Credential(accessKeyID string) (Credential, bool)
}

// KeyMap is a fixed set of access keys by their identifiers.
type KeyMap map[string]Credential

// Credential implements [Keys].
func (m KeyMap) Credential(accessKeyID string) (Credential, bool) {
	c, ok := m[accessKeyID]
	return c, ok
}

// A Target is what an endpoint knows about a request before it is
// authenticated.
type Target struct {
	Bucket        string // target bucket; empty for requests to the service
	VirtualHosted bool   // the bucket stands in the Host header, not in the path
	Region        string // Region that the credential scope must name; empty: any
}

// A Verifier verifies requests to one service. The zero value with Keys set
// verifies requests to S3 in any Region. It may be used from many goroutines;
// its fields must not change after the first call.
type Verifier struct {
	Keys Keys

	// Service is the service name that the credential scope must hold; empty
	// means "s3". A service outside the S3 family gets the generic
	// canonicalisation (path normalised and encoded once more) and the error
	// codes of its protocol.
	Service string

	// Target resolves a request; nil means no bucket and any Region.
	Target func(*http.Request) Target

	// Now is the clock; nil means time.Now.
	Now func() time.Time

	// MaxSkew is the clock difference that is still accepted; zero means the
	// 15 minutes of S3.
	MaxSkew time.Duration

	// AllowSigV2 accepts Signature Version 2, as S3 does in Regions launched
	// before 30 January 2014. It concerns S3 only.
	AllowSigV2 bool

	// JSON says that a service other than S3 speaks the AWS JSON protocol,
	// whose error codes and statuses differ from those of the query protocol.
	JSON bool

	// MaxBody bounds the body that Verify reads for services other than S3;
	// zero means 10 MiB.
	MaxBody int64

	cache keyCache
}

// Verify authenticates r, and returns who signed it and how, or why S3 (or the
// verifier's service) refuses it; exactly one of the two is nil. A request
// without any authentication is no error: its Result has the mechanism
// Anonymous and an empty Credential.
//
// r is a request as net/http's server hands it on: the raw target in
// RequestURI, the Host header in r.Host. For services other than S3 the body is
// read, and put back for the next reader.
func (v *Verifier) Verify(r *http.Request) (*Result, *Error) {
	c := &check{v: v, r: r, now: v.now(), in: readInput(r)}
	if v.Target != nil {
		c.target = v.Target(r)
	}
	if !v.s3() {
		return c.generic()
	}
	mech, err := c.detect()
	if err != nil {
		return nil, err
	}
	switch mech {
	case schemeHeader:
		return c.header()
	case schemeQuery:
		return c.presigned()
	case schemeV2Header:
		return c.v2Header()
	case schemeV2Query:
		return c.v2Query()
	case schemeForm:
		return c.form()
	}
	return c.anonymous()
}

func (v *Verifier) s3() bool { return isS3(v.service()) }

// isS3 reports whether a service signs as S3 does.
func isS3(service string) bool {
	switch service {
	case "s3", "s3express", "s3-outposts", "s3-object-lambda":
		return true
	}
	return false
}

func (v *Verifier) service() string {
	if v.Service == "" {
		return "s3"
	}
	return v.Service
}

func (v *Verifier) now() time.Time {
	if v.Now == nil {
		return time.Now().UTC()
	}
	return v.Now().UTC()
}

func (v *Verifier) maxSkew() time.Duration {
	if v.MaxSkew == 0 {
		return 15 * time.Minute
	}
	return v.MaxSkew
}

// check is one verification under way.
type check struct {
	v      *Verifier
	r      *http.Request
	now    time.Time
	in     input
	target Target
	claim  claim
}

// credential finds the access key of the claim, and checks it and its session
// token. token is what the request carries; empty for none.
func (c *check) credential(token string) (Credential, *Error) {
	var cred Credential
	ok := false
	if c.v.Keys != nil {
		cred, ok = c.v.Keys.Credential(c.claim.AccessKeyID)
	}
	switch {
	case !ok:
		return cred, errAccessKey(ReasonUnknownAccessKey, c.claim.AccessKeyID)
	case cred.Inactive:
		return cred, errAccessKey(ReasonInactiveAccessKey, c.claim.AccessKeyID)
	case cred.SessionToken != "" && token == "":
		return cred, errAccessKey(ReasonMissingToken, c.claim.AccessKeyID)
	case subtle.ConstantTimeCompare([]byte(cred.SessionToken), []byte(token)) != 1:
		return cred, errToken(ReasonInvalidToken, token)
	case !cred.Expires.IsZero() && c.now.After(cred.Expires):
		return cred, errToken(ReasonExpiredToken, token)
	}
	return cred, nil
}

// result starts a Result from the claim.
func (c *check) result(m Mechanism, algorithm string, cred Credential) *Result {
	return &Result{
		Mechanism: m, Algorithm: algorithm, Credential: cred,
		Region: c.claim.Region, Service: c.claim.Service, Date: c.claim.Date,
		SignedHeaders: c.claim.signedHeaders,
		DecodedLength: c.r.ContentLength,
	}
}
