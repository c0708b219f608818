package policy

import (
	"cmp"
	"fmt"
	"slices"
)

// Kind is the type of a policy, which decides what its elements mean.
type Kind uint8

// The kinds of policy.
const (
	Identity Kind = iota // inline or managed, of users, groups and roles
	BucketPolicy
	AccessPointPolicy
	KeyPolicy
	SCP
	RCP
	EndpointPolicy // of a VPC endpoint
	TrustPolicy    // of a role: who may assume it
	Boundary       // permissions boundary
	SessionPolicy
)

var kindNames = [...]string{
	"identity-based policy", "bucket policy", "access point policy", "key policy", "service control policy",
	"resource control policy", "VPC endpoint policy", "trust policy", "permissions boundary", "session policy",
}

// String returns the kind in words, such as "bucket policy".
func (k Kind) String() string { return kindNames[k] }

// hasPrincipal reports whether statements of the kind name principals.
func (k Kind) hasPrincipal() bool {
	switch k {
	case BucketPolicy, AccessPointPolicy, KeyPolicy, RCP, EndpointPolicy, TrustPolicy:
		return true
	}
	return false
}

// A Finding is one thing in a document that does not do what it seems to.
type Finding struct {
	Code      string // what is wrong, a stable word such as "no-such-action"
	Pos       Pos    // of the value, key or statement at fault
	Statement int    // index of the statement
	Message   string // what is wrong and what would be right, one sentence
	Suggest   string // the text to write instead, where there is one
	Hint      bool   // may be meant as it stands: worth a look, not a mistake for sure
}

// String returns "file:line:column: message (code)".
func (f Finding) String() string { return fmt.Sprintf("%s: %s (%s)", f.Pos, f.Message, f.Code) }

// Lint finds what in a document AWS accepts, or once accepted, and that has no
// effect or another one than its author is likely to have wanted. Findings stand
// in the order of the document.
//
// What cannot be told without knowing the rest of the estate, or without data on
// a service, is no finding. The checks follow the IAM User Guide, "Access
// Analyzer policy check reference" and "IAM JSON policy elements reference", and
// the Service Authorization Reference.
func Lint(d *Document, kind Kind) []Finding {
	l := &linter{doc: d, kind: kind}
	l.sids()
	for i := range d.Statements {
		l.statement = &d.Statements[i]
		l.elements()
		l.principals()
		l.actions()
		l.resources()
		l.meetings()
		l.variables()
		l.conditions()
		l.unreachable()
	}
	slices.SortStableFunc(l.findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column))
	})
	return l.findings
}

type linter struct {
	doc       *Document
	kind      Kind
	statement *Statement
	findings  []Finding
}

// add appends a finding about the statement at hand and returns it, to be
// completed.
func (l *linter) add(code string, pos Pos, format string, args ...any) *Finding {
	l.findings = append(l.findings, Finding{Code: code, Pos: pos, Statement: l.statement.Index, Message: fmt.Sprintf(format, args...)})
	return &l.findings[len(l.findings)-1]
}

// hint is add for what may be meant.
func (l *linter) hint(code string, pos Pos, format string, args ...any) *Finding {
	f := l.add(code, pos, format, args...)
	f.Hint = true
	return f
}

// sids finds what IAM says of statement ids: unique within a document, letters
// and digits.
func (l *linter) sids() {
	seen := map[string]int{}
	for i := range l.doc.Statements {
		st := &l.doc.Statements[i]
		l.statement = st
		if st.Sid == "" {
			if st.HasSid {
				l.add("empty-sid", st.Pos, "the Sid is empty; leave it out, or give the statement a name")
			}
			continue
		}
		if first, again := seen[st.Sid]; again {
			l.add("duplicate-sid", st.Pos, "the Sid %q is that of statement %d already; Sids are unique within a policy", st.Sid, first)
			continue
		}
		seen[st.Sid] = i
		if !l.kind.hasPrincipal() && !alphanumeric(st.Sid) {
			l.add("sid-characters", st.Pos, "the Sid %q has other characters than letters and digits, which IAM refuses", st.Sid)
		}
	}
}

func alphanumeric(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// elements finds elements that the kind of policy must have, or has not, and
// those that say more than they seem to.
func (l *linter) elements() {
	st := l.statement
	switch hasResource := len(st.Resources) > 0; {
	case l.kind == TrustPolicy && hasResource:
		l.add("resource-in-trust-policy", st.Resources[0].Pos, "a trust policy has no Resource: it speaks of the role it belongs to; remove the element")
	case l.kind == KeyPolicy && !hasResource:
		l.add("missing-resource", st.Pos, "a key policy's statement without Resource has no effect; write \"Resource\": \"*\", which means this key").Suggest = "*"
	case l.kind != TrustPolicy && !hasResource:
		l.add("missing-resource", st.Pos, "the statement has no Resource, and without one it matches nothing")
	}
	switch {
	case l.kind.hasPrincipal() && !st.HasPrincipal:
		l.add("missing-principal", st.Pos, "a %s says to whom it applies; add a Principal", l.kind)
	case !l.kind.hasPrincipal() && st.HasPrincipal:
		l.add("principal-not-for-kind", st.Pos, "a %s has no Principal: it applies to what it is attached to; remove the element", l.kind)
	}
	if st.Effect != Allow {
		return
	}
	if st.NotAction {
		l.hint("not-action-with-allow", st.Pos, "Allow with NotAction allows every action of every service but those listed, future ones included; list what is meant under Action")
	}
	if st.NotResource && len(st.Resources) > 0 {
		l.hint("not-resource-with-allow", st.Pos, "Allow with NotResource allows the actions on everything but what is listed; list what is meant under Resource")
	}
	if st.NotPrincipal {
		l.add("not-principal-with-allow", st.Pos, "Allow with NotPrincipal is not supported, and where it is stored allows everyone but those listed, anonymous callers included; name who is meant under Principal")
	}
}
