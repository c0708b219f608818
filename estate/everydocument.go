package estate

import (
	"strings"

	"github.com/why403/why403/policy"
)

// AllDocuments returns every policy document that can take part in a decision: the
// estate's own, in a fixed order, then those of AWS that it names.
func (e *Estate) AllDocuments() []*policy.Document {
	var list []*policy.Document
	add := func(d *policy.Document) {
		if d != nil {
			list = append(list, d)
		}
	}
	for _, org := range sorted(e.Organizations) {
		for _, p := range sorted(org.Policies) {
			add(p.Document.Document)
		}
	}
	for _, a := range sorted(e.Accounts) {
		a.documents(add)
	}
	return list
}

func (a *Account) documents(add func(*policy.Document)) {
	inline := func(docs Documents) {
		for _, d := range docs {
			add(d.Document.Document)
		}
	}
	attached := func(refs ...string) {
		for _, ref := range refs {
			if !strings.HasPrefix(ref, "arn:") {
				continue // a policy of this account, which is added below
			}
			if p, err := a.Managed(ref); err == nil {
				add(p.Document)
			}
		}
	}
	for _, p := range sorted(a.ManagedPolicies) {
		add(p.Document.Document)
	}
	for _, g := range sorted(a.Groups) {
		inline(g.Inline)
		attached(g.Attached...)
	}
	for _, u := range sorted(a.Users) {
		inline(u.Inline)
		attached(append(u.Attached[:len(u.Attached):len(u.Attached)], u.Boundary)...)
	}
	for _, r := range sorted(a.Roles) {
		add(r.Trust.Document)
		inline(r.Inline)
		attached(append(r.Attached[:len(r.Attached):len(r.Attached)], r.Boundary)...)
	}
	for _, k := range sorted(a.Keys) {
		add(k.Policy())
	}
	for _, v := range sorted(a.VPCEndpoints) {
		add(v.Document.Document)
	}
	points := func(list map[string]*AccessPoint) {
		for _, p := range sorted(list) {
			add(p.Document.Document)
		}
	}
	points(a.AccessPoints)
	for _, b := range sorted(a.Buckets) {
		add(b.Document.Document)
		points(b.AccessPoints)
	}
}
