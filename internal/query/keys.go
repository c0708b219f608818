package query

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/request"
)

// keySpace divides the keys of a bucket as the policies in play do.
type keySpace struct {
	patterns []condition.Pattern
	classes  []condition.Class
	complete bool
}

// maxStates bounds the work on one division, and maxObjects the objects of a
// bucket that are looked at one by one.
const (
	maxStates  = 20000
	maxObjects = 500
)

// spaces keeps the divisions that have been made, by their patterns.
type spaces struct {
	mu   sync.Mutex
	made map[string]*keySpace
}

func (s *spaces) of(patterns []condition.Pattern) *keySpace {
	slices.SortFunc(patterns, func(a, b condition.Pattern) int { return strings.Compare(a.Plain(), b.Plain()) })
	patterns = slices.CompactFunc(patterns, func(a, b condition.Pattern) bool { return a.Plain() == b.Plain() && a.Wild() == b.Wild() })
	patterns = slices.DeleteFunc(patterns, func(p condition.Pattern) bool { return p.MatchesAll() || p.Plain() == "" })
	name := strings.Builder{}
	for i := range patterns {
		name.WriteString(patterns[i].Plain())
		name.WriteString(map[bool]string{true: "\x00", false: "\x01"}[patterns[i].Wild()])
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if k, ok := s.made[name.String()]; ok {
		return k
	}
	k := &keySpace{patterns: patterns}
	k.classes, k.complete = condition.Classes(patterns, maxStates)
	s.made[name.String()] = k
	return k
}

// division returns the patterns that divide the keys of what is asked about, for
// one principal: those of every policy that is asked, and the keys of objects of
// which something special is known.
func (e *Engine) division(p *Principal, a *Ask) ([]condition.Pattern, error) {
	probe := *a
	probe.Key = "x"
	r := e.request(p, &probe)
	list, err := e.patterns(r)
	if tags := e.tags(p); err == nil && len(tags) > 0 && p.kind == iam.RoleSession && e.mentions.tags {
		var own []condition.Pattern
		r.SessionTags = &tags // as they are where the session passes no others
		own, err = e.patterns(r)
		list = append(list, own...)
	}
	return append(list, specialKeys(e.bucket(a))...), err
}

// patterns are those of every policy that a request is put to.
func (e *Engine) patterns(r *request.Request) ([]condition.Pattern, error) {
	f, err := e.gatherer.Facts(r)
	if err != nil {
		return nil, err
	}
	var list []condition.Pattern
	for i := range f.Checks {
		list = append(list, checkPatterns(f, &f.Checks[i])...)
		if c := &f.Checks[i]; c.Kind == decide.KeyCheck && c.Bucket != nil {
			for _, arn := range e.mentions.objects {
				if key, ok := strings.CutPrefix(arn, c.Bucket.ARN+"/"); ok {
					list = append(list, condition.Literal(key))
				}
			}
		}
	}
	return list, nil
}

// checkPatterns are the patterns of the policies that one check is put to.
func checkPatterns(f *decide.Facts, c *decide.Check) []condition.Pattern {
	var list []condition.Pattern
	sides := []*decide.Side{&f.Caller.Identity, f.Caller.Boundary, f.Caller.SessionPolicies, f.Caller.Endpoint.Side}
	levels := []*decide.Levels{&f.Caller.SCP}
	for i := range f.Caller.Endpoint.Possible {
		sides = append(sides, f.Caller.Endpoint.Possible[i].Side)
	}
	prefix, object := strings.TrimSuffix(c.Resource, "x"), ""
	switch c.Kind {
	case decide.KeyCheck:
		sides, levels = append(sides, &c.Key.Policy), append(levels, &c.Key.RCP)
		object = c.Bucket.ARN + "/"
	case decide.AccessPointCheck:
		sides, levels = append(sides, &c.AccessPoint.Policy), append(levels, &c.AccessPoint.RCP)
	case decide.BucketCheck:
		sides, levels = append(sides, &c.Bucket.Policy), append(levels, &c.Bucket.RCP)
	}
	for _, l := range levels {
		for i := range l.Levels {
			sides = append(sides, &l.Levels[i].Side)
		}
	}
	for _, s := range sides {
		switch {
		case s == nil || s.Set == nil:
		case object != "":
			list = append(list, s.Set.ContextResiduals(c.Action, object, &c.Context)...)
		default:
			list = append(list, s.Set.Residuals(c.Action, prefix, &c.Context)...)
		}
	}
	return list
}

// specialKeys are the keys of objects that are not as an unknown one would be.
func specialKeys(b *estate.Bucket) []condition.Pattern {
	if b == nil {
		return nil
	}
	var list []condition.Pattern
	for _, key := range slices.Sorted(maps.Keys(b.Objects)) {
		o := b.Objects[key]
		if o.Owner == "" && o.ACL == nil && o.Encryption == nil && o.Tags == nil && o.StorageClass == "" && o.Lock == nil && !o.DeleteMarker && o.Exists == nil && len(o.Versions) == 0 && len(o.Unknown) == 0 {
			continue
		}
		if len(list) == maxObjects {
			break
		}
		list = append(list, condition.Literal(key))
	}
	return list
}
