package condition

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// What is left of a pattern behind a prefix matches what the pattern matches.
func TestResidualsMatchWhatThePatternMatches(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	random := func(alphabet string, n int) string {
		var b strings.Builder
		for range rng.IntN(n + 1) {
			b.WriteByte(alphabet[rng.IntN(len(alphabet))])
		}
		return b.String()
	}
	matched := 0
	for range 20000 {
		text := random("ab:/*?", 6)
		p, err := CompileResource(text, false)
		if err != nil {
			t.Fatal(err)
		}
		prefix, rest := random("ab:/", 4), random("ab:/", 4)
		want := p.Match(prefix+rest, nil) == True
		got := false
		for _, r := range p.Residuals(prefix, nil) {
			// Behind the fifth colon no star is confined; before it, Residuals
			// may let one run on.
			got = got || r.Match(rest, nil) == True
		}
		if want && !got || got && !want && !strings.Contains(rest, ":") {
			t.Fatalf("%q on %q+%q: pattern says %v, residuals %v", text, prefix, rest, want, got)
		}
		if want {
			matched++
		}
	}
	if matched < 1000 {
		t.Errorf("only %d texts matched", matched)
	}
}

// Every text is in one of the classes.
func TestClassesHoldEveryText(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	pool := []string{"*", "a*", "ab", "a?", "*b", "*a*b", "b/*", "b/a*", "?", "a/*/b", "b/?b*", "*/", "c"}
	for range 300 {
		var patterns []Pattern
		for range 1 + rng.IntN(4) {
			p, _ := Dialect{Wildcards: true}.Compile(pool[rng.IntN(len(pool))])
			patterns = append(patterns, p)
		}
		classes, complete := Classes(patterns, 10000)
		if !complete {
			t.Fatal("not complete")
		}
		vectors := map[string]bool{}
		for _, c := range classes {
			if got := vector(patterns, c.Text); got != fmt.Sprint(c.In) {
				t.Fatalf("class of %q says %v, its patterns %s", c.Text, c.In, got)
			}
			vectors[fmt.Sprint(c.In)] = true
		}
		for _, text := range texts("abc/", 5) {
			if !vectors[vector(patterns, text)] {
				t.Fatalf("%q is in no class", text)
			}
		}
	}
}

func vector(patterns []Pattern, text string) string {
	in := make([]bool, len(patterns))
	for i := range patterns {
		in[i] = patterns[i].Match(text, nil) == True
	}
	return fmt.Sprint(in)
}

// texts are all texts over an alphabet of up to n characters.
func texts(alphabet string, n int) []string {
	list, last := []string{}, []string{""}
	for range n {
		var next []string
		for _, s := range last {
			for i := range alphabet {
				next = append(next, s+alphabet[i:i+1])
			}
		}
		list, last = append(list, next...), next
	}
	return list
}
