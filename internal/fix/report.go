package fix

import (
	"strings"

	"github.com/why403/why403/internal/explain"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/report"
)

// Report writes a plan as decisions carry it.
func (p *Plan) Report() report.Fix {
	first := p.steps[0]
	out := report.Fix{Gate: first.gate, Where: p.where(first), Change: []report.Patch{}, Verified: p.Verified, Widens: p.Widens, Note: first.note}
	var titles, commands []string
	for _, st := range p.steps {
		s := p.step(st)
		out.Steps = append(out.Steps, s)
		out.Change, out.Request = append(out.Change, s.Change...), append(out.Request, s.Request...)
		titles = append(titles, s.Title)
		if s.Command != "" {
			commands = append(commands, s.Command)
		}
	}
	out.Title, out.Command = strings.Join(titles, "; then "), strings.Join(commands, "\n")
	for _, full := range p.full {
		out.Note = joinNotes(out.Note, full+", so another place is offered")
		out.Steps[0].Note = joinNotes(out.Steps[0].Note, full+", so another place is offered")
	}
	if out.Opens = p.opens(); len(out.Opens) > 0 {
		out.Note = joinNotes("this opens something to "+strings.Join(out.Opens, " and to "), out.Note)
	}
	if !p.Verified {
		out.Unknown = p.unread()
	}
	return out
}

func (p *Plan) where(st *step) string {
	if st.place.kind == theRequest {
		return "the request"
	}
	return st.place.where
}

func (p *Plan) step(st *step) report.FixStep {
	s := report.FixStep{Gate: st.gate, Account: st.place.account, Where: p.where(st), Title: st.title, Note: st.note, Command: p.commands(st), Change: patches(st.estate), Request: patches(st.request)}
	pos := st.pos
	if doc := st.place.document(p.start); doc != nil && !pos.IsValid() {
		pos = doc.Pos
	}
	if pos.IsValid() {
		s.Source = &report.Source{File: pos.File, Line: int(pos.Line), Column: int(pos.Column)}
	}
	return s
}

func patches(changes []node.Change) []report.Patch {
	var list []report.Patch
	for _, c := range changes {
		list = append(list, report.Patch{Op: c.Op, Path: c.Path.String(), Value: rawJSON(c.Value)})
	}
	return list
}

// unread is what is missing to say whether the request is allowed after the plan:
// what was not read, and what the request does not state.
func (p *Plan) unread() []report.Unknown {
	d, _, err := explain.With(p.end.gatherer, p.end.request, explain.Options{})
	if err != nil {
		return nil
	}
	return d.Unknown
}
