package render

import (
	"strconv"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/report"
)

// gates writes what every gate did to every check. Gates that have no part in a
// check share a line.
func (p *page) gates(d *report.Decision) {
	for _, c := range d.Checks {
		p.blank()
		p.checkHead(c)
		rows := [][]string{{"gate", "outcome", "policy", "statement", "reason"}}
		var apart []string
		for _, g := range c.Gates {
			if g.Outcome == iam.OutcomeNotApplicable && !p.All {
				apart = append(apart, g.Gate.String())
				continue
			}
			rows = append(rows, []string{g.Gate.String(), p.outcome(g.Outcome), dash(clean(g.Policy)), dash(p.where(g.Source, g.Statement)), clean(g.Reason)})
		}
		p.table(2, rows)
		if len(apart) > 0 {
			p.hang("  "+p.style(dim, "not-applicable: "), strings.Join(apart, ", "))
		}
	}
}

func (p *page) checkHead(c report.Check) {
	p.hang("", p.style(bold, clean(c.Action))+"  "+clean(c.Resource)+"  "+p.style(verdictStyle(c.Verdict), c.Verdict.String()))
}

func (p *page) outcome(o iam.Outcome) string {
	switch o {
	case iam.OutcomeDeny, iam.OutcomeNoAllow:
		return p.style(red, o.String())
	case iam.OutcomeAllow:
		return p.style(green, o.String())
	case iam.OutcomeUnknown:
		return p.style(yellow, o.String())
	}
	return o.String()
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// trace writes every statement that was considered, by check and gate.
func (p *page) trace(d *report.Decision, steps []report.Step) {
	for i, c := range d.Checks {
		p.blank()
		p.checkHead(c)
		p.traceCheck(i, steps)
	}
}

func (p *page) traceCheck(check int, steps []report.Step) {
	any := false
	for g := iam.Gate(0); g < iam.NumGates; g++ {
		titled := false
		for _, s := range steps {
			if s.Check != check || s.Gate != g {
				continue
			}
			if !titled {
				p.line("  " + p.style(bold, g.String()))
				titled, any = true, true
			}
			p.step(s)
		}
	}
	if !any {
		p.line("  no statement was considered")
	}
}

func (p *page) step(s report.Step) {
	text := clean(s.Policy) + "  "
	if where := p.where(s.Source, &s.Statement); where != "" {
		text += where + "  "
	}
	p.hang("    "+pad(clean(s.Effect), len("Allow"))+"  ", text+p.matchWords(s))
	p.compare(2, s.Compare)
}

func (p *page) matchWords(s report.Step) string {
	switch s.Matched {
	case "true":
		return p.style(bold, "matches")
	case "false":
		if s.Failed == "" {
			return "does not match"
		}
		return "does not match: " + clean(s.Failed)
	}
	text := "not known"
	if s.Failed != "" {
		text += ": " + clean(s.Failed)
	}
	return p.style(yellow, text)
}

// Summary counts the verdicts of a batch in one line, without a newline.
func Summary(verdicts map[iam.Verdict]int) string {
	total, text := 0, ""
	for _, v := range []iam.Verdict{iam.Denied, iam.Unknown, iam.Allowed} {
		if n := verdicts[v]; n > 0 {
			total += n
			if text != "" {
				text += ", "
			}
			text += strconv.Itoa(n) + " " + v.String()
		}
	}
	return count(total, "request", "requests") + ": " + text
}
