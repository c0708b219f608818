package s3

import (
	"net/http"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/server/document"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/request"
)

// checkReplication is what PutBucketReplication refuses: "Requirements and
// considerations for replication", and the elements of the two versions of the
// configuration, of which that with Filter is the newer.
func checkReplication(x *exchange, d *document.Element) error {
	if !x.bucket.Versioning.Enabled() {
		return invalidRequest("Versioning must be 'Enabled' on the bucket to apply a replication configuration")
	}
	if arn, ok := iam.ParseARN(d.Get("Role")); !ok || arn.Service != "iam" || !strings.HasPrefix(arn.Resource, "role/") {
		return invalidArgument("Invalid Role specified in replication configuration", "Role", d.Get("Role"))
	}
	ids, priorities := map[string]bool{}, map[string]bool{}
	for _, rule := range d.All("Rule") {
		switch id := rule.Get("ID"); {
		case len(id) > 255:
			return invalidArgument("Rule Id cannot be greater than 255", "ID", id)
		case id == "":
			nameRule(rule)
		case ids[id]:
			return invalidArgument("Rule ID must be unique. Found same ID for more than one rule", "ID", id)
		default:
			ids[id] = true
		}
		if err := checkReplicationRule(rule); err != nil {
			return err
		}
		if p := rule.Get("Priority"); p != "" {
			if priorities[p] {
				return invalidRequest("Found duplicate priority " + p)
			}
			priorities[p] = true
		}
		if err := x.checkReplica(rule); err != nil {
			return err
		}
	}
	return nil
}

// decideReplication decides PutBucketReplication, and iam:PassRole on the role that it
// passes to S3 ("PutBucketReplication" in the S3 API Reference). A role can be passed
// within its account alone ("Grant a user permissions to pass a role to an AWS
// service", IAM User Guide).
func (x *exchange) decideReplication() error {
	if err := x.decide(); err != nil || x.bodyErr != nil {
		return err
	}
	role := x.parsed.(*document.Element).Get("Role")
	arn, ok := iam.ParseARN(role)
	if !ok {
		return nil // checkReplication tells
	}
	r := x.request()
	r.Operation, r.Action, r.Resource = "", "iam:PassRole", role
	r.Bucket, r.Key, r.Query, r.Body = "", "", nil, nil
	r.Context = map[string]request.ContextValue{"iam:PassedToService": {Value: condition.String1("s3.amazonaws.com")}}
	d := x.s.Decide(x.estate, r)
	d.Operation = x.spec.Name
	x.s.Record(x.r, x.ids, d)
	if d.Verdict == iam.Allowed && arn.Account != x.account() && !x.s.Soft {
		return wire.NewError(http.StatusForbidden, "AccessDenied", "Access Denied")
	}
	return x.refused(d)
}

func checkReplicationRule(rule *document.Element) error {
	if !rule.Has("Filter") {
		return nil
	}
	filter := rule.Child("Filter")
	switch {
	case rule.Has("Prefix"), len(filter.Children) > 1:
		return malformedXML()
	case !rule.Has("Priority"):
		return invalidRequest("Priority must be specified for this version of Cross Region Replication configuration schema. Please refer to S3 Developer Guide for more information")
	case !rule.Has("DeleteMarkerReplication"):
		return invalidRequest("DeleteMarkerReplication must be specified for this version of Cross Region Replication configuration schema. Please refer to S3 Developer Guide for more information")
	}
	return checkFilterTags(filter)
}

// checkReplica looks at the bucket that a rule replicates to.
func (x *exchange) checkReplica(rule *document.Element) error {
	name, ok := bucketOfARN(rule.Get("Destination", "Bucket"))
	if !ok {
		return invalidArgument("Invalid bucket ARN", "Bucket", rule.Get("Destination", "Bucket"))
	}
	b, ok := x.estate.Bucket(name)
	switch {
	case !ok:
		return invalidRequest("Destination bucket must exist.")
	case !b.Versioning.Enabled():
		return invalidRequest("Destination bucket must have versioning enabled.")
	}
	return nil
}
