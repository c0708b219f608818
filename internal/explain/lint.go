package explain

import (
	"slices"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/policy"
	"github.com/why403/why403/report"
)

// maxFindings is how many findings about policies a cause carries.
const maxFindings = 3

// lintKinds are the kinds of policy behind the gates.
var lintKinds = map[iam.Gate]policy.Kind{
	iam.GateSCP: policy.SCP, iam.GateVPCEndpoint: policy.EndpointPolicy, iam.GateBoundary: policy.Boundary, iam.GateSession: policy.SessionPolicy,
	iam.GateIdentity: policy.Identity, iam.GateBucketPolicy: policy.BucketPolicy, iam.GateAccessPoint: policy.AccessPointPolicy, iam.GateKMS: policy.KeyPolicy,
}

// findings are mistakes in the policies whose Allow would have helped, where
// they have a reason of their own and no near miss tells them already.
func (w *writer) findings(r *decide.Refusal, misses []report.NearMiss) []report.Note {
	var notes []report.Note
	var seen []*policy.Document
	gates := gatesBehind(r)
	for i := range w.d.Trace.Steps {
		s := &w.d.Trace.Steps[i]
		_, named := s.Set.At(int(s.Statement))
		kind, ok := lintKinds[s.Gate]
		if !ok || int(s.Check) != r.Check || !slices.Contains(gates, s.Gate) || slices.Contains(seen, named.Document) {
			continue
		}
		seen = append(seen, named.Document)
		for _, f := range policy.Lint(named.Document, kind) {
			told := slices.ContainsFunc(misses, func(m report.NearMiss) bool {
				return m.Policy == named.Name && m.Statement.Index == f.Statement && m.Reason == f.Code
			})
			if _, catalogued := reason.Lookup(reason.Code(f.Code)); f.Hint || told || !catalogued {
				continue
			}
			if notes = append(notes, report.Note{Reason: f.Code, Summary: named.Name + ": " + f.Message}); len(notes) == maxFindings {
				return notes
			}
		}
	}
	return notes
}
