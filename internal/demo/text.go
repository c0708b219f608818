package demo

import (
	"fmt"
	"io"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/render"
)

// Text writes a result as a person reads it: what people run into, and for each
// attempt the request, S3's answer, and the explanation of a denial.
func Text(w io.Writer, r *Result, o render.Options) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s: %s\n%s\n", strings.Repeat("=", ruleWidth), paint(o, bold, r.Name), r.Title, r.Story)
	for i := range r.Attempts {
		if err := r.Attempts[i].text(&b, o); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

const ruleWidth = 72

const (
	bold  = "1"
	red   = "1;31"
	green = "1;32"
)

// paint colours a text where Options ask for it.
func paint(o render.Options, style, text string) string {
	if !o.Color {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

func (a *Outcome) text(b *strings.Builder, o render.Options) error {
	fmt.Fprintf(b, "\n%s\n", a.Says)
	for _, e := range a.Before {
		e.text(b, "first")
	}
	if a.Exchange != nil {
		a.Exchange.text(b, "request")
		fmt.Fprintf(b, "  answer   %s\n", render.Clean(a.Exchange.answer()))
	}
	if a.Decision != nil && a.Decision.Verdict != iam.Allowed {
		short := *a.Decision
		if a.Exchange.Message == short.Message {
			short.Message = "" // said above
		}
		b.WriteString("\n")
		if err := render.Text(b, &short, nil, o); err != nil {
			return err
		}
	}
	a.verdict(b, o)
	return nil
}

func (a *Outcome) verdict(b *strings.Builder, o render.Options) {
	switch {
	case a.Missed != "":
		fmt.Fprintf(b, "\n%s: %s\n", paint(o, red, "NOT AS EXPECTED"), render.Clean(a.Missed))
	case a.Want.Cause != nil:
		fmt.Fprintf(b, "\n%s: %s\n", paint(o, green, "as expected"), a.Want.Cause)
	}
}

func (e *Exchange) text(b *strings.Builder, label string) {
	fmt.Fprintf(b, "  %-8s %s %s", label, e.Method, render.Clean(e.URL))
	if label == "first" {
		fmt.Fprintf(b, "  (%s: %s)", e.Service, e.answer())
	}
	b.WriteByte('\n')
	if e.Signed != "" && label != "first" {
		fmt.Fprintf(b, "  %-8s %s\n", "signed", render.Clean(e.Signed))
	}
	for _, h := range e.Headers {
		fmt.Fprintf(b, "  %-8s %s: %s\n", "", render.Clean(h.Name), render.Clean(h.Value))
	}
}

// answer is the status, and the error of an answer that has one.
func (e *Exchange) answer() string {
	text := fmt.Sprint(e.Status)
	if e.Code != "" {
		text += " " + e.Code
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.Code == "" && e.Status >= 300 {
		text += " (no body, as for every HEAD)"
	}
	return text
}

// Summary says how many scenarios were as expected, and names those that were
// not.
func Summary(results []*Result) string {
	var missed []string
	for _, r := range results {
		if !r.Met {
			missed = append(missed, r.Name)
		}
	}
	noun := "scenarios"
	if len(results) == 1 {
		noun = "scenario"
	}
	if len(missed) == 0 {
		return fmt.Sprintf("%d %s, every request decided as expected", len(results), noun)
	}
	return fmt.Sprintf("%d %s, %d not as expected: %s", len(results), noun, len(missed), strings.Join(missed, ", "))
}
