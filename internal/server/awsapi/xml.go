package awsapi

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"reflect"
	"slices"
	"strings"
)

// An xmlWriter writes an output as the query protocols answer.
type xmlWriter struct {
	b        bytes.Buffer
	protocol protocol
}

func (w *xmlWriter) open(name string)  { w.b.WriteString("<" + name + ">") }
func (w *xmlWriter) close(name string) { w.b.WriteString("</" + name + ">") }

func (w *xmlWriter) text(name, value string) {
	w.open(name)
	xml.EscapeText(&w.b, []byte(value)) // a Buffer does not fail
	w.close(name)
}

// answer writes a whole answer of the query protocol, or of EC2's.
func (w *xmlWriter) answer(m *model, o *operation, out reflect.Value, requestID string) []byte {
	w.b.WriteString("<" + o.name + `Response xmlns="` + m.namespace)
	if m.protocol == ec2Query {
		w.b.WriteString("/") // the model lacks it
	}
	w.b.WriteString(`">`)
	if m.protocol == ec2Query {
		w.text("requestId", requestID)
		w.result(o.output, out)
	} else {
		if o.output != nil {
			w.open(o.name + "Result")
			w.result(o.output, out)
			w.close(o.name + "Result")
		}
		w.open("ResponseMetadata")
		w.text("RequestId", requestID)
		w.close("ResponseMetadata")
	}
	w.close(o.name + "Response")
	return w.b.Bytes()
}

// result writes the members of an output. Its lists are there when they are empty,
// too, as clients that look for them expect; tags of what a call makes are not.
func (w *xmlWriter) result(s *shape, v reflect.Value) {
	if s != nil {
		w.members(s, v, true)
	}
}

// members writes the members of a structure. A list that the model requires is
// there when it is empty, too; of a result all are.
func (w *xmlWriter) members(s *shape, v reflect.Value, result bool) {
	for _, f := range s.members {
		fv := field(v, f)
		if present(fv) || f.shape.kind == list && (f.required || result && (f.name != "Tags" || w.protocol != query)) {
			w.value(f.inXML(), f.shape, fv)
		}
	}
}

func (w *xmlWriter) value(name string, s *shape, v reflect.Value) {
	switch s.kind {
	case structure:
		w.open(name)
		w.members(s, reflect.Indirect(v), false)
		w.close(name)
	case list:
		w.list(name, s, v)
	case mapping:
		w.open(name)
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, k := range keys {
			w.open("entry")
			w.text("key", k.String())
			w.value("value", s.elem, v.MapIndex(k))
			w.close("entry")
		}
		w.close(name)
	default:
		w.text(name, textOf(v, s, w.protocol))
	}
}

func (w *xmlWriter) list(name string, s *shape, v reflect.Value) {
	elem := name
	if !s.flattened {
		elem = cmp.Or(s.elemName, "member")
		w.open(name)
	}
	for i := range v.Len() {
		w.value(elem, s.elem, v.Index(i))
	}
	if !s.flattened {
		w.close(name)
	}
}
