package query

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/policy"
)

// An effect is a bound on what one difference of two estates can change.
type effect struct {
	principals []string            // names; nil: everybody's
	buckets    []string            // nil: any
	statements []*policy.Statement // that were added or taken away; nil: any action
}

// comparison finds the effects of the differences of two estates. Whatever it
// does not know how to bound counts as affecting everything.
type comparison struct {
	before, after *Engine
	effects       []effect
}

func (c *comparison) add(x effect) { c.effects = append(c.effects, x) }

// changed adds an effect that goes no further than some statements.
func (c *comparison) changed(x effect, statements []*policy.Statement) {
	if len(statements) > 0 {
		x.statements = statements
		c.add(x)
	}
}

// run compares account by account.
func (c *comparison) run() ([]effect, error) {
	before, after := c.before.estate, c.after.estate
	alike := same(before.Organizations, after.Organizations)
	for _, id := range union(before.Accounts, after.Accounts) {
		a, b := before.Accounts[id], after.Accounts[id]
		switch {
		case a == b && alike:
		case a == b:
			return nil, fmt.Errorf("account %s is shared by two estates with different organizations, and can be linked to one of them only", id)
		case a == nil || b == nil:
			return []effect{{}}, nil // who is a stranger and whose key is whose changes with it
		default:
			c.organization(a, b)
			c.account(a, b)
		}
	}
	return c.effects, nil
}

func union[K ~string, V any](a, b map[K]V) []K {
	keys := slices.Collect(maps.Keys(a))
	for k := range b {
		if _, ok := a[k]; !ok {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return keys
}

// organization compares what hangs on the path to an account.
func (c *comparison) organization(a, b *estate.Account) {
	if a.OrganizationID != b.OrganizationID || c.before.estate.OrgPath(a.ID) != c.after.estate.OrgPath(b.ID) || len(a.Path) != len(b.Path) ||
		(a.Organization != nil && a.Organization.ManagementAccount != b.Organization.ManagementAccount) {
		c.add(effect{})
		return
	}
	for i := range a.Path {
		x, y := a.Path[i], b.Path[i]
		if !same(x.Unknown, y.Unknown) || !slices.EqualFunc(x.S3, y.S3, func(p, q *estate.OrgPolicy) bool { return same(p, q) }) {
			c.add(effect{})
			return
		}
		if changed := changedStatements(documents(x.SCPs), documents(y.SCPs)); len(changed) > 0 {
			c.changed(effect{principals: c.of(a.ID)}, changed)
		}
		if changed := changedStatements(documents(x.RCPs), documents(y.RCPs)); len(changed) > 0 {
			c.changed(effect{buckets: bucketsOf(a, b)}, changed)
			if !same(a.Keys, b.Keys) || len(a.Keys) > 0 {
				c.changed(effect{}, ofKMS(changed))
			}
		}
	}
}

func documents(named []policy.Named) []*policy.Document {
	var list []*policy.Document
	for _, n := range named {
		list = append(list, n.Document)
	}
	return list
}

func bucketsOf(accounts ...*estate.Account) []string {
	names := []string{}
	for _, a := range accounts {
		for name := range a.Buckets {
			names = addNew(names, name)
		}
	}
	return names
}

// of lists the principals of an account, in either estate.
func (c *comparison) of(id iam.AccountID) []string {
	names := []string{}
	for _, e := range []*Engine{c.before, c.after} {
		for i := range e.principals {
			if e.principals[i].Account == id {
				names = append(names, e.principals[i].Name)
			}
		}
	}
	return names
}

// account compares two accounts of one id.
func (c *comparison) account(a, b *estate.Account) {
	if a == b {
		return
	}
	if a.Canonical() != b.Canonical() || a.Partition() != b.Partition() || !same(a.Unknown, b.Unknown) || !same(a.VPCEndpoints, b.VPCEndpoints) {
		c.add(effect{})
		return
	}
	if !same(a.PublicAccessBlock, b.PublicAccessBlock) {
		c.add(effect{buckets: append(bucketsOf(a, b), pointedAt(a, b)...)})
	}
	c.identities(a, b)
	for _, name := range union(a.Buckets, b.Buckets) {
		c.bucket(name, a.Buckets[name], b.Buckets[name])
	}
	for _, name := range union(a.AccessPoints, b.AccessPoints) {
		if x, y := a.AccessPoints[name], b.AccessPoints[name]; !same(x, y) {
			c.add(effect{buckets: pointBuckets(x, y)})
		}
	}
	if !same(a.Keys, b.Keys) {
		c.keys(a, b)
	}
}

// pointedAt lists the buckets of other accounts that an account's access points
// lead to.
func pointedAt(accounts ...*estate.Account) []string {
	var names []string
	for _, a := range accounts {
		for _, p := range a.AccessPoints {
			names = addNew(names, p.Bucket)
		}
	}
	return names
}

func pointBuckets(points ...*estate.AccessPoint) []string {
	names := []string{}
	for _, p := range points {
		if p != nil {
			names = addNew(names, p.Bucket)
		}
	}
	return names
}

// bucket compares two buckets of one name. A policy that becomes public, or stops
// being so, changes what all its statements give to those whom
// RestrictPublicBuckets cuts off.
func (c *comparison) bucket(name string, a, b *estate.Bucket) {
	switch {
	case a == b || a != nil && b != nil && same(a, b):
		return
	case a == nil || b == nil || !same(a, b, "Document"):
		c.add(effect{buckets: []string{name}})
		return
	}
	if public(a.Document) != public(b.Document) {
		c.add(effect{buckets: []string{name}, principals: c.outside(b.Account)})
	}
	c.changed(effect{buckets: []string{name}}, changedStatements(one(a.Document), one(b.Document)))
}

// outside lists the principals that are not of an account, in either estate.
func (c *comparison) outside(id iam.AccountID) []string {
	var names []string
	for _, e := range []*Engine{c.before, c.after} {
		for i := range e.principals {
			if p := &e.principals[i]; p.Account != id && p.kind != iam.ServicePrincipal {
				names = append(names, p.Name)
			}
		}
	}
	return names
}

func public(d estate.Document) bool {
	if d.Document == nil {
		return false
	}
	is, _ := policy.Public(d.Document, false)
	return is
}

func one(d estate.Document) []*policy.Document {
	if d.Document == nil {
		return nil
	}
	return []*policy.Document{d.Document}
}

// keys compares KMS keys: they matter to what is encrypted under them, which is
// looked up where it is asked about, so only the actions are bounded here.
func (c *comparison) keys(a, b *estate.Account) {
	var docs [2][]*policy.Document
	for _, id := range union(a.Keys, b.Keys) {
		x, y := a.Keys[id], b.Keys[id]
		if x == nil || y == nil || !same(x, y, "Document") || (x.Document.Document == nil) != (y.Document.Document == nil) {
			c.add(effect{statements: anyKeyStatement})
			return
		}
		if !same(x, y) {
			docs[0], docs[1] = append(docs[0], one(x.Document)...), append(docs[1], one(y.Document)...)
		}
	}
	c.changed(effect{}, changedStatements(docs[0], docs[1]))
}

// ofKMS keeps the statements that may speak of KMS: an RCP reaches the keys of its
// account, under which buckets of others may be encrypted.
func ofKMS(list []*policy.Statement) []*policy.Statement {
	var kept []*policy.Statement
	for _, st := range list {
		if st.Speaks(decrypt) || st.Speaks(generateDataKey) {
			kept = append(kept, st)
		}
	}
	return kept
}

// anyKeyStatement speaks of every action of KMS.
var anyKeyStatement = []*policy.Statement{{Actions: []policy.Value{{Text: "kms:*"}}, Resources: []policy.Value{{Text: "*"}}}}

// identities compares users and roles, by all that stands on their side.
func (c *comparison) identities(a, b *estate.Account) {
	partition := a.Partition()
	shared := sameMap(a.ManagedPolicies, b.ManagedPolicies) && sameMap(a.Groups, b.Groups)
	if shared && sameMap(a.Users, b.Users) && sameMap(a.Roles, b.Roles) {
		return
	}
	for _, name := range union(a.Users, b.Users) {
		x, y := a.Users[name], b.Users[name]
		switch {
		case shared && x == y:
		case x == nil:
			c.add(effect{principals: []string{y.ARN(partition, b.ID, name)}})
		case y == nil:
			c.add(effect{principals: []string{x.ARN(partition, a.ID, name)}})
		case x != y && (x.UniqueID(a.ID, name) != y.UniqueID(b.ID, name) || !same(x, y, "ID", "Inline", "Attached", "Groups", "MFADevices", "AccessKeys")):
			c.add(effect{principals: []string{x.ARN(partition, a.ID, name), y.ARN(partition, b.ID, name)}})
		default:
			c.identity(x.ARN(partition, a.ID, name), iam.User, name, [2]*estate.Account{a, b}, x.Boundary)
		}
	}
	for _, name := range union(a.Roles, b.Roles) {
		x, y := a.Roles[name], b.Roles[name]
		switch {
		case shared && x == y:
		case x == nil:
			c.add(effect{principals: c.sessions(y.ARN(partition, b.ID, name), b.ID, name)})
		case y == nil:
			c.add(effect{principals: c.sessions(x.ARN(partition, a.ID, name), a.ID, name)})
		case x != y && (x.UniqueID(a.ID, name) != y.UniqueID(b.ID, name) || !same(x, y, "ID", "Inline", "Attached", "Trust")):
			c.add(effect{principals: append(c.sessions(x.ARN(partition, a.ID, name), a.ID, name), y.ARN(partition, b.ID, name))})
		default:
			c.identity(x.ARN(partition, a.ID, name), iam.RoleSession, name, [2]*estate.Account{a, b}, x.Boundary)
		}
	}
}

// sameMap tells whether two maps are one.
func sameMap[K comparable, V any](a, b map[K]V) bool {
	return reflect.ValueOf(a).Pointer() == reflect.ValueOf(b).Pointer()
}

// sessions lists a role with its sessions that are asked about.
func (c *comparison) sessions(arn string, id iam.AccountID, role string) []string {
	names := []string{arn}
	for _, e := range []*Engine{c.before, c.after} {
		for i := range e.principals {
			if p := &e.principals[i]; p.Account == id && p.kind == iam.RoleSession && p.entity == role {
				names = addNew(names, p.Name)
			}
		}
	}
	return names
}

// identity compares the policies of one user or role.
func (c *comparison) identity(arn string, kind iam.PrincipalKind, name string, accounts [2]*estate.Account, boundary string) {
	var own [2][]*policy.Document
	known := true
	for i, a := range accounts {
		docs, all := identityOf(a, kind, name)
		own[i], known = docs, known && all
	}
	who := []string{arn}
	if kind == iam.RoleSession {
		who = nil
	}
	named := func() []string {
		if who == nil {
			who = c.sessions(arn, accounts[0].ID, name)
		}
		return who
	}
	if !known {
		c.add(effect{principals: named()})
		return
	}
	if !slices.Equal(own[0], own[1]) {
		if changed := changedStatements(own[0], own[1]); len(changed) > 0 {
			c.changed(effect{principals: named()}, changed)
		}
	}
	if boundary == "" {
		return
	}
	x, errX := accounts[0].Managed(boundary)
	y, errY := accounts[1].Managed(boundary)
	switch {
	case (errX == nil) != (errY == nil):
		c.add(effect{principals: named()})
	case errX == nil && !sameDocument(x.Document, y.Document):
		c.changed(effect{principals: named()}, changedStatements([]*policy.Document{x.Document}, []*policy.Document{y.Document}))
	}
}

// spoken lists the statements of an effect that speak of a unit.
func (x *effect) spoken(u *unit) []*policy.Statement {
	var list []*policy.Statement
	for _, st := range x.statements {
		if slices.ContainsFunc(u.asks, st.Speaks) {
			list = append(list, st)
		}
	}
	return list
}

// naming tells the statements of an effect that may matter to a bucket. One that
// speaks of KMS may matter to any.
func (x *effect) naming(bucketARN string) map[*policy.Statement]bool {
	named := map[*policy.Statement]bool{}
	for _, st := range x.statements {
		named[st] = namesBucket(st, bucketARN) || st.Speaks(decrypt) || st.Speaks(generateDataKey)
	}
	return named
}

var decrypt, generateDataKey = policy.NewAction("kms:Decrypt"), policy.NewAction("kms:GenerateDataKey")

// namesBucket tells whether a statement may be about a bucket, its objects, or an
// access point.
func namesBucket(st *policy.Statement, bucketARN string) bool {
	if st.NotResource || len(st.Resources) == 0 {
		return true
	}
	for _, r := range st.Resources {
		p, err := condition.CompileResource(r.Text, true)
		if err != nil || strings.Contains(r.Text, "accesspoint") {
			return true
		}
		literal := p.Literal()
		if strings.HasPrefix(literal, bucketARN+"/") || p.Match(bucketARN, &condition.Context{}) != condition.False || strings.HasPrefix(bucketARN+"/", literal) && p.Wild() {
			return true
		}
	}
	return false
}
