package iam

import (
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

const maxGroups = 10 // of a user

func createGroup(c *awsapi.Call, in *sdk.CreateGroupInput) (*sdk.CreateGroupOutput, error) {
	g := world.Group{ID: world.NewID("AGPA"), Created: c.Now()}
	g.Path = text(in, "Path")
	err := c.World().Change(c.Context(), func(ch *world.Change) error {
		if _, _, ok := world.Groups.Find(ch, c.AccountID(), *in.GroupName); ok {
			return alreadyExists(c, "group", *in.GroupName)
		}
		world.Groups.Put(ch, c.AccountID(), *in.GroupName, g)
		return nil
	})
	shown := showGroup(c, *in.GroupName, g)
	return &sdk.CreateGroupOutput{Group: &shown}, err
}

func getGroup(c *awsapi.Call, in *sdk.GetGroupInput) (*sdk.GetGroupOutput, error) {
	g, name, ok := world.Groups.Find(c.World(), c.AccountID(), *in.GroupName)
	if !ok {
		return nil, noSuchEntity(c, "group", *in.GroupName)
	}
	shown := showGroup(c, name, g)
	out := &sdk.GetGroupOutput{Group: &shown}
	var list []types.User
	for user, u := range world.Users.All(c.World(), c.AccountID()) {
		if slices.Contains(u.Groups, name) {
			list = append(list, showUser(c, user, u, false))
		}
	}
	return out, page(c, in, out, "Users", list, func(u types.User) string { return *u.UserName })
}

func listGroups(c *awsapi.Call, in *sdk.ListGroupsInput) (*sdk.ListGroupsOutput, error) {
	var list []types.Group
	for name, g := range world.Groups.All(c.World(), c.AccountID()) {
		if below(g.Path, in.PathPrefix) {
			list = append(list, showGroup(c, name, g))
		}
	}
	out := &sdk.ListGroupsOutput{}
	return out, page(c, in, out, "Groups", list, func(g types.Group) string { return *g.GroupName })
}

func listGroupsForUser(c *awsapi.Call, in *sdk.ListGroupsForUserInput) (*sdk.ListGroupsForUserOutput, error) {
	u, _, ok := world.Users.Find(c.World(), c.AccountID(), *in.UserName)
	if !ok {
		return nil, noSuchEntity(c, "user", *in.UserName)
	}
	var list []types.Group
	for _, name := range slices.Sorted(slices.Values(u.Groups)) {
		if g, ok := world.Groups.Get(c.World(), c.AccountID(), name); ok {
			list = append(list, showGroup(c, name, g))
		}
	}
	out := &sdk.ListGroupsForUserOutput{}
	return out, page(c, in, out, "Groups", list, func(g types.Group) string { return *g.GroupName })
}

func updateGroup(c *awsapi.Call, in *sdk.UpdateGroupInput) (*sdk.UpdateGroupOutput, error) {
	return &sdk.UpdateGroupOutput{}, c.World().Change(c.Context(), func(ch *world.Change) error {
		g, name, ok := world.Groups.Find(ch, c.AccountID(), *in.GroupName)
		if !ok {
			return noSuchEntity(c, "group", *in.GroupName)
		}
		if in.NewPath != nil {
			g.Path = *in.NewPath
		}
		if in.NewGroupName != nil && *in.NewGroupName != name {
			if _, other, taken := world.Groups.Find(ch, c.AccountID(), *in.NewGroupName); taken && other != name {
				return alreadyExists(c, "group", *in.NewGroupName)
			}
			world.Groups.Delete(ch, c.AccountID(), name)
			world.Groups.Put(ch, c.AccountID(), *in.NewGroupName, g)
			rejoin(c, ch, name, *in.NewGroupName)
			return nil
		}
		world.Groups.Put(ch, c.AccountID(), name, g)
		return nil
	})
}

// rejoin takes the users of a group that is renamed along.
func rejoin(c *awsapi.Call, ch *world.Change, old, name string) {
	for user, u := range world.Users.All(ch, c.AccountID()) {
		if i := slices.Index(u.Groups, old); i >= 0 {
			u.Groups[i] = name
			world.Users.Put(ch, c.AccountID(), user, u)
		}
	}
}

func deleteGroup(c *awsapi.Call, in *sdk.DeleteGroupInput) (*sdk.DeleteGroupOutput, error) {
	return &sdk.DeleteGroupOutput{}, c.World().Change(c.Context(), func(ch *world.Change) error {
		g, name, ok := world.Groups.Find(ch, c.AccountID(), *in.GroupName)
		switch {
		case !ok:
			return noSuchEntity(c, "group", *in.GroupName)
		case len(g.Inline) > 0:
			return conflict(c, "delete policies")
		case len(g.Attached) > 0:
			return conflict(c, "detach all policies")
		}
		for _, u := range world.Users.All(ch, c.AccountID()) {
			if slices.Contains(u.Groups, name) {
				return conflict(c, "remove users from group")
			}
		}
		world.Groups.Delete(ch, c.AccountID(), name)
		return nil
	})
}

// membership changes the groups of a user.
func membership(c *awsapi.Call, group, user string, do func(groups []string, group string) ([]string, error)) error {
	return c.World().Change(c.Context(), func(ch *world.Change) error {
		u, name, ok := world.Users.Find(ch, c.AccountID(), user)
		if !ok {
			return noSuchEntity(c, "user", user)
		}
		_, groupName, ok := world.Groups.Find(ch, c.AccountID(), group)
		if !ok {
			return noSuchEntity(c, "group", group)
		}
		groups, err := do(u.Groups, groupName)
		if err != nil {
			return err
		}
		u.Groups = groups
		world.Users.Put(ch, c.AccountID(), name, u)
		return nil
	})
}

func addUserToGroup(c *awsapi.Call, in *sdk.AddUserToGroupInput) (*sdk.AddUserToGroupOutput, error) {
	return &sdk.AddUserToGroupOutput{}, membership(c, *in.GroupName, *in.UserName, func(groups []string, group string) ([]string, error) {
		switch {
		case slices.Contains(groups, group):
			return groups, nil
		case len(groups) >= maxGroups:
			return nil, quota(c, "GroupsPerUser", maxGroups)
		}
		return append(groups, group), nil
	})
}

// removeUserFromGroup does not fail where the user is no member (observed at AWS in
// 2026).
func removeUserFromGroup(c *awsapi.Call, in *sdk.RemoveUserFromGroupInput) (*sdk.RemoveUserFromGroupOutput, error) {
	return &sdk.RemoveUserFromGroupOutput{}, membership(c, *in.GroupName, *in.UserName, func(groups []string, group string) ([]string, error) {
		return slices.DeleteFunc(groups, func(g string) bool { return g == group }), nil
	})
}
