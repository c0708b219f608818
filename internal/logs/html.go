package logs

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"
)

//go:embed report.html
var page string

var pageTemplate = template.Must(template.New("report").Funcs(template.FuncMap{"chart": chart, "gate": gateName, "colour": colour}).Parse(page))

// HTML writes the report as one page that needs nothing from elsewhere.
func (r *Report) HTML(w io.Writer) error {
	return pageTemplate.Execute(w, struct {
		*Report
		Denials, Disagreements []*Denial
		Gates                  []string
	}{r, r.Denials, r.Disagreements, r.gates()})
}

// gates lists the gates of the timeline.
func (r *Report) gates() []string {
	seen := map[string]bool{}
	for _, b := range r.Timeline {
		for gate := range b.Counts {
			seen[gate] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

func gateName(gate string) string {
	if gate == "" {
		return "no cause told"
	}
	return gate
}

// colours tell gates apart, also for those who see fewer colours.
var colours = []string{"#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#bbbbbb", "#332288", "#999933", "#882255"}

func colour(gates []string, gate string) string {
	return colours[max(slices.Index(gates, gate), 0)%len(colours)]
}

// The chart's size.
const (
	chartWidth  = 1000
	chartHeight = 200
)

// chart draws the timeline as stacked bars. All that it writes are numbers, times,
// and names of gates.
func chart(bars []Bar, gates []string) template.HTML {
	var most int64 = 1
	for _, b := range bars {
		most = max(most, total(b))
	}
	var s strings.Builder
	fmt.Fprintf(&s, `<svg viewBox="0 0 %d %d" role="img" aria-label="denials over time">`, chartWidth, chartHeight+30)
	width := float64(chartWidth) / float64(max(len(bars), 1))
	for i, b := range bars {
		y := float64(chartHeight)
		fmt.Fprintf(&s, `<g><title>%s: %d</title>`, template.HTMLEscapeString(b.Begin), total(b))
		for _, gate := range gates {
			if b.Counts[gate] == 0 {
				continue
			}
			h := float64(b.Counts[gate]) / float64(most) * (chartHeight - 12)
			y -= h
			fmt.Fprintf(&s, `<rect x="%.2f" y="%.2f" width="%.2f" height="%.2f" fill="%s"/>`, float64(i)*width, y, max(width-1, 0.5), h, colour(gates, gate))
		}
		s.WriteString(`</g>`)
	}
	fmt.Fprintf(&s, `<text x="0" y="10">%d</text>`, most)
	if len(bars) > 0 {
		fmt.Fprintf(&s, `<text x="0" y="%d">%s</text><text x="%d" y="%d" text-anchor="end">%s</text>`,
			chartHeight+20, template.HTMLEscapeString(bars[0].Begin), chartWidth, chartHeight+20, template.HTMLEscapeString(bars[len(bars)-1].Begin))
	}
	s.WriteString(`</svg>`)
	return template.HTML(s.String())
}

func total(b Bar) (n int64) {
	for _, c := range b.Counts {
		n += c
	}
	return n
}
