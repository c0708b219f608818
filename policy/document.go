package policy

import (
	"sync"

	"github.com/why403/why403/internal/node"
)

// Pos is a place in a file.
type Pos = node.Pos

// An Error is a complaint about one place of a document.
type Error = node.Error

// The versions of the policy language. Without a Version element a document
// has the older one, in which variables are plain text.
const (
	Version2012 = "2012-10-17"
	Version2008 = "2008-10-17"
)

// A Document is one policy document.
type Document struct {
	Version    string // as written; "" where the element is missing
	ID         string
	Statements []Statement
	single     bool // Statement is one statement, not a list
	Pos        Pos
	Size       int // bytes of the JSON text; 0 where the document stands in YAML

	once     sync.Once
	compiled []statement
	err      error
}

// Effect is what a statement does where it matches. The zero Effect is Deny.
type Effect uint8

// The effects of a statement.
const (
	Deny Effect = iota
	Allow
)

// String returns "Deny" or "Allow".
func (e Effect) String() string { return [...]string{"Deny", "Allow"}[e] }

// A Value is one text of a document, with its place.
type Value struct {
	Text string
	Pos  Pos
}

// A Statement is one statement of a document.
type Statement struct {
	Index  int // from 0, in document order
	Sid    string
	Effect Effect
	Pos    Pos

	// What the elements are: there is a Sid, which may be empty; there is a
	// Principal or NotPrincipal; and the values of each stood in its Not form.
	HasSid, HasPrincipal                 bool
	NotPrincipal, NotAction, NotResource bool

	Principals []PrincipalValue // empty where the element is missing
	Actions    []Value
	Resources  []Value // empty where the element is missing
	Conditions []Condition
}

// A PrincipalValue is one value of a Principal element.
type PrincipalValue struct {
	Type string // "AWS", "Service", "Federated", "CanonicalUser"; "*" for the bare "*"
	Value
}

// A Condition is one operator and key of a Condition element, with its values.
type Condition struct {
	Operator string
	Key      string
	Values   []Value
	Pos      Pos // of the key
}

// Variables reports whether the document's version has policy variables.
func (d *Document) Variables() bool { return d.Version == Version2012 }

// Single reports whether the Statement element is one statement by itself, not a
// list.
func (d *Document) Single() bool { return d.single }
