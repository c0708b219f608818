// Package estate is the model of all that decides an S3 request:
// organizations, accounts, identities, buckets, keys, VPC endpoints and access
// points; and the file format in which it is written down.
//
// A field that is absent from a file has the value that AWS gives a newly made
// resource today. What a collector could not read is listed under Unknown on
// that resource, and is never a default.
package estate
