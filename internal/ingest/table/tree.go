package table

import (
	"encoding/json"
	"strings"
)

// tree reads a structure: JSON, or the text that Athena and CloudTrail Lake make of it,
// {type=IAMUser, arn=…, sessioncontext={…}} and [{arn=…}, …]. Its names are changed by
// rename. Of what is null there is nothing.
func tree(text string, rename func(string) string) any {
	var v any
	if json.Unmarshal([]byte(text), &v) == nil {
		return renamed(v, rename)
	}
	p := &structure{rest: strings.TrimSpace(text), rename: rename}
	return p.value()
}

func renamed(v any, rename func(string) string) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, inner := range v {
			if inner != nil {
				out[rename(name)] = renamed(inner, rename)
			}
		}
		return out
	case []any:
		for i := range v {
			v[i] = renamed(v[i], rename)
		}
	}
	return v
}

// structure reads the text form. Nothing is escaped in it: a value ends where ", " and
// a name with "=" follow, or the bracket around it closes.
type structure struct {
	rest   string
	rename func(string) string
	depth  int
}

// maxDepth is how deep structures stand in one another; AWS's do four times.
const maxDepth = 64

func (p *structure) value() any {
	p.depth++
	defer func() { p.depth-- }()
	switch {
	case p.depth > maxDepth:
		p.rest = ""
		return nil
	case strings.HasPrefix(p.rest, "{"):
		p.rest = p.rest[1:]
		return p.members()
	case strings.HasPrefix(p.rest, "["):
		p.rest = p.rest[1:]
		return p.items()
	}
	return p.text()
}

func (p *structure) members() map[string]any {
	out := map[string]any{}
	for p.rest != "" && p.rest[0] != '}' {
		name, rest, ok := strings.Cut(p.rest, "=")
		if !ok {
			p.rest = ""
			break
		}
		p.rest = rest
		if v := p.value(); v != "null" && v != "" {
			out[p.rename(name)] = v
		}
		p.rest = strings.TrimPrefix(p.rest, ", ")
	}
	p.rest = strings.TrimPrefix(p.rest, "}")
	return out
}

func (p *structure) items() []any {
	out := []any{}
	for p.rest != "" && p.rest[0] != ']' {
		before := len(p.rest)
		out = append(out, p.value())
		p.rest = strings.TrimPrefix(p.rest, ", ")
		if len(p.rest) == before {
			p.rest = "" // nothing that could be passed
		}
	}
	p.rest = strings.TrimPrefix(p.rest, "]")
	return out
}

// text cuts off a value without structure.
func (p *structure) text() string {
	end := len(p.rest)
	for i := 0; i < len(p.rest); i++ {
		if c := p.rest[i]; c == '}' || c == ']' || c == ',' && named(p.rest[i:]) {
			end = i
			break
		}
	}
	v := p.rest[:end]
	p.rest = p.rest[end:]
	return v
}

// named reports that ", name=" follows.
func named(s string) bool {
	rest, ok := strings.CutPrefix(s, ", ")
	if !ok {
		return false
	}
	name, _, ok := strings.Cut(rest, "=")
	return ok && name != "" && !strings.ContainsAny(name, " ,{}[]\"")
}
