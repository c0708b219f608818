package server

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/console"
	"github.com/why403/why403/internal/render"
	"github.com/why403/why403/report"
)

// shown is how many requests the console lists.
const shown = 200

// console answers the pages of the console.
func (s *Server) console(w http.ResponseWriter, r *http.Request, name, id string) {
	switch name {
	case "style.css":
		console.WriteStyle(w)
		return
	case "":
		s.listDecisions(w, r.URL.Query().Get("only"))
		return
	}
	entry, ok := s.decisions.find(id)
	if !ok {
		http.Error(w, "no request of this id was decided, or it was too long ago", http.StatusNotFound)
		return
	}
	list := entry.reports()
	page := console.Page{Base: ownPath, Row: rowOf(&entry, list)}
	for _, d := range list {
		page.Decisions = append(page.Decisions, s.explained(d))
	}
	console.WritePage(w, page)
}

func (s *Server) listDecisions(w http.ResponseWriter, only string) {
	l := console.List{Base: ownPath}
	if only == "denied" {
		l.Only = only
	}
	for _, entry := range s.decisions.newest(s.config.Keep) {
		if len(l.Rows) == shown {
			break
		}
		if l.Only == "" || entry.refused != nil {
			l.Rows = append(l.Rows, rowOf(&entry, entry.reports()))
		}
	}
	console.WriteList(w, l)
}

// rowOf sums a request up: by its first refusal, else by its first decision.
func rowOf(entry *decided, list []*report.Decision) console.Row {
	row := console.Row{ID: entry.id, At: entry.at, Status: entry.status}
	if entry.method != "" {
		row.Request = entry.line()
	}
	d := entry.refused
	if d == nil && len(list) > 0 {
		d = list[0]
	}
	if d == nil {
		return row
	}
	row.Principal, row.Verdict = d.Principal, d.Verdict.String()
	switch {
	case d.Cause != nil:
		row.Gate, row.Reason, row.Summary = d.Cause.Gate.String(), d.Cause.Reason, d.Cause.Summary
	case d.Verdict != iam.Allowed && len(d.Unknown) > 0:
		row.Summary = "not known: " + d.Unknown[0].What
	}
	return row
}

// explained is a decision as the command explains it, every gate included.
func (s *Server) explained(d *report.Decision) console.Decision {
	var text strings.Builder
	o := render.Options{Gates: true, All: true, Width: 120, Dir: s.config.Estate.Dir, Open: s.quoted}
	_ = render.Text(&text, d, nil, o) // a Builder does not fail
	body, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		body = []byte(err.Error())
	}
	return console.Decision{Decision: d, Text: text.String(), JSON: string(body)}
}

// quoted reads what an explanation quotes: the files of the estate, and the policies
// that were put here, whose names have a question mark ("bucket?policy").
func (s *Server) quoted(path string) ([]byte, error) {
	name := filepath.ToSlash(path)
	if rel, err := filepath.Rel(s.config.Estate.Dir, path); err == nil {
		name = filepath.ToSlash(rel)
	}
	if !strings.Contains(name, "?") {
		return os.ReadFile(path)
	}
	var text []byte
	s.world.Estate().EachDocument(func(d *estate.Document) {
		if d.File == name && d.Kept() {
			text = []byte(d.Text())
		}
	})
	if text == nil {
		return nil, fs.ErrNotExist
	}
	return text, nil
}
