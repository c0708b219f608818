package estate

import (
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/policy"
)

// Encode writes the estate as YAML: fields in the order of the format, names
// sorted, every document inside. What Parse makes of it is the same estate,
// apart from places in files.
func (e *Estate) Encode(w io.Writer) error {
	out := *e
	out.Version = FormatVersion
	_, err := w.Write(node.AppendYAML(nil, encodeValue(reflect.ValueOf(&out).Elem()), 0))
	return err
}

// An encoder writes itself as a node; it is the reverse of node.Unmarshaler.
type encoder interface{ encodeNode() *node.Node }

var timeType = reflect.TypeFor[time.Time]()

// encodeValue returns nil for what need not be written.
func encodeValue(v reflect.Value) *node.Node {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		if enc, ok := v.Interface().(encoder); ok {
			return enc.encodeNode()
		}
		if n := encodeValue(v.Elem()); n != nil {
			return n
		}
		return empty(v.Type().Elem().Kind()) // stated, if empty
	}
	if v.CanAddr() {
		if enc, ok := v.Addr().Interface().(encoder); ok {
			return enc.encodeNode()
		}
	}
	if v.Type() == timeType {
		return text(v.Interface().(time.Time).Format(time.RFC3339Nano))
	}
	switch v.Kind() {
	case reflect.Struct:
		return encodeStruct(v)
	case reflect.Map:
		return encodeMap(v)
	case reflect.Slice:
		return encodeList(v)
	}
	return encodeScalar(v)
}

func empty(k reflect.Kind) *node.Node {
	switch k {
	case reflect.Slice:
		return &node.Node{Kind: node.Array}
	case reflect.Bool:
		return &node.Node{Kind: node.Bool, Text: "false"}
	}
	return &node.Node{Kind: node.Object}
}

func encodeScalar(v reflect.Value) *node.Node {
	if v.IsZero() {
		return nil
	}
	switch v.Kind() {
	case reflect.Bool:
		return &node.Node{Kind: node.Bool, Text: "true"}
	case reflect.Int:
		return &node.Node{Kind: node.Number, Text: strconv.FormatInt(v.Int(), 10)}
	}
	return text(v.String())
}

func encodeStruct(v reflect.Value) *node.Node {
	n := &node.Node{Kind: node.Object}
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("json")
		if name == "" || name == "-" {
			continue
		}
		add(n, name, encodeValue(v.Field(i)))
	}
	if len(n.Members) == 0 {
		return nil
	}
	return n
}

func encodeMap(v reflect.Value) *node.Node {
	if v.Len() == 0 {
		return nil
	}
	n := &node.Node{Kind: node.Object}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range keys {
		value := encodeValue(v.MapIndex(key))
		if value == nil && v.Type().Elem().Kind() == reflect.String {
			value = text("")
		}
		add(n, key.String(), orEmpty(value))
	}
	return n
}

func encodeList(v reflect.Value) *node.Node {
	if v.Len() == 0 {
		return nil
	}
	n := &node.Node{Kind: node.Array}
	for i := range v.Len() {
		value := encodeValue(v.Index(i))
		if value == nil && v.Type().Elem().Kind() == reflect.String {
			value = text("")
		}
		n.Items = append(n.Items, orEmpty(value))
	}
	return n
}

func (d *Document) encodeNode() *node.Node {
	switch {
	case d.raw != nil:
		return d.raw
	case d.Document == nil:
		return nil
	}
	return encodePolicy(d.Document)
}

func (d *Documents) encodeNode() *node.Node {
	if len(*d) == 0 {
		return nil
	}
	n := &node.Node{Kind: node.Object}
	for i := range *d {
		add(n, (*d)[i].Name, (*d)[i].Document.encodeNode())
	}
	return n
}

func (p *PublicAccessBlock) encodeNode() *node.Node {
	n := &node.Node{Kind: node.Object}
	for name, on := range sorted(map[string]bool{"BlockPublicAcls": p.BlockPublicAcls, "BlockPublicPolicy": p.BlockPublicPolicy,
		"IgnorePublicAcls": p.IgnorePublicAcls, "RestrictPublicBuckets": p.RestrictPublicBuckets}) {
		add(n, name, &node.Node{Kind: node.Bool, Text: strconv.FormatBool(on)})
	}
	return n
}

// encodeNode leaves out what an access point takes from its bucket, and an
// alias that is derived.
func (b *Bucket) encodeNode() *node.Node {
	type plain Bucket
	out := plain(*b)
	out.AccessPoints = make(map[string]*AccessPoint, len(b.AccessPoints))
	for name, p := range b.AccessPoints {
		short := *p
		short.Bucket, short.BucketAccount, short.Region = "", "", ""
		if short.Alias == aliasOf(p.Account, p.Region, p.Name) {
			short.Alias = ""
		}
		out.AccessPoints[name] = &short
	}
	return orEmpty(encodeStruct(reflect.ValueOf(&out).Elem()))
}

// encodePolicy returns a policy as a node, as JSON text where it repeats names,
// which YAML refuses, and old policies may have.
func encodePolicy(d *policy.Document) *node.Node {
	n, repeated := d.Node()
	if repeated {
		return text(string(node.AppendJSON(nil, n)))
	}
	return n
}

func text(s string) *node.Node { return &node.Node{Kind: node.String, Text: s} }

func add(n *node.Node, name string, value *node.Node) {
	if value != nil {
		n.Members = append(n.Members, node.Member{Name: name, Value: value})
	}
}

func orEmpty(n *node.Node) *node.Node {
	if n == nil {
		return &node.Node{Kind: node.Object}
	}
	return n
}
