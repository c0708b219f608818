package query

import (
	"slices"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// WhoCan answers an ask for every principal. Of an object operation without a key
// it answers for all keys, a row for each region of them. Principals that are
// refused are left out unless all is set. Where a bucket is asked about, its
// access points count as ways to it, for those whom it refuses directly.
func (e *Engine) WhoCan(a *Ask, all bool) ([]report.Who, error) {
	if err := e.Check(a); err != nil {
		return nil, err
	}
	rows, wholly, err := e.whoCan(a, all)
	if err != nil || a.AccessPoint != "" || !a.through() {
		return rows, err
	}
	points := e.estate.AccessPointsOf(a.Bucket)
	for _, ap := range points {
		by := *a
		by.AccessPoint, by.Bucket = ap.ARN(estate.PartitionOf(ap.Region)), ""
		more, _, err := e.whoCan(&by, false)
		if err != nil {
			return nil, err
		}
		for _, r := range more {
			if r.AccessPoint = by.AccessPoint; !wholly[r.Principal] {
				rows = append(rows, r)
			}
		}
	}
	if len(points) > 0 {
		order := make(map[string]int, len(e.principals))
		for i := range e.principals {
			order[e.principals[i].Name] = i
		}
		slices.SortStableFunc(rows, func(x, y report.Who) int { return order[x.Principal] - order[y.Principal] })
	}
	return rows, nil
}

// through reports whether an access point takes what is asked.
func (a *Ask) through() bool {
	spec, ok := s3op.Lookup(a.Operation)
	return ok && spec.ThroughAccessPoint || !ok && a.onKeys()
}

// whoCan answers for one way. wholly holds those who may without condition, on
// every key that is asked about.
func (e *Engine) whoCan(a *Ask, all bool) (rows []report.Who, wholly map[string]bool, err error) {
	open := a.NeedsKey()
	filter, alike := e.filter(a, open), e.alike(a, open)
	answered := map[string][]portion{}
	rows, wholly = []report.Who{}, map[string]bool{}
	for _, i := range e.asked(filter, all) {
		p := &e.principals[i]
		if all && filter.refuses(p) {
			rows = append(rows, p.who(nil, Access{}))
			continue
		}
		kind := alike.of(p)
		list, ok := answered[kind]
		if !ok {
			if list, err = e.regions(p, a, open); err != nil {
				return nil, nil, err
			}
			answered[kind] = list
		}
		for _, o := range list {
			if all || o.accesses[0].Verdict != iam.Denied {
				rows = append(rows, p.who(o.keys, o.accesses[0]))
			}
		}
		wholly[p.Name] = len(list) == 1 && list[0].accesses[0].Verdict == iam.Allowed
	}
	return rows, wholly, nil
}

// asked lists the principals to ask about: everyone, or the candidates.
func (e *Engine) asked(f *filter, all bool) []int {
	if list := f.candidates(); list != nil && !all {
		return list
	}
	list := make([]int, len(e.principals))
	for i := range list {
		list[i] = i
	}
	return list
}

// regions answers an ask for one principal, about one key or about all.
func (e *Engine) regions(p *Principal, a *Ask, open bool) ([]portion, error) {
	if open {
		return portions([]*Engine{e}, p, a)
	}
	answers, err := accesses([]*Engine{e}, p, a)
	return []portion{{accesses: answers}}, err
}

func (p *Principal) who(keys []string, access Access) report.Who {
	w := report.Who{Principal: p.Name, Kind: p.Kind, Keys: keys, Access: access}
	if p.Name != OtherAccounts && p.Account.Valid() && p.Kind != "canonical user" {
		w.Account = string(p.Account)
	}
	return w
}

// onKeys reports whether the ask is about objects rather than a bucket.
func (a *Ask) onKeys() bool {
	if spec, ok := s3op.Lookup(a.Operation); ok {
		return spec.Scope == s3op.Object
	}
	for _, u := range units() {
		if u.action == a.Action {
			return u.object
		}
	}
	return a.Key != ""
}

// Request is the request that stands for an ask by a principal, for explaining
// one row. What the ask does not state is left open in it.
func (e *Engine) Request(name string, a *Ask) (*request.Request, error) {
	p, err := e.find(name)
	if err != nil {
		return nil, err
	}
	return e.request(&p, a), nil
}

// Access answers an ask for one principal, by its name: one of Principals, or
// another that a request may have.
func (e *Engine) Access(name string, a *Ask) (*Access, error) {
	if err := e.Check(a); err != nil {
		return nil, err
	}
	p, err := e.find(name)
	if err != nil {
		return nil, err
	}
	answers, err := accesses([]*Engine{e}, &p, a)
	if err != nil {
		return nil, err
	}
	return &answers[0], nil
}

// NeedsKey reports whether the ask is about objects and names no key.
func (a *Ask) NeedsKey() bool { return a.onKeys() && a.Key == "" }

// UnderKMS reports whether data that an action reads or writes is encrypted under
// a KMS key, of which an ask about the action alone takes no account.
func (e *Engine) UnderKMS(a *Ask) bool {
	spec, ok := s3op.Lookup(strings.TrimPrefix(a.Action, "s3:"))
	b := e.bucket(a)
	if !ok || b == nil || len(spec.KMSNeeds) == 0 {
		return false
	}
	algorithm := b.DefaultEncryption().Algorithm
	if o := b.Objects[a.Key]; o != nil && o.Encryption != nil {
		algorithm = o.Encryption.Algorithm
	}
	return strings.HasPrefix(algorithm, "aws:kms")
}
