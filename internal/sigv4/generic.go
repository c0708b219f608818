package sigv4

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const genericMismatchMessage = "The request signature we calculated does not match the signature you provided. " +
	"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."

// generic verifies a request to a service of the query or JSON protocol, in
// the header or the query. Its messages are those of "Troubleshoot signed
// requests for AWS APIs" in the IAM User Guide.
func (c *check) generic() (*Result, *Error) {
	auth, hasAuth := headerValue(c.r, "Authorization")
	presigned := !hasAuth && c.in.has(v4Params...)
	if !hasAuth && !presigned {
		return c.result(Anonymous, "", Credential{}), nil
	}
	if err := c.genericClaim(auth, presigned); err != nil {
		return nil, err
	}
	token := c.r.Header.Get(headerToken)
	if presigned {
		token = c.presignedToken()
	}
	cred, err := c.credential(token)
	if err != nil {
		return nil, c.v.genericCredentialError(err.Reason)
	}
	stamp, at, expires, err := c.genericTime(presigned)
	if err != nil {
		return nil, err
	}
	if err := c.genericScope(stamp); err != nil {
		return nil, err
	}
	return c.finishGeneric(cred, stamp, at, expires, presigned)
}

func (c *check) finishGeneric(cred Credential, stamp string, at time.Time, expires time.Duration, presigned bool) (*Result, *Error) {
	body, err := c.readBody()
	if err != nil {
		return nil, err
	}
	payload := sha256Hex(body)
	if _, err := c.compare(c.attempt(cred, stamp, payload, presigned)); err != nil {
		return nil, err
	}
	if err := c.v.validityGeneric(stamp, at, c.now, expires); err != nil {
		return nil, err
	}
	mechanism := Header
	if presigned {
		mechanism = Query
	}
	res := c.result(mechanism, AlgorithmV4, cred)
	res.SignedAt, res.Expires, res.Payload = at, expires, payload
	res.DecodedLength = int64(len(body))
	if !presigned {
		res.Expires = 0
	}
	return res, nil
}

// genericClaim parses header or query into the claim.
func (c *check) genericClaim(auth string, presigned bool) *Error {
	credential, signed := "", ""
	if presigned {
		algorithm, _ := c.in.get(paramAlgorithm)
		credential, _ = c.in.get(paramCredential)
		c.claim.signature, _ = c.in.get(paramSignature)
		signed, _ = c.in.get(paramSignedHeaders)
		c.claim.setSignedHeaders(signed)
		auth = algorithm + " "
		for _, name := range []string{paramAlgorithm, paramCredential, paramSignature, paramSignedHeaders, paramDate} {
			if !c.in.has(name) {
				return c.v.genericError(ReasonMalformedPresigned, "AWS query-string parameters must include '"+name+"'. Re-examine the query-string parameters.")
			}
		}
	}
	switch scheme, _, _ := strings.Cut(auth, " "); {
	case scheme == AlgorithmV4:
	case presigned || !strings.HasPrefix(scheme, "AWS4-"):
		return c.v.MissingAuthentication()
	default:
		return c.v.genericError(ReasonUnsupportedAuthorization, "Unsupported AWS 'algorithm': '"+scheme+"'.")
	}
	if !presigned {
		var complaint string
		if credential, complaint = c.claim.parseAuthorization(auth); complaint != "" {
			return c.v.genericError(ReasonMalformedAuthorization, c.incomplete(auth))
		}
	}
	c.claim.Algorithm = AlgorithmV4
	if presigned {
		c.claim.Mechanism = Query
	} else {
		c.claim.Mechanism = Header
	}
	return c.genericCredential(credential)
}

// incomplete says all that a header lacks, as AWS does, which shows the hash of the
// header.
func (c *check) incomplete(auth string) string {
	has := map[string]bool{}
	_, rest, _ := strings.Cut(auth, " ")
	for part := range strings.SplitSeq(rest, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		has[name] = ok && value != ""
	}
	var b strings.Builder
	for _, name := range []string{"Credential", "Signature", "SignedHeaders"} {
		if !has[name] {
			b.WriteString("Authorization header requires '" + name + "' parameter. ")
		}
	}
	if b.Len() == 0 {
		b.WriteString("Authorization header requires 'Credential', 'Signature' and 'SignedHeaders' parameters alone. ")
	}
	if stamp, _ := headerValue(c.r, headerDate); stamp == "" && c.r.Header.Get("Date") == "" {
		b.WriteString(missingDate)
	}
	return b.String() + hashedAuthorization(auth)
}

const missingDate = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "

func hashedAuthorization(auth string) string {
	sum := sha256.Sum256([]byte(auth))
	return "(Hashed with SHA-256 and encoded with Base64) Authorization=" + base64.StdEncoding.EncodeToString(sum[:])
}

func (c *check) genericCredential(credential string) *Error {
	parts := strings.Split(credential, "/")
	if len(parts) != 5 {
		return c.v.genericError(ReasonMalformedAuthorization,
			"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '"+credential+"'")
	}
	c.claim.AccessKeyID, c.claim.Date, c.claim.Region, c.claim.Service, c.claim.terminator = parts[0], parts[1], parts[2], parts[3], parts[4]
	return c.genericUnsigned()
}

// genericUnsigned refuses a request whose host or x-amz-* headers are not all signed
// ("Create a signed AWS API request", IAM User Guide): X-Amz-Target is the operation.
func (c *check) genericUnsigned() *Error {
	names := c.unsignedNames()
	switch {
	case names == nil:
		return nil
	case slices.Contains(names, "host"):
		return c.v.genericError(ReasonUnsignedHeaders, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
	}
	return c.v.genericError(ReasonUnsignedHeaders, "'"+http.CanonicalHeaderKey(names[0])+"' must be a 'SignedHeader' in the AWS Authorization.")
}

// defaultValidity is how long a presigned URL of these services lives when it
// does not say.
const defaultValidity = 15 * time.Minute

func (c *check) genericTime(presigned bool) (stamp string, at time.Time, expires time.Duration, err *Error) {
	expires = c.v.maxSkew()
	if presigned {
		stamp, _ = c.in.get(paramDate)
		expires = defaultValidity
		if s, ok := c.in.get(paramExpires); ok {
			n, perr := strconv.Atoi(s)
			if perr != nil || n < 0 || n > maxExpires {
				return "", at, 0, c.v.genericError(ReasonMalformedPresigned, "Invalid value for X-Amz-Expires: '"+s+"'")
			}
			expires = time.Duration(n) * time.Second
		}
	} else if v, ok := headerValue(c.r, headerDate); ok {
		stamp = v
	} else {
		stamp, _ = headerValue(c.r, "Date")
	}
	at, ok := parseBasic(stamp)
	switch {
	case stamp == "":
		auth, _ := headerValue(c.r, "Authorization")
		return "", at, 0, c.v.genericError(ReasonMissingDate, missingDate+hashedAuthorization(auth))
	case !ok:
		return "", at, 0, c.v.genericError(ReasonMissingDate, "Date must be in ISO-8601 'basic format'. Got '"+stamp+"'. See http://en.wikipedia.org/wiki/ISO_8601")
	}
	return stamp, at, expires, nil
}

// genericScope checks Region, service, terminator and date of the scope.
func (c *check) genericScope(stamp string) *Error {
	want := c.target.Region
	switch {
	case want != "" && c.claim.Region != want:
		return c.v.genericError(ReasonWrongRegion, "Credential should be scoped to a valid region, not '"+c.claim.Region+"'. ")
	case c.claim.Service != c.v.service():
		return c.v.genericError(ReasonWrongService, "Credential should be scoped to correct service: '"+c.v.service()+"'. ")
	case c.claim.terminator != terminator:
		return c.v.genericError(ReasonWrongTerminator,
			"Credential should be scoped with a valid terminator: 'aws4_request', not '"+c.claim.terminator+"'. ")
	case c.claim.Date != stamp[:8]:
		return c.v.genericError(ReasonWrongDate, fmt.Sprintf("Date in Credential scope does not match YYYYMMDD from ISO-8601 "+
			"version of date from HTTP: '%s' != '%s', from '%s'. ", c.claim.Date, stamp[:8], stamp))
	}
	return nil
}

// validityGeneric checks the clock. A presigned URL is a day's signature with
// a shorter life; both are reported as a signature that does not match.
func (v *Verifier) validityGeneric(stamp string, at, now time.Time, life time.Duration) *Error {
	reason := ReasonClockSkew
	minutes := func(d time.Duration) string { return strconv.Itoa(int(d/time.Minute)) + " min." }
	switch {
	case now.Sub(at) > life:
		if life != v.maxSkew() {
			reason = ReasonPresignedExpired
		}
		return v.genericError(reason, "Signature expired: "+stamp+" is now earlier than "+now.Add(-life).Format(basicFormat)+
			" ("+now.Format(basicFormat)+" - "+minutes(life)+")")
	case at.Sub(now) > v.maxSkew():
		return v.genericError(reason, "Signature not yet current: "+stamp+" is still later than "+now.Add(v.maxSkew()).Format(basicFormat)+
			" ("+now.Format(basicFormat)+" + "+minutes(v.maxSkew())+")")
	}
	return nil
}

// readBody reads the whole body and puts it back.
func (c *check) readBody() ([]byte, *Error) {
	if c.r.Body == nil {
		return nil, nil
	}
	limit := c.v.MaxBody
	if limit == 0 {
		limit = 10 << 20
	}
	body, err := io.ReadAll(io.LimitReader(c.r.Body, limit+1))
	if err != nil {
		return nil, newError("", ReasonIncompleteBody, 400, "IncompleteBody", "The request body could not be read")
	}
	if int64(len(body)) > limit {
		return nil, newError("", ReasonBodyTooLarge, 413, "RequestEntityTooLarge", "Request size exceeded "+strconv.FormatInt(limit, 10)+" bytes")
	}
	c.r.Body = io.NopCloser(bytes.NewReader(body))
	return body, nil
}

// MissingAuthentication returns the refusal of an unsigned request by an
// operation that needs a signature. Verify cannot tell, as some operations of
// STS take unsigned requests. For S3 it is the bare AccessDenied.
func (v *Verifier) MissingAuthentication() *Error {
	if v.s3() {
		return newError(GateSignature, ReasonMissingAuthentication, 403, "AccessDenied", "Access Denied")
	}
	return v.genericError(ReasonMissingAuthentication, "Request is missing Authentication Token")
}

func (v *Verifier) genericCredentialError(reason Reason) *Error {
	if reason == ReasonExpiredToken {
		return v.genericError(reason, "The security token included in the request is expired")
	}
	return v.genericError(reason, "The security token included in the request is invalid.")
}

// genericError gives a reason the code and status of the service's protocol.
func (v *Verifier) genericError(reason Reason, message string) *Error {
	gate, query, json, status := GateSignature, "SignatureDoesNotMatch", "InvalidSignatureException", 403
	switch reason {
	case ReasonUnknownAccessKey, ReasonInactiveAccessKey, ReasonMissingToken, ReasonInvalidToken:
		gate, query, json = GateCredentials, "InvalidClientTokenId", "UnrecognizedClientException"
	case ReasonExpiredToken:
		gate, query, json = GateCredentials, "ExpiredToken", "ExpiredTokenException"
	case ReasonMissingAuthentication:
		query, json = "MissingAuthenticationToken", "MissingAuthenticationTokenException"
	case ReasonMalformedAuthorization, ReasonMalformedPresigned, ReasonUnsupportedAuthorization, ReasonMissingDate:
		query, json, status = "IncompleteSignature", "IncompleteSignatureException", 400
	case ReasonWrongRegion:
		gate = GateEndpoint
	}
	if v.JSON {
		return newError(gate, reason, 400, json, message)
	}
	return newError(gate, reason, status, query, message)
}
