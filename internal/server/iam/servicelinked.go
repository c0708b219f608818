package iam

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
)

const linkedPath = "/aws-service-role/"

func serviceLinked(r world.Role) bool { return strings.HasPrefix(r.Path, linkedPath) }

func unmodifiable(c *awsapi.Call, name string) *wire.Error {
	return c.Errorf("UnmodifiableEntity", "Cannot perform the operation on the protected role '%s' - this role is only modifiable by AWS", name)
}

// createServiceLinkedRole makes the role that a service calls others with. It has
// no permissions here: no service of this endpoint calls another by such a role.
func createServiceLinkedRole(c *awsapi.Call, in *sdk.CreateServiceLinkedRoleInput) (*sdk.CreateServiceLinkedRoleOutput, error) {
	service, _, ok := strings.Cut(*in.AWSServiceName, ".amazonaws.com")
	if !ok || service == "" {
		return nil, c.Errorf("InvalidInput", "Service name %s is not valid", *in.AWSServiceName)
	}
	name := "AWSServiceRoleFor"
	for part := range strings.FieldsFuncSeq(service, func(r rune) bool { return r == '.' || r == '-' }) {
		name += strings.ToUpper(part[:1]) + part[1:]
	}
	if s := text(in, "CustomSuffix"); s != "" {
		name += "_" + s
	}
	trust, err := estate.ParseDocument("role/"+name+"?trust",
		[]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"`+*in.AWSServiceName+`"},"Action":"sts:AssumeRole"}]}`))
	if err != nil {
		return nil, c.Errorf("InvalidInput", "Service name %s is not valid", *in.AWSServiceName)
	}
	r := world.Role{Description: text(in, "Description"), Created: c.Now()}
	r.ID, r.Path, r.Trust = world.NewID("AROA"), linkedPath+*in.AWSServiceName+"/", trust
	if err := putNewRole(c, name, r); err != nil {
		return nil, c.Errorf("InvalidInput", "Service role name %s has been taken in this account, please try a different suffix.", name)
	}
	shown := showNewRole(c, name, r)
	return &sdk.CreateServiceLinkedRoleOutput{Role: &shown}, nil
}

func deleteServiceLinkedRole(c *awsapi.Call, in *sdk.DeleteServiceLinkedRoleInput) (*sdk.DeleteServiceLinkedRoleOutput, error) {
	task := ""
	err := c.World().Change(c.Context(), func(ch *world.Change) error {
		r, name, ok := world.Roles.Find(ch, c.AccountID(), *in.RoleName)
		switch {
		case !ok:
			return noSuchEntity(c, "role", *in.RoleName)
		case !serviceLinked(r):
			return c.Errorf("InvalidInput", "Role %s is not a service-linked role", name)
		}
		world.Roles.Delete(ch, c.AccountID(), name)
		task = "task" + strings.TrimSuffix(r.Path, "/") + "/" + name + "/" + world.NewName("", 32)
		return nil
	})
	return &sdk.DeleteServiceLinkedRoleOutput{DeletionTaskId: aws.String(task)}, err
}

// getServiceLinkedRoleDeletionStatus tells of deletions, which are over as soon as
// they are begun.
func getServiceLinkedRoleDeletionStatus(c *awsapi.Call, in *sdk.GetServiceLinkedRoleDeletionStatusInput) (*sdk.GetServiceLinkedRoleDeletionStatusOutput, error) {
	if !strings.HasPrefix(*in.DeletionTaskId, "task"+linkedPath) {
		return nil, c.Errorf("NoSuchEntity", "The deletion task %s cannot be found.", *in.DeletionTaskId)
	}
	return &sdk.GetServiceLinkedRoleDeletionStatusOutput{Status: types.DeletionTaskStatusTypeSucceeded}, nil
}
