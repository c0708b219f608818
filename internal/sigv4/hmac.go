package sigv4

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"sync"
)

// emptySHA256 is the SHA-256 of no bytes.
const emptySHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

const terminator = "aws4_request"

func hmacSHA256(key, data []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(data)
	return h.Sum(nil)
}

// signingKey derives the key of a credential scope.
func signingKey(secret string, s scope) []byte {
	k := hmacSHA256([]byte("AWS4"+secret), []byte(s.date))
	k = hmacSHA256(k, []byte(s.region))
	k = hmacSHA256(k, []byte(s.service))
	return hmacSHA256(k, []byte(s.terminator))
}

// signV4 returns a signature in the form in which it is sent.
func signV4(key, stringToSign []byte) string {
	return hex.EncodeToString(hmacSHA256(key, stringToSign))
}

// signV2 returns a Signature Version 2 signature in the form in which it is
// sent.
func signV2(secret, stringToSign string) string {
	h := hmac.New(sha1.New, []byte(secret))
	h.Write([]byte(stringToSign))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// sha256Hex returns the SHA-256 of b in hexadecimal digits.
func sha256Hex(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// maxCachedKeys bounds a keyCache. A key lives for a day, so a full cache is
// simply emptied.
const maxCachedKeys = 1024

// keyCache holds signing keys, each four HMACs, by what they derive from.
type keyCache struct {
	mu   sync.RWMutex
	keys map[cacheKey]cachedKey
}

type cacheKey struct {
	accessKeyID string
	scope       scope
}

// cachedKey remembers the secret, so that a key whose secret changed is
// derived anew.
type cachedKey struct {
	secret string
	key    []byte
}

// get returns the signing key of cred for s.
func (c *keyCache) get(cred Credential, s scope) []byte {
	id := cacheKey{cred.AccessKeyID, s}
	c.mu.RLock()
	got, ok := c.keys[id]
	c.mu.RUnlock()
	if ok && got.secret == cred.Secret {
		return got.key
	}
	key := signingKey(cred.Secret, s)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.keys == nil || len(c.keys) >= maxCachedKeys {
		c.keys = make(map[cacheKey]cachedKey)
	}
	c.keys[id] = cachedKey{cred.Secret, key}
	return key
}
