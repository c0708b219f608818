package s3

import (
	"net/http"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/internal/server/document"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/policy"
)

// loggingService delivers server access logs.
const loggingService = "logging.s3.amazonaws.com"

// checkLogging looks at the bucket that is to get the logs: "Enabling Amazon S3
// server access logging".
func checkLogging(x *exchange, d *document.Element) error {
	enabled := d.Child("LoggingEnabled")
	if enabled == nil {
		return nil
	}
	name := enabled.Get("TargetBucket")
	target, ok := x.estate.Bucket(name)
	switch {
	case !ok:
		return invalidLogTarget("The target bucket for logging does not exist", name)
	case target.Account != x.bucket.Account:
		return invalidLogTarget("The owner for the bucket to be logged and the target bucket must be the same.", name)
	case target.RegionOrDefault() != x.bucket.RegionOrDefault():
		return wire.NewError(http.StatusForbidden, "CrossLocationLoggingProhibitted", "Cross S3 location logging not allowed. ").
			With("SourceBucketLocation", x.bucket.RegionOrDefault()).With("TargetBucketLocation", target.RegionOrDefault())
	case target.RequesterPays():
		return invalidLogTarget("The target bucket for logging cannot have Requester Pays enabled", name)
	case !x.takesLogs(target):
		return invalidLogTarget("You must give the log-delivery group WRITE and READ_ACP permissions to the target bucket", name)
	}
	if key := enabled.Child("TargetObjectKeyFormat"); key != nil && len(key.Children) != 1 {
		return malformedXML()
	}
	return x.checkTargetGrants(target, enabled)
}

func invalidLogTarget(message, bucket string) error {
	return wire.NewError(http.StatusBadRequest, "InvalidTargetBucketForLogging", message).With("TargetBucket", bucket)
}

// takesLogs reports whether log delivery may write to a bucket: where ACLs are
// enabled, by its ACL, or by a policy that names the service. Where they are
// disabled S3 leaves it to the policy, which may come later.
func (x *exchange) takesLogs(target *estate.Bucket) bool {
	if target.ACLsDisabled() || namesService(target.Document.Document, loggingService) {
		return true
	}
	given := map[string]bool{}
	for _, g := range x.grants(target.ACL, string(target.Account), string(target.Account)) {
		if g.Grantee.URI == s3op.LogDelivery {
			given[g.Permission] = true
		}
	}
	return given["FULL_CONTROL"] || given["WRITE"] && given["READ_ACP"]
}

// namesService reports whether a policy allows a service something.
func namesService(d *policy.Document, service string) bool {
	if d == nil {
		return false
	}
	for i := range d.Statements {
		st := &d.Statements[i]
		for _, p := range st.Principals {
			if st.Effect == policy.Allow && !st.NotPrincipal && (p.Type == "Service" && p.Text == service || p.Text == "*") {
				return true
			}
		}
	}
	return false
}

func (x *exchange) checkTargetGrants(target *estate.Bucket, enabled *document.Element) error {
	grants := enabled.Child("TargetGrants").All("Grant")
	if len(grants) > 0 && target.ACLsDisabled() {
		return wire.NewError(http.StatusBadRequest, "AccessControlListNotSupported", "The bucket does not allow ACLs")
	}
	for _, g := range grants {
		who := g.Child("Grantee")
		grantee := estate.Grantee{Type: who.Type, ID: who.Get("ID"), URI: who.Get("URI"), Email: who.Get("EmailAddress")}
		if err := checkGrantee(grantee, "CanonicalUser/ID", "Group/URI"); err != nil {
			return err
		}
	}
	return nil
}
