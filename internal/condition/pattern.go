package condition

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A Pattern is a policy's text that a request's text is compared with: plain
// text, wildcards, and policy variables that are replaced when it is matched.
type Pattern struct {
	// text is the pattern with wildcards written as the marks below, and
	// "" where variables is not empty.
	text  string
	wild  bool   // text holds a mark
	start string // text before the first mark
	parts []part
}

// Marks stand for wildcards in a compiled pattern. No policy document can hold
// these characters (IAM allows U+0009, U+000A, U+000D and U+0020 to U+00FF).
const (
	markAny     = '\x00' // "*": any run of characters
	markOne     = '\x01' // "?": one character
	markSegment = '\x02' // "*" that stays within its segment of an ARN
)

const marks = "\x00\x01\x02"

type part struct {
	text     string // literal, already with marks
	variable Key    // or the variable, where not 0
	fallback string
	hasFall  bool
}

// Dialect says how the text of a pattern is to be read.
type Dialect struct {
	Wildcards bool // "*" and "?" match; else they stand for themselves
	Variables bool // "${key}" is replaced; only under Version 2012-10-17
	Resource  bool // the text is a Resource element: see CompileResource
}

// Compile reads a pattern. The errors are about malformed variables.
func (d Dialect) Compile(s string) (Pattern, error) {
	if !d.Variables || !strings.Contains(s, "${") {
		return d.plain(s), nil
	}
	var p Pattern
	var literal strings.Builder
	flush := func() {
		if literal.Len() > 0 {
			p.parts = append(p.parts, part{text: literal.String()})
			literal.Reset()
		}
	}
	for s != "" {
		i := strings.Index(s, "${")
		if i < 0 {
			literal.WriteString(d.mark(s))
			break
		}
		literal.WriteString(d.mark(s[:i]))
		inner, rest, ok := strings.Cut(s[i+2:], "}")
		if !ok {
			return Pattern{}, fmt.Errorf("the variable that begins at %q lacks its closing brace", s[i:])
		}
		s = rest
		switch inner {
		case "*", "?", "$":
			literal.WriteString(inner)
			continue
		case "":
			return Pattern{}, fmt.Errorf("the variable ${} is empty")
		}
		v, err := variable(inner)
		if err != nil {
			return Pattern{}, err
		}
		flush()
		p.parts = append(p.parts, v)
	}
	flush()
	if len(p.parts) == 1 && p.parts[0].variable.info == nil {
		return fromMarked(p.parts[0].text), nil
	}
	if len(p.parts) == 0 {
		return Pattern{}, nil
	}
	return p, nil
}

func variable(inner string) (part, error) {
	name, fallback, has := strings.Cut(inner, ",")
	if strings.ContainsAny(name, " \t") {
		return part{}, fmt.Errorf("the variable ${%s} has a space in its name", inner)
	}
	v := part{variable: Intern(name)}
	if !has {
		return v, nil
	}
	text, ok := strings.CutPrefix(fallback, " '")
	if !ok || !strings.HasSuffix(text, "'") {
		return part{}, fmt.Errorf("the default value of ${%s} must follow a comma and one space, in single quotes", inner)
	}
	v.fallback, v.hasFall = strings.TrimSuffix(text, "'"), true
	return v, nil
}

func (d Dialect) plain(s string) Pattern { return fromMarked(d.mark(s)) }

// mark writes wildcards as marks.
func (d Dialect) mark(s string) string {
	if !d.Wildcards || !strings.ContainsAny(s, "*?") {
		return s
	}
	b := []byte(s)
	for i := range b {
		switch b[i] {
		case '*':
			b[i] = markAny
		case '?':
			b[i] = markOne
		}
	}
	return string(b)
}

func fromMarked(s string) Pattern {
	p := Pattern{text: s, start: s}
	if i := strings.IndexAny(s, marks); i >= 0 {
		p.wild, p.start = true, s[:i]
	}
	return p
}

// CompileResource reads a value of a Resource or NotResource element. A "*" at
// the end of one of the ARN's segments may match across the following colons,
// one inside a segment stays within it (IAM User Guide, Resource). Within the
// last segment it matches everything, slashes and colons included.
func CompileResource(s string, variables bool) (Pattern, error) {
	p, err := Dialect{Wildcards: true, Variables: variables}.Compile(s)
	if err != nil {
		return p, err
	}
	if p.parts == nil {
		return fromMarked(confine(p.text)), nil
	}
	// Variables are allowed behind the fifth colon only, so the segments
	// before it all stand in the first part.
	p.parts[0].text = confine(p.parts[0].text)
	return p, nil
}

// confine turns each "*" in the middle of one of the first five segments into
// one that stays within it.
func confine(s string) string {
	colons := 0
	b := []byte(s)
	for i := range b {
		if b[i] == ':' {
			if colons++; colons == 5 {
				break
			}
		}
		if b[i] == markAny && i+1 < len(b) && b[i+1] != ':' {
			b[i] = markSegment
		}
	}
	return string(b)
}

// Literal returns the text that everything the pattern matches begins with.
func (p *Pattern) Literal() string {
	text := p.text
	if p.parts != nil {
		text = p.parts[0].text // "" for a variable
	}
	if i := strings.IndexAny(text, marks); i >= 0 {
		return text[:i]
	}
	return text
}

// IsPrefix reports whether the pattern is a literal text with a lone "*" behind.
func (p *Pattern) IsPrefix() bool {
	return p.parts == nil && p.wild && p.text[len(p.start):] == "\x00"
}

// MatchesAll reports whether the pattern is a lone "*".
func (p *Pattern) MatchesAll() bool { return p.text == "\x00" }

// Wild reports whether the pattern has wildcards or variables.
func (p *Pattern) Wild() bool { return p.wild || p.parts != nil }

// HasVariables reports whether the pattern has policy variables.
func (p *Pattern) HasVariables() bool { return p.parts != nil }

// Match compares the pattern with a request's text. A variable that the request
// does not carry, and that has no default, matches nothing; one whose value is
// not known makes the answer Unknown.
func (p *Pattern) Match(s string, ctx *Context) Truth {
	if p.parts == nil {
		return Of(p.matchText(s))
	}
	var scratch [256]byte
	text, state := p.expand(scratch[:0], ctx)
	switch state {
	case Absent:
		return False
	case Unsure:
		return p.unsure(s, ctx)
	}
	return Of(glob(text, s))
}

// MatchOpen compares the pattern with a text of which only the beginning is known:
// True where it matches whatever follows, False where it matches nothing that begins so.
func (p *Pattern) MatchOpen(begin string) Truth {
	literal := p.Literal()
	switch {
	case p.MatchesAll(), p.IsPrefix() && strings.HasPrefix(begin, literal):
		return True
	case strings.HasPrefix(literal, begin), p.Wild() && strings.HasPrefix(begin, literal):
		return Unknown
	}
	return False
}

func (p *Pattern) matchText(s string) bool {
	if !p.wild {
		return p.text == s
	}
	rest, ok := strings.CutPrefix(s, p.start)
	if !ok {
		return false
	}
	pattern := p.text[len(p.start):]
	return pattern == "\x00" || glob(pattern, rest)
}

// expand replaces the variables. A substituted value counts as literal text.
func (p *Pattern) expand(buf []byte, ctx *Context) (string, State) {
	for i := range p.parts {
		pt := &p.parts[i]
		if pt.variable.info == nil {
			buf = append(buf, pt.text...)
			continue
		}
		v := ctx.Lookup(pt.variable)
		switch {
		case v.State == Unsure:
			return "", Unsure
		case v.State == Absent && pt.hasFall:
			buf = append(buf, pt.fallback...)
		case v.State == Absent || v.Multi || strings.ContainsAny(v.One, "\x00\x01\x02"):
			return "", Absent
		default:
			buf = append(buf, v.One...)
		}
	}
	return string(buf), Present
}

// unsure answers for a pattern of which a variable is not known: False where no
// value of it could make the rest match.
func (p *Pattern) unsure(s string, ctx *Context) Truth {
	var buf []byte
	for i := range p.parts {
		pt := &p.parts[i]
		if pt.variable.info == nil {
			buf = append(buf, pt.text...)
			continue
		}
		if v := ctx.Lookup(pt.variable); v.State == Present && !v.Multi {
			buf = append(buf, v.One...)
		} else {
			buf = append(buf, markAny)
		}
	}
	if glob(string(buf), s) {
		return Unknown
	}
	return False
}

// Expand returns the pattern as written with variables replaced, for
// explanations. Variables without a value stay as they are.
func (p *Pattern) Expand(ctx *Context) string {
	if p.parts == nil {
		return unmark(p.text)
	}
	var b strings.Builder
	for i := range p.parts {
		pt := &p.parts[i]
		v := Value{}
		if pt.variable.info != nil {
			v = ctx.Lookup(pt.variable)
		}
		switch {
		case pt.variable.info == nil:
			b.WriteString(unmark(pt.text))
		case v.State == Present && !v.Multi:
			b.WriteString(v.One)
		case v.State == Absent && pt.hasFall:
			b.WriteString(pt.fallback)
		default:
			b.WriteString("${" + pt.variable.String() + "}")
		}
	}
	return b.String()
}

// Variables returns the keys of the pattern's variables.
func (p *Pattern) Variables() []Key {
	var ks []Key
	for i := range p.parts {
		if k := p.parts[i].variable; k.info != nil {
			ks = append(ks, k)
		}
	}
	return ks
}

var unmarker = strings.NewReplacer("\x00", "*", "\x01", "?", "\x02", "*")

func unmark(s string) string { return unmarker.Replace(s) }

// glob matches text with marks against s.
func glob(pattern, s string) bool {
	if strings.IndexByte(pattern, markSegment) >= 0 {
		return globConfined(pattern, s)
	}
	p, i, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == markAny:
			star, mark = p, i
			p++
		case p < len(pattern) && pattern[p] == markOne:
			p++
			i += runeLen(s, i)
		case p < len(pattern) && pattern[p] == s[i]:
			p++
			i++
		case star >= 0:
			mark += runeLen(s, mark)
			p, i = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == markAny {
		p++
	}
	return p == len(pattern)
}

// globConfined is glob for patterns with stars that stop at colons. Such stars
// are few and short, so plain recursion serves, until it has gone on for long.
func globConfined(pattern, s string) bool {
	m := confined{pattern: pattern, s: s}
	return m.match(0, 0)
}

// confined is one run of globConfined. Behind a thousand steps it notes which
// stars it has come to where, and tries none twice, so that a hostile pattern
// costs no more than the product of the two lengths.
type confined struct {
	pattern, s string
	steps      int
	seen       []bool
}

func (m *confined) match(p, i int) bool {
	for p < len(m.pattern) {
		switch m.pattern[p] {
		case markAny, markSegment:
			return m.star(p, i)
		case markOne:
			if i >= len(m.s) {
				return false
			}
			i += runeLen(m.s, i)
		default:
			if i >= len(m.s) || m.s[i] != m.pattern[p] {
				return false
			}
			i++
		}
		p++
	}
	return i == len(m.s)
}

// star tries all that the star at p can take in, beginning at i.
func (m *confined) star(p, i int) bool {
	for ; i <= len(m.s); i += runeLen(m.s, i) {
		if m.tried(p, i) {
			return false // with all that follows
		}
		if m.match(p+1, i) {
			return true
		}
		if i == len(m.s) || m.s[i] == ':' && m.pattern[p] == markSegment {
			return false
		}
	}
	return false
}

func (m *confined) tried(p, i int) bool {
	if m.steps++; m.steps < 1000 {
		return false
	}
	if m.seen == nil {
		m.seen = make([]bool, len(m.pattern)*(len(m.s)+1))
	}
	at := &m.seen[p*(len(m.s)+1)+i]
	was := *at
	*at = true
	return was
}

// runeLen returns the length of the character at i; 1 at the end and where the
// text is not UTF-8.
func runeLen(s string, i int) int {
	if i >= len(s) || s[i] < utf8.RuneSelf {
		return 1
	}
	_, size := utf8.DecodeRuneInString(s[i:])
	return size
}
