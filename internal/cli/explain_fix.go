package cli

import (
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/fix"
	"github.com/why403/why403/internal/gather"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// addFixes finds the fixes of a denied request, where they are asked for.
func (f *explainFlags) addFixes(d *report.Decision, e *estate.Estate, g *gather.Gatherer, r *request.Request, now time.Time) error {
	if f.fix == "" || d.Verdict != iam.Denied {
		return nil
	}
	fixer := fix.Over(e, g, now)
	fixer.ForPrefix = f.forPrefix
	most := 1
	if f.fix == "all" {
		most = 0
	}
	plans, err := fixer.Plans(r, most)
	if err != nil {
		return err
	}
	for _, p := range plans {
		d.Fixes = append(d.Fixes, reported(p))
	}
	return nil
}

// reported is a plan with the files that it changes. Where they cannot be read, or
// not be edited in place, the plan holds all the same, and says why.
func reported(p *fix.Plan) report.Fix {
	out := p.Report()
	edits, err := p.Files(nil)
	if err != nil {
		out.Note = joined(out.Note, "the estate's file cannot be shown changed: "+err.Error())
		return out
	}
	for _, e := range edits {
		out.Diff += e.Diff()
	}
	return out
}

func joined(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}
