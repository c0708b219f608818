package redact

import (
	"slices"
	"strings"
	"unicode"
)

// word spells a run of letters, or of digits, anew: from its beginning, and from each
// place where it is cut.
func (r *Redactor) word(text string) string {
	small := strings.ToLower(text)
	if r.learning {
		r.words[small] = true
		return text
	}
	out := r.spelled(text)
	r.note(out, text)
	return out
}

// spelled is a word, cut where its small form is.
func (r *Redactor) spelled(text string) string {
	small := strings.ToLower(text)
	if len(small) != len(text) {
		return r.piece(text) // a letter's small form is longer; no pattern begins in such a word
	}
	out, rest := "", text
	for _, at := range slices.Backward(r.places(small)) {
		out, rest = r.piece(rest[at:])+out, rest[:at]
	}
	return r.piece(rest) + out
}

func (r *Redactor) piece(text string) string {
	if text != "" && isDigit(rune(text[0])) {
		return r.spell(digits, text)
	}
	return r.letters(text)
}

// A fragment is a part of a word in a pattern: a wildcard or a variable stands before
// it, or behind it, or both.
type fragment struct {
	text        string
	left, right bool
}

// learn notes the fragments of a pattern.
func (r *Redactor) learn(pattern string) {
	for i := 0; i < len(pattern); {
		text := run(pattern[i:])
		if text == "" {
			i++
			continue
		}
		after := pattern[i+len(text):]
		f := fragment{strings.ToLower(text), i > 0 && strings.ContainsRune("*?}", rune(pattern[i-1])),
			strings.HasPrefix(after, "*") || strings.HasPrefix(after, "?") || strings.HasPrefix(after, "${")}
		if f.left || f.right {
			r.fragments[f] = nil
		}
		i += len(text)
	}
}

// within lists where a fragment may match inside a word.
func (f fragment) within(word string) []int {
	switch {
	case len(f.text) > len(word):
		return nil
	case !f.left && strings.HasPrefix(word, f.text):
		return []int{0}
	case !f.left:
		return nil
	case !f.right:
		if strings.HasSuffix(word, f.text) {
			return []int{len(word) - len(f.text)}
		}
		return nil
	}
	var list []int
	for at := 0; at+len(f.text) <= len(word); at++ {
		if strings.HasPrefix(word[at:], f.text) {
			list = append(list, at)
		}
	}
	return list
}

// settle finds where fragments are cut themselves: where a word is that they match in,
// so that both are spelled alike. It ends, as places are only added.
func (r *Redactor) settle() {
	if !r.unsettled {
		return
	}
	r.unsettled = false
	for f := range r.fragments {
		r.words[f.text] = true
	}
	for more := true; more; {
		more = false
		for word := range r.words {
			places := r.places(word)
			for f, cut := range r.fragments {
				for _, at := range f.within(word) {
					for _, p := range places {
						if p > at && p < at+len(f.text) && !slices.Contains(cut, p-at) {
							cut, more = append(cut, p-at), true
						}
					}
				}
				r.fragments[f] = cut
			}
		}
	}
	r.unmistakable()
}

// tries is how many other spellings are tried where a pattern would match what it did
// not.
const tries = 32

// unmistakable finds a spelling in which no fragment is a part of a word by accident:
// another one, or else that of each letter by itself.
func (r *Redactor) unmistakable() {
	for r.salt, r.letterwise = 0, false; r.mistaken(); r.salt++ {
		if r.salt == tries {
			r.letterwise = true
			return
		}
	}
}

func (r *Redactor) mistaken() bool {
	spelled := make(map[fragment]fragment, len(r.fragments))
	for f := range r.fragments {
		spelled[f] = fragment{r.spelled(f.text), f.left, f.right}
	}
	for word := range r.words {
		anew := r.spelled(word)
		for f, g := range spelled {
			if !slices.Equal(f.within(word), g.within(anew)) {
				return true
			}
		}
	}
	return false
}

// places are where a word is cut.
func (r *Redactor) places(word string) []int {
	var list []int
	if r.letterwise {
		for at := range word {
			list = append(list, at)
		}
		return list[min(1, len(list)):]
	}
	for f, cut := range r.fragments {
		for _, at := range f.within(word) {
			if at > 0 {
				list = append(list, at)
			}
			for _, p := range cut {
				list = append(list, at+p)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// run is the letters, or the digits, with which a text begins.
func run(text string) string {
	kind := unicode.IsLetter
	for i, c := range text {
		if i == 0 && isDigit(c) {
			kind = isDigit
		}
		if !kind(c) {
			return text[:i]
		}
	}
	return text
}

func isDigit(c rune) bool { return c >= '0' && c <= '9' }
