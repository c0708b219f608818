package iam

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/iamdata"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

const maxPolicy = 6144 // characters without white space

// findPolicy returns a customer managed policy of the caller's account by its ARN.
func findPolicy(c *awsapi.Call, v world.View, arn string) (world.ManagedPolicy, string, bool) {
	parsed, ok := iam.ParseARN(arn)
	rest, isPolicy := strings.CutPrefix(parsed.Resource, "policy/")
	if !ok || !isPolicy || parsed.Account != c.AccountID() {
		return world.ManagedPolicy{}, "", false
	}
	name := rest[strings.LastIndexByte(rest, '/')+1:]
	p, found := world.ManagedPolicies.Get(v, c.AccountID(), name)
	return p, name, found && p.ARN(parsed.Partition, c.AccountID(), name) == arn
}

func noSuchPolicy(c *awsapi.Call, arn string) error {
	return c.Errorf("NoSuchEntity", "Policy %s was not found.", arn)
}

func policyDocument(c *awsapi.Call, name, version, document string) (*world.PolicyVersion, error) {
	d, err := identityDocument(c, "policy/"+name+"?version="+version, document, true)
	if err != nil {
		return nil, err
	}
	if size(document) > maxPolicy {
		return nil, quota(c, "PolicySize", maxPolicy)
	}
	return &world.PolicyVersion{Document: d, Created: c.Now()}, nil
}

func createPolicy(c *awsapi.Call, in *sdk.CreatePolicyInput) (*sdk.CreatePolicyOutput, error) {
	v1, err := policyDocument(c, *in.PolicyName, "v1", *in.PolicyDocument)
	if err != nil {
		return nil, err
	}
	p := world.ManagedPolicy{ID: world.NewID("ANPA"), Description: text(in, "Description"), Created: c.Now(), Updated: c.Now(), Latest: 1, Versions: map[string]*world.PolicyVersion{"v1": v1}}
	p.Path = text(in, "Path")
	p.SetDefault("v1")
	if p.Tags, err = exact.add(c, nil, in.Tags); err != nil {
		return nil, err
	}
	err = c.World().Change(c.Context(), func(ch *world.Change) error {
		if _, _, ok := world.ManagedPolicies.Find(ch, c.AccountID(), *in.PolicyName); ok {
			return c.Errorf("EntityAlreadyExists", "A policy called %s already exists. Duplicate names are not allowed.", *in.PolicyName)
		}
		world.ManagedPolicies.Put(ch, c.AccountID(), *in.PolicyName, p)
		return nil
	})
	if err != nil {
		return nil, err
	}
	shown := showPolicy(c, *in.PolicyName, p, uses{})
	if len(p.Tags) > 0 {
		shown.Tags = tagList(p.Tags)
	}
	return &sdk.CreatePolicyOutput{Policy: &shown}, nil
}

// uses counts where managed policies of an account are attached, by ARN.
type uses struct{ attached, boundaries map[string]int }

func usesOf(c *awsapi.Call) uses {
	n := uses{map[string]int{}, map[string]int{}}
	add := func(attached []string, boundary string) {
		for _, ref := range attached {
			n.attached[managedARN(c, ref)]++
		}
		if boundary != "" {
			n.boundaries[managedARN(c, boundary)]++
		}
	}
	if a := c.World().Estate().Accounts[c.AccountID()]; a != nil {
		for _, u := range a.Users {
			add(u.Attached, u.Boundary)
		}
		for _, g := range a.Groups {
			add(g.Attached, "")
		}
		for _, r := range a.Roles {
			add(r.Attached, r.Boundary)
		}
	}
	return n
}

// showPolicy shows a policy as ListPolicies does.
func showPolicy(c *awsapi.Call, name string, p world.ManagedPolicy, n uses) types.Policy {
	arn := p.ARN(c.Partition(), c.AccountID(), name)
	return types.Policy{
		Arn: aws.String(arn), AttachmentCount: aws.Int32(int32(n.attached[arn])), PermissionsBoundaryUsageCount: aws.Int32(int32(n.boundaries[arn])),
		CreateDate: date(p.Created), UpdateDate: date(p.Updated), DefaultVersionId: aws.String(p.Default), IsAttachable: true,
		Path: pathOr(p.Path), PolicyId: aws.String(p.ID), PolicyName: aws.String(name),
	}
}

// showWholePolicy shows a policy as GetPolicy does.
func showWholePolicy(c *awsapi.Call, name string, p world.ManagedPolicy, n uses) types.Policy {
	shown := showPolicy(c, name, p, n)
	shown.Tags = tagList(p.Tags)
	if p.Description != "" {
		shown.Description = aws.String(p.Description)
	}
	return shown
}

func getPolicy(c *awsapi.Call, in *sdk.GetPolicyInput) (*sdk.GetPolicyOutput, error) {
	if p, name, ok := findPolicy(c, c.World(), *in.PolicyArn); ok {
		shown := showWholePolicy(c, name, p, usesOf(c))
		return &sdk.GetPolicyOutput{Policy: &shown}, nil
	}
	if shown, ok := awsPolicy(*in.PolicyArn, usesOf(c)); ok {
		shown.Tags = []types.Tag{}
		return &sdk.GetPolicyOutput{Policy: &shown}, nil
	}
	return nil, noSuchPolicy(c, *in.PolicyArn)
}

func listPolicies(c *awsapi.Call, in *sdk.ListPoliciesInput) (*sdk.ListPoliciesOutput, error) {
	n := usesOf(c)
	var list []types.Policy
	add := func(p types.Policy) {
		attached, boundaries := *p.AttachmentCount > 0, *p.PermissionsBoundaryUsageCount > 0
		switch {
		case !below(*p.Path, in.PathPrefix):
		case in.OnlyAttached && !attached,
			in.PolicyUsageFilter == types.PolicyUsageTypePermissionsPolicy && !attached,
			in.PolicyUsageFilter == types.PolicyUsageTypePermissionsBoundary && !boundaries:
		default:
			list = append(list, p)
		}
	}
	if in.Scope != types.PolicyScopeTypeAws {
		for name, p := range world.ManagedPolicies.All(c.World(), c.AccountID()) {
			if !strings.HasPrefix(name, "arn:") {
				add(showPolicy(c, name, p, n))
			}
		}
	}
	if in.Scope != types.PolicyScopeTypeLocal {
		for _, arn := range iamdata.ManagedPolicies() {
			if p, ok := awsPolicy(arn, n); ok {
				add(p)
			}
		}
	}
	slices.SortFunc(list, func(a, b types.Policy) int { return strings.Compare(*a.Arn, *b.Arn) })
	out := &sdk.ListPoliciesOutput{}
	return out, page(c, in, out, "Policies", list, func(p types.Policy) string { return *p.Arn })
}

func deletePolicy(c *awsapi.Call, in *sdk.DeletePolicyInput) (*sdk.DeletePolicyOutput, error) {
	return &sdk.DeletePolicyOutput{}, changePolicy(c, *in.PolicyArn, func(ch *world.Change, name string, p *world.ManagedPolicy) (bool, error) {
		n := usesOf(c)
		switch {
		case n.attached[*in.PolicyArn]+n.boundaries[*in.PolicyArn] > 0:
			return false, c.Errorf("DeleteConflict", "Cannot delete a policy attached to entities.")
		case len(p.Versions) > 1:
			return false, c.Errorf("DeleteConflict", "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
		}
		world.ManagedPolicies.Delete(ch, c.AccountID(), name)
		return false, nil
	})
}

// changePolicy changes a customer managed policy; do says whether it is to be kept.
func changePolicy(c *awsapi.Call, arn string, do func(ch *world.Change, name string, p *world.ManagedPolicy) (bool, error)) error {
	return c.World().Change(c.Context(), func(ch *world.Change) error {
		p, name, ok := findPolicy(c, ch, arn)
		if !ok {
			if _, isAWS := awsPolicy(arn, uses{}); isAWS {
				return c.AccessDenied("User: " + c.Caller.ARN + " is not authorized to perform: iam:" + c.Operation + " on resource: policy " + arn)
			}
			return noSuchPolicy(c, arn)
		}
		keep, err := do(ch, name, &p)
		if keep && err == nil {
			world.ManagedPolicies.Put(ch, c.AccountID(), name, p)
		}
		return err
	})
}
