package s3

import (
	"net/http"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/document"
	"github.com/why403/why403/internal/server/wire"
)

// checkFilter holds a filter to one of its elements, which may be And of several:
// metrics, analytics, and intelligent tiering share the rule.
func checkFilter(_ *exchange, d *document.Element) error {
	filter := d.Child("Filter")
	if filter == nil {
		return nil
	}
	if len(filter.Children) > 1 || filter.Has("And") && len(filter.Child("And").Children) < 2 {
		return malformedXML()
	}
	return checkFilterTags(filter)
}

// checkFilterTags refuses a tag key that stands twice.
func checkFilterTags(filter *document.Element) error {
	seen := map[string]bool{}
	for _, t := range filter.Child("And").All("Tag") {
		key := t.Get("Key")
		if seen[key] {
			return invalidRequest("Duplicate Tag Keys are not allowed.")
		}
		seen[key] = true
	}
	return nil
}

func checkAnalytics(x *exchange, d *document.Element) error {
	if export := d.Find("StorageClassAnalysis", "DataExport", "Destination", "S3BucketDestination"); export != nil {
		if err := checkDestinationBucket(export.Get("Bucket")); err != nil {
			return err
		}
	}
	return checkFilter(x, d)
}

func checkInventory(_ *exchange, d *document.Element) error {
	return checkDestinationBucket(d.Get("Destination", "S3BucketDestination", "Bucket"))
}

// checkDestinationBucket wants the ARN of a bucket.
func checkDestinationBucket(text string) error {
	if _, ok := bucketOfARN(text); !ok {
		return wire.NewError(http.StatusBadRequest, "InvalidS3DestinationBucket", "Invalid bucket ARN.")
	}
	return nil
}

// bucketOfARN returns the bucket that arn:aws:s3:::NAME names.
func bucketOfARN(text string) (string, bool) {
	arn, ok := iam.ParseARN(text)
	return arn.Resource, ok && arn.Service == "s3" && arn.Region == "" && arn.Account == "" && arn.Resource != "" && !strings.ContainsAny(arn.Resource, "/*")
}

// checkIntelligentTiering follows "S3 Intelligent-Tiering": archive access from 90
// days, deep archive access from 180, to 730.
func checkIntelligentTiering(x *exchange, d *document.Element) error {
	for _, t := range d.All("Tiering") {
		least := map[string]int64{"ARCHIVE_ACCESS": 90, "DEEP_ARCHIVE_ACCESS": 180}[t.Get("AccessTier")]
		if days, _ := t.Int("Days"); days < least || days > 730 {
			return invalidArgument("'Days' for "+t.Get("AccessTier")+" must be between "+itoa(least)+" and 730", "Days", t.Get("Days"))
		}
	}
	return checkFilter(x, d)
}
