package estate

import "github.com/why403/why403/policy"

// FullAWSAccessDocument returns the document of the service control policy
// FullAWSAccess, which allows every action on every resource.
func FullAWSAccessDocument() *policy.Document { return fullAccess.Document }

// DefaultEndpointPolicy returns the policy that a VPC endpoint has where none
// was given: full access (AWS PrivateLink Guide, Default endpoint policy).
func DefaultEndpointPolicy() *policy.Document { return rcpFullAccess.Document }
