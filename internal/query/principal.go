package query

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
)

// A Principal is somebody to ask about.
type Principal struct {
	Name    string        // the ARN, a service's host name, "anonymous", or OtherAccounts
	Kind    string        // "user", "role", … in words
	Account iam.AccountID // "" for those that belong to none

	// Outside tells principals whose account the estate does not hold: what
	// their own side allows is not known, except of OtherAccounts, who are taken
	// to be allowed everything by it.
	Outside bool

	request string // as requests name it: of a role, a session that no policy names
	kind    iam.PrincipalKind
	entity  string // the user's or role's name

	engine *Engine // that lists it, and
	own    int     // 1 + its place in Engine.owned
}

// OtherAccounts names any AWS account that neither the estate holds nor its
// policies name: an authenticated stranger.
const OtherAccounts = "other-accounts"

// Anonymous names unsigned requests.
const Anonymous = "anonymous"

// freshSession is a name for role sessions that no policy names.
func (m *mentions) freshSession() string {
	name := "why403"
	for named := true; named; {
		named = false
		for text := range m.principals {
			named = named || strings.HasSuffix(text, "/"+name)
		}
		for text := range m.userids {
			named = named || strings.HasSuffix(text, ":"+name)
		}
		if named {
			name += "-"
		}
	}
	return name
}

// as returns the ARN of a role's session that stands for all that no policy names.
func (e *Engine) as(partition string, account iam.AccountID, role string) string {
	return "arn:" + partition + ":sts::" + string(account) + ":assumed-role/" + role + "/" + e.session
}

// principals lists whom an estate gives occasion to ask about: anonymous callers
// and strangers, every root user, user and role, then what policies and ACLs name
// besides: sessions, federated users, principals of other accounts, origin access
// identities, services.
func (e *Engine) list() []Principal {
	list := []Principal{
		{Name: Anonymous, Kind: "anyone, unsigned", request: Anonymous, kind: iam.Anonymous, Outside: true},
		{Name: OtherAccounts, Kind: "any other AWS account", request: rootOf("aws", e.stranger), kind: iam.RootUser, Account: e.stranger, Outside: true},
	}
	for _, id := range slices.Sorted(maps.Keys(e.estate.Accounts)) {
		list = append(list, e.principalsOf(e.estate.Accounts[id])...)
	}
	known := map[string]bool{}
	for i := range list {
		known[list[i].Name] = true
	}
	var named []Principal
	for _, p := range e.named() {
		if !known[p.Name] {
			known[p.Name] = true
			named = append(named, p)
		}
	}
	slices.SortFunc(named, func(a, b Principal) int { return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.Name, b.Name)) })
	return append(list, named...)
}

func rootOf(partition string, id iam.AccountID) string {
	return "arn:" + partition + ":iam::" + string(id) + ":root"
}

// principalsOf lists the root user, the users and the roles of an account.
func (e *Engine) principalsOf(a *estate.Account) []Principal {
	partition := a.Partition()
	list := make([]Principal, 0, 1+len(a.Users)+len(a.Roles))
	list = append(list, Principal{Name: a.RootARN(), Kind: "root user", Account: a.ID, request: a.RootARN(), kind: iam.RootUser})
	for _, name := range slices.Sorted(maps.Keys(a.Users)) {
		arn := a.Users[name].ARN(partition, a.ID, name)
		list = append(list, Principal{Name: arn, Kind: "user", Account: a.ID, request: arn, kind: iam.User, entity: name})
	}
	for _, name := range slices.Sorted(maps.Keys(a.Roles)) {
		arn := a.Roles[name].ARN(partition, a.ID, name)
		list = append(list, Principal{Name: arn, Kind: "role", Account: a.ID, request: e.as(partition, a.ID, name), kind: iam.RoleSession, entity: name})
	}
	return list
}

// named lists the principals that policies, ACLs and grants name.
func (e *Engine) named() []Principal {
	var list []Principal
	for name := range e.mentions.principals {
		if p, ok := e.namedOne(name); ok {
			list = append(list, p)
		}
	}
	for id := range e.mentions.accounts {
		if _, held := e.estate.Account(id); !held && id.Valid() {
			list = append(list, Principal{Name: rootOf("aws", id), Kind: "account", Account: id, Outside: true, request: rootOf("aws", id), kind: iam.RootUser})
		}
	}
	for account, canonical := range e.strangers {
		if canonical != "" {
			list = append(list, Principal{Name: "canonical:" + canonical, Kind: "canonical user", Account: account, Outside: true, request: rootOf("aws", account), kind: iam.RootUser})
		}
	}
	for text := range e.mentions.userids {
		id, name, ok := strings.Cut(text, ":")
		if role, found := e.roleOfID(id); ok && found && name != "" && !strings.ContainsAny(name, "*?$") {
			list = append(list, sessionOf(role, name))
		}
	}
	return list
}

func sessionOf(role Principal, name string) Principal {
	role.Name = role.request[:strings.LastIndexByte(role.request, '/')+1] + name
	role.request, role.Kind = role.Name, "role session"
	return role
}

// roleOfID finds the role that a unique id belongs to.
func (e *Engine) roleOfID(id string) (Principal, bool) {
	if !strings.HasPrefix(id, "AROA") {
		return Principal{}, false
	}
	for _, a := range e.estate.Accounts {
		for name, r := range a.Roles {
			if r.UniqueID(a.ID, name) == id {
				return Principal{Account: a.ID, request: e.as(a.Partition(), a.ID, name), kind: iam.RoleSession, entity: name}, true
			}
		}
	}
	return Principal{}, false
}

// namedOne is a principal that a policy names; not ok where it is none to ask
// about: a user or role that its account in the estate does not have.
func (e *Engine) namedOne(name string) (Principal, bool) {
	p, err := iam.ParsePrincipal(name)
	if err != nil {
		return Principal{}, false
	}
	a, held := e.estate.Account(p.Account)
	out := Principal{Name: name, Kind: kindWords[p.Kind], Account: p.Account, Outside: p.Account != "" && !held, request: name, kind: p.Kind, entity: p.Name}
	switch p.Kind {
	case iam.ServicePrincipal, iam.OriginAccessIdentity, iam.FederatedUser:
		return out, true
	case iam.RoleSession:
		if p.Session != "" {
			out.Kind = "role session"
			return out, !held || a.Roles[p.Name] != nil
		}
		if !held {
			out.request = e.as(p.Partition, p.Account, p.Name)
		}
		return out, !held || unreadList(a, "roles")
	case iam.User:
		return out, !held || unreadList(a, "users")
	}
	return Principal{}, false
}

func unreadList(a *estate.Account, what string) bool {
	_, unread := a.Unknown.Why(what)
	return unread
}

var kindWords = [...]string{
	iam.Anonymous: "anyone, unsigned", iam.RootUser: "root user", iam.User: "user", iam.RoleSession: "role",
	iam.FederatedUser: "federated user", iam.ServicePrincipal: "AWS service", iam.OriginAccessIdentity: "origin access identity",
}

// find returns a principal by its name, or makes one of a name that a request
// may have: a session, a federated user, a principal of another account.
func (e *Engine) find(name string) (Principal, error) {
	for i := range e.principals {
		if e.principals[i].Name == name {
			return e.principals[i], nil
		}
	}
	p, err := iam.ParsePrincipal(name)
	if err != nil {
		return Principal{}, err
	}
	a, held := e.estate.Account(p.Account)
	switch {
	case held && p.Kind == iam.User && a.Users[p.Name] == nil && !unreadList(a, "users"):
		return Principal{}, fmt.Errorf("the estate does not hold user %s of account %s", p.Name, p.Account)
	case held && p.Kind == iam.RoleSession && a.Roles[p.Name] == nil && !unreadList(a, "roles"):
		return Principal{}, fmt.Errorf("the estate does not hold role %s of account %s", p.Name, p.Account)
	}
	out := Principal{Name: name, Kind: kindWords[p.Kind], Account: p.Account, Outside: p.Account != "" && !held, request: name, kind: p.Kind, entity: p.Name}
	if p.Kind == iam.RoleSession && p.Session != "" {
		out.Kind = "role session"
	} else if p.Kind == iam.RoleSession {
		out.request = e.as(p.Partition, p.Account, p.Name)
	}
	return out, nil
}
