package render

import (
	"encoding/json"
	"io"

	"github.com/why403/why403/report"
)

// Traced is a decision with the statements that were considered; the JSON form
// of a report when the trace is asked for.
type Traced struct {
	*report.Decision
	Trace []report.Step `json:"trace"`
}

// JSON writes a decision as one line: so that many make JSON lines, and a
// reader needs no look-ahead. Steps that are not nil are added as "trace".
func JSON(w io.Writer, d *report.Decision, steps []report.Step) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	full := complete(*d)
	if steps == nil {
		return encoder.Encode(full)
	}
	return encoder.Encode(Traced{full, steps})
}

// complete gives lists that the contract promises as lists, and not as null.
func complete(d report.Decision) *report.Decision {
	if d.Checks == nil {
		d.Checks = []report.Check{}
	}
	if d.Contributing == nil {
		d.Contributing = []*report.Cause{}
	}
	if d.Unknown == nil {
		d.Unknown = []report.Unknown{}
	}
	if d.Fixes == nil {
		d.Fixes = []report.Fix{}
	}
	return &d
}
