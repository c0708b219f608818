package decide

import (
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/policy"
)

// A Trace records every statement that was asked.
type Trace struct {
	Steps []TraceStep

	gate  iam.Gate
	check int
}

// A TraceStep is what one statement said about one check.
type TraceStep struct {
	Gate  iam.Gate
	Check int
	Set   *policy.Set
	policy.Step
}

// Record implements policy.Recorder.
func (t *Trace) Record(s *policy.Set, step policy.Step) {
	t.Steps = append(t.Steps, TraceStep{t.gate, t.check, s, step})
}

// denies returns the steps of a gate in which a Deny matched for sure.
func (t *Trace) denies(check int, gate iam.Gate) []TraceStep {
	var found []TraceStep
	for _, s := range t.Steps {
		if s.Check == check && s.Gate == gate && s.Truth == condition.True {
			if st, _ := s.Set.At(s.Statement); st.Effect == policy.Deny {
				found = append(found, s)
			}
		}
	}
	return found
}
