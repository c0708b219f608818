// Package clienttest holds the sessions in which real clients speak to the
// endpoint: the AWS CLI, boto3, the AWS SDKs for Go and JavaScript, rclone, s3cmd
// and s3fs. A client that is not installed is skipped with its name, unless
// WHY403_REQUIRE_CLIENTS is 1.
package clienttest
