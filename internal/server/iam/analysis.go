package iam

import "github.com/why403/why403/internal/server/awsapi"

func analysisRows() []awsapi.Operation {
	return []awsapi.Operation{
		awsapi.Op("GetContextKeysForCustomPolicy", onAccount, getContextKeysForCustomPolicy),
		awsapi.Op("GetContextKeysForPrincipalPolicy", onPrincipal, getContextKeysForPrincipalPolicy),
		awsapi.Op("SimulateCustomPolicy", onAccount, simulateCustomPolicy),
		awsapi.Op("SimulatePrincipalPolicy", onPrincipal, simulatePrincipalPolicy),
		awsapi.Op("GenerateServiceLastAccessedDetails", onReported, generateServiceLastAccessedDetails),
		awsapi.Op("GetServiceLastAccessedDetails", onAccount, getServiceLastAccessedDetails),
	}
}

// onPrincipal is an operation on the policies of a user, group or role.
func onPrincipal[In any](c *awsapi.Call, in *In) ([]awsapi.Check, error) {
	return check(c, in, text(in, "PolicySourceArn"), nil)
}

// onReported is an operation on the entity or policy of an ARN.
func onReported[In any](c *awsapi.Call, in *In) ([]awsapi.Check, error) {
	return check(c, in, text(in, "Arn"), nil)
}
