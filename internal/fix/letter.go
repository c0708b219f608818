package fix

import (
	"fmt"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
)

// opening says what the request is, and why it is refused.
func (p *Plan) opening(account iam.AccountID) string {
	c := p.start.mainCheck()
	what := p.start.request.Operation
	if what == "" {
		what = p.start.request.Action
	}
	to := "To whom makes the request"
	if account != "" {
		to = "For the administrator of account " + string(account)
	}
	text := to + ":\n\n" + who(p.start) + " wants " + what
	if c != nil {
		text += " on " + c.Resource
	}
	d := p.start.decision
	return text + fmt.Sprintf(", and is refused: %d %s.\nPlease:\n", d.Status, d.Code)
}

// paragraph asks for one step.
func (p *Plan) paragraph(st *step) string {
	text := "\n- " + st.title + "."
	if st.note != "" {
		text += " Note: " + st.note + "."
	}
	text += "\n"
	for line := range strings.Lines(p.commands(st)) {
		text += "\n    " + strings.TrimRight(line, "\n") + "\n"
	}
	return text
}

// closing says what was proved, and who else is let in.
func (p *Plan) closing() string {
	text := "\nWith all steps of the plan made"
	if n := len(p.accounts()); n > 1 {
		text += fmt.Sprintf(" (they are for %d parties)", n)
	}
	switch {
	case !p.Verified:
		text += ", whether the request is allowed is not known: something could not be read.\n"
	default:
		text += ", the request is allowed: it was decided again.\n"
	}
	if to := p.opens(); len(to) > 0 {
		text += "This opens something to " + strings.Join(to, " and to ") + ".\n"
	}
	switch {
	case p.Widens.Public:
		return text
	case p.Widens.Principals > 0:
		return text + fmt.Sprintf("It also lets in: %s.\n", strings.Join(p.Widens.Who, ", "))
	}
	return text + "It lets in nobody else.\n"
}

func (p *Plan) accounts() map[iam.AccountID]bool {
	m := map[iam.AccountID]bool{}
	for _, st := range p.steps {
		m[st.place.account] = true
	}
	return m
}

func blockArguments(b estate.PublicAccessBlock, first ...string) []string {
	flag := map[bool]string{true: "true", false: "false"}
	return append(first, "block_public_acls", flag[b.BlockPublicAcls], "ignore_public_acls", flag[b.IgnorePublicAcls], "block_public_policy", flag[b.BlockPublicPolicy], "restrict_public_buckets", flag[b.RestrictPublicBuckets])
}
