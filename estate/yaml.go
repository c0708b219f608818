package estate

import (
	"bufio"
	"regexp"
	"strings"

	"github.com/why403/why403/internal/node"
)

// yamlPrinter writes nodes in block style, in the part of YAML that every
// reader agrees on: strings are plain only where they cannot be anything else.
type yamlPrinter struct{ w *bufio.Writer }

const indent = 2

func (p *yamlPrinter) mapping(n *node.Node, depth int) {
	for _, m := range distinct(n) {
		p.spaces(depth)
		p.member(m, depth)
	}
}

// distinct returns the members without those that are said again later, which
// then counts.
func distinct(n *node.Node) []node.Member {
	last := make(map[string]int, len(n.Members))
	for i, m := range n.Members {
		last[m.Name] = i
	}
	if len(last) == len(n.Members) {
		return n.Members
	}
	var list []node.Member
	for i, m := range n.Members {
		if last[m.Name] == i {
			list = append(list, m)
		}
	}
	return list
}

func (p *yamlPrinter) member(m node.Member, depth int) {
	p.w.WriteString(scalarText(m.Name))
	p.w.WriteByte(':')
	p.value(m.Value, depth)
}

// value writes what follows a colon, with the end of the line.
func (p *yamlPrinter) value(n *node.Node, depth int) {
	switch {
	case n.Kind == node.Object && len(n.Members) > 0:
		p.w.WriteByte('\n')
		p.mapping(n, depth+indent)
	case n.Kind == node.Array && len(n.Items) > 0:
		p.w.WriteByte('\n')
		for _, item := range n.Items {
			p.spaces(depth + indent)
			p.item(item, depth+indent)
		}
	default:
		p.w.WriteByte(' ')
		p.w.WriteString(flow(n))
		p.w.WriteByte('\n')
	}
}

// item writes an item of a list. A mapping begins on the dash's own line.
func (p *yamlPrinter) item(n *node.Node, depth int) {
	p.w.WriteByte('-')
	if n.Kind != node.Object || len(n.Members) == 0 {
		p.value(n, depth)
		return
	}
	p.w.WriteByte(' ')
	for i, m := range distinct(n) {
		if i > 0 {
			p.spaces(depth + indent)
		}
		p.member(m, depth+indent)
	}
}

func (p *yamlPrinter) spaces(n int) {
	for range n {
		p.w.WriteByte(' ')
	}
}

// flow returns a scalar, or an empty list or mapping.
func flow(n *node.Node) string {
	switch n.Kind {
	case node.Object:
		return "{}"
	case node.Array:
		return "[]"
	case node.Null:
		return "null"
	case node.String:
		return scalarText(n.Text)
	}
	return n.Text
}

var (
	plainSyntax = regexp.MustCompile(`^[A-Za-z/][A-Za-z0-9_./*+=@-]*(:[A-Za-z0-9_./*+=@-]+)*$`)
	reserved    = map[string]bool{"true": true, "false": true, "null": true, "yes": true, "no": true, "on": true, "off": true, "y": true, "n": true}
)

func scalarText(s string) string {
	if plainSyntax.MatchString(s) && !reserved[strings.ToLower(s)] {
		return s
	}
	return string(node.AppendString(nil, s))
}
