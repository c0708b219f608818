package live

import (
	"cmp"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/why403/why403/estate"
)

// grants reads the grants on a key. One that holds what an estate cannot say is left
// out, and the grants are then not fully known.
func (c *collector) grants(client *kms.Client, id string, k *estate.Key) error {
	pages := kms.NewListGrantsPaginator(client, &kms.ListGrantsInput{KeyId: &id})
	for pages.HasMorePages() {
		page, err := pages.NextPage(c.ctx)
		if err != nil {
			k.Grants = nil
			return err
		}
		for _, g := range page.Grants {
			if why := unsayable(&g); why != "" {
				k.Unknown = append(k.Unknown, estate.UnknownItem{What: "grants", Why: fmt.Sprintf("grant %s %s", aws.ToString(g.GrantId), why)})
				continue
			}
			k.Grants = append(k.Grants, grant(&g))
		}
	}
	return nil
}

// unsayable says in which a grant is other than those of an estate, "" for nothing.
// SourceArn limits a grant to calls on behalf of a resource, and so of a service (KMS
// API Reference, GrantConstraints).
func unsayable(g *types.GrantListEntry) string {
	switch {
	case aws.ToString(g.GranteePrincipal) == "" && aws.ToString(g.GranteeServicePrincipal) == "":
		return "names no grantee"
	case g.Constraints != nil && aws.ToString(g.Constraints.SourceArn) != "":
		return "is for calls on behalf of " + *g.Constraints.SourceArn
	}
	return ""
}

func grant(g *types.GrantListEntry) *estate.Grant {
	out := &estate.Grant{ID: aws.ToString(g.GrantId), Grantee: cmp.Or(aws.ToString(g.GranteePrincipal), aws.ToString(g.GranteeServicePrincipal))}
	for _, op := range g.Operations {
		out.Operations = append(out.Operations, string(op))
	}
	if g.Constraints != nil {
		out.Constraints = estate.GrantConstraints{EncryptionContextSubset: g.Constraints.EncryptionContextSubset, EncryptionContextEquals: g.Constraints.EncryptionContextEquals}
	}
	return out
}
