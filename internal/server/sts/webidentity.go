package sts

import (
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/oidc"
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
	case errors.Is(err, oidc.ErrIssuer):
		return nil, c.Errorf("InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements")
	case err != nil:
		return nil, c.Errorf("InvalidIdentityToken", "The web identity token that was passed could not be validated by AWS: %v", err)
	}
	if r.account == nil {
		return nil, denied(c)
	}
	provider, ok := oidc.Providers.Get(c.World(), r.account.ID, token.Issuer)
	if !ok {
		return nil, c.Errorf("InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://%s", token.Issuer)
	}
	if !slices.ContainsFunc(token.Audience, func(a string) bool { return slices.Contains(provider.ClientIDs, a) }) {
		return nil, c.Errorf("InvalidIdentityToken", "Incorrect token audience")
	}
	return token, nil
}

func denied(c *awsapi.Call) error {
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
	provider := oidc.ARN(r.account.Partition(), r.account.ID, token.Issuer)
	context := federationKeys(token, provider)
	keys := p.keys(*in.RoleSessionName).List(token.Issuer+":amr", token.AMR)
	for name, value := range context {
		keys = keys.Set(name, value)
	}
	if err := c.AllowAs(provider, awsapi.Check{Action: "sts:AssumeRoleWithWebIdentity", Resource: r.arn, Keys: keys}); err != nil || r.role == nil {
		return nil, denied(c)
	}
	session, err := s.webSession(c, in, r, p)
	if err != nil {
		return nil, err
	}
	session.Context = context
	out := &sts.AssumeRoleWithWebIdentityOutput{
		AssumedRoleUser: assumedUser(session), Provider: aws.String(provider), Audience: aws.String(token.Audience[0]), SubjectFromWebIdentityToken: aws.String(token.Subject),
	}
	if out.PackedPolicySize, err = p.packedSize(c); err != nil {
		return nil, err
	}
	out.Credentials, err = credentials(c, session)
	return out, err
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
