package estate

import (
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/node"
)

// link fills in derived fields and the index, and collects complaints. The
// root, where there is one, is asked for the place of each. What old, where there
// is one, has as well is not checked.
func (e *Estate) link(root *node.Node, old *Estate) error {
	if old == nil {
		old = &Estate{}
	}
	e.index = newIndex()
	l := &linker{e, old, e.index, checker{e: e, root: root}}
	for id, a := range sorted(e.Accounts) {
		l.account(id, a)
	}
	for id, a := range sorted(e.Accounts) {
		l.otherAccessPoints(a, newTrail("accounts", string(id), "accessPoints"))
	}
	for id, org := range sorted(e.Organizations) {
		l.organization(id, org)
	}
	l.check()
	return l.result()
}

type linker struct {
	e, old *Estate
	ix     *index
	checker
}

// settle writes what follows from the structure, but does not write what is there
// already: others may be reading it.
func settle[T comparable](field *T, v T) {
	if *field != v {
		*field = v
	}
}

func (l *linker) account(id iam.AccountID, a *Account) {
	a.ID, a.Organization, a.OrganizationID, a.Path, a.partition = id, nil, "", nil, ""
	at := newTrail("accounts", string(id))
	if !id.Valid() {
		l.keyf(at, "account id %q; an account id has twelve digits", id)
	}
	if other, ok := l.ix.canonical[a.Canonical()]; ok {
		l.errorf(at.to("canonicalId"), "account %s has the same canonical id", other.ID)
	} else {
		l.ix.canonical[a.Canonical()] = a
	}
	for name, b := range sorted(a.Buckets) {
		l.bucket(a, name, b, at.to("buckets", name))
	}
	for id, k := range sorted(a.Keys) {
		l.key(a, id, k, at.to("keys", id))
	}
	for id, v := range sorted(a.VPCEndpoints) {
		settle(&v.ID, id)
		settle(&v.Account, a.ID)
		if other, ok := l.ix.endpoints[id]; ok {
			l.keyf(at.to("vpcEndpoints", id), "VPC endpoint %s stands in account %s already", id, other.Account)
		}
		l.ix.endpoints[id] = v
		a.in(endpointRegion(v.Service))
	}
	l.accessKeys(a, at)
}

// in tells the account's partition by a region of something that it holds.
func (a *Account) in(region string) {
	if a.partition == "" && region != "" {
		a.partition = PartitionOf(region)
	}
}

// endpointRegion takes the region out of com.amazonaws.us-east-1.s3 or
// cn.com.amazonaws.cn-north-1.s3.
func endpointRegion(service string) string {
	_, rest, ok := strings.Cut(service, "com.amazonaws.")
	if !ok {
		return ""
	}
	region, _, _ := strings.Cut(rest, ".")
	return region
}

func (l *linker) bucket(a *Account, name string, b *Bucket, at *trail) {
	settle(&b.Name, name)
	settle(&b.Account, a.ID)
	settle(&b.Region, b.RegionOrDefault())
	a.in(b.Region)
	if other, ok := l.ix.buckets[name]; ok {
		l.keyf(at, "bucket %s stands in account %s already; bucket names are unique", name, other.Account)
	} else {
		l.ix.buckets[name] = b
	}
	for apName, p := range sorted(b.AccessPoints) {
		at := at.to("accessPoints", apName)
		if p.Bucket != "" && p.Bucket != name {
			l.errorf(at.to("bucket"), "bucket %q; this access point stands under bucket %q", p.Bucket, name)
		}
		if p.Region != "" && p.Region != b.Region {
			l.errorf(at.to("region"), "region %q; an access point is in the region of its bucket, %q", p.Region, b.Region)
		}
		if p.BucketAccount != "" && p.BucketAccount != a.ID {
			l.errorf(at.to("bucketAccount"), "account %q; the bucket is of account %q", p.BucketAccount, a.ID)
		}
		settle(&p.Bucket, name)
		settle(&p.BucketAccount, a.ID)
		settle(&p.Region, b.Region)
		l.accessPoint(a, apName, p, at)
	}
}

// otherAccessPoints links the access points of buckets that stand elsewhere, or
// that the estate does not hold; all buckets are known by then.
func (l *linker) otherAccessPoints(a *Account, at *trail) {
	for name, p := range sorted(a.AccessPoints) {
		at := at.to(name)
		b := l.ix.buckets[p.Bucket]
		switch {
		case p.Bucket == "":
			l.errorf(at, "access point %s names no bucket", name)
		case b == nil:
			p.Region = or(p.Region, DefaultRegion)
		case p.Region != "" && p.Region != b.Region:
			l.errorf(at.to("region"), "region %q; an access point is in the region of its bucket, %q", p.Region, b.Region)
		case p.BucketAccount != "" && p.BucketAccount != b.Account:
			l.errorf(at.to("bucketAccount"), "account %q; the bucket is of account %q", p.BucketAccount, b.Account)
		default:
			p.Region, p.BucketAccount = b.Region, b.Account
		}
		l.accessPoint(a, name, p, at)
	}
}

func (l *linker) accessPoint(a *Account, name string, p *AccessPoint, at *trail) {
	settle(&p.Name, name)
	settle(&p.Account, a.ID)
	if p.Alias == "" {
		p.Alias = aliasOf(a.ID, p.Region, name)
	}
	a.in(p.Region)
	place := pointPlace{a.ID, p.Region, name}
	if other, ok := l.ix.points[place]; ok {
		l.keyf(at, "access point %s stands under bucket %s already; its name is unique in account and region", name, other.Bucket)
		return
	}
	if other, ok := l.ix.pointAlias[p.Alias]; ok {
		l.errorf(at.to("alias"), "access point %s has the same alias", other.Name)
	}
	l.ix.points[place] = p
	l.ix.pointAlias[p.Alias] = p
	l.ix.named[name] = append(l.ix.named[name], p)
}

// key links a KMS key. Its name is the key id, or the key's ARN, for a
// multi-Region key whose replicas share one id.
func (l *linker) key(a *Account, name string, k *Key, at *trail) {
	keyID, region := name, k.RegionOrDefault()
	if arn, ok := iam.ParseARN(name); ok {
		id, isKey := strings.CutPrefix(arn.Resource, "key/")
		if arn.Service != "kms" || !isKey || arn.Account != a.ID {
			l.keyf(at, "%q is not the ARN of a KMS key of account %s", name, a.ID)
		}
		if k.Region != "" && k.Region != arn.Region {
			l.errorf(at.to("region"), "region %q; the ARN says %q", k.Region, arn.Region)
		}
		keyID, region = id, arn.Region
	}
	settle(&k.ID, keyID)
	settle(&k.Account, a.ID)
	settle(&k.Region, region)
	a.in(k.Region)
	place := keyPlace{a.ID, k.Region, k.ID}
	if _, ok := l.ix.keys[place]; ok {
		l.keyf(at, "key %s stands here already", k.ID)
	}
	l.ix.keys[place] = k
	for i, alias := range k.Aliases {
		if !strings.HasPrefix(alias, "alias/") {
			l.errorf(at.to("aliases").item(i), "alias %q; write it as \"alias/%[1]s\"", alias)
			continue
		}
		place := keyPlace{a.ID, k.Region, alias}
		if other, ok := l.ix.aliases[place]; ok {
			l.errorf(at.to("aliases").item(i), "%s is an alias of key %s already", alias, other.ID)
			continue
		}
		l.ix.aliases[place] = k
	}
}

func (l *linker) accessKeys(a *Account, at *trail) {
	for name, u := range sorted(a.Users) {
		l.holder(a, u.ARN(a.Partition(), a.ID, name), u.AccessKeys, at.to("users", name, "accessKeys"))
	}
	if a.Root != nil {
		l.holder(a, a.RootARN(), a.Root.AccessKeys, at.to("root", "accessKeys"))
	}
}

func (l *linker) holder(a *Account, principal string, keys map[string]*AccessKey, at *trail) {
	for id, key := range sorted(keys) {
		if other, ok := l.ix.accessKeys[id]; ok {
			l.keyf(at.to(id), "access key %s is held by %s already", id, other.Principal)
			continue
		}
		l.ix.accessKeys[id] = KeyHolder{a, principal, key}
	}
}
