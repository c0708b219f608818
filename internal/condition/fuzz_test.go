package condition

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// naive matches a marked pattern by the words of the IAM User Guide, Resource:
// "*" is any run of characters, "?" is one; a confined "*" holds no colon.
func naive(pattern, s string) bool {
	memo := map[[2]int]bool{}
	var match func(p, i int) bool
	match = func(p, i int) (ok bool) {
		if known, have := memo[[2]int{p, i}]; have {
			return known
		}
		defer func() { memo[[2]int{p, i}] = ok }()
		if p == len(pattern) {
			return i == len(s)
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		switch c := pattern[p]; c {
		case markAny, markSegment:
			return match(p+1, i) || i < len(s) && (c == markAny || s[i] != ':') && match(p, i+size)
		case markOne:
			return i < len(s) && match(p+1, i+size)
		default:
			return i < len(s) && s[i] == c && match(p+1, i+1)
		}
	}
	return match(0, 0)
}

// marked reads a fuzzer's text as a pattern: "*", "?" and "#" for the marks.
var marked = strings.NewReplacer("*", "\x00", "?", "\x01", "#", "\x02")

func FuzzGlob(f *testing.F) {
	for _, seed := range [][2]string{
		{"a*b", "axxb"}, {"*", ""}, {"??", "é"}, {"*?b?", "ab€"}, {"*??bcb", "€bcb"}, {"a#:b", "a:x:b"}, {"#:?#", "a::"}, {"#?#:x", "a:b:x"}, {"**a*#?", "aaaa:a"},
		{strings.Repeat("#a", 20), strings.Repeat("a", 60) + "b"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if !utf8.ValidString(pattern) || len(pattern) > 100 || len(s) > 200 || strings.ContainsAny(s, "\x00\x01\x02") {
			t.Skip() // the naive reference is too slow for these, or has no such marks
		}
		p := marked.Replace(pattern)
		if got, want := glob(p, s), naive(p, s); got != want {
			t.Errorf("%q matches %q: %v, want %v", pattern, s, got, want)
		}
	})
}

// The small alphabet meets far more often than what a fuzzer thinks of.
func TestGlobEqualsNaive(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 403))
	text := func(alphabet []string, n int) string {
		var b strings.Builder
		for range r.IntN(n) {
			b.WriteString(alphabet[r.IntN(len(alphabet))])
		}
		return b.String()
	}
	for range 200_000 {
		pattern, s := text([]string{"a", "b", ":", "€", "\x00", "\x01", "\x02"}, 9), text([]string{"a", "b", ":", "€", "é"}, 9)
		if got, want := glob(pattern, s), naive(pattern, s); got != want {
			t.Fatalf("%q matches %q: %v, want %v", unmark(pattern), s, got, want)
		}
	}
}

// A hostile pattern is answered in time, and is answered right.
func TestGlobHostile(t *testing.T) {
	for _, star := range []string{"\x00", "\x02"} {
		pattern := strings.Repeat(star+"a", 200)
		if !glob(pattern, strings.Repeat("a", 2000)) || glob(pattern, strings.Repeat("a", 2000)+"b") {
			t.Errorf("stars %q are matched wrongly", star)
		}
	}
}

// Compile and Eval take anything; Check complains about the same; a condition
// whose key is not known admits what it says of each value it may have.
func FuzzCondition(f *testing.F) {
	for operator := range operators {
		f.Add(operator, "10", "10", true)
		f.Add("ForAllValues:"+operator, "${aws:userid}", "true", true)
		f.Add("ForAnyValue:"+operator+"IfExists", "2026-11-22", "203.0.113.7", false)
	}
	f.Add("\xc2", "0", "0", false)              // grows in lower case
	f.Add("Null\u212aIfExists", "0", "0", true) // shrinks
	f.Add("ArnLike", "arn:*:${aws:userid, 'x'}:::?", "arn:aws:s3:::b", true)
	f.Fuzz(func(t *testing.T, operator, value, carried string, variables bool) {
		c, err := Compile(operator, "k:k", []string{value, "x"}, variables)
		if checkErr := Check(operator, []string{value, "x"}, variables); (checkErr == nil) != (err == nil) {
			t.Fatalf("Compile says %v, Check %v", err, checkErr)
		}
		if err != nil {
			return
		}
		key, other := Intern("k:k"), Intern("aws:userid")
		eval := func(v Value) Truth {
			ctx := NewContext(Layer{{key, v}, {other, NotKnown}})
			return c.Eval(&ctx)
		}
		absent, present, listed := eval(Value{}), eval(String1(carried)), eval(Strings(carried, "x"))
		if may := eval(NotKnown); may != Unknown && (absent != may || present != may || listed != may) {
			t.Errorf("%s %q: not known says %v; absent %v, %q %v, list %v", operator, value, may, absent, carried, present, listed)
		}
		if may := eval(OneOf(carried, "y")); may != Unknown && may != present {
			t.Errorf("%s %q: one of two says %v, %q itself %v", operator, value, may, carried, present)
		}
		if !slices.Contains(c.Keys(), key) {
			t.Errorf("%s: no key", operator)
		}
	})
}
