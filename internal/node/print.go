package node

import (
	"bytes"
	"encoding/json"
)

// AppendString quotes a string as JSON does, which YAML reads the same way.
func AppendString(b []byte, s string) []byte {
	buf := bytes.NewBuffer(b)
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}

// AppendJSON writes a node as JSON without white space, repeated names included.
func AppendJSON(b []byte, n *Node) []byte {
	switch n.Kind {
	case Object:
		b = append(b, '{')
		for i, m := range n.Members {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(AppendString(b, m.Name), ':')
			b = AppendJSON(b, m.Value)
		}
		return append(b, '}')
	case Array:
		b = append(b, '[')
		for i, item := range n.Items {
			if i > 0 {
				b = append(b, ',')
			}
			b = AppendJSON(b, item)
		}
		return append(b, ']')
	case String:
		return AppendString(b, n.Text)
	case Null:
		return append(b, "null"...)
	}
	return append(b, n.Text...)
}

// AppendIndented writes a node as JSON for people: members and items of mappings
// on lines of their own, lists of plain values on one. prefix begins every line
// but the first.
func AppendIndented(b []byte, n *Node, prefix, indent string) []byte {
	inner := prefix + indent
	open := func(i int) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, '\n'), inner...)
	}
	switch {
	case n.Kind == Object && len(n.Members) > 0:
		b = append(b, '{')
		for i, m := range n.Members {
			open(i)
			b = append(AppendString(b, m.Name), ": "...)
			b = AppendIndented(b, m.Value, inner, indent)
		}
		return append(append(append(b, '\n'), prefix...), '}')
	case n.Kind == Array && !n.plain():
		b = append(b, '[')
		for i, item := range n.Items {
			open(i)
			b = AppendIndented(b, item, inner, indent)
		}
		return append(append(append(b, '\n'), prefix...), ']')
	}
	return AppendFlow(b, n)
}

// plain reports a list of few scalars, which stands on one line.
func (n *Node) plain() bool {
	size := 0
	for _, item := range n.Items {
		if item.Kind == Object || item.Kind == Array {
			return false
		}
		size += len(item.Text) + 4
	}
	return size < 90
}

// AppendFlow writes a node as JSON on one line, with spaces behind commas and
// colons.
func AppendFlow(b []byte, n *Node) []byte {
	switch n.Kind {
	case Object:
		b = append(b, '{')
		for i, m := range n.Members {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = append(AppendString(b, m.Name), ": "...)
			b = AppendFlow(b, m.Value)
		}
		return append(b, '}')
	case Array:
		b = append(b, '[')
		for i, item := range n.Items {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = AppendFlow(b, item)
		}
		return append(b, ']')
	}
	return AppendJSON(b, n)
}
