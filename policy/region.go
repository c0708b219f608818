package policy

import (
	"strings"

	"github.com/why403/why403/internal/condition"
)

// keyEncryptionContextARN is the one condition key that tells the object of a
// request where the resource is something else, a KMS key.
var keyEncryptionContextARN = condition.Intern("kms:EncryptionContext:aws:s3:arn")

// Residuals returns what the statements that speak of an action, and may reach
// the caller, name behind a prefix of resources: their answers about resources
// with that prefix differ only as what follows matches one or another of these
// patterns.
func (s *Set) Residuals(a Action, prefix string, ctx *condition.Context) []condition.Pattern {
	var list []condition.Pattern
	for i := range s.entries {
		e := &s.entries[i]
		if e.sure|e.maybe == 0 || !e.statement.actions.has(a) {
			continue
		}
		for j := range e.statement.resources {
			list = append(list, e.statement.resources[j].Residuals(prefix, ctx)...)
		}
	}
	return list
}

// ContextResiduals is Residuals for the object that the encryption context of a
// KMS key's use names.
func (s *Set) ContextResiduals(a Action, prefix string, ctx *condition.Context) []condition.Pattern {
	var list []condition.Pattern
	for i := range s.entries {
		e := &s.entries[i]
		if e.sure|e.maybe == 0 || !e.statement.actions.has(a) {
			continue
		}
		for j := range e.statement.source.Conditions {
			if c := &e.statement.source.Conditions[j]; condition.Intern(c.Key) == keyEncryptionContextARN {
				list = append(list, valueResiduals(c, prefix, ctx)...)
			}
		}
	}
	return list
}

func valueResiduals(c *Condition, prefix string, ctx *condition.Context) []condition.Pattern {
	var list []condition.Pattern
	wild := strings.Contains(strings.ToLower(c.Operator), "like") || strings.Contains(strings.ToLower(c.Operator), "arn")
	for _, v := range c.Values {
		p, err := condition.Dialect{Wildcards: wild, Variables: true}.Compile(v.Text)
		if err != nil {
			continue // it is no condition that matches
		}
		list = append(list, p.Residuals(prefix, ctx)...)
	}
	return list
}
