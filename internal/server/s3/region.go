package s3

import (
	"regexp"
	"strings"
)

// regions are those that CreateBucket takes: the Regions of Amazon S3, those of the
// other partitions included ("Amazon Simple Storage Service endpoints and quotas").
var regions = strings.Fields(`us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 ca-west-1 mx-central-1 sa-east-1
	eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3
	af-south-1 il-central-1 me-central-1 me-south-1
	ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2
	ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7
	cn-north-1 cn-northwest-1 us-gov-east-1 us-gov-west-1`)

// accountRegional is how names in the namespace of an account end.
var accountRegional = regexp.MustCompile(`-[0-9]{12}-[a-z]{2}(-[a-z]+)+-[0-9]-an$`)

// inNamespace holds a name to the namespace that CreateBucket states: names of the
// account's own end in its id and Region, and no others do ("Namespaces for general
// purpose buckets").
func (x *exchange) inNamespace() bool {
	own := "-" + string(x.account()) + "-" + x.endpointRegion() + "-an"
	switch x.get("X-Amz-Bucket-Namespace") {
	case "account-regional":
		return strings.HasSuffix(x.bucketName, own)
	case "", "global":
		return !accountRegional.MatchString(x.bucketName)
	}
	return false
}
