package sts

import (
	"errors"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/oidc"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
)

// identify verifies a token, and checks that the role's account trusts its
// provider for its audience. The errors are those of AssumeRoleWithWebIdentity in
// the STS API Reference.
func (s *service) identify(c *awsapi.Call, r role, text string) (*oidc.Token, error) {
	token, err := s.keys.Verify(text, c.Now())
	switch {
	case errors.Is(err, oidc.ErrExpired):
		return nil, c.Errorf("ExpiredTokenException", "Token expired: current date/time must be before the expiration date/time")
	case errors.Is(err, oidc.ErrMalformed):
		return nil, c.Errorf("InvalidIdentityToken", "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
	case r.role == nil:
		return nil, denied(c).Because(r.missing())
	case errors.Is(err, oidc.ErrIssuer) && has(c, r, token.Issuer):
		return nil, c.Errorf("InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements")
	case errors.Is(err, oidc.ErrIssuer):
		return nil, noProvider(c, token.Issuer)
	case err != nil:
		return nil, c.Errorf("InvalidIdentityToken", "The web identity token that was passed could not be validated by AWS: %v", err)
	}
	provider, ok := oidc.Providers.Get(c.World(), r.account.ID, token.Issuer)
	if !ok {
		return nil, noProvider(c, token.Issuer)
	}
	// The audience that counts is the authorized party, where there is one.
	named := token.Audience
	if token.AZP != "" {
		named = []string{token.AZP}
	}
	i := slices.IndexFunc(named, func(a string) bool { return slices.Contains(provider.ClientIDs, a) })
	if i < 0 {
		return nil, c.Errorf("InvalidIdentityToken", "Incorrect token audience")
	}
	if token.AZP == "" {
		token.Audience = named[i : i+1]
	}
	return token, nil
}

func has(c *awsapi.Call, r role, issuer string) bool {
	_, ok := oidc.Providers.Get(c.World(), r.account.ID, issuer)
	return ok
}

func noProvider(c *awsapi.Call, issuer string) error {
	return c.Errorf("InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://%s", issuer)
}

func denied(c *awsapi.Call) *wire.Error {
	return c.AccessDenied("Not authorized to perform sts:AssumeRoleWithWebIdentity")
}

// federationKeys are the condition keys of a token: "Available keys for AWS OIDC
// federation" in the IAM User Guide. aud is the authorized party where there is
// one.
func federationKeys(token *oidc.Token, provider string) map[string]string {
	keys := map[string]string{token.Issuer + ":sub": token.Subject, token.Issuer + ":aud": token.Audience[0], "aws:FederatedProvider": provider}
	if token.AZP != "" {
		keys[token.Issuer+":aud"] = token.AZP
		keys[token.Issuer+":oaud"] = token.Audience[0]
	}
	return keys
}

func (s *service) assumeRoleWithWebIdentity(c *awsapi.Call, in *sts.AssumeRoleWithWebIdentityInput) (*sts.AssumeRoleWithWebIdentityOutput, error) {
	r, err := findRole(c, *in.RoleArn)
	if err != nil {
		return nil, err
	}
	p := &passed{}
	p.inherit(nil)
	if err := p.readPolicies(c, in.Policy, in.PolicyArns); err != nil {
		return nil, err
	}
	token, err := s.identify(c, r, *in.WebIdentityToken)
	if err != nil {
		return nil, err
	}
	if err := p.readClaims(c, token); err != nil {
		return nil, err
	}
	provider := oidc.ARN(r.account.Partition(), r.account.ID, token.Issuer)
	context := federationKeys(token, provider)
	if !mayFederate(c, in, r, p, token, provider, context) {
		return nil, denied(c)
	}
	session, err := s.webSession(c, in, r, p)
	if err != nil {
		return nil, err
	}
	session.Context, session.SourceIdentity = context, token.SourceIdentity
	out := &sts.AssumeRoleWithWebIdentityOutput{
		AssumedRoleUser: assumedUser(session), SourceIdentity: optional(token.SourceIdentity), Provider: aws.String(provider), Audience: aws.String(token.Audience[0]), SubjectFromWebIdentityToken: aws.String(token.Subject),
	}
	if out.PackedPolicySize, err = p.packedSize(c); err != nil {
		return nil, err
	}
	out.Credentials, err = credentials(c, session)
	return out, err
}

// mayFederate asks for the provider, and with it for TagSession and
// SetSourceIdentity where the token says so.
func mayFederate(c *awsapi.Call, in *sts.AssumeRoleWithWebIdentityInput, r role, p *passed, token *oidc.Token, provider string, context map[string]string) bool {
	keys := p.keys(*in.RoleSessionName).List(token.Issuer+":amr", token.AMR).Set("sts:SourceIdentity", token.SourceIdentity)
	for name, value := range context {
		keys = keys.Set(name, value)
	}
	actions := []string{"sts:AssumeRoleWithWebIdentity"}
	if len(p.tags) > 0 {
		actions = append(actions, "sts:TagSession")
	}
	if token.SourceIdentity != "" {
		actions = append(actions, "sts:SetSourceIdentity")
	}
	for _, action := range actions {
		if c.AllowAs(provider, awsapi.Check{Action: action, Resource: r.arn, Keys: keys}) != nil {
			return false
		}
	}
	return true
}

// readClaims reads the session tags of a token.
func (p *passed) readClaims(c *awsapi.Call, token *oidc.Token) error {
	var tags []types.Tag
	for _, key := range slices.Sorted(maps.Keys(token.Tags)) {
		if n := utf8.RuneCountInString(key); n == 0 || n > 128 || utf8.RuneCountInString(token.Tags[key]) > 256 {
			return c.Errorf("InvalidIdentityToken", "The token has a tag whose key or value is too long")
		}
		tags = append(tags, types.Tag{Key: aws.String(key), Value: aws.String(token.Tags[key])})
	}
	if len(tags) > maxTags {
		return c.Errorf("InvalidIdentityToken", "The token has more than %d tags", maxTags)
	}
	return p.readTags(c, tags, token.Transitive)
}

func (s *service) webSession(c *awsapi.Call, in *sts.AssumeRoleWithWebIdentityInput, r role, p *passed) (*world.Session, error) {
	duration := seconds(in.DurationSeconds, defaultDuration)
	if err := checkDuration(c, r, duration); err != nil {
		return nil, err
	}
	if err := p.checkManaged(c, r.account); err != nil {
		return nil, err
	}
	return r.session(c, *in.RoleSessionName, duration, p), nil
}
