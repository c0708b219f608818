package sigv4

import (
	"net/http"
	"slices"
	"strings"
)

// Query parameters of a presigned URL. S3 matches their case.
const (
	paramAlgorithm     = "X-Amz-Algorithm"
	paramCredential    = "X-Amz-Credential"
	paramSignature     = "X-Amz-Signature"
	paramDate          = "X-Amz-Date"
	paramSignedHeaders = "X-Amz-SignedHeaders"
	paramExpires       = "X-Amz-Expires"
	paramToken         = "X-Amz-Security-Token"
	paramPayload       = "X-Amz-Content-Sha256"
)

const (
	headerDate    = "X-Amz-Date"
	headerToken   = "X-Amz-Security-Token"
	headerPayload = "X-Amz-Content-Sha256"
)

// A Claim is what a request says of its own signature. Nothing of it is
// verified.
type Claim struct {
	Mechanism   Mechanism
	Algorithm   string // empty for Anonymous
	AccessKeyID string
	Date        string // parts of the credential scope; empty for SigV2
	Region      string
	Service     string
}

// ReadClaim reads the credential scope of a request without verifying
// anything, so that an endpoint of several services can choose the verifier.
// A claim that cannot be parsed has only its mechanism. The fields of a POST
// form stand in the body, which is not read: such a request is Anonymous here.
func ReadClaim(r *http.Request) Claim {
	in := readInput(r)
	if auth := r.Header.Get("Authorization"); auth != "" {
		return claimOfHeader(auth)
	}
	if in.has(v4Params...) {
		cl := Claim{Mechanism: Query}
		cl.Algorithm, _ = in.get(paramAlgorithm)
		cred, _ := in.get(paramCredential)
		cl.setCredential(cred)
		return cl
	}
	if in.has(v2Params...) {
		id, _ := in.get("AWSAccessKeyId")
		return Claim{Mechanism: Query, Algorithm: AlgorithmV2, AccessKeyID: id}
	}
	return Claim{}
}

func claimOfHeader(auth string) Claim {
	scheme, rest, _ := strings.Cut(auth, " ")
	cl := Claim{Mechanism: Header, Algorithm: scheme}
	if scheme == AlgorithmV2 {
		cl.AccessKeyID, _, _ = strings.Cut(rest, ":")
		return cl
	}
	for part := range strings.SplitSeq(rest, ",") {
		if name, value, _ := strings.Cut(strings.TrimSpace(part), "="); name == "Credential" {
			cl.setCredential(value)
		}
	}
	return cl
}

func (cl *Claim) setCredential(s string) {
	parts := strings.Split(s, "/")
	switch len(parts) {
	case 5:
		cl.AccessKeyID, cl.Date, cl.Region, cl.Service = parts[0], parts[1], parts[2], parts[3]
	case 4: // Signature Version 4A has no Region
		cl.AccessKeyID, cl.Date, cl.Service = parts[0], parts[1], parts[2]
	}
}

// claim is a Claim with what verifying needs.
type claim struct {
	Claim
	terminator    string
	signedHeaders []string
	signature     string
}

func (cl *claim) scope() scope {
	return scope{cl.Date, cl.Region, cl.Service, cl.terminator}
}

// scheme is how a request authenticates, before anything is parsed.
type scheme int

const (
	schemeNone scheme = iota
	schemeHeader
	schemeQuery
	schemeV2Header
	schemeV2Query
	schemeForm
)

var (
	v4Params = []string{paramAlgorithm, paramCredential, paramSignature, paramSignedHeaders, paramExpires}
	v2Params = []string{"Signature", "Expires", "AWSAccessKeyId"}
)

// detect tells which mechanism an S3 request uses; it may use only one.
func (c *check) detect() (scheme, *Error) {
	auth, _ := headerValue(c.r, "Authorization")
	hasAuth := auth != "" // an empty one is as good as none
	v4 := c.in.has(v4Params...)
	switch {
	case hasAuth && (v4 || c.in.has("Signature")), v4 && c.in.has("Signature"):
		return schemeNone, errSeveralMechanisms(auth)
	case hasAuth:
		return schemeOfHeader(auth)
	case v4:
		return schemeQuery, nil
	case c.in.has(v2Params...):
		return schemeV2Query, nil
	case isForm(c.r, &c.in):
		return schemeForm, nil
	}
	return schemeNone, nil
}

func schemeOfHeader(auth string) (scheme, *Error) {
	name, _, ok := strings.Cut(auth, " ")
	switch {
	case name == AlgorithmV4A:
		return schemeNone, errV4AHeader()
	case name != AlgorithmV4 && name != AlgorithmV2:
		return schemeNone, errUnsupportedAuthorization(auth)
	case !ok:
		return schemeNone, errInvalidArgument(ReasonMalformedAuthorization,
			"Authorization header is invalid -- one and only one ' ' (space) required.", "Authorization", auth)
	case name == AlgorithmV2:
		return schemeV2Header, nil
	}
	return schemeHeader, nil
}

// headerValue returns the first value of a header, and whether it was sent.
func headerValue(r *http.Request, name string) (string, bool) {
	vs := r.Header[name]
	if len(vs) == 0 {
		return "", false
	}
	return vs[0], true
}

// parseAuthorization reads the three components of a SigV4 header. It returns
// the message of AuthorizationHeaderMalformed without its common prefix, empty
// when all is well.
func (cl *claim) parseAuthorization(auth string) (credential, complaint string) {
	_, rest, _ := strings.Cut(auth, " ")
	if strings.Count(rest, ",") != 2 {
		return "", "the authorization header requires three components: Credential, SignedHeaders, and Signature."
	}
	var signed string
	var seen [3]bool
	for part := range strings.SplitSeq(rest, ",") {
		part = strings.TrimSpace(part)
		name, value, ok := strings.Cut(part, "=")
		if !ok {
			return "", `the authorization component "` + part + `" is malformed.`
		}
		switch name {
		case "Credential":
			credential, seen[0] = value, true
		case "SignedHeaders":
			signed, seen[1] = value, true
		case "Signature":
			cl.signature, seen[2] = value, true
		}
	}
	for i, name := range []string{"Credential", "SignedHeaders", "Signature"} {
		if !seen[i] {
			return "", "missing " + name + "."
		}
	}
	cl.setSignedHeaders(signed)
	return credential, ""
}

// setSignedHeaders splits and sorts a SignedHeaders list.
func (cl *claim) setSignedHeaders(list string) {
	cl.signedHeaders = cl.signedHeaders[:0]
	for name := range strings.SplitSeq(list, ";") {
		if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
			cl.signedHeaders = append(cl.signedHeaders, name)
		}
	}
	slices.Sort(cl.signedHeaders)
}

// scopeFault is what is wrong with the syntax of a credential scope.
type scopeFault struct {
	reason  Reason
	message string
}

const malformedCredential = `the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`

// parseCredential reads a credential scope, and checks what needs no look-up:
// its five parts, service, terminator and date format. AWS does not document
// the order; it is the one in which other servers that follow S3 check.
func (cl *claim) parseCredential(s, service string) *scopeFault {
	parts := strings.Split(s, "/")
	if len(parts) != 5 {
		return &scopeFault{ReasonMalformedAuthorization, malformedCredential}
	}
	cl.AccessKeyID, cl.Date, cl.Region, cl.Service, cl.terminator = parts[0], parts[1], parts[2], parts[3], parts[4]
	switch {
	case cl.AccessKeyID == "":
		return &scopeFault{ReasonMalformedAuthorization, "a non-empty Access Key (AKID) must be provided in the credential."}
	case cl.Service != service:
		return &scopeFault{ReasonWrongService,
			`incorrect service "` + cl.Service + `". This endpoint belongs to "` + service + `".`}
	case cl.terminator != terminator:
		return &scopeFault{ReasonWrongTerminator,
			`incorrect terminal "` + cl.terminator + `". This endpoint uses "aws4_request".`}
	case !isDate(cl.Date):
		return &scopeFault{ReasonWrongDate,
			`incorrect date format "` + cl.Date + `". This date in the credential must be in the format "yyyyMMdd".`}
	}
	return nil
}
