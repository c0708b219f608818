package splice

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/why403/why403/internal/node"
)

// yamlText edits YAML.
type yamlText struct {
	data  []byte
	lines []int
	crlf  bool
}

func newYAML(data []byte) *yamlText {
	return &yamlText{data, lineStarts(data), bytes.Contains(data, []byte("\r\n"))}
}

// A slot is where a value stands: behind the colon of its name, or its dash.
type slot struct {
	value  *node.Node
	from   int // offset behind the colon or dash
	indent int // column of the name or dash; -1 of the document itself
	flow   bool
}

// apply makes one change. want is the document that it leads to.
func (y *yamlText) apply(root *node.Node, c node.Change, want *node.Node) ([]byte, error) {
	s := slot{value: root, indent: -1}
	if len(c.Path) == 0 {
		return nil, fmt.Errorf("the whole document would be replaced")
	}
	for i, part := range c.Path[:len(c.Path)-1] {
		next, ok := y.inside(&s, part)
		if !ok {
			return y.replace(&s, at(want, c.Path[:i])) // behind an alias, or merged
		}
		s = next
	}
	last := c.Path[len(c.Path)-1]
	whole := at(want, c.Path[:len(c.Path)-1])
	if y.borrowed(&s) {
		return y.replace(&s, whole)
	}
	next, there := y.inside(&s, last)
	switch {
	case s.value.Kind == node.Array && c.Op == node.Add && last == "-":
		return y.appendItem(&s, c.Value), nil
	case s.value.Kind == node.Array && (c.Op != node.Replace || !there):
		return y.replace(&s, whole)
	case c.Op == node.Remove:
		return y.removeMember(&s, last)
	case there:
		return y.replace(&next, c.Value)
	case s.value.Get(last) != nil:
		return y.replace(&s, whole)
	}
	return y.addMember(&s, node.Member{Name: last, Value: c.Value}), nil
}

func at(n *node.Node, path node.Pointer) *node.Node {
	for _, part := range path {
		n = child(n, part)
	}
	return n
}

// offset returns the byte that a place names; its column counts characters.
func (y *yamlText) offset(p node.Pos) int {
	i := y.lines[p.Line-1]
	for range p.Column - 1 {
		_, size := utf8.DecodeRune(y.data[i:])
		i += size
	}
	return i
}

func (y *yamlText) column(offset int) int {
	return offset - (bytes.LastIndexByte(y.data[:offset], '\n') + 1)
}

// begin returns where the value's own text begins, behind white space, anchors and
// tags, and its first byte; 0 where it begins on another line or is nothing.
func (y *yamlText) begin(s *slot) (int, byte) {
	i := s.from
	for {
		for i < len(y.data) && (y.data[i] == ' ' || y.data[i] == '\t' || s.flow && (y.data[i] == '\n' || y.data[i] == '\r')) {
			i++
		}
		if i >= len(y.data) || y.data[i] == '\n' || y.data[i] == '\r' || y.data[i] == '#' {
			return i, 0
		}
		if y.data[i] != '&' && y.data[i] != '!' {
			return i, y.data[i]
		}
		for i < len(y.data) && !bytes.ContainsRune([]byte(" \t\r\n,]}"), rune(y.data[i])) {
			i++
		}
	}
}

// borrowed reports an alias.
func (y *yamlText) borrowed(s *slot) bool {
	_, b := y.begin(s)
	return s.indent >= 0 && b == '*'
}

// inside returns the slot of a member or item; not ok where it is not there, or
// stands elsewhere: behind an alias, or merged.
func (y *yamlText) inside(s *slot, part string) (slot, bool) {
	if y.borrowed(s) {
		return slot{}, false
	}
	_, first := y.begin(s)
	flow := s.flow || first == '{' || first == '['
	if s.value.Kind == node.Array {
		return y.item(s, part, flow)
	}
	end := y.end(s)
	for i := len(s.value.Members) - 1; i >= 0; i-- {
		m := s.value.Members[i]
		if m.Name != part || !m.Pos.IsValid() {
			continue
		}
		key := y.offset(m.Pos)
		if key < s.from || key >= end {
			return slot{}, false
		}
		return slot{value: m.Value, from: y.colon(key) + 1, indent: y.column(key), flow: flow}, true
	}
	return slot{}, false
}

func (y *yamlText) item(s *slot, part string, flow bool) (slot, bool) {
	for i, item := range s.value.Items {
		if fmt.Sprint(i) != part {
			continue
		}
		begin := y.offset(item.Pos)
		if begin < s.from || begin >= y.end(s) {
			return slot{}, false
		}
		if flow {
			return slot{value: item, from: begin, indent: y.column(begin), flow: true}, true
		}
		dash := bytes.LastIndexByte(y.data[:begin+1], '-')
		if dash < s.from || strings.TrimSpace(string(y.data[dash+1:begin])) != "" {
			return slot{}, false
		}
		return slot{value: item, from: dash + 1, indent: y.column(dash)}, true
	}
	return slot{}, false
}

// colon returns where the colon behind a name stands.
func (y *yamlText) colon(key int) int {
	i := key
	if y.data[i] == '"' || y.data[i] == '\'' {
		i = y.quoted(i)
	}
	for i < len(y.data) && !(y.data[i] == ':' && (i+1 == len(y.data) || bytes.ContainsRune([]byte(" \t\r\n,]}"), rune(y.data[i+1])) || key != i && y.data[key] == '"')) {
		i++
	}
	return i
}

// quoted returns the offset behind a quoted text.
func (y *yamlText) quoted(i int) int {
	quote := y.data[i]
	for i++; i < len(y.data); i++ {
		switch {
		case quote == '"' && y.data[i] == '\\':
			i++
		case y.data[i] == quote && quote == '\'' && i+1 < len(y.data) && y.data[i+1] == '\'':
			i++
		case y.data[i] == quote:
			return i + 1
		}
	}
	return i
}

// bracket returns the offset behind a flow collection.
func (y *yamlText) bracket(i int) int {
	depth := 0
	for ; i < len(y.data); i++ {
		switch b := y.data[i]; {
		case b == '{' || b == '[':
			depth++
		case b == '}' || b == ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case (b == '"' || b == '\'') && startsScalar(y.data, i):
			i = y.quoted(i) - 1
		case b == '#' && i > 0 && (y.data[i-1] == ' ' || y.data[i-1] == '\n' || y.data[i-1] == '\t'):
			for i < len(y.data) && y.data[i] != '\n' {
				i++
			}
		}
	}
	return i
}

// startsScalar tells a quote that opens a text from one inside a plain word.
func startsScalar(data []byte, i int) bool {
	for i--; i >= 0; i-- {
		switch data[i] {
		case ' ', '\t', '\n', '\r':
			continue
		}
		return bytes.ContainsRune([]byte("{[,:"), rune(data[i])) || data[i+1] == ' ' && data[i] == '-'
	}
	return true
}

// end returns the offset behind the value.
func (y *yamlText) end(s *slot) int {
	i, first := y.begin(s)
	switch first {
	case '{', '[':
		return y.bracket(i)
	case '"', '\'':
		return y.quoted(i)
	}
	if s.flow {
		for i < len(y.data) && !bytes.ContainsRune([]byte(",]}\n\r"), rune(y.data[i])) {
			i++
		}
		return s.from + len(bytes.TrimRight(y.data[s.from:i], " \t"))
	}
	return y.blockEnd(s, i)
}

// blockEnd returns the end of the last line that belongs to the value: lines that
// are indented further than its name, or the dashes of its list.
func (y *yamlText) blockEnd(s *slot, i int) int {
	end := y.lineContent(i, s.from)
	for line := nextLine(y.data, i); line < len(y.data); line = nextLine(y.data, line) {
		text := y.data[line:min(nextLine(y.data, line), len(y.data))]
		trimmed := bytes.TrimSpace(text)
		depth := len(text) - len(bytes.TrimLeft(text, " "))
		switch {
		case len(trimmed) == 0 || trimmed[0] == '#' && depth <= max(s.indent, 0):
			continue
		case depth > s.indent && !(s.indent < 0 && (bytes.HasPrefix(text, []byte("---")) || bytes.HasPrefix(text, []byte("...")))):
		case depth == s.indent && s.value.Kind == node.Array && trimmed[0] == '-':
		default:
			return end
		}
		end = y.lineContent(line, line)
	}
	return end
}

// lineContent returns the end of the line of i, without its line end.
func (y *yamlText) lineContent(i, from int) int {
	end := bytes.IndexByte(y.data[i:], '\n')
	if end < 0 {
		end = len(y.data) - i
	}
	return max(from, i+len(bytes.TrimRight(y.data[i:i+end], " \t\r")))
}

func nextLine(data []byte, i int) int {
	n := bytes.IndexByte(data[i:], '\n')
	if n < 0 {
		return len(data)
	}
	return i + n + 1
}

// put makes the edit, with the file's line ends.
func (y *yamlText) put(from, to int, text []byte) []byte {
	if y.crlf {
		text = bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
	}
	return replace(y.data, from, to, text)
}
