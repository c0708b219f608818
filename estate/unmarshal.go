package estate

import (
	"fmt"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/node"
)

// UnmarshalNode reads inline policies: a mapping of names to documents.
func (d *Documents) UnmarshalNode(n *node.Node) error {
	if n.Kind == node.Null {
		return nil
	}
	if n.Kind != node.Object {
		return n.Errorf("%s where a mapping of policy names to documents is expected", n.Kind)
	}
	*d = make(Documents, len(n.Members))
	seen := make(map[string]bool, len(n.Members))
	for i, m := range n.Members {
		if seen[m.Name] {
			return twice(m)
		}
		seen[m.Name] = true
		(*d)[i].Name = m.Name
		if err := (*d)[i].Document.UnmarshalNode(m.Value); err != nil {
			return err
		}
	}
	return nil
}

func twice(m node.Member) error {
	return &node.Error{Pos: m.Pos, Msg: fmt.Sprintf("%q stands here a second time", m.Name)}
}

// UnmarshalNode reads true or false for all four settings, or a mapping in
// which an absent setting is false.
func (p *PublicAccessBlock) UnmarshalNode(n *node.Node) error {
	switch n.Kind {
	case node.Null:
		return nil
	case node.Bool:
		on := n.Text == "true"
		*p = PublicAccessBlock{on, on, on, on, n.Pos}
		return nil
	case node.Object:
		type plain PublicAccessBlock
		return node.Decode(n, (*plain)(p))
	}
	return n.Errorf("%s where true, false or a mapping of the four settings is expected", n.Kind)
}

// UnmarshalNode reads a canned ACL's name, or a mapping.
func (a *ACL) UnmarshalNode(n *node.Node) error {
	switch n.Kind {
	case node.Null:
		return nil
	case node.String:
		*a = ACL{Canned: n.Text, Pos: n.Pos}
		return nil
	}
	type plain ACL
	return node.Decode(n, (*plain)(a))
}

// UnmarshalNode reads a list of account ids, or a mapping of ids to what hangs
// on the accounts themselves.
func (u *UnitAccounts) UnmarshalNode(n *node.Node) error {
	switch n.Kind {
	case node.Null:
		return nil
	case node.Array:
		*u = make(UnitAccounts, len(n.Items))
		for _, item := range n.Items {
			if item.Kind != node.String && item.Kind != node.Number {
				return item.Errorf("%s where an account id is expected", item.Kind)
			}
			if err := u.add(node.Member{Name: item.Text, Pos: item.Pos, Value: &node.Node{Pos: item.Pos}}); err != nil {
				return err
			}
		}
		return nil
	case node.Object:
		*u = make(UnitAccounts, len(n.Members))
		for _, m := range n.Members {
			if err := u.add(m); err != nil {
				return err
			}
		}
		return nil
	}
	return n.Errorf("%s where a list of account ids is expected", n.Kind)
}

func (u *UnitAccounts) add(m node.Member) error {
	id := iam.AccountID(m.Name)
	if _, ok := (*u)[id]; ok {
		return twice(m)
	}
	at := &Attachments{}
	(*u)[id] = at
	err := node.Decode(m.Value, at)
	at.Pos = m.Pos
	return err
}

// UnmarshalNode reads a list of {what, why}, a list of names, one name, or a
// mapping of names to reasons.
func (u *Unknowns) UnmarshalNode(n *node.Node) error {
	switch n.Kind {
	case node.Null:
		return nil
	case node.Object:
		if n.Get("what") != nil {
			return u.add(n)
		}
		for _, m := range n.Members {
			if m.Value.Kind == node.Object || m.Value.Kind == node.Array {
				return m.Value.Errorf("%s where the reason is expected for which %q is unknown", m.Value.Kind, m.Name)
			}
			*u = append(*u, UnknownItem{m.Name, m.Value.Text, m.Pos})
		}
		return nil
	}
	for _, item := range n.List() {
		if err := u.add(item); err != nil {
			return err
		}
	}
	return nil
}

func (u *Unknowns) add(n *node.Node) error {
	item := UnknownItem{What: n.Text, Pos: n.Pos}
	switch n.Kind {
	case node.Null, node.Array:
		return n.Errorf("%s where a name, or {what: …, why: …}, is expected", n.Kind)
	case node.Object:
		if err := node.Decode(n, &item); err != nil {
			return err
		}
	}
	*u = append(*u, item)
	return nil
}

// UnmarshalNode reads a policy of an organization; what its document may be
// hangs on its type.
func (p *OrgPolicy) UnmarshalNode(n *node.Node) error {
	var plain struct {
		Type     string     `json:"type"`
		Document *node.Node `json:"document"`
		Unknown  Unknowns   `json:"unknown"`
	}
	if err := node.Decode(n, &plain); err != nil {
		return err
	}
	p.Type, p.Unknown, p.Pos = plain.Type, plain.Unknown, n.Pos
	if plain.Document == nil {
		return nil
	}
	if p.Type == "s3" {
		return p.unmarshalS3(plain.Document)
	}
	return p.Document.UnmarshalNode(plain.Document)
}
