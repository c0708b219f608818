package render

import (
	"io"

	"github.com/why403/why403/internal/ingest/errortext"
)

// Event writes what a record of CloudTrail states, and what AWS's answer in it
// means; m is nil where the request was let through.
func Event(w io.Writer, head string, rows []Row, m *errortext.Message, r errortext.Reading, o Options) error {
	p := &page{Options: o}
	p.line(p.style(bold, "EVENT") + "  " + clean(head))
	for _, row := range rows {
		p.row(row.Label, clean(row.Text))
	}
	p.blank()
	p.means(m, r)
	_, err := io.WriteString(w, p.String())
	return err
}

// means writes what an answer means.
func (p *page) means(m *errortext.Message, r errortext.Reading) {
	if m != nil && m.Refusal != nil {
		p.coded("means", m.Refusal.Gate.String()+", "+m.Refusal.Kind.String(), string(m.Refusal.Reason))
		p.more(0, clean(r.Says))
	} else {
		p.row("means", clean(r.Says))
	}
	p.cleaned("but not", r.Not)
	p.cleaned("or else", r.Though)
	p.cleaned("next", r.Next)
}
