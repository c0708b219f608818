package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/gather"
	"github.com/why403/why403/policy"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// maxLayers bounds the layers of which every choice is tried.
const maxLayers = 8

// Cases says what an unknown verdict would be, by what the policies and settings say
// that were not read. Each case is decided by the engine. That a policy denies is
// decided with all the rest left unknown, so that it holds whatever that says; that
// some allow, with the rest saying nothing. It is nil for a verdict that is known.
func Cases(g *gather.Gatherer, r *request.Request) ([]report.Case, error) {
	facts, err := g.Facts(r)
	if err != nil {
		return nil, err
	}
	d := decide.Decide(facts)
	if d.Verdict != iam.Unknown {
		return nil, nil
	}
	l := layersOf(facts)
	l.list = slices.DeleteFunc(l.list, func(a layer) bool {
		return !slices.ContainsFunc(d.Unknown, func(u decide.Unknown) bool {
			return u.What == a.what || u.Gate == a.gate && a.gate == iam.GateVPCEndpoint // of which is told whether a request comes through it
		})
	})
	if len(l.list) == 0 {
		return nil, nil
	}
	return append(append(l.denied(), l.allowed()...), l.silent()...), nil
}

// denied are the cases in which one layer denies.
func (l *layers) denied() []report.Case {
	var list []report.Case
	for _, a := range l.list {
		if a.only != nil && !slices.Contains(a.only, denies) {
			continue
		}
		if d := l.decide(map[string]says{a.what: denies}); d.Verdict == iam.Denied {
			list = append(list, caseOf(d, a.says("denies")))
		}
	}
	return list
}

// allowed are the smallest choices of layers that have to allow.
func (l *layers) allowed() []report.Case {
	var list []report.Case
	var found []uint
	n := min(len(l.list), maxLayers)
	for size := range n + 1 {
		for set := range uint(1) << n {
			if ones(set) != size || slices.ContainsFunc(found, func(smaller uint) bool { return set&smaller == smaller }) {
				continue
			}
			given, answers := l.allow(set)
			if given == nil {
				continue
			}
			if d := l.decide(given); d.Verdict == iam.Allowed {
				found, list = append(found, set), append(list, caseOf(d, answers...))
			}
		}
	}
	return list
}

// allow lets the layers of a set allow, and those beyond the bound; the rest says
// nothing. It is nil where one of the set cannot allow.
func (l *layers) allow(set uint) (map[string]says, []report.Answer) {
	given := map[string]says{}
	var answers []report.Answer
	for i, a := range l.list {
		given[a.what] = nothing
		beyond := i >= maxLayers
		if !beyond && set&(1<<i) == 0 || beyond && a.only != nil && !slices.Contains(a.only, allows) {
			continue
		}
		if a.only != nil && !slices.Contains(a.only, allows) {
			return nil, nil
		}
		given[a.what] = allows
		answers = append(answers, a.says("allows"))
	}
	return given, answers
}

func ones(set uint) int {
	n := 0
	for ; set > 0; set &= set - 1 {
		n++
	}
	return n
}

// silent is the case in which no layer says anything.
func (l *layers) silent() []report.Case {
	given := map[string]says{}
	for _, a := range l.list {
		given[a.what] = nothing
	}
	d := l.decide(given)
	if d.Verdict != iam.Denied {
		return nil
	}
	return []report.Case{caseOf(d)}
}

func (a *layer) says(what string) report.Answer {
	return report.Answer{Gate: a.gate, What: a.what, Says: what}
}

func caseOf(d *decide.Decision, answers ...report.Answer) report.Case {
	c := report.Case{If: append([]report.Answer{}, answers...), Verdict: d.Verdict}
	if len(d.Refusals) > 0 {
		gate := d.Refusals[0].Gate
		c.Gate, c.Reason = &gate, string(d.Refusals[0].Reason)
	}
	return c
}

// stated is a policy in the place of one that was not read.
func stated(what string, s says, text func(effect string) string) policy.Named {
	effect := "Allow"
	if s == denies {
		effect = "Deny"
	}
	doc, err := policy.Parse(what, []byte(text(effect)))
	if err != nil {
		panic("explain: " + err.Error()) // the texts below are right
	}
	return policy.Named{Name: what, Document: doc}
}

const statementText = `{"Version": "2012-10-17", "Statement": [{"Effect": %q, %s"Action": "*", "Resource": "*"}]}`

func identityText(effect string) string { return fmt.Sprintf(statementText, effect, "") }
func everyoneText(effect string) string {
	return fmt.Sprintf(statementText, effect, `"Principal": "*", `)
}

// levelText is for service and resource control policies alike.
func levelText(effect string) string { return fmt.Sprintf(statementText, effect, "") }

// resourceText names the caller: the user, or the role of a session, or everyone where
// the caller is anonymous or has no ARN to be named by.
func (l *layers) resourceText() func(string) string {
	c := l.facts.Caller
	arn := c.ARN()
	switch {
	case c.Kind == iam.RoleSession && c.RoleARN != "":
		arn = c.RoleARN
	case c.Kind == iam.User && c.UserARN != "":
		arn = c.UserARN
	case c.Kind == iam.ServicePrincipal || c.Kind == iam.Anonymous || !strings.HasPrefix(arn, "arn:"):
		return everyoneText
	}
	return func(effect string) string {
		return fmt.Sprintf(statementText, effect, fmt.Sprintf(`"Principal": {"AWS": %q}, `, arn))
	}
}
