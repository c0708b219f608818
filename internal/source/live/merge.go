package live

import (
	"fmt"
	"slices"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
)

// Merge makes one estate of those that were collected from several accounts. An
// account that was read replaces what another's estate says of it from outside; of
// an organization the first that could be read counts.
func Merge(list []*estate.Estate) (*estate.Estate, error) {
	out := &estate.Estate{Version: estate.FormatVersion, Accounts: map[iam.AccountID]*estate.Account{}}
	for _, e := range list {
		for id, a := range e.Accounts {
			if known := out.Accounts[id]; known == nil || outside(known) {
				out.Accounts[id] = a
			}
		}
		for id, o := range e.Organizations {
			if out.Organizations == nil {
				out.Organizations = map[string]*estate.Organization{}
			}
			if out.Organizations[id] == nil {
				out.Organizations[id] = o
			}
		}
	}
	for _, o := range out.Organizations {
		members(o.Root, func(id iam.AccountID) {
			if a := out.Accounts[id]; a != nil { // it could not read itself what was read elsewhere
				a.Unknown = slices.DeleteFunc(a.Unknown, func(u estate.UnknownItem) bool { return u.What == organizationItem })
			}
		})
	}
	if err := out.Link(); err != nil {
		return nil, fmt.Errorf("what the accounts answered does not fit together: %w", err)
	}
	return out, nil
}

// organizationItem is what an account lists as unknown that may not read its
// organization.
const organizationItem = "organization"

// members calls each with the accounts of a unit and those below.
func members(u *estate.Unit, each func(iam.AccountID)) {
	if u == nil {
		return
	}
	for id := range u.Accounts {
		each(id)
	}
	for _, below := range u.Units {
		members(below, each)
	}
}

// outside reports an account that was met and not read.
func outside(a *estate.Account) bool {
	_, unread := a.Unknown.Why("*")
	return unread
}
