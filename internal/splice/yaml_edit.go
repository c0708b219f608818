package splice

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/why403/why403/internal/node"
)

// replace puts a value in the place of another, in the style that it had.
func (y *yamlText) replace(s *slot, value *node.Node) ([]byte, error) {
	if s.indent < 0 {
		return nil, fmt.Errorf("the whole document would be replaced")
	}
	begin, first := y.begin(s)
	end := y.end(s)
	empty := scalarOrEmpty(s.value) && (first == '{' || first == '[')
	if s.flow || (first == '{' || first == '[') && !empty || scalarOrEmpty(value) {
		if list := value; list.Kind == node.Array && first == '{' && len(list.Items) > 1 && same(list.Items[0], s.value) {
			text := append([]byte{'['}, y.data[begin:end]...) // what was there begins the list
			for _, item := range list.Items[1:] {
				text = node.AppendYAMLFlow(append(text, ", "...), item)
			}
			return y.put(begin, end, append(text, ']')), nil
		}
		if first == 0 || s.value.Kind == node.Object && first != '{' || s.value.Kind == node.Array && first != '[' {
			return y.put(s.from, end, node.AppendYAMLFlow([]byte(" "), value)), nil
		}
		return y.put(begin, y.scalarEnd(s, begin, end), node.AppendYAMLFlow(nil, value)), nil
	}
	depth := s.indent + 2
	if value.Kind == node.Array && s.value.Kind == node.Array && first == 0 {
		depth = int(s.value.Pos.Column) - 1
	}
	return y.putBlock(s.from, end, y.block(value, depth)), nil
}

// putBlock puts lines in the place of a value. A comment behind the value stays
// on the line of its name.
func (y *yamlText) putBlock(from, end int, lines []byte) []byte {
	line := y.lineContent(end, end)
	if rest := bytes.TrimLeft(y.data[end:line], " \t"); len(rest) > 0 && rest[0] == '#' && !bytes.Contains(y.data[from:end], []byte("\n")) {
		return y.put(from, line, append(append([]byte{}, y.data[end:line]...), lines...))
	}
	return y.put(from, end, lines)
}

// scalarEnd keeps a comment behind a scalar that is replaced.
func (y *yamlText) scalarEnd(s *slot, begin, end int) int {
	if s.flow || bytes.ContainsRune([]byte("{[\"'|>"), rune(y.data[begin])) {
		return end
	}
	if i := bytes.Index(y.data[begin:end], []byte(" #")); i >= 0 {
		return begin + len(bytes.TrimRight(y.data[begin:begin+i], " "))
	}
	return end
}

func scalarOrEmpty(n *node.Node) bool { return len(n.Items) == 0 && len(n.Members) == 0 }

// block writes a value on lines of its own.
func (y *yamlText) block(value *node.Node, depth int) []byte {
	text := []byte("\n")
	if value.Kind == node.Object {
		text = node.AppendYAML(text, value, depth)
	}
	for _, item := range value.Items {
		text = node.AppendYAMLItem(append(text, strings.Repeat(" ", depth)...), item, depth)
	}
	return bytes.TrimRight(text, "\n")
}

// addMember puts a member behind the last of a mapping.
func (y *yamlText) addMember(s *slot, m node.Member) []byte {
	begin, first := y.begin(s)
	end := y.end(s)
	own := y.ownMembers(s)
	flow := node.AppendYAMLFlow(append(node.AppendYAMLScalar(nil, node.Text(m.Name)), ": "...), m.Value)
	switch {
	case first == '{' && len(s.value.Members) == 0 && (s.flow || s.indent < 0):
		return y.put(begin, end, append(append([]byte("{"), flow...), '}'))
	case first == '{' && len(s.value.Members) == 0:
		return y.putBlock(s.from, end, y.block(node.Mapping().Put(m.Name, m.Value), s.indent+2))
	case first == '{':
		close := begin + len(bytes.TrimRight(y.data[begin:end-1], " \t\r\n"))
		comma := ", "
		if y.data[close-1] == ',' {
			comma = " "
		}
		return y.put(close, close, append([]byte(comma), flow...))
	case len(own) == 0:
		return y.put(end, end, y.block(node.Mapping().Put(m.Name, m.Value), s.indent+2))
	}
	depth := y.column(y.offset(own[0].Pos))
	text := append([]byte("\n"), strings.Repeat(" ", depth)...)
	return y.put(end, end, bytes.TrimRight(node.AppendYAMLMember(text, m, depth), "\n"))
}

// ownMembers are the members that a mapping says itself.
func (y *yamlText) ownMembers(s *slot) []node.Member {
	var own []node.Member
	end := y.end(s)
	for _, m := range s.value.Members {
		if m.Pos.IsValid() {
			if at := y.offset(m.Pos); at >= s.from && at < end {
				own = append(own, m)
			}
		}
	}
	return own
}

// appendItem puts an item behind the last of a list, written like it.
func (y *yamlText) appendItem(s *slot, value *node.Node) []byte {
	begin, first := y.begin(s)
	end := y.end(s)
	n := len(s.value.Items)
	switch {
	case first == '[' && n == 0 && (s.flow || scalarOrEmpty(value)):
		return y.put(begin, end, append(node.AppendYAMLFlow([]byte("["), value), ']'))
	case first == '[' && n == 0:
		return y.putBlock(s.from, end, y.block(node.List(value), s.indent+2))
	case first == '[':
		return y.appendFlow(s, begin, end, value)
	}
	depth := int(s.value.Pos.Column) - 1
	text := append([]byte("\n"), strings.Repeat(" ", depth)...)
	if last, ok := y.inside(s, fmt.Sprint(n-1)); ok {
		if _, b := y.begin(&last); b == '{' || b == '[' {
			return y.put(end, end, node.AppendYAMLFlow(append(text, "- "...), value))
		}
	}
	return y.put(end, end, bytes.TrimRight(node.AppendYAMLItem(text, value, depth), "\n"))
}

// appendFlow puts an item before the bracket that closes a list: on a line of its
// own where its neighbour has one.
func (y *yamlText) appendFlow(s *slot, begin, end int, value *node.Node) []byte {
	close := begin + len(bytes.TrimRight(y.data[begin:end-1], " \t\r\n"))
	text := []byte(", ")
	if y.data[close-1] == ',' {
		text = []byte(" ")
	}
	last := y.offset(s.value.Items[len(s.value.Items)-1].Pos)
	line := bytes.LastIndexByte(y.data[:last], '\n') + 1
	if line > begin && len(bytes.TrimSpace(y.data[line:last])) == 0 {
		text = append(bytes.TrimRight(text, " "), '\n')
		text = append(text, y.data[line:last]...)
	}
	return y.put(close, close, node.AppendYAMLFlow(text, value))
}

// removeMember takes a member out, with its line.
func (y *yamlText) removeMember(s *slot, name string) ([]byte, error) {
	m, ok := y.inside(s, name)
	if !ok {
		return nil, fmt.Errorf("there is no %q of its own", name)
	}
	own := y.ownMembers(s)
	i := 0
	for k := range own {
		if own[k].Name == name {
			i = k
		}
	}
	_, first := y.begin(s)
	key := y.offset(own[i].Pos)
	switch {
	case len(own) == 1:
		return y.put(s.from, y.end(s), []byte(" {}")), nil
	case i+1 < len(own):
		return y.put(key, y.offset(own[i+1].Pos), nil), nil
	case first == '{':
		prev, _ := y.inside(s, own[i-1].Name)
		return y.put(y.end(&prev), y.end(&m), nil), nil
	}
	line := bytes.LastIndexByte(y.data[:key], '\n')
	return y.put(line, y.end(&m), nil), nil
}
