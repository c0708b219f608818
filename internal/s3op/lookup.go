package s3op

import (
	"slices"
	"strings"
	"unicode"

	"github.com/why403/why403/internal/node"
)

var specs = concat(serviceSpecs, bucketSpecs, objectSpecs, controlSpecs)

var byName = func() map[string]*Spec {
	m := make(map[string]*Spec, 2*len(specs))
	for _, s := range specs {
		m[s.Name] = s
		for _, a := range s.Aliases {
			m[a] = s
		}
	}
	return m
}()

var names = func() []string {
	list := make([]string, 0, len(byName))
	for name := range byName {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}()

// All returns every operation: of the service, of buckets, of objects, then S3
// Control's. The caller may change the slice, not the operations.
func All() []*Spec { return slices.Clone(specs) }

// Lookup returns the operation of a name. The name is exact, as in the API
// Reference; older names and CloudTrail's are known too.
func Lookup(name string) (*Spec, bool) {
	s, ok := byName[name]
	return s, ok
}

// Similar returns the name of the operation that someone who wrote name may have
// meant, for error messages: "ListObjectsV2" for "ListObjectV2", and also for
// "list-objects-v2" and "s3:ListObjectsV2". It is false where nothing is near.
func Similar(name string) (string, bool) {
	plain := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, strings.TrimPrefix(strings.ToLower(name), "s3:"))
	if plain == "" || len(plain) > 100 {
		return "", false
	}
	return node.Nearest(plain, names)
}
