package s3

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/iamdata"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/policy"
)

func malformedPolicy(message string) *wire.Error {
	return wire.NewError(http.StatusBadRequest, "MalformedPolicy", message)
}

// checkPolicyText refuses what is no policy at all.
func checkPolicyText(data []byte) error {
	trimmed := bytes.TrimLeft(data, " \t\r\n")
	switch {
	case len(trimmed) == 0 || trimmed[0] != '{':
		return malformedPolicy("Policies must be valid JSON and the first byte must be '{'")
	case !json.Valid(data):
		return malformedPolicy("This policy contains invalid Json")
	}
	return nil
}

// policyComplaint is S3's text for what the parser refused.
func policyComplaint(err error) string {
	var at *node.Error
	if !errors.As(err, &at) {
		return "This policy contains invalid Json"
	}
	for _, known := range []string{"Missing required field Statement", "Missing required field Effect", "Missing required field Action"} {
		if strings.HasPrefix(strings.ToLower(at.Msg), strings.ToLower(known)) {
			return known
		}
	}
	switch {
	case strings.HasPrefix(at.Msg, "invalid version"):
		return "The policy must contain a valid version string"
	case strings.HasPrefix(at.Msg, "invalid principal"), strings.HasPrefix(at.Msg, `a list where "*" or a mapping`):
		return "Invalid principal in policy"
	case strings.HasPrefix(at.Msg, "invalid effect"):
		return "Invalid effect: " + invalidEffect(at.Msg)
	}
	return "Policy has invalid syntax: " + at.Msg
}

// invalidEffect is the effect that the parser quotes.
func invalidEffect(message string) string {
	quoted, err := strconv.QuotedPrefix(strings.TrimPrefix(message, "invalid effect "))
	if err != nil {
		return "the effect must be Allow or Deny"
	}
	text, _ := strconv.Unquote(quoted) // it is quoted
	return text
}

// checkPolicy refuses what S3 does not accept as the policy of this bucket. The
// texts are those of the error catalogue; where S3 has several for one mistake,
// the first of its checks counts.
func (x *exchange) checkPolicy(d *policy.Document) error {
	if len(d.Statements) == 0 {
		return malformedPolicy("Could not parse the policy: Statement is empty!")
	}
	for i := range d.Statements {
		if err := x.checkStatement(&d.Statements[i]); err != nil {
			return err
		}
	}
	return nil
}

func (x *exchange) checkStatement(st *policy.Statement) error {
	switch {
	case !st.HasPrincipal:
		return malformedPolicy("Missing required field Principal")
	case len(st.Resources) == 0:
		return malformedPolicy("Missing required field Resource")
	}
	if len(st.Principals) == 0 {
		return malformedPolicy("Invalid principal in policy")
	}
	if len(st.Actions) == 0 {
		return malformedPolicy("Policy has invalid action")
	}
	for _, p := range st.Principals {
		if !x.principalExists(p) {
			return malformedPolicy("Invalid principal in policy").With("Detail", `"`+p.Type+`" : "`+p.Text+`"`)
		}
	}
	for _, a := range st.Actions {
		if !validAction(a.Text) {
			return malformedPolicy("Policy has invalid action").With("Detail", a.Text)
		}
	}
	for _, r := range st.Resources {
		if !x.validResource(r.Text) {
			return malformedPolicy("Policy has invalid resource").With("Detail", r.Text)
		}
	}
	if !st.NotAction && !st.NotResource {
		if a, ok := x.strayAction(st); ok {
			return malformedPolicy("Action does not apply to any resource(s) in statement").With("Detail", a)
		}
	}
	for _, c := range st.Conditions {
		if strings.HasPrefix(strings.ToLower(c.Key), "s3:") {
			if _, known := iamdata.ConditionKey(c.Key); !known {
				return malformedPolicy("Policy has an invalid condition key").With("Detail", c.Key)
			}
		}
	}
	return nil
}

// principalExists reports whether a principal may stand in a policy. Of accounts
// that the estate holds, users and roles must exist; others are taken on trust.
func (x *exchange) principalExists(p policy.PrincipalValue) bool {
	switch p.Type {
	case "CanonicalUser", "Federated", "Service", "*":
		return p.Text != ""
	}
	if p.Text == "*" || iam.AccountID(p.Text).Valid() || strings.HasPrefix(p.Text, "AIDA") || strings.HasPrefix(p.Text, "AROA") {
		return true
	}
	arn, ok := iam.ParseARN(p.Text)
	if !ok || arn.Service != "iam" && arn.Service != "sts" {
		return false
	}
	if arn.Account == "cloudfront" {
		return true
	}
	a, held := x.estate.Account(arn.Account)
	if !arn.Account.Valid() {
		return false
	}
	kind, name, _ := strings.Cut(arn.Resource, "/")
	if !held || arn.Service == "sts" {
		return arn.Resource == "root" || name != ""
	}
	switch kind {
	case "root":
		return true
	case "user":
		u, ok := a.Users[baseName(name)]
		return ok && u.ARN(arn.Partition, arn.Account, baseName(name)) == p.Text
	case "role":
		r, ok := a.Roles[baseName(name)]
		return ok && r.ARN(arn.Partition, arn.Account, baseName(name)) == p.Text
	}
	return false
}

func baseName(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// validAction reports whether an action of a bucket policy names at least one
// permission of S3.
func validAction(text string) bool {
	if text == "*" {
		return true
	}
	service, _, ok := strings.Cut(text, ":")
	if !ok || !strings.EqualFold(service, "s3") && service != "*" {
		return false
	}
	if !strings.ContainsAny(text, "*?") {
		_, known := iamdata.ActionID(text)
		return known
	}
	return len(actionsOf(text)) > 0
}

// actionsOf lists the permissions of S3 that a text names.
func actionsOf(text string) []string {
	if text == "*" || text == "*:*" {
		text = "s3:*"
	}
	pattern, err := condition.Dialect{Wildcards: true}.Compile(strings.ToLower(text))
	if err != nil {
		return nil
	}
	var list []string
	for _, name := range iamdata.Actions("s3") {
		if !strings.Contains(name, ":") {
			name = "s3:" + name
		}
		if pattern.Match(strings.ToLower(name), nil) == condition.True {
			list = append(list, name)
		}
	}
	return list
}

// validResource reports whether a resource lies in the bucket, or behind an
// access point of it.
func (x *exchange) validResource(text string) bool {
	if x.control != nil {
		return x.control.ofPoint(text)
	}
	part := strings.SplitN(text, ":", 6)
	if len(part) != 6 || part[0] != "arn" || part[2] != "s3" {
		return false
	}
	if part[3] != "" || part[4] != "" {
		return strings.HasPrefix(part[5], "accesspoint/")
	}
	name, _, _ := strings.Cut(part[5], "/")
	return name == x.bucketName || strings.ContainsAny(name, "*?$") && wildcardCovers(name, x.bucketName)
}

func wildcardCovers(pattern, name string) bool {
	if strings.Contains(pattern, "$") {
		return true
	}
	p, err := condition.Dialect{Wildcards: true}.Compile(pattern)
	return err == nil && p.Match(name, nil) == condition.True
}

// strayAction returns an action of the statement that none of its resources can
// be asked with.
func (x *exchange) strayAction(st *policy.Statement) (string, bool) {
	bucket, object := false, false
	for _, r := range st.Resources {
		part := strings.SplitN(r.Text, ":", 6)
		_, key, inside := strings.Cut(part[5], "/")
		switch {
		case part[4] != "" || part[3] != "":
			return "", false // access points take both
		case inside:
			object = true
		default:
			bucket = true
		}
		if !inside && strings.HasSuffix(part[5], "*") || strings.Contains(key, "${") {
			object = true
		}
	}
	for _, a := range st.Actions {
		onBucket, onObject := false, false
		for _, action := range actionsOf(a.Text) {
			b, o := resourceKinds(action)
			onBucket, onObject = onBucket || b, onObject || o
		}
		if (onBucket || onObject) && (!onBucket || !bucket) && (!onObject || !object) {
			return a.Text, true
		}
	}
	return "", false
}

// resourceKinds tells what an action is asked on.
func resourceKinds(action string) (bucket, object bool) {
	id, ok := iamdata.ActionID(action)
	if !ok {
		return true, true
	}
	for _, r := range iamdata.ActionByID(id).ResourceTypes {
		switch r.Name {
		case "bucket":
			bucket = true
		case "object":
			object = true
		}
	}
	return bucket, object
}
