package organizations

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/world"
)

// A target is where policies hang: the root, a unit or an account.
type target struct {
	id      string
	kind    types.TargetType
	name    string
	unit    *world.Unit
	account *world.Member
}

func (o *org) target(id string) (*target, error) {
	if m, ok := world.Members.Get(o.v, o.management, id); ok {
		a, _ := world.Accounts.Get(o.v, iam.AccountID(id), "")
		return &target{id: id, kind: types.TargetTypeAccount, name: cmp.Or(a.Name, id), account: &m}, nil
	}
	if u, ok := world.Units.Get(o.v, o.management, id); ok {
		t := &target{id: id, kind: types.TargetTypeOrganizationalUnit, name: u.Name, unit: &u}
		if id == o.root {
			t.kind, t.name = types.TargetTypeRoot, "Root"
		}
		return t, nil
	}
	return nil, o.c.Errorf("TargetNotFoundException", "You specified a target that doesn't exist.")
}

// targets are all roots, units and accounts.
func (o *org) targets() []*target {
	var list []*target
	for _, id := range slices.Concat([]string{o.root}, o.units(""), o.accounts("")) {
		if t, err := o.target(id); err == nil {
			list = append(list, t)
		}
	}
	return list
}

func (o *org) targetsOf(p *policy) []*target {
	return slices.DeleteFunc(o.targets(), func(t *target) bool { return !slices.Contains(o.attached(t, p.kind.kind), p.name) })
}

func (t *target) hangs() *world.Attached {
	if t.account != nil {
		return &t.account.Attached
	}
	return &t.unit.Attached
}

// attached are the names of the policies of a kind that hang on a target, those of
// AWS among them. Where the type is not enabled none do.
func (o *org) attached(t *target, kind string) []string {
	if !o.enabled(kind) {
		return nil
	}
	switch a := t.hangs(); kind {
	case "scp":
		if a.SCPs == nil {
			return []string{estate.FullAWSAccess}
		}
		return *a.SCPs
	case "rcp":
		return append([]string{estate.RCPFullAWSAccess}, a.RCPs...)
	default:
		return a.S3
	}
}

// attach makes those policies the ones that hang on a target.
func (o *org) attach(w *world.Change, t *target, kind string, names []string) {
	switch a := t.hangs(); kind {
	case "scp":
		a.SCPs = &names
	case "rcp":
		a.RCPs = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == estate.RCPFullAWSAccess })
	default:
		a.S3 = names
	}
	o.put(w, t)
}

// detachAll leaves what hangs everywhere where a type is not enabled, or has just
// been: FullAWSAccess and RCPFullAWSAccess.
func (o *org) detachAll(w *world.Change, kind string) {
	for _, t := range o.targets() {
		switch a := t.hangs(); kind {
		case "scp":
			a.SCPs = nil
		case "rcp":
			a.RCPs = nil
		default:
			a.S3 = nil
		}
		o.put(w, t)
	}
}

func (o *org) put(w *world.Change, t *target) {
	if t.account != nil {
		world.Members.Put(w, o.management, t.id, *t.account)
		return
	}
	world.Units.Put(w, o.management, t.id, *t.unit)
}

// rename puts a new name in the place of a policy's old one.
func (o *org) rename(w *world.Change, kind, old, name string) {
	for _, t := range o.targets() {
		names := slices.Clone(o.attached(t, kind))
		if i := slices.Index(names, old); i >= 0 {
			names[i] = name
			o.attach(w, t, kind, names)
		}
	}
}
