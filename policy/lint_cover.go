package policy

import (
	"slices"
	"strings"
)

// unreachable finds an Allow all of which an unconditional Deny of the same
// document takes away. It reports what can be proved from the texts alone.
func (l *linter) unreachable() {
	allow := l.statement
	if allow.Effect != Allow {
		return
	}
	for i := range l.doc.Statements {
		deny := &l.doc.Statements[i]
		if deny.Effect == Deny && len(deny.Conditions) == 0 && coversPrincipals(deny, allow) && coversActions(deny, allow) && coversResources(deny, allow, l.doc.Variables()) {
			name := ""
			if deny.Sid != "" {
				name = " (\"" + deny.Sid + "\")"
			}
			l.add("unreachable-allow", allow.Pos, "the Deny of statement %d%s has no condition and covers all that this allows, so it allows nothing; narrow the Deny or remove the Allow", deny.Index, name)
			return
		}
	}
}

func coversPrincipals(deny, allow *Statement) bool {
	if !deny.HasPrincipal {
		return true
	}
	if deny.NotPrincipal {
		return false
	}
	for _, p := range deny.Principals {
		if p.Text == "*" {
			return true
		}
	}
	if allow.NotPrincipal || !allow.HasPrincipal {
		return false
	}
	return !slices.ContainsFunc(allow.Principals, func(a PrincipalValue) bool {
		return !slices.ContainsFunc(deny.Principals, func(d PrincipalValue) bool { return d.Type == a.Type && d.Text == a.Text })
	})
}

func coversActions(deny, allow *Statement) bool {
	if allow.NotAction {
		return !deny.NotAction && slices.ContainsFunc(deny.Actions, func(d Value) bool { return d.Text == "*" })
	}
	for _, a := range allow.Actions {
		covered := slices.ContainsFunc(deny.Actions, func(d Value) bool { return coversAction(d.Text, a.Text) })
		if deny.NotAction {
			low := patternTokens(strings.ToLower(a.Text), false)
			covered = !slices.ContainsFunc(deny.Actions, func(d Value) bool { return meet(patternTokens(strings.ToLower(d.Text), false), low) })
		}
		if !covered {
			return false
		}
	}
	return len(allow.Actions) > 0
}

func coversResources(deny, allow *Statement, variables bool) bool {
	switch {
	case len(deny.Resources) == 0 || len(allow.Resources) == 0:
		return len(deny.Resources) == len(allow.Resources)
	case allow.NotResource:
		return !deny.NotResource && slices.ContainsFunc(deny.Resources, func(d Value) bool { return d.Text == "*" })
	}
	for _, a := range allow.Resources {
		covered := slices.ContainsFunc(deny.Resources, func(d Value) bool { return coversResource(d.Text, a.Text) })
		if deny.NotResource {
			low := patternTokens(a.Text, variables)
			covered = !slices.ContainsFunc(deny.Resources, func(d Value) bool { return meet(patternTokens(d.Text, variables), low) })
		}
		if !covered {
			return false
		}
	}
	return true
}

// coversResource is coversText for Resource values, but for patterns whose
// wildcards stop at colons.
func coversResource(a, b string) bool {
	if a == "*" || a == b {
		return true
	}
	parts := strings.SplitN(a, ":", 6)
	if len(parts) < 6 || strings.ContainsAny(strings.Join(parts[:5], ""), "*?") || strings.Contains(a, "${") {
		return false
	}
	return coversText(a, b)
}
