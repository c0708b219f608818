package world

import (
	"bytes"
	"encoding/json"

	"github.com/why403/why403/policy"
)

// PrintPolicy writes a policy document as JSON. Elements stand in the order of
// the IAM User Guide's grammar; lists of one are single values.
func PrintPolicy(d *policy.Document) string {
	var top ordered
	top.text("Version", d.Version)
	top.text("Id", d.ID)
	statements := make([]json.RawMessage, 0, len(d.Statements))
	for i := range d.Statements {
		statements = append(statements, printStatement(&d.Statements[i]))
	}
	top.add("Statement", statements)
	return string(top.bytes())
}

func printStatement(st *policy.Statement) json.RawMessage {
	var o ordered
	o.text("Sid", st.Sid)
	o.text("Effect", st.Effect.String())
	if st.HasPrincipal {
		o.add(not(st.NotPrincipal, "Principal"), printPrincipals(st.Principals))
	}
	o.add(not(st.NotAction, "Action"), oneOrMany(st.Actions))
	if len(st.Resources) > 0 {
		o.add(not(st.NotResource, "Resource"), oneOrMany(st.Resources))
	}
	if len(st.Conditions) > 0 {
		o.add("Condition", printConditions(st.Conditions))
	}
	return o.bytes()
}

func not(negated bool, name string) string {
	if negated {
		return "Not" + name
	}
	return name
}

func oneOrMany(values []policy.Value) any {
	if len(values) == 1 {
		return values[0].Text
	}
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = v.Text
	}
	return list
}

func printPrincipals(list []policy.PrincipalValue) any {
	if len(list) == 1 && list[0].Type == "*" {
		return "*"
	}
	var o ordered
	for _, kind := range []string{"AWS", "Service", "Federated", "CanonicalUser"} {
		var values []policy.Value
		for _, p := range list {
			if p.Type == kind {
				values = append(values, p.Value)
			}
		}
		if len(values) > 0 {
			o.add(kind, oneOrMany(values))
		}
	}
	return json.RawMessage(o.bytes())
}

func printConditions(list []policy.Condition) json.RawMessage {
	var operators []string
	byOperator := map[string]*ordered{}
	for _, c := range list {
		o := byOperator[c.Operator]
		if o == nil {
			o = &ordered{}
			byOperator[c.Operator] = o
			operators = append(operators, c.Operator)
		}
		o.add(c.Key, oneOrMany(c.Values))
	}
	var all ordered
	for _, op := range operators {
		all.add(op, json.RawMessage(byOperator[op].bytes()))
	}
	return all.bytes()
}

// ordered is a JSON object in the order of its making.
type ordered struct{ buf bytes.Buffer }

func (o *ordered) add(name string, v any) {
	if o.buf.Len() > 0 {
		o.buf.WriteByte(',')
	}
	o.write(name)
	o.buf.WriteByte(':')
	o.write(v)
}

func (o *ordered) write(v any) {
	enc := json.NewEncoder(&o.buf)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)               // strings, lists of strings and objects: never fails
	o.buf.Truncate(o.buf.Len() - 1) // the encoder's line end
}

func (o *ordered) text(name, v string) {
	if v != "" {
		o.add(name, v)
	}
}

func (o *ordered) bytes() []byte {
	return append(append([]byte{'{'}, o.buf.Bytes()...), '}')
}
