package query

import (
	"slices"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/condition"
)

// describe writes a set of classes as patterns of keys, each with the patterns
// that it does not hold: "data/*", "* except data/secret/*".
func (k *keySpace) describe(region []bool) []string {
	if !slices.Contains(region, false) {
		return []string{"*"}
	}
	var out []string
	left := slices.Clone(region)
	for slices.Contains(left, true) {
		best, text := k.best(region, left)
		if best == nil {
			return append(out, k.rest(left)...)
		}
		out = append(out, text)
		for i := range left {
			left[i] = left[i] && !best[i]
		}
	}
	return out
}

// best finds the pattern, less others, that holds most of what is left and
// nothing outside the region; one with fewer exceptions is better.
func (k *keySpace) best(region, left []bool) (cover []bool, text string) {
	most, fewest := 0, len(k.patterns)+1
	for i := -1; i < len(k.patterns); i++ {
		in := k.held(i)
		except, ok := k.exceptions(in, region)
		n := 0
		for c := range in {
			in[c] = in[c] && region[c]
			if in[c] && left[c] {
				n++
			}
		}
		if !ok || n == 0 || len(except) > fewest || len(except) == fewest && n <= most {
			continue
		}
		most, fewest, cover, text = n, len(except), in, k.plain(i)
		if len(except) > 0 {
			text += " except " + strings.Join(except, ", ")
		}
	}
	return cover, text
}

func (k *keySpace) plain(i int) string {
	if i < 0 {
		return "*"
	}
	return k.patterns[i].Plain()
}

// held returns the classes that pattern i matches; of -1, all.
func (k *keySpace) held(i int) []bool {
	in := make([]bool, len(k.classes))
	for c := range in {
		in[c] = i < 0 || k.classes[c].In[i]
	}
	return in
}

// exceptions finds patterns that hold all of a set that is outside the region,
// and nothing inside.
func (k *keySpace) exceptions(in, region []bool) (except []string, ok bool) {
	out := make([]bool, len(in))
	for c := range in {
		out[c] = in[c] && !region[c]
	}
	for slices.Contains(out, true) {
		best, most := -1, 0
		for i := range k.patterns {
			n, inside := 0, false
			for c, held := range k.held(i) {
				inside = inside || held && region[c]
				if held && out[c] {
					n++
				}
			}
			if !inside && n > most {
				best, most = i, n
			}
		}
		if best < 0 {
			return nil, false
		}
		except = append(except, k.plain(best))
		for c, held := range k.held(best) {
			out[c] = out[c] && !held
		}
	}
	return except, true
}

// rest writes classes one by one: by all patterns that they are in, and those
// that they are not in.
func (k *keySpace) rest(left []bool) []string {
	var out []string
	for c := range left {
		if !left[c] {
			continue
		}
		var in, not []string
		for i, held := range k.classes[c].In {
			if held {
				in = append(in, k.plain(i))
			} else {
				not = append(not, k.plain(i))
			}
		}
		text := "*"
		if len(in) > 0 {
			text = strings.Join(in, " and ")
		}
		if len(not) > 0 {
			text += " except " + strings.Join(not, ", ")
		}
		out = append(out, text)
	}
	return out
}

// portion is a region of keys, with the access to it in each estate asked.
type portion struct {
	keys     []string
	accesses []Access
	partial  bool

	space  *keySpace
	region []bool // per class
}

// holds tells whether a key is of the region.
func (o *portion) holds(key string) bool {
	return slices.ContainsFunc(o.space.indexes(o.region), func(c int) bool {
		for i := range o.space.patterns {
			if (o.space.patterns[i].Match(key, nil) == condition.True) != o.space.classes[c].In[i] {
				return false
			}
		}
		return true
	})
}

func (k *keySpace) indexes(region []bool) []int {
	var list []int
	for c, in := range region {
		if in {
			list = append(list, c)
		}
	}
	return list
}

// portions answers an ask about any key, for one principal in several estates:
// the regions in which the answers are the same.
func portions(engines []*Engine, p *Principal, a *Ask) ([]portion, error) {
	space, err := divide(engines, p, a)
	if err != nil {
		return nil, err
	}
	var list []portion
	for c := range space.classes {
		one := *a
		one.Key, one.typical = space.classes[c].Text, true
		answers, err := accesses(engines, p, &one)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(list, func(o portion) bool {
			return slices.EqualFunc(o.accesses, answers, func(x, y Access) bool { return Same(&x, &y) })
		})
		if at < 0 {
			at = len(list)
			list = append(list, portion{accesses: answers, partial: !space.complete, space: space, region: make([]bool, len(space.classes))})
		}
		list[at].region[c] = true
	}
	for i := range list {
		list[i].keys = space.describe(list[i].region)
	}
	return list, nil
}

// divide divides the keys as the policies of all the estates do.
func divide(engines []*Engine, p *Principal, a *Ask) (*keySpace, error) {
	var patterns []condition.Pattern
	var with *Engine
	for _, e := range engines {
		if e == nil {
			continue
		}
		list, err := e.division(p, a)
		if err != nil {
			return nil, err
		}
		patterns, with = append(patterns, list...), e
	}
	return with.spaces.of(patterns), nil
}

// typicalObject is an object of a key that stands for its class: it exists, and
// of its tags, owner and ACL nothing is known.
func typicalObject(b *estate.Bucket) *estate.Object {
	o := &estate.Object{Unknown: estate.Unknowns{{What: "tags", Why: "it is any object"}}}
	if b != nil && !b.ACLsDisabled() {
		o.Unknown = append(o.Unknown, estate.UnknownItem{What: "owner", Why: "it is any object"}, estate.UnknownItem{What: "acl", Why: "it is any object"})
	}
	return o
}
