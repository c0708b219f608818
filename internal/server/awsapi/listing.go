package awsapi

import (
	"maps"
	"slices"
)

// A Support tells whether a service has an operation.
type Support struct {
	Name string
	Done bool // else calls are answered by an error
}

// Supported lists all operations that AWS's own service has.
func (s *Service) Supported() []Support {
	var list []Support
	for _, name := range slices.Sorted(maps.Keys(s.model.operations)) {
		_, done := s.operations[name]
		list = append(list, Support{name, done})
	}
	return list
}
