package world

import (
	"maps"
	"slices"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
)

// A draft is an estate that is being changed. It shares with the estate that it
// was made of whatever nobody has changed yet; that one does not change.
type draft struct {
	estate, old *estate.Estate
	owned       map[any]bool // pointers to the maps that are not shared
}

func newDraft(e *estate.Estate) *draft {
	c := *e
	c.Organizations = cloneEach(e.Organizations, cloneOrganization)
	c.Accounts = cloneEach(e.Accounts, cloneAccount)
	if c.Accounts == nil {
		c.Accounts = map[iam.AccountID]*estate.Account{}
	}
	return &draft{&c, e, map[any]bool{}}
}

func (d *draft) link() error { return d.estate.LinkAfter(d.old) }

// account returns an account for writing, and makes it where there is none.
func (d *draft) account(id iam.AccountID) *estate.Account {
	a := d.estate.Accounts[id]
	if a == nil {
		a = &estate.Account{ID: id}
		d.estate.Accounts[id] = a
	}
	return a
}

// put puts a thing into a map of the draft, or removes it (nil).
func put[V any](d *draft, m *map[string]*V, name string, v *V) {
	if !d.owned[m] {
		*m, d.owned[m] = maps.Clone(*m), true
	}
	switch {
	case v == nil:
		delete(*m, name)
	case *m == nil:
		*m = map[string]*V{name: v}
	default:
		(*m)[name] = v
	}
}

// organization returns the organization that an account manages, with its id.
func organization(e *estate.Estate, management iam.AccountID) (string, *estate.Organization) {
	for id, o := range e.Organizations {
		if o.ManagementAccount == management {
			return id, o
		}
	}
	return "", nil
}

// cloneEach copies a map and each of its values.
func cloneEach[K comparable, V any](m map[K]*V, clone func(*V) *V) map[K]*V {
	c := maps.Clone(m)
	for k, v := range c {
		if v != nil {
			c[k] = clone(v)
		}
	}
	return c
}

func plain[V any](v *V) *V { c := *v; return &c }

func cloneAccount(a *estate.Account) *estate.Account {
	c := *a
	c.AccessPoints = cloneEach(a.AccessPoints, plain)
	return &c
}

func cloneOrganization(o *estate.Organization) *estate.Organization {
	c := *o
	c.Policies = maps.Clone(o.Policies)
	if o.Root != nil {
		c.Root = cloneUnit(o.Root)
	}
	return &c
}

func cloneUnit(u *estate.Unit) *estate.Unit {
	c := *u
	c.Accounts = cloneEach(u.Accounts, plain)
	c.Units = cloneEach(u.Units, cloneUnit)
	return &c
}

// names are the keys of a map of the estate, whose nil values are nothing.
func names[V any](m map[string]*V) []string { return slices.Collect(maps.Keys(m)) }
