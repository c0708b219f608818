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

// kms reads the keys that buckets and objects use, and no others: KMS' quotas are
// shared with production. What was not asked for is unknown.
func (c *collector) kms() {
	for _, ref := range slices.Sorted(maps.Keys(c.keys)) {
		c.progress("KMS key " + ref)
		c.key(ref)
	}
	c.account.Unknown = append(c.account.Unknown, estate.UnknownItem{What: "keys", Why: unusedKey})
}

// key reads one key, by its id, ARN or alias, in each Region in which a bucket
// names it.
func (c *collector) key(ref string) {
	for _, region := range c.regionsOf(ref) {
		client := kms.NewFromConfig(c.s.in(region))
		out, err := client.DescribeKey(c.ctx, &kms.DescribeKeyInput{KeyId: &ref})
		if err != nil {
			c.unreadKey(ref, region, err)
			continue
		}
		meta := out.KeyMetadata
		if !c.own(aws.ToString(meta.AWSAccountId)) {
			c.foreignKey(meta, region)
			continue
		}
		c.ownKey(client, meta, region, ref)
	}
}

func (c *collector) regionsOf(ref string) []string {
	if arn, ok := whyiam.ParseARN(ref); ok {
		return []string{arn.Region}
	}
	found := map[string]bool{}
	for _, b := range c.account.Buckets {
		if b.Encryption != nil && b.Encryption.Key == ref {
			found[b.Region] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func (c *collector) ownKey(client *kms.Client, meta *types.KeyMetadata, region, ref string) {
	id := aws.ToString(meta.KeyId)
	k := &estate.Key{Region: region, Manager: string(meta.KeyManager), State: string(meta.KeyState)}
	if strings.HasPrefix(ref, "alias/") {
		k.Aliases = []string{ref}
	}
	c.settings(&k.Unknown, []setting{
		{"document", "kms:GetKeyPolicy", "", func() error {
			out, err := client.GetKeyPolicy(c.ctx, &kms.GetKeyPolicyInput{KeyId: &id, PolicyName: aws.String("default")})
			if err == nil {
				k.Document = c.document("key/"+id, out.Policy, "document", &k.Unknown)
			}
			return err
		}, nil},
		{"aliases", "kms:ListAliases", "", func() error { return c.aliases(client, id, k) }, nil},
		{"grants", "kms:ListGrants", "", func() error { return c.grants(client, id, k) }, nil},
		{"tags", "kms:ListResourceTags", "", func() error {
			out, err := client.ListResourceTags(c.ctx, &kms.ListResourceTagsInput{KeyId: &id})
			if err == nil && len(out.Tags) > 0 {
				k.Tags = map[string]string{}
				for _, t := range out.Tags {
					k.Tags[aws.ToString(t.TagKey)] = aws.ToString(t.TagValue)
				}
			}
			return err
		}, nil},
	})
	c.account.Keys[id] = k
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

func (c *collector) grants(client *kms.Client, id string, k *estate.Key) error {
	pages := kms.NewListGrantsPaginator(client, &kms.ListGrantsInput{KeyId: &id})
	for pages.HasMorePages() {
		page, err := pages.NextPage(c.ctx)
		if err != nil {
			return err
		}
		for _, g := range page.Grants {
			out := &estate.Grant{ID: aws.ToString(g.GrantId), Grantee: aws.ToString(g.GranteePrincipal)}
			for _, op := range g.Operations {
				out.Operations = append(out.Operations, string(op))
			}
			if g.Constraints != nil {
				out.Constraints = estate.GrantConstraints{EncryptionContextSubset: g.Constraints.EncryptionContextSubset, EncryptionContextEquals: g.Constraints.EncryptionContextEquals}
			}
			k.Grants = append(k.Grants, out)
		}
	}
	return nil
}

// foreignKey notes a key of another account: its policy can be read there alone.
func (c *collector) foreignKey(meta *types.KeyMetadata, region string) {
	id := whyiam.AccountID(aws.ToString(meta.AWSAccountId))
	a := c.estate.Accounts[id]
	if a == nil {
		a = &estate.Account{ID: id, Keys: map[string]*estate.Key{}, Unknown: estate.Unknowns{{What: "*", Why: "another account, which was not read"}}}
		c.estate.Accounts[id] = a
	}
	a.Keys[aws.ToString(meta.KeyId)] = &estate.Key{Region: region, Manager: string(meta.KeyManager), State: string(meta.KeyState),
		Unknown: estate.Unknowns{{What: "document", Why: "a key policy is read in the key's own account"}, {What: "grants", Why: "not read across accounts"}}}
}

// unreadKey keeps a key that could not be described, all of it unknown. One that
// KMS says is not there is left out.
func (c *collector) unreadKey(ref, region string, err error) {
	if codeOf(err) == "NotFoundException" {
		return
	}
	id := strings.TrimPrefix(ref, "alias/")
	owner := c.account
	if arn, ok := whyiam.ParseARN(ref); ok {
		id = strings.TrimPrefix(arn.Resource, "key/")
		if arn.Account != c.s.Account {
			return // an account that the estate does not hold is not known anyway
		}
	}
	k := &estate.Key{Region: region}
	if strings.HasPrefix(ref, "alias/") {
		k.Aliases = []string{ref}
	}
	unread(&k.Unknown, "*", "kms:DescribeKey", err)
	owner.Keys[id] = k
}
