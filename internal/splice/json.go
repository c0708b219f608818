package splice

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/why403/why403/internal/node"
)

// jsonText edits JSON.
type jsonText struct {
	data  []byte
	lines []int // where each line begins
}

func newJSON(data []byte) *jsonText { return &jsonText{data, lineStarts(data)} }

func lineStarts(data []byte) []int {
	lines := []int{0}
	for i, b := range data {
		if b == '\n' {
			lines = append(lines, i+1)
		}
	}
	return lines
}

// apply makes one change. want is the document that it leads to.
func (j *jsonText) apply(root *node.Node, c node.Change, want *node.Node) ([]byte, error) {
	if len(c.Path) == 0 {
		return replace(j.data, root.Start, root.End, node.AppendIndented(nil, want, "", "  ")), nil
	}
	parent := root
	for _, part := range c.Path[:len(c.Path)-1] {
		if parent = child(parent, part); parent == nil {
			return nil, fmt.Errorf("%s leads nowhere", c.Path)
		}
	}
	last := c.Path[len(c.Path)-1]
	old := child(parent, last)
	switch {
	case c.Op == node.Remove:
		return j.remove(parent, last)
	case parent.Kind == node.Array && (c.Op == node.Add || last == "-"):
		return j.insertItem(parent, last, c.Value)
	case old != nil:
		return j.replace(old, c.Value), nil
	}
	return j.addMember(parent, last, c.Value), nil
}

// replace puts a value in the place of another. A list that begins with what was
// there keeps its bytes.
func (j *jsonText) replace(old, value *node.Node) []byte {
	prefix := j.indentAt(old.Start)
	if value.Kind == node.Array && len(value.Items) > 1 && node.Equal(value.Items[0], old) {
		var b []byte
		for _, item := range value.Items[1:] {
			b = append(b, ", "...)
			b = j.render(b, item, prefix, "  ", bytes.Contains(j.data[old.Start:old.End], []byte("\n")))
		}
		out := replace(j.data, old.End, old.End, append(b, ']'))
		return replace(out, old.Start, old.Start, []byte("["))
	}
	multi := bytes.Contains(j.data[old.Start:old.End], []byte("\n")) && value.Kind != node.Array
	if value.Kind == node.Array && bytes.Contains(j.data[old.Start:old.End], []byte("\n")) {
		return replace(j.data, old.Start, old.End, j.longList(value, prefix))
	}
	return replace(j.data, old.Start, old.End, j.render(nil, value, prefix, "  ", multi))
}

// longList writes a list with an item a line, as the one in whose place it comes.
func (j *jsonText) longList(value *node.Node, prefix string) []byte {
	b := []byte("[")
	for i, item := range value.Items {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, '\n'), prefix+"  "...)
		b = node.AppendIndented(b, item, prefix+"  ", "  ")
	}
	return append(append(append(b, '\n'), prefix...), ']')
}

func (j *jsonText) render(b []byte, value *node.Node, prefix, unit string, multi bool) []byte {
	if multi {
		return node.AppendIndented(b, value, prefix, unit)
	}
	return node.AppendFlow(b, value)
}

// indentAt returns the white space that begins the line of an offset.
func (j *jsonText) indentAt(offset int) string {
	start := bytes.LastIndexByte(j.data[:offset], '\n') + 1
	end := start
	for end < len(j.data) && (j.data[end] == ' ' || j.data[end] == '\t') {
		end++
	}
	return string(j.data[start:end])
}

// insertItem puts an item into a list, written like its neighbours.
func (j *jsonText) insertItem(list *node.Node, at string, value *node.Node) ([]byte, error) {
	n := len(list.Items)
	if n == 0 {
		return replace(j.data, list.Start, list.End, append(j.render([]byte("["), value, j.indentAt(list.Start), "  ", false), ']')), nil
	}
	i := n
	if at != "-" {
		var err error
		if i, err = strconv.Atoi(at); err != nil || i < 0 || i > n {
			return nil, fmt.Errorf("the list has %d items", n)
		}
	}
	if i < n {
		next := list.Items[i]
		text := j.render(nil, value, j.indentAt(next.Start), "  ", j.multi(next))
		return replace(j.data, next.Start, next.Start, append(append(text, ','), j.between(list, next)...)), nil
	}
	prev := list.Items[n-1]
	text := append([]byte{','}, j.between(list, prev)...)
	return replace(j.data, prev.End, prev.End, j.render(text, value, j.indentAt(prev.Start), j.unit(list, prev), j.multi(prev))), nil
}

func (j *jsonText) multi(n *node.Node) bool {
	return bytes.Contains(j.data[n.Start:n.End], []byte("\n"))
}

// between is the white space before an item: a new line as deep as its own, or a
// space.
func (j *jsonText) between(list, item *node.Node) []byte {
	start := bytes.LastIndexByte(j.data[:item.Start], '\n')
	if start < list.Start || len(bytes.TrimSpace(j.data[start:item.Start])) > 0 {
		return []byte(" ")
	}
	return append(j.lineEnd(start), j.data[start+1:item.Start]...)
}

// lineEnd is the line end at an offset, as the file has it.
func (j *jsonText) lineEnd(newline int) []byte {
	if newline > 0 && j.data[newline-1] == '\r' {
		return []byte("\r\n")
	}
	return []byte("\n")
}

// unit is how much further in the inside of a thing stands.
func (j *jsonText) unit(outer, inner *node.Node) string {
	o, i := j.indentAt(outer.Start), j.indentAt(inner.Start)
	if len(i) > len(o) && i[:len(o)] == o {
		return i[len(o):]
	}
	return "  "
}

// addMember puts a member behind the last of a mapping.
func (j *jsonText) addMember(mapping *node.Node, name string, value *node.Node) []byte {
	head := append(node.AppendString(nil, name), ": "...)
	if len(mapping.Members) == 0 {
		return replace(j.data, mapping.Start, mapping.End, append(node.AppendFlow(append([]byte("{"), head...), value), '}'))
	}
	last := mapping.Members[len(mapping.Members)-1]
	key := j.offset(last.Pos)
	at := &node.Node{Start: key, End: last.Value.End}
	text := append(append([]byte{','}, j.between(mapping, at)...), head...)
	short := (last.Value.Kind == node.Object || last.Value.Kind == node.Array) && !j.multi(last.Value)
	multi := string(j.between(mapping, at)) != " " && !short
	return replace(j.data, last.Value.End, last.Value.End, j.render(text, value, j.indentAt(key), j.unit(mapping, at), multi))
}

func (j *jsonText) offset(p node.Pos) int { return j.lines[p.Line-1] + int(p.Column) - 1 }

// remove takes a member or an item out, with the comma that it needed.
func (j *jsonText) remove(parent *node.Node, name string) ([]byte, error) {
	var starts, ends []int
	i := -1
	for k, m := range parent.Members {
		starts, ends = append(starts, j.offset(m.Pos)), append(ends, m.Value.End)
		if m.Name == name {
			i = k
		}
	}
	for k, item := range parent.Items {
		starts, ends = append(starts, item.Start), append(ends, item.End)
		if strconv.Itoa(k) == name {
			i = k
		}
	}
	switch {
	case i < 0:
		return nil, fmt.Errorf("there is no %q", name)
	case i+1 < len(starts):
		return replace(j.data, starts[i], starts[i+1], nil), nil
	case i > 0:
		return replace(j.data, ends[i-1], ends[i], nil), nil
	}
	return replace(j.data, starts[i], ends[i], nil), nil
}
