package iam

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/iamdata"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// A detail is one thing that GetAccountAuthorizationDetails tells of.
type detail struct {
	key  string // what they are sorted by
	into func(*sdk.GetAccountAuthorizationDetailsOutput)
}

func getAccountAuthorizationDetails(c *awsapi.Call, in *sdk.GetAccountAuthorizationDetailsInput) (*sdk.GetAccountAuthorizationDetailsOutput, error) {
	var pages struct {
		Details     []detail
		IsTruncated bool
		Marker      *string
	}
	if err := page(c, in, &pages, "Details", allDetails(c, in.Filter), func(d detail) string { return d.key }); err != nil {
		return nil, err
	}
	out := &sdk.GetAccountAuthorizationDetailsOutput{
		IsTruncated: pages.IsTruncated, Marker: pages.Marker,
		UserDetailList: []types.UserDetail{}, GroupDetailList: []types.GroupDetail{}, RoleDetailList: []types.RoleDetail{}, Policies: []types.ManagedPolicyDetail{},
	}
	for _, d := range pages.Details {
		d.into(out)
	}
	return out, nil
}

func allDetails(c *awsapi.Call, filter []types.EntityType) []detail {
	wants := func(t types.EntityType) bool { return len(filter) == 0 || slices.Contains(filter, t) }
	v, account := c.World(), c.AccountID()
	var list []detail
	if wants(types.EntityTypeUser) {
		for name, u := range world.Users.All(v, account) {
			list = append(list, detail{"user/" + name, func(o *sdk.GetAccountAuthorizationDetailsOutput) {
				o.UserDetailList = append(o.UserDetailList, userDetail(c, name, u))
			}})
		}
	}
	if wants(types.EntityTypeGroup) {
		for name, g := range world.Groups.All(v, account) {
			list = append(list, detail{"group/" + name, func(o *sdk.GetAccountAuthorizationDetailsOutput) {
				o.GroupDetailList = append(o.GroupDetailList, groupDetail(c, name, g))
			}})
		}
	}
	if wants(types.EntityTypeRole) {
		for name, r := range world.Roles.All(v, account) {
			list = append(list, detail{"role/" + name, func(o *sdk.GetAccountAuthorizationDetailsOutput) {
				o.RoleDetailList = append(o.RoleDetailList, roleDetail(c, name, r))
			}})
		}
	}
	list = append(list, policyDetails(c, wants(types.EntityTypeLocalManagedPolicy), wants(types.EntityTypeAWSManagedPolicy))...)
	slices.SortFunc(list, func(a, b detail) int { return strings.Compare(a.key, b.key) })
	return list
}

// policyDetails are the account's managed policies, and those of AWS's that are in
// use in it.
func policyDetails(c *awsapi.Call, own, theirs bool) []detail {
	n := usesOf(c)
	var list []detail
	if own {
		for name, p := range world.ManagedPolicies.All(c.World(), c.AccountID()) {
			list = append(list, detail{"policy/" + name, func(o *sdk.GetAccountAuthorizationDetailsOutput) {
				o.Policies = append(o.Policies, policyDetail(showWholePolicy(c, name, p, n), versionList(&p, true)))
			}})
		}
	}
	if theirs {
		for _, arn := range iamdata.ManagedPolicies() {
			if n.attached[arn]+n.boundaries[arn] == 0 {
				continue
			}
			list = append(list, detail{"policy/" + arn, func(o *sdk.GetAccountAuthorizationDetailsOutput) {
				shown, _ := awsPolicy(arn, n)
				version, _ := awsVersion(arn)
				o.Policies = append(o.Policies, policyDetail(shown, []types.PolicyVersion{version}))
			}})
		}
	}
	return list
}

func policyDetail(p types.Policy, versions []types.PolicyVersion) types.ManagedPolicyDetail {
	return types.ManagedPolicyDetail{
		Arn: p.Arn, AttachmentCount: p.AttachmentCount, CreateDate: p.CreateDate, DefaultVersionId: p.DefaultVersionId, Description: p.Description, IsAttachable: p.IsAttachable,
		Path: p.Path, PermissionsBoundaryUsageCount: p.PermissionsBoundaryUsageCount, PolicyId: p.PolicyId, PolicyName: p.PolicyName, PolicyVersionList: versions, UpdateDate: p.UpdateDate,
	}
}

func inlineDetails(list estate.Documents) []types.PolicyDetail {
	shown := make([]types.PolicyDetail, 0, len(list))
	for i := range list {
		shown = append(shown, types.PolicyDetail{PolicyName: aws.String(list[i].Name), PolicyDocument: encoded(list[i].Document)})
	}
	return shown
}

func userDetail(c *awsapi.Call, name string, u world.User) types.UserDetail {
	s := showUser(c, name, u, true)
	return types.UserDetail{
		Arn: s.Arn, AttachedManagedPolicies: attachedPolicies(c, u.Attached), CreateDate: s.CreateDate, GroupList: append([]string{}, u.Groups...), Path: s.Path,
		PermissionsBoundary: s.PermissionsBoundary, Tags: tagList(u.Tags), UserId: s.UserId, UserName: s.UserName, UserPolicyList: inlineDetails(u.Inline),
	}
}

func groupDetail(c *awsapi.Call, name string, g world.Group) types.GroupDetail {
	s := showGroup(c, name, g)
	return types.GroupDetail{
		Arn: s.Arn, AttachedManagedPolicies: attachedPolicies(c, g.Attached), CreateDate: s.CreateDate, GroupId: s.GroupId, GroupName: s.GroupName,
		GroupPolicyList: inlineDetails(g.Inline), Path: s.Path,
	}
}

func roleDetail(c *awsapi.Call, name string, r world.Role) types.RoleDetail {
	s := showWholeRole(c, name, r)
	list := []types.InstanceProfile{}
	for _, profile := range profilesOf(c, c.World(), name) {
		p, _ := profiles.Get(c.World(), c.AccountID(), profile)
		list = append(list, showProfile(c, c.World(), profile, p))
	}
	return types.RoleDetail{
		Arn: s.Arn, AssumeRolePolicyDocument: s.AssumeRolePolicyDocument, AttachedManagedPolicies: attachedPolicies(c, r.Attached), CreateDate: s.CreateDate,
		InstanceProfileList: list, Path: s.Path, PermissionsBoundary: s.PermissionsBoundary, RoleId: s.RoleId, RoleLastUsed: s.RoleLastUsed, RoleName: s.RoleName,
		RolePolicyList: inlineDetails(r.Inline), Tags: tagList(r.Tags),
	}
}
