package world

import (
	"maps"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
)

// withBuckets returns an estate in which the named buckets are those given (nil:
// there is none of that name), and which shares with e whatever linking an
// estate does not write. e is not changed.
func withBuckets(e *estate.Estate, changes map[string]*estate.Bucket) *estate.Estate {
	c := *e
	c.Organizations = cloneEach(e.Organizations, cloneOrganization)
	c.Accounts = cloneEach(e.Accounts, cloneAccount)
	if c.Accounts == nil {
		c.Accounts = map[iam.AccountID]*estate.Account{}
	}
	for _, a := range c.Accounts {
		for name := range changes {
			delete(a.Buckets, name)
		}
	}
	for name, b := range changes {
		if b != nil {
			put(&c, name, cloneBucket(b))
		}
	}
	// The error would speak of the seed, which was accepted.
	_ = c.Link()
	return &c
}

func put(e *estate.Estate, name string, b *estate.Bucket) {
	a := e.Accounts[b.Account]
	if a == nil {
		a = &estate.Account{ID: b.Account}
		e.Accounts[b.Account] = a
	}
	if a.Buckets == nil {
		a.Buckets = map[string]*estate.Bucket{}
	}
	a.Buckets[name] = b
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
	c.Buckets = cloneEach(a.Buckets, cloneBucket)
	c.AccessPoints = cloneEach(a.AccessPoints, plain)
	c.Keys = cloneEach(a.Keys, plain)
	c.VPCEndpoints = cloneEach(a.VPCEndpoints, plain)
	return &c
}

func cloneBucket(b *estate.Bucket) *estate.Bucket {
	c := *b
	c.AccessPoints = cloneEach(b.AccessPoints, plain)
	return &c
}

func cloneOrganization(o *estate.Organization) *estate.Organization {
	c := *o
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
