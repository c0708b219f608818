package condition

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A Class is the texts that match the same ones of some patterns.
type Class struct {
	Text string // one of them, as short as can be
	In   []bool // per pattern
}

// Classes divides all texts that are not empty into classes, and returns those
// that have any text. Patterns must have no variables. It is complete unless more
// than limit states of matching had to be looked at.
//
// It follows all patterns at once, character by character, over every character
// that makes a difference to one of them and one that makes none.
func Classes(patterns []Pattern, limit int) (list []Class, complete bool) {
	w := walker{patterns: patterns, seen: map[string]bool{}, found: map[string]bool{}}
	start := make([]map[int]bool, len(patterns))
	for i := range patterns {
		start[i] = closure(patterns[i].text, map[int]bool{0: true})
	}
	w.enter(matching{"", start})
	for n := 0; n < len(w.queue); n++ {
		if n >= limit {
			return w.classes, false
		}
		m := w.queue[n]
		for _, char := range m.characters(patterns) {
			next := make([]map[int]bool, len(patterns))
			for i := range patterns {
				next[i] = advance(patterns[i].text, m.at[i], char)
			}
			w.enter(matching{m.text + char, next})
		}
	}
	return w.classes, true
}

// matching is how far a text has matched each pattern.
type matching struct {
	text string
	at   []map[int]bool
}

type walker struct {
	patterns    []Pattern
	queue       []matching
	seen, found map[string]bool
	classes     []Class
}

// enter takes in a state that is new, and the class that it ends in.
func (w *walker) enter(m matching) {
	var b strings.Builder
	in := make([]bool, len(m.at))
	vector := make([]byte, len(m.at))
	for i, at := range m.at {
		for _, p := range sortedInts(at) {
			b.WriteRune(rune(p))
		}
		b.WriteByte(0xff)
		in[i] = at[len(w.patterns[i].text)]
		if in[i] {
			vector[i] = 1
		}
	}
	if w.seen[b.String()] && m.text != "" {
		return
	}
	if m.text != "" {
		w.seen[b.String()] = true
	}
	w.queue = append(w.queue, m)
	if m.text != "" && !w.found[string(vector)] {
		w.found[string(vector)] = true
		w.classes = append(w.classes, Class{m.text, in})
	}
}

// neutral are characters to stand for all that no pattern names.
const neutral = "xyzkqjwvu0123456789abcdefghilmnoprst-_~"

// characters lists those that make a difference to what has matched so far, and
// one that makes none.
func (m *matching) characters(patterns []Pattern) []string {
	var list []string
	for i, at := range m.at {
		text := patterns[i].text
		for p := range at {
			if p < len(text) && text[p] > markSegment {
				_, size := utf8.DecodeRuneInString(text[p:])
				list = append(list, text[p:p+size])
			}
		}
	}
	slices.Sort(list)
	list = slices.Compact(list)
	for _, r := range neutral + "¤µ¶" {
		if !slices.Contains(list, string(r)) {
			return append(list, string(r))
		}
	}
	return list
}
