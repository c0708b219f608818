package redact

import (
	"strings"

	"github.com/why403/why403/internal/node"
)

// policy replaces what names something in a policy document.
func (r *Redactor) policy(n *node.Node) *node.Node {
	return members(n, func(name string, value *node.Node) *node.Node {
		switch {
		case strings.EqualFold(name, "Id"):
			return r.each(value, r.Text)
		case strings.EqualFold(name, "Statement"):
			return items(value, r.statement)
		}
		return value
	})
}

func (r *Redactor) statement(n *node.Node) *node.Node {
	return members(n, func(name string, value *node.Node) *node.Node {
		switch strings.ToLower(name) {
		case "sid":
			return r.each(value, r.Text)
		case "resource", "notresource":
			return r.each(value, r.pattern)
		case "principal", "notprincipal":
			return r.principal(value)
		case "condition":
			return r.conditions(value)
		}
		return value
	})
}

func (r *Redactor) principal(n *node.Node) *node.Node {
	if n.Kind != node.Object {
		return r.each(n, r.pattern)
	}
	return members(n, func(kind string, value *node.Node) *node.Node {
		if strings.EqualFold(kind, "Service") {
			return value
		}
		return r.each(value, r.pattern)
	})
}

// conditions replaces keys and values, but for those of operators on what is no name.
func (r *Redactor) conditions(n *node.Node) *node.Node {
	return members(n, func(operator string, keys *node.Node) *node.Node {
		out := &node.Node{Kind: keys.Kind, Text: keys.Text, Items: keys.Items, Pos: keys.Pos}
		for _, m := range keys.Members {
			value := r.each(m.Value, func(text string) string { return r.conditionValue(operator, m.Name, text) })
			out.Members = append(out.Members, node.Member{Name: r.key(m.Name), Value: value})
		}
		return out
	})
}

func (r *Redactor) conditionValue(operator, key, text string) string {
	small := strings.ToLower(operator)
	for _, kind := range []string{"bool", "null", "numeric", "date"} {
		if strings.Contains(small, kind) {
			return text
		}
	}
	if strings.Contains(small, "ipaddress") {
		return r.address(text)
	}
	if r.learning {
		r.learn(text)
	}
	return r.value(key, text)
}

// pattern is Text, for what may have wildcards.
func (r *Redactor) pattern(text string) string {
	if r.learning {
		r.learn(text)
	}
	return r.Text(text)
}

// each replaces a text, or each of a list.
func (r *Redactor) each(n *node.Node, replace func(string) string) *node.Node {
	switch n.Kind {
	case node.String:
		return node.Text(replace(n.Text))
	case node.Number:
		if with := replace(n.Text); with != n.Text { // an account id that was not quoted
			return node.Text(with)
		}
	case node.Array:
		return items(n, func(item *node.Node) *node.Node { return r.each(item, replace) })
	}
	return n
}

// items replaces each of a list, or what stands alone.
func items(n *node.Node, replace func(*node.Node) *node.Node) *node.Node {
	if n.Kind != node.Array {
		return replace(n)
	}
	out := &node.Node{Kind: node.Array}
	for _, item := range n.Items {
		out.Items = append(out.Items, replace(item))
	}
	return out
}

// members replaces the values of a mapping.
func members(n *node.Node, replace func(name string, value *node.Node) *node.Node) *node.Node {
	if n.Kind != node.Object {
		return n
	}
	out := &node.Node{Kind: node.Object}
	for _, m := range n.Members {
		out.Members = append(out.Members, node.Member{Name: m.Name, Value: replace(m.Name, m.Value)})
	}
	return out
}
