package sigv4

import (
	"crypto/subtle"
	"sync"
)

// attempt is a request as it has to be signed: all that a SigV4 signature
// depends on.
type attempt struct {
	message
	stamp    string
	scope    scope
	secret   string
	provided string // signature that was sent
}

// attempt puts the request of c in canonical form.
func (c *check) attempt(cred Credential, stamp, payload string, presigned bool) *attempt {
	fields := signedFields(c.r, &c.in, c.claim.signedHeaders, presigned)
	path := canonicalPathS3
	if !c.v.s3() {
		path = canonicalPathGeneric
	}
	return &attempt{
		message: message{
			method:  c.in.method,
			path:    path(c.in.path),
			query:   canonicalQuery(c.in.query, presigned),
			headers: fields,
			signed:  signedLine(fields),
			payload: payload,
		},
		stamp: stamp, scope: c.claim.scope(), secret: cred.Secret, provided: c.claim.signature,
	}
}

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 2048); return &b }}

// matches reports whether the attempt's signature under key is the one that
// was sent.
func (a *attempt) matches(key []byte) bool {
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	b := a.message.append((*buf)[:0])
	n := len(b)
	b = appendStringToSign(b, a.stamp, a.scope, b)
	*buf = b
	return subtle.ConstantTimeCompare([]byte(signV4(key, b[n:])), []byte(a.provided)) == 1
}

// compare verifies the signature, and returns the signing key. A mismatch is
// diagnosed.
func (c *check) compare(a *attempt) ([]byte, *Error) {
	cred := Credential{AccessKeyID: c.claim.AccessKeyID, Secret: a.secret}
	key := c.v.cache.get(cred, a.scope)
	if a.matches(key) {
		return key, nil
	}
	canonical := a.message.append(nil)
	m := &Mismatch{
		CanonicalRequest:  string(canonical),
		StringToSign:      string(appendStringToSign(nil, a.stamp, a.scope, canonical)),
		SignatureProvided: a.provided,
		Hint:              c.diagnose(a, canonical),
	}
	return nil, c.errMismatch(m)
}
