package iam

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/policy"
)

// encoded writes a document as IAM's answers do: percent-encoded (RFC 3986).
func encoded(d estate.Document) *string {
	s := strings.ReplaceAll(url.QueryEscape(d.Text()), "+", "%20")
	return &s
}

// size is what counts of a document for quotas: all but white space.
func size(s string) int {
	n := 0
	for _, r := range s {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

func malformed(c *awsapi.Call, message string) *wire.Error {
	return c.Errorf("MalformedPolicyDocument", "%s", message)
}

// identityDocument reads an identity-based policy, and refuses what IAM does, in
// its words. file names it to explanations.
func identityDocument(c *awsapi.Call, file, document string) (estate.Document, error) {
	d, err := estate.ParseDocument(file, []byte(document))
	if err != nil {
		return d, malformed(c, syntaxComplaint(err))
	}
	if d.Version != policy.Version2012 {
		return d, malformed(c, "Policy document must be version 2012-10-17 or greater.")
	}
	if len(d.Statements) == 0 {
		return d, malformed(c, "Syntax errors in policy.")
	}
	if m := sidComplaint(d.Document); m != "" {
		return d, malformed(c, m)
	}
	for i := range d.Statements {
		if m := identityComplaint(&d.Statements[i]); m != "" {
			return d, malformed(c, m)
		}
	}
	return d, nil
}

func syntaxComplaint(err error) string {
	if strings.Contains(err.Error(), "Sid") && strings.Contains(err.Error(), "same") {
		return "Statement IDs (SID) in a single policy must be unique."
	}
	return "Syntax errors in policy."
}

var sid = regexp.MustCompile(`^[0-9A-Za-z]*$`)

func sidComplaint(d *policy.Document) string {
	seen := map[string]bool{}
	for i := range d.Statements {
		s := d.Statements[i].Sid
		switch {
		case !sid.MatchString(s):
			return "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
		case s != "" && seen[s]:
			return "Statement IDs (SID) in a single policy must be unique."
		}
		seen[s] = true
	}
	return ""
}

func identityComplaint(st *policy.Statement) string {
	switch {
	case st.HasPrincipal:
		return "Policy document should not specify a principal."
	case len(st.Actions) == 0:
		return "Policy statement must contain actions."
	case len(st.Resources) == 0:
		return "Policy statement must contain resources."
	}
	for _, a := range st.Actions {
		if m := actionComplaint(a.Text); m != "" {
			return m
		}
	}
	for _, r := range st.Resources {
		if m := resourceComplaint(r.Text); m != "" {
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

func resourceComplaint(resource string) string {
	if resource == "*" {
		return ""
	}
	rest, ok := strings.CutPrefix(resource, "arn:")
	if !ok {
		return "Resource " + resource + ` must be in ARN format or "*".`
	}
	arn, ok := iam.ParseARN(resource)
	if !ok {
		if strings.ContainsAny(rest, "*?") {
			return "" // a wildcard may stand for several parts
		}
		return "The policy failed legacy parsing"
	}
	partitions := []string{"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc", "*"}
	switch {
	case !slices.Contains(partitions, arn.Partition) && !strings.ContainsAny(arn.Partition, "*?$"):
		return `Partition "` + arn.Partition + `" is not valid for resource "` + resource + `".`
	case arn.Service == "":
		return "Resource vendor must be fully qualified and cannot contain regexes."
	case arn.Service == "iam" && arn.Region != "" && arn.Region != "*":
		return "IAM resource " + resource + " cannot contain region information."
	case arn.Service == "s3" && arn.Region != "" && !strings.Contains(arn.Resource, "accesspoint/") && !strings.ContainsAny(arn.Region+arn.Resource, "*?"):
		return "Resource " + resource + " can not contain region information."
	}
	return ""
}
