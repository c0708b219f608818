package render

import "io"

// A Row is a label, of nine letters at most, and the text behind it.
type Row struct{ Label, Text string }

// Rows writes rows below each other; one without label and text is an empty line.
func Rows(w io.Writer, rows []Row, o Options) error {
	p := &page{Options: o}
	for _, r := range rows {
		if r == (Row{}) {
			p.blank()
			continue
		}
		p.row(r.Label, clean(r.Text))
	}
	_, err := io.WriteString(w, p.String())
	return err
}
