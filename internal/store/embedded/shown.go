package embedded

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/why403/why403/internal/store"
)

// briefColumns are columns without attributes where shown stands for them.
const briefColumns = `seq, version, marker, etag, size, stored, modified, parts, segments, content, CASE WHEN shown IS NULL THEN attrs END, shown`

// shown is what a brief listing tells of attributes.
type shown struct {
	Owner        string   `json:"o,omitempty"`
	StorageClass string   `json:"s,omitempty"`
	ChecksumType string   `json:"t,omitempty"`
	Checksums    []string `json:"c,omitempty"`
}

// shownOf returns the column shown. It is short and the same in most rows of a bucket, so that a listing that remembers the
// last ones need not read it.
func shownOf(a *store.Attributes) []byte {
	b, err := json.Marshal(shown{a.Owner, a.StorageClass, a.ChecksumType, slices.Sorted(maps.Keys(a.Checksums))})
	if err != nil {
		panic(err) // plain data
	}
	return b
}

// A memo reads the column shown, and remembers what it has read.
type memo map[string]store.Attributes

func (m memo) attributes(column []byte) (store.Attributes, error) {
	if a, ok := m[string(column)]; ok {
		return a, nil
	}
	var s shown
	if err := json.Unmarshal(column, &s); err != nil {
		return store.Attributes{}, fmt.Errorf("column shown: %w", err)
	}
	a := store.Attributes{Owner: s.Owner, StorageClass: s.StorageClass, ChecksumType: s.ChecksumType}
	if len(s.Checksums) > 0 {
		a.Checksums = map[string]string{}
		for _, name := range s.Checksums {
			a.Checksums[name] = ""
		}
	}
	m[string(column)] = a
	return a, nil
}
