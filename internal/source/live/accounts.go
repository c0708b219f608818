package live

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	organizations "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"golang.org/x/sync/errgroup"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
)

// accountsAtOnce bounds the accounts that are read at the same time.
const accountsAtOnce = 4

// CollectAll collects the accounts of several sessions into one estate. An account
// that was read replaces what another says of it from outside; of an organization
// the first that could be read counts. Keys that one account's buckets use and
// another owns are read in the other.
func CollectAll(ctx context.Context, sessions []*Session, scope Scope, progress Progress) (*estate.Estate, error) {
	var list []*collector
	for _, s := range sessions {
		list = append(list, newCollector(ctx, s, scope, progress))
	}
	var g errgroup.Group
	g.SetLimit(accountsAtOnce)
	for _, c := range list {
		g.Go(func() error { c.collect(); return nil })
	}
	_ = g.Wait() // what cannot be read is noted
	return merge(ctx, list)
}

// CollectOrganization collects the organization of the session, which is of its
// management account or a delegated administrator, and each account in it: the
// session's own by its own credentials, the others as the role of that name. An
// account whose role cannot be assumed is in the estate, all of it unknown.
func (s *Session) CollectOrganization(ctx context.Context, role string, scope Scope, progress Progress) (*estate.Estate, error) {
	lead := newCollector(ctx, s, scope, progress)
	lead.organization()
	if lead.estate.Organizations == nil {
		why, ok := lead.account.Unknown.Why(organizationItem)
		if !ok {
			why = "account " + string(s.Account) + " is in none"
		}
		return nil, &OrganizationError{why}
	}
	scope.WithoutOrganization = true
	lead.scope = scope
	list := []*collector{lead}
	ids := slices.DeleteFunc(slices.Sorted(maps.Keys(lead.members)), func(id iam.AccountID) bool { return id == s.Account })
	read := make([]*collector, len(ids))
	var g errgroup.Group
	g.SetLimit(accountsAtOnce)
	g.Go(func() error { lead.collect(); return nil })
	for i, id := range ids {
		g.Go(func() error { read[i] = s.member(ctx, lead.members[id], role, scope, progress); return nil })
	}
	_ = g.Wait()
	return merge(ctx, append(list, read...))
}

// An OrganizationError says that the organization could not be read.
type OrganizationError struct{ Why string }

func (e *OrganizationError) Error() string { return "read the organization: " + e.Why }

// Hint says who may read it.
func (e *OrganizationError) Hint() string {
	return "use credentials of the management account or of a delegated administrator, or name the accounts with --role-arn"
}

// member collects an account of the organization.
func (s *Session) member(ctx context.Context, account organizations.Account, role string, scope Scope, progress Progress) *collector {
	id := iam.AccountID(aws.ToString(account.Id))
	outside := newCollector(ctx, &Session{Account: id}, scope, progress)
	outside.account.Root = nil
	refuse := func(why string) *collector {
		outside.account.Unknown = estate.Unknowns{{What: "*", Why: why}}
		return outside
	}
	if account.Status != "" && account.Status != organizations.AccountStatusActive {
		return refuse("the account is " + strings.ToLower(string(account.Status)))
	}
	progress = prefixed(progress, string(id))
	progress("sts:AssumeRole " + role)
	partition, _, _ := strings.Cut(strings.TrimPrefix(s.ARN, "arn:"), ":")
	arn := "arn:" + partition + ":iam::" + string(id) + ":role/" + strings.TrimPrefix(role, "/")
	session, err := s.assume(ctx, arn)
	switch {
	case err != nil:
		return refuse(Plain(err) + " (sts:AssumeRole on " + arn + ")")
	case session.Account != id:
		return refuse("role " + arn + " leads to account " + string(session.Account))
	}
	c := newCollector(ctx, session, scope, progress)
	c.account.Name = aws.ToString(account.Name)
	c.collect()
	return c
}

func prefixed(progress Progress, account string) Progress {
	return func(what string) {
		if progress != nil {
			progress(account + ": " + what)
		}
	}
}

// assume is a session of a role.
func (s *Session) assume(ctx context.Context, role string) (*Session, error) {
	cfg := s.config.Copy()
	if s.journal != nil {
		cfg.HTTPClient = s.plain // never what carries credentials
	}
	cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), role))
	out, err := open(ctx, cfg)
	if err == nil && s.journal != nil {
		out.Remember(s.journal)
	}
	return out, err
}

// merge makes one estate of what several collectors have read.
func merge(ctx context.Context, list []*collector) (*estate.Estate, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	crossKeys(list)
	out := &estate.Estate{Version: estate.FormatVersion, Accounts: map[iam.AccountID]*estate.Account{}}
	for _, c := range list {
		for id, a := range c.estate.Accounts {
			if known := out.Accounts[id]; known == nil || outside(known) {
				out.Accounts[id] = a
			}
		}
		for id, o := range c.estate.Organizations {
			if out.Organizations == nil {
				out.Organizations = map[string]*estate.Organization{}
			}
			if out.Organizations[id] == nil {
				out.Organizations[id] = o
			}
		}
	}
	settleMembers(out)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := out.Link(); err != nil {
		return nil, fmt.Errorf("what the accounts answered does not fit together: %w", err)
	}
	return out, nil
}

// crossKeys reads the keys that an account met in another, in that other.
func crossKeys(list []*collector) {
	for _, c := range list {
		for id, a := range c.estate.Accounts {
			i := slices.IndexFunc(list, func(o *collector) bool { return o.s.Account == id })
			if id == c.s.Account || i < 0 || outside(list[i].account) {
				continue
			}
			for _, name := range slices.Sorted(maps.Keys(a.Keys)) {
				list[i].key(keyReference(id, name, a.Keys[name]))
			}
		}
	}
}

// keyReference is the ARN of a key that was met from outside, or of its alias.
func keyReference(id iam.AccountID, name string, k *estate.Key) string {
	switch {
	case strings.HasPrefix(name, "arn:"):
		return name
	case len(k.Aliases) > 0:
		name = k.Aliases[0]
	default:
		name = "key/" + name
	}
	return "arn:" + estate.PartitionOf(k.Region) + ":kms:" + k.Region + ":" + string(id) + ":" + name
}

// settleMembers makes known of the accounts that an organization lists where they
// stand: they may not have been able to read it themselves.
func settleMembers(e *estate.Estate) {
	for _, o := range e.Organizations {
		members(o.Root, func(id iam.AccountID) {
			if a := e.Accounts[id]; a != nil {
				a.Unknown = slices.DeleteFunc(a.Unknown, func(u estate.UnknownItem) bool { return u.What == organizationItem })
			}
		})
	}
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
