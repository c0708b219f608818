// Package server is the endpoint of why403 serve: Amazon S3 and AWS Security
// Token Service on one port, with every gate enforced by the engine, and every
// refusal explained.
//
// The service of a request is told by the credential scope of its signature, or
// by the Host. Package wire reads requests and writes errors, package world holds
// the state, packages s3 and sts answer.
package server
