package why403

import (
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/explain"
	"github.com/why403/why403/internal/fix"
	"github.com/why403/why403/internal/gather"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// A Request is one attempt on S3: who, what, on which resource, over which
// network, signed how, at what time.
type Request = request.Request

// A Decision is the verdict on a request with the outcome of every gate, in the
// form that `why403 explain -o json` prints.
type Decision = report.Decision

// A Step is what one statement said about one check of a request.
type Step = report.Step

// An Estate answers requests. What it makes ready of callers and buckets it
// keeps, so that many requests cost less than the first. It is safe for
// concurrent use.
type Estate struct {
	estate   *estate.Estate
	gatherer *gather.Gatherer
}

// Load reads an estate from a file, or from a folder that holds estate.yaml.
// Errors name file, line and column, and what would be right.
func Load(path string) (*Estate, error) {
	e, err := estate.Load(path)
	if err != nil {
		return nil, err
	}
	return Over(e), nil
}

// Over answers requests over an estate that was made or read otherwise. The
// estate must not be changed from then on.
func Over(e *estate.Estate) *Estate {
	return &Estate{estate: e, gatherer: gather.New(e, time.Now)}
}

// Explain decides a request and says why. The error is about the request: an
// operation that does not exist, a principal of no known form, a name that S3
// takes from nobody. A refusal is a
// result, not an error.
func (e *Estate) Explain(r *Request) (*Decision, error) {
	d, _, err := e.explain(r, explain.Options{})
	return d, err
}

// Trace is Explain with every statement that was asked, in the order of the
// checks and gates.
func (e *Estate) Trace(r *Request) (*Decision, []Step, error) {
	return e.explain(r, explain.Options{Trace: true})
}

// explain decides, and says of an unknown verdict what it would be in each case.
func (e *Estate) explain(r *Request, o explain.Options) (*Decision, []Step, error) {
	if err := r.CheckNames(); err != nil {
		return nil, nil, err
	}
	d, steps, err := explain.With(e.gatherer, r, o)
	if err != nil {
		return nil, nil, err
	}
	if d.Cases, err = explain.Cases(e.gatherer, r); err != nil {
		return nil, nil, err
	}
	return d, steps, nil
}

// A Fix is a plan: changes of the estate, of the request, or of both, after which
// the request is allowed.
type Fix = report.Fix

// FixOptions say which fixes are wanted. The zero value is every one.
type FixOptions struct {
	Max       int    // at most so many, the best first; 0 for all
	ForPrefix string // allow all keys that begin so, not the exact key alone
}

// Fix is Explain with what would let a denied request through, in Decision.Fixes,
// the fix that opens least first. Each was made in a copy of the estate or of the
// request and decided again; only what then decides allowed is Verified.
func (e *Estate) Fix(r *Request, o FixOptions) (*Decision, error) {
	d, err := e.Explain(r)
	if err != nil || d.Verdict != iam.Denied {
		return d, err
	}
	f := fix.Over(e.estate, e.gatherer, time.Now())
	f.ForPrefix = o.ForPrefix
	plans, err := f.Plans(r, o.Max)
	if err != nil {
		return nil, err
	}
	for _, p := range plans {
		d.Fixes = append(d.Fixes, p.Report())
	}
	return d, nil
}

// Verdict decides a request and nothing more, at a fraction of Explain's cost.
func (e *Estate) Verdict(r *Request) (iam.Verdict, error) {
	if err := r.CheckNames(); err != nil {
		return iam.Denied, err
	}
	facts, err := e.gatherer.Facts(r)
	if err != nil {
		return iam.Denied, err
	}
	return decide.Allowed(facts), nil
}

// ParseRequests reads one request, a list of requests, or JSON lines. The name
// stands in the positions of errors.
func ParseRequests(name string, data []byte) ([]*Request, error) {
	return request.Parse(name, data)
}
