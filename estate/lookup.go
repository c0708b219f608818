package estate

import (
	"slices"
	"strings"

	"github.com/why403/why403/iam"
)

// Account returns an account that the estate holds.
func (e *Estate) Account(id iam.AccountID) (*Account, bool) {
	a, ok := e.Accounts[id]
	return a, ok
}

// Bucket returns a bucket by its name, whichever account holds it.
func (e *Estate) Bucket(name string) (*Bucket, bool) {
	b, ok := e.lookups().buckets[name]
	return b, ok
}

// A KeyHolder is who holds a long-term access key.
type KeyHolder struct {
	Account   *Account
	Principal string // ARN of the user or of the account's root user
	Key       *AccessKey
}

// AccessKey returns the holder of a long-term access key.
func (e *Estate) AccessKey(id string) (KeyHolder, bool) {
	h, ok := e.lookups().accessKeys[id]
	return h, ok
}

// VPCEndpoint returns a VPC endpoint by its id.
func (e *Estate) VPCEndpoint(id string) (*VPCEndpoint, bool) {
	v, ok := e.lookups().endpoints[id]
	return v, ok
}

// VPCEndpoints returns all VPC endpoints, sorted by id.
func (e *Estate) VPCEndpoints() []*VPCEndpoint {
	list := make([]*VPCEndpoint, 0, len(e.lookups().endpoints))
	for _, v := range sorted(e.lookups().endpoints) {
		list = append(list, v)
	}
	return list
}

// AccountOfCanonicalID returns the account that has a canonical user id, stated
// or derived. Not ok means a stranger.
func (e *Estate) AccountOfCanonicalID(id string) (*Account, bool) {
	a, ok := e.lookups().canonical[id]
	return a, ok
}

// AccessPoint returns an access point by its ARN, its alias or its name. Names
// are looked up in the preferred accounts, in their order; without any, a name
// that only one access point of the estate has is enough. Where one account has
// access points of the name in several regions, the first region in
// alphabetical order is taken; its ARN says which.
func (e *Estate) AccessPoint(ref string, prefer ...iam.AccountID) (*AccessPoint, bool) {
	ix := e.lookups()
	if arn, ok := iam.ParseARN(ref); ok {
		name, isPoint := strings.CutPrefix(arn.Resource, "accesspoint/")
		if !isPoint || arn.Service != "s3" {
			return nil, false
		}
		p, ok := ix.points[pointPlace{arn.Account, arn.Region, name}]
		return p, ok && PartitionOf(arn.Region) == arn.Partition
	}
	if p, ok := ix.pointAlias[ref]; ok {
		return p, true
	}
	named := ix.named[ref]
	if len(prefer) == 0 && len(named) == 1 {
		return named[0], true
	}
	for _, account := range prefer {
		var found *AccessPoint
		for _, p := range named {
			if p.Account == account && (found == nil || p.Region < found.Region) {
				found = p
			}
		}
		if found != nil {
			return found, true
		}
	}
	return nil, false
}

// AccessPointsOf returns the access points of a bucket in whichever account,
// sorted by account and name.
func (e *Estate) AccessPointsOf(bucket string) []*AccessPoint {
	var list []*AccessPoint
	for _, p := range e.lookups().points {
		if p.Bucket == bucket {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b *AccessPoint) int {
		return strings.Compare(string(a.Account)+a.Name, string(b.Account)+b.Name)
	})
	return list
}

// UserByARN returns the user of an ARN, with its name. The path must be right.
func (a *Account) UserByARN(arn string) (*User, string, bool) {
	name := arn[strings.LastIndexByte(arn, '/')+1:]
	u, ok := a.Users[name]
	return u, name, ok && u.ARN(a.Partition(), a.ID, name) == arn
}

// RoleByARN returns the role of an ARN, with its name. The path must be right.
func (a *Account) RoleByARN(arn string) (*Role, string, bool) {
	name := arn[strings.LastIndexByte(arn, '/')+1:]
	r, ok := a.Roles[name]
	return r, name, ok && r.ARN(a.Partition(), a.ID, name) == arn
}
