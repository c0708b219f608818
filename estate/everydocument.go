package estate

import (
	"strings"

	"github.com/why403/why403/policy"
)

// AllDocuments returns every policy document that can take part in a decision, in
// no particular order: those that the estate holds, those of AWS that it attaches
// to somebody, and the default policies of keys.
func (e *Estate) AllDocuments() []*policy.Document {
	list := e.PolicyDocuments()
	for _, a := range e.Accounts {
		for _, k := range a.Keys {
			list = append(list, k.Policy())
		}
		for _, ref := range a.attached() {
			if p, err := a.Managed(ref); err == nil && strings.HasPrefix(ref, "arn:") {
				list = append(list, p.Document)
			}
		}
	}
	return list
}

// attached lists what is attached to somebody of the account, boundaries included.
func (a *Account) attached() []string {
	var refs []string
	for _, g := range a.Groups {
		refs = append(refs, g.Attached...)
	}
	for _, u := range a.Users {
		refs = append(append(refs, u.Attached...), u.Boundary)
	}
	for _, r := range a.Roles {
		refs = append(append(refs, r.Attached...), r.Boundary)
	}
	return refs
}
