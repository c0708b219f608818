package world

import (
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
)

// An Account is what an account itself is, apart from what it holds.
type Account struct {
	Name              string                    `json:"name,omitempty"`
	CanonicalID       string                    `json:"canonicalId,omitempty"`
	PublicAccessBlock *estate.PublicAccessBlock `json:"publicAccessBlock,omitempty"`
	Unknown           estate.Unknowns           `json:"unknown,omitempty"`

	Email   string    `json:"email,omitempty"`
	Alias   string    `json:"alias,omitempty"`  // of its sign-in page
	Closed  bool      `json:"closed,omitempty"` // SUSPENDED
	Created time.Time `json:"created,omitzero"`
}

// Accounts are the accounts, each under its own id and the name "".
var Accounts = &Kind[Account]{
	name: "account",
	of: func(e *estate.Estate, id iam.AccountID, _ string) (Account, bool) {
		a := e.Accounts[id]
		if a == nil {
			return Account{}, false
		}
		return Account{Name: a.Name, CanonicalID: a.CanonicalID, PublicAccessBlock: a.PublicAccessBlock, Unknown: a.Unknown}, true
	},
	all: func(e *estate.Estate, id iam.AccountID) []string {
		if e.Accounts[id] == nil {
			return nil
		}
		return []string{""}
	},
	set: func(d *draft, id iam.AccountID, _ string, v *Account) bool {
		if v == nil {
			delete(d.estate.Accounts, id)
			return true
		}
		a := d.account(id)
		a.Name, a.CanonicalID, a.PublicAccessBlock, a.Unknown = v.Name, v.CanonicalID, v.PublicAccessBlock, v.Unknown
		return true
	},
}

// Credentials are what is known besides of the access keys and MFA devices of a
// user or root user, by their ids and serial numbers.
type Credentials struct {
	KeyCreated    map[string]time.Time `json:"keyCreated,omitempty"`
	DeviceEnabled map[string]time.Time `json:"deviceEnabled,omitempty"`
}

// A User is an IAM user.
type User struct {
	estate.User
	Credentials
	Created time.Time `json:"created,omitzero"`
}

// Users are the IAM users by name.
var Users = inAccount("user", func(a *estate.Account) *map[string]*estate.User { return &a.Users },
	func(_ iam.AccountID, _ string, u *estate.User) User { return User{User: *u} },
	func(u *User) *estate.User { return &u.User })

// A Role is an IAM role.
type Role struct {
	estate.Role
	Description string    `json:"description,omitempty"`
	MaxSession  int       `json:"maxSession,omitempty"` // seconds; 0: 3600
	Created     time.Time `json:"created,omitzero"`
}

// Roles are the IAM roles by name.
var Roles = inAccount("role", func(a *estate.Account) *map[string]*estate.Role { return &a.Roles },
	func(_ iam.AccountID, _ string, r *estate.Role) Role { return Role{Role: *r} },
	func(r *Role) *estate.Role { return &r.Role })

// A Group is an IAM group.
type Group struct {
	estate.Group
	ID      string    `json:"id,omitempty"` // AGPA…
	Created time.Time `json:"created,omitzero"`
}

// Groups are the IAM groups by name.
var Groups = inAccount("group", func(a *estate.Account) *map[string]*estate.Group { return &a.Groups },
	func(account iam.AccountID, name string, g *estate.Group) Group {
		return Group{Group: *g, ID: g.UniqueID(account, name)}
	},
	func(g *Group) *estate.Group { return &g.Group })

// A ManagedPolicy is a customer managed policy. The document of the default
// version stands in the embedded ManagedPolicy as well; SetDefault sees to it.
type ManagedPolicy struct {
	estate.ManagedPolicy
	ID          string                    `json:"id,omitempty"` // ANPA…
	Description string                    `json:"description,omitempty"`
	Tags        map[string]string         `json:"tags,omitempty"`
	Created     time.Time                 `json:"created,omitzero"`
	Updated     time.Time                 `json:"updated,omitzero"`
	Default     string                    `json:"default,omitempty"` // "v1"
	Latest      int                       `json:"latest,omitempty"`  // number of the newest version, which is never given again
	Versions    map[string]*PolicyVersion `json:"versions,omitempty"`
}

// A PolicyVersion is one version of a managed policy.
type PolicyVersion struct {
	Document estate.Document `json:"document"`
	Created  time.Time       `json:"created,omitzero"`
}

// SetDefault makes a version the default one. It has to be there.
func (p *ManagedPolicy) SetDefault(version string) {
	p.Default, p.Document = version, p.Versions[version].Document
}

// ManagedPolicies are the customer managed policies by name. A policy of the seed
// has one version, v1.
var ManagedPolicies = inAccount("policy", func(a *estate.Account) *map[string]*estate.ManagedPolicy { return &a.ManagedPolicies },
	func(account iam.AccountID, name string, p *estate.ManagedPolicy) ManagedPolicy {
		return ManagedPolicy{
			ManagedPolicy: *p, ID: p.UniqueID(account, name), Default: "v1", Latest: 1,
			Versions: map[string]*PolicyVersion{"v1": {Document: p.Document}},
		}
	},
	func(p *ManagedPolicy) *estate.ManagedPolicy { return &p.ManagedPolicy })

// A Root is the root user of an account.
type Root struct {
	estate.Root
	Credentials
}

// Roots are the root users, each under the name "".
var Roots = &Kind[Root]{
	name: "root",
	of: func(e *estate.Estate, account iam.AccountID, _ string) (Root, bool) {
		if a := e.Accounts[account]; a != nil && a.Root != nil {
			return Root{Root: *a.Root}, true
		}
		return Root{}, false
	},
	all: func(e *estate.Estate, account iam.AccountID) []string {
		if a := e.Accounts[account]; a != nil && a.Root != nil {
			return []string{""}
		}
		return nil
	},
	set: func(d *draft, account iam.AccountID, _ string, v *Root) bool {
		a := d.account(account)
		if a.Root = nil; v != nil {
			a.Root = &v.Root
		}
		return true
	},
}
