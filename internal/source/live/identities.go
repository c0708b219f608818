package live

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/estate"
)

// identities reads users, groups, roles and managed policies, by one call for all:
// the IAM API has low limits.
func (c *collector) identities() {
	c.progress("users, groups, roles and managed policies")
	client := iam.NewFromConfig(c.s.global())
	a := c.account
	c.locked(func() {
		a.Users, a.Groups, a.Roles, a.ManagedPolicies = map[string]*estate.User{}, map[string]*estate.Group{}, map[string]*estate.Role{}, map[string]*estate.ManagedPolicy{}
	})
	pages := iam.NewGetAccountAuthorizationDetailsPaginator(client, &iam.GetAccountAuthorizationDetailsInput{
		Filter: []types.EntityType{types.EntityTypeUser, types.EntityTypeGroup, types.EntityTypeRole, types.EntityTypeLocalManagedPolicy, types.EntityTypeAWSManagedPolicy},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(c.ctx)
		if err != nil {
			c.locked(func() {
				unread(&a.Unknown, "GetAccountAuthorizationDetails", "iam:GetAccountAuthorizationDetails", err)
				a.Users, a.Groups, a.Roles, a.ManagedPolicies = nil, nil, nil, nil
			})
			return
		}
		c.locked(func() { c.page(page) })
	}
	c.locked(c.missingGroups)
	c.missingPolicies(client)
	c.accessKeys(client)
}

func (c *collector) page(page *iam.GetAccountAuthorizationDetailsOutput) {
	a := c.account
	for _, g := range page.GroupDetailList {
		out := &estate.Group{Path: path(g.Path), Attached: attached(g.AttachedManagedPolicies)}
		out.Inline = inline("group/"+aws.ToString(g.GroupName), g.GroupPolicyList, &out.Unknown)
		a.Groups[aws.ToString(g.GroupName)] = out
	}
	for _, u := range page.UserDetailList {
		out := &estate.User{ID: aws.ToString(u.UserId), Path: path(u.Path), Groups: u.GroupList, Attached: attached(u.AttachedManagedPolicies), Tags: tags(u.Tags)}
		out.Boundary = boundary(u.PermissionsBoundary, &out.Unknown)
		out.Inline = inline("user/"+aws.ToString(u.UserName), u.UserPolicyList, &out.Unknown)
		a.Users[aws.ToString(u.UserName)] = out
	}
	for _, r := range page.RoleDetailList {
		name := aws.ToString(r.RoleName)
		out := &estate.Role{ID: aws.ToString(r.RoleId), Path: path(r.Path), Attached: attached(r.AttachedManagedPolicies), Tags: tags(r.Tags)}
		out.Boundary = boundary(r.PermissionsBoundary, &out.Unknown)
		out.Inline = inline("role/"+name, r.RolePolicyList, &out.Unknown)
		out.Trust = document("role/"+name+"?trust", r.AssumeRolePolicyDocument, "trust", &out.Unknown)
		a.Roles[name] = out
	}
	for _, p := range page.Policies {
		c.managed(p)
	}
}

func attached(list []types.AttachedPolicy) []string {
	var out []string
	for _, p := range list {
		out = append(out, aws.ToString(p.PolicyArn))
	}
	slices.Sort(out)
	return out
}

// boundary is the ARN of a permissions boundary, "" for none; one without ARN is not
// known.
func boundary(b *types.AttachedPermissionsBoundary, unknown *estate.Unknowns) string {
	if b != nil && aws.ToString(b.PermissionsBoundaryArn) == "" {
		*unknown = append(*unknown, estate.UnknownItem{What: "boundary", Why: errEmpty.Error()})
	}
	if b == nil {
		return ""
	}
	return aws.ToString(b.PermissionsBoundaryArn)
}

func path(p *string) string {
	if s := aws.ToString(p); s != "/" {
		return s
	}
	return ""
}

func tags(list []types.Tag) map[string]string {
	out := map[string]string{}
	for _, t := range list {
		out[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return out
}

// accessKeys reads which access keys users hold, never their secrets, which AWS
// does not give.
func (c *collector) accessKeys(client *iam.Client) {
	var names []string
	c.locked(func() { names = slices.Sorted(maps.Keys(c.account.Users)) })
	for _, name := range names {
		keys := map[string]*estate.AccessKey{}
		pages := iam.NewListAccessKeysPaginator(client, &iam.ListAccessKeysInput{UserName: &name})
		var failed error
		for pages.HasMorePages() && failed == nil {
			page, err := pages.NextPage(c.ctx)
			if failed = err; err != nil {
				break
			}
			for _, k := range page.AccessKeyMetadata {
				keys[aws.ToString(k.AccessKeyId)] = &estate.AccessKey{Status: string(k.Status)}
			}
		}
		c.locked(func() {
			u := c.account.Users[name]
			if u.AccessKeys = keys; failed != nil {
				unread(&u.Unknown, "accessKeys", "iam:ListAccessKeys", failed)
			}
		})
		if failed != nil && statusOf(failed) == 403 {
			c.locked(func() { c.noAccessKeys(names, failed) })
			return
		}
	}
}

// noAccessKeys says of all users what was refused for one.
func (c *collector) noAccessKeys(names []string, err error) {
	for _, name := range names {
		if u := c.account.Users[name]; u.AccessKeys == nil {
			unread(&u.Unknown, "accessKeys", "iam:ListAccessKeys", err)
		}
	}
}
