// Package errortext reads what AWS answered out of text that people paste: the
// output of the AWS CLI, of boto3 and the SDKs for Java, Go, JavaScript and
// others, of Terraform and rclone, the XML that a browser shows, a CloudTrail
// record. Lines may be wrapped anywhere, quoted, escaped, or prefixed.
//
// [Parse] finds what the text states, and nothing else; [Message.Reading] says
// what it means and what it cannot mean (S3 User Guide, "Troubleshoot access
// denied (403 Forbidden) errors in Amazon S3"; IAM User Guide, "Troubleshoot
// access denied error messages").
package errortext
