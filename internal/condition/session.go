package condition

import "strings"

// Session is the family of the condition keys that the making of a role's session
// leaves in it, and that nothing about the request tells (IAM User Guide, Global
// condition keys, Properties of role sessions, and Keys for AWS OIDC federation, for
// SAML-based federation, and of cross-service information).
const Session = "(role session)/"

var ofSessions = map[string]bool{"aws:sourceidentity": true, "aws:federatedprovider": true, "aws:signinsessionarn": true, "aws:chatbotsourcearn": true,
	"aws:ec2instancesourcevpc": true, "aws:ec2instancesourceprivateipv4": true, "ec2:roledelivery": true, "ec2:sourceinstancearn": true, "ssm:sourceinstancearn": true,
	"lambda:sourcefunctionarn": true, "codebuild:buildarn": true, "codebuild:projectarn": true, "glue:roleassumedby": true, "glue:credentialissuingservice": true, "identitystore:userid": true}

// ofSession reports keys of the family Session, given in lower case: those listed, and
// those of SAML and of OIDC providers, which are named by their host.
func ofSession(lower string) bool {
	service, _, _ := strings.Cut(lower, ":")
	return ofSessions[lower] || service == "saml" || strings.Contains(service, ".")
}
