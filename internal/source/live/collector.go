package live

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
)

// Scope says what to collect. The zero Scope is everything but objects.
type Scope struct {
	Buckets []string // nil: all of the account
	Objects []Object // whose settings are read besides
}

// An Object names an object to read the settings of.
type Object struct{ Bucket, Key, VersionID string }

// A Progress is told what is being read; it is called from several goroutines.
type Progress func(what string)

// concurrent bounds the calls that are under way at once: AWS's read APIs are
// shared with production.
const concurrent = 8

// Collect reads what decides requests in the session's account into an estate.
// What could not be read is listed as unknown with AWS's error and the permission
// that would have let us; a partial estate is no error. The error is ctx's.
func (s *Session) Collect(ctx context.Context, scope Scope, progress Progress) (*estate.Estate, error) {
	if progress == nil {
		progress = func(string) {}
	}
	c := &collector{s: s, ctx: ctx, scope: scope, progress: progress, keys: map[string]bool{}}
	c.account = &estate.Account{ID: s.Account, Root: unreadRoot(), Buckets: map[string]*estate.Bucket{}, Keys: map[string]*estate.Key{}, VPCEndpoints: map[string]*estate.VPCEndpoint{}}
	c.estate = &estate.Estate{Version: estate.FormatVersion, Accounts: map[iam.AccountID]*estate.Account{s.Account: c.account}}
	var g errgroup.Group
	g.SetLimit(concurrent)
	c.buckets(&g)
	for _, step := range []func(){c.organization, c.identities, c.accountBlock, c.endpoints} {
		g.Go(func() error { step(); return nil })
	}
	_ = g.Wait() // steps note what they cannot read
	c.accessPoints()
	c.kms()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := c.estate.Link(); err != nil {
		return nil, fmt.Errorf("what AWS answered does not fit together: %w", err)
	}
	return c.estate, nil
}

// unreadRoot is the root user, of whom IAM tells neither access keys nor MFA devices.
func unreadRoot() *estate.Root {
	return &estate.Root{Unknown: estate.Unknowns{{What: "mfaDevices", Why: notListed}, {What: "accessKeys", Why: notListed}}}
}

// Why things are unknown in every estate that is collected.
const (
	notListed = "IAM does not list those of the root user"
	unusedKey = "only the keys that buckets and objects use were read"
)

// Never reports a reason for which something is unknown in every collected estate,
// whatever the permissions.
func Never(why string) bool { return why == notListed || why == unusedKey }

// A collector fills one estate.
type collector struct {
	s        *Session
	ctx      context.Context
	scope    Scope
	progress Progress

	mu      sync.Mutex // of all below
	estate  *estate.Estate
	account *estate.Account
	keys    map[string]bool // references to KMS keys that buckets and objects name
}

// locked runs f while no other step writes into the estate.
func (c *collector) locked(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
}

// unread notes that something could not be read: what is a field of the resource
// or the API call, need the permission for it.
func unread(list *estate.Unknowns, what, need string, err error) {
	why := Plain(err)
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		why = "not read: " + err.Error()
	}
	*list = append(*list, estate.UnknownItem{What: what, Why: why + " (" + need + ")"})
}

// errEmpty is an answer of success that lacks what was asked for: not known, rather
// than the default.
var errEmpty = errors.New("the answer does not hold it")

// A setting is one call that reads a setting of something.
type setting struct {
	what   string // as unknown lists it
	need   string // permission
	absent string // code of the answer for a setting that is not set; "" for none
	read   func() error
	unset  func() // where it is not set; nil: nothing
}

// settings reads settings one after another.
func (c *collector) settings(unknown *estate.Unknowns, list []setting) {
	for _, s := range list {
		err := s.read()
		switch {
		case err == nil:
		case s.absent != "" && codeOf(err) == s.absent:
			if s.unset != nil {
				s.unset()
			}
		default:
			unread(unknown, s.what, s.need, err)
		}
	}
}
