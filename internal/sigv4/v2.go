package sigv4

import (
	"crypto/subtle"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// v2SubResources are the query parameters that a SigV2 signature covers,
// besides the response-* overrides: those of "Signing and Authenticating REST
// Requests", those that SDKs add, and whatever else tells an operation: a signed
// URL must not become another operation's by a parameter that anybody can add.
var v2SubResources = []string{
	"abac", "accelerate", "acl", "analytics", "annotation", "annotations", "attributes", "cors", "delete", "encryption", "intelligent-tiering",
	"inventory", "legal-hold", "lifecycle", "location", "logging", "metadataAnnotationTable", "metadataConfiguration", "metadataInventoryTable",
	"metadataJournalTable", "metadataTable", "metrics", "notification", "object-lock", "ownershipControls", "partNumber", "policy", "policyStatus",
	"publicAccessBlock", "renameObject", "replication", "requestPayment", "restore", "retention", "select", "select-type", "session", "storageClass",
	"tagging", "torrent", "uploadId", "uploads", "versionId", "versioning", "versions", "website",
	"response-cache-control", "response-content-disposition", "response-content-encoding", "response-content-language",
	"response-content-type", "response-expires",
}

// v2Header verifies "Authorization: AWS AKID:signature".
func (c *check) v2Header() (*Result, *Error) {
	if !c.v.AllowSigV2 {
		return nil, errSigV2Refused()
	}
	stamp, ok := headerValue(c.r, headerDate)
	slot := ""
	if !ok {
		stamp, _ = headerValue(c.r, "Date")
		slot = stamp
	}
	at, ok := parseV2Date(stamp)
	if !ok {
		return nil, errMissingDate()
	}
	if c.now.Sub(at).Abs() > c.v.maxSkew() {
		return nil, errSkew(stamp, c.now, c.v.maxSkew())
	}
	auth, _ := headerValue(c.r, "Authorization")
	_, rest, _ := strings.Cut(auth, " ")
	id, signature, ok := strings.Cut(strings.TrimSpace(rest), ":")
	if !ok || id == "" {
		return nil, errInvalidArgument(ReasonMalformedAuthorization,
			"AWS authorization header is invalid.  Expected AwsAccessKeyId:signature", "Authorization", auth)
	}
	c.claim = claim{Claim: Claim{Mechanism: Header, Algorithm: AlgorithmV2, AccessKeyID: id}, signature: signature}
	res, err := c.verifyV2(Header, slot, c.r.Header.Get(headerToken))
	if err != nil {
		return nil, err
	}
	res.SignedAt = at
	return res, nil
}

// parseV2Date parses the forms of Date that SigV2 takes, and that of
// x-amz-date in SigV4.
func parseV2Date(s string) (time.Time, bool) {
	for _, layout := range []string{http.TimeFormat, time.RFC1123Z, time.RFC1123, basicFormat} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// v2Query verifies a URL with Signature, Expires and AWSAccessKeyId.
func (c *check) v2Query() (*Result, *Error) {
	if !c.v.AllowSigV2 {
		return nil, errSigV2Refused()
	}
	id, okID := c.in.get("AWSAccessKeyId")
	signature, okSignature := c.in.get("Signature")
	expires, okExpires := c.in.get("Expires")
	if !okID || !okSignature || !okExpires {
		return nil, newError(GateSignature, ReasonMalformedPresigned, 403, "AccessDenied",
			"Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters")
	}
	seconds, perr := strconv.ParseInt(expires, 10, 64)
	if perr != nil {
		return nil, newError(GateSignature, ReasonMalformedPresigned, 403, "AccessDenied",
			"Invalid date (should be seconds since epoch): "+expires)
	}
	if end := time.Unix(seconds, 0).UTC(); c.now.After(end) {
		return nil, newError(GateSignature, ReasonPresignedExpired, 403, "AccessDenied", "Request has expired").
			with("Expires", end.Format(isoFormat)).with("ServerTime", c.now.Format(isoFormat))
	}
	c.claim = claim{Claim: Claim{Mechanism: Query, Algorithm: AlgorithmV2, AccessKeyID: id}, signature: signature}
	token, ok := hoisted(c.in.query, headerToken)
	if !ok {
		token = []string{c.r.Header.Get(headerToken)}
	}
	res, err := c.verifyV2(Query, expires, token[0])
	if err != nil {
		return nil, err
	}
	if err := c.conflicts(); err != nil { // the signature covers the parameter alone
		return nil, err
	}
	res.Hoisted = hoistedHeaders(c.in.query)
	return res, nil
}

// verifyV2 checks access key, token and signature. slot is the date line of
// the string to sign.
func (c *check) verifyV2(m Mechanism, slot, token string) (*Result, *Error) {
	cred, err := c.credential(token)
	if err != nil {
		return nil, err
	}
	text := c.v2StringToSign(slot)
	if !c.matchesV2(cred.Secret, text) {
		return nil, c.errMismatch(&Mismatch{
			StringToSign: text, SignatureProvided: c.claim.signature, Hint: c.diagnoseV2(cred.Secret, slot),
		})
	}
	res := c.result(m, AlgorithmV2, cred)
	payload, ok := headerValue(c.r, headerPayload)
	if !ok {
		return res, nil
	}
	if payload == StreamingSigned || payload == StreamingSignedTrailer {
		return nil, newError(GateSignature, ReasonInvalidPayloadHash, 400, "InvalidRequest", streamingValueMessage)
	}
	if err := checkPayload(payload, c.in.method); err != nil {
		return nil, err
	}
	res.Payload = payload
	return res.ready(c.r, bodyKey{})
}

func (c *check) matchesV2(secret, text string) bool {
	return subtle.ConstantTimeCompare([]byte(signV2(secret, text)), []byte(c.claim.signature)) == 1
}

// v2StringToSign is the SigV2 string to sign. Of x-amz-* query parameters, a
// presigned URL's security token counts as a header.
func (c *check) v2StringToSign(slot string) string {
	var b strings.Builder
	b.WriteString(c.in.method + "\n" + c.r.Header.Get("Content-Md5") + "\n" + c.r.Header.Get("Content-Type") + "\n" + slot + "\n")
	amz := map[string]string{}
	for name, values := range c.r.Header {
		if hasAmzPrefix(name) {
			amz[strings.ToLower(name)] = strings.Join(trimAll(values), ",")
		}
	}
	for name, values := range hoistedV2(c.claim.Mechanism, c.in.query) {
		amz[name] = strings.Join(trimAll(values), ",")
	}
	names := make([]string, 0, len(amz))
	for name := range amz {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		b.WriteString(name + ":" + amz[name] + "\n")
	}
	b.WriteString(v2Resource(c.target, &c.in))
	return b.String()
}

// hoistedV2 returns the x-amz-* parameters of a presigned URL by lower-case
// name. SDKs put the signed x-amz-* headers, the token among them, there.
func hoistedV2(m Mechanism, params []param) map[string][]string {
	if m != Query {
		return nil
	}
	h := map[string][]string{}
	for _, p := range params {
		if hasAmzPrefix(p.name) {
			name := strings.ToLower(p.name)
			h[name] = append(h[name], p.value)
		}
	}
	return h
}

// v2Resource is the CanonicalizedResource: bucket, raw path, sub-resources.
func v2Resource(target Target, in *input) string {
	resource := in.path
	if target.VirtualHosted && target.Bucket != "" {
		resource = "/" + target.Bucket + resource
	}
	var subs []string
	for _, p := range in.query {
		if !slices.Contains(v2SubResources, p.name) {
			continue
		}
		if _, _, ok := strings.Cut(p.raw, "="); ok {
			subs = append(subs, p.name+"="+p.value)
		} else {
			subs = append(subs, p.name)
		}
	}
	if subs == nil {
		return resource
	}
	slices.Sort(subs)
	return resource + "?" + strings.Join(subs, "&")
}

// diagnoseV2 tries what SigV2 signers most often get wrong.
func (c *check) diagnoseV2(secret, slot string) Hint {
	text := c.v2StringToSign(slot)
	for _, s := range secretVariants(secret) {
		if c.matchesV2(s.secret, text) {
			return Hint{PartSecret, true, s.text}
		}
	}
	if date, ok := headerValue(c.r, headerDate); ok && slot == "" {
		if c.matchesV2(secret, c.v2StringToSign(date)) {
			return Hint{PartDate, true, "the signer put x-amz-date into the date line, which stays empty when x-amz-date is sent"}
		}
	}
	for _, method := range otherMethods {
		changed := *c
		changed.in.method = method
		if changed.matchesV2(secret, changed.v2StringToSign(slot)) {
			return Hint{PartMethod, true, "the request was signed as " + method + " and sent as " + c.in.method}
		}
	}
	return unknownHint
}
