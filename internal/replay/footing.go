package replay

import (
	"fmt"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/policy"
)

// A foot is what a decision rests on: statements that allow and deny, or may, by
// what they say rather than by where they stand; what is missing; settings.
type foot struct {
	allows, denies map[footStep]bool
	rest           string
}

// A footStep is a statement that matched, or may.
type footStep struct {
	gate  iam.Gate
	place int // see levels
	check int32
	step  policy.Step // without the numbers of statement and condition
	text  string      // of the statement
}

// footing returns what a decision rests on. spelled keeps the texts of statements.
func footing(f *decide.Facts, d *decide.Decision, spelled map[*policy.Statement]string) *foot {
	ft := &foot{map[footStep]bool{}, map[footStep]bool{}, ""}
	places := levels(f)
	for i := range d.Trace.Steps {
		s := &d.Trace.Steps[i]
		if s.Truth == condition.False {
			continue
		}
		st, _ := s.Set.At(int(s.Statement))
		text, ok := spelled[st]
		if !ok {
			text = spell(st)
			spelled[st] = text
		}
		on := footStep{s.Gate, places[s.Set], s.Check, s.Step, text}
		on.step.Statement, on.step.Condition = 0, 0
		if st.Effect == policy.Allow {
			ft.allows[on] = true
		} else {
			ft.denies[on] = true
		}
	}
	var b strings.Builder
	for i := range f.Checks {
		c := &f.Checks[i]
		fmt.Fprint(&b, c.Kind, c.Name, c.Resource, c.Optional)
		if o := c.Object; o != nil {
			fmt.Fprint(&b, o.Exists, o.Owner, len(o.OwnerMissing), o.Archived, o.LockMode, o.LockUntil, o.LegalHold, o.SSEC, o.KMS)
			acl(&b, &o.ACL)
		}
		if c.Key != nil {
			fmt.Fprint(&b, c.Key.ARN, c.Key.State, c.Key.Gone, c.Key.Grants)
		}
		if c.AccessPoint != nil {
			fmt.Fprint(&b, c.AccessPoint.ARN, c.AccessPoint.FromVPC, c.AccessPoint.Public, c.AccessPoint.Restrict.On)
		}
	}
	for _, u := range d.Unknown {
		fmt.Fprint(&b, u.Gate, u.What, u.Why)
	}
	for _, target := range []*decide.Bucket{f.Target, f.Form.CopiesFromBucket} {
		if target != nil {
			fmt.Fprint(&b, target.Account, target.Public, target.ACLs, target.Requester.On, target.MFADelete.On, target.SSECBlocked.On,
				target.Block.BlockPublicAcls.On, target.Block.IgnorePublicAcls.On, target.Block.BlockPublicPolicy.On, target.Block.RestrictPublicBuckets.On)
			acl(&b, &target.ACL)
		}
	}
	fmt.Fprint(&b, len(f.Caller.SCP.Levels), f.Caller.Boundary != nil, f.Caller.SessionPolicies != nil, f.Wire.Secure)
	ft.rest = b.String()
	return ft
}

// acl writes the grants of an ACL without their places.
func acl(b *strings.Builder, a *decide.ACL) {
	for _, g := range a.Grants {
		fmt.Fprintf(b, "%q%q%v%q%q", g.Group, g.Account, g.Canonical, g.OAI, g.Permission)
	}
}

// levels tells the policies of one level of an organization from those of another,
// and those of the endpoints that the request may have come through: each has to
// allow.
func levels(f *decide.Facts) map[*policy.Set]int {
	places := map[*policy.Set]int{}
	note := func(l *decide.Levels) {
		for i := range l.Levels {
			places[l.Levels[i].Side.Set] = i + 1
		}
	}
	note(&f.Caller.SCP)
	for i := range f.Caller.Endpoint.Possible {
		if side := f.Caller.Endpoint.Possible[i].Side; side != nil {
			places[side.Set] = -1 - i
		}
	}
	for i := range f.Checks {
		if b := f.Checks[i].Bucket; b != nil {
			note(&b.RCP)
		}
	}
	return places
}

// spell writes a statement without its place.
func spell(st *policy.Statement) string {
	var b strings.Builder
	fmt.Fprint(&b, st.NotPrincipal, st.NotAction, st.NotResource)
	for _, p := range st.Principals {
		fmt.Fprintf(&b, "%q%q", p.Type, p.Text)
	}
	for _, a := range st.Actions {
		fmt.Fprintf(&b, "%q", a.Text)
	}
	for _, r := range st.Resources {
		fmt.Fprintf(&b, "%q", r.Text)
	}
	for i := range st.Conditions {
		c := &st.Conditions[i]
		fmt.Fprintf(&b, "%q%q", c.Operator, c.Key)
		for _, v := range c.Values {
			fmt.Fprintf(&b, "%q", v.Text)
		}
	}
	return b.String()
}

// atLeast reports that ft gives at least what other gives, whatever the things
// that are missing of both say: it has every statement that allows there, and none
// that denies but those that deny there.
func (ft *foot) atLeast(other *foot) bool {
	if ft.rest != other.rest {
		return false
	}
	for on := range other.allows {
		if !ft.allows[on] {
			return false
		}
	}
	for on := range ft.denies {
		if !other.denies[on] {
			return false
		}
	}
	return true
}
