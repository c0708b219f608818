package estate

import (
	"errors"
	"strings"

	"github.com/why403/why403/internal/node"
)

// S3PublicAccessBlock returns what a policy of type s3 assigns to all four
// Block Public Access settings of the accounts under it: "all" or "none", and
// "" where it assigns nothing or its document is not known.
//
// See the AWS Organizations User Guide, "Amazon S3 policy syntax and examples".
func (p *OrgPolicy) S3PublicAccessBlock() string { return p.Document.s3 }

func (p *OrgPolicy) unmarshalS3(n *node.Node) error {
	d := &p.Document
	switch {
	case n.Kind == node.Null:
		return nil
	case n.Kind == node.Object:
		d.raw, d.File = n, n.Pos.File
		return d.readS3()
	case n.Kind != node.String:
		return n.Errorf("%s where an S3 policy, or the path of its file, is expected", n.Kind)
	case !strings.HasPrefix(strings.TrimSpace(n.Text), "{"):
		return d.setPath(n)
	}
	raw, err := node.ParseJSON("", []byte(n.Text))
	if inner, ok := errors.AsType[*node.Error](err); ok {
		return n.Errorf("line %d, column %d of the JSON text: %s", inner.Pos.Line, inner.Pos.Column, inner.Msg)
	}
	placeNode(raw, n.Pos)
	d.raw, d.File = raw, n.Pos.File
	return d.readS3()
}

func placeNode(n *node.Node, at Pos) {
	n.Pos = at
	for _, item := range n.Items {
		placeNode(item, at)
	}
	for i := range n.Members {
		n.Members[i].Pos = at
		placeNode(n.Members[i].Value, at)
	}
}

// readS3 reads the assignment. The only attribute that S3 policies have today
// is public_access_block_configuration; names beginning with "@@" are operators
// of declarative policies.
func (d *Document) readS3() error {
	attributes, err := only(d.raw, "s3_attributes")
	if err != nil {
		return err
	}
	block, err := only(attributes, "public_access_block_configuration")
	if err != nil || block == nil {
		return err
	}
	if assign := block.Get("@@assign"); assign != nil {
		block = assign
	}
	if block.Kind == node.Object && block.Get("@@assign") == nil && operatorsOnly(block) {
		return nil // it limits what child policies may do, and assigns nothing
	}
	if block.Text != "all" && block.Text != "none" {
		return block.Errorf("%q; public_access_block_configuration is \"all\" or \"none\"", block.Text)
	}
	d.s3 = block.Text
	return nil
}

func operatorsOnly(n *node.Node) bool {
	for _, m := range n.Members {
		if !strings.HasPrefix(m.Name, "@@") {
			return false
		}
	}
	return true
}

func only(n *node.Node, name string) (*node.Node, error) {
	if n == nil {
		return nil, nil
	}
	if n.Kind != node.Object {
		return nil, n.Errorf("%s where a mapping with %q is expected", n.Kind, name)
	}
	for _, m := range n.Members {
		if m.Name != name && !strings.HasPrefix(m.Name, "@@") {
			return nil, &node.Error{Pos: m.Pos, Msg: "unknown element \"" + m.Name + "\" of an S3 policy; did you mean \"" + name + "\"?"}
		}
	}
	return n.Get(name), nil
}
