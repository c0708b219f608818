package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/report"
)

// fewMisses is how many near misses are shown on the first screen.
const fewMisses = 3

// Text writes a decision as a person reads it: the verdict, the cause and its
// place, policy against request, what else stands in the way, what is not known,
// and what would help. Steps are shown where Options ask for the trace.
func Text(w io.Writer, d *report.Decision, steps []report.Step, o Options) error {
	p := &page{Options: o}
	p.head(d)
	p.reasons(d)
	p.openEnds(d)
	p.cases(d)
	p.evidence(d.Evidence)
	if d.Verdict == iam.Unknown {
		p.list("otherwise", grants(d, nil))
	}
	p.fixes(d)
	if o.Gates {
		p.gates(d)
	}
	if o.Trace {
		p.trace(d, steps)
	}
	if o.More != "" {
		p.blank()
		p.line(clean(o.More)) // a command to paste, so not wrapped
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// reasons writes why: the cause of a denial, or what allows.
func (p *page) reasons(d *report.Decision) {
	if d.Cause != nil {
		p.blank()
		p.cause(d.Cause)
		p.otherwise(d)
		p.nearMisses(d.Cause)
		p.contributing(d.Contributing)
		return
	}
	if lines := grants(d, nil); len(lines) > 0 && d.Verdict == iam.Allowed {
		p.blank()
		p.list("because", lines)
	}
}

func (p *page) cause(c *report.Cause) {
	p.coded("because", causeWords(c), c.Reason)
	if where := p.where(c.Source, c.Statement); where != "" {
		p.more(0, where)
	}
	p.quote(c.Source, c.Statement != nil, c.Compare)
	p.compare(2, c.Compare)
	if c.Summary != "" {
		p.more(0, clean(c.Summary))
	}
	for _, n := range c.Notes {
		p.coded("note", clean(n.Summary), n.Reason)
	}
}

// otherwise says which policies would have let the request through.
func (p *page) otherwise(d *report.Decision) {
	p.list("otherwise", grants(d, d.Cause))
}

// grants say what allows each check, or the check of one cause.
func grants(d *report.Decision, of *report.Cause) []string {
	var lines []string
	for _, check := range d.Checks {
		if of != nil && (check.Action != of.Action || check.Resource != of.Resource) {
			continue
		}
		for _, g := range check.Gates {
			if g.Outcome != iam.OutcomeAllow || limiting(g.Gate) || of != nil && missed(of, g) {
				continue
			}
			line := allowWords(g.Gate, g.Policy, check.Action)
			if g.Statement != nil {
				line += " (" + statementWords(*g.Statement) + ")"
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// missed reports whether a cause names the statement by which a gate allows as a
// near miss: it matches, and does not suffice.
func missed(c *report.Cause, g report.GateResult) bool {
	for _, m := range c.NearMisses {
		if m.Gate == g.Gate && m.Policy == g.Policy && g.Statement != nil && m.Statement == *g.Statement {
			return true
		}
	}
	return false
}

// limiting reports whether a gate can only take away, so that its allowing is no
// reason for anything.
func limiting(g iam.Gate) bool {
	switch g {
	case iam.GateSCP, iam.GateRCP, iam.GateVPCEndpoint, iam.GateBoundary:
		return true
	}
	return false
}

func (p *page) nearMisses(c *report.Cause) {
	list := c.NearMisses
	shown := len(list)
	if !p.All && !p.Trace {
		shown = min(shown, fewMisses)
	}
	for i, m := range list[:shown] {
		label := ""
		if i == 0 {
			label = "near miss"
		}
		p.coded(label, policyWords(m.Gate, m.Policy)+", all but its "+clean(m.Part)+" matches", m.Reason)
		p.more(0, p.where(m.Source, &m.Statement))
		p.compare(2, m.Compare)
		if m.Summary != "" && !strings.Contains(c.Summary, m.Summary) {
			p.more(0, clean(m.Summary))
		}
	}
	if rest := len(list) - shown; rest > 0 {
		p.more(0, fmt.Sprintf("and %s further away: --all", count(rest, "statement", "statements")))
	}
}

func (p *page) contributing(list []*report.Cause) {
	for i, c := range list {
		label := ""
		if i == 0 {
			label = "then"
		}
		text := causeWords(c)
		if c.Action != "" {
			text += ", for " + clean(c.Action)
		}
		p.coded(label, text, c.Reason)
		if where := p.where(c.Source, c.Statement); where != "" {
			p.more(0, where)
		}
		p.compare(2, c.Compare)
		if c.Summary != "" {
			p.more(0, clean(c.Summary))
		}
	}
}

// openEnds writes what is not known, and what was taken for granted.
func (p *page) openEnds(d *report.Decision) {
	if len(d.Unknown)+len(d.Assumed) > 0 && d.Cause == nil && d.Verdict == iam.Unknown {
		p.blank()
	}
	var unknown []string
	for _, u := range d.Unknown {
		line := clean(u.What)
		why, need := brief(u.Why, u.Need)
		if why != "" {
			line += ": " + clean(why)
		}
		if need != "" {
			line += "; " + clean(need) + " would tell"
		}
		unknown = append(unknown, line)
	}
	p.list("unknown", unknown)
	var assumed []string
	for _, a := range d.Assumed {
		assumed = append(assumed, clean(a))
	}
	p.list("assumed", assumed)
}

// list writes lines under one label.
func (p *page) list(label string, lines []string) {
	for _, l := range lines {
		p.row(label, l)
		label = ""
	}
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
