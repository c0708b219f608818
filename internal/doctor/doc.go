// Package doctor examines the environment in which programs find their AWS
// credentials, Region and endpoints: what each link of the chain holds, which one
// wins and what it hides, and where the AWS CLI, boto3 and the SDK for Go differ.
// Ids of access keys are shown; no secret is in a report.
package doctor
