package s3op

import (
	"errors"
	"net/url"
	"strings"
)

// ErrCopySource is returned for a copy source that names no object.
var ErrCopySource = errors.New("a copy source is BUCKET/KEY or the ARN of an object behind an access point")

// CopySource reads what x-amz-copy-source says: BUCKET/KEY, with or without a slash
// before it, or the ARN of an object behind an access point; either URL-encoded, and
// with ?versionId=… behind it where it names a version. For an access point's object
// the bucket is "" and accessPointARN the access point's ARN without the object. On
// error all is "" (API Reference, CopyObject, x-amz-copy-source).
func CopySource(value string) (bucket, key, versionID, accessPointARN string, err error) {
	path, version := cutVersion(value)
	path, err = url.PathUnescape(path)
	if err != nil {
		return "", "", "", "", ErrCopySource
	}
	path = strings.TrimPrefix(path, "/")
	if strings.HasPrefix(path, "arn:") {
		accessPointARN, key, _ = strings.Cut(path, "/object/")
		if key == "" || !isAccessPointARN(accessPointARN) {
			return "", "", "", "", ErrCopySource
		}
		return "", key, version, accessPointARN, nil
	}
	bucket, key, _ = strings.Cut(path, "/")
	if bucket == "" || key == "" {
		return "", "", "", "", ErrCopySource
	}
	return bucket, key, version, "", nil
}

// cutVersion splits off the version. A question mark of the key is encoded; where
// a client forgot, only one that begins ?versionId= counts.
func cutVersion(value string) (path, version string) {
	i := strings.LastIndex(value, "?versionId=")
	if i < 0 {
		return value, ""
	}
	version, _, _ = strings.Cut(value[i+len("?versionId="):], "&")
	if decoded, err := url.QueryUnescape(version); err == nil {
		version = decoded
	}
	return value[:i], version
}

func isAccessPointARN(arn string) bool {
	part := strings.SplitN(arn, ":", 6)
	return len(part) == 6 && (part[2] == "s3" || part[2] == "s3-outposts") && strings.Contains(part[5], "accesspoint/")
}

// copySourceKey returns the source as the condition key s3:x-amz-copy-source has
// it: decoded and without the slash before the bucket (S3 User Guide, Bucket policy
// examples using condition keys). No page says whether ?versionId=… belongs to it;
// it stays, as sent.
func copySourceKey(value string) string {
	path, version := cutVersion(value)
	if decoded, err := url.PathUnescape(path); err == nil {
		path = decoded
	}
	path = strings.TrimPrefix(path, "/")
	if version != "" {
		path += "?versionId=" + version
	}
	return path
}
