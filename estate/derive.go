package estate

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/why403/why403/iam"
)

// What an estate does not state although AWS would have given it at random
// (canonical ids, unique ids, aliases of access points, the id of aws/s3) is
// derived from what it does state, so that it is the same at every run.

func digest(parts ...string) []byte {
	sum := sha256.Sum256([]byte("why403\x00" + strings.Join(parts, "\x00")))
	return sum[:]
}

var base32Letters = base32.StdEncoding.WithPadding(base32.NoPadding)

// CanonicalIDOf returns the canonical user id that an account has where the
// estate does not state one: 64 hexadecimal digits.
func CanonicalIDOf(id iam.AccountID) string {
	return hex.EncodeToString(digest("canonical", string(id)))
}

func uniqueID(prefix string, account iam.AccountID, kind, name string) string {
	return prefix + base32Letters.EncodeToString(digest("unique", string(account), kind, name))[:17]
}

// aliasOf is the alias of an access point, in the form of S3's: at most 20
// characters of the name, 34 more, and "-s3alias".
func aliasOf(account iam.AccountID, region, name string) string {
	random := strings.ToLower(base32Letters.EncodeToString(digest("alias", string(account), region, name)))[:34]
	return strings.TrimRight(name[:min(len(name), 20)], "-") + "-" + random + "-s3alias"
}

// managedS3KeyID is the id of the AWS managed key aws/s3 of an account and
// region.
func managedS3KeyID(account iam.AccountID, region string) string {
	d := digest("aws/s3", string(account), region)
	d[6], d[8] = d[6]&0x0f|0x40, d[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", d[0:4], d[4:6], d[6:8], d[8:10], d[10:16])
}

// DefaultRegion is the region of what states none.
const DefaultRegion = "us-east-1"

// PartitionOf returns the partition that a region belongs to: "aws", "aws-cn",
// "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f" or "aws-eusc".
func PartitionOf(region string) string {
	for _, p := range [...][2]string{
		{"cn-", "aws-cn"}, {"us-gov-", "aws-us-gov"}, {"us-iso-", "aws-iso"}, {"us-isob-", "aws-iso-b"},
		{"eu-isoe-", "aws-iso-e"}, {"us-isof-", "aws-iso-f"}, {"eusc-", "aws-eusc"},
	} {
		if strings.HasPrefix(region, p[0]) {
			return p[1]
		}
	}
	return "aws"
}

// Canonical returns the account's canonical user id, stated or derived.
func (a *Account) Canonical() string {
	if a.CanonicalID != "" {
		return a.CanonicalID
	}
	return CanonicalIDOf(a.ID)
}

// Partition returns the partition of the account, told by the regions of what
// it holds; "aws" where it holds nothing that has a region.
func (a *Account) Partition() string {
	if a.partition == "" {
		return "aws"
	}
	return a.partition
}

// RootARN returns the ARN of the account's root user.
func (a *Account) RootARN() string { return "arn:" + a.Partition() + ":iam::" + string(a.ID) + ":root" }

// ARN returns the user's ARN.
func (u *User) ARN(partition string, account iam.AccountID, name string) string {
	return iamARN(partition, account, "user", u.Path, name)
}

// UniqueID returns the user's AIDA… id, stated or derived.
func (u *User) UniqueID(account iam.AccountID, name string) string {
	if u.ID != "" {
		return u.ID
	}
	return uniqueID("AIDA", account, "user", name)
}

// ARN returns the role's ARN.
func (r *Role) ARN(partition string, account iam.AccountID, name string) string {
	return iamARN(partition, account, "role", r.Path, name)
}

// UniqueID returns the role's AROA… id, stated or derived.
func (r *Role) UniqueID(account iam.AccountID, name string) string {
	if r.ID != "" {
		return r.ID
	}
	return uniqueID("AROA", account, "role", name)
}

// ARN returns the group's ARN.
func (g *Group) ARN(partition string, account iam.AccountID, name string) string {
	return iamARN(partition, account, "group", g.Path, name)
}

// UniqueID returns the AGPA… id of the group of that name, for which an estate
// has no field.
func (g *Group) UniqueID(account iam.AccountID, name string) string {
	return uniqueID("AGPA", account, "group", name)
}

// UniqueID returns the ANPA… id of the managed policy of that name, for which an
// estate has no field.
func (p *ManagedPolicy) UniqueID(account iam.AccountID, name string) string {
	return uniqueID("ANPA", account, "policy", name)
}

// ARN returns the managed policy's ARN.
func (p *ManagedPolicy) ARN(partition string, account iam.AccountID, name string) string {
	return iamARN(partition, account, "policy", p.Path, name)
}

func iamARN(partition string, account iam.AccountID, kind, path, name string) string {
	if path == "" {
		path = "/"
	}
	return "arn:" + partition + ":iam::" + string(account) + ":" + kind + path + name
}

// ARN returns the access point's ARN.
func (p *AccessPoint) ARN(partition string) string {
	return "arn:" + partition + ":s3:" + p.Region + ":" + string(p.Account) + ":accesspoint/" + p.Name
}

// ARN returns the key's ARN.
func (k *Key) ARN() string { return keyARN(k.Account, k.RegionOrDefault(), "key/"+k.ID) }

func keyARN(account iam.AccountID, region, resource string) string {
	return "arn:" + PartitionOf(region) + ":kms:" + region + ":" + string(account) + ":" + resource
}
