package query

import (
	"maps"
	"slices"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/policy"
)

// ownPolicies are the identity-based policies of a user or role.
type ownPolicies struct {
	docs  []int32 // indexes in Engine.policies
	known bool    // none could not be read
}

// readOwn reads the identity-based policies of every user and role once. Those of
// accounts that a base shares are taken from there.
func (e *Engine) readOwn(base *Engine) {
	e.ofAccount, e.onBucket = map[iam.AccountID][]int{}, map[string][]int32{}
	ids := map[*policy.Document]int32{}
	shared := map[iam.AccountID]bool{}
	if base != nil {
		e.policies, e.onBucket, e.onAny = slices.Clone(base.policies), maps.Clone(base.onBucket), slices.Clip(base.onAny)
		for id, d := range base.policies {
			ids[d] = int32(id)
		}
		for id, a := range e.estate.Accounts {
			shared[id] = sameIdentities(a, base.estate.Accounts[id])
		}
	}
	indexed := len(e.policies)
	for i := range e.principals {
		p := &e.principals[i]
		if p.kind != iam.User && p.kind != iam.RoleSession {
			e.others = append(e.others, i)
			continue
		}
		own := e.readOne(p, base, shared[p.Account], ids)
		e.ofAccount[p.Account] = append(e.ofAccount[p.Account], i)
		if !own.known || p.Outside {
			e.others = append(e.others, i)
		}
		e.owns[p.Name] = len(e.owned)
		e.owned = append(e.owned, own)
		p.own = len(e.owned)
		if n := len(e.policies) - len(e.holders); n > 0 {
			e.holders = append(e.holders, make([][]int, n)...)
		}
		for _, id := range own.docs {
			e.holders[id] = append(e.holders[id], i)
		}
	}
	e.indexBuckets(indexed)
}

// readOne reads the policies of one user or role, or takes them from the base.
func (e *Engine) readOne(p *Principal, base *Engine, shared bool, ids map[*policy.Document]int32) ownPolicies {
	if shared {
		if i, ok := base.owns[p.Name]; ok {
			return base.owned[i]
		}
	}
	docs, known := e.identity(p)
	own := ownPolicies{docs: make([]int32, len(docs)), known: known}
	for j, d := range docs {
		id, ok := ids[d]
		if !ok {
			id = int32(len(e.policies))
			ids[d] = id
			e.policies = append(e.policies, d)
		}
		own.docs[j] = id
	}
	return own
}

// sameIdentities tells whether two accounts share all that identity-based
// policies stand in.
func sameIdentities(a, b *estate.Account) bool {
	return b != nil && sameMap(a.Users, b.Users) && sameMap(a.Roles, b.Roles) && sameMap(a.Groups, b.Groups) && sameMap(a.ManagedPolicies, b.ManagedPolicies)
}

// indexBuckets notes which policies, from one on, may allow something on which
// bucket.
func (e *Engine) indexBuckets(from int) {
	for id := from; id < len(e.policies); id++ {
		buckets, others := e.policies[id].AllowsOn()
		if others {
			e.onAny = append(e.onAny, int32(id))
			continue
		}
		for _, b := range buckets {
			if list := e.onBucket[b]; len(list) == 0 || list[len(list)-1] != int32(id) {
				e.onBucket[b] = append(slices.Clip(list), int32(id))
			}
		}
	}
}

var unknownOwn ownPolicies

// own returns the identity-based policies of a user or role.
func (e *Engine) own(p *Principal) *ownPolicies {
	if p.own > 0 && p.own <= len(e.owned) && p.engine == e {
		return &e.owned[p.own-1]
	}
	if i, ok := e.owns[p.Name]; ok {
		return &e.owned[i]
	}
	return &unknownOwn
}

// identity gathers the identity-based policies of a user or role; known is false
// where some could not be read, or where the estate does not hold it.
func (e *Engine) identity(p *Principal) (docs []*policy.Document, known bool) {
	a, ok := e.estate.Account(p.Account)
	if !ok {
		return nil, false
	}
	return identityOf(a, p.kind, p.entity)
}

func identityOf(a *estate.Account, kind iam.PrincipalKind, name string) (docs []*policy.Document, known bool) {
	g := identityReader{account: a, known: true}
	if kind == iam.User {
		g.user(a.Users[name])
	} else {
		g.role(a.Roles[name])
	}
	return g.docs, g.known
}

type identityReader struct {
	account *estate.Account
	docs    []*policy.Document
	known   bool
}

func (g *identityReader) user(u *estate.User) {
	if g.known = u != nil && len(u.Unknown) == 0; !g.known {
		return
	}
	g.add(u.Inline, u.Attached)
	for _, name := range u.Groups {
		group := g.account.Groups[name]
		if group == nil || len(group.Unknown) > 0 {
			g.known = false
			return
		}
		g.add(group.Inline, group.Attached)
	}
}

func (g *identityReader) role(r *estate.Role) {
	if g.known = r != nil && len(r.Unknown) == 0; g.known {
		g.add(r.Inline, r.Attached)
	}
}

func (g *identityReader) add(inline estate.Documents, attached []string) {
	for i := range inline {
		if d := inline[i].Document.Document; d != nil {
			g.docs = append(g.docs, d)
		}
	}
	for _, ref := range attached {
		named, err := g.account.Managed(ref)
		if err != nil {
			g.known = false
			return
		}
		g.docs = append(g.docs, named.Document)
	}
}
