package fix

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/gather"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/request"
)

// A state is a request in an estate, decided.
type state struct {
	estate   *estate.Estate
	request  *request.Request
	now      time.Time
	gatherer *gather.Gatherer
	facts    *decide.Facts
	decision *decide.Decision
}

// decided returns the state of a request in an estate.
func decided(g *gather.Gatherer, e *estate.Estate, r *request.Request, now time.Time) (*state, error) {
	s := &state{estate: e, request: r, now: now, gatherer: g}
	facts, err := g.Facts(r)
	if err != nil {
		return nil, err
	}
	s.facts, s.decision = facts, decide.Decide(facts)
	return s, nil
}

// after returns the state with a step taken.
func (s *state) after(st *step) (*state, error) {
	e, g, r := s.estate, s.gatherer, s.request
	var err error
	if len(st.estate) > 0 {
		if e, err = e.With(st.estate...); err != nil {
			return nil, err
		}
		g = gather.New(e, func() time.Time { return s.now })
	}
	if len(st.request) > 0 {
		if r, err = r.With(st.request...); err != nil {
			return nil, err
		}
	}
	return decided(g, e, r, s.now)
}

func (s *state) verdict() iam.Verdict { return s.decision.Verdict }

// check returns the check that a refusal is of; that of the listing where a
// missing key reads as 403; nil for the request as a whole.
func (s *state) check(r *decide.Refusal) *decide.Check {
	if r.Check < 0 {
		return nil
	}
	return &s.facts.Checks[r.Check]
}

// mainCheck returns the first check that is not of a key.
func (s *state) mainCheck() *decide.Check {
	for i := range s.facts.Checks {
		if c := &s.facts.Checks[i]; c.Kind != decide.KeyCheck && !c.Optional {
			return c
		}
	}
	if len(s.facts.Checks) > 0 {
		return &s.facts.Checks[0]
	}
	return nil
}

// bucket returns the bucket that the request names, nil for none that the
// estate holds.
func (s *state) bucket() *estate.Bucket {
	if s.facts.Target == nil {
		return nil
	}
	b, _ := s.estate.Bucket(s.facts.Target.Name)
	return b
}

// time returns the time of the request.
func (s *state) time() time.Time { return s.facts.Time }

// signature names a refusal, so that it can be found again in a later decision.
func (s *state) signature(r *decide.Refusal) string {
	parts := []string{r.Gate.String(), string(r.Reason), r.Action, r.Resource, r.Where}
	if r.Set != nil && r.Statement >= 0 {
		st, named := r.Set.At(r.Statement)
		key, _ := st.Node()
		parts = append(parts, named.Name, string(node.AppendJSON(nil, key)))
	}
	return strings.Join(parts, "\x00")
}

// refuses reports whether a refusal of that signature stands.
func (s *state) refuses(signature string) bool {
	for i := range s.decision.Refusals {
		if s.signature(&s.decision.Refusals[i]) == signature {
			return true
		}
	}
	return false
}

// changeKey is a text that equal changes share.
func changeKey(list []node.Change) string {
	var b []byte
	for _, c := range list {
		b = append(append(append(b, c.Op...), ' '), c.Path.String()...)
		if c.Value != nil {
			b = node.AppendJSON(append(b, ' '), c.Value)
		}
		b = append(b, '\n')
	}
	return string(b)
}

func rawJSON(n *node.Node) json.RawMessage {
	if n == nil {
		return nil
	}
	return node.AppendJSON(nil, n)
}
