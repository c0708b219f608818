package query

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/policy"
)

// same tells whether two parts of estates say the same, wherever they stand.
// Fields of the names in except are not compared.
func same(a, b any, except ...string) bool {
	return sameValue(reflect.ValueOf(a), reflect.ValueOf(b), except)
}

var (
	documentType = reflect.TypeFor[estate.Document]()
	nodeType     = reflect.TypeFor[node.Node]()
)

func sameValue(a, b reflect.Value, except []string) bool {
	if a.IsValid() != b.IsValid() {
		return false
	}
	if !a.IsValid() {
		return true
	}
	switch a.Kind() {
	case reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() == b.IsNil()
		}
		return a.Pointer() == b.Pointer() || sameValue(a.Elem(), b.Elem(), except)
	case reflect.Struct:
		return sameStruct(a, b, except)
	case reflect.Map:
		if a.Len() != b.Len() {
			return false
		}
		for _, k := range a.MapKeys() {
			if v := b.MapIndex(k); !v.IsValid() || !sameValue(a.MapIndex(k), v, nil) {
				return false
			}
		}
		return true
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !sameValue(a.Index(i), b.Index(i), nil) {
				return false
			}
		}
		return true
	}
	return a.Interface() == b.Interface()
}

func sameStruct(a, b reflect.Value, except []string) bool {
	t := a.Type()
	if t == documentType {
		x, y := a.Interface().(estate.Document), b.Interface().(estate.Document)
		return sameDocument(x.Document, y.Document) && sameNode(x.Raw(), y.Raw())
	}
	if m := a.MethodByName("Equal"); m.IsValid() && m.Type().NumIn() == 1 && m.Type().In(0) == t {
		return m.Call([]reflect.Value{b})[0].Bool() // time.Time
	}
	for i := range t.NumField() {
		f := t.Field(i)
		skip := !f.IsExported() || f.Tag.Get("json") == "-" || f.Name == "Pos"
		for _, name := range except {
			skip = skip || f.Name == name
		}
		if !skip && !sameValue(a.Field(i), b.Field(i), nil) {
			return false
		}
	}
	return true
}

func sameNode(a, b *node.Node) bool {
	if a == nil || b == nil || a.Kind != b.Kind || a.Text != b.Text || len(a.Items) != len(b.Items) || len(a.Members) != len(b.Members) {
		return a == b
	}
	for i := range a.Items {
		if !sameNode(a.Items[i], b.Items[i]) {
			return false
		}
	}
	for i := range a.Members {
		if a.Members[i].Name != b.Members[i].Name || !sameNode(a.Members[i].Value, b.Members[i].Value) {
			return false
		}
	}
	return true
}

func sameDocument(a, b *policy.Document) bool {
	if a == nil || b == nil || a == b {
		return a == b
	}
	if a.Version != b.Version || len(a.Statements) != len(b.Statements) {
		return false
	}
	for i := range a.Statements {
		if said(&a.Statements[i]) != said(&b.Statements[i]) {
			return false
		}
	}
	return true
}

// said writes all of a statement that decides anything.
func said(st *policy.Statement) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v %v %v %v %v|", st.Effect, st.HasPrincipal, st.NotPrincipal, st.NotAction, st.NotResource)
	values := func(list []policy.Value) {
		for _, v := range list {
			fmt.Fprintf(&b, "%q,", v.Text)
		}
		b.WriteByte('|')
	}
	for _, p := range st.Principals {
		fmt.Fprintf(&b, "%s %q,", p.Type, p.Text)
	}
	b.WriteByte('|')
	values(st.Actions)
	values(st.Resources)
	for _, c := range st.Conditions {
		fmt.Fprintf(&b, "%s %s ", c.Operator, c.Key)
		values(c.Values)
	}
	return b.String()
}

// changedStatements lists the statements that only one of two lists of documents
// has. Of documents whose version changed it is all, for variables count in one
// version only.
func changedStatements(before, after []*policy.Document) []*policy.Statement {
	count := map[string]int{}
	each := func(docs []*policy.Document, visit func(string, *policy.Statement)) {
		for _, d := range docs {
			for i := range d.Statements {
				visit(d.Version+said(&d.Statements[i]), &d.Statements[i])
			}
		}
	}
	var changed []*policy.Statement
	each(before, func(s string, _ *policy.Statement) { count[s]++ })
	each(after, func(s string, st *policy.Statement) {
		if count[s]--; count[s] < 0 {
			changed = append(changed, st)
		}
	})
	each(before, func(s string, st *policy.Statement) {
		if count[s] > 0 {
			count[s]--
			changed = append(changed, st)
		}
	})
	return changed
}
