package sigv4

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxExpires is the longest validity of a presigned URL, in seconds. The
// message says "less than"; the value itself is accepted.
const maxExpires = 604800

// presigned verifies a SigV4 presigned URL. Its order is algorithm, all six
// parameters, syntax of the credential, Region, date, validity, access key and
// token, unsigned headers, signature, conflicting values.
func (c *check) presigned() (*Result, *Error) {
	if err := c.parseQueryClaim(); err != nil {
		return nil, err
	}
	stamp, at, err := c.presignedDate()
	if err != nil {
		return nil, err
	}
	expires, err := c.presignedExpires()
	if err != nil {
		return nil, err
	}
	if err := c.validity(at, expires); err != nil {
		return nil, err
	}
	cred, err := c.credential(c.presignedToken())
	if err != nil {
		return nil, err
	}
	if err := c.unsigned(); err != nil {
		return nil, err
	}
	return c.finishPresigned(cred, stamp, at, expires)
}

func (c *check) finishPresigned(cred Credential, stamp string, at time.Time, expires time.Duration) (*Result, *Error) {
	payload := c.presignedPayload()
	a := c.attempt(cred, stamp, payload, true)
	key, err := c.compare(a)
	if err != nil {
		return nil, err
	}
	if err := c.conflicts(); err != nil {
		return nil, err
	}
	if err := checkPayload(payload, c.in.method); err != nil {
		return nil, err
	}
	res := c.result(Query, AlgorithmV4, cred)
	res.SignedAt, res.Expires, res.Payload = at, expires, payload
	res.Hoisted = hoistedHeaders(c.in.query)
	return res.ready(c.r, bodyKey{key, stamp, a.scope, a.provided})
}

// parseQueryClaim reads algorithm, credential, signed headers and signature.
func (c *check) parseQueryClaim() *Error {
	switch algorithm, ok := c.in.get(paramAlgorithm); {
	case ok && algorithm == AlgorithmV4A:
		return errQueryParameters(ReasonSigV4A, `X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"`)
	case ok && algorithm != AlgorithmV4:
		return errQueryParameters(ReasonMalformedPresigned,
			`X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"`)
	}
	for _, name := range []string{paramAlgorithm, paramCredential, paramSignature, paramDate, paramSignedHeaders, paramExpires} {
		if !c.in.has(name) {
			return errQueryParameters(ReasonMalformedPresigned, missingParameters)
		}
	}
	c.claim.Mechanism, c.claim.Algorithm = Query, AlgorithmV4
	c.claim.signature, _ = c.in.get(paramSignature)
	signed, _ := c.in.get(paramSignedHeaders)
	c.claim.setSignedHeaders(signed)
	credential, _ := c.in.get(paramCredential)
	const prefix = "Error parsing the X-Amz-Credential parameter; "
	if f := c.claim.parseCredential(credential, c.v.service()); f != nil {
		return errQueryParameters(f.reason, prefix+f.message)
	}
	if want := c.target.Region; want != "" && c.claim.Region != want {
		return errQueryParameters(ReasonWrongRegion, prefix+regionMessage(c.claim.Region, want)).with("Region", want)
	}
	return nil
}

func (c *check) presignedDate() (string, time.Time, *Error) {
	stamp, _ := c.in.get(paramDate)
	at, ok := parseBasic(stamp)
	if !ok {
		return "", at, errQueryParameters(ReasonMalformedPresigned,
			`X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`)
	}
	if stamp[:8] != c.claim.Date {
		return "", at, errQueryParameters(ReasonWrongDate, `Invalid credential date "`+c.claim.Date+
			`". This date is not the same as X-Amz-Date: "`+stamp[:8]+`".`)
	}
	return stamp, at, nil
}

func (c *check) presignedExpires() (time.Duration, *Error) {
	s, _ := c.in.get(paramExpires)
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err != nil:
		return 0, errQueryParameters(ReasonMalformedPresigned, "X-Amz-Expires should be a number")
	case n < 0:
		return 0, errQueryParameters(ReasonMalformedPresigned, "X-Amz-Expires must be non-negative")
	case n > maxExpires:
		return 0, errQueryParameters(ReasonMalformedPresigned, "X-Amz-Expires must be less than a week (in seconds); "+
			"that is, the given X-Amz-Expires must be less than 604800 seconds")
	}
	return time.Duration(n) * time.Second, nil
}

// validity checks the clock against [date, date+expires]. The allowance for a
// date in the future is that of the header; the manual states none.
func (c *check) validity(at time.Time, expires time.Duration) *Error {
	end := at.Add(expires)
	switch {
	case c.now.After(end):
		e := newError(GateSignature, ReasonPresignedExpired, 403, "AccessDenied", "Request has expired")
		return e.with("X-Amz-Expires", strconv.FormatInt(int64(expires/time.Second), 10)).
			with("Expires", end.Format(isoFormat)).with("ServerTime", c.now.Format(isoFormat))
	case at.Sub(c.now) > c.v.maxSkew():
		e := newError(GateSignature, ReasonPresignedNotYetValid, 403, "AccessDenied", "Request is not yet valid")
		return e.with("X-Amz-Date", strconv.FormatInt(at.UnixMilli(), 10)).
			with("Expires", end.Format(isoFormat)).with("ServerTime", c.now.Format(isoFormat))
	}
	return nil
}

// presignedToken returns the session token of the query, or of a header.
func (c *check) presignedToken() string {
	if token, ok := hoisted(c.in.query, paramToken); ok {
		return token[0]
	}
	return c.r.Header.Get(headerToken)
}

// presignedPayload returns the payload line of a presigned URL: the value of
// the query parameter, else of the header where that is signed, else
// UNSIGNED-PAYLOAD. The manual knows only the last; SDKs sign the first.
func (c *check) presignedPayload() string {
	if v, ok := hoisted(c.in.query, paramPayload); ok {
		return v[0]
	}
	if v, ok := headerValue(c.r, headerPayload); ok && slices.Contains(c.claim.signedHeaders, "x-amz-content-sha256") {
		return v
	}
	return UnsignedPayload
}

// conflicts refuses an x-amz-* header whose query parameter says otherwise.
func (c *check) conflicts() *Error {
	for name, sent := range c.r.Header {
		if !hasAmzPrefix(name) || strings.EqualFold(name, headerPayload) || strings.EqualFold(name, headerDate) {
			continue
		}
		if inQuery, ok := hoisted(c.in.query, name); ok && !slices.Equal(trimAll(sent), trimAll(inQuery)) {
			return newError(GateSignature, ReasonConflictingValues, 400, "InvalidRequest",
				"Conflicting values provided in HTTP headers and query parameters")
		}
	}
	return nil
}

func trimAll(values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = strings.TrimSpace(v)
	}
	return out
}

// hoistedHeaders returns the parameters of a presigned URL that S3 takes for
// headers: all x-amz-* but those of the authentication itself.
func hoistedHeaders(params []param) http.Header {
	h := http.Header{}
	for _, p := range params {
		if !hasAmzPrefix(p.name) {
			continue
		}
		switch name := http.CanonicalHeaderKey(p.name); name {
		case paramAlgorithm, paramCredential, paramSignature, paramDate, paramExpires, paramToken, paramPayload, "X-Amz-Signedheaders":
		default:
			h.Add(name, p.value)
		}
	}
	return h
}
