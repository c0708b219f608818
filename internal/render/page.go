package render

import (
	"strings"

	"github.com/why403/why403/iam"
)

// labelWidth is the column at which the text behind a label begins.
const labelWidth = 10

// codeColumn is where reason codes begin at the latest, room permitting.
const codeColumn = 72

// A page gathers the lines of one report.
type page struct {
	Options
	strings.Builder
}

type style string

const (
	bold   style = "1"
	dim    style = "2"
	red    style = "1;31"
	green  style = "1;32"
	yellow style = "1;33"
	cyan   style = "36"
)

func (p *page) style(s style, text string) string {
	if !p.Color || text == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}

func (p *page) line(text string) {
	p.WriteString(strings.TrimRight(text, " "))
	p.WriteByte('\n')
}

func (p *page) blank() { p.WriteByte('\n') }

// row writes a label and the text behind it.
func (p *page) row(label, text string) {
	p.hang(pad(p.style(bold, label), labelWidth), text)
}

// more writes text below that of a row, further in by some columns.
func (p *page) more(indent int, text string) {
	p.hang(strings.Repeat(" ", labelWidth+indent), text)
}

// hang writes text behind a prefix, and its further lines below its first.
func (p *page) hang(prefix, text string) {
	column := visible(prefix)
	width := 0
	if p.Width > 0 {
		width = max(p.Width-column, minText)
	}
	for i, l := range wrap(text, width) {
		if i > 0 {
			prefix = strings.Repeat(" ", column)
		}
		p.line(prefix + l)
	}
}

// coded writes a row with a reason code at its right.
func (p *page) coded(label, text, code string) {
	code = clean(code)
	if code == "" {
		p.row(label, text)
		return
	}
	column := codeColumn
	if p.Width > 0 {
		column = min(column, p.Width-visible(code))
	}
	gap := max(2, column-labelWidth-visible(text))
	if p.Width > 0 && labelWidth+visible(text)+gap+visible(code) > p.Width {
		p.row(label, text+" "+p.style(cyan, code))
		return
	}
	p.line(pad(p.style(bold, label), labelWidth) + text + strings.Repeat(" ", gap) + p.style(cyan, code))
}

// table writes rows of cells below each other, with columns aligned. The last
// column takes the room that it needs.
func (p *page) table(indent int, rows [][]string) {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			if i < len(row)-1 {
				widths[i] = max(widths[i], visible(cell))
			}
		}
	}
	for _, row := range rows {
		prefix := strings.Repeat(" ", indent)
		for i, cell := range row[:len(row)-1] {
			prefix += pad(cell, widths[i]) + "  "
		}
		if p.Width > 0 && visible(prefix) > p.Width-minText {
			p.hang(strings.Repeat(" ", indent), strings.TrimLeft(prefix, " ")+row[len(row)-1])
			continue
		}
		p.hang(prefix, row[len(row)-1])
	}
}

func (p *page) verdict(v iam.Verdict) string {
	return p.style(verdictStyle(v), strings.ToUpper(v.String()))
}

func verdictStyle(v iam.Verdict) style {
	switch v {
	case iam.Allowed:
		return green
	case iam.Denied:
		return red
	}
	return yellow
}
