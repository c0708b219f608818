package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/report"
)

// AccessWords says what an access comes to: "yes", "no", "if it comes through
// vpce-1a2b3c4d", "not known: …".
func AccessWords(a *report.Access) string {
	switch {
	case a.Verdict == iam.Allowed:
		return "yes"
	case a.Verdict == iam.Denied:
		return "no"
	case len(a.Unless) > 0:
		return "unless " + alternatives(single(a.Unless), "or ")
	case len(a.If) > 0:
		text := "if " + alternatives(a.If, "or if ")
		if a.Partial {
			text += ", or in circumstances that were not tried: it hangs on " + strings.Join(a.Hangs, ", ")
		}
		return text
	case len(a.Unknown) > 0:
		u := a.Unknown[0]
		text := "not known: " + u.What + ": " + u.Why
		if n := len(a.Unknown) - 1; n > 0 {
			text += fmt.Sprintf(" (and %d more)", n)
		}
		return text
	}
	return "not known: it hangs on " + strings.Join(a.Hangs, ", ") + ", and is refused in all that was tried"
}

// WhoWords is AccessWords with the way.
func WhoWords(w *report.Who) string {
	if w.AccessPoint == "" {
		return AccessWords(&w.Access)
	}
	return AccessWords(&w.Access) + ", through access point " + w.AccessPoint
}

func single(list []report.Condition) [][]report.Condition {
	out := make([][]report.Condition, len(list))
	for i, c := range list {
		out[i] = []report.Condition{c}
	}
	return out
}

func alternatives(list [][]report.Condition, or string) string {
	texts := make([]string, len(list))
	for i, all := range list {
		parts := make([]string, len(all))
		for j, c := range all {
			parts[j] = c.Text
		}
		texts[i] = strings.Join(parts, " and ")
	}
	return strings.Join(texts, ", "+or)
}

// Places says on what access is given: "s3://reports/data/*", "all of bucket
// reports" where keys are not in question.
func Places(buckets []string, accessPoint string, keys []string) string {
	name := strings.Join(buckets, ", ")
	switch {
	case len(buckets) == 0:
		return "the account"
	case len(buckets) > 3:
		name = fmt.Sprintf("%d buckets (%s, …)", len(buckets), strings.Join(buckets[:2], ", "))
	}
	if accessPoint != "" {
		name = accessPoint
	}
	if keys == nil {
		return name
	}
	if len(buckets) == 1 && accessPoint == "" {
		return "s3://" + name + "/" + strings.Join(keys, ", ")
	}
	return name + "/" + strings.Join(keys, ", ")
}

// Table writes rows under a header, with columns as wide as their longest text.
// The last column takes the rest of the line, and is wrapped.
func Table(w io.Writer, header []string, rows [][]string, o Options) error {
	widths := make([]int, len(header))
	for _, row := range append([][]string{header}, rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], visible(clean(cell)))
		}
	}
	p := &page{Options: o}
	for n, row := range append([][]string{header}, rows...) {
		prefix := ""
		for i, cell := range row[:len(row)-1] {
			prefix += pad(clean(cell), widths[i]) + "  "
		}
		last := clean(row[len(row)-1])
		if n == 0 {
			prefix, last = p.style(bold, prefix), p.style(bold, last)
		}
		p.hang(prefix, last)
	}
	_, err := io.WriteString(w, p.String())
	return err
}
