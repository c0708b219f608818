package s3

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/why403/why403/internal/server/wire"
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

// checkNamespace holds a name to the namespace that CreateBucket states: names of the
// account's own end in its id and Region, and no others do ("Namespaces for general
// purpose buckets").
func (x *exchange) checkNamespace() error {
	own := "-" + string(x.account()) + "-" + x.endpointRegion() + "-an"
	switch namespace := x.get("X-Amz-Bucket-Namespace"); namespace {
	case "account-regional":
		if !strings.HasSuffix(x.bucketName, own) {
			return wire.NewError(http.StatusBadRequest, "InvalidNamespaceHeader", "The requested bucket name did not include the account-regional namespace suffix, but the provided "+
				"x-amz-bucket-namespace header value is account-regional. Specify "+own+" as the bucket name suffix to create a bucket in your account-regional namespace, or remove the header.")
		}
	case "", "global":
		if accountRegional.MatchString(x.bucketName) {
			return x.invalidBucketName()
		}
	default:
		return invalidArgument("Invalid x-amz-bucket-namespace header: "+namespace, "x-amz-bucket-namespace", namespace)
	}
	return nil
}

func (x *exchange) invalidBucketName() error {
	return wire.NewError(http.StatusBadRequest, "InvalidBucketName", "The specified bucket is not valid.").With("BucketName", x.bucketName)
}
