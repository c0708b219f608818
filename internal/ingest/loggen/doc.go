// Package loggen makes logs as AWS writes them, of any size, for tests and
// measurements: traffic of an estate's own principals on its own buckets, decided
// by the engine, denials worded as S3 words them. Both kinds of log hold the same
// requests under the same request ids. The same estate and seed give the same logs.
package loggen
