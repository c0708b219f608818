package iam

import (
	"regexp"
	"slices"
	"strings"

	"github.com/why403/why403/policy"
)

const (
	badSyntax     = "Syntax errors in policy."
	failedLegacy  = "The policy failed legacy parsing"
	sameStatement = "Statement IDs (SID) in a single policy must be unique."
)

// identityComplaint is what IAM answers to an identity-based policy that it refuses,
// "" for one that it takes. The order of its questions is that of AWS (messages
// recorded there in 2026 by the projects localstack and versitygw, for some ninety
// documents).
func identityComplaint(document string, managed bool) string {
	statements, version, ok := readPolicy(document)
	switch {
	case !ok:
		return badSyntax
	case managed && version != policy.Version2012:
		return "Policy document must be version 2012-10-17 or greater."
	case !slices.ContainsFunc(statements, rawStatement.failsLegacy):
		return firstComplaint(statements)
	}
	return failedLegacy
}

func firstComplaint(statements []rawStatement) string {
	for _, ask := range []func([]rawStatement) string{sidComplaint, each(principalComplaint), each(actionsMissing), each(resourcesMissing), each(resourcesComplaint), each(actionsComplaint)} {
		if m := ask(statements); m != "" {
			return m
		}
	}
	return ""
}

// each asks statement by statement.
func each(ask func(*rawStatement) string) func([]rawStatement) string {
	return func(list []rawStatement) string {
		for i := range list {
			if m := ask(&list[i]); m != "" {
				return m
			}
		}
		return ""
	}
}

var sid = regexp.MustCompile(`^[0-9A-Za-z]*$`)

func sidComplaint(list []rawStatement) string {
	seen := map[string]bool{}
	for _, st := range list {
		switch {
		case !sid.MatchString(st.sid):
			return "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
		case st.sid != "" && seen[st.sid]:
			return sameStatement
		}
		seen[st.sid] = true
	}
	return ""
}

func principalComplaint(st *rawStatement) string {
	if st.principal {
		return "Policy document should not specify a principal."
	}
	return ""
}

func actionsMissing(st *rawStatement) string {
	if len(st.actions) == 0 {
		return "Policy statement must contain actions."
	}
	return ""
}

func resourcesMissing(st *rawStatement) string {
	if len(st.resources) == 0 {
		return "Policy statement must contain resources."
	}
	return ""
}

func resourcesComplaint(st *rawStatement) string { return firstOf(st.resources, resourceComplaint) }

func actionsComplaint(st *rawStatement) string { return firstOf(st.actions, actionComplaint) }

func firstOf(texts []string, ask func(string) string) string {
	for _, text := range texts {
		if m := ask(text); m != "" {
			return m
		}
	}
	return ""
}

var vendor = regexp.MustCompile(`^[a-zA-Z0-9.*?-]+$`)

func actionComplaint(action string) string {
	service, rest, ok := strings.Cut(action, ":")
	switch {
	case action == "*":
	case !ok:
		return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
	case strings.Contains(rest, ":"):
		return "Actions/Condition can contain only one colon."
	case !vendor.MatchString(service):
		return "Vendor " + service + " is not valid"
	}
	return ""
}
