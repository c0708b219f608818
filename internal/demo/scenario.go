package demo

import (
	"context"
	"fmt"
	"slices"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/report"
)

// A Scenario is one classic 403.
type Scenario struct {
	Name  string // lower case words joined by hyphens
	Title string // what refuses, in a line
	Story string // what people run into, in a sentence

	// Attempts are made one after another. Most scenarios have one; others need a
	// request before it, or show what helps after it.
	Attempts []Attempt
}

// An Attempt is a request, and the decision that it must meet.
type Attempt struct {
	Says string // who tries what
	Want Want

	// do makes the request. Its last HTTP request is the attempt; those before it
	// must succeed. The error is what the SDK returned.
	do func(context.Context, *Stage) error
}

// A Want is a decision that is expected, and S3's answer with it.
type Want struct {
	Verdict iam.Verdict `json:"verdict"`
	Status  int         `json:"status"`
	Code    string      `json:"code,omitempty"`

	// Cause of a denial; nil where the request is allowed.
	Cause *WantCause `json:"cause,omitempty"`

	// Then are the reasons of what would stand after the cause is mended.
	Then []reason.Code `json:"then,omitempty"`
}

// A WantCause is the cause that is expected.
type WantCause struct {
	Gate   iam.Gate    `json:"gate"`
	Kind   iam.Kind    `json:"kind"`
	Reason reason.Code `json:"reason"`

	// NearMiss is the reason of the nearest near miss; "" where none is expected.
	NearMiss reason.Code `json:"nearMiss,omitempty"`
}

// allowed expects success with a status.
func allowed(status int) Want { return Want{Verdict: iam.Allowed, Status: status} }

// denied expects 403 AccessDenied.
func denied(gate iam.Gate, kind iam.Kind, code reason.Code) Want {
	return Want{Verdict: iam.Denied, Status: 403, Code: "AccessDenied", Cause: &WantCause{Gate: gate, Kind: kind, Reason: code}}
}

// answered changes S3's answer.
func (w Want) answered(status int, code string) Want {
	w.Status, w.Code = status, code
	return w
}

// then expects further denials behind the cause.
func (w Want) then(codes ...reason.Code) Want {
	w.Then = codes
	return w
}

// nearly expects a near miss first.
func (w Want) nearly(code reason.Code) Want {
	c := *w.Cause
	c.NearMiss = code
	w.Cause = &c
	return w
}

// Missed says in what a decision is another than the one expected, "" where it is
// the one.
func (w Want) Missed(d *report.Decision) string {
	got := Want{Verdict: d.Verdict, Status: d.Status, Code: d.Code}
	if got.Verdict != w.Verdict || got.Status != w.Status || got.Code != w.Code {
		return fmt.Sprintf("decided %s, expected %s", got.outcome(), w.outcome())
	}
	if w.Cause == nil || d.Cause == nil {
		return ""
	}
	c := WantCause{Gate: d.Cause.Gate, Kind: d.Cause.Kind, Reason: reason.Code(d.Cause.Reason)}
	if w.Cause.NearMiss != "" && len(d.Cause.NearMisses) > 0 {
		c.NearMiss = reason.Code(d.Cause.NearMisses[0].Reason)
	}
	if c != *w.Cause {
		return fmt.Sprintf("the cause is %s, expected %s", c, *w.Cause)
	}
	if then := contributing(d); !slices.Equal(then, w.Then) {
		return fmt.Sprintf("behind the cause stand %v, expected %v", then, w.Then)
	}
	return ""
}

func contributing(d *report.Decision) []reason.Code {
	var list []reason.Code
	for _, c := range d.Contributing {
		list = append(list, reason.Code(c.Reason))
	}
	return list
}

func (w Want) outcome() string {
	text := fmt.Sprintf("%s with %d", w.Verdict, w.Status)
	if w.Code != "" {
		text += " " + w.Code
	}
	return text
}

// String names gate, kind and reason.
func (c WantCause) String() string {
	text := fmt.Sprintf("%s, %s, %s", c.Gate, c.Kind, c.Reason)
	if c.NearMiss != "" {
		text += ", nearly " + string(c.NearMiss)
	}
	return text
}
