package iamdata

import (
	"sort"
	"strings"
)

type wrongAction struct {
	name    string // lower case
	instead []string
	note    string
}

// WrongAction returns, for a name that people write and that is no action ("s3:HeadObject"), the actions that do what
// they mean and a note in lower case, which may be empty. It knows the table of input/wrong_actions.json alone.
func WrongAction(name string) (instead []string, note string, ok bool) {
	i, ok := sort.Find(len(wrongActions), func(i int) int { return compareFold(name, wrongActions[i].name) })
	if !ok {
		return nil, "", false
	}
	w := &wrongActions[i]
	return w.instead, w.note, true
}

// SimilarAction returns the canonical name of the action that was meant: the action itself where it exists, the first
// of [WrongAction], else the nearest name of the same service that starts with the same verb. It does not guess
// (ok false) when the service is unknown, when nothing is near, or when the name is a pattern.
func SimilarAction(name string) (canonical string, ok bool) {
	if strings.ContainsAny(name, "*?") {
		return "", false
	}
	if canonical, ok := canonicalAction(name); ok {
		return canonical, true
	}
	if instead, _, ok := WrongAction(name); ok {
		return instead[0], true
	}
	s := serviceOf(name)
	if s == nil {
		return "", false
	}
	return nearest(name[len(s.prefix)+1:], s)
}

// nearest returns the action of the service with the least edit distance, of equals the first in order:
// one edit for a short name, one more for every eight letters.
func nearest(name string, s *service) (string, bool) {
	name = lowerString(name)
	best, bestDistance := "", len(name)/8+2
	for _, candidate := range s.names() {
		c := candidate[len(s.prefix)+1:]
		if abs(len(c)-len(name)) >= bestDistance || !sameVerb(c, name) {
			continue
		}
		if d := distance(lowerString(c), name); d < bestDistance {
			best, bestDistance = candidate, d
		}
	}
	return best, best != ""
}

// sameVerb reports whether the name starts with the verb of the action, its first word, one edit apart at most:
// to offer s3:GetX for s3:PutX would be worse than to offer nothing.
func sameVerb(action, name string) bool {
	n := 1
	for n < len(action) && lower(action[n]) == action[n] {
		n++
	}
	verb := lowerString(action[:n])
	for k := n - 1; k <= n+1; k++ {
		if k <= len(name) && distance(verb, name[:k]) <= 1 {
			return true
		}
	}
	return false
}

// distance counts the insertions, deletions, substitutions and swaps of neighbours between a and b.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

func abs(n int) int { return max(n, -n) }
