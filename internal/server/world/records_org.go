package world

import (
	"maps"
	"slices"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
)

// All of an organization is kept under its management account.

// An Organization is an organization, apart from its units, accounts and
// policies. Its root is the unit that has no parent.
type Organization struct {
	Types       []string        `json:"types,omitempty"`       // policy types that are enabled in the root: "scp", "rcp", "s3"
	BillingOnly bool            `json:"billingOnly,omitempty"` // not all features: it has no policies
	Created     time.Time       `json:"created,omitzero"`
	Unknown     estate.Unknowns `json:"unknown,omitempty"`
}

// Organizations are the organizations by id.
var Organizations = &Kind[Organization]{
	name: "organization",
	of: func(e *estate.Estate, management iam.AccountID, name string) (Organization, bool) {
		id, o := organization(e, management)
		if o == nil || id != name {
			return Organization{}, false
		}
		return Organization{Types: typesOf(o), Unknown: o.Unknown}, true
	},
	all: func(e *estate.Estate, management iam.AccountID) []string {
		if id, o := organization(e, management); o != nil {
			return []string{id}
		}
		return nil
	},
	set: func(d *draft, management iam.AccountID, id string, v *Organization) bool {
		switch o := d.estate.Organizations[id]; {
		case v == nil:
			delete(d.estate.Organizations, id)
		case o != nil:
			o.Unknown = v.Unknown
		default:
			if d.estate.Organizations == nil {
				d.estate.Organizations = map[string]*estate.Organization{}
			}
			d.estate.Organizations[id] = &estate.Organization{ManagementAccount: management, Unknown: v.Unknown}
		}
		return true
	},
}

// typesOf are the policy types that an organization of the seed makes use of.
func typesOf(o *estate.Organization) []string {
	types := map[string]bool{"scp": true}
	for _, p := range o.Policies {
		types[p.Type] = true
	}
	return slices.Sorted(maps.Keys(types))
}

// An OrgPolicy is a policy of an organization.
type OrgPolicy struct {
	estate.OrgPolicy
	ID          string            `json:"id,omitempty"` // p-…
	Description string            `json:"description,omitempty"`
	Tags        map[string]string `json:"tags,omitempty"`
}

// OrgPolicies are the policies of an organization by name.
var OrgPolicies = &Kind[OrgPolicy]{
	name: "org-policy",
	of: func(e *estate.Estate, management iam.AccountID, name string) (OrgPolicy, bool) {
		id, o := organization(e, management)
		if o == nil || o.Policies[name] == nil {
			return OrgPolicy{}, false
		}
		return OrgPolicy{OrgPolicy: *o.Policies[name], ID: policyID(id, name)}, true
	},
	all: func(e *estate.Estate, management iam.AccountID) []string {
		if _, o := organization(e, management); o != nil {
			return names(o.Policies)
		}
		return nil
	},
	set: func(d *draft, management iam.AccountID, name string, v *OrgPolicy) bool {
		_, o := organization(d.estate, management)
		if o == nil {
			return v == nil
		}
		var p *estate.OrgPolicy
		if v != nil {
			p = &v.OrgPolicy
		}
		put(d, &o.Policies, name, p)
		return true
	},
}

// Attached are the policies that hang on a root, unit or account, by name.
type Attached struct {
	SCPs *[]string `json:"scps,omitempty"` // nil: FullAWSAccess
	RCPs []string  `json:"rcps,omitempty"`
	S3   []string  `json:"s3,omitempty"`
}

// A Unit is the root of an organization, or an organizational unit.
type Unit struct {
	Attached
	Name    string            `json:"name,omitempty"`
	Parent  string            `json:"parent,omitempty"` // "" for the root
	Tags    map[string]string `json:"tags,omitempty"`
	Unknown estate.Unknowns   `json:"unknown,omitempty"`
}

// Units are the root and the units of an organization by id.
var Units = &Kind[Unit]{
	name: "unit",
	of: func(e *estate.Estate, management iam.AccountID, id string) (found Unit, ok bool) {
		eachUnit(e, management, func(u *estate.Unit, parent string) {
			if u.ID == id {
				found = Unit{Attached: Attached{u.SCPs, u.RCPs, u.S3}, Name: u.Name, Parent: parent, Unknown: u.Unknown}
				ok = true
			}
		})
		return found, ok
	},
	all: func(e *estate.Estate, management iam.AccountID) (list []string) {
		eachUnit(e, management, func(u *estate.Unit, _ string) { list = append(list, u.ID) })
		return list
	},
	set: setUnit,
}

func setUnit(d *draft, management iam.AccountID, id string, v *Unit) bool {
	_, o := organization(d.estate, management)
	if o == nil {
		return v == nil
	}
	var at, above *estate.Unit
	eachUnit(d.estate, management, func(u *estate.Unit, _ string) {
		if u.ID == id {
			at = u
		}
		if v != nil && u.ID == v.Parent || u.Units[id] != nil {
			above = u
		}
	})
	switch {
	case v == nil && above != nil:
		delete(above.Units, id)
		return true
	case v == nil:
		return true
	case at == nil && v.Parent == "":
		at = &estate.Unit{ID: id}
		o.Root = at
	case at == nil && above == nil:
		return false
	case at == nil:
		at = &estate.Unit{ID: id}
		if above.Units == nil {
			above.Units = map[string]*estate.Unit{}
		}
		above.Units[id] = at
	}
	at.Name, at.SCPs, at.RCPs, at.S3, at.Unknown = v.Name, v.SCPs, v.RCPs, v.S3, v.Unknown
	return true
}

// eachUnit visits the root and the units of an organization, parents first.
func eachUnit(e *estate.Estate, management iam.AccountID, visit func(u *estate.Unit, parent string)) {
	_, o := organization(e, management)
	if o == nil || o.Root == nil {
		return
	}
	var down func(u *estate.Unit, parent string)
	down = func(u *estate.Unit, parent string) {
		visit(u, parent)
		for _, child := range u.Units {
			down(child, u.ID)
		}
	}
	down(o.Root, "")
}

// A Member is the place of an account in an organization.
type Member struct {
	Attached
	Parent  string            `json:"parent"` // id of the root or unit
	Method  string            `json:"method,omitempty"`
	Joined  time.Time         `json:"joined,omitzero"`
	Tags    map[string]string `json:"tags,omitempty"`
	Unknown estate.Unknowns   `json:"unknown,omitempty"`
}

// Members are the accounts of an organization by id.
var Members = &Kind[Member]{
	name: "member",
	of: func(e *estate.Estate, management iam.AccountID, id string) (found Member, ok bool) {
		eachUnit(e, management, func(u *estate.Unit, _ string) {
			if at := u.Accounts[iam.AccountID(id)]; at != nil {
				found = Member{Attached: Attached{at.SCPs, at.RCPs, at.S3}, Parent: u.ID, Unknown: at.Unknown}
				ok = true
			}
		})
		return found, ok
	},
	all: func(e *estate.Estate, management iam.AccountID) (list []string) {
		eachUnit(e, management, func(u *estate.Unit, _ string) {
			for id := range u.Accounts {
				list = append(list, string(id))
			}
		})
		return list
	},
	set: func(d *draft, management iam.AccountID, id string, v *Member) bool {
		placed := v == nil
		eachUnit(d.estate, management, func(u *estate.Unit, _ string) {
			delete(u.Accounts, iam.AccountID(id))
			if v == nil || u.ID != v.Parent {
				return
			}
			if u.Accounts == nil {
				u.Accounts = estate.UnitAccounts{}
			}
			u.Accounts[iam.AccountID(id)] = &estate.Attachments{SCPs: v.SCPs, RCPs: v.RCPs, S3: v.S3, Unknown: v.Unknown}
			placed = true
		})
		return placed
	},
}
