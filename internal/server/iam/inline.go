package iam

import (
	"slices"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// maxInline is the room for the inline policies of one entity, in characters
// without white space ("IAM and AWS STS quotas").
var maxInline = map[string]int{"user": 2048, "group": 5120, "role": 10240}

func inlineIndex(list estate.Documents, name string) int {
	return slices.IndexFunc(list, func(d estate.NamedDocument) bool { return strings.EqualFold(d.Name, name) })
}

// putInline is PutUserPolicy, PutGroupPolicy and PutRolePolicy.
func putInline[In, Out any](kind, name string) func(*awsapi.Call, *In) (*Out, error) {
	return func(c *awsapi.Call, in *In) (*Out, error) {
		policyName, document := text(in, "PolicyName"), text(in, "PolicyDocument")
		return new(Out), change(c, kind, text(in, name), func(_ *world.Change, e *entity) error {
			d, err := identityDocument(c, kind+"/"+e.name+"?policy="+policyName, document, false)
			if err != nil {
				return err
			}
			total := size(document)
			for i := range *e.inline {
				if other := &(*e.inline)[i]; !strings.EqualFold(other.Name, policyName) {
					total += size(other.Text())
				}
			}
			if total > maxInline[kind] {
				return c.Errorf("LimitExceeded", "Maximum policy size of %d bytes exceeded for %s %s", maxInline[kind], kind, e.name)
			}
			if i := inlineIndex(*e.inline, policyName); i >= 0 {
				(*e.inline)[i].Document = d
			} else {
				*e.inline = append(*e.inline, estate.NamedDocument{Name: policyName, Document: d})
			}
			return nil
		})
	}
}

// getInline is GetUserPolicy, GetGroupPolicy and GetRolePolicy.
func getInline[In, Out any](kind, name string) func(*awsapi.Call, *In) (*Out, error) {
	return func(c *awsapi.Call, in *In) (*Out, error) {
		e, err := find(c, c.World(), kind, text(in, name))
		if err != nil {
			return nil, err
		}
		i := inlineIndex(*e.inline, text(in, "PolicyName"))
		if i < 0 {
			return nil, noSuchInline(c, kind, in)
		}
		out, found := new(Out), (*e.inline)[i]
		set(out, name, &e.name)
		set(out, "PolicyName", &found.Name)
		set(out, "PolicyDocument", encoded(found.Document))
		return out, nil
	}
}

func noSuchInline(c *awsapi.Call, kind string, in any) error {
	return c.Errorf("NoSuchEntity", "The %s policy with name %s cannot be found.", kind, text(in, "PolicyName"))
}

// deleteInline is DeleteUserPolicy, DeleteGroupPolicy and DeleteRolePolicy.
func deleteInline[In, Out any](kind, name string) func(*awsapi.Call, *In) (*Out, error) {
	return func(c *awsapi.Call, in *In) (*Out, error) {
		return new(Out), change(c, kind, text(in, name), func(_ *world.Change, e *entity) error {
			i := inlineIndex(*e.inline, text(in, "PolicyName"))
			if i < 0 {
				return noSuchInline(c, kind, in)
			}
			*e.inline = slices.Delete(*e.inline, i, i+1)
			return nil
		})
	}
}

// listInline is ListUserPolicies, ListGroupPolicies and ListRolePolicies.
func listInline[In, Out any](kind, name string) func(*awsapi.Call, *In) (*Out, error) {
	return func(c *awsapi.Call, in *In) (*Out, error) {
		e, err := find(c, c.World(), kind, text(in, name))
		if err != nil {
			return nil, err
		}
		var list []string
		for _, d := range *e.inline {
			list = append(list, d.Name)
		}
		slices.Sort(list)
		out := new(Out)
		return out, page(c, in, out, "PolicyNames", list, func(s string) string { return s })
	}
}
