package query

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/gather"
	"github.com/why403/why403/policy"
)

// An Engine is one estate made ready to be asked. It is safe for concurrent use.
// The estate must not change while it is used.
type Engine struct {
	estate     *estate.Estate
	now        func() time.Time
	gatherer   *gather.Gatherer
	mentions   *mentions
	strangers  map[iam.AccountID]string // with their canonical ids
	stranger   iam.AccountID
	session    string
	principals []Principal

	mu   sync.Mutex
	open map[string][]condition.Key // per action: the keys of the request that policies test

	commonDocs []*policy.Document

	policies []*policy.Document
	owned    []ownPolicies
	owns     map[string]int // by name
	holders  [][]int        // per policy: the principals whose it is
	onBucket map[string][]int32
	onAny    []int32 // policies that may allow something on any bucket

	ofAccount map[iam.AccountID][]int // users and roles
	others    []int                   // who is neither, or of whom not all was read

	spaces spaces
}

// New makes an estate ready. now gives the time of all that is asked.
func New(e *estate.Estate, now func() time.Time) *Engine { return ready(e, now, mentionsOf(e), nil) }

// ready makes an estate ready with what its policies name; what it shares with
// another engine's, where there is one, is taken from there.
func ready(e *estate.Estate, now func() time.Time, m *mentions, base *Engine) *Engine {
	q := &Engine{estate: e, now: now, mentions: m, open: map[string][]condition.Key{}, owns: map[string]int{}, spaces: spaces{made: map[string]*keySpace{}}}
	q.nameStrangers()
	q.session = q.mentions.freshSession()
	q.gatherer = gather.New(e, now).WithStrangers(q.strangers)
	q.principals = q.list()
	for i := range q.principals {
		q.principals[i].engine = q
	}
	q.readOwn(base)
	return q
}

// Principals lists whom the estate gives occasion to ask about.
func (e *Engine) Principals() []Principal { return e.principals }

// nameStrangers gives account ids that nobody has to the stranger, and to the
// canonical users of accounts that the estate does not hold.
func (e *Engine) nameStrangers() {
	e.strangers = map[iam.AccountID]string{}
	next := 0
	fresh := func() iam.AccountID {
		for {
			id := iam.AccountID(fmt.Sprintf("%012d", next))
			next++
			if _, held := e.estate.Account(id); !held && !e.mentions.accounts[id] {
				return id
			}
		}
	}
	e.stranger = fresh()
	e.strangers[e.stranger] = ""
	canonical := make([]string, 0, len(e.mentions.canonical))
	for id := range e.mentions.canonical {
		if _, held := e.estate.AccountOfCanonicalID(id); !held {
			canonical = append(canonical, id)
		}
	}
	slices.Sort(canonical)
	for _, id := range canonical {
		e.strangers[fresh()] = id
	}
}

// openKeys lists the keys that the caller of an action chooses for itself, and
// that some policy tests: what a question does not state of them is left open.
func (e *Engine) openKeys(action string) []condition.Key {
	e.mu.Lock()
	defer e.mu.Unlock()
	keys, ok := e.open[action]
	if ok {
		return keys
	}
	for k := range e.mentions.keys {
		if callersChoice(action, k.String()) {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b condition.Key) int { return strings.Compare(a.String(), b.String()) })
	e.open[action] = keys
	return keys
}

// Gatherer is what the engine gathers facts with.
func (e *Engine) Gatherer() *gather.Gatherer { return e.gatherer }

// Dir is the folder that the places in the estate's files are relative to.
func (e *Engine) Dir() string { return e.estate.Dir }

// Estate is the estate that is asked.
func (e *Engine) Estate() *estate.Estate { return e.estate }
