package cloudtrail

import "bytes"

// The names errorCode and eventVersion, of which the failed records and the
// beginnings of all records are told, are looked for together by two letters of
// each that hardly ever stand side by side in CloudTrail's records: "rC" and "tV".

// indexPairGo returns where "rC" or "tV" stands first, or -1. It is for processors
// for which it is not written in their own language.
func indexPairGo(b []byte) int {
	const block = 1 << 10 // of a letter that is rare the other is not looked for far ahead
	for from := 0; from < len(b); from += block {
		part := b[from:min(from+block+1, len(b))]
		hit := pairIn(part, 'r', 'C')
		if hit >= 0 {
			part = part[:hit+1]
		}
		if other := pairIn(part, 't', 'V'); other >= 0 {
			hit = other
		}
		if hit >= 0 {
			return from + hit
		}
	}
	return -1
}

// pairIn looks for two letters by the second.
func pairIn(b []byte, first, second byte) int {
	for i := 1; i < len(b); i++ {
		n := bytes.IndexByte(b[i:], second)
		if n < 0 {
			return -1
		}
		if i += n; b[i-1] == first {
			return i - 1
		}
	}
	return -1
}

const errorName = `"errorCode"`

// nextFailed looks for the first errorCode in a text. It returns where that stands,
// or -1; where the last record before begins, or the last of all; and how many
// begin before that one.
func nextFailed(b []byte) (hit, from int, passed int64) {
	begun := int64(0)
	for i := 0; ; i++ {
		n := indexPair(b[i:])
		if n < 0 {
			return -1, from, max(begun-1, 0)
		}
		i += n
		switch {
		case b[i] == 't' && i >= 6 && bytes.HasPrefix(b[i-6:], begin):
			from = i - 6
			begun++
		case b[i] == 'r' && i >= 5 && i-5+len(errorName) <= len(b) && string(b[i-5:i-5+len(errorName)]) == errorName:
			return i - 5, from, max(begun-1, 0)
		}
	}
}
