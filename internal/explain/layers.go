package explain

import (
	"slices"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/policy"
)

// says is what a policy that was not read may say of the request.
type says uint8

const (
	nothing says = iota
	allows
	denies
)

// A layer is something that was not read, and that allows, denies or does neither.
type layer struct {
	gate iam.Gate
	what string
	only []says // what it may say; nil: all
}

// layers are facts of one request, with what was not read in the place of which
// something can be put. The facts are a copy: those of a gatherer are shared.
type layers struct {
	facts *decide.Facts
	list  []layer
	apply []func(map[string]says)
}

// layersOf copies facts, and finds what was not read.
func layersOf(f *decide.Facts) *layers {
	facts := *f
	l := &layers{facts: &facts}
	facts.Checks = slices.Clone(f.Checks)
	c := &facts.Caller
	l.side(iam.GateIdentity, &c.Identity, identityText)
	if c.Boundary != nil {
		c.Boundary = copied(c.Boundary)
		l.side(iam.GateBoundary, c.Boundary, identityText)
	}
	if c.SessionPolicies != nil {
		c.SessionPolicies = copied(c.SessionPolicies)
		l.side(iam.GateSession, c.SessionPolicies, identityText)
	}
	l.levels(iam.GateSCP, &c.SCP, nothing)
	if c.Endpoint.Side != nil {
		c.Endpoint.Side = copied(c.Endpoint.Side)
		l.side(iam.GateVPCEndpoint, c.Endpoint.Side, everyoneText)
	}
	c.Endpoint.Possible = slices.Clone(c.Endpoint.Possible)
	for i := range c.Endpoint.Possible {
		c.Endpoint.Possible[i].Side = copied(c.Endpoint.Possible[i].Side)
		l.side(iam.GateVPCEndpoint, c.Endpoint.Possible[i].Side, everyoneText)
	}
	same := map[any]any{}
	for i := range facts.Checks {
		l.check(&facts.Checks[i], same)
	}
	return l
}

func copied[T any](p *T) *T {
	out := *p
	return &out
}

// once copies what several checks share once.
func once[T any](same map[any]any, p *T, make func(*T)) *T {
	if p == nil {
		return nil
	}
	if known, ok := same[p]; ok {
		return known.(*T)
	}
	out := copied(p)
	same[p] = out
	make(out)
	return out
}

func (l *layers) check(c *decide.Check, same map[any]any) {
	c.Bucket = once(same, c.Bucket, l.bucket)
	c.AccessPoint = once(same, c.AccessPoint, func(ap *decide.AccessPoint) {
		l.side(iam.GateAccessPoint, &ap.Policy, l.resourceText())
		l.public(&ap.Public, ap.Policy.Missing)
		l.levels(iam.GateRCP, &ap.RCP, allows)
	})
	c.Key = once(same, c.Key, func(k *decide.Key) {
		l.side(iam.GateKMS, &k.Policy, l.resourceText())
		l.grants(k)
		l.levels(iam.GateRCP, &k.RCP, allows)
	})
	c.Role = once(same, c.Role, func(r *decide.Role) {
		l.side(iam.GateBucketPolicy, &r.Trust, l.resourceText())
		l.levels(iam.GateRCP, &r.RCP, allows)
	})
	c.Object = once(same, c.Object, func(o *decide.Object) { l.acl(&o.ACL) })
	l.levels(iam.GateRCP, &c.RCP, allows)
	if c.List != nil {
		c.List = copied(c.List)
		l.check(c.List, same)
	}
}

func (l *layers) bucket(b *decide.Bucket) {
	missing := b.Policy.Missing
	l.side(iam.GateBucketPolicy, &b.Policy, l.resourceText())
	l.public(&b.Public, missing)
	l.apply = append(l.apply, func(given map[string]says) {
		for _, m := range missing {
			if s, ok := given[m.What]; ok {
				b.HasPolicy = s != nothing
			}
		}
	})
	l.levels(iam.GateRCP, &b.RCP, allows)
	l.acl(&b.ACL)
	l.setting(&b.Block.RestrictPublicBuckets)
	l.setting(&b.Block.IgnorePublicAcls)
}

// note adds what is missing to the layers.
func (l *layers) note(gate iam.Gate, missing []decide.Missing, only ...says) {
	for _, m := range missing {
		if !slices.ContainsFunc(l.list, func(o layer) bool { return o.what == m.What }) {
			l.list = append(l.list, layer{gate, m.What, only})
		}
	}
}

// left is what is missing still.
func left(missing []decide.Missing, given map[string]says) []decide.Missing {
	var out []decide.Missing
	for _, m := range missing {
		if _, ok := given[m.What]; !ok {
			out = append(out, m)
		}
	}
	return out
}

// side puts policies in the place of those that are missing.
func (l *layers) side(gate iam.Gate, s *decide.Side, text func(effect string) string) {
	if s == nil || len(s.Missing) == 0 {
		return
	}
	original, caller := *s, l.facts.Caller.Caller
	l.note(gate, s.Missing)
	l.apply = append(l.apply, func(given map[string]says) {
		*s = original
		s.Missing = left(original.Missing, given)
		var named []policy.Named
		if original.Set != nil {
			named = slices.Clone(original.Set.Policies)
		}
		for _, m := range original.Missing {
			if v, ok := given[m.What]; ok && v != nothing {
				named = append(named, stated(m.What, v, text))
			}
		}
		s.Set, _ = policy.NewSet(named, &caller) // of documents that were read, or are ours
	})
}

// levels puts a level in the place of a path that is missing. silent is what a level
// that says nothing amounts to: resource control policies allow unless they deny.
func (l *layers) levels(gate iam.Gate, v *decide.Levels, silent says) {
	v.Levels = slices.Clone(v.Levels)
	for i := range v.Levels {
		l.side(gate, &v.Levels[i].Side, levelText)
	}
	if len(v.Missing) == 0 {
		return
	}
	missing, known, caller := v.Missing, v.Levels, l.facts.Caller.Caller
	l.note(gate, missing)
	l.apply = append(l.apply, func(given map[string]says) {
		v.Missing, v.Levels = left(missing, given), slices.Clone(known)
		for _, m := range missing {
			s, ok := given[m.What]
			if !ok {
				continue
			}
			if s == nothing {
				s = silent
			}
			level := decide.Level{Name: m.What}
			if s != nothing {
				level.Side.Set, _ = policy.NewSet([]policy.Named{stated(m.What, s, levelText)}, &caller)
			} else {
				level.Side.Set, _ = policy.NewSet(nil, &caller)
			}
			v.Levels = append(v.Levels, level)
		}
	})
}

// public is known once the policy is: what is put in its place names the caller, and
// is public where that is everyone.
func (l *layers) public(truth *condition.Truth, missing []decide.Missing) {
	original := *truth
	l.apply = append(l.apply, func(given map[string]says) {
		*truth = original
		for _, m := range missing {
			if s, ok := given[m.What]; ok {
				*truth = condition.Of(s == allows && l.facts.Caller.Kind == iam.Anonymous)
			}
		}
	})
}

func (l *layers) grants(k *decide.Key) {
	missing, known := k.GrantsMissing, k.Grants
	l.note(iam.GateKMS, missing, nothing, allows)
	l.apply = append(l.apply, func(given map[string]says) {
		k.GrantsMissing, k.Grants = left(missing, given), slices.Clone(known)
		for _, m := range missing {
			if given[m.What] == allows {
				k.Grants = append(k.Grants, decide.KeyGrant{Via: policy.ViaDirect, Sure: true, Name: m.What})
			}
		}
	})
}

func (l *layers) acl(a *decide.ACL) {
	missing, known := a.Missing, a.Grants
	l.note(iam.GateACL, missing, nothing, allows)
	l.apply = append(l.apply, func(given map[string]says) {
		a.Missing, a.Grants = left(missing, given), slices.Clone(known)
		for _, m := range missing {
			if given[m.What] == allows {
				grant := decide.Grant{Account: l.facts.Caller.Account, Permission: "FULL_CONTROL"}
				if grant.Account == "" {
					grant.Group = "AllUsers"
				}
				a.Grants = append(a.Grants, grant)
			}
		}
	})
}

// setting is a switch of Block Public Access, which denies where it is on.
func (l *layers) setting(s *decide.Setting) {
	original := *s
	l.note(iam.GatePublicAccessBlock, s.Missing, nothing, denies)
	l.apply = append(l.apply, func(given map[string]says) {
		*s = original
		for _, m := range original.Missing {
			if v, ok := given[m.What]; ok {
				s.On, s.Missing = condition.Of(v == denies), nil
			}
		}
	})
}

// decide decides with what is given in the place of what was not read.
func (l *layers) decide(given map[string]says) *decide.Decision {
	for _, put := range l.apply {
		put(given)
	}
	return decide.Decide(l.facts)
}
