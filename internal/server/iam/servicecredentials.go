package iam

import (
	"crypto/rand"
	"encoding/base64"
	"slices"
	"strconv"

	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// credentialServices are the services that have credentials of their own
// (CreateServiceSpecificCredential in the IAM API Reference).
var credentialServices = []string{"codecommit.amazonaws.com", "cassandra.amazonaws.com", "bedrock.amazonaws.com", "logs.amazonaws.com"}

// newPassword is 44 characters of base64. It is shown once, and not kept.
func newPassword() *string {
	var b [32]byte
	rand.Read(b[:]) // never fails
	s := base64.StdEncoding.EncodeToString(b[:])
	return &s
}

func showService(name string, b *belonging) *types.ServiceSpecificCredential {
	shown := &types.ServiceSpecificCredential{UserName: &name, ServiceSpecificCredentialId: &b.ID, ServiceName: &b.Service, ServiceUserName: &b.User,
		ServicePassword: newPassword(), Status: status(b), CreateDate: date(b.Created)}
	if !b.Expires.IsZero() {
		shown.ExpirationDate = date(b.Expires)
	}
	return shown
}

func createServiceSpecificCredential(c *awsapi.Call, in *sdk.CreateServiceSpecificCredentialInput) (*sdk.CreateServiceSpecificCredentialOutput, error) {
	out := &sdk.CreateServiceSpecificCredentialOutput{}
	return out, changeBelongings(c, in.UserName, func(name string, b *belongings) error {
		if !slices.Contains(credentialServices, *in.ServiceName) {
			return c.Errorf("NotSupportedService", "No such service %s is supported for Service Specific Credentials", *in.ServiceName)
		}
		one := &belonging{ID: world.NewID("ACCA"), Service: *in.ServiceName, User: name + "-at-" + string(c.AccountID()), Created: c.Now()}
		same := 0
		for _, o := range b.Services {
			if o.Service == one.Service {
				same++
				one.User = name + "+" + strconv.Itoa(same) + "-at-" + string(c.AccountID())
			}
		}
		if same >= maxServices {
			return quota(c, "ServiceSpecificCredentialsPerUser", maxServices)
		}
		if in.CredentialAgeDays != nil {
			one.Expires = c.Now().AddDate(0, 0, int(*in.CredentialAgeDays))
		}
		b.Services = append(b.Services, one)
		out.ServiceSpecificCredential = showService(name, one)
		return nil
	})
}

func resetServiceSpecificCredential(c *awsapi.Call, in *sdk.ResetServiceSpecificCredentialInput) (*sdk.ResetServiceSpecificCredentialOutput, error) {
	name, b, err := belongingsOf(c, in.UserName)
	if err != nil {
		return nil, err
	}
	one, err := services.find(c, in, &b)
	if err != nil {
		return nil, err
	}
	return &sdk.ResetServiceSpecificCredentialOutput{ServiceSpecificCredential: showService(name, one)}, nil
}

func listServiceSpecificCredentials(c *awsapi.Call, in *sdk.ListServiceSpecificCredentialsInput) (*sdk.ListServiceSpecificCredentialsOutput, error) {
	name, b, err := belongingsOf(c, in.UserName)
	if err != nil {
		return nil, err
	}
	list := []types.ServiceSpecificCredentialMetadata{}
	for _, one := range b.Services {
		if in.ServiceName == nil || *in.ServiceName == one.Service {
			list = append(list, types.ServiceSpecificCredentialMetadata{UserName: &name, ServiceSpecificCredentialId: &one.ID, ServiceName: &one.Service,
				ServiceUserName: &one.User, Status: status(one), CreateDate: date(one.Created)})
		}
	}
	return &sdk.ListServiceSpecificCredentialsOutput{ServiceSpecificCredentials: list}, nil
}
