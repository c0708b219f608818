package sts

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/awsapi"
)

// How long the sessions of users last: GetSessionToken and GetFederationToken in
// the STS API Reference. Those of root users last an hour at most.
const (
	defaultTokenDuration = 43200
	rootTokenDuration    = 3600
)

func tokenDuration(c *awsapi.Call, asked *int32) time.Duration {
	if c.Principal().Kind == iam.RootUser {
		return min(seconds(asked, rootTokenDuration), rootTokenDuration*time.Second)
	}
	return seconds(asked, defaultTokenDuration)
}

// getSessionToken needs no permission: "You can't use policies to control
// authentication operations" (IAM User Guide, Permissions for GetSessionToken).
func getSessionToken(c *awsapi.Call, in *sts.GetSessionTokenInput) (*sts.GetSessionTokenOutput, error) {
	mfa, err := checkMFA(c, in.SerialNumber, in.TokenCode)
	if err != nil {
		return nil, err
	}
	s := newSession(c, tokenDuration(c, in.DurationSeconds))
	s.Principal, s.UserID, s.MFA = c.Caller.ARN, userID(c), mfa
	cred, err := credentials(c, s)
	if err != nil {
		return nil, err
	}
	return &sts.GetSessionTokenOutput{Credentials: cred}, nil
}

func federatedARN(c *awsapi.Call, name string) string {
	return iam.Principal{Kind: iam.FederatedUser, Partition: c.Partition(), Account: c.AccountID(), Name: name}.ARN()
}

func federationAccess(c *awsapi.Call, in *sts.GetFederationTokenInput) ([]awsapi.Check, error) {
	p := &passed{}
	p.inherit(nil)
	if err := p.readTags(c, in.Tags, nil); err != nil {
		return nil, err
	}
	keys := awsapi.Keys{}.RequestTags(p.tags)
	checks := []awsapi.Check{{Action: "sts:GetFederationToken", Resource: federatedARN(c, *in.Name), Keys: keys}}
	if len(p.tags) > 0 {
		checks = append(checks, awsapi.Check{Action: "sts:TagSession", Resource: federatedARN(c, *in.Name), Keys: keys})
	}
	return checks, nil
}

func getFederationToken(c *awsapi.Call, in *sts.GetFederationTokenInput) (*sts.GetFederationTokenOutput, error) {
	p := &passed{}
	p.inherit(nil)
	if err := p.readTags(c, in.Tags, nil); err != nil {
		return nil, err
	}
	if err := p.readPolicies(c, in.Policy, in.PolicyArns); err != nil {
		return nil, err
	}
	if err := p.checkManaged(c, c.Account()); err != nil {
		return nil, err
	}
	size, err := p.packedSize(c)
	if err != nil {
		return nil, err
	}
	s := newSession(c, tokenDuration(c, in.DurationSeconds))
	s.Principal, s.UserID = federatedARN(c, *in.Name), string(c.AccountID())+":"+*in.Name
	s.Policies, s.Tags, s.FederatedBy, s.ParentID = p.policies, p.tags, c.Caller.ARN, userID(c)
	cred, err := credentials(c, s)
	if err != nil {
		return nil, err
	}
	if size == nil {
		size = aws.Int32(0) // observed at AWS in 2026; AssumeRole shows none
	}
	user := &types.FederatedUser{Arn: aws.String(s.Principal), FederatedUserId: aws.String(s.UserID)}
	return &sts.GetFederationTokenOutput{Credentials: cred, FederatedUser: user, PackedPolicySize: size}, nil
}
