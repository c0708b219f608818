// Package iamdata holds what AWS publishes about permissions: the actions of every service, the resource types and
// condition keys of those that decide an S3 request, the global condition keys, and the AWS managed policies.
//
// The data is a copy of a day, see [ServiceDataDate] and [ManagedPolicyDate]; README.md names the sources and their
// licences. What the data does not hold is reported as not known (ok false), never as empty.
//
// Two levels of detail exist. Of iam, kms, s3, s3-object-lambda, s3express and sts every [Action] has its resource types
// and condition keys, and a dense id for tables and bit sets ([ActionID]). Of every other service the package knows the
// names of the actions alone ([KnownAction], [Actions]).
//
// Names of actions and condition keys are case-insensitive, as in policies; only ASCII letters fold. Nothing is decoded
// before it is asked for, and everything may be called from several goroutines. Slices and pointers that are returned
// belong to the package and must not be changed.
package iamdata

//go:generate go run ./gen
