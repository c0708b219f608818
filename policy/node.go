package policy

import "github.com/why403/why403/internal/node"

// Node returns the document as a mapping, elements in the order of the IAM User
// Guide's grammar, lists of one as single values, and whether it repeats a name,
// as old documents may.
func (d *Document) Node() (n *node.Node, repeated bool) {
	n = node.Mapping()
	if d.Version != "" {
		n.Put("Version", node.Text(d.Version))
	}
	if d.ID != "" {
		n.Put("Id", node.Text(d.ID))
	}
	statements := node.List()
	for i := range d.Statements {
		s, again := d.Statements[i].Node()
		statements.Items = append(statements.Items, s)
		repeated = repeated || again
	}
	return n.Put("Statement", statements), repeated
}

// Written is Node with the Statement element as it was written: a list, or one
// statement by itself. Paths into the document go by it.
func (d *Document) Written() *node.Node {
	n, _ := d.Node()
	if d.single {
		last := &n.Members[len(n.Members)-1]
		last.Value = last.Value.Items[0]
	}
	return n
}

// Node returns the statement as a mapping, and whether it repeats a name.
func (s *Statement) Node() (n *node.Node, repeated bool) {
	n = node.Mapping()
	if s.Sid != "" {
		n.Put("Sid", node.Text(s.Sid))
	}
	n.Put("Effect", node.Text(s.Effect.String()))
	if s.HasPrincipal {
		n.Put(not("Principal", s.NotPrincipal), principalNode(s.Principals))
	}
	n.Put(not("Action", s.NotAction), node.Texts(texts(s.Actions)...))
	if len(s.Resources) > 0 || s.NotResource {
		n.Put(not("Resource", s.NotResource), node.Texts(texts(s.Resources)...))
	}
	if len(s.Conditions) > 0 {
		var conditions *node.Node
		conditions, repeated = conditionNode(s.Conditions)
		n.Put("Condition", conditions)
	}
	return n, repeated
}

func not(element string, negated bool) string {
	if negated {
		return "Not" + element
	}
	return element
}

func principalNode(values []PrincipalValue) *node.Node {
	if len(values) == 1 && values[0].Type == "*" {
		return node.Text("*")
	}
	n := node.Mapping()
	for _, v := range values {
		list := n.Get(v.Type)
		if list == nil {
			list = node.List()
			n.Put(v.Type, list)
		}
		list.Items = append(list.Items, node.Text(v.Text))
	}
	for i := range n.Members {
		if list := n.Members[i].Value; len(list.Items) == 1 {
			n.Members[i].Value = list.Items[0]
		}
	}
	return n
}

func conditionNode(conditions []Condition) (n *node.Node, repeated bool) {
	n = node.Mapping()
	for _, c := range conditions {
		keys := n.Get(c.Operator)
		if keys == nil {
			keys = node.Mapping()
			n.Put(c.Operator, keys)
		}
		repeated = repeated || keys.Get(c.Key) != nil
		keys.Put(c.Key, node.Texts(texts(c.Values)...))
	}
	return n, repeated
}
