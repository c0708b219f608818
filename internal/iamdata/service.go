package iamdata

import (
	_ "embed"
	"slices"
	"sort"
	"strings"
	"sync"
)

//go:embed zz_generated_names.txt
var namesText string

// A service decodes its line of namesText when it is first asked for its actions.
type service struct {
	prefix string
	line   string // names without the prefix, in case-insensitive order
	names  func() []string
}

type serviceIndex struct {
	byPrefix map[string]*service
	prefixes []string
}

var services = sync.OnceValue(func() serviceIndex {
	x := serviceIndex{byPrefix: make(map[string]*service, 512)}
	for line := range dataLines(namesText) {
		prefix, names, _ := strings.Cut(line, " ")
		s := &service{prefix: prefix, line: names}
		s.names = sync.OnceValue(s.split)
		x.byPrefix[prefix] = s
		x.prefixes = append(x.prefixes, prefix)
	}
	return x
})

// split returns the names with the prefix, all in one allocation of text.
func (s *service) split() []string {
	all := s.prefix + ":" + strings.ReplaceAll(s.line, " ", " "+s.prefix+":")
	return strings.Fields(all)
}

// find returns the canonical form of a name of this service, given with its prefix.
func (s *service) find(name string) (canonical string, ok bool) {
	names := s.names()
	i, ok := sort.Find(len(names), func(i int) int { return compareFold(name, names[i]) })
	if !ok {
		return "", false
	}
	return names[i], true
}

// serviceOf returns the service of an action's name, nil where it is none that exists.
func serviceOf(action string) *service {
	prefix, _, ok := strings.Cut(action, ":")
	if !ok {
		return nil
	}
	return services().byPrefix[lowerString(prefix)]
}

// Actions returns the canonical names of every action of a service ("ec2"), in case-insensitive order;
// nil if there is no such service.
func Actions(service string) []string {
	s := services().byPrefix[lowerString(service)]
	if s == nil {
		return nil
	}
	return slices.Clip(s.names())
}

// Services returns every service prefix, sorted.
func Services() []string { return slices.Clip(services().prefixes) }

// KnownAction reports whether any service has the action, in any case. A pattern with a wildcard is no action.
func KnownAction(name string) bool {
	_, ok := canonicalAction(name)
	return ok
}

// canonicalAction returns the name as the Service Authorization Reference writes it.
func canonicalAction(name string) (string, bool) {
	if id, ok := ActionID(name); ok {
		return actions[id].Name, true
	}
	s := serviceOf(name)
	if s == nil {
		return "", false
	}
	return s.find(name)
}

// dataLines yields the lines of an embedded file without its comments.
func dataLines(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for line := range strings.Lines(text) {
			if line = strings.TrimSuffix(line, "\n"); line[0] != '#' && !yield(line) {
				return
			}
		}
	}
}
