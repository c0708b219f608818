package iam

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// failsLegacy reports whether a statement fails what AWS calls legacy parsing: the
// case of the effect, ARNs that lack parts, and dates.
func (st rawStatement) failsLegacy() bool {
	if st.effect != "Allow" && st.effect != "Deny" || slices.ContainsFunc(st.resources, lacksParts) {
		return true
	}
	for operator, values := range st.conditions {
		if _, base, qualified := strings.Cut(operator, ":"); qualified {
			operator = base
		}
		if strings.HasPrefix(strings.ToLower(operator), "date") && slices.ContainsFunc(values, badDate) {
			return true
		}
	}
	return false
}

// lacksParts reports whether an ARN has neither all of its parts nor ends before the
// first that may be empty.
func lacksParts(arn string) bool {
	parts := strings.Split(arn, ":")
	if !strings.HasPrefix(arn, "arn:aws") || len(parts) < 3 {
		return false
	}
	return parts[2] == "" || strings.Contains(arn, "::") && len(parts) < arnParts
}

// isoDate is the forms of ISO 8601 that policies may have: a part of a date, a part of a
// time, a zone of hours and minutes.
var isoDate = regexp.MustCompile(`^-?\d+(-(0?[1-9]|1[0-2])(-(0?[1-9]|[12]\d|3[01]))?)?([Tt](([01]?\d|2[0-4])(:[0-5]?\d(:[0-5]?\d(\.\d{1,9})?)?)?)?([Zz]|[+-]\d\d(:?\d\d)?)?)?$`)

func badDate(value string) bool {
	if number := strings.TrimPrefix(value, "-"); number != "" && strings.Trim(number, "0123456789") == "" {
		_, err := strconv.ParseInt(value, 10, 64) // seconds
		return err != nil
	}
	return !isoDate.MatchString(value)
}

// arnParts is how many parts an ARN has.
const arnParts = 6

var partitions = []string{"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"}

// iamPaths begin the resources of IAM.
var iamPaths = []string{
	"user/", "federated-user/", "role/", "group/", "instance-profile/", "mfa/", "server-certificate/", "policy/", "sms-mfa/", "saml-provider/", "oidc-provider/", "report/", "access-report/",
}

func resourceComplaint(resource string) string {
	parts := strings.Split(resource, ":")
	switch {
	case resource == "*":
		return ""
	case len(parts) == 1:
		return "Resource " + resource + ` must be in ARN format or "*".`
	}
	vendorless := len(parts) < 3
	for parts[0] = "arn"; len(parts) < arnParts; {
		parts = append(parts, "*")
	}
	partition, service, region, path := parts[1], parts[2], parts[3], strings.Join(parts[5:], ":")
	switch {
	case !slices.Contains(partitions, partition) && !strings.ContainsAny(partition, "*?$"):
		return `Partition "` + partition + `" is not valid for resource "` + strings.Join(parts, ":") + `".`
	case vendorless, service == "*":
		return "Resource vendor must be fully qualified and cannot contain regexes."
	case service == "iam" && region != "" && region != "*":
		return "IAM resource " + resource + " cannot contain region information."
	case service == "iam" && path != "*" && path != "root" && !slices.ContainsFunc(iamPaths, func(p string) bool { return strings.HasPrefix(path, p) }):
		return `IAM resource path must either be "*", root, or start with ` + strings.Join(iamPaths, ", ") + "."
	case service == "s3" && region != "" && !strings.Contains(path, "accesspoint/") && !strings.ContainsAny(region+path, "*?"):
		return "Resource " + resource + " can not contain region information."
	}
	return ""
}
