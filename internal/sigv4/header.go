package sigv4

import (
	"slices"
	"strings"
	"time"
)

// header verifies a SigV4 Authorization header. Its order is date, skew,
// syntax of the header, Region, access key and token, date of the scope,
// payload value, unsigned headers, signature.
func (c *check) header() (*Result, *Error) {
	stamp, at, err := c.requestTime()
	if err != nil {
		return nil, err
	}
	if err := c.parseHeader(); err != nil {
		return nil, err
	}
	token := c.r.Header.Get(headerToken)
	cred, err := c.credential(token)
	if err != nil {
		return nil, err
	}
	if stamp[:8] != c.claim.Date {
		return nil, errHeaderMalformed(ReasonWrongDate, headerDateMismatch)
	}
	payload, ok := headerValue(c.r, headerPayload)
	if !ok {
		return nil, newError(GateSignature, ReasonMissingPayloadHash, 400, "InvalidRequest",
			"Missing required header for this request: x-amz-content-sha256")
	}
	if err := checkPayload(payload, c.in.method); err != nil {
		return nil, err
	}
	return c.finishHeader(cred, stamp, at, payload)
}

func (c *check) finishHeader(cred Credential, stamp string, at time.Time, payload string) (*Result, *Error) {
	if err := c.unsigned(); err != nil {
		return nil, err
	}
	a := c.attempt(cred, stamp, payload, false)
	key, err := c.compare(a)
	if err != nil {
		return nil, err
	}
	res := c.result(Header, AlgorithmV4, cred)
	res.SignedAt, res.Payload = at, payload
	return res.ready(c.r, bodyKey{key, stamp, a.scope, a.provided})
}

// requestTime reads x-amz-date, or Date in the same format, and checks it
// against the clock.
func (c *check) requestTime() (string, time.Time, *Error) {
	stamp, ok := headerValue(c.r, headerDate)
	if !ok {
		stamp, _ = headerValue(c.r, "Date")
	}
	at, ok := parseBasic(stamp)
	if !ok {
		return "", at, errMissingDate()
	}
	if skew := c.now.Sub(at).Abs(); skew > c.v.maxSkew() {
		return "", at, errSkew(stamp, c.now, c.v.maxSkew())
	}
	return stamp, at, nil
}

// parseHeader parses the Authorization header into the claim.
func (c *check) parseHeader() *Error {
	c.claim.Mechanism, c.claim.Algorithm = Header, AlgorithmV4
	auth, _ := headerValue(c.r, "Authorization")
	credential, complaint := c.claim.parseAuthorization(auth)
	if complaint != "" {
		return errHeaderMalformed(ReasonMalformedAuthorization, complaint)
	}
	if f := c.claim.parseCredential(credential, c.v.service()); f != nil {
		return errHeaderMalformed(f.reason, f.message)
	}
	if want := c.target.Region; want != "" && c.claim.Region != want {
		return errHeaderMalformed(ReasonWrongRegion, regionMessage(c.claim.Region, want)).with("Region", want)
	}
	return nil
}

func regionMessage(got, want string) string {
	return "the region '" + got + "' is wrong; expecting '" + want + "'"
}

// unsigned refuses a request whose host or x-amz-* headers are not all signed.
func (c *check) unsigned() *Error {
	if names := c.unsignedNames(); names != nil {
		return errUnsignedHeaders(names)
	}
	return nil
}

// unsignedNames lists the headers that must be signed and are not.
// x-amz-content-sha256 is exempt: the signature covers its value anyway.
func (c *check) unsignedNames() (names []string) {
	if !slices.Contains(c.claim.signedHeaders, "host") {
		names = append(names, "host")
	}
	for name := range c.r.Header {
		if !hasAmzPrefix(name) || strings.EqualFold(name, headerPayload) {
			continue
		}
		if name = strings.ToLower(name); !slices.Contains(c.claim.signedHeaders, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func hasAmzPrefix(name string) bool {
	return len(name) > 6 && strings.EqualFold(name[:6], "x-amz-")
}
