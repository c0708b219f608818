package world

import (
	"strings"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
)

// A Key is a KMS key.
type Key struct {
	estate.Key
	Description  string                  `json:"description,omitempty"`
	MultiRegion  bool                    `json:"multiRegion,omitempty"`
	Spec         string                  `json:"spec,omitempty"`     // where not SYMMETRIC_DEFAULT
	Usage        string                  `json:"usage,omitempty"`    // where not ENCRYPT_DECRYPT
	Material     []byte                  `json:"material,omitempty"` // sealed: the HMAC key, or the private key as PKCS #8
	Created      time.Time               `json:"created,omitzero"`
	Deletion     time.Time               `json:"deletion,omitzero"`  // when a key that is pending deletion goes
	Rotation     int                     `json:"rotation,omitempty"` // period in days; 0: off
	RotatedSince time.Time               `json:"rotatedSince,omitzero"`
	Rotations    []time.Time             `json:"rotations,omitempty"`    // on demand
	AliasTimes   map[string]AliasTimes   `json:"aliasTimes,omitempty"`   // by alias
	GrantDetails map[string]GrantDetails `json:"grantDetails,omitempty"` // by grant id
}

// AliasTimes are when an alias was made, and got the key that it has.
type AliasTimes struct {
	Created time.Time `json:"created,omitzero"`
	Updated time.Time `json:"updated,omitzero"`
}

// GrantDetails are what a grant has besides what decides.
type GrantDetails struct {
	Name     string    `json:"name,omitempty"`
	Token    string    `json:"token,omitempty"`
	Retiring string    `json:"retiring,omitempty"` // principal
	Issuer   string    `json:"issuer,omitempty"`   // account
	Created  time.Time `json:"created,omitzero"`
}

// Keys are the KMS keys by their names in the estate: a key's id, or the ARN of a
// multi-Region key whose replicas share one id.
var Keys = inAccount("key", func(a *estate.Account) *map[string]*estate.Key { return &a.Keys },
	func(_ iam.AccountID, _ string, k *estate.Key) Key { return Key{Key: *k} },
	func(k *Key) *estate.Key { return &k.Key })

// KeyName is the name of a key's record.
func KeyName(e *estate.Estate, k *estate.Key) string {
	if e.Accounts[k.Account].Keys[k.ID] == k {
		return k.ID
	}
	return k.ARN()
}

// A VPCEndpoint is a VPC endpoint.
type VPCEndpoint struct {
	estate.VPCEndpoint
	Created     time.Time         `json:"created,omitzero"`
	Tags        map[string]string `json:"tags,omitempty"`
	RouteTables []string          `json:"routeTables,omitempty"`
	Subnets     []string          `json:"subnets,omitempty"`
	Groups      []string          `json:"groups,omitempty"` // security groups
	PrivateDNS  bool              `json:"privateDns,omitempty"`
}

// VPCEndpoints are the VPC endpoints by id.
var VPCEndpoints = inAccount("vpc-endpoint", func(a *estate.Account) *map[string]*estate.VPCEndpoint { return &a.VPCEndpoints },
	func(_ iam.AccountID, _ string, v *estate.VPCEndpoint) VPCEndpoint {
		return VPCEndpoint{VPCEndpoint: *v}
	},
	func(v *VPCEndpoint) *estate.VPCEndpoint { return &v.VPCEndpoint })

// An AccessPoint is an access point of a bucket, under the account that owns the
// access point, which need not be the bucket's.
type AccessPoint struct {
	estate.AccessPoint
	Created time.Time `json:"created,omitzero"`
}

// AccessPointName is the name of an access point's record: it is unique in an
// account and Region.
func AccessPointName(region, name string) string { return region + "/" + name }

// AccessPoints are the access points by AccessPointName. A record that is put
// states Bucket, BucketAccount and Region.
var AccessPoints = &Kind[AccessPoint]{
	name: "access-point",
	of: func(e *estate.Estate, account iam.AccountID, name string) (found AccessPoint, ok bool) {
		region, short, _ := strings.Cut(name, "/")
		eachPoint(e, account, func(p *estate.AccessPoint) {
			if p.Name == short && p.Region == region {
				found.AccessPoint, ok = *p, true
			}
		})
		return found, ok
	},
	all: func(e *estate.Estate, account iam.AccountID) (list []string) {
		eachPoint(e, account, func(p *estate.AccessPoint) { list = append(list, AccessPointName(p.Region, p.Name)) })
		return list
	},
	set: func(d *draft, account iam.AccountID, name string, v *AccessPoint) bool {
		removePoint(d, account, name)
		if v == nil {
			return true
		}
		p := &v.AccessPoint
		_, p.Name, _ = strings.Cut(name, "/")
		p.Account = account
		if p.BucketAccount != account && p.BucketAccount != "" {
			put(d, &d.account(account).AccessPoints, p.Name, p)
			return true
		}
		return putPoint(d, account, p.Bucket, p.Name, p)
	},
}

// putPoint puts an access point under a bucket, or removes it (nil).
func putPoint(d *draft, account iam.AccountID, bucket, name string, p *estate.AccessPoint) bool {
	a := d.account(account)
	if a.Buckets[bucket] == nil {
		return false
	}
	b := *a.Buckets[bucket]
	put(d, &b.AccessPoints, name, p)
	put(d, &a.Buckets, bucket, &b)
	return true
}

func eachPoint(e *estate.Estate, account iam.AccountID, visit func(*estate.AccessPoint)) {
	a := e.Accounts[account]
	if a == nil {
		return
	}
	for _, b := range a.Buckets {
		for _, p := range b.AccessPoints {
			visit(p)
		}
	}
	for _, p := range a.AccessPoints {
		visit(p)
	}
}

func removePoint(d *draft, account iam.AccountID, name string) {
	a := d.account(account)
	region, short, _ := strings.Cut(name, "/")
	find := func(m map[string]*estate.AccessPoint) (key string, ok bool) {
		for key, p := range m {
			if p.Name == short && p.Region == region {
				return key, true
			}
		}
		return "", false
	}
	if key, ok := find(a.AccessPoints); ok {
		put(d, &a.AccessPoints, key, nil)
	}
	for bucket, b := range a.Buckets {
		if key, ok := find(b.AccessPoints); ok {
			putPoint(d, account, bucket, key, nil)
		}
	}
}
