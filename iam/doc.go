// Package iam is the vocabulary that the rest of why403 shares: ARNs, actions,
// principals, and the words of a decision (gates, outcomes, verdicts, kinds of
// cause). It knows nothing of policies or of S3 and imports the standard
// library only.
//
// The words are those of the AWS Identity and Access Management User Guide.
package iam
