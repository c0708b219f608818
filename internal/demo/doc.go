// Package demo makes the classic 403s of Amazon S3, each with real requests of
// the AWS SDK for Go against an endpoint of its own, and checks that the
// explanation names the cause that the scenario is about.
//
// The estate is built in; neither the network beyond the loopback interface nor
// the configuration of the user's AWS clients has a part in it.
package demo
