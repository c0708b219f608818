package render

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/report"
)

// cases writes what an unknown verdict would be.
func (p *page) cases(d *report.Decision) {
	var lines, denying, open []string
	for _, c := range d.Cases {
		switch {
		case c.Verdict == iam.Allowed && len(c.If) == 0:
			open = append(open, "allowed where nothing that is unknown denies it")
		case c.Verdict == iam.Allowed:
			open = append(open, "allowed where "+and(whats(c.If))+verb(c.If, " allows it", " allow it")+", and nothing that is unknown denies it")
		case len(c.If) == 0:
			lines = append(lines, "denied by "+gateWord(c.Gate)+" where none of them says anything")
		default:
			denying = append(denying, whats(c.If)...)
		}
	}
	if len(denying) == 1 {
		lines = append(lines, "denied where "+denying[0]+" denies it")
	} else if len(denying) > 1 {
		lines = append(lines, "denied where any of these denies it: "+strings.Join(denying, ", "))
	}
	p.list("would be", append(open, lines...))
}

func gateWord(g *iam.Gate) string {
	if g == nil {
		return "a gate"
	}
	return g.String()
}

func whats(list []report.Answer) []string {
	var out []string
	for _, a := range list {
		out = append(out, clean(a.What))
	}
	return out
}

// and joins as a sentence does.
func and(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

func verb(list []report.Answer, one, many string) string {
	if len(list) == 1 {
		return one
	}
	return many
}

// evidence writes what AWS itself answered.
func (p *page) evidence(e *report.Evidence) {
	if e == nil {
		return
	}
	p.blank()
	text := fmt.Sprint(e.Status)
	for _, more := range []string{e.Code, e.Message} {
		if more != "" && !strings.Contains(text, more) {
			text += " " + clean(more)
		}
	}
	p.row("AWS said", text)
	if e.Policy != "" {
		p.more(0, "it names the policy "+clean(e.Policy))
	}
	if e.Settles {
		p.more(0, "which settles what could not be read")
	}
	if e.Contradiction != "" {
		p.row("but", "CONTRADICTION: "+clean(e.Contradiction))
	}
}

// refusal is how a collector writes AWS's refusal: code, message, permission.
var refusal = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9.]*)(?::.*)? \(([^()]*[a-z0-9-]+:[A-Za-z]+[^()]*)\)$`)

// brief is why something is unknown without AWS's long sentence, and what would tell.
// The sentence is in the JSON.
func brief(why, need string) (string, string) {
	if m := refusal.FindStringSubmatch(why); m != nil {
		return m[1], m[2] // the permission of the call that was refused
	}
	return why, need
}

// Unread lists unknown things by what would have told them, the commonest first: the
// code of AWS's refusal, the permission, and the first few things.
func Unread(list []report.Unknown) []string {
	type group struct {
		head  string
		whats []string
	}
	var groups []*group
	for _, u := range list {
		why, need := brief(u.Why, u.Need)
		head := why
		if need != "" {
			head = need + " (" + why + ")"
		}
		i := slices.IndexFunc(groups, func(g *group) bool { return g.head == head })
		if i < 0 {
			i, groups = len(groups), append(groups, &group{head: head})
		}
		groups[i].whats = append(groups[i].whats, u.What)
	}
	slices.SortStableFunc(groups, func(a, b *group) int { return len(b.whats) - len(a.whats) })
	var out []string
	for _, g := range groups {
		line := g.head + ": " + strings.Join(g.whats[:min(len(g.whats), fewUnread)], ", ")
		if more := len(g.whats) - fewUnread; more > 0 {
			line += fmt.Sprintf(" and %d more", more)
		}
		out = append(out, clean(line))
	}
	return out
}

// fewUnread is how many things of one reason are named.
const fewUnread = 3
