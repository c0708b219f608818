// Package report is the JSON form of a decision: the contract with programs
// that read why403's output, and the input of everything that renders it. It
// loses nothing that the text shows, so a saved decision can be rendered again
// later.
package report

import (
	"encoding/json"

	"github.com/why403/why403/iam"
)

// A Decision is the verdict on one request, with the outcome of every gate.
type Decision struct {
	ID      string      `json:"id,omitempty"`      // of the request, where it had one
	Verdict iam.Verdict `json:"verdict"`           // denied covers every refusal, whatever its status
	Status  int         `json:"status,omitempty"`  // S3's HTTP status; absent where the verdict is unknown
	Code    string      `json:"code,omitempty"`    // S3's error code; absent on success
	Message string      `json:"message,omitempty"` // what S3 answers, to the letter; absent for HEAD and on success

	Principal string `json:"principal"`
	Operation string `json:"operation,omitempty"` // absent where the request asked about one action alone
	Resource  string `json:"resource,omitempty"`  // ARN of what the request names

	Cause        *Cause    `json:"cause,omitempty"` // of a denial: the first thing to mend
	Checks       []Check   `json:"checks"`
	Contributing []*Cause  `json:"contributing"` // denials that would stand after the cause is mended
	Unknown      []Unknown `json:"unknown"`
	Cases        []Case    `json:"cases,omitempty"`    // what an unknown verdict would be
	Evidence     *Evidence `json:"evidence,omitempty"` // what AWS itself answered, where it was asked
	Assumed      []string  `json:"assumed,omitempty"`  // what was taken for granted without being known
	Fixes        []Fix     `json:"fixes"`
}

// A Cause is one refusal.
type Cause struct {
	Gate      iam.Gate   `json:"gate"`
	Kind      iam.Kind   `json:"kind"`
	Reason    string     `json:"reason"` // see why403 reason
	Action    string     `json:"action,omitempty"`
	Resource  string     `json:"resource,omitempty"`
	Policy    string     `json:"policy,omitempty"`    // the policy's name, where a statement refuses
	Statement *Statement `json:"statement,omitempty"` // the statement that refuses
	Source    *Source    `json:"source,omitempty"`    // where the statement or setting stands
	Summary   string     `json:"summary"`             // one sentence that a person can act on

	// Compare sets policy against request: for an explicit deny the conditions
	// that matched, for an implicit one those of the nearest statements that
	// did not.
	Compare []Comparison `json:"compare,omitempty"`

	// Notes say what surprises people about this refusal, and mistakes in the
	// policies that could have allowed.
	Notes []Note `json:"notes,omitempty"`

	// NearMisses are the statements that would have allowed but for one part,
	// nearest first.
	NearMisses []NearMiss `json:"nearMisses,omitempty"`
}

// A Note is something about a refusal that surprises people.
type Note struct {
	Reason  string `json:"reason"` // see why403 reason
	Summary string `json:"summary"`
}

// A Statement names a statement of a policy.
type Statement struct {
	Index int    `json:"index"` // from 0, in document order
	Sid   string `json:"sid,omitempty"`
}

// A Source is a place in one of the estate's files. File is relative to the
// estate file's folder.
type Source struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"-"`
}

// A Comparison sets one condition of a policy against the request.
type Comparison struct {
	Operator string   `json:"operator"`
	Key      string   `json:"key"`
	Policy   []string `json:"policy"`  // the policy's values
	Request  string   `json:"request"` // the request's; "(absent)", "(not known)"
	Matched  string   `json:"matched"` // "true", "false", "unknown"
}

// A NearMiss is a statement that would have allowed but for one part.
type NearMiss struct {
	Gate      iam.Gate     `json:"gate"`
	Policy    string       `json:"policy"`
	Statement Statement    `json:"statement"`
	Source    *Source      `json:"source,omitempty"`
	Part      string       `json:"part"`   // action, resource, principal, condition
	Reason    string       `json:"reason"` // see why403 reason
	Summary   string       `json:"summary"`
	Compare   []Comparison `json:"compare,omitempty"`
}

// A Check is one permission that the request needed.
type Check struct {
	Action   string       `json:"action"`
	Resource string       `json:"resource"`
	Verdict  iam.Verdict  `json:"verdict"`
	Gates    []GateResult `json:"gates"`
}

// A GateResult is what one gate did to one check.
type GateResult struct {
	Gate      iam.Gate    `json:"gate"`
	Outcome   iam.Outcome `json:"outcome"`
	Policy    string      `json:"policy,omitempty"`
	Statement *Statement  `json:"statement,omitempty"`
	Source    *Source     `json:"source,omitempty"`
	Reason    string      `json:"reason,omitempty"`
}

// An Unknown is something that the estate or the request does not tell.
type Unknown struct {
	Gate iam.Gate `json:"gate"`
	What string   `json:"what"`
	Why  string   `json:"why"`
	Need string   `json:"need,omitempty"` // the permission, or the field of the request, that would tell
}

// A Case is what a verdict would be if what is unknown said something, each decided
// by the engine. Of a denial, whatever the rest says; else the rest says nothing.
type Case struct {
	If      []Answer    `json:"if"` // empty: none says anything
	Verdict iam.Verdict `json:"verdict"`
	Gate    *iam.Gate   `json:"gate,omitempty"` // that refuses
	Reason  string      `json:"reason,omitempty"`
}

// An Answer is what something unknown would say: it "allows" the request to the
// caller, or "denies" it.
type Answer struct {
	Gate iam.Gate `json:"gate"`
	What string   `json:"what"`
	Says string   `json:"says"`
}

// Evidence is AWS's own answer to the request, and what it tells of the decision.
type Evidence struct {
	Status  int       `json:"status"`
	Code    string    `json:"code,omitempty"`
	Message string    `json:"message,omitempty"`
	Gate    *iam.Gate `json:"gate,omitempty"` // that the message names
	Kind    *iam.Kind `json:"kind,omitempty"`
	Policy  string    `json:"policyArn,omitempty"` // that the message names

	// Settles tells that the verdict, else unknown, follows from this answer.
	Settles bool `json:"settles,omitempty"`
	// Contradiction says in which the decision differs; "" where it does not.
	Contradiction string `json:"contradiction,omitempty"`
}

// A Fix is a plan: changes of the estate, of the request, or of both, after which
// the engine decides allowed. Gate, Where and Note are those of its first step.
type Fix struct {
	Gate     iam.Gate `json:"gate"`
	Where    string   `json:"where"`
	Title    string   `json:"title"`
	Change   []Patch  `json:"change"`            // of the estate, all steps together
	Request  []Patch  `json:"request,omitempty"` // of the request, all steps together
	Command  string   `json:"command,omitempty"` // of the AWS CLI, a line each
	Verified bool     `json:"verified"`          // the engine, asked again, decides allowed
	Widens   Widens   `json:"widens"`
	Note     string   `json:"note,omitempty"`

	// Opens names whom the fix lets in from outside: "the public", "account" with
	// its id, where a resource of another account is opened to it. Absent for none.
	Opens []string `json:"opens,omitempty"`

	Steps []FixStep `json:"steps"` // in the order in which they are taken

	// Diff is how the files of the estate change, as a unified diff; absent where
	// none does, or the estate is of no file.
	Diff string `json:"diff,omitempty"`

	// Unknown is what to read, or to state, before the fix can be verified.
	Unknown []Unknown `json:"unknown,omitempty"`
}

// A FixStep is one change of one policy, setting or request.
type FixStep struct {
	Gate    iam.Gate      `json:"gate"`
	Account iam.AccountID `json:"account,omitempty"` // whose administrator takes it; absent for the request's maker
	Where   string        `json:"where"`
	Title   string        `json:"title"`
	Change  []Patch       `json:"change,omitempty"`
	Request []Patch       `json:"request,omitempty"`
	Command string        `json:"command,omitempty"`
	Source  *Source       `json:"source,omitempty"` // the document that changes, where a file holds it
	Note    string        `json:"note,omitempty"`
}

// A Patch is one operation of a JSON Patch (RFC 6902): of a fix's change on the
// estate, of its request on the request. A path that leads into a policy goes on
// in the policy's own document.
type Patch struct {
	Op    string          `json:"op"`
	Path  string          `json:"path"`
	Value json.RawMessage `json:"value,omitempty"`
}

// Widens says who gains by a fix beside whom it is for.
type Widens struct {
	Principals int      `json:"principals"`
	Public     bool     `json:"public"`
	Who        []string `json:"who,omitempty"` // the first of them, by name
}

// A Step is what one statement said about one check; the lines of a trace.
type Step struct {
	Gate      iam.Gate     `json:"gate"`
	Check     int          `json:"check"` // index in Decision.Checks
	Policy    string       `json:"policy"`
	Statement Statement    `json:"statement"`
	Effect    string       `json:"effect"`
	Source    *Source      `json:"source,omitempty"`
	Matched   string       `json:"matched"` // "true", "false", "unknown"
	Failed    string       `json:"failed,omitempty"`
	Compare   []Comparison `json:"compare,omitempty"`
}
