package report

import "github.com/why403/why403/iam"

// An Access is the answer of a query for one principal.
type Access struct {
	// Verdict is the engine's on a request in which all is left open that the
	// question does not state: unknown means that it hangs on something.
	Verdict iam.Verdict `json:"verdict"`

	// If holds, where the verdict is unknown, the alternatives in which the
	// engine decides allowed. All conditions of an alternative must hold; what it
	// does not name may be as it likes.
	If [][]Condition `json:"if,omitempty"`

	// Unless holds, where that is shorter and says the same as If, the
	// circumstances in which the engine decides denied: in all others it is
	// allowed.
	Unless []Condition `json:"unless,omitempty"`

	// Hangs lists the condition keys that the verdict hangs on ("network" for
	// those of the network), whether or not an alternative names them.
	Hangs []string `json:"hangsOn,omitempty"`

	// Partial tells that If may lack alternatives, for there are more
	// circumstances than were tried.
	Partial bool `json:"partial,omitempty"`

	// Unknown is what was not read or stated, and may leave the verdict open.
	Unknown []Unknown `json:"unknown,omitempty"`
}

// A Condition is one circumstance of a request.
type Condition struct {
	Key  string `json:"key"`  // the condition key, or "network"
	Text string `json:"text"` // "it comes through vpce-1a2b3c4d"
}

// A Who is one row of who-can: a principal, and its access to what was asked.
type Who struct {
	Principal string   `json:"principal"`
	Kind      string   `json:"kind"`              // "user", "role", "any other AWS account", …
	Account   string   `json:"account,omitempty"` // absent for those that belong to none
	Keys      []string `json:"keys,omitempty"`    // patterns, where no key was asked about

	// AccessPoint is the ARN of an access point through which there is access that
	// there is not, or not wholly, on the bucket directly.
	AccessPoint string `json:"accessPoint,omitempty"`
	Access
}

// A Right is one row of can: what a principal may do, and on what.
type Right struct {
	Buckets     []string `json:"buckets"`               // empty for what concerns the account
	AccessPoint string   `json:"accessPoint,omitempty"` // ARN, where it is access through one
	Keys        []string `json:"keys,omitempty"`        // patterns; absent for what concerns the bucket
	Actions     []string `json:"actions"`
	Access
}

// An AccessChange is one row of diff: access that two estates give differently.
type AccessChange struct {
	Change      string   `json:"change"` // "gained", "lost", "changed" (in some circumstances gained, in others lost)
	Principal   string   `json:"principal"`
	Kind        string   `json:"kind"`
	Account     string   `json:"account,omitempty"`
	Bucket      string   `json:"bucket"`
	AccessPoint string   `json:"accessPoint,omitempty"`
	Keys        []string `json:"keys,omitempty"`
	Actions     []string `json:"actions"`
	Before      Access   `json:"before"`
	After       Access   `json:"after"`
}
