// Package ec2 is the part of Amazon EC2 that decides S3 requests: VPC endpoints with
// their policies, and the VPCs that they stand in, which are names and nothing more.
//
// A VPC exists that was made here, or that the estate names in an endpoint or access
// point of the account.
package ec2
