// Package awsapi speaks the protocols of AWS's services other than S3: the query
// protocol (IAM, STS), the EC2 query protocol, and JSON 1.0 and 1.1 (KMS,
// Organizations, CloudTrail). It is the server's side of them, over the input
// and output types of the AWS SDK for Go.
//
// # Services
//
// A service is a table. A row names an operation, what it asks of the engine,
// and what it does:
//
//	awsapi.Op("GetUser", userAccess, getUser)
//
//	func userAccess(c *awsapi.Call, in *iam.GetUserInput) []awsapi.Check {
//		return []awsapi.Check{{Action: "iam:GetUser", Resource: …}}
//	}
//	func getUser(c *awsapi.Call, in *iam.GetUserInput) (*iam.GetUserOutput, error)
//
// The input is decoded and has all required members, lengths, patterns and
// values that its model demands before either is called; the second is called
// when the engine has allowed every check. [Free] is the access of an operation
// that needs no permission, and there is no way to leave it out.
//
// # Models
//
// Names on the wire, required members, constraints and the status of errors are
// those of the models that AWS publishes with botocore. The folder model holds
// an extract, made by gen; a row whose types do not fit its model is refused by
// [New].
package awsapi
