package iam

import (
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/iamdata"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/policy"
)

func itoa(n int) string { return strconv.Itoa(n) }

// principal is the user, group or role whose policies a simulation asks.
type principal struct {
	caller   policy.Caller // zero for a group
	identity []source
	boundary *source // nil for none
	tags     map[string]string
	account  *estate.Account
}

// sourceOf finds the policies of a user, group or role of the caller's account.
func sourceOf(c *awsapi.Call, arn string) (*principal, error) {
	parsed, ok := iam.ParseARN(arn)
	kind, rest, _ := strings.Cut(parsed.Resource, "/")
	name := rest[strings.LastIndexByte(rest, '/')+1:]
	a := c.World().Estate().Accounts[c.AccountID()]
	if !ok || parsed.Service != "iam" || name == "" {
		return nil, c.Errorf("InvalidInput", "Invalid Entity Arn: %s", arn)
	}
	none := c.Errorf("NoSuchEntity", "The entity %s cannot be found.", arn)
	if a == nil || parsed.Account != c.AccountID() {
		return nil, none
	}
	p := &principal{account: a}
	switch kind {
	case "user":
		return p, p.user(a, arn, name, none)
	case "role":
		r, _, ok := a.RoleByARN(arn)
		if !ok {
			return nil, none
		}
		p.add(a, "role", name, r.Inline, r.Attached)
		p.bound(a, r.Boundary)
		p.tags = r.Tags
		p.caller = policy.Caller{Principal: iam.Principal{Kind: iam.RoleSession, Partition: parsed.Partition, Account: a.ID, Name: name}, RoleARN: arn, UniqueID: r.UniqueID(a.ID, name)}
		return p, nil
	case "group":
		g := a.Groups[name]
		if g == nil || g.ARN(parsed.Partition, a.ID, name) != arn {
			return nil, none
		}
		p.add(a, "group", name, g.Inline, g.Attached)
		return p, nil
	}
	return nil, c.Errorf("InvalidInput", "Invalid Entity Arn: %s", arn)
}

func (p *principal) user(a *estate.Account, arn, name string, none error) error {
	u, _, ok := a.UserByARN(arn)
	if !ok {
		return none
	}
	p.add(a, "user", name, u.Inline, u.Attached)
	for _, group := range u.Groups {
		if g := a.Groups[group]; g != nil {
			p.add(a, "group", group, g.Inline, g.Attached)
		}
	}
	p.bound(a, u.Boundary)
	p.tags = u.Tags
	p.caller = callerOf(a, arn, name, u)
	return nil
}

func callerOf(a *estate.Account, arn, name string, u *estate.User) policy.Caller {
	return policy.Caller{
		Principal: iam.Principal{Kind: iam.User, Partition: a.Partition(), Account: a.ID, Name: name}, UserARN: arn,
		UniqueID: u.UniqueID(a.ID, name), CanonicalID: a.Canonical(), HasBoundary: u.Boundary != "",
	}
}

// add adds the policies of one entity.
func (p *principal) add(a *estate.Account, kind, name string, inline estate.Documents, attached []string) {
	for _, d := range inline {
		p.identity = append(p.identity, source{kind + "_" + name + "_" + d.Name, "IAM Policy", d.Document})
	}
	for _, ref := range attached {
		if s, ok := managedSource(a, ref); ok {
			p.identity = append(p.identity, s)
		}
	}
}

func (p *principal) bound(a *estate.Account, ref string) {
	if s, ok := managedSource(a, ref); ok && ref != "" {
		p.boundary = &s
	}
}

// managedSource is a managed policy, with its text where it is known.
func managedSource(a *estate.Account, ref string) (source, bool) {
	n, err := a.Managed(ref)
	if err != nil {
		return source{}, false
	}
	name := n.ARN[strings.LastIndexByte(n.ARN, '/')+1:]
	if own := a.ManagedPolicies[name]; own != nil && !strings.Contains(n.ARN, ":iam::aws:") {
		return source{name, "IAM Policy", own.Document}, true
	}
	if text, ok := iamdata.ManagedPolicy(n.ARN); ok {
		if d, err := estate.ParseDocument(n.ARN, text); err == nil {
			return source{name, "IAM Policy", d}, true
		}
	}
	return source{name, "IAM Policy", estate.InlineDocument(n.Document)}, true
}

// position writes an offset of a text as line and column, both from 1.
func position(text string, offset int) *types.Position {
	before := text[:min(max(offset, 0), len(text))]
	return &types.Position{Line: int32(1 + strings.Count(before, "\n")), Column: int32(len(before) - strings.LastIndexByte(before, '\n'))}
}
