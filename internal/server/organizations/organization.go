package organizations

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// createOrganization makes the caller's account the management account of a new
// organization. No policy type is enabled in its root.
func createOrganization(c *awsapi.Call, in *organizations.CreateOrganizationInput) (*organizations.CreateOrganizationOutput, error) {
	var o *org
	err := c.World().Change(c.Context(), func(w *world.Change) (err error) {
		if _, err := find(c, w); err == nil {
			return c.Errorf("AlreadyInOrganizationException", "The AWS account is already a member of an organization.")
		}
		id, root := newID("o-", 10), newID("r-", 4)
		rec := world.Organization{Created: c.Now(), BillingOnly: in.FeatureSet == types.OrganizationFeatureSetConsolidatedBilling}
		world.Organizations.Put(w, c.AccountID(), id, rec)
		world.Units.Put(w, c.AccountID(), root, world.Unit{Name: "Root"})
		world.Members.Put(w, c.AccountID(), string(c.AccountID()), world.Member{Parent: root, Method: "INVITED", Joined: c.Now()})
		o, err = find(c, w)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &organizations.CreateOrganizationOutput{Organization: o.describe()}, nil
}

func (o *org) describe() *types.Organization {
	features := types.OrganizationFeatureSetAll
	if o.rec.BillingOnly {
		features = types.OrganizationFeatureSetConsolidatedBilling
	}
	management := string(o.management)
	return &types.Organization{
		Id: &o.id, Arn: aws.String(o.ownARN()), FeatureSet: features, MasterAccountId: &management,
		MasterAccountArn: aws.String(o.arn(management)), MasterAccountEmail: o.account(management).Email,
		AvailablePolicyTypes: []types.PolicyTypeSummary{{Type: types.PolicyTypeServiceControlPolicy, Status: types.PolicyTypeStatusEnabled}},
	}
}

func describeOrganization(c *awsapi.Call, _ *organizations.DescribeOrganizationInput) (*organizations.DescribeOrganizationOutput, error) {
	o, err := find(c, c.World())
	if err != nil {
		return nil, err
	}
	return &organizations.DescribeOrganizationOutput{Organization: o.describe()}, nil
}

func deleteOrganization(c *awsapi.Call, _ *organizations.DeleteOrganizationInput) (*organizations.DeleteOrganizationOutput, error) {
	err := change(c, func(w *world.Change, o *org) error {
		if len(o.accounts("")) > 1 || len(o.units("")) > 0 || len(o.policies("")) > 0 {
			return c.Errorf("OrganizationNotEmptyException", "To delete the organization, remove its member accounts, organizational units and policies first.")
		}
		world.Members.Delete(w, o.management, string(o.management))
		world.Units.Delete(w, o.management, o.root)
		world.Organizations.Delete(w, o.management, o.id)
		trusted.Delete(w, o.management, "")
		return nil
	})
	return &organizations.DeleteOrganizationOutput{}, err
}

func leaveOrganization(c *awsapi.Call, _ *organizations.LeaveOrganizationInput) (*organizations.LeaveOrganizationOutput, error) {
	err := c.World().Change(c.Context(), func(w *world.Change) error {
		o, err := find(c, w)
		if err != nil {
			return err
		}
		return o.remove(w, string(c.AccountID()))
	})
	return &organizations.LeaveOrganizationOutput{}, err
}

func listRoots(c *awsapi.Call, _ *organizations.ListRootsInput) (*organizations.ListRootsOutput, error) {
	o, err := managed(c, c.World())
	if err != nil {
		return nil, err
	}
	return &organizations.ListRootsOutput{Roots: []types.Root{o.describeRoot()}}, nil
}

func (o *org) describeRoot() types.Root {
	root := types.Root{Id: &o.root, Arn: aws.String(o.arn(o.root)), Name: aws.String("Root"), PolicyTypes: []types.PolicyTypeSummary{}}
	for _, t := range policyTypes {
		if o.enabled(t.kind) {
			root.PolicyTypes = append(root.PolicyTypes, types.PolicyTypeSummary{Type: t.name, Status: types.PolicyTypeStatusEnabled})
		}
	}
	return root
}
