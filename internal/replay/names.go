package replay

import (
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
)

// names answers what records need to know of an estate.
type names struct {
	e   *estate.Estate
	ids map[string]string // by account and unique id
}

// NamesOf returns what records need to know of an estate's names.
func NamesOf(e *estate.Estate) *names {
	n := &names{e, map[string]string{}}
	for id, a := range e.Accounts {
		for name, u := range a.Users {
			n.ids[string(id)+" "+u.UniqueID(id, name)] = u.ARN(a.Partition(), id, name)
		}
		for name, r := range a.Roles {
			n.ids[string(id)+" "+r.UniqueID(id, name)] = r.ARN(a.Partition(), id, name)
		}
	}
	return n
}

// HasEndpoint implements record.Names.
func (n *names) HasEndpoint(id string) bool {
	_, ok := n.e.VPCEndpoint(id)
	return ok
}

// PrincipalOfID implements record.Names.
func (n *names) PrincipalOfID(account, id string) (string, bool) {
	if id == account && iam.AccountID(id).Valid() {
		return "arn:aws:iam::" + account + ":root", true
	}
	arn, ok := n.ids[account+" "+id]
	return arn, ok
}

// PrincipalOfCanonicalID implements record.Names.
func (n *names) PrincipalOfCanonicalID(id string) (string, bool) {
	a, ok := n.e.AccountOfCanonicalID(id)
	if !ok || strings.TrimSpace(id) == "" {
		return "", false
	}
	return a.RootARN(), true
}
