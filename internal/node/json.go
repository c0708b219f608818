package node

import (
	"encoding/json"
	"errors"
	"sort"
	"strconv"
	"unicode/utf8"

	"github.com/tailscale/hujson"
)

// maxDepth bounds the nesting of a document, so that a hostile one cannot
// exhaust the stack of those who walk it.
const maxDepth = 64

// ParseJSON reads one JSON value (RFC 8259). Comments and trailing commas, which
// IAM does not take either, are errors.
func ParseJSON(name string, data []byte) (*Node, error) {
	return ParseJSONLine(name, data, 1)
}

// ParseJSONLine reads one JSON value that begins in the given line of a file,
// counted from 1, as in JSON lines.
func ParseJSONLine(name string, data []byte, line int) (*Node, error) {
	if pos, deep := tooDeep(data); deep {
		c := newConverter(name, data)
		c.before = line - 1
		return nil, &Error{c.pos(pos), "nested more than 64 levels deep"}
	}
	v, err := hujson.Parse(data)
	c := newConverter(name, data)
	c.before = line - 1
	if err != nil {
		return nil, c.syntaxError(err)
	}
	if !v.IsStandard() {
		return nil, &Error{c.pos(firstNonStandard(data)), "comments and trailing commas are not JSON"}
	}
	return c.convert(v), nil
}

type converter struct {
	file  string
	lines []int // offset of each line's first byte
	text  string

	before int // lines of the file before the text
}

func newConverter(name string, data []byte) *converter {
	c := &converter{file: name, lines: []int{0}, text: string(data)}
	for i, b := range data {
		if b == '\n' {
			c.lines = append(c.lines, i+1)
		}
	}
	return c
}

func (c *converter) pos(offset int) Pos {
	line := sort.SearchInts(c.lines, offset+1)
	return Pos{c.file, int32(c.before + line), int32(offset - c.lines[line-1] + 1)}
}

func (c *converter) convert(v hujson.Value) *Node {
	n := &Node{Pos: c.pos(v.StartOffset), Start: v.StartOffset, End: v.EndOffset}
	switch t := v.Value.(type) {
	case *hujson.Object:
		n.Kind = Object
		n.Members = make([]Member, len(t.Members))
		for i, m := range t.Members {
			n.Members[i] = Member{c.scalar(m.Name), c.pos(m.Name.StartOffset), c.convert(m.Value)}
		}
	case *hujson.Array:
		n.Kind = Array
		n.Items = make([]*Node, len(t.Elements))
		for i, e := range t.Elements {
			n.Items[i] = c.convert(e)
		}
	case hujson.Literal:
		switch t.Kind() {
		case '"':
			n.Kind = String
		case 't', 'f':
			n.Kind = Bool
		case '0':
			n.Kind = Number
		}
		n.Text = c.scalar(v)
	}
	return n
}

// scalar returns a literal's text: a string's without quotes and escapes,
// sharing the document's memory where it has none.
func (c *converter) scalar(v hujson.Value) string {
	raw := c.text[v.StartOffset:v.EndOffset]
	if raw[0] != '"' {
		return raw
	}
	inner := raw[1 : len(raw)-1]
	for i := range len(inner) {
		if inner[i] == '\\' || inner[i] >= utf8.RuneSelf {
			return v.Value.(hujson.Literal).String()
		}
	}
	return inner
}

func (c *converter) syntaxError(err error) error {
	var line, column int
	msg := err.Error()
	if at := splitPosition(msg); at != nil {
		line, _ = strconv.Atoi(at[0])
		column, _ = strconv.Atoi(at[1])
		msg = at[2]
	}
	return &Error{Pos{c.file, int32(c.before + line), int32(column)}, "not valid JSON: " + msg}
}

// firstNonStandard finds the first byte that encoding/json refuses.
func firstNonStandard(data []byte) int {
	var v any
	err := json.Unmarshal(data, &v)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return max(int(syntax.Offset)-1, 0)
	}
	return 0
}

func tooDeep(data []byte) (offset int, deep bool) {
	depth, inString := 0, false
	for i := 0; i < len(data); i++ {
		switch b := data[i]; {
		case inString:
			switch b {
			case '\\':
				i++
			case '"':
				inString = false
			}
		case b == '"':
			inString = true
		case b == '{' || b == '[':
			if depth++; depth > maxDepth {
				return i, true
			}
		case b == '}' || b == ']':
			depth--
		}
	}
	return 0, false
}
