package node

import (
	"regexp"
	"strings"
)

// yamlIndent is how much further in the inside of a mapping stands.
const yamlIndent = 2

// AppendYAML writes the members of a mapping in block style, in the part of YAML
// that every reader agrees on: strings are plain only where they cannot be
// anything else. Of repeated names the last counts.
func AppendYAML(b []byte, n *Node, depth int) []byte {
	for _, m := range distinct(n) {
		b = AppendYAMLMember(appendSpaces(b, depth), m, depth)
	}
	return b
}

// distinct returns the members without those that are said again later, which
// then counts.
func distinct(n *Node) []Member {
	last := make(map[string]int, len(n.Members))
	for i, m := range n.Members {
		last[m.Name] = i
	}
	if len(last) == len(n.Members) {
		return n.Members
	}
	var list []Member
	for i, m := range n.Members {
		if last[m.Name] == i {
			list = append(list, m)
		}
	}
	return list
}

// AppendYAMLMember writes a member from its name on, with the end of the line;
// depth is the column of the name.
func AppendYAMLMember(b []byte, m Member, depth int) []byte {
	b = append(append(b, scalarText(m.Name)...), ':')
	return appendYAMLValue(b, m.Value, depth)
}

// appendYAMLValue writes what follows a colon or a dash.
func appendYAMLValue(b []byte, n *Node, depth int) []byte {
	switch {
	case n.Kind == Object && len(n.Members) > 0:
		return AppendYAML(append(b, '\n'), n, depth+yamlIndent)
	case n.Kind == Array && len(n.Items) > 0:
		b = append(b, '\n')
		for _, item := range n.Items {
			b = AppendYAMLItem(appendSpaces(b, depth+yamlIndent), item, depth+yamlIndent)
		}
		return b
	}
	return append(AppendYAMLScalar(append(b, ' '), n), '\n')
}

// AppendYAMLItem writes an item of a list from its dash on; depth is the column
// of the dash. A mapping begins on the dash's own line.
func AppendYAMLItem(b []byte, n *Node, depth int) []byte {
	b = append(b, '-')
	if n.Kind != Object || len(n.Members) == 0 {
		return appendYAMLValue(b, n, depth)
	}
	b = append(b, ' ')
	for i, m := range distinct(n) {
		if i > 0 {
			b = appendSpaces(b, depth+yamlIndent)
		}
		b = AppendYAMLMember(b, m, depth+yamlIndent)
	}
	return b
}

func appendSpaces(b []byte, n int) []byte { return append(b, strings.Repeat(" ", n)...) }

// AppendYAMLScalar writes a scalar, or an empty list or mapping.
func AppendYAMLScalar(b []byte, n *Node) []byte {
	switch n.Kind {
	case Object:
		return append(b, "{}"...)
	case Array:
		return append(b, "[]"...)
	case Null:
		return append(b, "null"...)
	case String:
		return append(b, scalarText(n.Text)...)
	}
	return append(b, n.Text...)
}

var (
	plainSyntax = regexp.MustCompile(`^[A-Za-z/][A-Za-z0-9_./*+=@-]*(:[A-Za-z0-9_./*+=@-]+)*$`)
	reserved    = map[string]bool{"true": true, "false": true, "null": true, "yes": true, "no": true, "on": true, "off": true, "y": true, "n": true}
)

func scalarText(s string) string {
	if plainSyntax.MatchString(s) && !reserved[strings.ToLower(s)] {
		return s
	}
	return string(AppendString(nil, s))
}

// AppendYAMLFlow writes a node on one line, which YAML and people read: JSON with
// plain words where YAML takes them.
func AppendYAMLFlow(b []byte, n *Node) []byte {
	switch {
	case n.Kind == Object && len(n.Members) > 0:
		b = append(b, '{')
		for i, m := range distinct(n) {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = append(append(b, flowText(m.Name)...), ": "...)
			b = AppendYAMLFlow(b, m.Value)
		}
		return append(b, '}')
	case n.Kind == Array && len(n.Items) > 0:
		b = append(b, '[')
		for i, item := range n.Items {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = AppendYAMLFlow(b, item)
		}
		return append(b, ']')
	case n.Kind == String:
		return append(b, flowText(n.Text)...)
	}
	return AppendYAMLScalar(b, n)
}

// flowText is scalarText between brackets, where a colon may end a name.
func flowText(s string) string {
	if strings.Contains(s, ":") {
		return string(AppendString(nil, s))
	}
	return scalarText(s)
}
