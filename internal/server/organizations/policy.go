package organizations

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// A policyType is a type of policy with its limits (AWS Organizations User Guide,
// Quotas).
type policyType struct {
	name     types.PolicyType
	kind     string // in the estate
	size     int    // characters of a document
	attached int    // policies on a root, unit or account
}

var policyTypes = []policyType{
	{types.PolicyTypeServiceControlPolicy, "scp", 10240, 10},
	{types.PolicyTypeResourceControlPolicy, "rcp", 5120, 5},
	{types.PolicyTypeS3Policy, "s3", 10000, 10},
}

// typeOf returns the type that a call names.
func (o *org) typeOf(name types.PolicyType) (policyType, error) {
	for _, t := range policyTypes {
		if t.name == name {
			if o.rec.BillingOnly {
				break
			}
			return t, nil
		}
	}
	return policyType{}, o.c.Errorf("PolicyTypeNotAvailableForOrganizationException", "You can't use the specified policy type with the feature set currently enabled for this organization.")
}

func (o *org) enabled(kind string) bool { return slices.Contains(o.rec.Types, kind) }

// A policy is a policy of the organization, or one of the two of AWS.
type policy struct {
	world.OrgPolicy
	name string // by which the estate knows it
	kind policyType
	aws  bool
}

// The policies of AWS.
var builtIn = []policy{
	{name: estate.FullAWSAccess, kind: policyTypes[0], aws: true, OrgPolicy: world.OrgPolicy{ID: "p-FullAWSAccess", Description: "Allows access to every operation",
		OrgPolicy: estate.OrgPolicy{Type: "scp", Document: estate.InlineDocument(estate.FullAWSAccessDocument())}}},
	{name: estate.RCPFullAWSAccess, kind: policyTypes[1], aws: true, OrgPolicy: world.OrgPolicy{ID: "p-RCPFullAWSAccess", Description: "Allows access to every resource",
		OrgPolicy: estate.OrgPolicy{Type: "rcp", Document: estate.InlineDocument(estate.DefaultEndpointPolicy())}}},
}

func (p *policy) arn(o *org) string {
	kind := strings.ToLower(string(p.kind.name))
	if p.aws {
		return "arn:aws:organizations::aws:policy/" + kind + "/" + p.ID
	}
	return "arn:aws:organizations::" + string(o.management) + ":policy/" + o.id + "/" + kind + "/" + p.ID
}

func (p *policy) summary(o *org) types.PolicySummary {
	return types.PolicySummary{Id: &p.ID, Arn: aws.String(p.arn(o)), Name: &p.name, Description: &p.Description, Type: p.kind.name, AwsManaged: p.aws}
}

func (p *policy) full(o *org) *types.Policy {
	summary := p.summary(o)
	return &types.Policy{PolicySummary: &summary, Content: aws.String(p.Document.Text())}
}

// policies are those of the organization of a kind, or all for "", by name.
func (o *org) policies(kind string) []policy {
	var list []policy
	for name, rec := range world.OrgPolicies.All(o.v, o.management) {
		i := slices.IndexFunc(policyTypes, func(t policyType) bool { return t.kind == rec.Type })
		if i >= 0 && (kind == "" || rec.Type == kind) {
			list = append(list, policy{OrgPolicy: rec, name: name, kind: policyTypes[i]})
		}
	}
	return list
}

// policy finds a policy by its id.
func (o *org) policy(id string) (*policy, error) {
	for _, p := range slices.Concat(builtIn, o.policies("")) {
		if p.ID == id {
			return &p, nil
		}
	}
	return nil, o.c.Errorf("PolicyNotFoundException", "You specified a policy that doesn't exist.")
}

// own is policy for calls that change it.
func (o *org) own(id string) (*policy, error) {
	p, err := o.policy(id)
	if err == nil && p.aws {
		return nil, invalid(o.c, "IMMUTABLE_POLICY", "You specified a policy that is managed by Amazon Web Services and can't be modified.")
	}
	return p, err
}

// named finds a policy by the name that the estate knows it by.
func (o *org) named(name string) *policy {
	for _, p := range slices.Concat(builtIn, o.policies("")) {
		if p.name == name {
			return &p
		}
	}
	return nil
}

// typeKey is the condition key of calls about policies of a type.
func typeKey(name types.PolicyType) awsapi.Keys {
	return awsapi.Keys{}.Set("organizations:PolicyType", string(name))
}

// onPolicy is the access of a call about a policy, and a target where it names one.
func onPolicy(c *awsapi.Call, id *string, target *string) ([]awsapi.Check, error) {
	o, err := managed(c, c.World())
	if err != nil {
		return nil, err
	}
	p, err := o.policy(*id)
	if err != nil {
		return nil, err
	}
	return on(c, typeKey(p.kind.name), id, target)
}

func accessCreatePolicy(c *awsapi.Call, in *organizations.CreatePolicyInput) ([]awsapi.Check, error) {
	return []awsapi.Check{{Action: "organizations:CreatePolicy", Resource: "*", Keys: typeKey(in.Type).RequestTags(tagMap(in.Tags))}}, nil
}

func createPolicy(c *awsapi.Call, in *organizations.CreatePolicyInput) (*organizations.CreatePolicyOutput, error) {
	var out *types.Policy
	err := change(c, func(w *world.Change, o *org) error {
		t, err := o.typeOf(in.Type)
		if err != nil {
			return err
		}
		if err := o.freeName(*in.Name); err != nil {
			return err
		}
		p := policy{name: *in.Name, kind: t}
		p.ID, p.Type, p.Description, p.Tags = newID("p-", 8), t.kind, aws.ToString(in.Description), tagMap(in.Tags)
		if err := p.setContent(c, *in.Content); err != nil {
			return err
		}
		world.OrgPolicies.Put(w, o.management, p.name, p.OrgPolicy)
		out = p.full(o)
		return nil
	})
	return &organizations.CreatePolicyOutput{Policy: out}, err
}

func (o *org) freeName(name string) error {
	if o.named(name) != nil {
		return o.c.Errorf("DuplicatePolicyException", "A policy with the same name already exists.")
	}
	return nil
}

// setContent reads the document of a policy, by the rules of its type.
func (p *policy) setContent(c *awsapi.Call, text string) (err error) {
	if utf8.RuneCountInString(text) > p.kind.size {
		return constraint(c, "POLICY_CONTENT_LIMIT_EXCEEDED", "You have exceeded the maximum policy size, which is %d characters.", p.kind.size)
	}
	parse := estate.ParseDocument
	if p.kind.kind == "s3" {
		parse = estate.ParseS3Document
	}
	if p.Document, err = parse(p.kind.kind+"/"+p.name+"?policy", []byte(text)); err == nil {
		err = p.Check()
	}
	if err != nil {
		return c.Errorf("MalformedPolicyDocumentException", "The provided policy document does not meet the requirements of the specified policy type: %s", err)
	}
	return nil
}

func accessDescribePolicy(c *awsapi.Call, in *organizations.DescribePolicyInput) ([]awsapi.Check, error) {
	return onPolicy(c, in.PolicyId, nil)
}

func describePolicy(c *awsapi.Call, in *organizations.DescribePolicyInput) (*organizations.DescribePolicyOutput, error) {
	o, err := managed(c, c.World())
	if err != nil {
		return nil, err
	}
	p, err := o.policy(*in.PolicyId)
	if err != nil {
		return nil, err
	}
	return &organizations.DescribePolicyOutput{Policy: p.full(o)}, nil
}

func accessUpdatePolicy(c *awsapi.Call, in *organizations.UpdatePolicyInput) ([]awsapi.Check, error) {
	return onPolicy(c, in.PolicyId, nil)
}

// updatePolicy also renames the policy where it hangs: the estate knows it by name.
func updatePolicy(c *awsapi.Call, in *organizations.UpdatePolicyInput) (*organizations.UpdatePolicyOutput, error) {
	var out *types.Policy
	err := change(c, func(w *world.Change, o *org) error {
		p, err := o.own(*in.PolicyId)
		if err != nil {
			return err
		}
		old := p.name
		if p.name = cmp.Or(aws.ToString(in.Name), old); p.name != old {
			if err := o.freeName(p.name); err != nil {
				return err
			}
		}
		if in.Description != nil {
			p.Description = *in.Description
		}
		if in.Content != nil {
			if err := p.setContent(c, *in.Content); err != nil {
				return err
			}
		}
		world.OrgPolicies.Put(w, o.management, p.name, p.OrgPolicy)
		if p.name != old {
			o.rename(w, p.kind.kind, old, p.name)
			world.OrgPolicies.Delete(w, o.management, old)
		}
		out = p.full(o)
		return nil
	})
	return &organizations.UpdatePolicyOutput{Policy: out}, err
}

func accessDeletePolicy(c *awsapi.Call, in *organizations.DeletePolicyInput) ([]awsapi.Check, error) {
	return onPolicy(c, in.PolicyId, nil)
}

func deletePolicy(c *awsapi.Call, in *organizations.DeletePolicyInput) (*organizations.DeletePolicyOutput, error) {
	err := change(c, func(w *world.Change, o *org) error {
		p, err := o.own(*in.PolicyId)
		if err != nil {
			return err
		}
		if len(o.targetsOf(p)) > 0 {
			return c.Errorf("PolicyInUseException", "The policy is attached to one or more entities. You must detach it from all roots, OUs, and accounts before performing this operation.")
		}
		world.OrgPolicies.Delete(w, o.management, p.name)
		return nil
	})
	return &organizations.DeletePolicyOutput{}, err
}

func accessListPolicies(c *awsapi.Call, in *organizations.ListPoliciesInput) ([]awsapi.Check, error) {
	return []awsapi.Check{{Action: "organizations:ListPolicies", Resource: "*", Keys: typeKey(in.Filter)}}, nil
}

func listPolicies(c *awsapi.Call, in *organizations.ListPoliciesInput) (*organizations.ListPoliciesOutput, error) {
	o, err := managed(c, c.World())
	if err != nil {
		return nil, err
	}
	var list []types.PolicySummary
	for _, p := range slices.Concat(builtIn, o.policies("")) {
		if p.kind.name == in.Filter {
			list = append(list, p.summary(o))
		}
	}
	page, next, err := pageOf(c, list, in.NextToken, in.MaxResults)
	return &organizations.ListPoliciesOutput{Policies: page, NextToken: next}, err
}
