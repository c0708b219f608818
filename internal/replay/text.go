package replay

import (
	"fmt"
	"io"
	"strings"
)

// Text writes the report for people. What contradicts the estate as it is comes as
// a count, or as a list where it is asked for.
func (r *Report) Text(w io.Writer, contradicted bool) error {
	var b strings.Builder
	section(&b, "NEWLY DENIED", "worked, and would be refused", r.NewlyDenied)
	section(&b, "NEWLY ALLOWED", "were refused, and would work", r.NewlyAllowed)
	section(&b, "CANNOT TELL", "hang on what the estate or the log does not hold", r.CannotTell)
	if contradicted {
		section(&b, "CONTRADICTED", "the estate as it is says otherwise than AWS did: something has changed since, or was not collected", r.Contradicted)
	} else if len(r.Contradicted) > 0 {
		fmt.Fprintf(&b, "\n%s are decided otherwise by the estate as it is than by AWS, and left out; --contradicted lists them\n", requests(Requests(r.Contradicted)))
	}
	for _, l := range r.Lockouts {
		l.text(&b)
	}
	if len(r.NewlyDenied)+len(r.NewlyAllowed)+len(r.CannotTell)+len(r.Lockouts) == 0 {
		b.WriteString("\nnothing would change\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func requests(n int64) string {
	if n == 1 {
		return "1 request"
	}
	return fmt.Sprintf("%d requests", n)
}

func section(b *strings.Builder, title, what string, list []*Group) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s  %s: %s\n", title, requests(Requests(list)), what)
	for _, g := range list {
		g.Text(b)
	}
}

// Text writes a group.
func (g *Group) Text(b *strings.Builder) {
	where := ""
	if g.Bucket != "" {
		where = " on " + g.Bucket
	}
	fmt.Fprintf(b, "\n  %7d  %s%s by %s\n", g.Count, g.Operation, where, g.Principal)
	if g.Cause != nil {
		fmt.Fprintf(b, "           %s  %s\n", g.Cause.Summary, g.Cause.Reason)
	}
	if g.Why != "" {
		fmt.Fprintf(b, "           %s\n", g.Why)
	}
	for i, p := range g.Keys {
		if i == 3 && len(g.Keys) > 4 {
			fmt.Fprintf(b, "           keys  … and %d more patterns\n", len(g.Keys)-i)
			break
		}
		fmt.Fprintf(b, "           keys  %s  (%d)\n", p.Text, p.Count)
	}
	span := g.FirstText + " to " + g.LastText + ", "
	if g.FirstText == "" {
		span = ""
	}
	fmt.Fprintf(b, "           %sfor example %s\n", span, g.Example.id())
}

func (e *Example) id() string {
	switch {
	case e.EventID != "" && e.RequestID != "":
		return "request " + e.RequestID + ", event " + e.EventID
	case e.EventID != "":
		return "event " + e.EventID
	}
	return "request " + e.RequestID
}

func (l *Lockout) text(b *strings.Builder) {
	if l.Kept == 0 {
		fmt.Fprintf(b, "\nwarning: nobody but the root user could set the policy of bucket %s any more; now %s can\n", l.Bucket, some(l.Lost))
		return
	}
	fmt.Fprintf(b, "\nwarning: %s could not set the policy of bucket %s any more; %d others still could\n", some(l.Lost), l.Bucket, l.Kept)
}

func some(list []string) string {
	if len(list) > 3 {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:3], ", "), len(list)-3)
	}
	return strings.Join(list, ", ")
}
