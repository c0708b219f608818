package render

import (
	"io"
	"strings"

	"github.com/why403/why403/report"
)

// Fixes writes a decision's head and its fixes alone.
func Fixes(w io.Writer, d *report.Decision, o Options) error {
	p := &page{Options: o}
	p.head(d)
	p.fixes(d)
	if o.More != "" {
		p.blank()
		p.line(clean(o.More))
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// NoFix says in the place of a fix that there is none, and why.
func NoFix(w io.Writer, d *report.Decision, why string, o Options) error {
	p := &page{Options: o}
	p.head(d)
	p.blank()
	p.row("no fix", clean(why))
	_, err := io.WriteString(w, p.String())
	return err
}

// fixes writes what would let the request through, the best first.
func (p *page) fixes(d *report.Decision) {
	for i := range d.Fixes {
		p.blank()
		p.fix(&d.Fixes[i], i)
	}
}

func (p *page) fix(f *report.Fix, i int) {
	label := "fix"
	if i > 0 {
		label = "or"
	}
	if f.Widens.Public {
		p.row(label, p.style(red, "this makes something public"))
		label = ""
	}
	for _, to := range f.Opens {
		if to != "the public" {
			p.row(label, p.style(yellow, "this opens something of another account to "+clean(to)))
			label = ""
		}
	}
	steps := f.Steps
	if len(steps) == 0 { // of a decision that names none
		steps = []report.FixStep{{Where: f.Where, Title: f.Title, Command: f.Command, Note: f.Note}}
	}
	for k := range steps {
		if k > 0 {
			label = "and"
		}
		p.fixStep(label, &steps[k])
	}
	for _, line := range strings.Split(strings.TrimRight(f.Diff, "\n"), "\n") {
		if line != "" && !strings.HasPrefix(line, "diff ") {
			p.line(strings.Repeat(" ", labelWidth+2) + p.diffLine(clean(line)))
		}
	}
	p.proof(f)
}

// diffLine colours a line of a diff.
func (p *page) diffLine(line string) string {
	switch {
	case strings.HasPrefix(line, "+"):
		return p.style(green, line)
	case strings.HasPrefix(line, "-"):
		return p.style(red, line)
	}
	return p.style(dim, line)
}

func (p *page) fixStep(label string, s *report.FixStep) {
	title := clean(s.Title)
	if s.Account != "" {
		title = "for the owner of " + string(s.Account) + ": " + title
	}
	p.row(label, title)
	if where := p.where(s.Source, nil); where != "" {
		p.more(0, where)
	}
	if s.Note != "" {
		p.more(0, clean(s.Note))
	}
	for line := range strings.Lines(s.Command) {
		p.line(strings.Repeat(" ", labelWidth+2) + clean(strings.TrimRight(line, "\n"))) // to paste, so not wrapped
	}
}

// proof says what is known of the fix: that it works, and who else gains by it.
func (p *page) proof(f *report.Fix) {
	if !f.Verified {
		p.more(0, p.style(yellow, "not verified: with it, whether the request is allowed is not known"))
		for _, u := range f.Unknown {
			line := "read " + clean(u.What)
			if u.Need != "" {
				line += " (" + clean(u.Need) + ")"
			}
			p.more(2, line+": "+clean(u.Why))
		}
		return
	}
	switch w := f.Widens; {
	case len(f.Change) == 0 && len(f.Request) > 0:
		p.more(0, "verified: decided again with it, the request is allowed; no policy changes")
	case w.Principals == 0 && !w.Public:
		p.more(0, "verified: decided again with it, the request is allowed; it lets in nobody else")
	default:
		p.more(0, "verified: decided again with it, the request is allowed")
		if w.Principals == 0 {
			return
		}
		p.more(0, p.style(yellow, "it also lets in "+count(w.Principals, "other principal", "other principals")+": "+clean(someOf(w))))
	}
}

// someOf names who gains, as far as they are named.
func someOf(w report.Widens) string {
	list := strings.Join(w.Who, ", ")
	if w.Principals > len(w.Who) {
		list += ", …"
	}
	return list
}
