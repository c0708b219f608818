// Package node reads JSON and YAML into one tree that keeps the place of every
// value, so that whatever is said about a document later can name its file,
// line and column. JSON is read strictly (no comments, no trailing commas) and
// keeps repeated member names; YAML is read with anchors and aliases resolved.
package node

import (
	"fmt"
	"strings"
)

// Kind tells what a Node is.
type Kind uint8

// The kinds of a Node.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

var kindWords = [...]string{"null", "a boolean", "a number", "a string", "a list", "a mapping"}

// String returns the kind in words, with its article.
func (k Kind) String() string { return kindWords[k] }

// A Pos is a place in a file. Lines and columns count from 1, columns in bytes.
// The zero Pos is no place.
type Pos struct {
	File         string
	Line, Column int32
}

// IsValid reports whether the position names a place.
func (p Pos) IsValid() bool { return p.Line > 0 }

// String returns "file:line:column", without the parts that are not known.
func (p Pos) String() string {
	if !p.IsValid() {
		return p.File
	}
	at := fmt.Sprintf("%d:%d", p.Line, p.Column)
	if p.File == "" {
		return at
	}
	return p.File + ":" + at
}

// A Node is one value of a document.
type Node struct {
	Kind    Kind
	Text    string // a scalar's text: decoded string, number as written, "true", "false"
	Pos     Pos    // where the value begins
	Start   int    // byte offset of the value in a JSON document
	End     int    // byte offset behind the value in a JSON document
	Items   []*Node
	Members []Member
}

// A Member is one name and value of an Object.
type Member struct {
	Name  string
	Pos   Pos
	Value *Node
}

// Get returns the value of the last member of that name, or nil.
func (n *Node) Get(name string) *Node {
	if n == nil {
		return nil
	}
	for i := len(n.Members) - 1; i >= 0; i-- {
		if n.Members[i].Name == name {
			return n.Members[i].Value
		}
	}
	return nil
}

// List returns the items of an Array, and of anything else the node itself as
// the only item, since AWS documents may write a list of one without brackets.
func (n *Node) List() []*Node {
	if n.Kind == Array {
		return n.Items
	}
	return []*Node{n}
}

// An Error is a complaint about one place of a document.
type Error struct {
	Pos Pos
	Msg string
}

// Error returns "file:line:column: message".
func (e *Error) Error() string {
	if at := e.Pos.String(); at != "" {
		return at + ": " + e.Msg
	}
	return e.Msg
}

// ExitCode returns the exit status of bad input.
func (e *Error) ExitCode() int { return 2 }

// Errorf returns an Error at the node.
func (n *Node) Errorf(format string, args ...any) *Error {
	return &Error{n.Pos, fmt.Sprintf(format, args...)}
}

// Parse reads JSON where the first byte that is not white space opens a JSON
// value, and YAML otherwise. The name is used in positions.
func Parse(name string, data []byte) (*Node, error) {
	data = blankBOM(data)
	if err := checkText(name, data); err != nil {
		return nil, err
	}
	trimmed := strings.TrimLeft(string(data[:min(len(data), 512)]), " \t\r\n")
	if strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[") {
		if n, err := ParseJSON(name, data); err == nil {
			return n, nil
		} else if strings.HasSuffix(name, ".json") {
			return nil, err
		}
		// YAML's flow style may look like JSON and not be JSON.
		n, yamlErr := ParseYAML(name, data)
		if yamlErr != nil {
			_, jsonErr := ParseJSON(name, data)
			return nil, jsonErr
		}
		return n, nil
	}
	return ParseYAML(name, data)
}

// Nearest returns the candidate most like the name, if any is near enough to be
// a misspelling of it.
func Nearest(name string, candidates []string) (string, bool) {
	best, bestDistance := "", max(2, len(name)/3)+1
	for _, c := range candidates {
		if strings.EqualFold(c, name) {
			return c, true
		}
		if d := distance(strings.ToLower(name), strings.ToLower(c)); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best, best != ""
}

// distance is the Levenshtein distance of two short names.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
