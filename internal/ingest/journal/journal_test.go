package journal

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func collect(t *testing.T, entries []Entry) []Entry {
	t.Helper()
	j := New()
	for i := range entries {
		if err := j.Add(&entries[i]); err != nil {
			t.Fatal(err)
		}
	}
	var got []Entry
	if err := j.Each(func(e *Entry) error { got = append(got, *e); return nil }); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(got, func(a, b Entry) int { return a.compare(&b) })
	return got
}

// The copies of two accounts and the access log are one request; the objects of one
// batch are not.
func TestJoin(t *testing.T) {
	caller := Entry{RequestID: "R1", SharedID: "S", EventID: "a", Kinds: 1, Time: 10, Principal: "arn:caller", Operation: "GetObject", Key: "k", Label: "sure", Rank: 2, Message: "long message"}
	owner := Entry{RequestID: "R9", SharedID: "S", EventID: "b", Kinds: 1, Time: 10, Principal: "AROA", Operation: "GetObject", Key: "k", Bucket: "b"}
	access := Entry{RequestID: "R1", Kinds: 2, Time: 9, Principal: "arn:caller", Operation: "GetObject", Key: "k", SourceIP: "192.0.2.1"}
	batch := []Entry{{RequestID: "R2", Operation: "s3:DeleteObject", Key: "x"}, {RequestID: "R2", Operation: "s3:DeleteObject", Key: "y"}}
	want := []Entry{{RequestID: "R1", SharedID: "S", EventID: "a", Kinds: 3, Time: 9, Principal: "arn:caller", Operation: "GetObject", Bucket: "b", Key: "k", SourceIP: "192.0.2.1", Label: "sure", Rank: 2, Message: "long message"},
		batch[0], batch[1]}
	for _, order := range [][]Entry{{caller, owner, access, batch[0], batch[1], caller}, {batch[1], access, owner, caller, batch[0]}} {
		if diff := cmp.Diff(want, collect(t, order)); diff != "" {
			t.Error(diff)
		}
	}
}

// What went through a file is what was added.
func TestSpill(t *testing.T) {
	var entries []Entry
	for i := range 100_000 {
		entries = append(entries, Entry{RequestID: fmt.Sprint(i), Time: int64(i), Operation: "GetObject", Message: "a message of some length, so that the journal has to set it aside, and once more: a message of some length, so that the journal has to set it aside"})
	}
	want := slices.Clone(entries)
	slices.SortFunc(want, func(a, b Entry) int { return a.compare(&b) })
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
	if got := collect(t, entries); !slices.Equal(want, got) {
		t.Errorf("%d entries of %d", len(got), len(want))
	}
}
