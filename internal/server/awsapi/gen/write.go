package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A writer writes one service: a line for it, one for each operation, and one
// for each shape that these reach.
type writer struct {
	m    *model
	b    strings.Builder
	todo map[string]bool
}

func (w *writer) service(s source) string {
	md := w.m.Metadata
	protocol := md.Protocol
	if protocol == "json" {
		protocol += md.JSONVersion
	}
	fmt.Fprintf(&w.b, "service %s %s %s %s\n", s.service, protocol, md.APIVersion, orDash(md.XMLNamespace+md.TargetPrefix))
	names := s.operations
	if names == nil {
		names = slices.Sorted(maps.Keys(w.m.Operations))
	}
	for _, name := range slices.Sorted(slices.Values(names)) {
		w.operation(name)
	}
	for _, name := range w.reached() {
		w.shape(name, w.m.Shapes[name])
	}
	return w.b.String()
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func (w *writer) operation(name string) {
	op, ok := w.m.Operations[name]
	if !ok {
		panic("no operation " + name)
	}
	in, out := "-", "-"
	if op.Input != nil {
		in = op.Input.Shape
		w.todo[in] = true
	}
	if op.Output != nil {
		out = op.Output.Shape
		w.todo[out] = true
	}
	for _, e := range op.Errors {
		w.todo[e.Shape] = true
	}
	fmt.Fprintf(&w.b, "operation %s %s %s\n", name, in, out)
}

// reached returns the names of all shapes that operations lead to, sorted.
func (w *writer) reached() []string {
	seen := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		s := w.m.Shapes[name]
		for _, m := range s.Members {
			visit(m.Shape)
		}
		for _, r := range []*ref{s.Member, s.Key, s.Value} {
			if r != nil {
				visit(r.Shape)
			}
		}
	}
	for name := range w.todo {
		visit(name)
	}
	return slices.Sorted(maps.Keys(seen))
}

func (w *writer) shape(name string, s *shape) {
	if s.Exception {
		code, status := name, 400
		if s.Fault {
			status = 500
		}
		if s.Error != nil {
			status = s.Error.HTTPStatusCode
			if s.Error.Code != "" {
				code = s.Error.Code
			}
		}
		fmt.Fprintf(&w.b, "error %s %d\n", code, status)
		return
	}
	fmt.Fprintf(&w.b, "%s %s", s.Type, name)
	switch s.Type {
	case "structure":
		for _, member := range slices.Sorted(maps.Keys(s.Members)) {
			w.member(member, s.Members[member], slices.Contains(s.Required, member))
		}
	case "list":
		w.b.WriteString(" " + s.Member.Shape)
		if s.Member.LocationName != "" {
			w.b.WriteString(" name=" + s.Member.LocationName)
		}
		if s.Flattened {
			w.b.WriteString(" flattened")
		}
	case "map":
		w.b.WriteString(" " + s.Key.Shape + " " + s.Value.Shape)
	}
	w.constraints(s)
	w.b.WriteString("\n")
}

// member writes Name:shape, with "!" where it is required, and the names on the
// wire where they are others.
func (w *writer) member(name string, r *ref, required bool) {
	w.b.WriteString(" " + name)
	if required {
		w.b.WriteString("!")
	}
	w.b.WriteString(":" + r.Shape)
	if r.LocationName != "" {
		w.b.WriteString("=" + r.LocationName)
	}
	if r.QueryName != "" {
		w.b.WriteString("?" + r.QueryName)
	}
}

func (w *writer) constraints(s *shape) {
	if s.Min != nil {
		fmt.Fprintf(&w.b, " min=%.0f", *s.Min)
	}
	if s.Max != nil {
		fmt.Fprintf(&w.b, " max=%.0f", *s.Max)
	}
	if s.TimestampFormat != "" {
		w.b.WriteString(" format=" + s.TimestampFormat)
	}
	if len(s.Enum) > 0 && s.Type == "string" {
		w.b.WriteString(" enum=" + strings.Join(s.Enum, "|"))
	}
	if s.Pattern != "" {
		w.b.WriteString(" pattern=" + s.Pattern) // last, as it may hold spaces
	}
}
