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
	check int32
}

// A TraceStep is what one statement said about one check.
type TraceStep struct {
	Set   *policy.Set
	Check int32 // index in Facts.Checks; -1-i for the listing behind check i
	Gate  iam.Gate
	policy.Step
}

// Record implements policy.Recorder.
func (t *Trace) Record(s *policy.Set, step policy.Step) {
	t.Steps = append(t.Steps, TraceStep{s, t.check, t.gate, step})
}

// denies returns the steps of a gate in which a Deny matched for sure.
func (t *Trace) denies(check int, gate iam.Gate) []TraceStep {
	var found []TraceStep
	for _, s := range t.Steps {
		if int(s.Check) == check && s.Gate == gate && s.Truth == condition.True {
			if st, _ := s.Set.At(int(s.Statement)); st.Effect == policy.Deny {
				found = append(found, s)
			}
		}
	}
	return found
}

// newTrace returns a trace with room for every statement that the first check
// asks.
func newTrace(f *Facts) *Trace {
	n := 0
	count := func(s *Side) {
		if s != nil && s.Set != nil {
			n += s.Set.Len()
		}
	}
	c := &f.Caller
	count(&c.Identity)
	count(c.Boundary)
	count(c.SessionPolicies)
	for i := range c.SCP.Levels {
		count(&c.SCP.Levels[i].Side)
	}
	if b := f.Target; b != nil {
		count(&b.Policy)
		for i := range b.RCP.Levels {
			count(&b.RCP.Levels[i].Side)
		}
	}
	return &Trace{Steps: make([]TraceStep, 0, n*max(len(f.Checks), 1))}
}
