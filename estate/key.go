package estate

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/policy"
)

// A KeyRef is what a reference to a KMS key leads to. One of Key, AWSManagedS3,
// Missing, Unknown and Problem is set; Key and AWSManagedS3 may be set together.
type KeyRef struct {
	ARN     string // "" where Problem leaves none; an alias's where the alias is not known
	Account iam.AccountID
	Region  string
	ID      string // key id, "" where only an alias is known

	Key          *Key   // nil where the estate does not hold the key
	AWSManagedS3 bool   // the AWS managed key aws/s3
	Missing      bool   // known not to exist
	Unknown      string // why it is not known whether the key exists
	Problem      string // "bad-id", "bad-arn", "wrong-region": KMS refuses the reference itself
}

// AliasS3 is the alias of the AWS managed key for S3.
const AliasS3 = "alias/aws/s3"

var keyIDSyntax = regexp.MustCompile(`^([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|mrk-[0-9a-fA-F]{32})$`)

// ResolveKey finds the KMS key that a reference means: an ARN of a key or an
// alias, or a bare id or alias, which are looked up in the given account and in
// the region, which is that of the bucket. The empty reference is aws/s3, which
// exists in every account and region. The keys of an account that the estate
// holds are complete unless the account lists them as unknown.
func (e *Estate) ResolveKey(ref string, account iam.AccountID, region string) KeyRef {
	r := KeyRef{Account: account, Region: or(region, DefaultRegion)}
	resource := or(ref, AliasS3)
	if strings.HasPrefix(ref, "arn:") {
		arn, ok := iam.ParseARN(ref)
		kind, name, _ := strings.Cut(arn.Resource, "/")
		if !ok || arn.Service != "kms" || kind != "key" && kind != "alias" || name == "" || !arn.Account.Valid() || PartitionOf(arn.Region) != arn.Partition {
			return KeyRef{ARN: ref, Problem: "bad-arn"}
		}
		r.Account, resource = arn.Account, arn.Resource
		if arn.Region != r.Region {
			r.Problem, r.ARN, r.Region = "wrong-region", ref, arn.Region
			r.ID, _ = strings.CutPrefix(resource, "key/")
			return r
		}
	} else if !strings.HasPrefix(resource, "alias/") {
		resource = "key/" + resource
	}
	r.ARN = keyARN(r.Account, r.Region, resource)
	if strings.HasPrefix(resource, "alias/") {
		return e.resolveAlias(r, resource)
	}
	return e.resolveID(r, resource[len("key/"):])
}

func (e *Estate) resolveAlias(r KeyRef, alias string) KeyRef {
	if k, ok := e.lookups().aliases[keyPlace{r.Account, r.Region, alias}]; ok {
		return r.found(k)
	}
	if alias == AliasS3 {
		return r.managed(managedS3KeyID(r.Account, r.Region))
	}
	r = e.notFound(r)
	if a := e.Accounts[r.Account]; r.Missing {
		for _, k := range sorted(a.Keys) {
			if why, ok := k.Unknown.Why("aliases"); ok && k.Region == r.Region {
				r.Missing, r.Unknown = false, "aliases of key "+k.ID+": "+why
				break
			}
		}
	}
	return r
}

func (e *Estate) resolveID(r KeyRef, id string) KeyRef {
	ix := e.lookups()
	r.ID = id
	if k, ok := ix.keys[keyPlace{r.Account, r.Region, id}]; ok {
		return r.found(k)
	}
	if _, stated := ix.aliases[keyPlace{r.Account, r.Region, AliasS3}]; !stated && id == managedS3KeyID(r.Account, r.Region) {
		return r.managed(id)
	}
	if !keyIDSyntax.MatchString(id) {
		r.ARN, r.Problem = "", "bad-id"
		return r
	}
	return e.notFound(r)
}

func (r KeyRef) found(k *Key) KeyRef {
	r.Key, r.ID, r.ARN = k, k.ID, k.ARN()
	r.AWSManagedS3 = k.isManagedS3()
	return r
}

func (k *Key) isManagedS3() bool { return slices.Contains(k.Aliases, AliasS3) }

func (r KeyRef) managed(id string) KeyRef {
	r.ID, r.ARN, r.AWSManagedS3 = id, keyARN(r.Account, r.Region, "key/"+id), true
	return r
}

func (e *Estate) notFound(r KeyRef) KeyRef {
	a, ok := e.Accounts[r.Account]
	if !ok {
		r.Unknown = "account " + string(r.Account) + " is not in the estate"
		if r.Account == "" {
			r.Unknown = "there is no account to look the key up in"
		}
		return r
	}
	if why, ok := a.Unknown.Why("keys"); ok {
		r.Unknown = why
		return r
	}
	r.Missing = true
	return r
}

// Policy returns the key policy: that of the estate, that of aws/s3, or the
// default key policy. It is nil where the estate does not hold the key, or not
// its policy, which [Key].Unknown then lists.
func (r KeyRef) Policy() *policy.Document {
	switch {
	case r.Key != nil:
		return r.Key.Policy()
	case r.AWSManagedS3:
		return awsManagedKeyPolicy(r.Account, r.Region, true)
	}
	return nil
}

// Policy returns the key policy; where the estate states none, the default one
// of a customer managed key, or for an AWS managed key the one that lets only
// its service use it. It is nil where the policy is unknown.
func (k *Key) Policy() *policy.Document {
	switch {
	case k.Document.Document != nil:
		return k.Document.Document
	case k.Unknown.has("document"):
		return nil
	case k.AWSManaged() || k.isManagedS3():
		return awsManagedKeyPolicy(k.Account, k.RegionOrDefault(), k.isManagedS3())
	}
	return defaultKeyPolicy(PartitionOf(k.Region), k.Account)
}

var keyPolicies sync.Map // text -> *policy.Document

func keyPolicy(text string) *policy.Document {
	if d, ok := keyPolicies.Load(text); ok {
		return d.(*policy.Document)
	}
	d, _ := keyPolicies.LoadOrStore(text, builtIn(text))
	return d.(*policy.Document)
}

// DefaultKeyPolicy returns the policy that KMS gives a key made without one: it
// leaves the key to the IAM policies of the account (AWS KMS Developer Guide,
// "Default key policy").
func DefaultKeyPolicy(account iam.AccountID) *policy.Document {
	return defaultKeyPolicy("aws", account)
}

func defaultKeyPolicy(partition string, account iam.AccountID) *policy.Document {
	return keyPolicy(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", ` + rootPrincipal(partition, account) + `, "Action": "kms:*", "Resource": "*"}]}`)
}

func rootPrincipal(partition string, account iam.AccountID) string {
	return `"Principal": {"AWS": "arn:` + partition + `:iam::` + plain(string(account)) + `:root"}`
}

// plain leaves what account ids and regions are made of, so that nothing else
// gets into the text of a policy.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, s)
}

// awsManagedKeyPolicy is the policy of an AWS managed key: everyone of the
// account, through the service alone, and the account may look at the key. Of
// the keys of other services than S3 the first part, which no S3 request can
// meet, is left out.
func awsManagedKeyPolicy(account iam.AccountID, region string, s3 bool) *policy.Document {
	use := ""
	if s3 {
		use = `{"Effect": "Allow", "Principal": {"AWS": "*"},
   "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*",
   "Condition": {"StringEquals": {"kms:CallerAccount": "` + plain(string(account)) + `", "kms:ViaService": "s3.` + plain(region) + `.amazonaws.com"}}},
  `
	}
	return keyPolicy(`{"Version": "2012-10-17", "Statement": [
  ` + use + `{"Effect": "Allow", ` + rootPrincipal(PartitionOf(region), account) + `,
   "Action": ["kms:Describe*", "kms:Get*", "kms:List*"], "Resource": "*"}]}`)
}
