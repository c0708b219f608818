package replay

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/explain"
	"github.com/why403/why403/internal/gather"
	"github.com/why403/why403/internal/ingest/record"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/policy"
	"github.com/why403/why403/request"
)

// An Outcome is what the engine says of a class of records, before a change and
// after it. Outcomes are shared: nobody changes one.
type Outcome struct {
	Err           error // why the records are no requests that can be decided; nothing else is then set
	Before, After iam.Verdict
	Same, NoWorse bool // what the decision rests on is the same; or gives at least as much
	NoBetter      bool // it gives at most as much

	Unless string // headers with which an upload would be refused after the change, of those that the log does not have
	Twin   bool   // the other log, which has fewer headers, may make it look otherwise

	Was, Is *Finding // of Before and After; nil where allowed
}

// A Finding is why something is not allowed, without what is of one request alone.
type Finding struct {
	Cause   []string // gate, kind, reason, policy, statement, place, action; nil where it is not known
	Message string   // what S3 answers the first of the class
}

// A Decider decides records in one estate, or in two. It serves one goroutine; Fork
// makes more of them.
type Decider struct {
	before, after *estate.Estate // after is before where nothing is changed
	names         *names
	classes       *Classes
	known         map[string]*Outcome // lately
	common        *common
	spelled       map[*policy.Statement]string

	gather, gatherAfter *gather.Gatherer
}

// NewDecider returns a Decider. Without a change after is nil.
func NewDecider(before, after *estate.Estate) *Decider {
	d := &Decider{before: before, after: after, names: NamesOf(before)}
	if after == nil || after == before {
		d.after = before
		d.classes = NewClasses(before)
	} else {
		d.classes = NewClasses(before, after)
	}
	d.common = newCommon(d.before, d.after)
	return d.Fork()
}

// Fork returns a Decider for another goroutine, which shares what is found out.
func (d *Decider) Fork() *Decider {
	return &Decider{before: d.before, after: d.after, names: d.names, classes: d.classes.Fork(), known: map[string]*Outcome{}, common: d.common,
		spelled: map[*policy.Statement]string{}, gather: d.common.gather, gatherAfter: d.common.gatherAfter}
}

// Decide returns what the engine says of a record's class. It decides the first of
// a class, and remembers.
func (d *Decider) Decide(r *record.Record) *Outcome {
	key := d.classes.Key(r)
	if o, ok := d.known[string(key)]; ok {
		return o
	}
	if len(d.known) >= maxClasses {
		clear(d.known)
	}
	class, o := string(key), (*Outcome)(nil)
	if o, d.gather, d.gatherAfter = d.common.outcome(class); o == nil {
		o = d.Alone(r)
		d.common.keep(class, o)
	}
	d.known[class] = o
	return o
}

// Alone decides one record for itself.
func (d *Decider) Alone(r *record.Record) *Outcome {
	q, err := r.Request(d.names)
	if err != nil {
		return &Outcome{Err: err}
	}
	before, err := ask(d.gather, q)
	if err != nil {
		return &Outcome{Err: errUndecided{err}}
	}
	o := &Outcome{Same: true, NoWorse: true, NoBetter: true}
	o.Before, o.Was = before.verdict, before.finding()
	o.After, o.Is = o.Before, o.Was
	if d.after == d.before {
		return o
	}
	d.storedBefore(q)
	after, err := ask(d.gatherAfter, q)
	if err != nil {
		return &Outcome{Err: errUndecided{err}}
	}
	o.After, o.Is = after.verdict, after.finding()
	if o.Before == iam.Unknown || o.After == iam.Unknown {
		was, is := footing(before.facts, before.decided(), d.spelled), footing(after.facts, after.decided(), d.spelled)
		o.NoWorse, o.NoBetter = is.atLeast(was), was.atLeast(is)
		o.Same = o.NoWorse && o.NoBetter
	} else {
		o.Same, o.NoWorse, o.NoBetter = o.Before == o.After, o.After >= o.Before, o.After <= o.Before
	}
	d.uploaded(o, r, q)
	return o
}

// Missing says what the decision after the change hangs on, of a record whose
// outcome is that it is not known.
func (d *Decider) Missing(r *record.Record, o *Outcome) string {
	return d.common.why(o, func() string { return d.lacks(r) })
}

func (d *Decider) lacks(r *record.Record) string {
	q, err := r.Request(d.names)
	if err != nil {
		return err.Error()
	}
	if d.after != d.before {
		d.storedBefore(q)
	}
	full, _, err := explain.With(d.gatherAfter, q, explain.Options{})
	if err != nil {
		return err.Error()
	}
	return missing(full)
}

// asked is a request in one of the estates. Why it is decided so is found out where
// somebody needs it: most requests are allowed.
type asked struct {
	facts    *decide.Facts
	verdict  iam.Verdict
	decision *decide.Decision
}

func ask(g *gather.Gatherer, q *request.Request) (*asked, error) {
	facts, err := g.Facts(q)
	if err != nil {
		return nil, err
	}
	return &asked{facts: facts, verdict: decide.Allowed(facts)}, nil
}

func (a *asked) decided() *decide.Decision {
	if a.decision == nil {
		a.decision = decide.Decide(a.facts)
	}
	return a.decision
}

// finding says why a decision is none to allow.
func (a *asked) finding() *Finding {
	switch a.verdict {
	case iam.Allowed:
		return nil
	case iam.Unknown:
		return &Finding{}
	}
	d := a.decided()
	r := &d.Refusals[0]
	statement, place, named := "", r.Pos, ""
	if r.Set != nil && r.Statement >= 0 {
		st, in := r.Set.At(r.Statement)
		statement, place, named = fmt.Sprintf("%d\x01%s", st.Index, st.Sid), st.Pos, in.Name
	}
	where := ""
	if place.IsValid() {
		where = fmt.Sprintf("%s:%d", place.File, place.Line)
	}
	return &Finding{Cause: []string{r.Gate.String(), r.Kind.String(), string(r.Reason), named, statement, where, r.Action}, Message: d.Message}
}

// storedBefore tells a request that reads an object how that is encrypted: by the
// default that the bucket had when it was written. A new default is for objects to
// come (S3 User Guide, Setting default server-side encryption behavior).
func (d *Decider) storedBefore(q *request.Request) {
	spec, ok := s3op.Lookup(q.Operation)
	was, held := d.before.Bucket(q.Bucket)
	is, still := d.after.Bucket(q.Bucket)
	if !ok || !held || !still || !spec.Read || q.Key == "" || q.Object != nil || was.Objects[q.Key] != nil || was.Listed || reflect.DeepEqual(was.Encryption, is.Encryption) {
		return
	}
	if _, unread := was.Unknown.Why("encryption"); unread {
		return
	}
	stored := &estate.Encryption{Algorithm: "AES256"}
	if was.Encryption != nil && was.Encryption.Algorithm != "" {
		stored = &estate.Encryption{Algorithm: was.Encryption.Algorithm, Key: was.Encryption.Key, BucketKey: was.Encryption.BucketKey}
	}
	q.Object = &estate.Object{Encryption: stored}
}

// errUndecided is a request that the engine takes for none.
type errUndecided struct{ err error }

func (e errUndecided) Error() string { return e.err.Error() }
func (e errUndecided) Unwrap() error { return e.err }

// Undecided reports errors of records that stand for requests of S3, but tell too
// little for a decision.
func Undecided(err error) bool {
	for _, none := range []error{record.ErrNotS3, record.ErrService, record.ErrSession, record.ErrPerKey} {
		if errors.Is(err, none) {
			return false
		}
	}
	return true
}
