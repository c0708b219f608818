// Package condition evaluates the Condition element of IAM policies: operators
// over typed values, in three values, since a request may leave out what a
// policy tests.
//
// It follows the IAM User Guide, "IAM JSON policy elements: Condition" and
// "Condition operators"; a key that the request does not carry is Absent, which
// has a defined answer for every operator, and is not the same as a key whose
// value is not known, for which the answer is Unknown.
package condition
