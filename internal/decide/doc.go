// Package decide decides S3 requests: facts in, decision out. It does no I/O,
// reads no clock, and takes no context.Context; everything asked of the estate
// is a value in Facts before it begins.
//
// One file holds one gate. The policy gates are asked first, each giving an
// answer in three values; the formula of the IAM User Guide for the caller's
// kind then tells which of them had to allow. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
// and, for the S3 side,
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-s3-evaluates-access-control.html.
package decide
