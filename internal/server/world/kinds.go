package world

import (
	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
)

// kinds are the kinds of which the estate knows, in the order in which their
// documents are read: what others are part of comes first.
var kinds = []loader{
	Accounts, Roots, ManagedPolicies, Groups, Users, Roles, Keys, VPCEndpoints, Buckets, AccessPoints,
	Organizations, OrgPolicies, Units, Members,
}

// more are those that NewKind made.
var more []loader

// inAccount makes a kind of things that stand in a map of their account. wrap
// makes a record of one, and entity is its reverse.
func inAccount[T, E any](name string, field func(*estate.Account) *map[string]*E, wrap func(iam.AccountID, string, *E) T, entity func(*T) *E) *Kind[T] {
	return &Kind[T]{
		name: name,
		of: func(e *estate.Estate, account iam.AccountID, name string) (found T, ok bool) {
			a := e.Accounts[account]
			if a == nil {
				return found, false
			}
			v := (*field(a))[name]
			if v == nil {
				return found, false
			}
			return wrap(account, name, v), true
		},
		all: func(e *estate.Estate, account iam.AccountID) []string {
			if a := e.Accounts[account]; a != nil {
				return names(*field(a))
			}
			return nil
		},
		set: func(d *draft, account iam.AccountID, name string, v *T) bool {
			var e *E
			if v != nil {
				e = entity(v)
			}
			put(d, field(d.account(account)), name, e)
			return true
		},
	}
}
