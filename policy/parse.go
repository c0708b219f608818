package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/node"
)

// Parse reads a JSON policy document. The name stands in positions. Errors are
// of type *Error and name the place; a document that would never have been
// accepted by AWS is an error, one that does less than its author hoped is not
// (see [Lint]).
func Parse(name string, data []byte) (*Document, error) {
	n, err := node.ParseJSON(name, data)
	if err != nil {
		return nil, err
	}
	d, err := FromNode(n)
	if err != nil {
		return nil, err
	}
	d.Size = len(data)
	d.compact()
	return d, nil
}

var (
	documentElements  = []string{"Version", "Id", "Statement"}
	statementElements = []string{"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
	principalTypes    = []string{"AWS", "Service", "Federated", "CanonicalUser"}
)

// FromNode reads a policy document from a node of a larger file.
//
// Repeated members are read as AWS evaluates documents stored long ago: of
// Effect the last counts, Action and Resource are merged (IAM User Guide,
// Troubleshooting IAM policies).
func FromNode(n *node.Node) (*Document, error) {
	if n.Kind != node.Object {
		return nil, n.Errorf("a policy document is a JSON object; this is %s", n.Kind)
	}
	d := &Document{Pos: n.Pos}
	var statements *node.Node
	for _, m := range n.Members {
		switch m.Name {
		case "Version":
			d.Version = m.Value.Text
			if d.Version != Version2012 && d.Version != Version2008 {
				return nil, m.Value.Errorf("invalid version %q; the versions of the policy language are %q and %q", d.Version, Version2012, Version2008)
			}
		case "Id":
			d.ID = m.Value.Text
		case "Statement":
			if statements != nil {
				return nil, &Error{Pos: m.Pos, Msg: "a policy document has one Statement element, which may be a list"}
			}
			statements = m.Value
		default:
			return nil, unknownElement(m, documentElements)
		}
	}
	if statements == nil {
		return nil, n.Errorf("missing required field Statement")
	}
	list := statements.List()
	d.single = statements.Kind == node.Object
	d.Statements = slices.Grow(d.Statements, len(list))[:len(list)] // documents are kept by the thousand: no slack
	for i, s := range list {
		var err error
		if d.Statements[i], err = parseStatement(s, i); err != nil {
			return nil, err
		}
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	return d, nil
}

// check reports malformed operators, variables and characters where the
// document is read, rather than when it is first asked.
func (d *Document) check() error {
	for i := range d.Statements {
		st := &d.Statements[i]
		if err := cmp.Or(checkCharacters(st.Actions), checkCharacters(st.Resources)); err != nil {
			return err
		}
		for _, r := range st.Resources {
			if err := checkResource(r, d.Variables()); err != nil {
				return err
			}
		}
		for _, c := range st.Conditions {
			if err := checkCharacters(c.Values); err != nil {
				return err
			}
			if err := condition.Check(c.Operator, texts(c.Values), d.Variables()); err != nil {
				return &Error{Pos: c.Pos, Msg: err.Error()}
			}
		}
	}
	return nil
}

// checkCharacters refuses control characters, which no policy document can
// hold. (IAM stops at U+00FF as well; S3's bucket policies do not.)
func checkCharacters(values []Value) *Error {
	for _, v := range values {
		for i := range len(v.Text) {
			if c := v.Text[i]; c < ' ' && c != '\t' && c != '\n' && c != '\r' {
				return &Error{Pos: v.Pos, Msg: fmt.Sprintf("the control character U+%04X cannot stand in a policy document", c)}
			}
		}
	}
	return nil
}

func checkResource(r Value, variables bool) error {
	if !variables || !strings.Contains(r.Text, "${") {
		return nil
	}
	if _, err := condition.CompileResource(r.Text, true); err != nil {
		return &Error{Pos: r.Pos, Msg: err.Error()}
	}
	return nil
}

func texts(values []Value) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = v.Text
	}
	return out
}

func unknownElement(m node.Member, known []string) error {
	msg := fmt.Sprintf("unknown policy element %q", m.Name)
	if near, ok := node.Nearest(m.Name, known); ok {
		msg += fmt.Sprintf("; did you mean %q?", near)
	}
	return &Error{Pos: m.Pos, Msg: msg}
}

func parseStatement(n *node.Node, index int) (Statement, error) {
	st := Statement{Index: index, Pos: n.Pos}
	if n.Kind != node.Object {
		return st, n.Errorf("a statement is a JSON object; this is %s", n.Kind)
	}
	hasEffect, hasAction := false, false
	for _, m := range n.Members {
		var err error
		switch m.Name {
		case "Sid":
			st.Sid, st.HasSid = m.Value.Text, true
		case "Effect":
			hasEffect = true
			st.Effect, err = parseEffect(m.Value)
		case "Principal", "NotPrincipal":
			err = st.setPrincipal(m)
		case "Action", "NotAction":
			err = merge(&st.Actions, &st.NotAction, hasAction, m)
			hasAction = true
		case "Resource", "NotResource":
			err = merge(&st.Resources, &st.NotResource, len(st.Resources) > 0, m)
		case "Condition":
			err = st.addConditions(m.Value)
		default:
			err = unknownElement(m, statementElements)
		}
		if err != nil {
			return st, err
		}
	}
	if !hasEffect {
		return st, n.Errorf("missing required field Effect (\"Allow\" or \"Deny\")")
	}
	if !hasAction {
		return st, n.Errorf("missing required field Action")
	}
	return st, nil
}

func parseEffect(n *node.Node) (Effect, error) {
	switch n.Text {
	case "Allow":
		return Allow, nil
	case "Deny":
		return Deny, nil
	}
	return Deny, n.Errorf("invalid effect %q; an effect is \"Allow\" or \"Deny\", in this case of letters", n.Text)
}

// merge reads Action or Resource and their Not forms.
func merge(values *[]Value, not *bool, again bool, m node.Member) error {
	negated := strings.HasPrefix(m.Name, "Not")
	if again && *not != negated {
		return &Error{Pos: m.Pos, Msg: fmt.Sprintf("a statement has either %s or Not%[1]s, not both", strings.TrimPrefix(m.Name, "Not"))}
	}
	*not = negated
	list := m.Value.List()
	*values = slices.Grow(slices.Clip(*values), len(list))
	for _, v := range list {
		if v.Kind != node.String {
			return v.Errorf("%s where a string is expected in %s", v.Kind, m.Name)
		}
		*values = append(*values, Value{v.Text, v.Pos})
	}
	return nil
}

func (st *Statement) setPrincipal(m node.Member) error {
	if st.HasPrincipal {
		return &Error{Pos: m.Pos, Msg: "a statement has one Principal or NotPrincipal element"}
	}
	st.HasPrincipal = true
	st.NotPrincipal = m.Name == "NotPrincipal"
	switch m.Value.Kind {
	case node.String:
		if m.Value.Text != "*" {
			return m.Value.Errorf("invalid principal %q; write \"*\" or {\"AWS\": %[1]q}", m.Value.Text)
		}
		st.Principals = append(st.Principals, PrincipalValue{"*", Value{"*", m.Value.Pos}})
		return nil
	case node.Object:
	default:
		return m.Value.Errorf("%s where \"*\" or a mapping such as {\"AWS\": …} is expected", m.Value.Kind)
	}
	for _, t := range m.Value.Members {
		near, ok := node.Nearest(t.Name, principalTypes)
		if !ok || near != t.Name {
			return unknownElement(t, principalTypes)
		}
		for _, v := range t.Value.List() {
			if v.Kind != node.String && v.Kind != node.Number {
				return v.Errorf("%s where a string is expected in Principal", v.Kind)
			}
			if t.Name == "AWS" && v.Text != "*" && strings.ContainsAny(v.Text, "*?") {
				return v.Errorf("invalid principal %q: a wildcard stands for all of a principal or none; use the condition key aws:PrincipalArn with ArnLike", v.Text)
			}
			st.Principals = append(st.Principals, PrincipalValue{t.Name, Value{v.Text, v.Pos}})
		}
	}
	return nil
}

func (st *Statement) addConditions(n *node.Node) error {
	if n.Kind == node.Null {
		return nil
	}
	if n.Kind != node.Object {
		return n.Errorf("%s where a Condition mapping is expected", n.Kind)
	}
	keys := 0
	for _, op := range n.Members {
		keys += len(op.Value.Members)
	}
	st.Conditions = slices.Grow(slices.Clip(st.Conditions), keys)
	for _, op := range n.Members {
		if op.Value.Kind != node.Object {
			return op.Value.Errorf("%s where a mapping of condition keys to values is expected", op.Value.Kind)
		}
		for _, key := range op.Value.Members {
			list := key.Value.List()
			c := Condition{Operator: op.Name, Key: key.Name, Pos: key.Pos, Values: slices.Grow([]Value(nil), len(list))}
			for _, v := range list {
				if v.Kind == node.Object || v.Kind == node.Array || v.Kind == node.Null {
					return v.Errorf("%s where a condition value is expected", v.Kind)
				}
				c.Values = append(c.Values, Value{v.Text, v.Pos})
			}
			st.Conditions = append(st.Conditions, c)
		}
	}
	return nil
}
