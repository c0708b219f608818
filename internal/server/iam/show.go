package iam

import (
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// seeded is when things of the estate that the endpoint was started with count as
// made, as it does not say.
var seeded = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

func date(t time.Time) *time.Time {
	if t.IsZero() {
		t = seeded
	}
	t = t.UTC().Truncate(time.Second)
	return &t
}

func pathOr(path string) *string {
	if path == "" {
		path = "/"
	}
	return &path
}

func tagList(tags map[string]string) []types.Tag {
	list := make([]types.Tag, 0, len(tags))
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, types.Tag{Key: aws.String(k), Value: aws.String(tags[k])})
	}
	return list
}

func showBoundary(c *awsapi.Call, ref string) *types.AttachedPermissionsBoundary {
	if ref == "" {
		return nil
	}
	return &types.AttachedPermissionsBoundary{PermissionsBoundaryArn: aws.String(managedARN(c, ref)), PermissionsBoundaryType: types.PermissionsBoundaryAttachmentTypePolicy}
}

// showUser shows a user as lists do; detail adds boundary and tags.
func showUser(c *awsapi.Call, name string, u world.User, detail bool) types.User {
	shown := types.User{
		Arn: aws.String(arnOf(c, "user", u.Path, name)), CreateDate: date(u.Created), Path: pathOr(u.Path),
		UserId: aws.String(u.UniqueID(c.AccountID(), name)), UserName: aws.String(name),
	}
	if detail {
		shown.PermissionsBoundary = showBoundary(c, u.Boundary)
		if len(u.Tags) > 0 {
			shown.Tags = tagList(u.Tags)
		}
	}
	return shown
}

func showGroup(c *awsapi.Call, name string, g world.Group) types.Group {
	return types.Group{
		Arn: aws.String(arnOf(c, "group", g.Path, name)), CreateDate: date(g.Created), Path: pathOr(g.Path),
		GroupId: aws.String(g.ID), GroupName: aws.String(name),
	}
}

// showRole shows a role as instance profiles do. What answers show besides differs
// between operations (observed at AWS in 2026): those that follow add it.
func showRole(c *awsapi.Call, name string, r world.Role) types.Role {
	return types.Role{
		Arn: aws.String(arnOf(c, "role", r.Path, name)), CreateDate: date(r.Created), Path: pathOr(r.Path),
		RoleId: aws.String(r.UniqueID(c.AccountID(), name)), RoleName: aws.String(name), AssumeRolePolicyDocument: encoded(r.Trust),
	}
}

// showNewRole shows a role as CreateRole does.
func showNewRole(c *awsapi.Call, name string, r world.Role) types.Role {
	shown := showRole(c, name, r)
	shown.PermissionsBoundary = showBoundary(c, r.Boundary)
	if len(r.Tags) > 0 {
		shown.Tags = tagList(r.Tags)
	}
	return shown
}

// showListedRole shows a role as ListRoles does.
func showListedRole(c *awsapi.Call, name string, r world.Role) types.Role {
	shown := showRole(c, name, r)
	shown.MaxSessionDuration = aws.Int32(maxSession(r))
	if r.Description != "" {
		shown.Description = aws.String(r.Description)
	}
	return shown
}

// showWholeRole shows a role as GetRole does.
func showWholeRole(c *awsapi.Call, name string, r world.Role) types.Role {
	shown, listed := showNewRole(c, name, r), showListedRole(c, name, r)
	shown.MaxSessionDuration, shown.Description, shown.RoleLastUsed = listed.MaxSessionDuration, listed.Description, &types.RoleLastUsed{}
	return shown
}

func maxSession(r world.Role) int32 {
	if r.MaxSession == 0 {
		return 3600
	}
	return int32(r.MaxSession)
}
