package logs

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/why403/why403/internal/render"
	"github.com/why403/why403/internal/replay"
)

// Text writes the report for people: so many groups of each section, 0 for all.
func (r *Report) Text(w io.Writer, limit int) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d records read, %s refused", r.Records, requests(r.Denied+r.disagreedDenials()))
	if r.WithEstate {
		fmt.Fprintf(&b, "; the estate decides %d records as AWS did, and %s otherwise", r.Agreed, requests(r.Disagreed))
	}
	b.WriteByte('\n')
	section(&b, "DENIED", r.Denials, limit)
	section(&b, "DISAGREEMENTS of the estate with AWS", r.Disagreements, limit)
	b.WriteByte('\n')
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "note  %s\n", n)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// disagreedDenials counts the requests of disagreements that AWS refused.
func (r *Report) disagreedDenials() (n int64) {
	for _, d := range r.Disagreements {
		if d.Example.Message != "" || d.Cause == nil || !strings.HasPrefix(d.Why, "AWS let it through") {
			n += d.Count
		}
	}
	return n
}

func requests(n int64) string {
	if n == 1 {
		return "1 request"
	}
	return strconv.FormatInt(n, 10) + " requests"
}

func section(b *strings.Builder, title string, list []*Denial, limit int) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", title)
	for i, d := range list {
		if limit > 0 && i == limit {
			fmt.Fprintf(b, "\n  … and %d more; --limit 0 shows all\n", len(list)-i)
			return
		}
		var one strings.Builder
		d.Text(&one)
		b.WriteString(cleanLines(one.String()))
	}
}

// cleanLines takes control characters out, which keys and user agents may hold.
func cleanLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = render.Clean(lines[i])
	}
	return strings.Join(lines, "\n")
}

// JSON writes the report as lines of JSON: one for each group, then one of type
// summary.
func (r *Report) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, list := range [][]*Denial{r.Denials, r.Disagreements} {
		for _, d := range list {
			if err := enc.Encode(d); err != nil {
				return err
			}
		}
	}
	return enc.Encode(struct {
		Type string `json:"type"`
		*Report
	}{"summary", r})
}

// CSV writes the groups as rows.
func (r *Report) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write(replay.Columns); err != nil {
		return err
	}
	for _, list := range [][]*Denial{r.Denials, r.Disagreements} {
		for _, d := range list {
			if err := out.Write(d.Row(d.Section)); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}
