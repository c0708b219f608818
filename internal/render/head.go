package render

import (
	"fmt"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/report"
)

// head writes who asked for what, and the answer.
func (p *page) head(d *report.Decision) {
	word := d.Verdict.String()
	label := func(s string) string { return strings.Repeat(" ", max(0, len(word)-len(s))) + p.style(bold, s) + "  " }
	action, resource := subject(d)
	p.hang(p.verdict(d.Verdict)+"  ", p.style(bold, clean(action))+"  "+clean(resource))
	if d.ID != "" {
		p.hang(label("id"), clean(d.ID))
	}
	p.hang(label("as"), clean(d.Principal))
	if d.Status != 0 {
		p.hang(label("status"), clean(answer(d)))
	}
}

// subject returns the action and resource that the report is about: those of the
// cause, else of the first check that is not allowed, else of the request. A
// missing key is about the key, though its cause is that the bucket may not be
// listed. Where the operation has another name than the action that it needs,
// both are named.
func subject(d *report.Decision) (action, resource string) {
	switch c := undecided(d); {
	case d.Cause != nil && d.Cause.Action != "" && d.Cause.Gate != iam.GateExistence:
		action, resource = d.Cause.Action, d.Cause.Resource
	case c != nil:
		action, resource = c.Action, c.Resource
	case len(d.Checks) == 1 || len(d.Checks) > 0 && d.Operation == "":
		action, resource = d.Checks[0].Action, d.Checks[0].Resource
	default:
		return d.Operation, d.Resource
	}
	if resource == "" {
		resource = d.Resource
	}
	if _, name, _ := strings.Cut(action, ":"); d.Operation != "" && name != d.Operation {
		action += " (" + d.Operation + ")"
	}
	return action, resource
}

func undecided(d *report.Decision) *report.Check {
	for i := range d.Checks {
		if d.Checks[i].Verdict != iam.Allowed && d.Verdict != iam.Allowed {
			return &d.Checks[i]
		}
	}
	return nil
}

// answer is S3's own: status, code and message.
func answer(d *report.Decision) string {
	text := fmt.Sprint(d.Status)
	if d.Code != "" {
		text += " " + d.Code
	}
	if d.Message != "" {
		text += ": " + d.Message
	}
	return text
}
