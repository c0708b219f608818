package decide

import (
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
)

// aclGrants tells what bucket and object ACLs give the caller, as if ACLs were
// enabled and no setting ignored them: by a group, and by the caller's account.
// See https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html.
func (e *evaluation) aclGrants(b *Bucket) (group, account condition.Truth) {
	c := e.check
	if c.BucketACL != "" {
		group, account = e.listGrants(&b.ACL, c.BucketACL, b.Account)
		if c.Action.String() != "s3:PutObject" && c.ObjectAction {
			// WRITE on a bucket deletes objects that the caller's account
			// owns; versions only if it owns the bucket, too.
			owns := e.ownsObject()
			group, account = min(group, owns), min(account, owns)
		} else if c.Object != nil && c.Object.Exists == condition.True && !c.Object.DeleteMarker {
			// Overwriting is for the object's owner.
			owns := e.ownsObject()
			group, account = min(group, owns), min(account, owns)
		}
	}
	if c.ObjectACL != "" && c.Object != nil && c.Object.Exists == condition.False && c.List != nil {
		// There is no ACL that could refuse, and whoever may list is told so.
		list := evaluation{facts: e.facts, check: c.List, index: -1 - e.index, trace: e.trace}
		group = max(group, list.run())
	}
	if c.ObjectACL != "" && c.Object != nil && c.Object.Exists != condition.False {
		g, a := e.listGrants(&c.Object.ACL, c.ObjectACL, c.Object.Owner)
		group, account = max(group, g), max(account, a)
	}
	return group, account
}

// ownsObject tells whether the caller's account owns the object; anonymous
// callers own what anonymous callers wrote.
func (e *evaluation) ownsObject() condition.Truth {
	o := e.check.Object
	if o == nil {
		return condition.True
	}
	if len(o.OwnerMissing) > 0 {
		return condition.Unknown
	}
	return condition.Of(o.Owner == e.facts.Caller.Account)
}

func (e *evaluation) listGrants(list *ACL, permission string, owner iam.AccountID) (group, account condition.Truth) {
	c := &e.facts.Caller
	if len(list.Missing) > 0 {
		group, account = condition.Unknown, condition.Unknown
		if c.Account == "" {
			account = condition.False
		}
	}
	for i := range list.Grants {
		g := &list.Grants[i]
		if g.Permission != permission && g.Permission != "FULL_CONTROL" {
			continue
		}
		switch {
		case g.Group == "AllUsers":
			group = condition.True
		case g.Group == "AuthenticatedUsers":
			if c.Kind != iam.Anonymous {
				group = condition.True
			}
		case g.Group == "LogDelivery":
			if c.Kind == iam.ServicePrincipal && c.Name == "logging.s3.amazonaws.com" {
				account = condition.True
			}
		case g.OAI != "":
			if c.Kind == iam.OriginAccessIdentity && c.Name == g.OAI {
				account = condition.True
			}
		case g.Account != "" && g.Account == c.Account:
			account = condition.True
		case g.Canonical && c.Account != "" && c.CanonicalID == "" && c.Kind != iam.OriginAccessIdentity:
			account = max(account, condition.Unknown) // the caller's canonical id is not known
		}
	}
	return group, account
}
