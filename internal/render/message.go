package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/why403/why403/internal/ingest/errortext"
)

// Message writes what a message of AWS states and means.
func Message(w io.Writer, m *errortext.Message, r errortext.Reading, o Options) error {
	p := &page{Options: o}
	p.stated(m)
	p.blank()
	p.means(m, r)
	if o.More != "" {
		p.blank()
		p.line(clean(o.More))
	}
	_, err := io.WriteString(w, p.String())
	return err
}

func (p *page) cleaned(label string, lines []string) {
	for i, l := range lines {
		lines[i] = clean(l)
	}
	p.list(label, lines)
}

// stated writes what the text itself says.
func (p *page) stated(m *errortext.Message) {
	subject := strings.TrimSpace(m.Action + "  " + m.Resource)
	if subject == "" {
		subject = m.Operation
	}
	p.line(p.style(bold, "MESSAGE") + "  " + clean(subject))
	if m.Principal != "" {
		p.row("    as", clean(m.Principal))
	}
	status := strings.TrimSpace(fmt.Sprint(m.Status, " ", m.Code))
	if m.Status == 0 {
		status = m.Code
	}
	p.row("status", clean(status))
	if m.Operation != "" && m.Action != "" {
		p.row("call", clean(m.Operation))
	}
	if m.RequestID != "" {
		p.row("request", clean(m.RequestID))
	}
}
