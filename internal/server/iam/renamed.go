package iam

import (
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/world"
)

// renamed writes another name in the place of a user's or role's ARN into the
// policies that name it as a principal: its new ARN where it is renamed or moved,
// its unique id where it is deleted. AWS keeps the unique id in such policies, so
// whoever is made later with the same name is somebody else ("AWS JSON policy
// elements: Principal", IAM User Guide).
func renamed(ch *world.Change, arn, id string) {
	var accounts []iam.AccountID
	for account := range ch.Estate().Accounts {
		accounts = append(accounts, account)
	}
	for _, account := range accounts {
		for name, r := range world.Roles.All(ch, account) {
			if replaced(&r.Trust, "role/"+name+"?trust", arn, id) {
				world.Roles.Put(ch, account, name, r)
			}
		}
		for name, b := range world.Buckets.All(ch, account) {
			if replaced(&b.Document, world.PolicyFile(name), arn, id) {
				world.Buckets.Put(ch, account, name, b)
			}
		}
		for name, k := range world.Keys.All(ch, account) {
			if replaced(&k.Document, "key/"+name+"?policy", arn, id) {
				world.Keys.Put(ch, account, name, k)
			}
		}
	}
}

// replaced puts id in the place of arn where a document names it as a principal.
// The document is not that of a file any more, where it was: file is its new name.
func replaced(d *estate.Document, file, arn, id string) bool {
	if d.Document == nil || !names(d, arn) {
		return false
	}
	made, err := estate.ParseDocument(file, []byte(strings.ReplaceAll(d.Text(), `"`+arn+`"`, `"`+id+`"`)))
	if err != nil {
		return false
	}
	*d = made
	return true
}

func names(d *estate.Document, arn string) bool {
	for i := range d.Statements {
		for _, p := range d.Statements[i].Principals {
			if p.Type == "AWS" && p.Text == arn {
				return true
			}
		}
	}
	return false
}
