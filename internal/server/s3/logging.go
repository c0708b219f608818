package s3

import (
	"net/http"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/document"
	"github.com/why403/why403/internal/server/wire"
)

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
		e := wire.NewError(http.StatusForbidden, "CrossLocationLoggingProhibitted", "Cross S3 location logging not allowed. ")
		if source := x.bucket.RegionOrDefault(); source != estate.DefaultRegion { // else untold: observed at AWS
			e = e.With("SourceBucketLocation", source)
		}
		return e.With("TargetBucketLocation", target.RegionOrDefault())
	case target.RequesterPays():
		return invalidLogTarget("The target bucket for logging cannot have Requester Pays enabled", name)
	}
	if key := enabled.Child("TargetObjectKeyFormat"); key != nil && len(key.Children) != 1 {
		return malformedXML()
	}
	return x.checkTargetGrants(target, enabled)
}

func invalidLogTarget(message, bucket string) error {
	return wire.NewError(http.StatusBadRequest, "InvalidTargetBucketForLogging", message).With("TargetBucket", bucket)
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
