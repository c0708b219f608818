package fix

import (
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/node"
)

// A step is one change on the way to an allowed request.
type step struct {
	gate  iam.Gate
	place place  // what it changes; the zero place is the request
	title string // what to do, as one would say it: "allow s3:GetObject on … to …"
	note  string // what it means besides, "" for nothing

	estate  []node.Change
	request []node.Change

	pos node.Pos // of what changes, where it is less than the place's document

	leads bool // worth taking though the refusal stands: others mend it then

	cost    int
	opens   opening
	command string // where the place's own command is not the one; "" otherwise

	also *step // taken at once with this one, at another place; its changes are in estate too
}

// An opening is to whom a step opens something, as far as that can be told from
// the step alone.
type opening uint8

const (
	opensNothing opening = iota
	opensOther           // another account
	opensPublic          // everyone
)

// The costs of steps: what they open, in rough order. Within one rank the
// candidates' own order counts.
const (
	costRequest   = 10  // the request meets what is asked of it
	costNetwork   = 14  // it comes another way
	costIdentity  = 18  // another identity makes it
	costStatement = 30  // one statement for this principal, action and resource
	costOther     = 34  // the same on a side where it is less expected
	costShared    = 40  // in a policy that others share
	costException = 50  // a Deny spares this principal
	costNarrow    = 60  // a Deny spares a network, a value
	costTag       = 64  // a tag is set, which other policies may read too
	costOpens     = 60  // besides, where it lets another account in
	costSetting   = 70  // a setting or the state of a thing
	costPolicyNew = 80  // a policy is made and attached
	costLoosen    = 120 // a protection is taken away
	costBlock     = 400 // Block Public Access is turned off
	costPublic    = 900 // everyone is let in
)

func (st *step) key() string { return changeKey(st.estate) + "|" + changeKey(st.request) }

// change is a shorthand for adding something to the estate.
func added(path node.Pointer, value *node.Node) node.Change {
	return node.Change{Op: node.Add, Path: path, Value: value}
}

func removed(path node.Pointer) node.Change { return node.Change{Op: node.Remove, Path: path} }
