// Package sigv4 verifies how a request to Amazon S3, or to a service of the
// query or JSON protocols, was signed, and says which part disagrees when the
// signature does not match.
//
// # Mechanisms
//
// [Verifier.Verify] recognises AWS Signature Version 4 in the Authorization
// header, in the query (a presigned URL) and in a browser POST form, Signature
// Version 2 in the header and the query, and anonymous requests. Signature
// Version 4A is recognised and refused.
//
// # Errors
//
// A refused request is an [*Error]: the gate, a stable reason, and what S3
// answers to the letter (status, code, message and the extra elements in their
// order on the wire). An error never holds a secret access key. A mismatched
// signature carries a [Mismatch] with the strings that the verifier computed
// and, where one change to them makes the signature match, that change.
//
// # Bodies
//
// Verify does not read the body of an S3 request, except the fields of a POST
// form. [Result.Body] decodes aws-chunked bodies and checks hashes and
// chunk signatures while they stream; what it yields is provisional until it
// returns io.EOF.
//
// The pages followed are "Authenticating Requests (AWS Signature Version 4)"
// of the Amazon S3 API Reference and "AWS Signature Version 4 for API
// requests" of the IAM User Guide.
package sigv4
