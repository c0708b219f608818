// Package s3 answers the operations of Amazon S3: it authenticates a request,
// has it decided by the engine, and does what it asks.
//
// Adding an operation is a row in the table of operations.go and the functions
// that it names. Pages followed are those of the Amazon S3 API Reference.
package s3
