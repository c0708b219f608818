// Package policy reads IAM policy documents without loss of place, compiles
// them, and tells which of their statements apply to a request.
//
//   - [Parse] reads a document; every part of it knows its file, line and column.
//   - A [Set] holds the statements that one gate asks about one caller, indexed
//     so that the cost of asking hardly grows with their number.
//   - [Set.Eval] answers for an action, a resource and a context.
//   - [Public] tells whether S3 calls a bucket's policy public, and [Lint] finds
//     what does not do what it seems to.
//
// It follows the IAM User Guide, "IAM JSON policy elements reference" and
// "Policy evaluation logic".
package policy
