package render

import (
	"strings"

	"github.com/why403/why403/report"
)

// compare sets policy against request, one condition a line.
func (p *page) compare(indent int, list []report.Comparison) {
	if len(list) == 0 {
		return
	}
	rows := make([][]string, len(list))
	for i, c := range list {
		rows[i] = []string{clean(c.Operator + " " + c.Key), "policy: " + values(c.Policy, p.All), "request: " + p.matched(c)}
	}
	if p.fits(labelWidth+indent, rows) {
		p.table(labelWidth+indent, rows)
		return
	}
	for _, row := range rows {
		p.more(indent, row[0])
		p.more(indent+2, row[1])
		p.more(indent+2, row[2])
	}
}

// fits reports whether a table has room on the terminal.
func (p *page) fits(indent int, rows [][]string) bool {
	if p.Width <= 0 {
		return true
	}
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], visible(cell)+2)
		}
	}
	for _, w := range widths {
		indent += w
	}
	return indent-2 <= p.Width
}

func (p *page) matched(c report.Comparison) string {
	text := clean(c.Request)
	switch c.Matched {
	case "true":
		return text + p.style(dim, "  (matches)")
	case "false":
		return p.style(bold, text) + p.style(dim, "  (does not match)")
	}
	return p.style(yellow, text)
}

// fewValues is how many of a condition's values are shown.
const fewValues = 4

func values(list []string, all bool) string {
	var shown []string
	for i, v := range list {
		if i == fewValues && !all && len(list) > fewValues+1 {
			shown = append(shown, "…")
			break
		}
		if v == "" {
			v = `""`
		}
		shown = append(shown, clean(v))
	}
	return strings.Join(shown, ", ")
}
