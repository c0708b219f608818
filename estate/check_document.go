package estate

import (
	"fmt"

	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/policy"
)

// policyType tells apart the types of policy whose elements AWS checks
// differently when a policy is saved.
type policyType uint8

const (
	identityPolicy policyType = iota
	trustPolicy
	resourcePolicy
	serviceControlPolicy
	resourceControlPolicy
)

func (l *linker) checkOrganization(org *Organization, at *trail) {
	for name, p := range sorted(org.Policies) {
		at := at.to("policies", name)
		if name == FullAWSAccess || name == RCPFullAWSAccess {
			l.keyf(at, "%s is built in; give this policy another name", name)
		}
		if p.Type == "" {
			l.errorf(at, "policy %q has no type: scp, rcp or s3", name)
		}
		if p.Document.Document == nil && p.Document.raw == nil && !p.Unknown.has("document") {
			l.errorf(at, "policy %q has no document; write one, or list \"document\" under unknown", name)
		}
		switch p.Type {
		case "scp":
			l.checkDocument(serviceControlPolicy, &p.Document)
		case "rcp":
			l.checkDocument(resourceControlPolicy, &p.Document)
		}
	}
}

// Check complains about what AWS refuses in the document of a policy of its type.
func (p *OrgPolicy) Check() error {
	l := &linker{}
	switch p.Type {
	case "scp":
		l.checkDocument(serviceControlPolicy, &p.Document)
	case "rcp":
		l.checkDocument(resourceControlPolicy, &p.Document)
	}
	return l.result()
}

// checkDocument complains about elements that AWS refuses in this type of
// policy (IAM User Guide, "IAM JSON policy elements reference"; AWS
// Organizations User Guide, "SCP syntax", "RCP syntax").
func (l *linker) checkDocument(t policyType, d *Document) {
	doc := d.Document
	if doc == nil {
		return
	}
	if t == resourceControlPolicy && doc.Version != policy.Version2012 {
		l.at(doc.Pos, "an RCP has \"Version\": %q", policy.Version2012)
	}
	for i := range doc.Statements {
		st := &doc.Statements[i]
		if msg := refused(t, st); msg != "" {
			l.at(st.Pos, "%s", msg)
		}
	}
}

func (l *linker) at(pos Pos, format string, args ...any) {
	l.errs = append(l.errs, &node.Error{Pos: pos, Msg: fmt.Sprintf(format, args...)})
}

func refused(t policyType, st *policy.Statement) string {
	hasResource := len(st.Resources) > 0 || st.NotResource
	switch t {
	case identityPolicy:
		switch {
		case st.HasPrincipal:
			return "an identity-based policy has no Principal; it applies to what it is attached to"
		case !hasResource:
			return "missing required field Resource"
		}
	case serviceControlPolicy:
		switch {
		case st.HasPrincipal:
			return "an SCP has no Principal; it applies to all principals of the accounts under it"
		case !hasResource:
			return "missing required field Resource"
		}
	case trustPolicy:
		switch {
		case !st.HasPrincipal:
			return "missing required field Principal; a trust policy says who may assume the role"
		case hasResource:
			return "a trust policy has no Resource; it speaks of the role it belongs to"
		}
	case resourcePolicy:
		if !st.HasPrincipal {
			return "missing required field Principal; a resource-based policy says to whom it applies"
		}
	case resourceControlPolicy:
		return refusedRCP(st, hasResource)
	}
	return ""
}

func refusedRCP(st *policy.Statement, hasResource bool) string {
	switch {
	case st.Effect != policy.Deny:
		return "an RCP denies only; \"Effect\": \"Deny\""
	case st.NotPrincipal || !everyone(st):
		return "an RCP is for everyone; \"Principal\": \"*\", and conditions for the rest"
	case st.NotAction:
		return "an RCP has no NotAction; write Action"
	case !hasResource:
		return "missing required field Resource"
	}
	for _, a := range st.Actions {
		if a.Text == "*" {
			return "an RCP's Action names a service, as in \"s3:*\""
		}
	}
	return ""
}

func everyone(st *policy.Statement) bool {
	return len(st.Principals) == 1 && st.Principals[0].Text == "*" && (st.Principals[0].Type == "*" || st.Principals[0].Type == "AWS")
}
