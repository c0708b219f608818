package policy

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/why403/why403/internal/condition"
)

// A Named document is one policy in a Set: the document, and how reports name
// it.
type Named struct {
	Name     string // "app-read", "arn:aws:iam::aws:policy/ReadOnlyAccess", a bucket's name, …
	ARN      string // of a managed policy; "" for others
	Document *Document
}

// A Set is the statements that one gate asks about one caller, in document
// order. Statements whose principals do not reach the caller are left out of
// evaluation, and kept for explanations. A Set is safe for concurrent use.
type Set struct {
	Policies []Named
	entries  []entry

	// open is set where every statement is an Allow and the first allows
	// everything to the caller: the form by which it does.
	open Via

	views atomic.Pointer[[]view] // per action, built when first asked
	mu    sync.Mutex
}

type entry struct {
	statement   *statement
	policy      int // index in Policies
	sure, maybe Via // how the statement reaches the caller
}

// NewSet gathers documents for a caller. Documents without Principal elements
// (identity-based policies, boundaries, SCPs) reach every caller. The error is
// that of a document that Parse would have refused.
func NewSet(policies []Named, caller *Caller) (*Set, error) {
	return NewSetVia(policies, caller, ^Via(0))
}

// NewSetVia is NewSet for a policy type that knows some forms of principal only:
// the policy of a gateway endpoint reaches callers by "*" alone.
func NewSetVia(policies []Named, caller *Caller, forms Via) (*Set, error) {
	s := &Set{Policies: policies}
	for i, p := range policies {
		statements, err := p.Document.compile()
		if err != nil {
			return nil, err
		}
		for j := range statements {
			e := entry{statement: &statements[j], policy: i}
			e.sure, e.maybe = caller.reach(statements[j].source)
			e.sure, e.maybe = e.sure&forms, e.maybe&forms
			if e.sure != 0 && statements[j].delegates {
				e.sure |= ViaDelegation
			}
			s.entries = append(s.entries, e)
		}
	}
	s.open = s.opens()
	return s, nil
}

// Len returns the number of statements.
func (s *Set) Len() int { return len(s.entries) }

// At returns statement i of the set, counted over all documents, and the policy
// that holds it.
func (s *Set) At(i int) (*Statement, *Named) {
	e := &s.entries[i]
	return e.statement.source, &s.Policies[e.policy]
}

// A Query is what a Set is asked.
type Query struct {
	Action     Action
	Resource   string // the ARN, "" where the policy type has no Resource element
	Open       bool   // Resource is the beginning of an ARN whose end is not known
	NoResource bool   // ask without regard to Resource (role trust policies)
	Context    *condition.Context
}

// A Result is what the statements of a Set say about a Query.
type Result struct {
	// Allow and Deny hold the forms by which a matching statement reaches the
	// caller for sure; MayAllow and MayDeny those that hang on what is not
	// known.
	Allow, Deny       Via
	MayAllow, MayDeny Via

	// FirstAllow, FirstDeny and FirstMay are the first such statements in
	// document order, or -1. FirstMay is the first that hangs on something.
	FirstAllow, FirstDeny, FirstMay int32
}

// Part is a part of a statement that can fail to match.
type Part uint8

// The parts of a statement, in the order in which they are compared.
const (
	PartNone Part = iota // all parts match
	PartAction
	PartResource
	PartPrincipal
	PartCondition
)

// String returns the part in words.
func (p Part) String() string {
	return [...]string{"", "action", "resource", "principal", "condition"}[p]
}

// A Step is what one statement said about a Query.
type Step struct {
	Statement int32 // index in the Set
	Condition int16 // the first condition that failed, where Failed is PartCondition
	Truth     condition.Truth
	Failed    Part // the first part that does not match, or whose answer is not known
	Via       Via
}

// A Recorder is told every statement that was asked. Nil records nothing, and
// costs nothing.
type Recorder interface {
	Record(s *Set, step Step)
}

// Eval asks the statements. Without a recorder it stops at a Deny that is sure,
// and asks only statements that its index names; with one it asks all. The
// Deny, and the Allow where there is no Deny, are the same either way.
func (s *Set) Eval(q *Query, rec Recorder) Result {
	r := Result{FirstAllow: -1, FirstDeny: -1, FirstMay: -1}
	if rec != nil || q.Open { // the index goes by all of the resource
		for i := range s.entries {
			step := Step{Statement: int32(i), Via: s.entries[i].sure | s.entries[i].maybe}
			step.Truth = s.entries[i].match(q, &step, false)
			if rec != nil {
				rec.Record(s, step)
			}
			r.add(&s.entries[i], int32(i), step.Truth)
		}
		return r
	}
	if s.open != 0 {
		r.Allow, r.FirstAllow = s.open, 0
		return r
	}
	v := s.view(&q.Action)
	for _, c := range v.always {
		r.add(&s.entries[c.statement], c.statement, s.entries[c.statement].match(q, nil, c.settled))
		if r.Deny != 0 {
			return r
		}
	}
	for n, rest := v.tree, q.Resource; n != nil; {
		for _, c := range n.entries {
			r.add(&s.entries[c.statement], c.statement, s.entries[c.statement].match(q, nil, c.settled))
		}
		if r.Deny != 0 {
			return r
		}
		n, rest = n.descend(rest)
	}
	return r
}

func (r *Result) add(e *entry, i int32, t condition.Truth) {
	if t == condition.False {
		return
	}
	sure, may := e.sure, e.maybe
	if t == condition.Unknown {
		sure, may = 0, sure|may
	}
	if sure == 0 {
		r.FirstMay = first(r.FirstMay, i)
	}
	if e.statement.effect == Allow {
		r.Allow |= sure
		r.MayAllow |= may
		if sure != 0 {
			r.FirstAllow = first(r.FirstAllow, i)
		}
		return
	}
	r.Deny |= sure
	r.MayDeny |= may
	if sure != 0 {
		r.FirstDeny = first(r.FirstDeny, i)
	}
}

func first(old, i int32) int32 {
	if old < 0 || i < old {
		return i
	}
	return old
}

// match compares one statement with a query. The step, where there is one, is
// told the first part that does not match, or whose answer is not known; settled
// tells that the resource is known to match.
func (e *entry) match(q *Query, step *Step, settled bool) condition.Truth {
	st := e.statement
	if step != nil && !st.actions.has(q.Action) { // without a step, the index has chosen by action
		return step.fail(condition.False, PartAction, 0)
	}
	truth := condition.True
	if !settled {
		truth = st.matchResource(q)
	}
	if truth == condition.False {
		return step.fail(truth, PartResource, 0)
	}
	if truth == condition.Unknown {
		step.fail(truth, PartResource, 0)
	}
	if e.sure == 0 {
		if e.maybe == 0 {
			return step.fail(condition.False, PartPrincipal, 0)
		}
		truth = step.fail(condition.Unknown, PartPrincipal, 0)
	}
	for i := range st.conditions {
		switch st.conditions[i].Eval(q.Context) {
		case condition.False:
			return step.fail(condition.False, PartCondition, i)
		case condition.Unknown:
			if truth == condition.True {
				truth = step.fail(condition.Unknown, PartCondition, i)
			}
		}
	}
	return truth
}

// fail notes the part that does not match, where there is a step to note it in.
func (s *Step) fail(t condition.Truth, part Part, index int) condition.Truth {
	if s != nil {
		s.Failed, s.Condition = part, int16(index)
	}
	return t
}

func (st *statement) matchResource(q *Query) condition.Truth {
	if q.NoResource {
		return condition.True
	}
	truth := condition.False
	for i := range st.resources {
		if q.Open {
			truth = max(truth, st.resources[i].MatchOpen(q.Resource))
		} else {
			truth = max(truth, st.resources[i].Match(q.Resource, q.Context))
		}
		if truth == condition.True {
			break
		}
	}
	if len(st.resources) > 0 && st.source.NotResource {
		return truth.Not()
	}
	return truth
}

// UnsureKeys returns the condition keys of a statement, those of its policy
// variables included, whose values are not known in the context.
func (s *Set) UnsureKeys(i int, ctx *condition.Context) []condition.Key {
	st := s.entries[i].statement
	var unsure []condition.Key
	add := func(keys ...condition.Key) {
		for _, k := range keys {
			if ctx.Lookup(k).State == condition.Unsure && !slices.Contains(unsure, k) {
				unsure = append(unsure, k)
			}
		}
	}
	for i := range st.conditions {
		if st.conditions[i].Eval(ctx) == condition.Unknown {
			add(st.conditions[i].Keys()...)
		}
	}
	for i := range st.resources {
		add(st.resources[i].Variables()...)
	}
	return unsure
}

// opens tells whether the set allows everything, as FullAWSAccess does.
func (s *Set) opens() Via {
	for i := range s.entries {
		if s.entries[i].statement.effect == Deny {
			return 0
		}
	}
	if len(s.entries) == 0 {
		return 0
	}
	st := s.entries[0].statement
	if st.source.NotResource || len(st.conditions) > 0 || len(st.resources) != 1 || !st.resources[0].MatchesAll() || !st.actions.all() {
		return 0
	}
	return s.entries[0].sure & (ViaNone | ViaEveryone) // other forms leave more for other statements to say
}
