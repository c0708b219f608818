package s3

import (
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/document"
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
