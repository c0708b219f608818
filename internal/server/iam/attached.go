package iam

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// maxAttached is how many managed policies an entity has at most ("IAM and AWS
// STS quotas").
var maxAttached = map[string]int{"user": 10, "group": 10, "role": 10}

var attachedQuota = map[string]string{"user": "PoliciesPerUser", "group": "PoliciesPerGroup", "role": "PoliciesPerRole"}

// attachable checks that a managed policy can be attached: one of the account's,
// or of AWS's.
func attachable(c *awsapi.Call, arn string) error {
	if !strings.HasPrefix(arn, "arn:") {
		return c.Errorf("ValidationError", "ARN %s is not valid.", arn)
	}
	if strings.Contains(arn, ":iam::aws:policy"+linkedPath) {
		return c.Errorf("PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer Role.")
	}
	if a := c.World().Estate().Accounts[c.AccountID()]; a != nil {
		if _, err := a.Managed(arn); err == nil {
			return nil
		}
	}
	return c.Errorf("NoSuchEntity", "Policy %s does not exist or is not attachable.", arn)
}

// attachedIndex finds a policy among those attached, which may stand there by
// their names.
func attachedIndex(c *awsapi.Call, refs []string, arn string) int {
	return slices.IndexFunc(refs, func(ref string) bool { return managedARN(c, ref) == arn })
}

// attach is AttachUserPolicy, AttachGroupPolicy and AttachRolePolicy.
func attach[In, Out any](kind, name string) func(*awsapi.Call, *In) (*Out, error) {
	return func(c *awsapi.Call, in *In) (*Out, error) {
		arn := text(in, "PolicyArn")
		return new(Out), change(c, kind, text(in, name), func(_ *world.Change, e *entity) error {
			if err := attachable(c, arn); err != nil {
				return err
			}
			switch {
			case attachedIndex(c, *e.attached, arn) >= 0:
			case len(*e.attached) >= maxAttached[kind]:
				return quota(c, attachedQuota[kind], maxAttached[kind])
			default:
				*e.attached = append(*e.attached, arn)
			}
			return nil
		})
	}
}

// detach is DetachUserPolicy, DetachGroupPolicy and DetachRolePolicy.
func detach[In, Out any](kind, name string) func(*awsapi.Call, *In) (*Out, error) {
	return func(c *awsapi.Call, in *In) (*Out, error) {
		arn := text(in, "PolicyArn")
		return new(Out), change(c, kind, text(in, name), func(_ *world.Change, e *entity) error {
			i := attachedIndex(c, *e.attached, arn)
			if i < 0 {
				return c.Errorf("NoSuchEntity", "Policy %s was not found.", arn)
			}
			*e.attached = slices.Delete(*e.attached, i, i+1)
			return nil
		})
	}
}

// listAttached is ListAttachedUserPolicies, ListAttachedGroupPolicies and
// ListAttachedRolePolicies.
func listAttached[In, Out any](kind, name string) func(*awsapi.Call, *In) (*Out, error) {
	return func(c *awsapi.Call, in *In) (*Out, error) {
		e, err := find(c, c.World(), kind, text(in, name))
		if err != nil {
			return nil, err
		}
		var list []types.AttachedPolicy
		for _, p := range attachedPolicies(c, *e.attached) {
			if below(pathOfARN(*p.PolicyArn), pointer(in, "PathPrefix")) {
				list = append(list, p)
			}
		}
		out := new(Out)
		return out, page(c, in, out, "AttachedPolicies", list, func(p types.AttachedPolicy) string { return *p.PolicyName })
	}
}

// attachedPolicies shows policies that are attached, by name.
func attachedPolicies(c *awsapi.Call, refs []string) []types.AttachedPolicy {
	list := make([]types.AttachedPolicy, 0, len(refs))
	for _, ref := range refs {
		arn := managedARN(c, ref)
		list = append(list, types.AttachedPolicy{PolicyArn: aws.String(arn), PolicyName: aws.String(arn[strings.LastIndexByte(arn, '/')+1:])})
	}
	slices.SortFunc(list, func(a, b types.AttachedPolicy) int { return strings.Compare(*a.PolicyName, *b.PolicyName) })
	return list
}

// pathOfARN is the path in the ARN of a managed policy: "/job-function/".
func pathOfARN(arn string) string {
	a, _ := iam.ParseARN(arn)
	rest := strings.TrimPrefix(a.Resource, "policy")
	return rest[:strings.LastIndexByte(rest, '/')+1]
}

// boundaryOf checks a permissions boundary that a call passes.
func boundaryOf(c *awsapi.Call, arn *string) (string, error) {
	if arn == nil {
		return "", nil
	}
	if parsed, ok := iam.ParseARN(*arn); !ok || !strings.HasPrefix(parsed.Resource, "policy/") {
		return "", c.Errorf("InvalidInput", "ARN %s is not valid.", *arn)
	}
	if attachable(c, *arn) != nil {
		return "", c.Errorf("NoSuchEntity", "Scope ARN: %s does not exist or is not attachable.", *arn)
	}
	return *arn, nil
}

// putBoundary is PutUserPermissionsBoundary and PutRolePermissionsBoundary, and,
// where the input has none, the Delete operations.
func putBoundary[In, Out any](kind, name string) func(*awsapi.Call, *In) (*Out, error) {
	return func(c *awsapi.Call, in *In) (*Out, error) {
		arn, err := boundaryOf(c, pointer(in, "PermissionsBoundary"))
		if err != nil {
			return nil, err
		}
		return new(Out), change(c, kind, text(in, name), func(_ *world.Change, e *entity) error {
			if arn == "" && *e.boundary == "" {
				return c.Errorf("NoSuchEntity", "The %s with name %s has no permissions boundary.", kind, e.name)
			}
			*e.boundary = arn
			return nil
		})
	}
}
