package oidc

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// KeySets are the public keys of identity providers (JWKS, RFC 7517) by their
// issuers, without the scheme: "token.actions.githubusercontent.com".
type KeySets map[string]*jose.JSONWebKeySet

// Issuer names an issuer as ARNs and condition keys do: without "https://".
func Issuer(url string) string {
	return strings.TrimPrefix(strings.TrimPrefix(url, "https://"), "http://")
}

// setOf is the name of an issuer's key set: with a slash at its end or without, it
// has the same keys, but is another provider.
func setOf(issuer string) string { return strings.TrimSuffix(Issuer(issuer), "/") }

// Add reads the key set of one issuer.
func (k KeySets) Add(issuer string, set []byte) error {
	keys := &jose.JSONWebKeySet{}
	if err := json.Unmarshal(set, keys); err != nil {
		return fmt.Errorf("key set of %s: %w", issuer, err)
	}
	if len(keys.Keys) == 0 {
		return fmt.Errorf(`key set of %s holds no key; a JWKS is {"keys": [{"kty": "RSA", "kid": …}, …]}`, issuer)
	}
	for i, key := range keys.Keys {
		if !key.Valid() || !key.IsPublic() {
			return fmt.Errorf("key set of %s: key %d is no valid public key", issuer, i)
		}
	}
	k[setOf(issuer)] = keys
	return nil
}

// Issuers lists the issuers whose keys are known.
func (k KeySets) Issuers() []string { return slices.Sorted(maps.Keys(k)) }
