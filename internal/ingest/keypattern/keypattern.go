// Package keypattern finds the patterns in a set of keys: a wildcard stands where
// the data show many different names, and nowhere else. Its memory is bounded, and
// the patterns are the same in whatever order the keys come.
package keypattern

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// names is how many different names a place in the hierarchy may have before a
// wildcard stands for them, by depth. What lies deeper than that shares one name.
var names = []int{8, 6, 4, 3, 2}

// A Set takes keys, and gives patterns. The zero Set is empty.
type Set struct{ root folder }

// folder is what begins alike. Segments that end in a slash, and those that end a
// key by what follows their last dot, are counted apart.
type folder struct {
	below  map[string]*branch // by "/" or ".csv"; by "" where the endings are too many
	mixed  bool               // they are
	count  int64              // keys that end here
	hasEnd bool
}

// maxEndings is how many endings of names a folder tells apart.
const maxEndings = 4

// branch is the segments of one sort below a folder.
type branch struct {
	children map[string]*folder // by the segment, with the slash that ends it
	many     *folder            // where the segments are too many; children is then nil
	begin    string             // what all segments of many begin and end with
	end      string
}

// A Pattern is a text with wildcards, and how many keys it stands for.
type Pattern struct {
	Text  string   `json:"pattern"` // "*" stands for any run of characters; what the keys hold of it themselves is written as it is
	Count int64    `json:"count"`
	Wild  bool     `json:"-"`
	Parts []string `json:"-"` // the literal texts between the wildcards
}

// Add adds a key.
func (s *Set) Add(key string) { s.root.add(key, 0, 1) }

func (f *folder) add(key string, depth int, count int64) {
	if key == "" {
		f.count, f.hasEnd = f.count+count, true
		return
	}
	segment, rest := cut(key, depth)
	f.branch(segment, depth).child(segment, depth).add(rest, depth+1, count)
}

// cut takes off the first segment. The deepest takes all that is left.
func cut(key string, depth int) (segment, rest string) {
	if i := strings.IndexByte(key, '/'); i >= 0 && depth < len(names)-1 {
		return key[:i+1], key[i+1:]
	}
	return key, ""
}

// sort is what segments are told apart by.
func sort(segment string) string {
	if strings.HasSuffix(segment, "/") {
		return "/"
	}
	if i := strings.LastIndexByte(segment, '.'); i >= 0 && len(segment)-i <= 10 && strings.Trim(segment[i+1:], digits) != "" {
		return segment[i:]
	}
	return "."
}

func (f *folder) branch(segment string, depth int) *branch { return f.sorted(sort(segment), depth) }

// sorted returns the branch of a sort, and puts all that end a key together where
// there are too many.
func (f *folder) sorted(sort string, depth int) *branch {
	if f.mixed && sort != "/" {
		sort = ""
	}
	if b := f.below[sort]; b != nil {
		return b
	}
	if f.below == nil {
		f.below = map[string]*branch{}
	}
	b := &branch{}
	f.below[sort] = b
	if sort == "" || sort == "/" || len(f.below) <= maxEndings+1 && (f.below["/"] != nil || len(f.below) <= maxEndings) {
		return b
	}
	f.mix(depth)
	return f.below[""]
}

func (f *folder) mix(depth int) {
	all := &branch{}
	for sort, b := range f.below {
		if sort != "/" && sort != "" {
			all.merge(b, depth)
			delete(f.below, sort)
		}
	}
	f.mixed = true
	f.below[""] = all
}

// child returns the folder for a segment, and lets the wildcard take over where
// that makes too many.
func (b *branch) child(segment string, depth int) *folder {
	if b.many != nil {
		b.widen(segment, segment)
		return b.many
	}
	if c := b.children[segment]; c != nil {
		return c
	}
	if b.children == nil {
		b.children = map[string]*folder{}
	}
	c := &folder{}
	segment = strings.Clone(segment) // of a longer text, which is not to be held
	b.children[segment] = c
	if len(b.children) <= names[min(depth, len(names)-1)] {
		return c
	}
	b.collapse(segment, segment, depth)
	return b.many
}

// collapse puts a wildcard in the place of all segments.
func (b *branch) collapse(begin, end string, depth int) {
	b.many, b.begin, b.end = &folder{}, begin, end
	for name, child := range b.children {
		b.widen(name, name)
		b.many.merge(child, depth+1)
	}
	b.children = nil
}

func (b *branch) widen(begin, end string) {
	b.begin, b.end = commonBegin(b.begin, begin), commonEnd(b.end, end)
}

// merge adds all that another folder holds.
func (f *folder) merge(o *folder, depth int) {
	f.count, f.hasEnd = f.count+o.count, f.hasEnd || o.hasEnd
	if o.mixed && !f.mixed {
		if f.below == nil {
			f.below = map[string]*branch{}
		}
		f.mix(depth)
	}
	for sort, b := range o.below {
		f.sorted(sort, depth).merge(b, depth)
	}
}

func (b *branch) merge(o *branch, depth int) {
	if o.many != nil {
		if b.many == nil {
			b.collapse(o.begin, o.end, depth)
		}
		b.widen(o.begin, o.end)
		b.many.merge(o.many, depth+1)
		return
	}
	for name, child := range o.children {
		b.child(name, depth).merge(child, depth+1)
	}
}

func commonBegin(a, b string) string {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return a[:n]
}

func commonEnd(a, b string) string {
	n := 0
	for n < min(len(a), len(b)) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return a[len(a)-n:]
}

const digits = "0123456789"

// Patterns returns the patterns, those of most keys first.
func (s *Set) Patterns() []Pattern {
	var list []Pattern
	s.root.patterns([]string{""}, &list)
	list = joined(list)
	slices.SortFunc(list, func(a, b Pattern) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Text, b.Text)) })
	return list
}

// patterns lists what is below a folder, behind the literal texts and wildcards
// before it.
func (f *folder) patterns(parts []string, list *[]Pattern) {
	if f.hasEnd {
		*list = append(*list, Pattern{strings.Join(parts, "*"), f.count, len(parts) > 1, slices.Clone(parts)})
	}
	for _, sort := range slices.Sorted(maps.Keys(f.below)) {
		f.below[sort].patterns(parts, list)
	}
}

func (b *branch) patterns(parts []string, list *[]Pattern) {
	if b.many != nil {
		begin, end := strings.TrimRight(b.begin, digits), strings.TrimLeft(b.end, digits) // part-00 of numbers below 1,000 is chance
		if len(begin)+len(end) > 0 && strings.HasSuffix(begin, end) {
			begin = begin[:len(begin)-len(end)] // one segment lies inside of both
		}
		next := slices.Clone(parts)
		next[len(next)-1] += begin
		b.many.patterns(append(next, end), list)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(b.children)) {
		next := slices.Clone(parts)
		next[len(next)-1] += name
		b.children[name].patterns(next, list)
	}
}

// joined puts together the patterns of one text.
func joined(list []Pattern) []Pattern {
	var all []Pattern
	at := map[string]int{}
	for _, p := range list {
		text := strings.Join(p.Parts, "\x00")
		if i, ok := at[text]; ok {
			all[i].Count += p.Count
			continue
		}
		at[text] = len(all)
		all = append(all, p)
	}
	return all
}

// Merge adds all keys of another set, which is not used any more.
func (s *Set) Merge(o *Set) { s.root.merge(&o.root, 0) }
