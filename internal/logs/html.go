package logs

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/why403/why403/internal/ingest/keypattern"
)

//go:embed report.html
var page string

var pageTemplate = template.Must(template.New("report").Funcs(template.FuncMap{"chart": chart, "gate": gateName, "colour": colour, "first": firstKeys, "rest": restKeys, "short": short}).Parse(page))

// HTML writes the report as one page that needs nothing from elsewhere.
func (r *Report) HTML(w io.Writer) error {
	return pageTemplate.Execute(w, struct {
		*Report
		Denials, Disagreements []*Denial
		Gates                  []string
		Most                   int64 // of one bar
		Span                   string
		Ticks                  []string
	}{r, r.Denials, r.Disagreements, r.gates(), most(r.Timeline), spanText(r.span), r.ticks()})
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

// colours tell gates apart, also for those who see fewer colours, on light and on dark
// pages.
var colours = []string{"#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#999999", "#7b6cd9", "#999933", "#b5547a"}

func colour(gates []string, gate string) string {
	return colours[max(slices.Index(gates, gate), 0)%len(colours)]
}

// shownKeys is how many patterns of keys stand open.
const shownKeys = 3

func firstKeys(keys []keypattern.Pattern) []keypattern.Pattern {
	return keys[:min(len(keys), shownKeys)]
}

func restKeys(keys []keypattern.Pattern) []keypattern.Pattern { return keys[len(firstKeys(keys)):] }

// short writes a time of a report as people read it.
func short(at string) string {
	return strings.TrimSuffix(strings.Replace(at, "T", " ", 1), "Z")
}

// maxTicks is how many times stand below the chart.
const maxTicks = 5

// ticks are times below the chart at even distances, the last that of its end.
func (r *Report) ticks() []string {
	if len(r.Timeline) == 0 {
		return nil
	}
	first, length := r.Timeline[0].begin, time.Duration(len(r.Timeline))*r.span
	n := min(len(r.Timeline), maxTicks-1)
	var out []string
	for i := range n + 1 {
		at := first.Add(length * time.Duration(i) / time.Duration(n)).Truncate(time.Minute)
		out = append(out, at.Format("2006-01-02 15:04"))
	}
	return out
}

func spanText(span time.Duration) string {
	hours := int(span.Hours())
	switch {
	case hours == 1:
		return "an hour"
	case hours == 24:
		return "a day"
	case hours%24 == 0:
		return fmt.Sprintf("%d days", hours/24)
	}
	return fmt.Sprintf("%d hours", hours)
}

// The chart's size, in units of its own; the page stretches it.
const (
	chartWidth  = 1000
	chartHeight = 200
)

// chart draws the timeline as stacked bars. All that it writes are numbers, times,
// and names of gates.
func chart(bars []Bar, gates []string) template.HTML {
	top := max(most(bars), 1)
	var s strings.Builder
	fmt.Fprintf(&s, `<svg viewBox="0 0 %d %d" preserveAspectRatio="none" role="img" aria-label="refused requests over time, by gate">`, chartWidth, chartHeight)
	width := float64(chartWidth) / float64(max(len(bars), 1))
	for i, b := range bars {
		y := float64(chartHeight)
		fmt.Fprintf(&s, `<g><title>%s</title>`, template.HTMLEscapeString(b.told(gates)))
		for _, gate := range gates {
			if b.Counts[gate] == 0 {
				continue
			}
			h := float64(b.Counts[gate]) / float64(top) * chartHeight
			y -= h
			fmt.Fprintf(&s, `<rect x="%.2f" y="%.2f" width="%.2f" height="%.2f" fill="%s"/>`, float64(i)*width, y, max(width-1, 0.5), h, colour(gates, gate))
		}
		s.WriteString(`</g>`)
	}
	s.WriteString(`</svg>`)
	return template.HTML(s.String())
}

// told is a bar in words.
func (b *Bar) told(gates []string) string {
	text := fmt.Sprintf("from %s: %d", short(b.Begin), total(*b))
	for _, gate := range gates {
		if n := b.Counts[gate]; n > 0 {
			text += fmt.Sprintf(", %s %d", gateName(gate), n)
		}
	}
	return text
}

func most(bars []Bar) (n int64) {
	for _, b := range bars {
		n = max(n, total(b))
	}
	return n
}

func total(b Bar) (n int64) {
	for _, c := range b.Counts {
		n += c
	}
	return n
}
