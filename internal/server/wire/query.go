package wire

import (
	"net/url"
	"strings"
)

// A Param is one parameter of a query string, decoded.
type Param struct {
	Name, Value string
	HasValue    bool // there was a "="
}

// A Query is a query string in the order in which it was sent. "?acl" and
// "?acl=" differ in HasValue alone.
type Query []Param

// ParseQuery splits a raw query on '&'. A ';' separates nothing; what does not
// decode is kept as it is.
func ParseQuery(raw string) Query {
	var q Query
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, ok := strings.Cut(part, "=")
		q = append(q, Param{unescape(name), unescape(value), ok})
	}
	return q
}

func unescape(s string) string {
	if d, err := url.QueryUnescape(s); err == nil {
		return d
	}
	return s
}

// Lookup returns the value of the first parameter of exactly that name, and
// whether there is one.
func (q Query) Lookup(name string) (string, bool) {
	for _, p := range q {
		if p.Name == name {
			return p.Value, true
		}
	}
	return "", false
}

// Get returns the value of the first parameter of that name, or "".
func (q Query) Get(name string) string {
	v, _ := q.Lookup(name)
	return v
}

// Has reports whether there is a parameter of that name.
func (q Query) Has(name string) bool {
	_, ok := q.Lookup(name)
	return ok
}

// Map returns the parameters by name; of a repeated one, the first.
func (q Query) Map() map[string]string {
	m := make(map[string]string, len(q))
	q.Into(m)
	return m
}

// Into is Map into a map that is there.
func (q Query) Into(m map[string]string) {
	for _, p := range q {
		if _, ok := m[p.Name]; !ok {
			m[p.Name] = p.Value
		}
	}
}
