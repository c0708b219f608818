package s3

import "github.com/why403/why403/internal/s3op"

// A Support is what the endpoint does of one operation.
type Support struct {
	Spec *s3op.Spec
	Done bool   // else it is authenticated and decided, and answered by 501
	Note string // what is less than Amazon S3 does; "" for nothing known
}

// Supported lists all operations of S3 and S3 Control.
func Supported() []Support {
	var list []Support
	for _, spec := range s3op.All() {
		list = append(list, Support{Spec: spec, Done: Implemented(spec.Name), Note: notes[spec.Name]})
	}
	return list
}

const kept = "kept and given back; nothing follows from it"

// notes say what of an operation is less than Amazon S3 does.
var notes = map[string]string{
	"PutBucketAccelerateConfiguration":         kept,
	"PutBucketAnalyticsConfiguration":          kept,
	"PutBucketIntelligentTieringConfiguration": kept,
	"PutBucketInventoryConfiguration":          kept,
	"PutBucketLifecycleConfiguration":          "kept and given back; objects neither expire nor move",
	"PutBucketMetricsConfiguration":            kept,
	"PutBucketNotificationConfiguration":       "kept and given back; destinations are not looked for, and nothing is sent",
	"PutBucketReplication":                     "kept and given back; nothing is replicated",
	"PutBucketEncryption":                      "as in Amazon S3 the key is not looked for",
	"CreateAccessPoint":                        "for general purpose buckets",
	"TagResource":                              "of buckets and access points",
	"UntagResource":                            "of buckets and access points",
	"ListTagsForResource":                      "of buckets and access points",
	"OptionsObject":                            "by the bucket's CORS rules",
}
