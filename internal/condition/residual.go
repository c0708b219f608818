package condition

import (
	"slices"
	"strings"
)

// Residuals returns what is left of the pattern behind a prefix: a text that
// begins with the prefix matches the pattern if what follows matches one of the
// residuals. None means that no text with this prefix matches. A variable whose
// value is not known counts as a wildcard.
func (p *Pattern) Residuals(prefix string, ctx *Context) []Pattern {
	text := p.text
	if p.parts != nil {
		var state State
		if text, state = p.widest(ctx); state == Absent {
			return nil
		}
	}
	literal := len(text)
	if i := strings.IndexAny(text, marks); i >= 0 {
		literal = i
	}
	switch {
	case !strings.HasPrefix(text[:literal], prefix[:min(len(prefix), literal)]), literal == len(text) && literal < len(prefix):
		return nil
	case literal >= len(prefix):
		return []Pattern{fromMarked(strings.ReplaceAll(text[len(prefix):], "\x02", "\x00"))}
	}
	if text[literal:] == "\x00" {
		return []Pattern{fromMarked("\x00")}
	}
	at := closure(text, map[int]bool{0: true})
	for i := 0; i < len(prefix); i += runeLen(prefix, i) {
		at = advance(text, at, prefix[i:i+runeLen(prefix, i)])
	}
	var list []Pattern
	for _, i := range sortedInts(at) {
		rest := strings.ReplaceAll(text[i:], "\x02", "\x00")
		if rest == "\x00" {
			return []Pattern{fromMarked(rest)} // it covers all others
		}
		list = append(list, fromMarked(rest))
	}
	return unstarred(list)
}

// unstarred leaves out residuals that another with a star before them covers.
func unstarred(list []Pattern) []Pattern {
	return slices.DeleteFunc(slices.Clone(list), func(p Pattern) bool {
		return slices.ContainsFunc(list, func(o Pattern) bool { return o.text != p.text && o.text == "\x00"+p.text })
	})
}

// widest is expand with wildcards for what is not known.
func (p *Pattern) widest(ctx *Context) (string, State) {
	var buf []byte
	for i := range p.parts {
		pt := &p.parts[i]
		v := Value{}
		if pt.variable.info != nil {
			v = ctx.Lookup(pt.variable)
		}
		switch {
		case pt.variable.info == nil:
			buf = append(buf, pt.text...)
		case v.State == Unsure:
			buf = append(buf, markAny)
		case v.State == Absent && pt.hasFall:
			buf = append(buf, pt.fallback...)
		case v.State == Absent || v.Multi || strings.ContainsAny(v.One, marks):
			return "", Absent
		default:
			buf = append(buf, v.One...)
		}
	}
	return string(buf), Present
}

// closure adds the positions that stars let a match skip to.
func closure(text string, at map[int]bool) map[int]bool {
	for _, i := range sortedInts(at) {
		for ; i < len(text) && (text[i] == markAny || text[i] == markSegment); i++ {
			at[i+1] = true
		}
	}
	return at
}

// advance moves positions of a match over one character.
func advance(text string, at map[int]bool, char string) map[int]bool {
	next := map[int]bool{}
	for i := range at {
		switch {
		case i >= len(text):
		case text[i] == markAny, text[i] == markSegment && char != ":":
			next[i] = true
		case text[i] == markOne:
			next[i+1] = true
		case strings.HasPrefix(text[i:], char):
			next[i+len(char)] = true
		}
	}
	return closure(text, next)
}

func sortedInts(m map[int]bool) []int {
	list := make([]int, 0, len(m))
	for i := range m {
		list = append(list, i)
	}
	slices.Sort(list)
	return list
}

// Plain returns the pattern with its wildcards as policies write them. Variables
// are not shown, so it is for patterns without.
func (p *Pattern) Plain() string { return unmark(p.text) }

// Literal returns the pattern that a text alone matches.
func Literal(text string) Pattern { return Pattern{text: text, start: text} }
