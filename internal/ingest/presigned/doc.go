// Package presigned reads presigned URLs of S3: those of Signature Version 4 and
// 2, and the signed URLs of CloudFront, as people paste them. It tells what a URL
// states and what is wrong with it by itself; whether the signer may do it is the
// engine's question (S3 API Reference, "Authenticating Requests: Using Query
// Parameters").
//
// Neither signatures nor session tokens leave this package.
package presigned
