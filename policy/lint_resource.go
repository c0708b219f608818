package policy

import (
	"strings"

	"github.com/why403/why403/iam"
)

// resources finds Resource values that name nothing, or that the service
// refuses in this kind of policy.
func (l *linter) resources() {
	st := l.statement
	if l.kind == TrustPolicy {
		return
	}
	for _, r := range st.Resources {
		switch {
		case r.Text == "*":
			if l.kind == BucketPolicy || l.kind == AccessPointPolicy {
				l.add("resource-any-in-bucket-policy", r.Pos, "S3 refuses \"*\" here; name the bucket's or access point's ARN, its objects' ARN, or both")
			}
		case l.kind == KeyPolicy:
			l.hint("resource-in-key-policy", r.Pos, "in a key policy \"Resource\" is \"*\", which means this key and no other").Suggest = "*"
		case !strings.HasPrefix(r.Text, "arn:"):
			l.notARN(r)
		default:
			l.bucketARN(r)
		}
	}
}

func (l *linter) notARN(r Value) {
	if strings.HasPrefix(r.Text, "*") || strings.HasPrefix(r.Text, "${") {
		return
	}
	f := l.add("resource-not-arn", r.Pos, "%q is neither an ARN nor \"*\", so it matches nothing; a bucket's objects are \"arn:aws:s3:::bucket/*\"", r.Text)
	if rest, ok := strings.CutPrefix(r.Text, "s3://"); ok {
		f.Suggest = "arn:aws:s3:::" + rest
	}
}

// bucketARN finds S3 ARNs with a region or an account, which a bucket's has not.
func (l *linter) bucketARN(r Value) {
	arn, ok := iam.ParseARN(r.Text)
	if !ok {
		if strings.ContainsAny(r.Text, "*?") {
			return // "arn:aws:s3:*" is a legal short form
		}
		l.add("resource-not-arn", r.Pos, "%q has fewer than six parts, so it is no ARN and matches nothing", r.Text)
		return
	}
	if arn.Service != "s3" || arn.Region == "" && arn.Account == "" {
		return
	}
	kind, _, _ := strings.Cut(arn.Resource, "/")
	if strings.ContainsAny(kind, "*?$") {
		return
	}
	switch kind {
	case "accesspoint", "job", "storage-lens", "storage-lens-group", "access-grants", "async-request":
		return
	}
	if !strings.ContainsAny(arn.Region+string(arn.Account), "*?") {
		right := "arn:" + arn.Partition + ":s3:::" + arn.Resource
		l.add("bucket-arn-with-account", r.Pos, "the ARN of a bucket or object has neither region nor account, so %q matches nothing; write %q", r.Text, right).Suggest = right
	}
}

// variables finds policy variables that stay plain text, or that have no value.
func (l *linter) variables() {
	for _, r := range l.statement.Resources {
		l.variable(r)
	}
	for _, c := range l.statement.Conditions {
		for _, v := range c.Values {
			l.variable(v)
		}
	}
}

func (l *linter) variable(v Value) {
	_, inner, ok := strings.Cut(v.Text, "${")
	if !ok || !strings.Contains(inner, "}") {
		return
	}
	if !l.doc.Variables() {
		l.add("variable-under-old-version", v.Pos, "%q is plain text without \"Version\": %q; add the version to use variables", v.Text, Version2012).Suggest = Version2012
		return
	}
	if l.kind != Identity && l.kind != Boundary && l.kind != SessionPolicy || !strings.Contains(strings.ToLower(v.Text), "${aws:username}") {
		return
	}
	l.hint("username-of-role", v.Pos, "aws:username exists for IAM users only, so for the session of a role %q matches nothing; use ${aws:userid} or ${aws:PrincipalTag/…} where roles are meant", v.Text)
}
