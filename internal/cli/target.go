package cli

import (
	"strings"

	"github.com/why403/why403/iam"
)

const s3Scheme = "s3://"

// A target is what the s3:// argument of a command names.
type target struct {
	bucket      string // "" where an access point is named instead
	accessPoint string // ARN or alias
	path        string // key or prefix; "" for the bucket itself
}

// parseTarget reads s3://bucket, s3://bucket/key, s3:// before the ARN or alias
// of an access point as the AWS CLI takes it, and the ARN of a bucket or object.
func parseTarget(text string) (target, error) {
	rest, ok := strings.CutPrefix(text, s3Scheme)
	if !ok && !strings.HasPrefix(text, "arn:") {
		return target{}, usagef("write s3://bucket/key", "%q does not name a bucket or object", text)
	}
	if !ok {
		rest = text
	}
	if strings.HasPrefix(rest, "arn:") {
		return parseTargetARN(text, rest)
	}
	bucket, path, _ := strings.Cut(rest, "/")
	if bucket == "" {
		return target{}, usagef("write s3://bucket/key", "%q names no bucket", text)
	}
	t := target{bucket: bucket, path: path}
	if strings.HasSuffix(bucket, "-s3alias") {
		t.bucket, t.accessPoint = "", bucket
	}
	return t, nil
}

func parseTargetARN(text, rest string) (target, error) {
	arn, ok := iam.ParseARN(rest)
	if !ok || arn.Service != "s3" {
		return target{}, usagef("write s3://bucket/key", "%q is not the ARN of a bucket, object or access point", text)
	}
	if arn.Account == "" {
		bucket, path, _ := strings.Cut(arn.Resource, "/")
		return target{bucket: bucket, path: path}, nil
	}
	resource := strings.Replace(arn.Resource, "accesspoint:", "accesspoint/", 1)
	name, path, _ := strings.Cut(strings.TrimPrefix(resource, "accesspoint/"), "/")
	if !strings.HasPrefix(resource, "accesspoint/") || name == "" {
		return target{}, usagef("write s3://bucket/key", "%q is not the ARN of a bucket, object or access point", text)
	}
	path = strings.TrimPrefix(path, "object/")
	arn.Resource = "accesspoint/" + name
	return target{accessPoint: arn.String(), path: path}, nil
}
