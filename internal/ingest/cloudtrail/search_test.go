package cloudtrail

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// The pairs are found where a look at one place after the other finds them.
func TestIndexPair(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		b := make([]byte, rng.IntN(70))
		for i := range b {
			b[i] = "rCtVx......................"[rng.IntN(27)]
		}
		if rng.IntN(2) == 0 {
			b = append(make([]byte, rng.IntN(3000)), b...)
		}
		want := -1
		for i := 0; i+1 < len(b) && want < 0; i++ {
			if pair := string(b[i : i+2]); pair == "rC" || pair == "tV" {
				want = i
			}
		}
		if got := indexPair(b); got != want {
			t.Fatalf("indexPair(%q) = %d, want %d", b, got, want)
		}
		if got := indexPairGo(b); got != want {
			t.Fatalf("indexPairGo(%q) = %d, want %d", b, got, want)
		}
	}
}

func TestIndexQuote(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		b := make([]byte, rng.IntN(70))
		for i := range b {
			b[i] = "\"\\#!]a\xa2\xdc......................................................"[rng.IntN(60)]
		}
		want := bytes.IndexAny(b, "\"\\")
		if got := indexQuote(b); got != want {
			t.Fatalf("indexQuote(%q) = %d, want %d", b, got, want)
		}
		if got := indexQuoteGo(b); got != want {
			t.Fatalf("indexQuoteGo(%q) = %d, want %d", b, got, want)
		}
	}
}
