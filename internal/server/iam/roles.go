package iam

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

func createRole(c *awsapi.Call, in *sdk.CreateRoleInput) (*sdk.CreateRoleOutput, error) {
	var r world.Role
	var err error
	if r.Tags, err = folded.add(c, nil, in.Tags); err != nil {
		return nil, err
	}
	if r.Boundary, err = boundaryOf(c, in.PermissionsBoundary); err != nil {
		return nil, err
	}
	if r.Trust, err = trustDocument(c, *in.RoleName, *in.AssumeRolePolicyDocument); err != nil {
		return nil, err
	}
	if strings.HasPrefix(text(in, "Path"), "/aws-service-role/") {
		return nil, c.Errorf("ValidationError", "The path %s is reserved for service-linked roles", *in.Path)
	}
	r.ID, r.Path, r.Description, r.MaxSession, r.Created = world.NewID("AROA"), text(in, "Path"), text(in, "Description"), int(aws.ToInt32(in.MaxSessionDuration)), c.Now()
	if err := putNewRole(c, *in.RoleName, r); err != nil {
		return nil, err
	}
	shown := showNewRole(c, *in.RoleName, r)
	return &sdk.CreateRoleOutput{Role: &shown}, nil
}

func putNewRole(c *awsapi.Call, name string, r world.Role) error {
	return c.World().Change(c.Context(), func(ch *world.Change) error {
		if _, _, ok := world.Roles.Find(ch, c.AccountID(), name); ok {
			return alreadyExists(c, "role", name)
		}
		world.Roles.Put(ch, c.AccountID(), name, r)
		return nil
	})
}

func getRole(c *awsapi.Call, in *sdk.GetRoleInput) (*sdk.GetRoleOutput, error) {
	r, name, ok := world.Roles.Find(c.World(), c.AccountID(), *in.RoleName)
	if !ok {
		return nil, noSuchEntity(c, "role", *in.RoleName)
	}
	shown := showWholeRole(c, name, r)
	return &sdk.GetRoleOutput{Role: &shown}, nil
}

func listRoles(c *awsapi.Call, in *sdk.ListRolesInput) (*sdk.ListRolesOutput, error) {
	var list []types.Role
	for name, r := range world.Roles.All(c.World(), c.AccountID()) {
		if below(r.Path, in.PathPrefix) {
			list = append(list, showListedRole(c, name, r))
		}
	}
	out := &sdk.ListRolesOutput{}
	return out, page(c, in, out, "Roles", list, func(r types.Role) string { return *r.RoleName })
}

// changeRole changes a role that is no service's own.
func changeRole(c *awsapi.Call, name string, do func(found string, r *world.Role) error) (shown types.Role, err error) {
	err = c.World().Change(c.Context(), func(ch *world.Change) error {
		r, found, ok := world.Roles.Find(ch, c.AccountID(), name)
		switch {
		case !ok:
			return noSuchEntity(c, "role", name)
		case serviceLinked(r):
			return unmodifiable(c, found)
		}
		if err := do(found, &r); err != nil {
			return err
		}
		world.Roles.Put(ch, c.AccountID(), found, r)
		shown = showNewRole(c, found, r)
		return nil
	})
	return shown, err
}

func updateRole(c *awsapi.Call, in *sdk.UpdateRoleInput) (*sdk.UpdateRoleOutput, error) {
	_, err := changeRole(c, *in.RoleName, func(_ string, r *world.Role) error {
		if in.Description != nil {
			r.Description = *in.Description
		}
		if in.MaxSessionDuration != nil {
			r.MaxSession = int(*in.MaxSessionDuration)
		}
		return nil
	})
	return &sdk.UpdateRoleOutput{}, err
}

func updateRoleDescription(c *awsapi.Call, in *sdk.UpdateRoleDescriptionInput) (*sdk.UpdateRoleDescriptionOutput, error) {
	shown, err := changeRole(c, *in.RoleName, func(_ string, r *world.Role) error {
		r.Description = *in.Description
		return nil
	})
	shown.Description = in.Description
	return &sdk.UpdateRoleDescriptionOutput{Role: &shown}, err
}

func updateAssumeRolePolicy(c *awsapi.Call, in *sdk.UpdateAssumeRolePolicyInput) (*sdk.UpdateAssumeRolePolicyOutput, error) {
	_, err := changeRole(c, *in.RoleName, func(name string, r *world.Role) (err error) {
		r.Trust, err = trustDocument(c, name, *in.PolicyDocument)
		return err
	})
	return &sdk.UpdateAssumeRolePolicyOutput{}, err
}

func deleteRole(c *awsapi.Call, in *sdk.DeleteRoleInput) (*sdk.DeleteRoleOutput, error) {
	return &sdk.DeleteRoleOutput{}, c.World().Change(c.Context(), func(ch *world.Change) error {
		r, name, ok := world.Roles.Find(ch, c.AccountID(), *in.RoleName)
		switch {
		case !ok:
			return noSuchEntity(c, "role", *in.RoleName)
		case serviceLinked(r):
			return unmodifiable(c, name)
		case len(profilesOf(c, ch, name)) > 0:
			return conflict(c, "remove roles from instance profile")
		case len(r.Attached) > 0:
			return conflict(c, "detach all policies")
		case len(r.Inline) > 0:
			return conflict(c, "delete policies")
		}
		renamed(ch, r.ARN(c.Partition(), c.AccountID(), name), r.UniqueID(c.AccountID(), name))
		world.Roles.Delete(ch, c.AccountID(), name)
		return nil
	})
}
