// Package proxy stands between a program and S3: it forwards what the program's
// AWS SDK sends, signed anew with the same credentials for the endpoint that the
// program would have called, and tells of every answer that refuses.
//
// Bodies stream both ways. A request is changed in nothing but its host, its
// signature and its date; its answer in nothing at all.
package proxy
