package oidc

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// A Token is what a verified token says.
type Token struct {
	Issuer   string // without the scheme
	Subject  string
	Audience []string
	AMR      []string // authentication methods
	AZP      string   // authorized party
	Expires  time.Time

	// What the issuer wants the session to be ("Passing session tags in AWS STS",
	// IAM User Guide).
	Tags           map[string]string
	Transitive     []string // keys of the tags that role chaining passes on
	SourceIdentity string
}

// Errors of Verify.
var (
	ErrMalformed = errors.New("the token cannot be read")
	ErrIssuer    = errors.New("the keys of the token's issuer are not known")
	ErrSignature = errors.New("the signature of the token does not verify")
	ErrExpired   = errors.New("the token is expired")
)

// algorithms are those that IAM takes: "Create an OpenID Connect (OIDC) identity
// provider in IAM", IAM User Guide.
var algorithms = []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.ES256, jose.ES384, jose.ES512}

// leeway is how far the clock of an issuer may be off.
const leeway = 5 * time.Minute

type claims struct {
	jwt.Claims
	AMR  json.RawMessage `json:"amr"`
	AZP  string          `json:"azp"`
	Tags struct {
		Principal  map[string]json.RawMessage `json:"principal_tags"` // a value, or a list of one
		Transitive []string                   `json:"transitive_tag_keys"`
	} `json:"https://aws.amazon.com/tags"`
	SourceIdentity string `json:"https://aws.amazon.com/source_identity"`
}

// tags reads the session tags; one of several values is an error.
func (c *claims) tags() (map[string]string, error) {
	tags := map[string]string{}
	for key, raw := range c.Tags.Principal {
		var one string
		var list []string
		switch {
		case json.Unmarshal(raw, &one) == nil:
			tags[key] = one
		case json.Unmarshal(raw, &list) == nil && len(list) == 1:
			tags[key] = list[0]
		default:
			return nil, ErrMalformed
		}
	}
	return tags, nil
}

// Verify verifies a token. Its times are checked last, so that of an expired token
// it is known who made it.
func (k KeySets) Verify(text string, now time.Time) (*Token, error) {
	t, err := jwt.ParseSigned(text, algorithms)
	if err != nil || len(t.Headers) != 1 {
		return nil, ErrMalformed
	}
	var c claims
	if err := t.UnsafeClaimsWithoutVerification(&c); err != nil {
		return nil, ErrMalformed
	}
	set := k[setOf(c.Issuer)]
	if set == nil {
		return &Token{Issuer: Issuer(c.Issuer)}, ErrIssuer
	}
	if !verified(t, set, &c) {
		return nil, ErrSignature
	}
	if c.Subject == "" || len(c.Audience) == 0 || c.Expiry == nil || c.IssuedAt == nil {
		return nil, ErrMalformed
	}
	tags, err := c.tags()
	if err != nil {
		return nil, err
	}
	token := &Token{
		Issuer: Issuer(c.Issuer), Subject: c.Subject, Audience: c.Audience, AMR: texts(c.AMR), AZP: c.AZP, Expires: c.Expiry.Time(),
		Tags: tags, Transitive: c.Tags.Transitive, SourceIdentity: c.SourceIdentity,
	}
	if err := c.ValidateWithLeeway(jwt.Expected{Time: now}, leeway); err != nil || now.After(token.Expires) {
		return token, ErrExpired
	}
	return token, nil
}

// verified tries the key that the token names, or each where it names none.
func verified(t *jwt.JSONWebToken, set *jose.JSONWebKeySet, c *claims) bool {
	keys := set.Keys
	if id := t.Headers[0].KeyID; id != "" {
		keys = set.Key(id)
	}
	for i := range keys {
		*c = claims{}
		if t.Claims(keys[i].Key, c) == nil {
			return true
		}
	}
	return false
}

// texts reads a text, or a list of them.
func texts(raw json.RawMessage) []string {
	var list []string
	if json.Unmarshal(raw, &list) == nil {
		return list
	}
	var one string
	if json.Unmarshal(raw, &one) == nil && one != "" {
		return strings.Fields(one)
	}
	return nil
}
