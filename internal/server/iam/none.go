package iam

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/why403/why403/internal/server/awsapi"
)

// noneRows list what no operation of this endpoint makes, so that there is none.
// Programs that delete a user ask for all of it first.
func noneRows() []awsapi.Operation {
	return []awsapi.Operation{
		awsapi.Op("ListSSHPublicKeys", onUser, noneOfUser[sdk.ListSSHPublicKeysInput, sdk.ListSSHPublicKeysOutput]),
		awsapi.Op("ListSigningCertificates", onUser, noneOfUser[sdk.ListSigningCertificatesInput, sdk.ListSigningCertificatesOutput]),
		awsapi.Op("ListServiceSpecificCredentials", onUser, noneOfUser[sdk.ListServiceSpecificCredentialsInput, sdk.ListServiceSpecificCredentialsOutput]),
		awsapi.Op("ListServerCertificates", onAll[sdk.ListServerCertificatesInput]("server-certificate"), none[sdk.ListServerCertificatesInput, sdk.ListServerCertificatesOutput]),
		awsapi.Op("ListSAMLProviders", onAll[sdk.ListSAMLProvidersInput]("saml-provider"), none[sdk.ListSAMLProvidersInput, sdk.ListSAMLProvidersOutput]),
	}
}

func none[In, Out any](*awsapi.Call, *In) (*Out, error) { return new(Out), nil }

func noneOfUser[In, Out any](c *awsapi.Call, in *In) (*Out, error) {
	if given := pointer(in, "UserName"); !forRoot(c, given) {
		name, err := userName(c, given)
		if err != nil {
			return nil, err
		}
		if _, err := find(c, c.World(), "user", name); err != nil {
			return nil, err
		}
	}
	return new(Out), nil
}
