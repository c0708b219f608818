package query

import (
	"fmt"
	"slices"
	"strings"

	"github.com/why403/why403/internal/iamdata"
)

// ActionWords writes a list of actions shortly: all that concern objects, or
// buckets, in one word, less those that are missing where these are fewer, and
// likewise all of an access level.
func ActionWords(actions []string, onKeys bool) string {
	var every []string
	for _, u := range units() {
		if u.object == onKeys {
			every = append(every, u.action)
		}
	}
	missing := slices.DeleteFunc(slices.Clone(every), func(a string) bool { return slices.Contains(actions, a) })
	if left := len(every) - len(missing); left == len(actions) && len(missing) < left {
		text := fmt.Sprintf("all %d actions on %s", len(every), map[bool]string{true: "objects", false: "buckets"}[onKeys])
		if len(missing) > 0 {
			text += " except " + strings.Join(missing, ", ")
		}
		return text
	}
	words, rest := levels(actions, every)
	return strings.Join(append(words, rest...), ", ")
}

// levels takes out of a list the access levels that it holds wholly.
func levels(actions, every []string) (words, rest []string) {
	rest = slices.Clone(actions)
	for _, level := range []string{"Read", "List", "Write", "Tagging", "Permissions management"} {
		of := slices.DeleteFunc(slices.Clone(every), func(a string) bool {
			id, ok := iamdata.ActionID(a)
			return !ok || iamdata.ActionByID(id).Level != level
		})
		if len(of) > 2 && !slices.ContainsFunc(of, func(a string) bool { return !slices.Contains(actions, a) }) {
			words = append(words, fmt.Sprintf("all %d of level %s", len(of), level))
			rest = slices.DeleteFunc(rest, func(a string) bool { return slices.Contains(of, a) })
		}
	}
	return words, rest
}
