package iam

import (
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

func createUser(c *awsapi.Call, in *sdk.CreateUserInput) (*sdk.CreateUserOutput, error) {
	tags, err := folded.add(c, nil, in.Tags)
	if err != nil {
		return nil, err
	}
	boundary, err := boundaryOf(c, in.PermissionsBoundary)
	if err != nil {
		return nil, err
	}
	var u world.User
	u.ID, u.Path, u.Tags, u.Boundary, u.Created = world.NewID("AIDA"), text(in, "Path"), tags, boundary, c.Now()
	err = c.World().Change(c.Context(), func(ch *world.Change) error {
		if _, _, ok := world.Users.Find(ch, c.AccountID(), *in.UserName); ok {
			return alreadyExists(c, "user", *in.UserName)
		}
		world.Users.Put(ch, c.AccountID(), *in.UserName, u)
		return nil
	})
	if err != nil {
		return nil, err
	}
	shown := showUser(c, *in.UserName, u, true)
	return &sdk.CreateUserOutput{User: &shown}, nil
}

func getUser(c *awsapi.Call, in *sdk.GetUserInput) (*sdk.GetUserOutput, error) {
	if forRoot(c, in.UserName) {
		account, id := c.Caller.ARN, string(c.AccountID())
		record, _ := world.Accounts.Get(c.World(), c.AccountID(), "")
		return &sdk.GetUserOutput{User: &types.User{Arn: &account, UserId: &id, CreateDate: date(record.Created)}}, nil
	}
	name, err := userName(c, in.UserName)
	if err != nil {
		return nil, err
	}
	u, found, ok := world.Users.Find(c.World(), c.AccountID(), name)
	if !ok {
		return nil, noSuchEntity(c, "user", name)
	}
	shown := showUser(c, found, u, true)
	return &sdk.GetUserOutput{User: &shown}, nil
}

func listUsers(c *awsapi.Call, in *sdk.ListUsersInput) (*sdk.ListUsersOutput, error) {
	var list []types.User
	for name, u := range world.Users.All(c.World(), c.AccountID()) {
		if below(u.Path, in.PathPrefix) {
			list = append(list, showUser(c, name, u, false))
		}
	}
	out := &sdk.ListUsersOutput{}
	return out, page(c, in, out, "Users", list, func(u types.User) string { return *u.UserName })
}

// below reports whether a path begins with a prefix, nil for any.
func below(path string, prefix *string) bool {
	return prefix == nil || strings.HasPrefix(*pathOr(path), *prefix)
}

// updateUser renames or moves a user. Its access keys, policies and groups stay.
func updateUser(c *awsapi.Call, in *sdk.UpdateUserInput) (*sdk.UpdateUserOutput, error) {
	return &sdk.UpdateUserOutput{}, c.World().Change(c.Context(), func(ch *world.Change) error {
		u, name, ok := world.Users.Find(ch, c.AccountID(), *in.UserName)
		if !ok {
			return noSuchEntity(c, "user", *in.UserName)
		}
		old := u.ARN(c.Partition(), c.AccountID(), name)
		if in.NewPath != nil {
			u.Path = *in.NewPath
		}
		u.ID = u.UniqueID(c.AccountID(), name) // where it is derived, of the name
		if in.NewUserName != nil && *in.NewUserName != name {
			if _, other, taken := world.Users.Find(ch, c.AccountID(), *in.NewUserName); taken && other != name {
				return alreadyExists(c, "user", *in.NewUserName)
			}
			world.Users.Delete(ch, c.AccountID(), name)
			if l, ok := logins.Get(ch, c.AccountID(), name); ok {
				logins.Delete(ch, c.AccountID(), name)
				logins.Put(ch, c.AccountID(), *in.NewUserName, l)
			}
			if b, ok := owned.Get(ch, c.AccountID(), name); ok {
				owned.Delete(ch, c.AccountID(), name)
				owned.Put(ch, c.AccountID(), *in.NewUserName, b)
			}
			name = *in.NewUserName
		}
		world.Users.Put(ch, c.AccountID(), name, u)
		if arn := u.ARN(c.Partition(), c.AccountID(), name); arn != old {
			renamed(ch, old, arn)
		}
		return nil
	})
}

func deleteUser(c *awsapi.Call, in *sdk.DeleteUserInput) (*sdk.DeleteUserOutput, error) {
	return &sdk.DeleteUserOutput{}, c.World().Change(c.Context(), func(ch *world.Change) error {
		u, name, ok := world.Users.Find(ch, c.AccountID(), *in.UserName)
		if !ok {
			return noSuchEntity(c, "user", *in.UserName)
		}
		b, _ := owned.Get(ch, c.AccountID(), name)
		_, hasLogin := logins.Get(ch, c.AccountID(), name)
		switch {
		case len(u.AccessKeys) > 0:
			return conflict(c, "delete access keys")
		case hasLogin:
			return conflict(c, "delete login profile")
		case len(u.MFADevices) > 0:
			return conflict(c, "delete MFA device")
		case b.has() != "":
			return conflict(c, b.has())
		case len(u.Inline) > 0:
			return conflict(c, "delete policies")
		case len(u.Attached) > 0:
			return conflict(c, "detach all policies")
		case len(u.Groups) > 0:
			return conflict(c, "remove users from group")
		}
		renamed(ch, u.ARN(c.Partition(), c.AccountID(), name), u.UniqueID(c.AccountID(), name))
		world.Users.Delete(ch, c.AccountID(), name)
		owned.Delete(ch, c.AccountID(), name)
		return nil
	})
}
