package live

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/estate"
	whyiam "github.com/why403/why403/iam"
	"github.com/why403/why403/internal/iamdata"
	"github.com/why403/why403/internal/node"
)

// managed takes the default version of a managed policy. One of AWS's stands under
// its ARN, and is left out where it reads as the copy in this program.
func (c *collector) managed(p types.ManagedPolicyDetail) {
	arn, text := aws.ToString(p.Arn), (*string)(nil)
	for _, v := range p.PolicyVersionList {
		if v.IsDefaultVersion {
			text = v.Document
		}
	}
	out := &estate.ManagedPolicy{}
	out.Document = document("policy/"+aws.ToString(p.PolicyName), text, "document", &out.Unknown)
	switch {
	case !ofAWS(arn):
		out.Path = path(p.Path)
		c.account.ManagedPolicies[aws.ToString(p.PolicyName)] = out
	case !builtIn(arn, out.Document):
		c.awsPolicies[arn] = out
	}
}

func ofAWS(arn string) bool { return strings.Contains(arn, ":iam::aws:policy/") }

// builtIn reports whether this program's copy of a policy of AWS is the same.
func builtIn(arn string, doc estate.Document) bool {
	data, ok := iamdata.ManagedPolicy(arn)
	if !ok || doc.Document == nil {
		return false
	}
	own, err := estate.ParseDocument(arn, data)
	return err == nil && bytes.Equal(plain(own), plain(doc))
}

func plain(d estate.Document) []byte {
	n, _ := d.Document.Node()
	return node.AppendJSON(nil, n)
}

// references are the ARNs of the managed policies that are attached to something or
// bound something.
func (c *collector) references() []string {
	found := map[string]bool{}
	add := func(list []string, boundary string) {
		for _, arn := range append(list[:len(list):len(list)], boundary) {
			found[arn] = true
		}
	}
	for _, g := range c.account.Groups {
		add(g.Attached, "")
	}
	for _, u := range c.account.Users {
		add(u.Attached, u.Boundary)
	}
	for _, r := range c.account.Roles {
		add(r.Attached, r.Boundary)
	}
	delete(found, "")
	return slices.Sorted(maps.Keys(found))
}

// missingPolicies adds the managed policies that are used and that the dump lacks,
// as it may those that serve as a boundary alone, and of AWS's those that are used.
func (c *collector) missingPolicies(client *iam.Client) {
	var missing []string
	c.locked(func() {
		for _, arn := range c.references() {
			_, copied := iamdata.ManagedPolicy(arn)
			switch live := c.awsPolicies[arn]; {
			case live != nil:
				c.account.ManagedPolicies[arn] = live
			case ofAWS(arn) && copied:
			case !ofAWS(arn) && c.account.ManagedPolicies[nameIn(arn)] != nil:
			default:
				missing = append(missing, arn)
			}
		}
	})
	for _, arn := range missing {
		out := c.policy(client, arn)
		name := arn
		if !ofAWS(arn) {
			name = nameIn(arn)
		}
		c.locked(func() { c.account.ManagedPolicies[name] = out })
	}
}

// policy reads a managed policy by itself.
func (c *collector) policy(client *iam.Client, arn string) *estate.ManagedPolicy {
	out := &estate.ManagedPolicy{}
	if !ofAWS(arn) {
		out.Path = pathIn(arn)
	}
	c.settings(&out.Unknown, []setting{{"document", "iam:GetPolicy, iam:GetPolicyVersion", "", func() error {
		p, err := client.GetPolicy(c.ctx, &iam.GetPolicyInput{PolicyArn: &arn})
		switch {
		case err != nil:
			return err
		case p.Policy == nil || p.Policy.DefaultVersionId == nil:
			return errEmpty
		}
		v, err := client.GetPolicyVersion(c.ctx, &iam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: p.Policy.DefaultVersionId})
		switch {
		case err != nil:
			return err
		case v.PolicyVersion == nil:
			return errEmpty
		}
		out.Document = document("policy/"+arn, v.PolicyVersion.Document, "document", &out.Unknown)
		return nil
	}, nil}})
	return out
}

// nameIn and pathIn are the parts of a policy's ARN.
func nameIn(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }

func pathIn(arn string) string {
	a, _ := whyiam.ParseARN(arn)
	resource := strings.TrimPrefix(a.Resource, "policy")
	return path(aws.String(resource[:strings.LastIndex(resource, "/")+1]))
}

// missingGroups stands for groups that users are said to be in and that the dump
// lacks, as one that was made meanwhile.
func (c *collector) missingGroups() {
	for _, u := range c.account.Users {
		for _, name := range u.Groups {
			if c.account.Groups[name] == nil {
				c.account.Groups[name] = &estate.Group{Unknown: estate.Unknowns{{What: "*", Why: "IAM's answer names the group, and does not describe it"}}}
			}
		}
	}
}
