package replay

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/ingest"
	"github.com/why403/why403/internal/ingest/journal"
	"github.com/why403/why403/internal/ingest/record"
	"github.com/why403/why403/report"
)

// Answer is what AWS answered, as far as it matters to permissions.
type Answer uint8

// The answers.
const (
	Worked     Answer = iota // let through, whatever became of it then
	Refused                  // by something that an estate describes
	Unverified               // signature, clock, token or key: nothing was asked of policies
	Failed                   // otherwise: the request does not tell what policies say
)

// AnswerOf tells what AWS answered.
func AnswerOf(r *record.Record) Answer {
	if !r.Failed() {
		return Worked
	}
	switch string(r.Error) {
	case "NoSuchKey", "NoSuchVersion", "NotModified", "PreconditionFailed", "InvalidRange", "NoSuchUpload", "NoSuchBucketPolicy", "NoSuchTagSet",
		"NoSuchCORSConfiguration", "NoSuchLifecycleConfiguration", "NoSuchWebsiteConfiguration", "NoSuchPublicAccessBlockConfiguration", "OwnershipControlsNotFoundError",
		"ServerSideEncryptionConfigurationNotFoundError", "ReplicationConfigurationNotFoundError", "ObjectLockConfigurationNotFoundError":
		return Worked // found out behind the permissions
	case "SignatureDoesNotMatch", "RequestTimeTooSkewed", "ExpiredToken", "InvalidToken", "InvalidAccessKeyId", "AuthorizationHeaderMalformed", "AuthorizationQueryParametersError":
		return Unverified
	}
	if r.Status == 304 || r.Status == 412 || r.Status == 416 {
		return Worked
	}
	switch {
	case !r.Refused():
		return Failed
	case r.ExpiredURL():
		return Unverified
	}
	return Refused
}

// Category is what a change means for a record.
type Category uint8

// The categories. Of those up to Undecided a report counts only how many there are.
const (
	StillWorks Category = iota
	StillRefused
	Ignored // no request that permissions decide
	NewlyDenied
	NewlyAllowed
	CannotTell
	Contradicted // the estate as it was says otherwise than AWS did
	numCategories
)

// Judge tells what a change means for a record that AWS answered.
func Judge(o *Outcome, a Answer) Category {
	if a == Unverified || a == Failed || o.Err != nil && !Undecided(o.Err) {
		return Ignored
	}
	if o.Err != nil {
		return CannotTell
	}
	if a == Worked {
		return judgeWorked(o)
	}
	switch {
	case o.Before == iam.Allowed:
		return Contradicted
	case o.After == iam.Allowed:
		return NewlyAllowed
	case o.After == iam.Denied || o.NoBetter:
		return StillRefused
	}
	return CannotTell
}

func judgeWorked(o *Outcome) Category {
	switch {
	case o.Before == iam.Denied:
		return Contradicted
	case o.After == iam.Denied:
		return NewlyDenied
	case o.Unless != "":
		return CannotTell
	case o.After == iam.Allowed || o.NoWorse:
		return StillWorks // what is not known let it through, and does still
	}
	return CannotTell
}

// A Replay decides the records of logs before and after a change.
type Replay struct {
	Before, After *estate.Estate // After nil: nothing is changed, and what contradicts Before is found
	Filter        Filter
	Sources       *ingest.Sources
	Options       ingest.Options
	Tally         *ingest.Tally
}

// Run replays the logs.
func (rp *Replay) Run(ctx context.Context) (*Report, error) {
	j := journal.New()
	var mu sync.Mutex
	var hands []*hand
	rp.Options.FailedOnly = false
	decider := NewDecider(rp.Before, rp.After)
	err := ingest.Run(ctx, rp.Sources, rp.Options, rp.Tally, func(int) func(*record.Record) error {
		h := &hand{rp: rp, decider: decider.Fork(), journal: j}
		mu.Lock()
		hands = append(hands, h)
		mu.Unlock()
		return h.record
	})
	if err != nil {
		return nil, err
	}
	out := &Report{}
	for _, h := range hands {
		for c, n := range h.counts {
			out.counts[c] += n
		}
	}
	groups := newGroups()
	if err := j.Each(groups.add); err != nil {
		return nil, err
	}
	groups.report(out)
	if rp.After != nil {
		out.Lockouts = Lockouts(rp.Before, rp.After, groups.named)
	}
	return out, nil
}

// hand is one goroutine's work.
type hand struct {
	rp      *Replay
	decider *Decider
	journal *journal.Journal
	counts  [numCategories]int64
	texts   Messages
}

func (h *hand) record(r *record.Record) error {
	if !r.IsS3() && !r.IsKMS() || !h.rp.Filter.Take(r) {
		return nil
	}
	a := AnswerOf(r)
	if a == Unverified || a == Failed {
		h.counts[Ignored]++
		return nil
	}
	o := h.decider.Decide(r)
	c := Judge(o, a)
	if c <= Ignored {
		h.counts[c]++
		if c == Ignored || !o.Twin {
			return nil
		}
	}
	text, rank := h.label(r, c, o, a), rank(c, r.Kind)
	if gate, other := h.otherGate(r, o, c); other {
		c, rank = CannotTell, told
		text = strings.Join([]string{string(rune('0' + c)), "", "", "", "", "", "", "", "AWS names gate " + gate + ", and the estate shows none that refuses there"}, "\x00")
	}
	return h.journal.Add(EntryOf(r, text, rank))
}

// otherGate reports that AWS refused a request that would be allowed by a gate that
// refuses nothing in the estate: a session policy, or what was not collected. It
// would go on refusing.
func (h *hand) otherGate(r *record.Record, o *Outcome, c Category) (gate string, other bool) {
	if c != NewlyAllowed {
		return "", false
	}
	told := h.texts.Told(r)
	if told.Refusal == nil {
		return "", false
	}
	gate = told.Refusal.Gate.String()
	if o.Was == nil || o.Was.Message == "" || o.Was.Cause == nil {
		return gate, o.Was == nil || o.Was.Cause == nil || o.Was.Cause[0] != gate
	}
	own := h.texts.Read("AccessDenied", string(r.Event), o.Was.Message)
	return gate, o.Was.Cause[0] != gate && (own.Refusal == nil || own.Refusal.Gate != told.Refusal.Gate)
}

// told is the rank of what one log tells for sure, whatever the other makes of it.
const told = 4

// rank tells which category counts where two logs tell of one request: what could
// be decided, and that of CloudTrail, which has more of the request.
func rank(c Category, kind record.Kind) uint8 {
	switch {
	case c == CannotTell:
		return 1
	case c <= StillRefused:
		return told // by headers that the other log lacks
	case kind == record.CloudTrail:
		return 3
	}
	return 2
}

// EntryOf makes a record an entry of a journal.
func EntryOf(r *record.Record, label string, rank uint8) *journal.Entry {
	op := cmp.Or(r.Operation(), r.Action(), string(r.Event))
	bucket, key := r.Object()
	return &journal.Entry{RequestID: string(r.RequestID), SharedID: string(r.SharedID), EventID: string(r.EventID), Kinds: 1 << r.Kind, Time: r.Time,
		Principal: PrincipalOf(r), Operation: op, Bucket: string(bucket), Key: string(key), SourceIP: string(r.SourceIP), Error: string(r.Error), Message: string(r.Message),
		Label: label, Rank: rank}
}

// settled are the labels of what works still, or is refused still, by the log that has
// more headers.
var settled = []string{string(rune('0' + StillWorks)), string(rune('0' + StillRefused))}

// label writes category and cause in a text that is the same for all records of
// one cause.
func (h *hand) label(r *record.Record, c Category, o *Outcome, a Answer) string {
	parts := []string{string(rune('0' + c))}
	switch {
	case o.Err != nil:
		parts = append(parts, "", "", "", "", "", "", "", o.Err.Error())
	case c == CannotTell && o.Unless != "" && (o.After == iam.Allowed || o.NoWorse):
		parts = append(parts, "", "", "", "", "", "", "", "it would be refused if it sent "+o.Unless+", which the log does not tell")
	case c == CannotTell:
		parts = append(parts, "", "", "", "", "", "", "", h.decider.Missing(r, o))
	case c == NewlyDenied:
		parts = append(parts, o.Is.Cause...)
	case c == NewlyAllowed && o.Unless != "":
		parts = append(append(parts, o.cause()...), "unless it sent "+o.Unless+", which the log does not tell")
	case c == NewlyAllowed:
		parts = append(parts, o.cause()...)
	case c == Contradicted && a == Worked:
		parts = append(append(parts, o.Was.Cause...), "AWS let it through")
	case c == Contradicted:
		parts = append(parts, "", "", "", "", "", "", "", "AWS refused it")
	}
	return strings.Join(parts, "\x00")
}

// cause is what refused before, as far as that is known.
func (o *Outcome) cause() []string {
	if o.Was == nil || o.Was.Cause == nil {
		return make([]string, 7)
	}
	return o.Was.Cause
}

// missing writes what a decision lacks, without the names of sessions.
func missing(d *report.Decision) string {
	var list []string
	for _, u := range d.Unknown {
		words := strings.Fields(u.What)
		for i := range words {
			words[i] = roleOf(words[i])
		}
		text := u.Gate.String() + ": " + strings.Join(words, " ")
		if !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	slices.Sort(list)
	if len(list) > 4 {
		list = append(list[:4], fmt.Sprintf("and %d more", len(list)-4))
	}
	return strings.Join(list, "; ")
}
