package node

import (
	"fmt"
	"strconv"
	"strings"
)

// A Pointer is a JSON Pointer (RFC 6901), part by part.
type Pointer []string

var (
	escapePointer   = strings.NewReplacer("~", "~0", "/", "~1")
	unescapePointer = strings.NewReplacer("~1", "/", "~0", "~")
)

// ParsePointer reads a JSON Pointer such as "/accounts/111122223333".
func ParsePointer(s string) (Pointer, error) {
	if s == "" {
		return nil, nil
	}
	if s[0] != '/' {
		return nil, fmt.Errorf("%q is no JSON Pointer; it begins with a slash", s)
	}
	p := Pointer(strings.Split(s[1:], "/"))
	for i := range p {
		p[i] = unescapePointer.Replace(p[i])
	}
	return p, nil
}

// String returns the pointer as JSON Patch writes it.
func (p Pointer) String() string {
	var b strings.Builder
	for _, part := range p {
		b.WriteByte('/')
		b.WriteString(escapePointer.Replace(part))
	}
	return b.String()
}

// To returns the pointer to something inside.
func (p Pointer) To(parts ...string) Pointer {
	return append(append(make(Pointer, 0, len(p)+len(parts)), p...), parts...)
}

// The operations of a Change.
const (
	Add     = "add"
	Replace = "replace"
	Remove  = "remove"
)

// A Change is one operation of a JSON Patch (RFC 6902). Adding a member that is
// there replaces it.
type Change struct {
	Op    string
	Path  Pointer
	Value *Node // nil of Remove
}

// Inside returns the change as the value sees it that the first part of the path
// leads to.
func (c Change) Inside() Change {
	c.Path = c.Path[1:]
	return c
}

// errorf is a complaint about the path.
func (c Change) errorf(format string, args ...any) error {
	return fmt.Errorf("%s %s: %s", c.Op, c.Path, fmt.Sprintf(format, args...))
}

// item returns the place in a list of n items that the first part of the path
// names, n for "-".
func (c Change) item(n int) (int, error) {
	if c.Path[0] == "-" {
		return n, nil
	}
	i, err := strconv.Atoi(c.Path[0])
	if err != nil || i < 0 || i > n {
		return 0, c.errorf("the list has %d items", n)
	}
	return i, nil
}
