package estate

import "github.com/why403/why403/internal/node"

// FileDocuments tells, for every file that the estate's documents are read from
// (relative to the estate's own), where in the estate they stand. A file that
// several documents name changes all of them.
func (e *Estate) FileDocuments() map[string][]node.Pointer {
	files := map[string][]node.Pointer{}
	note := func(d *Document, at ...string) {
		if d.path.IsValid() {
			files[d.File] = append(files[d.File], at)
		}
	}
	for id, org := range sorted(e.Organizations) {
		for name, p := range sorted(org.Policies) {
			note(&p.Document, "organizations", id, "policies", name, "document")
		}
	}
	for id, a := range sorted(e.Accounts) {
		a.fileDocuments(string(id), note)
	}
	return files
}

func (a *Account) fileDocuments(id string, note func(d *Document, at ...string)) {
	inline := func(list Documents, kind, owner string) {
		for i := range list {
			note(&list[i].Document, "accounts", id, kind, owner, "inline", list[i].Name)
		}
	}
	for name, p := range sorted(a.ManagedPolicies) {
		note(&p.Document, "accounts", id, "managedPolicies", name, "document")
	}
	for name, g := range sorted(a.Groups) {
		inline(g.Inline, "groups", name)
	}
	for name, u := range sorted(a.Users) {
		inline(u.Inline, "users", name)
	}
	for name, r := range sorted(a.Roles) {
		note(&r.Trust, "accounts", id, "roles", name, "trust")
		inline(r.Inline, "roles", name)
	}
	for name, p := range sorted(a.AccessPoints) {
		note(&p.Document, "accounts", id, "accessPoints", name, "document")
	}
	for name, k := range sorted(a.Keys) {
		note(&k.Document, "accounts", id, "keys", name, "document")
	}
	for name, v := range sorted(a.VPCEndpoints) {
		note(&v.Document, "accounts", id, "vpcEndpoints", name, "document")
	}
	for name, b := range sorted(a.Buckets) {
		note(&b.Document, "accounts", id, "buckets", name, "document")
		for point, p := range sorted(b.AccessPoints) {
			note(&p.Document, "accounts", id, "buckets", name, "accessPoints", point, "document")
		}
	}
}
