package explain

import (
	"fmt"

	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/policy"
	"github.com/why403/why403/report"
)

// notes says what surprises people about a Deny that matched: a negated operator
// on a key that the request does not carry, and whom NotPrincipal spares.
func (w *writer) notes(st *policy.Statement, compare []report.Comparison, check int) []report.Note {
	var notes []report.Note
	add := func(code reason.Code, format string, args ...any) {
		notes = append(notes, report.Note{Reason: string(code), Summary: fmt.Sprintf(format, args...)})
	}
	ctx := w.contextOf(check)
	for _, c := range compare {
		compiled, err := condition.Compile(c.Operator, c.Key, c.Policy, true)
		if err == nil && compiled.Negated() && ctx.Lookup(compiled.Key).State == condition.Absent {
			add(reason.NegatedOnAbsentKey, "%s is true for a request that does not carry %s at all; where such requests are to pass, add \"Null\": {%q: \"false\"}", c.Operator, c.Key, c.Key)
		}
	}
	if !st.NotPrincipal || st.Effect != policy.Deny {
		return notes
	}
	caller := &w.facts.Caller
	if caller.HasBoundary {
		add(reason.NotPrincipalWithBoundary, "a Deny with NotPrincipal reaches every caller that has a permissions boundary, whatever it lists; use Principal \"*\" with ArnNotEquals aws:PrincipalArn")
		return notes
	}
	if listed := caller.Listed(st); listed != 0 {
		add(reason.NotPrincipalIncomplete, "NotPrincipal names the caller in part; to spare a user it must list the account and the user, to spare a session the account, the role and the session")
	}
	return notes
}
