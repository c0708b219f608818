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
	case err == nil && (out.Organization == nil || aws.ToString(out.Organization.Id) == ""):
		err = errEmpty
	}
	need := "organizations:DescribeOrganization"
	if err == nil {
		need = "organizations:ListRoots and what else the management account or a delegated administrator of " + *out.Organization.Id + " may read"
		t := &tree{c: c, client: client, names: map[string]string{}, enabled: map[types.PolicyType]string{}, org: &estate.Organization{
			ManagementAccount: iam.AccountID(aws.ToString(out.Organization.MasterAccountId)), Policies: map[string]*estate.OrgPolicy{},
		}}
		if err = t.read(); err == nil { // else a member account, which may know that it is in the organization, and no more
			c.locked(func() { c.place(*out.Organization.Id, t.org) })
			return
		}
	}
	c.locked(func() { unread(&c.account.Unknown, organizationItem, need, err) })
}

// place takes an organization in. Where it does not name the account, the account's
// place is not known.
func (c *collector) place(id string, org *estate.Organization) {
	c.estate.Organizations = map[string]*estate.Organization{id: org}
	found := false
	members(org.Root, func(member iam.AccountID) { found = found || member == c.s.Account })
	if !found {
		c.account.Unknown = append(c.account.Unknown, estate.UnknownItem{What: organizationItem, Why: "organization " + id + " does not list the account, which says that it is in it"})
	}
}

// A tree reads an organization from its root down. Which accounts and units there
// are is read whole or not at all; what hangs on one of them may stay unknown.
type tree struct {
	c       *collector
	client  *organizations.Client
	org     *estate.Organization
	enabled map[types.PolicyType]string // the status of a type of policies at the root
	names   map[string]string           // policy id -> name in the estate
}

func (t *tree) read() error {
	var roots []types.Root
	pages := organizations.NewListRootsPaginator(t.client, &organizations.ListRootsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.c.ctx)
		if err != nil {
			return err
		}
		roots = append(roots, page.Roots...)
	}
	if len(roots) == 0 || aws.ToString(roots[0].Id) == "" {
		return errEmpty
	}
	for _, p := range roots[0].PolicyTypes {
		t.enabled[p.Type] = string(p.Status)
	}
	t.org.Root = &estate.Unit{ID: *roots[0].Id, Name: aws.ToString(roots[0].Name)}
	return t.unit(t.org.Root, t.org.Root.ID)
}

func (t *tree) unit(u *estate.Unit, id string) error {
	a := t.attachments(id)
	u.SCPs, u.RCPs, u.S3, u.Unknown = a.SCPs, a.RCPs, a.S3, a.Unknown
	u.Accounts, u.Units = estate.UnitAccounts{}, map[string]*estate.Unit{}
	accounts := organizations.NewListAccountsForParentPaginator(t.client, &organizations.ListAccountsForParentInput{ParentId: &id})
	for accounts.HasMorePages() {
		page, err := accounts.NextPage(t.c.ctx)
		if err != nil {
			return err
		}
		for _, account := range page.Accounts {
			member := iam.AccountID(aws.ToString(account.Id))
			t.c.progress("account " + string(member) + " of the organization")
			u.Accounts[member] = t.attachments(string(member))
			t.c.locked(func() { t.c.members[member] = account })
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
func (t *tree) attachments(target string) *estate.Attachments {
	out := &estate.Attachments{}
	for _, kind := range slices.Sorted(maps.Keys(policyKinds)) {
		field := policyKinds[kind].field
		switch status := t.enabled[kind]; status {
		case string(types.PolicyTypeStatusEnabled):
		case "": // a policy of a type that is not enabled does nothing
			continue
		default:
			out.Unknown = append(out.Unknown, estate.UnknownItem{What: field, Why: "policies of type " + string(kind) + " are being switched on or off: " + status})
			continue
		}
		list, err := t.attached(target, kind)
		if err != nil {
			unread(&out.Unknown, field, "organizations:ListPoliciesForTarget on "+target, err)
			continue
		}
		switch field {
		case "scps":
			out.SCPs = &list
		case "rcps":
			out.RCPs = slices.DeleteFunc(list, func(name string) bool { return name == estate.RCPFullAWSAccess })
		case "s3":
			out.S3 = list
		}
	}
	return out
}

func (t *tree) attached(target string, kind types.PolicyType) ([]string, error) {
	list := []string{}
	pages := organizations.NewListPoliciesForTargetPaginator(t.client, &organizations.ListPoliciesForTargetInput{TargetId: &target, Filter: kind})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.c.ctx)
		if err != nil {
			return nil, err
		}
		for _, p := range page.Policies {
			list = append(list, t.policy(p, policyKinds[kind].name))
		}
	}
	slices.Sort(list)
	return list, nil
}

// policyKinds are the types of policies that decide S3 requests: their names in an
// estate, and the field that lists them.
var policyKinds = map[types.PolicyType]struct{ name, field string }{
	types.PolicyTypeServiceControlPolicy:  {"scp", "scps"},
	types.PolicyTypeResourceControlPolicy: {"rcp", "rcps"},
	types.PolicyTypeS3Policy:              {"s3", "s3"},
}

// policy reads a policy once, and returns its name in the estate.
func (t *tree) policy(p types.PolicySummary, kind string) string {
	id, name := aws.ToString(p.Id), aws.ToString(p.Name)
	if known, ok := t.names[id]; ok {
		return known
	}
	own := name == estate.FullAWSAccess || name == estate.RCPFullAWSAccess
	if p.AwsManaged && own {
		t.names[id] = name
		return name
	}
	if t.org.Policies[name] != nil || own {
		name += " (" + id + ")"
	}
	out := &estate.OrgPolicy{Type: kind}
	t.names[id], t.org.Policies[name] = name, out
	t.c.settings(&out.Unknown, []setting{{"document", "organizations:DescribePolicy", "", func() error {
		described, err := t.client.DescribePolicy(t.c.ctx, &organizations.DescribePolicyInput{PolicyId: &id})
		switch {
		case err != nil:
			return err
		case described.Policy == nil || aws.ToString(described.Policy.Content) == "":
			return errEmpty
		}
		parse := estate.ParseDocument
		if kind == "s3" {
			parse = estate.ParseS3Document
		}
		doc, err := parse("organization/"+name, []byte(*described.Policy.Content))
		if err == nil {
			out.Document = doc
		}
		return err
	}, nil}})
	return name
}
