package estate

import (
	"strconv"

	"github.com/why403/why403/internal/node"
)

// A trail leads to a value of an estate, from the root. It is looked up only
// when there is something to complain about.
type trail struct {
	parent *trail
	name   string
}

func newTrail(names ...string) *trail { return (*trail)(nil).to(names...) }

// to returns the trail of something below.
func (p *trail) to(names ...string) *trail {
	for _, name := range names {
		p = &trail{p, name}
	}
	return p
}

// item returns the trail of an item of a list.
func (p *trail) item(i int) *trail { return &trail{p, strconv.Itoa(i)} }

// locate returns the place of the value, and that of its name; where the file
// does not hold it, of the nearest thing around it.
func (p *trail) locate(root *node.Node) (value, name Pos) {
	_, value, name = p.find(root)
	return value, name
}

func (p *trail) find(root *node.Node) (n *node.Node, value, name Pos) {
	if p == nil {
		if root == nil {
			return nil, Pos{}, Pos{}
		}
		return root, root.Pos, root.Pos
	}
	n, value, name = p.parent.find(root)
	if n == nil {
		return nil, value, name
	}
	switch n.Kind {
	case node.Object:
		for _, m := range n.Members {
			if m.Name == p.name {
				return m.Value, m.Value.Pos, m.Pos
			}
		}
	case node.Array:
		for i, item := range n.Items {
			if strconv.Itoa(i) == p.name || item.Text == p.name {
				return item, item.Pos, item.Pos
			}
		}
	case node.String, node.Number, node.Bool:
		return n, value, name // the short form of a list or mapping
	}
	return nil, value, name
}
