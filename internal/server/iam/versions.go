package iam

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

const maxVersions = 5

func createPolicyVersion(c *awsapi.Call, in *sdk.CreatePolicyVersionInput) (*sdk.CreatePolicyVersionOutput, error) {
	out := &sdk.CreatePolicyVersionOutput{}
	return out, changePolicy(c, *in.PolicyArn, func(_ *world.Change, name string, p *world.ManagedPolicy) (bool, error) {
		if len(p.Versions) >= maxVersions {
			return false, c.Errorf("LimitExceeded", "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.")
		}
		id := "v" + strconv.Itoa(p.Latest+1)
		v, err := policyDocument(c, name, id, *in.PolicyDocument)
		if err != nil {
			return false, err
		}
		p.Latest++
		p.Versions[id] = v
		if in.SetAsDefault {
			p.SetDefault(id)
		}
		p.Updated = c.Now()
		shown := showVersion(p, id, false)
		out.PolicyVersion = &shown
		return true, nil
	})
}

// showVersion shows a version of a policy, which has it.
func showVersion(p *world.ManagedPolicy, id string, document bool) types.PolicyVersion {
	v := p.Versions[id]
	shown := types.PolicyVersion{VersionId: aws.String(id), IsDefaultVersion: p.Default == id, CreateDate: date(v.Created)}
	if document {
		shown.Document = encoded(v.Document)
	}
	return shown
}

func noSuchVersion(c *awsapi.Call, arn, id string) error {
	return c.Errorf("NoSuchEntity", "Policy %s version %s does not exist or is not attachable.", arn, id)
}

func getPolicyVersion(c *awsapi.Call, in *sdk.GetPolicyVersionInput) (*sdk.GetPolicyVersionOutput, error) {
	if v, ok := awsVersion(*in.PolicyArn); ok && *v.VersionId == *in.VersionId {
		return &sdk.GetPolicyVersionOutput{PolicyVersion: &v}, nil
	}
	p, _, ok := findPolicy(c, c.World(), *in.PolicyArn)
	if !ok || p.Versions[*in.VersionId] == nil {
		return nil, noSuchVersion(c, *in.PolicyArn, *in.VersionId)
	}
	shown := showVersion(&p, *in.VersionId, true)
	return &sdk.GetPolicyVersionOutput{PolicyVersion: &shown}, nil
}

func versionNumber(id string) int {
	n, _ := strconv.Atoi(strings.TrimPrefix(id, "v")) // ours
	return n
}

// versionList shows all versions, the newest first.
func versionList(p *world.ManagedPolicy, document bool) []types.PolicyVersion {
	list := make([]types.PolicyVersion, 0, len(p.Versions))
	for id := range p.Versions {
		list = append(list, showVersion(p, id, document))
	}
	slices.SortFunc(list, func(a, b types.PolicyVersion) int {
		return cmp.Compare(versionNumber(*b.VersionId), versionNumber(*a.VersionId))
	})
	return list
}

func listPolicyVersions(c *awsapi.Call, in *sdk.ListPolicyVersionsInput) (*sdk.ListPolicyVersionsOutput, error) {
	var list []types.PolicyVersion
	if v, ok := awsVersion(*in.PolicyArn); ok {
		v.Document = nil
		list = append(list, v)
	} else if p, _, ok := findPolicy(c, c.World(), *in.PolicyArn); ok {
		list = versionList(&p, false)
	} else {
		return nil, noSuchPolicy(c, *in.PolicyArn)
	}
	out := &sdk.ListPolicyVersionsOutput{}
	newest := func(v types.PolicyVersion) string { return strconv.Itoa(1e9 - versionNumber(*v.VersionId)) }
	return out, page(c, in, out, "Versions", list, newest)
}

func deletePolicyVersion(c *awsapi.Call, in *sdk.DeletePolicyVersionInput) (*sdk.DeletePolicyVersionOutput, error) {
	return &sdk.DeletePolicyVersionOutput{}, changePolicy(c, *in.PolicyArn, func(_ *world.Change, _ string, p *world.ManagedPolicy) (bool, error) {
		switch {
		case p.Versions[*in.VersionId] == nil:
			return false, noSuchVersion(c, *in.PolicyArn, *in.VersionId)
		case p.Default == *in.VersionId:
			return false, c.Errorf("DeleteConflict", "Cannot delete the default version of a policy.")
		}
		delete(p.Versions, *in.VersionId)
		return true, nil
	})
}

func setDefaultPolicyVersion(c *awsapi.Call, in *sdk.SetDefaultPolicyVersionInput) (*sdk.SetDefaultPolicyVersionOutput, error) {
	if p, ok := iam.ParseARN(*in.PolicyArn); ok && p.Account == c.AccountID() {
		if _, _, ok := findPolicy(c, c.World(), *in.PolicyArn); !ok {
			return nil, noSuchVersion(c, *in.PolicyArn, *in.VersionId)
		}
	}
	return &sdk.SetDefaultPolicyVersionOutput{}, changePolicy(c, *in.PolicyArn, func(_ *world.Change, _ string, p *world.ManagedPolicy) (bool, error) {
		if p.Versions[*in.VersionId] == nil {
			return false, noSuchVersion(c, *in.PolicyArn, *in.VersionId)
		}
		p.SetDefault(*in.VersionId)
		p.Updated = c.Now()
		return true, nil
	})
}

// tagPolicy is TagPolicy and UntagPolicy.
func tagPolicy[In, Out any](c *awsapi.Call, in *In) (*Out, error) {
	return new(Out), changePolicy(c, text(in, "PolicyArn"), func(_ *world.Change, _ string, p *world.ManagedPolicy) (_ bool, err error) {
		p.Tags, err = exact.change(c, in, p.Tags)
		return true, err
	})
}

func listPolicyTags(c *awsapi.Call, in *sdk.ListPolicyTagsInput) (*sdk.ListPolicyTagsOutput, error) {
	p, _, ok := findPolicy(c, c.World(), *in.PolicyArn)
	if !ok {
		return nil, noSuchPolicy(c, *in.PolicyArn)
	}
	return pageOfTags[sdk.ListPolicyTagsOutput](c, in, p.Tags)
}
