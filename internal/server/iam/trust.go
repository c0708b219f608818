package iam

import (
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/policy"
)

const maxTrust = 2048 // characters

// trustDocument reads a role's trust policy, and refuses what IAM does.
func trustDocument(c *awsapi.Call, role, document string) (estate.Document, error) {
	d, err := estate.ParseDocument("role/"+role+"?trust", []byte(document))
	if m := trustFormComplaint(document); m != "" {
		return d, malformed(c, m)
	}
	if err != nil {
		return d, malformed(c, "Syntax error in policy.")
	}
	for i := range d.Statements {
		if m := trustComplaint(c, &d.Statements[i]); m != "" {
			return d, malformed(c, m)
		}
	}
	if size(document) > maxTrust {
		return d, quota(c, "ACLSizePerRole", maxTrust)
	}
	return d, nil
}

func trustComplaint(c *awsapi.Call, st *policy.Statement) string {
	for _, p := range st.Principals {
		if !principalExists(c, p) {
			return `Invalid principal in policy: "` + strings.ToUpper(p.Type) + `":"` + p.Text + `"`
		}
	}
	for _, a := range st.Actions {
		if !strings.HasPrefix(strings.ToLower(a.Text), "sts:") {
			return "AssumeRole policy may only specify STS AssumeRole actions."
		}
	}
	return ""
}

// principalExists reports whether a trust policy may name a principal. Users and
// roles of accounts that the endpoint holds have to exist; other accounts are
// taken on trust.
func principalExists(c *awsapi.Call, p policy.PrincipalValue) bool {
	switch {
	case p.Type == "Service":
		return strings.Contains(p.Text, ".")
	case p.Type != "AWS":
		return p.Text != ""
	case p.Text == "*", iam.AccountID(p.Text).Valid(), uniqueID(p.Text):
		return true
	}
	arn, ok := iam.ParseARN(p.Text)
	kind, name, _ := strings.Cut(arn.Resource, "/")
	if !ok || !arn.Account.Valid() || strings.ContainsAny(p.Text, "*?") {
		return false
	}
	a, held := c.World().Estate().Account(arn.Account)
	switch arn.Service + ":" + kind {
	case "iam:root":
		return true
	case "iam:user":
		return !held || exists(a.UserByARN(p.Text))
	case "iam:role":
		return !held || exists(a.RoleByARN(p.Text))
	case "sts:assumed-role":
		role, session, _ := strings.Cut(name, "/")
		return session != "" && (!held || a.Roles[role] != nil)
	case "sts:federated-user":
		return name != ""
	}
	return false
}

func exists[T any](_ T, _ string, ok bool) bool { return ok }

func uniqueID(s string) bool {
	return len(s) > 15 && (strings.HasPrefix(s, "AIDA") || strings.HasPrefix(s, "AROA"))
}
