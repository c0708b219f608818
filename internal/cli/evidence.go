package cli

import (
	"net/http"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/explain"
	"github.com/why403/why403/internal/gather"
	"github.com/why403/why403/internal/ingest/errortext"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// join joins a decision with what AWS itself answered to the request; m is nil for
// success. What could not be read is settled by what the answer proves: success, that
// it all lets the request pass; a message that names a gate, what that gate says. The
// engine decides again with it. Where both sides are known and differ, both are told.
func join(g *gather.Gatherer, r *request.Request, d *report.Decision, m *errortext.Message) (*report.Decision, error) {
	e := &report.Evidence{Status: http.StatusOK}
	d.Evidence = e
	if m == nil {
		switch d.Verdict {
		case iam.Denied:
			e.Contradiction = "AWS let this pass, and the decision is denied: something that decides differs from what was read or stated"
		case iam.Unknown:
			d.Verdict, d.Status, e.Settles = iam.Allowed, http.StatusOK, true
		}
		return d, nil
	}
	e.Status, e.Code, e.Message, e.Policy = m.Status, m.Code, m.Text, m.PolicyARN
	if m.Refusal != nil {
		e.Gate, e.Kind = &m.Refusal.Gate, &m.Refusal.Kind
	}
	if d.Verdict != iam.Unknown {
		if m.Status != http.StatusNotFound {
			e.Contradiction = contradiction(m, d)
		}
		return d, nil
	}
	given, err := proved(g, r, m)
	if err != nil || given == nil {
		return d, err
	}
	e.Settles = true
	given.Evidence = e
	return given, nil
}

// proved is the decision that follows from AWS's refusal; nil where none does.
func proved(g *gather.Gatherer, r *request.Request, m *errortext.Message) (*report.Decision, error) {
	switch {
	case m.Code == "NoSuchBucket":
		gone, exists := *r, false
		gone.BucketExists = &exists
		d, _, err := explain.With(g, &gone, explain.Options{})
		return d, err
	case m.Refusal == nil || m.Status == http.StatusNotFound:
		return nil, nil
	}
	return explain.Given(g, r, m.Refusal.Gate, m.Refusal.Kind)
}
