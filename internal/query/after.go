package query

import (
	"maps"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
)

// After makes a changed copy of the engine's estate ready. What the copy shares
// with it, map by map and pointer by pointer, is not read again; where the two
// have other organizations or accounts it is New. It may ask about principals and
// leave open keys that no policy of the copy names any more, which changes no
// answer.
func (e *Engine) After(copied *estate.Estate) *Engine {
	changed := &estate.Estate{Accounts: map[iam.AccountID]*estate.Account{}}
	for _, id := range union(e.estate.Accounts, copied.Accounts) {
		a, b := e.estate.Accounts[id], copied.Accounts[id]
		if a == nil || b == nil {
			return New(copied, e.now)
		}
		changed.Accounts[id] = unshared(a, b)
	}
	if !same(e.estate.Organizations, copied.Organizations) {
		return New(copied, e.now)
	}
	return ready(copied, e.now, e.mentions.with(mentionsOf(changed)), e)
}

// unshared is an account with what only the second of two holds.
func unshared(a, b *estate.Account) *estate.Account {
	return &estate.Account{
		ManagedPolicies: news(a.ManagedPolicies, b.ManagedPolicies), Groups: news(a.Groups, b.Groups), Users: news(a.Users, b.Users), Roles: news(a.Roles, b.Roles),
		AccessPoints: news(a.AccessPoints, b.AccessPoints), Keys: news(a.Keys, b.Keys), VPCEndpoints: news(a.VPCEndpoints, b.VPCEndpoints), Buckets: news(a.Buckets, b.Buckets),
	}
}

// news returns the entries of the second map that the first has not.
func news[V comparable](a, b map[string]V) map[string]V {
	out := map[string]V{}
	if sameMap(a, b) {
		return out
	}
	for k, v := range b {
		if a[k] != v {
			out[k] = v
		}
	}
	return out
}

// with is what two sets of policies name.
func (m *mentions) with(o *mentions) *mentions {
	return &mentions{
		principals: both(m.principals, o.principals), entities: both(m.entities, o.entities), ids: both(m.ids, o.ids), accounts: both(m.accounts, o.accounts),
		canonical: both(m.canonical, o.canonical), userids: both(m.userids, o.userids), keys: both(m.keys, o.keys), tags: m.tags || o.tags,
		arns: append(m.arns[:len(m.arns):len(m.arns)], o.arns...), objects: append(m.objects[:len(m.objects):len(m.objects)], o.objects...),
	}
}

func both[K comparable](a, b map[K]bool) map[K]bool {
	if len(b) == 0 {
		return a
	}
	c := maps.Clone(a)
	maps.Copy(c, b)
	return c
}
