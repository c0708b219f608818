package awsapi

import (
	"cmp"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// A param is a parameter of the query protocols, and those whose names go on
// behind it and a dot.
type param struct {
	value string
	set   bool
	below map[string]*param
}

// maxParts is how many parts the name of a parameter has at most. No model goes
// deeper.
const maxParts = 32

// params makes a tree of a form.
func params(form url.Values) *param {
	root := &param{}
	for name, values := range form {
		parts := strings.Split(name, ".")
		if len(parts) > maxParts || len(values) == 0 {
			continue
		}
		at := root
		for _, part := range parts {
			at = at.child(part)
		}
		at.value, at.set = values[0], true
	}
	return root
}

func (p *param) child(name string) *param {
	c := p.below[name]
	if c == nil {
		c = &param{}
		if p.below == nil {
			p.below = map[string]*param{}
		}
		p.below[name] = c
	}
	return c
}

// items returns what stands under whole numbers, in their order.
func (p *param) items() []*param {
	type item struct {
		n int
		p *param
	}
	var found []item
	for name, c := range p.below {
		if n, err := strconv.Atoi(name); err == nil {
			found = append(found, item{n, c})
		}
	}
	slices.SortFunc(found, func(a, b item) int { return cmp.Compare(a.n, b.n) })
	list := make([]*param, len(found))
	for i, f := range found {
		list[i] = f.p
	}
	return list
}

// A queryReader reads a form into an input.
type queryReader struct{ protocol protocol }

func (q queryReader) read(form url.Values, s *shape, in reflect.Value) error {
	if s == nil {
		return nil
	}
	return q.structure(params(form), s, in, "")
}

func (q queryReader) structure(p *param, s *shape, v reflect.Value, path string) error {
	for _, f := range s.members {
		c := p.below[f.inQuery(q.protocol)]
		if c == nil {
			continue
		}
		if err := q.value(c, f.shape, field(v, f), join(path, f.name)); err != nil {
			return err
		}
	}
	return nil
}

// join makes the path of a member, as messages about it have it.
func join(path, name string) string {
	if path == "" {
		return lower(name)
	}
	return path + "." + lower(name)
}

func (q queryReader) value(p *param, s *shape, v reflect.Value, path string) error {
	switch s.kind {
	case structure:
		return q.structure(p, s, target(v), path)
	case list:
		return q.list(p, s, v, path)
	case mapping:
		return q.mapping(p, s, v, path)
	}
	if !p.set {
		return nil
	}
	return setScalar(v, s, path, p.value)
}

// list reads Name.member.N, or Name.N where lists are flattened. "Name=" alone
// is an empty list.
func (q queryReader) list(p *param, s *shape, v reflect.Value, path string) error {
	items := p.items()
	if len(items) == 0 && q.protocol != ec2Query {
		infix := cmp.Or(s.elemName, "member")
		if c := p.below[infix]; c != nil {
			items = c.items()
		}
	}
	v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	for i, item := range items {
		if err := q.value(item, s.elem, v.Index(i), memberPath(path, i)); err != nil {
			return err
		}
	}
	return nil
}

func memberPath(path string, i int) string { return path + "." + strconv.Itoa(i+1) + ".member" }

// mapping reads Name.entry.N.key and Name.entry.N.value.
func (q queryReader) mapping(p *param, s *shape, v reflect.Value, path string) error {
	v.Set(reflect.MakeMap(v.Type()))
	entries := p.below["entry"]
	if entries == nil {
		return nil
	}
	for _, e := range entries.items() {
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		k, val := e.below["key"], e.below["value"]
		if k == nil || val == nil {
			continue
		}
		key.SetString(k.value)
		if err := q.value(val, s.elem, value, path+"."+k.value); err != nil {
			return err
		}
		v.SetMapIndex(key, value)
	}
	return nil
}
