package sts

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

func getCallerIdentity(c *awsapi.Call, _ *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
	return &sts.GetCallerIdentityOutput{Arn: aws.String(c.Caller.ARN), UserId: aws.String(userID(c)), Account: aws.String(string(c.AccountID()))}, nil
}

// userID is the caller's unique id: AIDA… of a user, AROA…:SESSION of a role
// session, the account id of a root user.
func userID(c *awsapi.Call) string {
	if c.Caller.Session != nil {
		return c.Caller.Session.UserID
	}
	if a := c.Account(); a != nil {
		if u, name, ok := a.UserByARN(c.Caller.ARN); ok {
			return u.UniqueID(a.ID, name)
		}
	}
	return string(c.AccountID())
}

func keyInfoAccess(*awsapi.Call, *sts.GetAccessKeyInfoInput) ([]awsapi.Check, error) {
	return []awsapi.Check{{Action: "sts:GetAccessKeyInfo", Resource: "*"}}, nil
}

// getAccessKeyInfo tells the account of an access key that this endpoint knows.
func getAccessKeyInfo(c *awsapi.Call, in *sts.GetAccessKeyInfoInput) (*sts.GetAccessKeyInfoOutput, error) {
	cred, ok := c.World().Credential(*in.AccessKeyId)
	holder, held := cred.Principal.(*world.Caller)
	if !ok || !held {
		return nil, c.Errorf("ValidationError", "The access key %s is not known", *in.AccessKeyId)
	}
	return &sts.GetAccessKeyInfoOutput{Account: aws.String(string(holder.Account))}, nil
}
