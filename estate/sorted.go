package estate

import (
	"cmp"
	"iter"
	"maps"
	"slices"
)

// sorted yields a map's entries in the order of their keys.
func sorted[K cmp.Ordered, V any](m map[K]V) iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}
