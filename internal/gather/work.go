package gather

import (
	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/request"
)

// A Work is room in which the facts of one request after another are gathered,
// without making it anew. It belongs to one goroutine at a time. The zero Work is
// ready to be used.
//
// Of earlier requests it keeps what their Gatherer keeps of the last caller and of the
// last bucket, which are often those of the next request, too. They are what the
// Gatherer would have found: the caller by the name under which it keeps callers, the
// bucket by its name and that of the caller, of the same Gatherer, whose estate does
// not change. And it keeps the facts of the last request, for one that is like it: see
// pattern.
type Work struct {
	room
	pattern pattern
}

// room holds the facts of one request while they are gathered, and then.
type room struct {
	task  task
	facts decide.Facts

	checks      [2]decide.Check
	connection  [18]condition.Entry
	asks        s3op.Work
	known       s3op.Facts
	object      objectFacts
	objectFacts decide.Object
	grants      [1]decide.Grant
	objectTaken bool // object, objectFacts and grants are in use

	last struct {
		gatherer *Gatherer
		callerID string // "" for none
		caller   *callerFacts
		account  *estate.Account
		bucket   *decide.Bucket // for the caller; nil for none
		keysOf   string         // a bucket; "" for none
		keys     condition.Layer
	}
}

// begin clears the room for a request.
func (w *room) begin(g *Gatherer, r *request.Request) *task {
	w.facts = decide.Facts{Operation: r.Operation, Checks: w.checks[:0]}
	w.objectTaken = false
	if w.last.gatherer != g {
		w.last.gatherer, w.last.callerID, w.last.bucket, w.last.keysOf = g, "", nil, ""
	}
	w.task = task{Gatherer: g, room: w, r: r, facts: &w.facts}
	return &w.task
}

// newObject is room for what is known of an object.
func (w *room) newObject() (*objectFacts, *decide.Object, []decide.Grant) {
	if w.objectTaken {
		return &objectFacts{}, &decide.Object{}, nil
	}
	w.objectTaken = true
	w.object, w.objectFacts = objectFacts{}, decide.Object{}
	return &w.object, &w.objectFacts, w.grants[:0:1]
}
