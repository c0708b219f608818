package node

import "slices"

// With returns the node with a change made in it. n is not changed; what the
// change does not touch is shared.
func (n *Node) With(c Change) (*Node, error) {
	if len(c.Path) == 0 {
		if c.Op == Remove {
			return nil, c.errorf("nothing would be left")
		}
		return c.Value, nil
	}
	out := *n
	var err error
	switch n.Kind {
	case Object:
		out.Members, err = withMember(n.Members, c)
	case Array:
		out.Items, err = withItem(n.Items, c)
	default:
		err = c.errorf("it leads into %s", n.Kind)
	}
	return &out, err
}

func withMember(members []Member, c Change) ([]Member, error) {
	list := slices.Clone(members)
	i := len(list) - 1
	for i >= 0 && list[i].Name != c.Path[0] {
		i-- // of repeated names the last counts
	}
	switch {
	case i < 0 && (len(c.Path) > 1 || c.Op != Add):
		return nil, c.errorf("there is no member %q", c.Path[0])
	case i < 0:
		return append(list, Member{Name: c.Path[0], Value: c.Value}), nil
	case len(c.Path) == 1 && c.Op == Remove:
		return slices.Delete(list, i, i+1), nil
	}
	v, err := list[i].Value.With(c.Inside())
	list[i].Value = v
	return list, err
}

func withItem(items []*Node, c Change) ([]*Node, error) {
	i, err := c.item(len(items))
	if err != nil {
		return nil, err
	}
	list := slices.Clone(items)
	switch {
	case len(c.Path) == 1 && c.Op == Add:
		return slices.Insert(list, i, c.Value), nil
	case i == len(list):
		return nil, c.errorf("the list has %d items", len(list))
	case len(c.Path) == 1 && c.Op == Remove:
		return slices.Delete(list, i, i+1), nil
	}
	list[i], err = list[i].With(c.Inside())
	return list, err
}

// Equal reports whether two nodes say the same, wherever they stand. The order
// of members counts, as it does for a reader.
func Equal(a, b *Node) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Kind == b.Kind && a.Text == b.Text && slices.EqualFunc(a.Items, b.Items, Equal) &&
		slices.EqualFunc(a.Members, b.Members, func(x, y Member) bool { return x.Name == y.Name && Equal(x.Value, y.Value) })
}

// Text returns a string as a node.
func Text(s string) *Node { return &Node{Kind: String, Text: s} }

// Texts returns strings as a node: one by itself, several as a list.
func Texts(list ...string) *Node {
	if len(list) == 1 {
		return Text(list[0])
	}
	n := &Node{Kind: Array}
	for _, s := range list {
		n.Items = append(n.Items, Text(s))
	}
	return n
}

// Flag returns true or false as a node.
func Flag(on bool) *Node {
	return &Node{Kind: Bool, Text: map[bool]string{true: "true", false: "false"}[on]}
}

// List returns nodes as a list.
func List(items ...*Node) *Node { return &Node{Kind: Array, Items: items} }

// Mapping returns an empty mapping, to be filled by Put.
func Mapping() *Node { return &Node{Kind: Object} }

// Put appends a member to a mapping that is being made, and returns the mapping.
func (n *Node) Put(name string, value *Node) *Node {
	n.Members = append(n.Members, Member{Name: name, Value: value})
	return n
}
