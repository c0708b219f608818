package estate

import "github.com/why403/why403/iam"

// index holds what lookups need. It is built once, by link.
type index struct {
	buckets    map[string]*Bucket
	keys       map[keyPlace]*Key
	aliases    map[keyPlace]*Key
	accessKeys map[string]KeyHolder
	endpoints  map[string]*VPCEndpoint
	canonical  map[string]*Account
	points     map[pointPlace]*AccessPoint
	named      map[string][]*AccessPoint // by name, over all accounts
	pointAlias map[string]*AccessPoint
	orgPaths   map[iam.AccountID]string
}

// keyPlace is where a KMS key id or an alias ("alias/data") is unique.
type keyPlace struct {
	account iam.AccountID
	region  string
	name    string
}

// pointPlace is where the name of an access point is unique.
type pointPlace struct {
	account iam.AccountID
	region  string
	name    string
}

func newIndex() *index {
	return &index{
		buckets: map[string]*Bucket{}, keys: map[keyPlace]*Key{}, aliases: map[keyPlace]*Key{}, accessKeys: map[string]KeyHolder{},
		endpoints: map[string]*VPCEndpoint{}, canonical: map[string]*Account{}, points: map[pointPlace]*AccessPoint{},
		named: map[string][]*AccessPoint{}, pointAlias: map[string]*AccessPoint{}, orgPaths: map[iam.AccountID]string{},
	}
}

// lookups returns the index. An estate that was made in memory and not linked
// is linked here, whatever is wrong with it.
func (e *Estate) lookups() *index {
	if e.index == nil {
		_ = e.Link()
	}
	return e.index
}

// Link fills in what follows from an estate's structure (names, accounts,
// regions, organization paths), checks it and makes it ready for lookups. Load
// and Parse have done so; call it after an estate was made or changed in
// memory, and before it is used by several goroutines. The error is of the kind
// that Parse returns, without places.
func (e *Estate) Link() error { return e.link(nil, nil) }

// LinkAfter is Link for an estate that was made of another one by replacing parts
// of it, and which shares the rest with it. What they share is neither changed nor
// checked again: old was linked without error, and may be in use. The two have
// their Account, Unit and Attachments values, and those of [Account].AccessPoints,
// for themselves.
func (e *Estate) LinkAfter(old *Estate) error { return e.link(nil, old) }
