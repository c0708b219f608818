package explain

import (
	"slices"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/gather"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// Given decides a request again with what AWS's answer proves of what was not read:
// that the policies of the gate which it names deny, or that they do not allow; within
// one account also that no bucket policy or ACL does, where no identity-based policy
// is said to. It is nil where that does not settle the request as AWS did.
func Given(g *gather.Gatherer, r *request.Request, gate iam.Gate, kind iam.Kind) (*report.Decision, error) {
	facts, err := g.Facts(r)
	if err != nil {
		return nil, err
	}
	said, gates := nothing, []iam.Gate{gate}
	switch {
	case kind == iam.KindExplicitDeny && ambiguous(facts, gate):
		return nil, nil
	case kind == iam.KindExplicitDeny:
		said = denies
	case gate == iam.GateBucketPolicy:
		gates = append(gates, iam.GateACL)
	case gate == iam.GateIdentity && facts.Target != nil && facts.Target.Account == facts.Caller.Account:
		gates = append(gates, iam.GateBucketPolicy, iam.GateACL)
	}
	l, given := layersOf(facts), map[string]says{}
	for _, a := range l.list {
		if slices.Contains(gates, a.gate) && (a.only == nil || slices.Contains(a.only, said)) {
			given[a.what] = said
		}
	}
	if len(given) == 0 {
		return nil, nil
	}
	d := l.decide(given)
	if d.Verdict != iam.Denied || !slices.ContainsFunc(d.Refusals, func(r decide.Refusal) bool { return r.Gate == gate && r.Kind == kind }) {
		return nil, nil
	}
	w := &writer{facts: l.facts, d: d, request: r}
	out := w.decision()
	unplaced(out, given)
	return out, nil
}

// ambiguous reports a denial whose words S3 has for two things: a bucket policy's, for
// an access point's and for RestrictPublicBuckets, which cuts off who is not of the
// bucket's account (S3 User Guide, Blocking public
// access to your Amazon S3 storage).
func ambiguous(f *decide.Facts, gate iam.Gate) bool {
	if gate != iam.GateBucketPolicy {
		return false
	}
	for i := range f.Checks {
		c := &f.Checks[i]
		if c.AccessPoint != nil || c.Bucket != nil && c.Bucket.Account != f.Caller.Account && c.Bucket.Block.RestrictPublicBuckets.On != condition.False {
			return true
		}
	}
	return false
}

// unplaced takes out of a decision the places of policies that stand for those which
// were not read.
func unplaced(d *report.Decision, given map[string]says) {
	for _, c := range append([]*report.Cause{d.Cause}, d.Contributing...) {
		if c == nil || c.Source == nil {
			continue
		}
		if _, ours := given[c.Source.File]; ours {
			c.Summary = c.Source.File + " could not be read; AWS's own answer says that it denies " + c.Action
			c.Policy, c.Statement, c.Source, c.Compare, c.Notes = "", nil, nil, nil, nil
		}
	}
	for i := range d.Checks {
		for j := range d.Checks[i].Gates {
			g := &d.Checks[i].Gates[j]
			if _, ours := given[sourceFile(g.Source)]; ours {
				g.Policy, g.Statement, g.Source = "", nil, nil
			}
		}
	}
}

func sourceFile(s *report.Source) string {
	if s == nil {
		return ""
	}
	return s.File
}
