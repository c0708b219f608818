// Package s3op tells which operation of Amazon S3 a request asks for, and which
// permissions the operation needs.
//
// One table, of [Spec], feeds three readers: [Classify] finds the operation of an
// HTTP request, [Spec.Checks] and [Spec.KMS] turn a stated request into the
// permissions that all have to be granted, and [WriteTable] prints the table for
// the documentation.
//
// An operation is an API call (HeadObject), an action is a permission
// (s3:GetObject). The two lists differ: CopyObject is no action, and
// s3:BypassGovernanceRetention is no operation. What an operation needs follows
// the Amazon S3 User Guide, Required permissions for Amazon S3 API operations,
// the page of each operation in the API Reference, and the Service Authorization
// Reference for the condition keys; where these disagree, a comment says which
// one is followed.
//
// Nothing here decides: the package does not read policies, and does no I/O.
package s3op
