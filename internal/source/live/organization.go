package live

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
)

// organization reads the organization of the account: that there is one, which
// every member may know, and from the management account or a delegated
// administrator the tree with its policies.
func (c *collector) organization() {
	c.progress("the organization")
	client := organizations.NewFromConfig(c.s.global())
	out, err := client.DescribeOrganization(c.ctx, nil)
	switch {
	case codeOf(err) == "AWSOrganizationsNotInUseException":
		return
	case err != nil:
		c.locked(func() { unread(&c.account.Unknown, organizationItem, "organizations:DescribeOrganization", err) })
		return
	}
	t := &tree{c: c, client: client, org: &estate.Organization{
		ManagementAccount: iam.AccountID(aws.ToString(out.Organization.MasterAccountId)), Policies: map[string]*estate.OrgPolicy{},
	}}
	if err := t.read(); err != nil { // a member account may know that it is in the organization, and no more
		c.locked(func() {
			unread(&c.account.Unknown, organizationItem, "organizations:ListPoliciesForTarget, in the management account of "+aws.ToString(out.Organization.Id), err)
		})
		return
	}
	c.locked(func() {
		c.estate.Organizations = map[string]*estate.Organization{aws.ToString(out.Organization.Id): t.org}
	})
}

// A tree reads an organization from its root down.
type tree struct {
	c       *collector
	client  *organizations.Client
	org     *estate.Organization
	enabled map[types.PolicyType]bool // types that are enabled: a policy of another does nothing
	names   map[string]string         // policy id -> name in the estate
}

func (t *tree) read() error {
	roots, err := t.client.ListRoots(t.c.ctx, nil)
	if err != nil || len(roots.Roots) == 0 {
		return err
	}
	root := roots.Roots[0]
	t.enabled, t.names = map[types.PolicyType]bool{}, map[string]string{}
	for _, p := range root.PolicyTypes {
		t.enabled[p.Type] = p.Status == types.PolicyTypeStatusEnabled
	}
	t.org.Root = &estate.Unit{ID: aws.ToString(root.Id), Name: aws.ToString(root.Name)}
	return t.unit(t.org.Root, aws.ToString(root.Id))
}

func (t *tree) unit(u *estate.Unit, id string) error {
	a, err := t.attachments(id)
	if err != nil {
		return err
	}
	u.SCPs, u.RCPs, u.S3 = a.SCPs, a.RCPs, a.S3
	u.Accounts, u.Units = estate.UnitAccounts{}, map[string]*estate.Unit{}
	accounts := organizations.NewListAccountsForParentPaginator(t.client, &organizations.ListAccountsForParentInput{ParentId: &id})
	for accounts.HasMorePages() {
		page, err := accounts.NextPage(t.c.ctx)
		if err != nil {
			return err
		}
		for _, account := range page.Accounts {
			if u.Accounts[iam.AccountID(aws.ToString(account.Id))], err = t.attachments(aws.ToString(account.Id)); err != nil {
				return err
			}
		}
	}
	units := organizations.NewListOrganizationalUnitsForParentPaginator(t.client, &organizations.ListOrganizationalUnitsForParentInput{ParentId: &id})
	for units.HasMorePages() {
		page, err := units.NextPage(t.c.ctx)
		if err != nil {
			return err
		}
		for _, unit := range page.OrganizationalUnits {
			below := &estate.Unit{Name: aws.ToString(unit.Name)}
			u.Units[aws.ToString(unit.Id)] = below
			if err := t.unit(below, aws.ToString(unit.Id)); err != nil {
				return err
			}
		}
	}
	return nil
}

// attachments reads what hangs on a root, unit or account itself.
func (t *tree) attachments(target string) (*estate.Attachments, error) {
	out := &estate.Attachments{}
	for _, kind := range slices.Sorted(maps.Keys(policyKinds)) {
		list := []string{}
		if t.enabled[kind] {
			pages := organizations.NewListPoliciesForTargetPaginator(t.client, &organizations.ListPoliciesForTargetInput{TargetId: &target, Filter: kind})
			for pages.HasMorePages() {
				page, err := pages.NextPage(t.c.ctx)
				if err != nil {
					return nil, err
				}
				for _, p := range page.Policies {
					name, err := t.policy(p, policyKinds[kind])
					if err != nil {
						return nil, err
					}
					list = append(list, name)
				}
			}
			slices.Sort(list)
		}
		switch policyKinds[kind] {
		case "scp":
			if t.enabled[kind] { // else nothing is limited, as by FullAWSAccess
				out.SCPs = &list
			}
		case "rcp":
			out.RCPs = slices.DeleteFunc(list, func(name string) bool { return name == "RCPFullAWSAccess" })
		case "s3":
			out.S3 = list
		}
	}
	return out, nil
}

// policyKinds are the types of policies that decide S3 requests.
var policyKinds = map[types.PolicyType]string{types.PolicyTypeServiceControlPolicy: "scp", types.PolicyTypeResourceControlPolicy: "rcp", types.PolicyTypeS3Policy: "s3"}

// policy reads a policy once, and returns its name in the estate.
func (t *tree) policy(p types.PolicySummary, kind string) (string, error) {
	id, name := aws.ToString(p.Id), aws.ToString(p.Name)
	if known, ok := t.names[id]; ok {
		return known, nil
	}
	if p.AwsManaged {
		t.names[id] = name
		return name, nil
	}
	if t.org.Policies[name] != nil {
		name += " (" + id + ")"
	}
	t.names[id] = name
	out := &estate.OrgPolicy{Type: kind}
	described, err := t.client.DescribePolicy(t.c.ctx, &organizations.DescribePolicyInput{PolicyId: &id})
	if err == nil && described.Policy != nil {
		text := []byte(aws.ToString(described.Policy.Content))
		if kind == "s3" {
			out.Document, err = estate.ParseS3Document("organization/"+name, text)
		} else {
			out.Document, err = estate.ParseDocument("organization/"+name, text)
		}
	}
	if err != nil {
		unread(&out.Unknown, "document", "organizations:DescribePolicy", err)
	}
	t.org.Policies[name] = out
	return name, nil
}
