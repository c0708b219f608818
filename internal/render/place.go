package render

import (
	"path/filepath"
	"strconv"
	"strings"

	"github.com/why403/why403/report"
)

// builtIn begins the name of files that are not on disk.
const builtIn = "("

// path returns a source's file as the reader can open it.
func (p *page) path(file string) string {
	if p.Dir == "" || filepath.IsAbs(file) || strings.HasPrefix(file, builtIn) {
		return file
	}
	return filepath.Join(p.Dir, filepath.FromSlash(file))
}

// place returns "file:line:column", in the form that terminals and editors open
// on a click.
func (p *page) place(s *report.Source) string {
	text := clean(p.path(s.File))
	if s.Line == 0 || strings.HasPrefix(s.File, builtIn) {
		return text
	}
	text += ":" + strconv.Itoa(s.Line)
	if s.Column > 0 {
		text += ":" + strconv.Itoa(s.Column)
	}
	return text
}

// where says place and statement, as far as they are known.
func (p *page) where(source *report.Source, statement *report.Statement) string {
	var parts []string
	if source != nil && source.File != "" {
		parts = append(parts, p.place(source))
	}
	if statement != nil {
		parts = append(parts, statementWords(*statement))
	}
	return strings.Join(parts, ", ")
}
