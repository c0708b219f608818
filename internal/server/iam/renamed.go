package iam

import (
	"slices"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/world"
)

// renamed writes another name in the place of a user's or role's ARN into the
// policies that name it as a principal: its new ARN where it is renamed or moved,
// its unique id where it is deleted. AWS keeps the unique id in such policies, so
// whoever is made later with the same name is somebody else ("AWS JSON policy
// elements: Principal", IAM User Guide).
func renamed(ch *world.Change, arn, id string) {
	for account, a := range ch.Estate().Accounts {
		for name, r := range a.Roles {
			if names(&r.Trust, arn) {
				record, _ := world.Roles.Get(ch, account, name)
				if replaced(&record.Trust, "role/"+name+"?trust", arn, id) {
					world.Roles.Put(ch, account, name, record)
				}
			}
		}
		for name, b := range a.Buckets {
			if names(&b.Document, arn) {
				record, _ := world.Buckets.Get(ch, account, name)
				if replaced(&record.Document, world.PolicyFile(name), arn, id) {
					world.Buckets.Put(ch, account, name, record)
				}
			}
		}
		for name, k := range a.Keys {
			if names(&k.Document, arn) || grantsTo(k, arn) {
				record, _ := world.Keys.Get(ch, account, name)
				replaced(&record.Document, "key/"+name+"?policy", arn, id)
				regrant(&record, arn, id)
				world.Keys.Put(ch, account, name, record)
			}
		}
		for name, v := range a.VPCEndpoints {
			if names(&v.Document, arn) {
				record, _ := world.VPCEndpoints.Get(ch, account, name)
				if replaced(&record.Document, "vpc-endpoint/"+name+"?policy", arn, id) {
					world.VPCEndpoints.Put(ch, account, name, record)
				}
			}
		}
		for bucket := range a.Buckets {
			for _, p := range ch.Estate().AccessPointsOf(bucket) {
				if names(&p.Document, arn) {
					name := world.AccessPointName(p.Region, p.Name)
					record, _ := world.AccessPoints.Get(ch, p.Account, name)
					if replaced(&record.Document, "accesspoint/"+p.Name+"?policy", arn, id) {
						world.AccessPoints.Put(ch, p.Account, name, record)
					}
				}
			}
		}
	}
}

func grantsTo(k *estate.Key, arn string) bool {
	return slices.ContainsFunc(k.Grants, func(g *estate.Grant) bool { return g.Grantee == arn })
}

// regrant does for the grants of a key what renamed does for its policy.
func regrant(k *world.Key, arn, id string) {
	for i, g := range k.Grants {
		if g.Grantee == arn {
			changed := *g
			changed.Grantee = id
			k.Grants[i] = &changed
		}
	}
	for name, d := range k.GrantDetails {
		if d.Retiring == arn {
			d.Retiring = id
			k.GrantDetails[name] = d
		}
	}
}

// replaced puts id in the place of arn in a document that names it. The document is not that of a file any more, where it was: file is its new name.
func replaced(d *estate.Document, file, arn, id string) bool {
	if d.Document == nil {
		return false
	}
	printed := estate.InlineDocument(d.Document)
	for _, text := range []string{d.Text(), printed.Text()} { // as written it may be escaped
		made, err := estate.ParseDocument(file, []byte(strings.ReplaceAll(text, `"`+arn+`"`, `"`+id+`"`)))
		if err == nil && !names(&made, arn) {
			*d = made
			return true
		}
	}
	return false
}

// names reports whether a document names a principal.
func names(d *estate.Document, arn string) bool {
	if d.Document == nil {
		return false
	}
	for i := range d.Statements {
		for _, p := range d.Statements[i].Principals {
			if p.Type == "AWS" && p.Text == arn {
				return true
			}
		}
	}
	return false
}
