package organizations

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// maxDepth is how deep units can stand below the root.
const maxDepth = 5

// parent returns a root or unit that others can stand under.
func (o *org) parent(id string) (world.Unit, error) {
	u, ok := world.Units.Get(o.v, o.management, id)
	if !ok {
		return u, o.c.Errorf("ParentNotFoundException", "You specified parent that doesn't exist.")
	}
	return u, nil
}

func (o *org) unit(id string) (world.Unit, error) {
	u, ok := world.Units.Get(o.v, o.management, id)
	if !ok || id == o.root {
		return u, o.c.Errorf("OrganizationalUnitNotFoundException", "You specified an organizational unit that doesn't exist.")
	}
	return u, nil
}

// units are the ids of the units right under a root or unit, and of all for "".
func (o *org) units(parent string) []string {
	var list []string
	for id, u := range world.Units.All(o.v, o.management) {
		if id != o.root && (parent == "" || u.Parent == parent) {
			list = append(list, id)
		}
	}
	return list
}

func (o *org) describeUnit(id string, u world.Unit) types.OrganizationalUnit {
	path := id + "/"
	for at := u; at.Parent != ""; {
		path = at.Parent + "/" + path
		at, _ = world.Units.Get(o.v, o.management, at.Parent)
	}
	return types.OrganizationalUnit{Id: &id, Arn: aws.String(o.arn(id)), Name: aws.String(u.Name), Path: aws.String(o.id + "/" + path)}
}

func accessCreateUnit(c *awsapi.Call, in *organizations.CreateOrganizationalUnitInput) ([]awsapi.Check, error) {
	return on(c, awsapi.Keys{}.RequestTags(tagMap(in.Tags)), in.ParentId)
}

func createUnit(c *awsapi.Call, in *organizations.CreateOrganizationalUnitInput) (*organizations.CreateOrganizationalUnitOutput, error) {
	var out types.OrganizationalUnit
	err := change(c, func(w *world.Change, o *org) error {
		if _, err := o.parent(*in.ParentId); err != nil {
			return err
		}
		if err := o.uniqueName(*in.ParentId, *in.Name); err != nil {
			return err
		}
		if o.depth(*in.ParentId) >= maxDepth {
			return constraint(c, "OU_DEPTH_LIMIT_EXCEEDED", "You have exceeded the maximum depth of the organizational unit tree, which is %d.", maxDepth)
		}
		id := newID("ou-"+strings.TrimPrefix(o.root, "r-")+"-", 8)
		u := world.Unit{Name: *in.Name, Parent: *in.ParentId, Tags: tagMap(in.Tags)}
		world.Units.Put(w, o.management, id, u)
		out = o.describeUnit(id, u)
		return nil
	})
	return &organizations.CreateOrganizationalUnitOutput{OrganizationalUnit: &out}, err
}

func (o *org) uniqueName(parent, name string) error {
	for _, id := range o.units(parent) {
		if u, _ := world.Units.Get(o.v, o.management, id); strings.EqualFold(u.Name, name) {
			return o.c.Errorf("DuplicateOrganizationalUnitException", "An OU with the same name already exists.")
		}
	}
	return nil
}

// depth is 0 for the root.
func (o *org) depth(id string) int {
	n := 0
	for u, _ := world.Units.Get(o.v, o.management, id); u.Parent != ""; n++ {
		u, _ = world.Units.Get(o.v, o.management, u.Parent)
	}
	return n
}

func accessDescribeUnit(c *awsapi.Call, in *organizations.DescribeOrganizationalUnitInput) ([]awsapi.Check, error) {
	return on(c, nil, in.OrganizationalUnitId)
}

func describeUnit(c *awsapi.Call, in *organizations.DescribeOrganizationalUnitInput) (*organizations.DescribeOrganizationalUnitOutput, error) {
	o, err := managed(c, c.World())
	if err != nil {
		return nil, err
	}
	u, err := o.unit(*in.OrganizationalUnitId)
	if err != nil {
		return nil, err
	}
	out := o.describeUnit(*in.OrganizationalUnitId, u)
	return &organizations.DescribeOrganizationalUnitOutput{OrganizationalUnit: &out}, nil
}

func accessUpdateUnit(c *awsapi.Call, in *organizations.UpdateOrganizationalUnitInput) ([]awsapi.Check, error) {
	return on(c, nil, in.OrganizationalUnitId)
}

func updateUnit(c *awsapi.Call, in *organizations.UpdateOrganizationalUnitInput) (*organizations.UpdateOrganizationalUnitOutput, error) {
	var out types.OrganizationalUnit
	err := change(c, func(w *world.Change, o *org) error {
		u, err := o.unit(*in.OrganizationalUnitId)
		if err != nil {
			return err
		}
		if in.Name != nil && *in.Name != u.Name {
			if err := o.uniqueName(u.Parent, *in.Name); err != nil {
				return err
			}
			u.Name = *in.Name
		}
		world.Units.Put(w, o.management, *in.OrganizationalUnitId, u)
		out = o.describeUnit(*in.OrganizationalUnitId, u)
		return nil
	})
	return &organizations.UpdateOrganizationalUnitOutput{OrganizationalUnit: &out}, err
}

func accessDeleteUnit(c *awsapi.Call, in *organizations.DeleteOrganizationalUnitInput) ([]awsapi.Check, error) {
	return on(c, nil, in.OrganizationalUnitId)
}

func deleteUnit(c *awsapi.Call, in *organizations.DeleteOrganizationalUnitInput) (*organizations.DeleteOrganizationalUnitOutput, error) {
	err := change(c, func(w *world.Change, o *org) error {
		id := *in.OrganizationalUnitId
		if _, err := o.unit(id); err != nil {
			return err
		}
		if len(o.units(id)) > 0 || len(o.accounts(id)) > 0 {
			return c.Errorf("OrganizationalUnitNotEmptyException", "The specified OU is not empty. Move all accounts to another root or to other OUs, remove all child OUs, and try the operation again.")
		}
		world.Units.Delete(w, o.management, id)
		return nil
	})
	return &organizations.DeleteOrganizationalUnitOutput{}, err
}

func accessListUnits(c *awsapi.Call, in *organizations.ListOrganizationalUnitsForParentInput) ([]awsapi.Check, error) {
	return on(c, nil, in.ParentId)
}

func listUnits(c *awsapi.Call, in *organizations.ListOrganizationalUnitsForParentInput) (*organizations.ListOrganizationalUnitsForParentOutput, error) {
	o, err := managed(c, c.World())
	if err != nil {
		return nil, err
	}
	if _, err := o.parent(*in.ParentId); err != nil {
		return nil, err
	}
	var list []types.OrganizationalUnit
	for _, id := range o.units(*in.ParentId) {
		u, _ := world.Units.Get(o.v, o.management, id)
		list = append(list, o.describeUnit(id, u))
	}
	page, next, err := pageOf(c, list, in.NextToken, in.MaxResults)
	return &organizations.ListOrganizationalUnitsForParentOutput{OrganizationalUnits: page, NextToken: next}, err
}

func accessListParents(c *awsapi.Call, in *organizations.ListParentsInput) ([]awsapi.Check, error) {
	return on(c, nil, in.ChildId)
}

func listParents(c *awsapi.Call, in *organizations.ListParentsInput) (*organizations.ListParentsOutput, error) {
	o, err := managed(c, c.World())
	if err != nil {
		return nil, err
	}
	u, isUnit := world.Units.Get(o.v, o.management, *in.ChildId)
	m, isAccount := world.Members.Get(o.v, o.management, *in.ChildId)
	parent := u.Parent + m.Parent
	if !isUnit && !isAccount || parent == "" {
		return nil, c.Errorf("ChildNotFoundException", "You specified a child that doesn't exist.")
	}
	kind := types.ParentTypeOrganizationalUnit
	if parent == o.root {
		kind = types.ParentTypeRoot
	}
	return &organizations.ListParentsOutput{Parents: []types.Parent{{Id: &parent, Type: kind}}}, nil
}

func accessListChildren(c *awsapi.Call, in *organizations.ListChildrenInput) ([]awsapi.Check, error) {
	return on(c, nil, in.ParentId)
}

func listChildren(c *awsapi.Call, in *organizations.ListChildrenInput) (*organizations.ListChildrenOutput, error) {
	o, err := managed(c, c.World())
	if err != nil {
		return nil, err
	}
	if _, err := o.parent(*in.ParentId); err != nil {
		return nil, err
	}
	ids := o.accounts(*in.ParentId)
	if in.ChildType == types.ChildTypeOrganizationalUnit {
		ids = o.units(*in.ParentId)
	}
	var list []types.Child
	for _, id := range ids {
		list = append(list, types.Child{Id: aws.String(id), Type: in.ChildType})
	}
	page, next, err := pageOf(c, list, in.NextToken, in.MaxResults)
	return &organizations.ListChildrenOutput{Children: page, NextToken: next}, err
}
