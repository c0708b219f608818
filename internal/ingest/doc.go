// Package ingest reads logs, CloudTrail's and S3 server access logs mixed, from
// files, folders, standard input and S3 prefixes, on several goroutines and in
// bounded memory. What kind of log a file holds, and whether it is compressed, is
// told by its first bytes.
package ingest
