package redact

import (
	"regexp"
	"strings"
)

// parts are what a pseudonym can be in a text: with what stands in ids and addresses,
// and a word.
var (
	ids  = regexp.MustCompile(`[0-9A-Za-z]+(?:[-.:/]+[0-9A-Za-z]+)*`)
	runs = regexp.MustCompile(`\pL+|[0-9]+`)
)

// ReadBack puts the names for their pseudonyms in a text, as in an answer to a ticket.
// A word of fewer than four letters is replaced inside a longer name alone: it may be
// a word of the answer.
func ReadBack(names map[string]string, text string) string {
	return ids.ReplaceAllStringFunc(text, func(id string) string {
		if name, ok := names[id]; ok && (len(id) > 3 || strings.ContainsAny(id, "-.:/")) {
			return name
		}
		short := strings.ContainsAny(id, "-.:/") // so that it is a name, or a part of one
		return replaceIDs(names, id, short)
	})
}

// replaceIDs replaces ids inside a longer text, then words.
func replaceIDs(names map[string]string, text string, short bool) string {
	for _, form := range []*regexp.Regexp{anyHex, anyAddress, anyID} {
		if at := form.FindStringIndex(text); at != nil {
			if name, ok := names[text[at[0]:at[1]]]; ok {
				return replaceIDs(names, text[:at[0]], short) + name + replaceIDs(names, text[at[1]:], short)
			}
		}
	}
	return runs.ReplaceAllStringFunc(text, func(word string) string {
		if name, ok := names[word]; ok && (short || len(word) > 3) {
			return name
		}
		return word
	})
}

var (
	anyHex     = regexp.MustCompile(`(vpce-|vpc-|mrk-)[0-9a-f]+|[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	anyAddress = regexp.MustCompile(`[0-9]{1,3}(\.[0-9]{1,3}){3}(/[0-9]+)?`)
	anyID      = regexp.MustCompile(`A[A-Z0-9]{11,}`)
)
