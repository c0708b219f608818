package live

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/why403/why403/estate"
	whyiam "github.com/why403/why403/iam"
)

// kms reads the keys that buckets, objects and requests use, and no others: KMS'
// quotas are shared with production. What was not asked for is unknown.
func (c *collector) kms() {
	for _, ref := range c.scope.Keys {
		c.keys[ref] = true
	}
	for _, ref := range slices.Sorted(maps.Keys(c.keys)) {
		c.progress("KMS key " + ref)
		c.key(ref)
	}
	c.locked(func() {
		c.account.Unknown = append(c.account.Unknown, estate.UnknownItem{What: "keys", Why: unusedKey})
	})
}

// key reads one key, by its id, ARN or alias, in each Region in which a bucket or a
// request may mean it.
func (c *collector) key(ref string) {
	for _, region := range c.regionsOf(ref) {
		client := kms.NewFromConfig(c.s.in(region))
		out, err := client.DescribeKey(c.ctx, &kms.DescribeKeyInput{KeyId: &ref})
		if err == nil && (out.KeyMetadata == nil || aws.ToString(out.KeyMetadata.KeyId) == "") {
			err = errEmpty
		}
		if err != nil {
			c.unreadKey(ref, region, err)
			continue
		}
		meta := out.KeyMetadata
		k := keyOf(meta, region)
		switch owner := whyiam.AccountID(aws.ToString(meta.AWSAccountId)); owner {
		case c.s.Account:
			c.ownKey(client, *meta.KeyId, ref, k)
		default:
			c.foreignKey(client, meta, k, owner)
		}
	}
}

func (c *collector) regionsOf(ref string) []string {
	if arn, ok := whyiam.ParseARN(ref); ok {
		return []string{arn.Region}
	}
	if slices.Contains(c.scope.Keys, ref) {
		return c.regions()
	}
	found := map[string]bool{}
	for _, b := range c.account.Buckets {
		if b.Encryption != nil && b.Encryption.Key == ref {
			found[b.Region] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// keyOf is what DescribeKey says.
func keyOf(meta *types.KeyMetadata, region string) *estate.Key {
	k := &estate.Key{Region: region, Manager: string(meta.KeyManager), State: string(meta.KeyState)}
	for what, value := range map[string]string{"state": k.State, "manager": k.Manager} {
		if value == "" {
			unread(&k.Unknown, what, "kms:DescribeKey", errEmpty)
		}
	}
	return k
}

func (c *collector) ownKey(client *kms.Client, id, ref string, k *estate.Key) {
	if strings.HasPrefix(ref, "alias/") {
		k.Aliases = []string{ref}
	}
	c.settings(&k.Unknown, []setting{
		{"document", "kms:GetKeyPolicy", "", func() error {
			out, err := client.GetKeyPolicy(c.ctx, &kms.GetKeyPolicyInput{KeyId: &id, PolicyName: aws.String("default")})
			if err == nil {
				k.Document = document("key/"+id, out.Policy, "document", &k.Unknown)
			}
			return err
		}, nil},
		{"aliases", "kms:ListAliases", "", func() error { return c.aliases(client, id, k) }, nil},
		{"grants", "kms:ListGrants", "", func() error { return c.grants(client, id, k) }, nil},
		{"tags", "kms:ListResourceTags", "", func() error { return c.keyTags(client, id, k) }, nil},
	})
	familiar(k, func(k *estate.Key) *estate.Unknowns { return &k.Unknown })
	put(c, c.account, id, k)
}

// put adds a key to an account, under its ARN where a replica of a multi-Region key
// has the id already.
func put(c *collector, a *estate.Account, id string, k *estate.Key) {
	c.locked(func() {
		if other := a.Keys[id]; other != nil && other.Region != k.Region {
			id = "arn:" + estate.PartitionOf(k.Region) + ":kms:" + k.Region + ":" + string(a.ID) + ":key/" + id
		}
		a.Keys[id] = k
	})
}

func (c *collector) aliases(client *kms.Client, id string, k *estate.Key) error {
	pages := kms.NewListAliasesPaginator(client, &kms.ListAliasesInput{KeyId: &id})
	var names []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(c.ctx)
		if err != nil {
			return err
		}
		for _, a := range page.Aliases {
			if aws.ToString(a.TargetKeyId) == id {
				names = append(names, aws.ToString(a.AliasName))
			}
		}
	}
	slices.Sort(names)
	k.Aliases = names
	return nil
}

func (c *collector) keyTags(client *kms.Client, id string, k *estate.Key) error {
	found := map[string]string{}
	pages := kms.NewListResourceTagsPaginator(client, &kms.ListResourceTagsInput{KeyId: &id})
	for pages.HasMorePages() {
		page, err := pages.NextPage(c.ctx)
		if err != nil {
			return err
		}
		for _, t := range page.Tags {
			found[aws.ToString(t.TagKey)] = aws.ToString(t.TagValue)
		}
	}
	k.Tags = found
	return nil
}

// foreignKey notes a key of another account. Its policy can be read there alone, its
// grants from here too, with the key's ARN.
func (c *collector) foreignKey(client *kms.Client, meta *types.KeyMetadata, k *estate.Key, owner whyiam.AccountID) {
	c.settings(&k.Unknown, []setting{{"grants", "kms:ListGrants", "", func() error { return c.grants(client, aws.ToString(meta.Arn), k) }, nil}})
	k.Unknown = append(k.Unknown, estate.UnknownItem{What: "document", Why: foreignPolicy}, estate.UnknownItem{What: "aliases", Why: foreignPolicy}, estate.UnknownItem{What: "tags", Why: foreignPolicy})
	familiar(k, func(k *estate.Key) *estate.Unknowns { return &k.Unknown })
	put(c, c.foreign(owner), *meta.KeyId, k)
}

const foreignPolicy = "the policy, aliases and tags of a key are read in its own account"

// foreign is an account of which something is known from outside.
func (c *collector) foreign(id whyiam.AccountID) *estate.Account {
	var a *estate.Account
	c.locked(func() {
		if a = c.estate.Accounts[id]; a == nil {
			a = &estate.Account{ID: id, Keys: map[string]*estate.Key{}, Unknown: estate.Unknowns{{What: "*", Why: otherAccount}}}
			c.estate.Accounts[id] = a
		}
	})
	return a
}

const otherAccount = "another account, which was not read"

// unreadKey keeps a key that could not be described, all of it unknown, also in an
// account that was not read, so that it can be read there. One that KMS says is not
// there is left out.
func (c *collector) unreadKey(ref, region string, err error) {
	if codeOf(err) == "NotFoundException" {
		return
	}
	id, owner := ref, c.account
	if arn, ok := whyiam.ParseARN(ref); ok {
		id = strings.TrimPrefix(arn.Resource, "key/")
		if arn.Account != c.s.Account {
			owner = c.foreign(arn.Account)
		}
	}
	k := &estate.Key{Region: region}
	if alias, ok := strings.CutPrefix(id, "alias/"); ok {
		id, k.Aliases = alias, []string{id}
	}
	unread(&k.Unknown, "*", "kms:DescribeKey", err)
	put(c, owner, id, k)
}
