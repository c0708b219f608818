package keypattern

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func keysOf(n int) []string {
	var keys []string
	for i := range n {
		keys = append(keys, fmt.Sprintf("data/2026/11/%02d/part-%05d.parquet", i%28+1, i), fmt.Sprintf("img_%d.jpg", i%3), "reports/q1.csv", fmt.Sprintf("home/user%d/notes", i%20))
	}
	return keys
}

func TestPatterns(t *testing.T) {
	s := &Set{}
	for _, k := range keysOf(1000) {
		s.Add(k)
	}
	want := []Pattern{{Text: "data/2026/11/*/part-*.parquet", Count: 1000}, {Text: "home/user*/notes", Count: 1000}, {Text: "reports/q1.csv", Count: 1000},
		{Text: "img_0.jpg", Count: 334}, {Text: "img_1.jpg", Count: 333}, {Text: "img_2.jpg", Count: 333}}
	var got []Pattern
	for _, p := range s.Patterns() {
		got = append(got, Pattern{Text: p.Text, Count: p.Count})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The order of the keys makes no difference, nor does what was added when.
func TestOrderMakesNoDifference(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for trial := range 50 {
		keys := keysOf(1 + trial*3)
		for range trial * 5 {
			keys = append(keys, fmt.Sprintf("%c/%c/%c%d", 'a'+rng.IntN(12), 'a'+rng.IntN(5), 'a'+rng.IntN(9), rng.IntN(3)))
		}
		var want []Pattern
		for i := range 5 {
			rng.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
			s := &Set{}
			for _, k := range keys {
				s.Add(k)
			}
			if got := s.Patterns(); i == 0 {
				want = got
			} else if diff := cmp.Diff(want, got); diff != "" {
				t.Fatal(diff)
			}
		}
	}
}
