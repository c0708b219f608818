package audit

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// Bounds of what is kept in memory.
const (
	maxQueue   = 20_000 // records and lines that wait for delivery
	maxHistory = 10_000 // management events that LookupEvents finds
	flushAfter = 5 * time.Second
)

// Options are what a Recorder works with.
type Options struct {
	World  *world.World
	Decide func(*estate.Estate, *request.Request) *report.Decision

	// Failed is told what could not be delivered.
	Failed func(err error)

	// State tells network and transport of a request.
	State func(r *http.Request, into *request.Request)
}

// A Recorder takes records. Its methods may be called from many goroutines.
type Recorder struct {
	Options

	mu        sync.Mutex
	history   []*Record // a ring; the next goes to at
	at        int
	records   map[trailKey][]*Record // by the trail that gets them
	lines     map[string][]byte      // of access logs, by source bucket
	delivered map[trailKey]Delivery  // latest, by trail
	queued    int
	lost      int
	timer     *time.Timer
}

// trailKey names a trail, and the Region of the events.
type trailKey struct {
	account iam.AccountID
	trail   string // name of its record
	region  string
}

// New returns a recorder.
func New(o Options) *Recorder {
	return &Recorder{Options: o, records: map[trailKey][]*Record{}, lines: map[string][]byte{}, delivered: map[trailKey]Delivery{}}
}

// S3 takes a request to S3.
func (a *Recorder) S3(x *Access) {
	s := a.World.State()
	if r := x.event(); r != nil {
		var accounts []iam.AccountID
		if x.Caller != nil {
			accounts = append(accounts, x.Caller.Account)
		}
		if x.Bucket != nil && (len(accounts) == 0 || accounts[0] != x.Bucket.Account) {
			accounts = append(accounts, x.Bucket.Account)
		}
		a.add(s, r, accounts)
	}
	if x.Bucket != nil && x.Gate != iam.GateVPCEndpoint {
		a.log(s, x)
	}
}

// Wanted reports whether anything would be kept of a request to S3, so that the
// others cost nothing.
func (a *Recorder) Wanted(operation string, bucket *estate.Bucket, caller *world.Caller) bool {
	if operation != "" && !dataOperations[operation] {
		return true
	}
	s := a.World.State()
	return bucket != nil && (hasLog(s, bucket) || hasTrail(s, bucket.Account)) || caller != nil && hasTrail(s, caller.Account)
}

func hasTrail(v world.View, account iam.AccountID) bool {
	for range Trails.All(v, account) {
		return true
	}
	return false
}

// Called takes a call of another service; it is awsapi's hook.
func (a *Recorder) Called(c *awsapi.Call, in, out any, err error) {
	if c.Caller == nil && c.Operation == "" {
		return
	}
	var r request.Request
	a.State(c.HTTP(), &r)
	e := newRecord(a.World.Now(), c.IDs, c.Service()+".amazonaws.com", c.Operation, c.Region)
	e.Identity = identityOf(c.Estate, c.Caller, accessKey(c.Auth()))
	if r.SourceIP != nil {
		e.SourceIP = *r.SourceIP
	}
	e.secure(r.SecureTransport == nil || *r.SecureTransport, c.HTTP().Host)
	e.UserAgent, e.Parameters = c.HTTP().UserAgent(), shown(in)
	if e.ReadOnly = readOnly(c.Operation); !e.ReadOnly && err == nil {
		e.Response = shown(out)
	}
	e.ErrorCode, e.ErrorMessage = errorOf(err)
	e.setCategory(false)
	a.add(a.World.State(), e, []iam.AccountID{c.AccountID()})
}

// add keeps a record in the event history, and for the trails that want it.
func (a *Recorder) add(s *world.State, r *Record, accounts []iam.AccountID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, account := range accounts {
		if account == "" {
			continue
		}
		copied := r.forAccount(account)
		if r.Management {
			a.remember(copied)
		}
		for name, t := range Trails.All(s, account) {
			if t.wants(copied) && a.room() {
				key := trailKey{account, name, r.Region}
				a.records[key] = append(a.records[key], copied)
			}
		}
	}
}

func (a *Recorder) remember(r *Record) {
	if len(a.history) < maxHistory {
		a.history = append(a.history, r)
		return
	}
	a.history[a.at] = r
	a.at = (a.at + 1) % maxHistory
}

// room reports whether one more fits the queue, and sees to its delivery.
func (a *Recorder) room() bool {
	if a.queued >= maxQueue {
		a.lost++
		return false
	}
	a.queued++
	if a.timer == nil {
		a.timer = time.AfterFunc(flushAfter, func() { a.Flush(context.Background()) })
	}
	return true
}

// History returns the management events of an account, newest first.
func (a *Recorder) History(account iam.AccountID, region string) []*Record {
	a.mu.Lock()
	defer a.mu.Unlock()
	var list []*Record
	for i := range a.history {
		r := a.history[(a.at+len(a.history)-1-i)%len(a.history)]
		if r.Recipient == string(account) && (r.Region == region || region == "") {
			list = append(list, r)
		}
	}
	return list
}

func readOnly(operation string) bool {
	for _, verb := range []string{"Get", "List", "Describe", "Lookup", "Simulate", "Decrypt", "Encrypt", "GenerateDataKey", "GenerateRandom", "AssumeRole"} {
		if strings.HasPrefix(operation, verb) {
			return true
		}
	}
	return false
}
