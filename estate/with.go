package estate

import (
	"maps"
	"reflect"
	"slices"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/policy"
)

// A Change is one operation of a JSON Patch (RFC 6902) on the estate's file
// format. A path that leads into a policy document goes on in the document,
// whichever file that stands in.
type Change = node.Change

// With returns an estate in which the changes are made, and which shares all
// else with e; e is not changed. It is linked, but not checked as a file is: the
// caller makes changes that AWS would take.
func (e *Estate) With(changes ...Change) (*Estate, error) {
	out := *e
	out.index = e.lookups()
	for _, c := range changes {
		if err := node.Patch(&out, c); err != nil {
			return nil, err
		}
	}
	return &out, out.relink(e, changes)
}

// relink makes the index and the links of what the changes have touched anew.
func (e *Estate) relink(old *Estate, changes []Change) error {
	ix := *old.lookups()
	e.index = &ix
	organizations := false
	for _, c := range changes {
		switch {
		case len(c.Path) == 3 && c.Path[0] == "accounts" && unlinked[c.Path[2]]:
			e.relinkOne(&ix, iam.AccountID(c.Path[1]), c.Path[2], "")
		case len(c.Path) < 2 || len(c.Path) < 4 && c.Path[0] == "accounts":
			return e.relinkAll()
		case c.Path[0] == "organizations":
			organizations = true
		default:
			e.relinkOne(&ix, iam.AccountID(c.Path[1]), c.Path[2], c.Path[3])
		}
	}
	if organizations {
		return e.relinkOrganizations(&ix)
	}
	return nil
}

// unlinked are the fields of an account that nothing links to.
var unlinked = map[string]bool{"name": true, "publicAccessBlock": true, "managedPolicies": true, "groups": true}

// relinkOne links one thing of an account, whose structures the change has
// copied already.
func (e *Estate) relinkOne(ix *index, id iam.AccountID, field, name string) {
	a := e.Accounts[id]
	a.ID = id
	ix.canonical = maps.Clone(ix.canonical)
	ix.canonical[a.Canonical()] = a
	l := &linker{e: e, old: &Estate{}, ix: ix, checker: checker{e: e}}
	at := newTrail("accounts", string(id), field, name)
	switch field {
	case "buckets":
		if b := a.Buckets[name]; b != nil {
			l.relinkBucket(a, name, b, at)
		}
	case "keys":
		ix.keys, ix.aliases = maps.Clone(ix.keys), maps.Clone(ix.aliases)
		if k := a.Keys[name]; k != nil {
			delete(ix.keys, keyPlace{a.ID, k.RegionOrDefault(), k.ID})
			for _, alias := range k.Aliases {
				delete(ix.aliases, keyPlace{a.ID, k.RegionOrDefault(), alias})
			}
			l.key(a, name, k, at)
		}
	case "vpcEndpoints":
		ix.endpoints = maps.Clone(ix.endpoints)
		if v := a.VPCEndpoints[name]; v != nil {
			v.ID, v.Account = name, a.ID
			ix.endpoints[name] = v
		}
	case "accessPoints":
		if p := a.AccessPoints[name]; p != nil {
			l.relinkPoint(a, name, p, at)
		}
	case "users":
		l.relinkKeys(a, name)
	case "root":
		ix.accessKeys = maps.Clone(ix.accessKeys)
		maps.DeleteFunc(ix.accessKeys, func(_ string, h KeyHolder) bool { return h.Principal == a.RootARN() })
		if a.Root != nil {
			l.holder(a, a.RootARN(), a.Root.AccessKeys, at)
		}
	}
}

func (l *linker) relinkBucket(a *Account, name string, b *Bucket, at *trail) {
	l.ix.buckets = maps.Clone(l.ix.buckets)
	delete(l.ix.buckets, name)
	points := b.AccessPoints
	b.AccessPoints = nil
	l.bucket(a, name, b, at)
	b.AccessPoints = maps.Clone(points)
	for pointName, p := range sorted(points) {
		own := *p
		b.AccessPoints[pointName] = &own
		own.Bucket, own.BucketAccount, own.Region = name, a.ID, b.Region
		l.relinkPoint(a, pointName, &own, at.to("accessPoints", pointName))
	}
}

func (l *linker) relinkPoint(a *Account, name string, p *AccessPoint, at *trail) {
	ix := l.ix
	ix.points, ix.pointAlias, ix.named = maps.Clone(ix.points), maps.Clone(ix.pointAlias), maps.Clone(ix.named)
	if b := ix.buckets[p.Bucket]; b != nil {
		p.Region, p.BucketAccount = b.Region, b.Account
	}
	p.Region = or(p.Region, DefaultRegion)
	delete(ix.points, pointPlace{a.ID, p.Region, name})
	delete(ix.pointAlias, or(p.Alias, aliasOf(a.ID, p.Region, name)))
	ix.named[name] = slices.DeleteFunc(slices.Clone(ix.named[name]), func(o *AccessPoint) bool { return o.Account == a.ID && o.Region == p.Region })
	l.accessPoint(a, name, p, at)
}

// relinkKeys links the access keys of a user anew, where it has any.
func (l *linker) relinkKeys(a *Account, name string) {
	u := a.Users[name]
	if u == nil || len(u.AccessKeys) == 0 {
		return
	}
	l.ix.accessKeys = maps.Clone(l.ix.accessKeys)
	for id := range u.AccessKeys {
		delete(l.ix.accessKeys, id)
	}
	l.holder(a, u.ARN(a.Partition(), a.ID, name), u.AccessKeys, newTrail("accounts", string(a.ID), "users", name))
}

// relinkOrganizations walks all organizations anew. What linking writes is in
// accounts and units, which are copied first.
func (e *Estate) relinkOrganizations(ix *index) error {
	e.Accounts = maps.Clone(e.Accounts)
	ix.canonical, ix.orgPaths = map[string]*Account{}, map[iam.AccountID]string{}
	for id, a := range e.Accounts {
		own := *a
		own.Organization, own.OrganizationID, own.Path = nil, "", nil
		e.Accounts[id] = &own
		ix.canonical[own.Canonical()] = &own
	}
	l := &linker{e: e, old: &Estate{}, ix: ix, checker: checker{e: e}}
	e.Organizations = maps.Clone(e.Organizations)
	for id, org := range sorted(e.Organizations) {
		own := *org
		own.Root = cloneUnit(org.Root)
		e.Organizations[id] = &own
		l.organization(id, &own)
	}
	return l.result()
}

func cloneUnit(u *Unit) *Unit {
	if u == nil {
		return nil
	}
	own := *u
	own.Units = maps.Clone(u.Units)
	for id, child := range own.Units {
		own.Units[id] = cloneUnit(child)
	}
	return &own
}

// relinkAll links the whole estate anew, for changes of whole accounts or of
// what is not named. All that linking writes is copied first.
func (e *Estate) relinkAll() error {
	e.index = nil
	e.Accounts = maps.Clone(e.Accounts)
	for id, a := range e.Accounts {
		own := *a
		own.Buckets, own.AccessPoints, own.Keys, own.VPCEndpoints = maps.Clone(a.Buckets), clones(a.AccessPoints), clones(a.Keys), clones(a.VPCEndpoints)
		for name, b := range own.Buckets {
			b := *b
			b.AccessPoints = clones(b.AccessPoints)
			own.Buckets[name] = &b
		}
		e.Accounts[id] = &own
	}
	e.Organizations = maps.Clone(e.Organizations)
	for id, org := range e.Organizations {
		own := *org
		own.Root = cloneUnit(org.Root)
		e.Organizations[id] = &own
	}
	return e.link(nil, nil)
}

// clones copies a map and its values.
func clones[K comparable, V any](m map[K]*V) map[K]*V {
	c := maps.Clone(m)
	for k, v := range c {
		own := *v
		c[k] = &own
	}
	return c
}

// PatchNode makes a change in a policy document.
func (d *Document) PatchNode(c Change) error {
	n := d.raw
	if d.Document != nil {
		n = d.Document.Written()
	}
	if n == nil {
		n = node.Mapping()
	}
	n, err := n.With(c)
	if err != nil {
		return err
	}
	doc, err := policy.FromNode(n)
	if err != nil {
		return err
	}
	d.Document, d.text = doc, "" // its file stays
	return nil
}

// PatchNode makes a change in inline policies, which a file writes as a mapping.
func (d *Documents) PatchNode(c Change) error {
	own := slices.Clone(*d)
	i := slices.IndexFunc(own, func(n NamedDocument) bool { return n.Name == c.Path[0] })
	if len(c.Path) == 1 && c.Op == node.Remove && i >= 0 {
		*d = slices.Delete(own, i, i+1)
		return nil
	}
	if i < 0 {
		own, i = append(own, NamedDocument{Name: c.Path[0]}), len(own)
	}
	*d = own
	return node.Patch(&own[i].Document, c.Inside())
}

// Empty reports whether an owner of policies (a user, a role, a group, given by
// value) says nothing, so that its file may have null in its place.
func Empty(owner any) bool {
	v := reflect.New(reflect.TypeOf(owner)).Elem()
	v.Set(reflect.ValueOf(owner))
	return encodeValue(v) == nil
}
