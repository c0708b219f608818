package demo

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/smithy-go"

	"github.com/why403/why403/report"
)

// A Result is what came of a scenario. It is a line of why403 demo -o json.
type Result struct {
	Name     string    `json:"name"`
	Title    string    `json:"title"`
	Story    string    `json:"story"`
	Met      bool      `json:"met"` // every attempt met the decision it is about
	Attempts []Outcome `json:"attempts"`
}

// An Outcome is what came of an attempt.
type Outcome struct {
	Says     string           `json:"says"`
	Before   []Exchange       `json:"before,omitempty"` // requests that the attempt needed first
	Exchange *Exchange        `json:"exchange"`         // null where nothing was sent
	Decision *report.Decision `json:"decision"`         // null where there is none
	Want     Want             `json:"want"`
	Missed   string           `json:"missed,omitempty"` // in what it is not what was expected
}

// Run plays a scenario. Scenarios are played one at a time. The error is that of
// ctx.
func (s *Stage) Run(ctx context.Context, sc Scenario) (*Result, error) {
	res := &Result{Name: sc.Name, Title: sc.Title, Story: sc.Story, Met: true}
	for _, a := range sc.Attempts {
		o := s.attempt(ctx, a)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		res.Attempts = append(res.Attempts, o)
		res.Met = res.Met && o.Missed == ""
	}
	return res, nil
}

func (s *Stage) attempt(ctx context.Context, a Attempt) Outcome {
	s.exchanges = nil
	defer s.later(0)
	err := a.do(ctx, s)
	o := Outcome{Says: a.Says, Want: a.Want}
	n := len(s.exchanges)
	if n == 0 {
		o.Missed = "nothing was sent"
		if err != nil {
			o.Missed += ": " + err.Error()
		}
		return o
	}
	o.Before, o.Exchange = s.exchanges[:n-1], &s.exchanges[n-1]
	o.Missed = s.judge(ctx, &o, err)
	return o
}

// judge fetches the decision and compares: what was expected, what was decided,
// what was answered, and what the SDK made of it.
func (s *Stage) judge(ctx context.Context, o *Outcome, sdk error) string {
	for _, e := range o.Before {
		if e.Status >= 300 {
			return fmt.Sprintf("%s %s, which comes before it, was answered by %d %s", e.Method, e.URL, e.Status, e.Code)
		}
	}
	if o.Exchange.Service != "s3" {
		return fmt.Sprintf("%s was answered by %d %s, and no request to S3 followed", o.Exchange.URL, o.Exchange.Status, o.Exchange.Code)
	}
	d, err := s.decision(ctx, o.Exchange.RequestID)
	if err != nil {
		return err.Error()
	}
	o.Decision = d
	if missed := o.Want.Missed(d); missed != "" {
		return missed
	}
	return contradiction(o.Exchange, d, sdk)
}

// contradiction says where the answer on the wire, or the SDK's error, is not
// what was decided.
func contradiction(e *Exchange, d *report.Decision, sdk error) string {
	if e.Status != d.Status {
		return fmt.Sprintf("answered %d, although decided %d", e.Status, d.Status)
	}
	if e.Method == "HEAD" {
		return ""
	}
	if e.Code != d.Code || e.Message != d.Message {
		return fmt.Sprintf("answered %q, although decided %q", e.Code+": "+e.Message, d.Code+": "+d.Message)
	}
	var api smithy.APIError
	switch {
	case sdk == nil:
		return ""
	case !errors.As(sdk, &api):
		return "the SDK failed: " + sdk.Error()
	case api.ErrorCode() != d.Code:
		return fmt.Sprintf("the SDK reads the error %s, although it is %s", api.ErrorCode(), d.Code)
	}
	return ""
}
