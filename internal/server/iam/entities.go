package iam

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// A use is one entity that has a policy attached, or as its boundary.
type use struct{ kind, name, id string }

func listEntitiesForPolicy(c *awsapi.Call, in *sdk.ListEntitiesForPolicyInput) (*sdk.ListEntitiesForPolicyOutput, error) {
	if attachable(c, *in.PolicyArn) != nil {
		return nil, noSuchPolicy(c, *in.PolicyArn)
	}
	var pages struct {
		Uses        []use
		IsTruncated bool
		Marker      *string
	}
	if err := page(c, in, &pages, "Uses", entitiesOf(c, in), func(u use) string { return u.kind + "/" + u.name }); err != nil {
		return nil, err
	}
	out := &sdk.ListEntitiesForPolicyOutput{
		IsTruncated: pages.IsTruncated, Marker: pages.Marker, PolicyGroups: []types.PolicyGroup{}, PolicyRoles: []types.PolicyRole{}, PolicyUsers: []types.PolicyUser{},
	}
	for _, u := range pages.Uses {
		switch u.kind {
		case "Group":
			out.PolicyGroups = append(out.PolicyGroups, types.PolicyGroup{GroupName: aws.String(u.name), GroupId: aws.String(u.id)})
		case "Role":
			out.PolicyRoles = append(out.PolicyRoles, types.PolicyRole{RoleName: aws.String(u.name), RoleId: aws.String(u.id)})
		default:
			out.PolicyUsers = append(out.PolicyUsers, types.PolicyUser{UserName: aws.String(u.name), UserId: aws.String(u.id)})
		}
	}
	return out, nil
}

// entitiesOf lists the entities that use a policy, as the input's filters want.
func entitiesOf(c *awsapi.Call, in *sdk.ListEntitiesForPolicyInput) []use {
	var list []use
	add := func(kind, path, name, id string, attached []string, boundary string) {
		uses := in.PolicyUsageFilter != types.PolicyUsageTypePermissionsBoundary && attachedIndex(c, attached, *in.PolicyArn) >= 0
		bounds := in.PolicyUsageFilter != types.PolicyUsageTypePermissionsPolicy && boundary != "" && managedARN(c, boundary) == *in.PolicyArn
		if (uses || bounds) && below(path, in.PathPrefix) && (in.EntityFilter == "" || string(in.EntityFilter) == kind) {
			list = append(list, use{kind, name, id})
		}
	}
	v, account := c.World(), c.AccountID()
	for name, g := range world.Groups.All(v, account) {
		add("Group", g.Path, name, g.ID, g.Attached, "")
	}
	for name, r := range world.Roles.All(v, account) {
		add("Role", r.Path, name, r.UniqueID(account, name), r.Attached, r.Boundary)
	}
	for name, u := range world.Users.All(v, account) {
		add("User", u.Path, name, u.UniqueID(account, name), u.Attached, u.Boundary)
	}
	slices.SortFunc(list, func(a, b use) int { return strings.Compare(a.kind+"/"+a.name, b.kind+"/"+b.name) })
	return list
}
