package sts

import (
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/oidc"
)

// service is what the operations share.
type service struct{ keys oidc.KeySets }

// New returns the service. keys are those of the identity providers whose tokens
// AssumeRoleWithWebIdentity takes.
func New(o awsapi.Options, keys oidc.KeySets) (*awsapi.Service, error) {
	s := &service{keys}
	o.Admit = admit
	return awsapi.New("sts", o,
		awsapi.Op("GetCallerIdentity", awsapi.Free, getCallerIdentity),
		awsapi.Op("AssumeRole", awsapi.Free, assumeRole),
		awsapi.Op("AssumeRoleWithWebIdentity", awsapi.Free, s.assumeRoleWithWebIdentity).Unsigned(),
		awsapi.Op("AssumeRoot", rootAccess, assumeRoot),
		awsapi.Op("GetSessionToken", awsapi.Free, getSessionToken),
		awsapi.Op("GetFederationToken", federationAccess, getFederationToken),
		awsapi.Op("GetAccessKeyInfo", keyInfoAccess, getAccessKeyInfo),
		awsapi.Op("DecodeAuthorizationMessage", decodeAccess, decodeAuthorizationMessage),
	)
}

// admit refuses what temporary credentials cannot do at all: "Compare AWS STS
// credentials" in the IAM User Guide.
func admit(c *awsapi.Call) error {
	if c.Caller == nil || c.Caller.Session == nil || c.Operation == "GetCallerIdentity" {
		return nil
	}
	kind := c.Principal().Kind
	switch c.Operation {
	case "GetSessionToken", "GetFederationToken":
	case "AssumeRole":
		if kind != iam.FederatedUser {
			return nil
		}
	default:
		if kind == iam.RoleSession {
			return nil
		}
	}
	return c.AccessDenied("Cannot call " + c.Operation + " with session credentials").Because("the temporary credentials of a " + kind.String() + " cannot call " + c.Operation + ", whatever policies say")
}
