// Package explain turns a decision of the engine into a report: causes with
// their places, near misses, comparisons of policy and request, and what is not
// known.
package explain

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/gather"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/policy"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// Options say how much is to be told.
type Options struct {
	Trace bool // return every statement that was asked
}

// Request decides a request in an estate, and explains it. The steps are nil
// unless Options ask for the trace. The error is about the request: an operation
// that does not exist, a principal of no known form.
func Request(e *estate.Estate, r *request.Request, o Options) (*report.Decision, []report.Step, error) {
	return With(gather.New(e, time.Now), r, o)
}

// With is Request for many requests on one estate.
func With(g *gather.Gatherer, r *request.Request, o Options) (*report.Decision, []report.Step, error) {
	facts, err := g.Facts(r)
	if err != nil {
		return nil, nil, err
	}
	d := decide.Decide(facts)
	w := &writer{facts: facts, d: d, request: r}
	out := w.decision()
	if o.Trace {
		return out, w.steps(), nil
	}
	return out, nil, nil
}

// Facts decides what was gathered of r, and explains it.
func Facts(f *decide.Facts, r *request.Request) *report.Decision {
	w := &writer{facts: f, d: decide.Decide(f), request: r}
	return w.decision()
}

// writer writes one decision.
type writer struct {
	facts   *decide.Facts
	d       *decide.Decision
	request *request.Request
}

func (w *writer) decision() *report.Decision {
	d := w.d
	out := &report.Decision{
		ID: w.request.ID, Verdict: d.Verdict, Status: d.Status, Code: d.Code, Message: d.Message,
		Principal: w.principal(), Operation: w.request.Operation, Assumed: w.facts.Assumed,
		Checks: []report.Check{}, Contributing: []*report.Cause{}, Unknown: []report.Unknown{}, Fixes: []report.Fix{},
	}
	if len(w.facts.Checks) > 0 {
		out.Resource = w.mainResource()
	}
	for i := range d.Checks {
		out.Checks = append(out.Checks, w.check(&d.Checks[i]))
	}
	for i := range d.Refusals {
		c := w.cause(&d.Refusals[i])
		if i == 0 {
			out.Cause = c
			continue
		}
		out.Contributing = append(out.Contributing, c)
	}
	if out.Cause != nil && d.Answered != nil && d.Answered != &d.Refusals[0] && d.Answered.Step < d.Refusals[0].Step {
		out.Cause.Summary += fmt.Sprintf("; S3 answers with another refusal first: %d %s", d.Status, d.Code)
	}
	if c := out.Cause; c != nil && (c.Kind == iam.KindAuthentication || c.Reason == string(reason.NoSuchBucket)) {
		out.Assumed = nil // nothing was asked of the object
	}
	out.Unknown = w.unknown()
	return out
}

func (w *writer) principal() string {
	if w.request.Principal != "" {
		return w.request.Principal
	}
	if arn := w.facts.Caller.ARN(); arn != "" {
		return arn
	}
	return "anonymous"
}

func (w *writer) mainResource() string {
	for i := range w.facts.Checks {
		if c := &w.facts.Checks[i]; !c.Optional && c.Kind != decide.KeyCheck {
			return c.Resource
		}
	}
	return w.facts.Checks[0].Resource
}

func (w *writer) check(c *decide.CheckDecision) report.Check {
	out := report.Check{Action: c.Check.Action.String(), Resource: c.Check.Resource, Verdict: c.Verdict}
	for g := range iam.NumGates {
		r := &c.Gates[g]
		gate := report.GateResult{Gate: g, Outcome: r.Outcome, Policy: r.Name, Reason: string(r.Reason)}
		if r.Set != nil && r.Statement >= 0 {
			st, named := r.Set.At(r.Statement)
			gate.Policy = named.Name
			gate.Statement = statementOf(st)
			gate.Source = sourceOf(st.Pos)
		}
		out.Gates = append(out.Gates, gate)
	}
	return out
}

func statementOf(st *policy.Statement) *report.Statement {
	return &report.Statement{Index: st.Index, Sid: st.Sid}
}

func sourceOf(pos policy.Pos) *report.Source {
	if !pos.IsValid() {
		return nil
	}
	return &report.Source{File: pos.File, Line: int(pos.Line), Column: int(pos.Column)}
}

// cause writes one refusal.
func (w *writer) cause(r *decide.Refusal) *report.Cause {
	c := &report.Cause{Gate: r.Gate, Kind: r.Kind, Reason: string(r.Reason), Action: r.Action, Resource: r.Resource, Source: sourceOf(r.Pos)}
	if r.Set != nil && r.Statement >= 0 {
		st, named := r.Set.At(r.Statement)
		c.Policy, c.Statement, c.Source = named.Name, statementOf(st), sourceOf(st.Pos)
		if r.Check >= 0 {
			c.Compare = w.compare(st, r.Check)
			c.Notes = w.notes(st, c.Compare, r.Check)
		}
	} else if r.Check >= 0 && r.Kind == iam.KindImplicitDeny {
		c.NearMisses = w.nearMisses(r)
		c.Notes = w.findings(r, c.NearMisses)
	}
	c.Summary = w.summary(r, c)
	return c
}

// compare sets the conditions of a statement against the request.
func (w *writer) compare(st *policy.Statement, check int) []report.Comparison {
	ctx := w.contextOf(check)
	var cs []report.Comparison
	for i := range st.Conditions {
		cs = append(cs, comparison(&st.Conditions[i], ctx))
	}
	return cs
}

// contextOf returns the context of a check; negative indexes are the ListBucket
// evaluations behind reads of missing keys.
func (w *writer) contextOf(check int) *condition.Context {
	if check < 0 {
		return &w.facts.Checks[-1-check].List.Context
	}
	return &w.facts.Checks[check].Context
}

func comparison(c *policy.Condition, ctx *condition.Context) report.Comparison {
	values := make([]string, len(c.Values))
	for i, v := range c.Values {
		values[i] = v.Text
	}
	out := report.Comparison{Operator: c.Operator, Key: c.Key, Policy: values, Request: ctx.Lookup(condition.Intern(c.Key)).String()}
	compiled, err := condition.Compile(c.Operator, c.Key, values, true)
	if err == nil {
		out.Matched = compiled.Eval(ctx).String()
	}
	return out
}

// unknown lists what is not known: unread policies and settings always, keys
// that the request does not state where the verdict hangs on them.
func (w *writer) unknown() []report.Unknown {
	out := []report.Unknown{}
	add := func(u report.Unknown) {
		if !slices.ContainsFunc(out, func(o report.Unknown) bool { return o.Gate == u.Gate && o.What == u.What }) {
			out = append(out, u)
		}
	}
	for _, u := range w.d.Unknown {
		add(report.Unknown{Gate: u.Gate, What: u.What, Why: u.Why, Need: u.Need})
	}
	if w.d.Verdict == iam.Unknown {
		for i := range w.d.Trace.Steps {
			w.unstated(&w.d.Trace.Steps[i], add)
		}
	}
	slices.SortStableFunc(out, func(a, b report.Unknown) int { return cmp.Compare(a.Gate, b.Gate) })
	return out
}

// unstated adds the keys that a statement's answer hangs on.
func (w *writer) unstated(s *decide.TraceStep, add func(report.Unknown)) {
	if s.Truth != condition.Unknown {
		return
	}
	if s.Check >= 0 && w.d.Checks[s.Check].Verdict != iam.Unknown {
		return
	}
	ctx := w.contextOf(int(s.Check))
	for _, key := range s.Set.UnsureKeys(int(s.Statement), ctx) {
		add(report.Unknown{Gate: s.Gate, What: key.String(), Why: "the request does not state it", Need: statedBy(key.String())})
	}
	if s.Failed == policy.PartPrincipal {
		add(report.Unknown{Gate: s.Gate, What: "the name of the caller's session", Why: "the request names the role, not a session", Need: "principal"})
	}
}

// statedBy names the field of a request that states a condition key.
func statedBy(key string) string {
	switch key {
	case "aws:SourceIp", "aws:VpcSourceIp":
		return "sourceIp"
	case "aws:SourceVpce", "aws:SourceVpc", "aws:SourceVpcArn", "aws:VpceAccount", "aws:VpceOrgID", "aws:VpceOrgPaths":
		return "vpcEndpoint"
	case "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge":
		return "mfa"
	}
	if len(key) > 17 && key[:17] == "aws:PrincipalTag/" {
		return "sessionTags"
	}
	return "context"
}

// steps writes the trace.
func (w *writer) steps() []report.Step {
	var out []report.Step
	for i := range w.d.Trace.Steps {
		s := &w.d.Trace.Steps[i]
		st, named := s.Set.At(int(s.Statement))
		step := report.Step{Gate: s.Gate, Check: int(s.Check), Policy: named.Name, Statement: *statementOf(st), Effect: st.Effect.String(),
			Source: sourceOf(st.Pos), Matched: s.Truth.String(), Failed: s.Failed.String()}
		if s.Check < 0 {
			step.Check = int(-1 - s.Check)
		}
		if s.Failed == policy.PartCondition || s.Truth == condition.True {
			step.Compare = w.compare(st, int(s.Check))
		}
		out = append(out, step)
	}
	return out
}
