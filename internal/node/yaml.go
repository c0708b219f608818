package node

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxAliases bounds how often aliases may repeat their anchors, so that a small
// file cannot expand without end.
const maxAliases = 10_000

// ParseYAML reads the only document of a YAML file. Anchors, aliases and merge
// keys are resolved; repeated mapping keys are an error, as YAML has it.
func ParseYAML(name string, data []byte) (n *Node, err error) {
	defer func() {
		if p := recover(); p != nil {
			n, err = nil, &Error{Pos{File: name}, fmt.Sprintf("not valid YAML: %v", p)}
		}
	}()
	if at, deep := hostile(data); deep {
		c := newConverter(name, data)
		return nil, &Error{c.pos(at), fmt.Sprintf("nested more than %d levels deep", maxDepth)}
	}
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, yamlError(name, err)
	}
	y := &yamlConverter{file: name, anchors: map[string]ast.Node{}}
	var body ast.Node
	for _, doc := range file.Docs {
		if _, directive := doc.Body.(*ast.DirectiveNode); directive || doc.Body == nil {
			continue
		}
		if body != nil {
			return nil, &Error{y.pos(doc.Body.GetToken()), "a second YAML document; the file may hold one only"}
		}
		body = doc.Body
	}
	if body == nil {
		return nil, &Error{Pos{name, 1, 1}, "the file is empty"}
	}
	return y.convert(body, 0)
}

// maxOpen bounds the brackets that are open at once, and the dashes that begin
// a line. Those in comments and strings are counted too, so it is far above
// maxDepth; it keeps the parser's recursion from exhausting the stack.
const maxOpen = 1000

// hostile finds the place where a document nests deeper than any that is meant
// to be read.
func hostile(data []byte) (offset int, deep bool) {
	open, dashes := 0, 0
	for i, b := range data {
		switch b {
		case '[', '{':
			open++
		case ']', '}':
			open = max(open-1, 0)
		case '-':
			dashes++
		case '\n':
			dashes = 0
		}
		if open > maxOpen || dashes > maxOpen && bytes.HasPrefix(data[i:], []byte("- -")) {
			return i, true
		}
	}
	return 0, false
}

type yamlConverter struct {
	file    string
	anchors map[string]ast.Node
	aliases int
}

func (y *yamlConverter) pos(t *token.Token) Pos {
	if t == nil || t.Position == nil {
		return Pos{File: y.file}
	}
	return Pos{y.file, int32(t.Position.Line), int32(t.Position.Column)}
}

func (y *yamlConverter) convert(v ast.Node, depth int) (*Node, error) {
	if v == nil {
		return &Node{Pos: Pos{File: y.file}}, nil
	}
	n := &Node{Pos: y.pos(v.GetToken())}
	if depth > maxDepth {
		return nil, n.Errorf("nested more than %d levels deep", maxDepth)
	}
	switch t := v.(type) {
	case *ast.NullNode:
		if t.Token != nil && t.Token.Type == token.ImplicitNullType && n.Pos.Column > 1 {
			n.Pos.Column-- // the parser sets it behind the token before it
		}
		return n, nil
	case *ast.BoolNode:
		n.Kind, n.Text = Bool, strings.ToLower(t.Token.Value)
	case *ast.IntegerNode:
		n.Kind, n.Text = Number, t.Token.Value
	case *ast.FloatNode:
		n.Kind, n.Text = Number, t.Token.Value
	case *ast.StringNode:
		n.Kind, n.Text = String, t.Value
	case *ast.LiteralNode:
		n.Kind, n.Text = String, t.Value.Value
	case *ast.SequenceNode:
		n.Kind = Array
		for _, item := range t.Values {
			child, err := y.convert(item, depth+1)
			if err != nil {
				return nil, err
			}
			n.Items = append(n.Items, child)
		}
	case *ast.MappingNode:
		return y.mapping(n, t.Values, t.IsFlowStyle, depth)
	case *ast.MappingValueNode:
		return y.mapping(n, []*ast.MappingValueNode{t}, false, depth)
	case *ast.AnchorNode:
		y.anchors[t.Name.GetToken().Value] = t.Value
		return y.convert(t.Value, depth+1)
	case *ast.AliasNode:
		return y.alias(n, t, depth)
	case *ast.TagNode:
		return y.convert(t.Value, depth+1)
	default:
		return nil, n.Errorf("%s is not understood here", v.Type())
	}
	return n, nil
}

func (y *yamlConverter) alias(n *Node, t *ast.AliasNode, depth int) (*Node, error) {
	target, ok := y.anchors[t.Value.GetToken().Value]
	if !ok {
		return nil, n.Errorf("alias *%s has no anchor before it", t.Value.GetToken().Value)
	}
	if y.aliases++; y.aliases > maxAliases {
		return nil, n.Errorf("more than %d aliases", maxAliases)
	}
	return y.convert(target, depth+1)
}

func (y *yamlConverter) mapping(n *Node, values []*ast.MappingValueNode, flow bool, depth int) (*Node, error) {
	n.Kind = Object
	if !flow && len(values) > 0 {
		n.Pos = y.pos(values[0].Key.GetToken()) // not the colon that the parser names
	}
	seen := make(map[string]bool, len(values))
	var merged []Member
	for _, mv := range values {
		pos := y.pos(mv.Key.GetToken())
		value, err := y.convert(mv.Value, depth+1)
		if err != nil {
			return nil, err
		}
		if !value.Pos.IsValid() {
			value.Pos = pos
		}
		if _, merge := mv.Key.(*ast.MergeKeyNode); merge {
			if merged, err = appendMerged(merged, value); err != nil {
				return nil, err
			}
			continue
		}
		key, err := y.convert(mv.Key, depth+1)
		if err != nil {
			return nil, err
		}
		if null, ok := mv.Key.(*ast.NullNode); ok {
			key.Text = null.Token.Value // a name as written: the version that S3 calls null
		}
		if seen[key.Text] {
			return nil, &Error{pos, fmt.Sprintf("%q stands here a second time", key.Text)}
		}
		seen[key.Text] = true
		n.Members = append(n.Members, Member{key.Text, pos, value})
	}
	for _, m := range merged {
		if !seen[m.Name] {
			seen[m.Name] = true
			n.Members = append(n.Members, m)
		}
	}
	return n, nil
}

// appendMerged adds what a merge key names, a mapping or a list of them. What
// the mapping says itself wins over what is merged, and the earlier of two
// merged mappings over the later (YAML, Merge Key Language-Independent Type).
func appendMerged(merged []Member, value *Node) ([]Member, error) {
	for _, source := range value.List() {
		if source.Kind != Object {
			return nil, source.Errorf("%s where the merge key << takes a mapping, or a list of them", source.Kind)
		}
		merged = append(merged, source.Members...)
	}
	return merged, nil
}

var yamlPosition = regexp.MustCompile(`\[(\d+):(\d+)\] ([^\n]*)`)

func yamlError(file string, err error) error {
	type positioned interface {
		GetToken() *token.Token
		GetMessage() string
	}
	var p positioned
	if errors.As(err, &p) && p.GetToken() != nil {
		at := p.GetToken().Position
		return &Error{Pos{file, int32(at.Line), int32(at.Column)}, "not valid YAML: " + p.GetMessage()}
	}
	if m := yamlPosition.FindStringSubmatch(err.Error()); m != nil {
		return &Error{Pos{file, atoi32(m[1]), atoi32(m[2])}, "not valid YAML: " + m[3]}
	}
	return &Error{Pos{File: file}, "not valid YAML: " + err.Error()}
}
