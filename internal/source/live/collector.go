package live

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	organizations "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"golang.org/x/sync/errgroup"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
)

// Scope says what to collect. The zero Scope is everything but objects.
type Scope struct {
	Buckets      []string // nil: all of the account
	Objects      []Object // whose settings are read besides
	AccessPoints []string // names, ARNs and aliases; the buckets behind them are read besides
	Keys         []string // ids, ARNs and aliases of KMS keys that no bucket names, in the Regions of the buckets

	// Regions are searched for VPC endpoints and access points, besides the session's
	// and those of the buckets; AllRegions adds those that the account has enabled.
	Regions    []string
	AllRegions bool

	// WithoutOrganization leaves out the organization, which another account tells.
	WithoutOrganization bool
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
	c := newCollector(ctx, s, scope, progress)
	c.collect()
	return c.finish()
}

func newCollector(ctx context.Context, s *Session, scope Scope, progress Progress) *collector {
	if progress == nil {
		progress = func(string) {}
	}
	c := &collector{s: s, ctx: ctx, scope: scope, progress: progress, keys: map[string]bool{}, members: map[iam.AccountID]organizations.Account{}, awsPolicies: map[string]*estate.ManagedPolicy{}}
	c.account = &estate.Account{ID: s.Account, Root: unreadRoot(), Buckets: map[string]*estate.Bucket{}, Keys: map[string]*estate.Key{}, VPCEndpoints: map[string]*estate.VPCEndpoint{}}
	c.estate = &estate.Estate{Version: estate.FormatVersion, Accounts: map[iam.AccountID]*estate.Account{s.Account: c.account}}
	return c
}

// collect reads the account: first what needs to know nothing, then what is where
// the buckets are.
func (c *collector) collect() {
	c.resolvePoints()
	first := []func(){c.identities, c.accountBlock}
	if !c.scope.WithoutOrganization {
		first = append(first, c.organization)
	}
	c.together(func(g *errgroup.Group) { c.buckets(g) }, first...)
	c.together(nil, c.endpoints, c.accessPoints, c.kms)
}

// together runs steps at once; they note what they cannot read.
func (c *collector) together(more func(*errgroup.Group), steps ...func()) {
	var g errgroup.Group
	g.SetLimit(concurrent)
	for _, step := range steps {
		g.Go(func() error { step(); return nil })
	}
	if more != nil {
		more(&g)
	}
	_ = g.Wait()
}

// finish links what was collected.
func (c *collector) finish() (*estate.Estate, error) {
	if err := c.ctx.Err(); err != nil {
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
	notTold   = "S3 tells nobody which one the writer gave"
)

// Never reports a reason for which something is unknown in every collected estate,
// whatever the permissions.
func Never(why string) bool { return why == notListed || why == unusedKey || why == notTold }

// NamesNothing reports a reason for something unknown that is in this package's own
// words, and names nothing of the account.
func NamesNothing(why string) bool {
	return Never(why) || slices.Contains([]string{errEmpty.Error(), otherAccount, foreignPolicy, versionsAlone, noRegion}, why)
}

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

	members     map[iam.AccountID]organizations.Account // of the organization, as it lists them
	awsPolicies map[string]*estate.ManagedPolicy        // AWS's own, by ARN, that this program has no copy of, or another
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

// familiar empties a resource that has a value which this program does not know, as
// AWS may bring new ones: all of it is then unknown.
func familiar[T any](resource *T, unknown func(*T) *estate.Unknowns) {
	if err := estate.CheckValues(resource, nil); err != nil {
		*resource = *new(T)
		*unknown(resource) = estate.Unknowns{{What: "*", Why: "AWS answered what this program does not know: " + err.Error()}}
	}
}

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
