package organizations

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

func accessEnablePolicyType(c *awsapi.Call, in *organizations.EnablePolicyTypeInput) ([]awsapi.Check, error) {
	return on(c, typeKey(in.PolicyType), in.RootId)
}

func enablePolicyType(c *awsapi.Call, in *organizations.EnablePolicyTypeInput) (*organizations.EnablePolicyTypeOutput, error) {
	root, err := setType(c, *in.RootId, in.PolicyType, true)
	return &organizations.EnablePolicyTypeOutput{Root: root}, err
}

func accessDisablePolicyType(c *awsapi.Call, in *organizations.DisablePolicyTypeInput) ([]awsapi.Check, error) {
	return on(c, typeKey(in.PolicyType), in.RootId)
}

func disablePolicyType(c *awsapi.Call, in *organizations.DisablePolicyTypeInput) (*organizations.DisablePolicyTypeOutput, error) {
	root, err := setType(c, *in.RootId, in.PolicyType, false)
	return &organizations.DisablePolicyTypeOutput{Root: root}, err
}

// setType enables or disables a policy type. What was attached when a type was
// disabled is not attached again (AWS Organizations User Guide, Disabling a policy
// type).
func setType(c *awsapi.Call, root string, name types.PolicyType, on bool) (*types.Root, error) {
	var out types.Root
	err := change(c, func(w *world.Change, o *org) error {
		if root != o.root {
			return c.Errorf("RootNotFoundException", "You specified a root that doesn't exist.")
		}
		t, err := o.typeOf(name)
		switch {
		case err != nil:
			return err
		case on && o.enabled(t.kind):
			return c.Errorf("PolicyTypeAlreadyEnabledException", "The specified policy type is already enabled.")
		case !on && !o.enabled(t.kind):
			return c.Errorf("PolicyTypeNotEnabledException", "This operation can be performed only for enabled policy types.")
		}
		o.rec.Types = slices.DeleteFunc(slices.Clone(o.rec.Types), func(kind string) bool { return kind == t.kind })
		if on {
			o.rec.Types = append(o.rec.Types, t.kind)
		}
		world.Organizations.Put(w, o.management, o.id, o.rec)
		o.detachAll(w, t.kind)
		out = o.describeRoot()
		return nil
	})
	return &out, err
}

func accessAttachPolicy(c *awsapi.Call, in *organizations.AttachPolicyInput) ([]awsapi.Check, error) {
	return onPolicy(c, in.PolicyId, in.TargetId)
}

func attachPolicy(c *awsapi.Call, in *organizations.AttachPolicyInput) (*organizations.AttachPolicyOutput, error) {
	err := change(c, func(w *world.Change, o *org) error {
		p, t, err := o.policyAndTarget(*in.PolicyId, *in.TargetId)
		if err != nil {
			return err
		}
		names := o.attached(t, p.kind.kind)
		switch {
		case slices.Contains(names, p.name):
			return c.Errorf("DuplicatePolicyAttachmentException", "The selected policy is already attached to the specified target.")
		case len(names) >= p.kind.attached:
			return constraint(c, "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", "You have exceeded the number of policies of type %s that can be attached to an entity, which is %d.", p.kind.name, p.kind.attached)
		}
		o.attach(w, t, p.kind.kind, append(slices.Clone(names), p.name))
		return nil
	})
	return &organizations.AttachPolicyOutput{}, err
}

// policyAndTarget finds both, and refuses types that are not enabled.
func (o *org) policyAndTarget(policyID, targetID string) (*policy, *target, error) {
	p, err := o.policy(policyID)
	if err != nil {
		return nil, nil, err
	}
	t, err := o.target(targetID)
	if err == nil && !o.enabled(p.kind.kind) {
		err = o.c.Errorf("PolicyTypeNotEnabledException", "This operation can be performed only for enabled policy types.")
	}
	return p, t, err
}

func accessDetachPolicy(c *awsapi.Call, in *organizations.DetachPolicyInput) ([]awsapi.Check, error) {
	return onPolicy(c, in.PolicyId, in.TargetId)
}

// detachPolicy leaves at least one SCP on every target, and RCPFullAWSAccess.
func detachPolicy(c *awsapi.Call, in *organizations.DetachPolicyInput) (*organizations.DetachPolicyOutput, error) {
	err := change(c, func(w *world.Change, o *org) error {
		p, t, err := o.policyAndTarget(*in.PolicyId, *in.TargetId)
		if err != nil {
			return err
		}
		names := o.attached(t, p.kind.kind)
		i := slices.Index(names, p.name)
		switch {
		case i < 0:
			return c.Errorf("PolicyNotAttachedException", "The policy isn't attached to the specified target in the specified root.")
		case p.kind.kind == "scp" && len(names) == 1, p.name == estate.RCPFullAWSAccess:
			return constraint(c, "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", "You cannot remove the last policy attached to the specified target. You should have at least one at any time.")
		}
		o.attach(w, t, p.kind.kind, slices.Delete(slices.Clone(names), i, i+1))
		return nil
	})
	return &organizations.DetachPolicyOutput{}, err
}

func accessListPoliciesForTarget(c *awsapi.Call, in *organizations.ListPoliciesForTargetInput) ([]awsapi.Check, error) {
	return on(c, typeKey(in.Filter), in.TargetId)
}

func listPoliciesForTarget(c *awsapi.Call, in *organizations.ListPoliciesForTargetInput) (*organizations.ListPoliciesForTargetOutput, error) {
	o, err := managed(c, c.World())
	if err != nil {
		return nil, err
	}
	t, err := o.target(*in.TargetId)
	if err != nil {
		return nil, err
	}
	kind, err := o.typeOf(in.Filter)
	if err != nil {
		return &organizations.ListPoliciesForTargetOutput{Policies: []types.PolicySummary{}}, nil
	}
	var list []types.PolicySummary
	for _, name := range o.attached(t, kind.kind) {
		if p := o.named(name); p != nil {
			list = append(list, p.summary(o))
		}
	}
	page, next, err := pageOf(c, list, in.NextToken, in.MaxResults)
	return &organizations.ListPoliciesForTargetOutput{Policies: page, NextToken: next}, err
}

func accessListTargetsForPolicy(c *awsapi.Call, in *organizations.ListTargetsForPolicyInput) ([]awsapi.Check, error) {
	return onPolicy(c, in.PolicyId, nil)
}

func listTargetsForPolicy(c *awsapi.Call, in *organizations.ListTargetsForPolicyInput) (*organizations.ListTargetsForPolicyOutput, error) {
	o, err := managed(c, c.World())
	if err != nil {
		return nil, err
	}
	p, err := o.policy(*in.PolicyId)
	if err != nil {
		return nil, err
	}
	var list []types.PolicyTargetSummary
	for _, t := range o.targetsOf(p) {
		list = append(list, types.PolicyTargetSummary{TargetId: &t.id, Arn: aws.String(o.arn(t.id)), Name: &t.name, Type: t.kind})
	}
	page, next, err := pageOf(c, list, in.NextToken, in.MaxResults)
	return &organizations.ListTargetsForPolicyOutput{Targets: page, NextToken: next}, err
}

func accessDescribeEffectivePolicy(c *awsapi.Call, in *organizations.DescribeEffectivePolicyInput) ([]awsapi.Check, error) {
	keys := awsapi.Keys{}.Set("organizations:PolicyType", string(in.PolicyType))
	if in.TargetId == nil || *in.TargetId == string(c.AccountID()) { // an account may ask about itself
		return []awsapi.Check{{Action: "organizations:DescribeEffectivePolicy", Resource: "*", Keys: keys}}, nil
	}
	return on(c, keys, in.TargetId)
}

// describeEffectivePolicy knows S3 policies alone. Of SCPs and RCPs AWS tells no
// effective policy.
func describeEffectivePolicy(c *awsapi.Call, in *organizations.DescribeEffectivePolicyInput) (*organizations.DescribeEffectivePolicyOutput, error) {
	o, err := find(c, c.World())
	if err != nil {
		return nil, err
	}
	id := string(c.AccountID())
	if in.TargetId != nil {
		id = *in.TargetId
	}
	a, held := o.v.Estate().Account(iam.AccountID(id))
	if t, err := o.target(id); err != nil || t.account == nil || !held {
		return nil, c.Errorf("TargetNotFoundException", "You specified a target that doesn't exist.")
	}
	_, p, ok := a.OrganizationPublicAccessBlock()
	if in.PolicyType != types.EffectivePolicyTypeS3Policy || !ok {
		return nil, c.Errorf("EffectivePolicyNotFoundException", "There is no effective policy of type %s for the target.", in.PolicyType)
	}
	return &organizations.DescribeEffectivePolicyOutput{EffectivePolicy: &types.EffectivePolicy{
		PolicyType: in.PolicyType, TargetId: &id, LastUpdatedTimestamp: aws.Time(c.Now()),
		PolicyContent: aws.String(`{"s3_attributes":{"public_access_block_configuration":"` + p.S3PublicAccessBlock() + `"}}`),
	}}, nil
}
