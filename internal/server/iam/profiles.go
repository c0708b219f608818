package iam

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// A profile is an instance profile. It holds one role at most.
type profile struct {
	ID      string            `json:"id"` // AIPA…
	Path    string            `json:"path,omitempty"`
	Role    string            `json:"role,omitempty"`
	Tags    map[string]string `json:"tags,omitempty"`
	Created time.Time         `json:"created,omitzero"`
}

// profiles are the instance profiles of an account by name.
var profiles = world.NewKind[profile]("instance-profile")

// profilesOf names the instance profiles that hold a role.
func profilesOf(c *awsapi.Call, v world.View, role string) []string {
	var list []string
	for name, p := range profiles.All(v, c.AccountID()) {
		if p.Role == role {
			list = append(list, name)
		}
	}
	return list
}

func showProfile(c *awsapi.Call, v world.View, name string, p profile) types.InstanceProfile {
	shown := types.InstanceProfile{
		Arn: aws.String(arnOf(c, "instance-profile", p.Path, name)), CreateDate: date(p.Created), InstanceProfileId: aws.String(p.ID),
		InstanceProfileName: aws.String(name), Path: pathOr(p.Path), Roles: []types.Role{},
	}
	if r, ok := world.Roles.Get(v, c.AccountID(), p.Role); ok {
		shown.Roles = append(shown.Roles, showRole(c, p.Role, r))
	}
	return shown
}

func noProfile(c *awsapi.Call, name string) error {
	return c.Errorf("NoSuchEntity", "Instance Profile %s cannot be found.", name)
}

func createInstanceProfile(c *awsapi.Call, in *sdk.CreateInstanceProfileInput) (*sdk.CreateInstanceProfileOutput, error) {
	tags, err := exact.add(c, nil, in.Tags)
	if err != nil {
		return nil, err
	}
	p := profile{ID: world.NewID("AIPA"), Path: text(in, "Path"), Tags: tags, Created: c.Now()}
	err = c.World().Change(c.Context(), func(ch *world.Change) error {
		if _, _, ok := profiles.Find(ch, c.AccountID(), *in.InstanceProfileName); ok {
			return c.Errorf("EntityAlreadyExists", "Instance Profile %s already exists.", *in.InstanceProfileName)
		}
		profiles.Put(ch, c.AccountID(), *in.InstanceProfileName, p)
		return nil
	})
	shown := showProfile(c, c.World(), *in.InstanceProfileName, p)
	if len(p.Tags) > 0 {
		shown.Tags = tagList(p.Tags)
	}
	return &sdk.CreateInstanceProfileOutput{InstanceProfile: &shown}, err
}

func getInstanceProfile(c *awsapi.Call, in *sdk.GetInstanceProfileInput) (*sdk.GetInstanceProfileOutput, error) {
	p, name, ok := profiles.Find(c.World(), c.AccountID(), *in.InstanceProfileName)
	if !ok {
		return nil, noProfile(c, *in.InstanceProfileName)
	}
	shown := showProfile(c, c.World(), name, p)
	shown.Tags = tagList(p.Tags)
	return &sdk.GetInstanceProfileOutput{InstanceProfile: &shown}, nil
}

func profileName(p types.InstanceProfile) string { return *p.InstanceProfileName }

func listInstanceProfiles(c *awsapi.Call, in *sdk.ListInstanceProfilesInput) (*sdk.ListInstanceProfilesOutput, error) {
	var list []types.InstanceProfile
	for name, p := range profiles.All(c.World(), c.AccountID()) {
		if below(p.Path, in.PathPrefix) {
			list = append(list, showProfile(c, c.World(), name, p))
		}
	}
	out := &sdk.ListInstanceProfilesOutput{}
	return out, page(c, in, out, "InstanceProfiles", list, profileName)
}

func listInstanceProfilesForRole(c *awsapi.Call, in *sdk.ListInstanceProfilesForRoleInput) (*sdk.ListInstanceProfilesForRoleOutput, error) {
	_, role, ok := world.Roles.Find(c.World(), c.AccountID(), *in.RoleName)
	if !ok {
		return nil, noSuchEntity(c, "role", *in.RoleName)
	}
	var list []types.InstanceProfile
	for _, name := range profilesOf(c, c.World(), role) {
		p, _ := profiles.Get(c.World(), c.AccountID(), name)
		list = append(list, showProfile(c, c.World(), name, p))
	}
	out := &sdk.ListInstanceProfilesForRoleOutput{}
	return out, page(c, in, out, "InstanceProfiles", list, profileName)
}

// changeProfile changes an instance profile; do says whether it is to be kept.
func changeProfile(c *awsapi.Call, name string, do func(ch *world.Change, name string, p *profile) (bool, error)) error {
	return c.World().Change(c.Context(), func(ch *world.Change) error {
		p, found, ok := profiles.Find(ch, c.AccountID(), name)
		if !ok {
			return noProfile(c, name)
		}
		keep, err := do(ch, found, &p)
		if keep && err == nil {
			profiles.Put(ch, c.AccountID(), found, p)
		}
		return err
	})
}

func addRoleToInstanceProfile(c *awsapi.Call, in *sdk.AddRoleToInstanceProfileInput) (*sdk.AddRoleToInstanceProfileOutput, error) {
	return &sdk.AddRoleToInstanceProfileOutput{}, changeProfile(c, *in.InstanceProfileName, func(ch *world.Change, _ string, p *profile) (bool, error) {
		_, role, ok := world.Roles.Find(ch, c.AccountID(), *in.RoleName)
		switch {
		case !ok:
			return false, noSuchEntity(c, "role", *in.RoleName)
		case p.Role != "":
			return false, quota(c, "InstanceSessionsPerInstanceProfile", 1)
		}
		p.Role = role
		return true, nil
	})
}

func removeRoleFromInstanceProfile(c *awsapi.Call, in *sdk.RemoveRoleFromInstanceProfileInput) (*sdk.RemoveRoleFromInstanceProfileOutput, error) {
	return &sdk.RemoveRoleFromInstanceProfileOutput{}, changeProfile(c, *in.InstanceProfileName, func(ch *world.Change, name string, p *profile) (bool, error) {
		_, role, ok := world.Roles.Find(ch, c.AccountID(), *in.RoleName)
		switch {
		case !ok:
			return false, noSuchEntity(c, "role", *in.RoleName)
		case p.Role != role:
			return false, c.Errorf("NoSuchEntity", "Role %s in Instance Profile %s cannot be found.", role, name)
		}
		p.Role = ""
		return true, nil
	})
}

func deleteInstanceProfile(c *awsapi.Call, in *sdk.DeleteInstanceProfileInput) (*sdk.DeleteInstanceProfileOutput, error) {
	return &sdk.DeleteInstanceProfileOutput{}, changeProfile(c, *in.InstanceProfileName, func(ch *world.Change, name string, p *profile) (bool, error) {
		if p.Role != "" {
			return false, conflict(c, "remove roles from instance profile")
		}
		profiles.Delete(ch, c.AccountID(), name)
		return false, nil
	})
}

// tagProfile is TagInstanceProfile and UntagInstanceProfile.
func tagProfile[In, Out any](c *awsapi.Call, in *In) (*Out, error) {
	return new(Out), changeProfile(c, text(in, "InstanceProfileName"), func(_ *world.Change, _ string, p *profile) (_ bool, err error) {
		p.Tags, err = exact.change(c, in, p.Tags)
		return true, err
	})
}

func listInstanceProfileTags(c *awsapi.Call, in *sdk.ListInstanceProfileTagsInput) (*sdk.ListInstanceProfileTagsOutput, error) {
	p, _, ok := profiles.Find(c.World(), c.AccountID(), *in.InstanceProfileName)
	if !ok {
		return nil, noProfile(c, *in.InstanceProfileName)
	}
	return pageOfTags[sdk.ListInstanceProfileTagsOutput](c, in, p.Tags)
}
