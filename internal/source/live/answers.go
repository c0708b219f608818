package live

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/why403/why403/estate"
)

// acl is an ACL. Every answer names the owner, and each grant to whom it is.
func acl(owner *types.Owner, grants []types.Grant) (*estate.ACL, error) {
	if owner == nil || aws.ToString(owner.ID) == "" {
		return nil, errEmpty
	}
	out := &estate.ACL{Owner: *owner.ID, Grants: []estate.ACLGrant{}}
	for _, g := range grants {
		if g.Grantee == nil || g.Permission == "" {
			return nil, errEmpty
		}
		out.Grants = append(out.Grants, estate.ACLGrant{Permission: string(g.Permission), Grantee: estate.Grantee{
			Type: string(g.Grantee.Type), ID: aws.ToString(g.Grantee.ID), URI: aws.ToString(g.Grantee.URI), Email: aws.ToString(g.Grantee.EmailAddress),
		}})
	}
	return out, nil
}

func encryption(rules []types.ServerSideEncryptionRule) *estate.Encryption {
	e := &estate.Encryption{Algorithm: "AES256", Blocked: &[]string{}}
	for _, r := range rules {
		if d := r.ApplyServerSideEncryptionByDefault; d != nil {
			e.Algorithm, e.Key = string(d.SSEAlgorithm), aws.ToString(d.KMSMasterKeyID)
		}
		e.BucketKey = e.BucketKey || aws.ToBool(r.BucketKeyEnabled)
		if r.BlockedEncryptionTypes != nil {
			for _, t := range r.BlockedEncryptionTypes.EncryptionType {
				if t == types.EncryptionTypeSseC {
					*e.Blocked = append(*e.Blocked, string(t))
				}
			}
		}
	}
	slices.Sort(*e.Blocked)
	return e
}

// tagSet is a set of tags, which an answer holds also where it is empty.
func tagSet(list []types.Tag) (map[string]string, error) {
	if list == nil {
		return nil, errEmpty
	}
	out := map[string]string{}
	for _, t := range list {
		out[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return out, nil
}

// stated complains about a setting that the answer leaves empty.
func stated(value string) error {
	if value == "" {
		return errEmpty
	}
	return nil
}
