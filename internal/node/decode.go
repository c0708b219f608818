package node

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"
)

// An Unmarshaler reads itself from a node.
type Unmarshaler interface {
	UnmarshalNode(n *Node) error
}

var (
	unmarshalerType = reflect.TypeFor[Unmarshaler]()
	posType         = reflect.TypeFor[Pos]()
	nodeType        = reflect.TypeFor[*Node]()
	timeType        = reflect.TypeFor[time.Time]()
)

// Decode stores the node in the value that dst points to. Structures are
// matched by their json tags and are closed: a member that the structure does
// not have is an error that names the nearest right name. A structure's field
// of type Pos receives the structure's own place, and a field of type
// map[string]Pos tagged `node:"positions"` the place of each member. Null leaves
// a value as it is.
func Decode(n *Node, dst any) error {
	return decode(n, reflect.ValueOf(dst).Elem())
}

func decode(n *Node, v reflect.Value) error {
	if v.Type() == nodeType {
		v.Set(reflect.ValueOf(n))
		return nil
	}
	if v.CanAddr() && v.Addr().Type().Implements(unmarshalerType) {
		return v.Addr().Interface().(Unmarshaler).UnmarshalNode(n)
	}
	if n.Kind == Null {
		return nil
	}
	if v.Type() == timeType {
		if n.Kind == Object || n.Kind == Array {
			return n.Errorf("%s where a time is expected, such as 2026-11-22T10:00:00Z", n.Kind)
		}
		t, err := ParseTime(n.Text)
		if err != nil {
			return n.Errorf("%v", err)
		}
		v.Set(reflect.ValueOf(t))
		return nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		return decode(n, v.Elem())
	case reflect.Struct:
		return decodeStruct(n, v)
	case reflect.Map:
		return decodeMap(n, v)
	case reflect.Slice:
		return decodeSlice(n, v)
	case reflect.Interface:
		v.Set(reflect.ValueOf(Value(n)))
		return nil
	}
	return decodeScalar(n, v)
}

func decodeScalar(n *Node, v reflect.Value) error {
	if n.Kind == Object || n.Kind == Array {
		return n.Errorf("%s where %s is expected", n.Kind, wordFor(v.Kind()))
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(n.Text)
		return nil
	case reflect.Bool:
		b, err := strconv.ParseBool(strings.ToLower(n.Text))
		if err != nil || n.Kind == Number {
			return n.Errorf("%q where true or false is expected", n.Text)
		}
		v.SetBool(b)
		return nil
	case reflect.Int, reflect.Int32, reflect.Int64:
		i, err := strconv.ParseInt(n.Text, 10, 64)
		if err != nil {
			return n.Errorf("%q where a whole number is expected", n.Text)
		}
		v.SetInt(i)
		return nil
	}
	return n.Errorf("cannot read into %s", v.Type())
}

func wordFor(k reflect.Kind) string {
	switch k {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	}
	return "a number"
}

func decodeStruct(n *Node, v reflect.Value) error {
	if n.Kind != Object {
		return n.Errorf("%s where a mapping is expected", n.Kind)
	}
	fields := fieldsOf(v.Type())
	if fields.pos != nil {
		v.FieldByIndex(fields.pos).Set(reflect.ValueOf(n.Pos))
	}
	if fields.places != nil {
		places := make(map[string]Pos, len(n.Members))
		for _, m := range n.Members {
			places[m.Name] = m.Pos
		}
		v.FieldByIndex(fields.places).Set(reflect.ValueOf(places))
	}
	for i, m := range n.Members {
		index, ok := fields.index[m.Name]
		if !ok {
			return &Error{m.Pos, unknownField(m.Name, fields.names)}
		}
		if repeated(n.Members[:i], m.Name) {
			return &Error{m.Pos, twice(m.Name)}
		}
		if err := decode(m.Value, v.FieldByIndex(index)); err != nil {
			return err
		}
	}
	return nil
}

// repeated reports whether a member of that name stands among those before it.
// A JSON file may say the same name twice; whatever a program made of it, the
// reader would believe the other.
func repeated(before []Member, name string) bool {
	for i := range before {
		if before[i].Name == name {
			return true
		}
	}
	return false
}

func twice(name string) string { return fmt.Sprintf("%q stands here a second time", name) }

func unknownField(name string, names []string) string {
	if near, ok := Nearest(name, names); ok {
		return fmt.Sprintf("unknown field %q; did you mean %q?", name, near)
	}
	return fmt.Sprintf("unknown field %q; known here: %s", name, strings.Join(names, ", "))
}

// fields is what a structure reads, by the names in a document.
type fields struct {
	index  map[string][]int
	names  []string
	pos    []int // the field of type Pos, nil for none
	places []int // the field tagged `node:"positions"`, nil for none
}

var fieldTables sync.Map // reflect.Type -> *fields

func fieldsOf(t reflect.Type) *fields {
	if f, ok := fieldTables.Load(t); ok {
		return f.(*fields)
	}
	f := &fields{index: map[string][]int{}}
	for _, field := range reflect.VisibleFields(t) {
		switch {
		case field.Type == posType && len(field.Index) == 1:
			f.pos = field.Index
		case field.Tag.Get("node") == "positions":
			f.places = field.Index
		}
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" || name == "-" || !field.IsExported() {
			continue
		}
		f.index[name] = field.Index
		f.names = append(f.names, name)
	}
	fieldTables.Store(t, f)
	return f
}

func decodeMap(n *Node, v reflect.Value) error {
	if n.Kind != Object {
		return n.Errorf("%s where a mapping is expected", n.Kind)
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), len(n.Members)))
	for _, m := range n.Members {
		key := reflect.ValueOf(m.Name).Convert(v.Type().Key())
		if v.MapIndex(key).IsValid() {
			return &Error{m.Pos, twice(m.Name)}
		}
		elem := reflect.New(v.Type().Elem()).Elem()
		if err := decode(filled(m.Value, elem), elem); err != nil {
			return err
		}
		v.SetMapIndex(key, elem)
	}
	return nil
}

func decodeSlice(n *Node, v reflect.Value) error {
	items := n.Items
	switch n.Kind {
	case Array:
	case String, Number, Bool:
		items = []*Node{n}
	default:
		return n.Errorf("%s where a list is expected", n.Kind)
	}
	v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	for i, item := range items {
		if err := decode(filled(item, v.Index(i)), v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

// filled returns an empty mapping in place of null where a list or a mapping
// holds pointers to structures: its elements are never nil.
func filled(n *Node, elem reflect.Value) *Node {
	if n.Kind == Null && elem.Kind() == reflect.Pointer && elem.Type().Elem().Kind() == reflect.Struct && elem.Type() != nodeType {
		return &Node{Kind: Object, Pos: n.Pos}
	}
	return n
}

// Value returns the node as plain Go values: nil, bool, string (also for
// numbers, as written), []any and map[string]any.
func Value(n *Node) any {
	switch n.Kind {
	case Bool:
		return n.Text == "true"
	case String, Number:
		return n.Text
	case Array:
		items := make([]any, len(n.Items))
		for i, item := range n.Items {
			items[i] = Value(item)
		}
		return items
	case Object:
		members := make(map[string]any, len(n.Members))
		for _, m := range n.Members {
			members[m.Name] = Value(m.Value)
		}
		return members
	}
	return nil
}

// ParseTime reads a time in one of the forms that AWS uses: RFC 3339, ISO 8601
// basic (20261122T100000Z), a date, or seconds since 1970.
func ParseTime(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, "20060102T150405Z", "2006-01-02T15:04:05", "2006-01-02T15:04Z", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	if seconds, err := strconv.ParseInt(s, 10, 64); err == nil {
		return time.Unix(seconds, 0).UTC(), nil
	}
	return time.Time{}, fmt.Errorf("%q is not a time; write it as 2026-11-22T10:00:00Z", s)
}
