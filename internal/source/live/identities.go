package live

import (
	"maps"
	"net/url"
	"slices"
	"strings"

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
	c.boundaries(client)
	c.accessKeys(client)
}

func (c *collector) page(page *iam.GetAccountAuthorizationDetailsOutput) {
	a := c.account
	for _, g := range page.GroupDetailList {
		out := &estate.Group{Path: path(g.Path), Attached: attached(g.AttachedManagedPolicies)}
		out.Inline = c.inline("group/"+aws.ToString(g.GroupName), g.GroupPolicyList, &out.Unknown)
		a.Groups[aws.ToString(g.GroupName)] = out
	}
	for _, u := range page.UserDetailList {
		out := &estate.User{ID: aws.ToString(u.UserId), Path: path(u.Path), Groups: u.GroupList, Attached: attached(u.AttachedManagedPolicies),
			Boundary: boundary(u.PermissionsBoundary), Tags: tags(u.Tags)}
		out.Inline = c.inline("user/"+aws.ToString(u.UserName), u.UserPolicyList, &out.Unknown)
		a.Users[aws.ToString(u.UserName)] = out
	}
	for _, r := range page.RoleDetailList {
		name := aws.ToString(r.RoleName)
		out := &estate.Role{ID: aws.ToString(r.RoleId), Path: path(r.Path), Attached: attached(r.AttachedManagedPolicies), Boundary: boundary(r.PermissionsBoundary), Tags: tags(r.Tags)}
		out.Inline = c.inline("role/"+name, r.RolePolicyList, &out.Unknown)
		out.Trust = c.document("role/"+name+"?trust", r.AssumeRolePolicyDocument, "trust", &out.Unknown)
		a.Roles[name] = out
	}
	for _, p := range page.Policies {
		c.managed(p)
	}
}

// managed takes the default version of a customer managed policy, or of one of
// AWS that why403 does not hold.
func (c *collector) managed(p types.ManagedPolicyDetail) {
	arn := aws.ToString(p.Arn)
	if strings.Contains(arn, ":iam::aws:policy/") {
		return // built in, or told by the gates as not known
	}
	out := &estate.ManagedPolicy{Path: path(p.Path)}
	for _, v := range p.PolicyVersionList {
		if v.IsDefaultVersion {
			out.Document = c.document("policy/"+aws.ToString(p.PolicyName), v.Document, "document", &out.Unknown)
		}
	}
	c.account.ManagedPolicies[aws.ToString(p.PolicyName)] = out
}

// document reads a policy as IAM sends it, URL-encoded.
func (c *collector) document(name string, text *string, what string, unknown *estate.Unknowns) estate.Document {
	if text == nil {
		return estate.Document{}
	}
	plain, err := url.PathUnescape(*text)
	if err != nil || !strings.HasPrefix(strings.TrimSpace(*text), "%7B") {
		plain = *text // as the AWS CLI and moto have it
	}
	doc, err := estate.ParseDocument(name, []byte(plain))
	if err != nil {
		*unknown = append(*unknown, estate.UnknownItem{What: what, Why: "this policy is none that can be read: " + err.Error()})
	}
	return doc
}

func (c *collector) inline(owner string, list []types.PolicyDetail, unknown *estate.Unknowns) estate.Documents {
	var out estate.Documents
	for _, p := range list {
		name := aws.ToString(p.PolicyName)
		out = append(out, estate.NamedDocument{Name: name, Document: c.document(owner+"?policy="+name, p.PolicyDocument, "inline", unknown)})
	}
	slices.SortFunc(out, func(a, b estate.NamedDocument) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func attached(list []types.AttachedPolicy) []string {
	var out []string
	for _, p := range list {
		out = append(out, aws.ToString(p.PolicyArn))
	}
	slices.Sort(out)
	return out
}

func boundary(b *types.AttachedPermissionsBoundary) string {
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

// boundaries reads the managed policies that serve as a boundary alone, which the
// dump may lack.
func (c *collector) boundaries(client *iam.Client) {
	missing := map[string]bool{}
	c.locked(func() {
		note := func(arn string) {
			if arn == "" || strings.Contains(arn, ":iam::aws:policy/") {
				return
			}
			if name := arn[strings.LastIndex(arn, "/")+1:]; c.account.ManagedPolicies[name] == nil {
				missing[arn] = true
			}
		}
		for _, u := range c.account.Users {
			note(u.Boundary)
		}
		for _, r := range c.account.Roles {
			note(r.Boundary)
		}
	})
	for _, arn := range slices.Sorted(maps.Keys(missing)) {
		out := &estate.ManagedPolicy{}
		p, err := client.GetPolicy(c.ctx, &iam.GetPolicyInput{PolicyArn: &arn})
		if err == nil {
			out.Path = path(p.Policy.Path)
			var v *iam.GetPolicyVersionOutput
			if v, err = client.GetPolicyVersion(c.ctx, &iam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: p.Policy.DefaultVersionId}); err == nil {
				out.Document = c.document("policy/"+arn, v.PolicyVersion.Document, "document", &out.Unknown)
			}
		}
		if err != nil {
			unread(&out.Unknown, "document", "iam:GetPolicy, iam:GetPolicyVersion", err)
		}
		c.locked(func() { c.account.ManagedPolicies[arn[strings.LastIndex(arn, "/")+1:]] = out })
	}
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
