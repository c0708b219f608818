package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/iamdata"
)

// actions finds actions that do not exist, and those that this kind of policy
// is never asked about.
func (l *linter) actions() {
	for _, a := range l.statement.Actions {
		service, name, ok := strings.Cut(a.Text, ":")
		switch {
		case a.Text == "*" || a.Text == "*:*":
		case !ok:
			l.add("no-such-action", a.Pos, "%q has no service prefix, so it is no action; write it as in \"s3:GetObject\"", a.Text).Suggest = prefixed(a.Text)
		case strings.ContainsAny(service, "*?"):
			l.add("no-such-action", a.Pos, "%q has a wildcard in the service prefix, where none is allowed; write each service out", a.Text)
		case strings.ContainsAny(name, "*?"):
			l.actionPattern(a, service)
		case !iamdata.KnownAction(a.Text):
			l.unknownAction(a, service)
		default:
			l.foreignAction(a, service)
		}
	}
}

// prefixed returns the S3 action of that name, for one written without prefix.
func prefixed(name string) string {
	if id, ok := iamdata.ActionID("s3:" + name); ok {
		return iamdata.ActionByID(id).Name
	}
	return ""
}

func (l *linter) unknownAction(a Value, service string) {
	if instead, note, ok := iamdata.WrongAction(a.Text); ok {
		msg := fmt.Sprintf("%s is not an action; write %s", a.Text, strings.Join(instead, " and "))
		if note != "" {
			msg += " (" + note + ")"
		}
		l.add("no-such-action", a.Pos, "%s", msg).Suggest = instead[0]
		return
	}
	if meant, ok := iamdata.SimilarAction(a.Text); ok {
		l.add("no-such-action", a.Pos, "%s is not an action; %s is", a.Text, meant).Suggest = meant
		return
	}
	if iamdata.Actions(strings.ToLower(service)) == nil {
		l.hint("no-such-action", a.Pos, "no service has the prefix %q, so %s is no action", service, a.Text)
		return
	}
	l.hint("no-such-action", a.Pos, "%s is not an action of %s as of %s", a.Text, service, iamdata.ServiceDataDate)
}

func (l *linter) actionPattern(a Value, service string) {
	names := iamdata.Actions(strings.ToLower(service))
	if names == nil {
		l.hint("no-such-action", a.Pos, "no service has the prefix %q, so %s names no action", service, a.Text)
		return
	}
	p := compileAction(strings.ToLower(a.Text))
	if !slices.ContainsFunc(names, func(n string) bool { return p.match(strings.ToLower(n)) }) {
		l.hint("no-such-action", a.Pos, "%s matches no action of %s as of %s", a.Text, service, iamdata.ServiceDataDate)
		return
	}
	l.foreignAction(a, service)
}

// kindServices are the services whose actions a resource-based policy is asked
// about.
var kindServices = map[Kind]string{BucketPolicy: "s3", AccessPointPolicy: "s3", KeyPolicy: "kms", TrustPolicy: "sts"}

func (l *linter) foreignAction(a Value, service string) {
	want, ok := kindServices[l.kind]
	if ok && !strings.EqualFold(service, want) {
		l.add("action-of-another-service", a.Pos, "a %s is asked about %s actions only, so %s has no effect here", l.kind, want, a.Text)
	}
}

// detailed returns the actions with full detail that a value of an Action
// element names, and whether these are all that it names.
func detailed(text string) (ids []int, all bool) {
	if id, ok := iamdata.ActionID(text); ok {
		return []int{id}, true
	}
	set := newActionSet([]Value{{Text: text}}, false)
	for id := range iamdata.NumActions {
		if set.known[id/64]&(1<<(id%64)) != 0 {
			ids = append(ids, id)
		}
	}
	service, _, _ := strings.Cut(text, ":")
	return ids, len(ids) > 0 && service != "*"
}

// covers reports whether every action that the pattern b names is surely one
// that a names.
func coversAction(a, b string) bool {
	a, b = strings.ToLower(a), strings.ToLower(b)
	if a == "*" || a == "*:*" || a == b {
		return true
	}
	return coversText(a, b)
}

// coversText reports whether a pattern matches all that another one matches: it
// reads the other's wildcards as characters that only a "*" takes in.
func coversText(a, b string) bool {
	pattern, err := condition.Dialect{Wildcards: true}.Compile(a)
	return err == nil && (a == b || pattern.Match(strings.ReplaceAll(b, "?", "*"), nil) == condition.True && !swallows(a, b))
}

// swallows reports whether the "?" of a pattern might stand for a wildcard of
// the other, which would be no proof.
func swallows(a, b string) bool { return strings.Contains(a, "?") && strings.ContainsAny(b, "*?") }
