// Package estate is the model of all that decides an S3 request:
// organizations, accounts, identities, buckets, keys, VPC endpoints and access
// points; and the file format in which it is written down.
//
// # What is absent, and what is unknown
//
// A field that is absent from a file has the value that AWS gives a newly made
// resource today; methods such as [Bucket.BlockPublicAccess],
// [Bucket.DefaultEncryption] and [Key.Policy] say which, so that nobody else
// needs to know. What a collector could not read is listed under Unknown on that
// resource, is asked for with [Unknowns.Why], and is never a default. What AWS
// would have chosen at random (canonical ids, unique ids, aliases of access
// points) is derived from names where a file does not state it.
//
// # Reading, finding, writing
//
//   - [Load], [Parse] and [ParseFS] read an estate, check it, and fill in what
//     follows from its structure. Errors name file, line and column.
//   - [Estate.Bucket], [Estate.AccessKey], [Estate.AccessPoint],
//     [Estate.ResolveKey], [Account.Managed] and their like look things up.
//   - [Estate.Encode] writes an estate back; [Schema] is the JSON Schema.
//
// An estate that is made or changed in memory is made ready by [Estate.Link].
package estate
