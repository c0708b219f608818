package iam

import (
	"encoding/json"

	"github.com/why403/why403/policy"
)

// trustFormComplaint is what IAM answers to a trust policy whose form it refuses, ""
// for one that it takes. The words are others than those about identity-based
// policies (recorded at AWS in 2026 by the projects localstack and versitygw).
func trustFormComplaint(document string) string {
	var top struct {
		Version   *string
		Statement json.RawMessage
	}
	if json.Unmarshal([]byte(document), &top) != nil {
		return "This policy contains invalid Json"
	}
	if v := top.Version; v != nil && *v != policy.Version2012 && *v != policy.Version2008 {
		return "The policy must contain a valid version string"
	}
	var list []map[string]json.RawMessage
	if json.Unmarshal(top.Statement, &list) != nil {
		var one map[string]json.RawMessage
		if json.Unmarshal(top.Statement, &one) == nil {
			list = append(list, one)
		}
	}
	if len(list) == 0 {
		return "Could not parse the policy: Statement is empty!"
	}
	return firstTrustComplaint(list)
}

func firstTrustComplaint(list []map[string]json.RawMessage) string {
	seen := map[string]bool{}
	for _, st := range list {
		if m := trustStatementComplaint(st); m != "" {
			return m
		}
		id := rawText(st["Sid"])
		if id != "" && seen[id] {
			return "The Statement Ids in the policy are not unique"
		}
		seen[id] = true
	}
	return ""
}

func trustStatementComplaint(st map[string]json.RawMessage) string {
	effect := rawText(st["Effect"])
	switch {
	case st["Effect"] == nil:
		return "Missing required field Effect"
	case effect != "Allow" && effect != "Deny":
		return "Invalid effect: " + effect
	case st["NotPrincipal"] != nil && effect == "Allow":
		return "Allow with NotPrincipal is not allowed."
	case st["NotPrincipal"] != nil:
		return "AssumeRole policy must not contain NotPrincipal field."
	case st["Principal"] == nil:
		return "Missing required field Principal"
	case rawText(st["Principal"]) != "":
		return "Principal must be a JSON object."
	case st["Action"] == nil && st["NotAction"] == nil:
		return "Missing required field Action"
	case st["Resource"] != nil:
		return "Has prohibited field Resource"
	case st["NotResource"] != nil:
		return "AssumeRole policy must not contain resources."
	}
	return ""
}

// rawText is a text of JSON, "" for anything else.
func rawText(data json.RawMessage) string {
	var s string
	_ = json.Unmarshal(data, &s) // "" where it is none
	return s
}
