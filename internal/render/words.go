package render

import (
	"fmt"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/report"
)

// gateWords name each gate: what it is called in a sentence, what one of its
// policies is called, and what is missing where it should have allowed.
var gateWords = [iam.NumGates]struct{ name, policy, missing string }{
	iam.GateEndpoint:          {name: "region and endpoint"},
	iam.GateCredentials:       {name: "the credentials"},
	iam.GateSignature:         {name: "the signature"},
	iam.GateExistence:         {name: "the bucket or object", missing: "the key does not exist, and the caller may not list the bucket"},
	iam.GateSCP:               {"service control policies", "service control policy %s", "no service control policy allows it"},
	iam.GateRCP:               {"resource control policies", "resource control policy %s", "no resource control policy allows it"},
	iam.GateVPCEndpoint:       {"the VPC endpoint policy", "the policy of VPC endpoint %s", "the VPC endpoint policy does not allow it"},
	iam.GateBoundary:          {"the permissions boundary", "permissions boundary %s", "the permissions boundary does not allow it"},
	iam.GateSession:           {"session policies", "session policy %s", "no session policy allows it"},
	iam.GateIdentity:          {"identity-based policies", "identity-based policy %s", "no identity-based policy allows it"},
	iam.GateBucketPolicy:      {"the bucket policy", "the bucket policy of %s", "no bucket policy allows it"},
	iam.GateAccessPoint:       {"the access point's policy", "the policy of access point %s", "the access point does not allow it"},
	iam.GateACL:               {name: "the ACL", missing: "no ACL grants it"},
	iam.GateOwnership:         {name: "Object Ownership", missing: "the object's owner has granted nothing"},
	iam.GatePublicAccessBlock: {name: "Block Public Access"},
	iam.GateKMS:               {"the KMS key", "the policy of KMS key %s", "nothing allows the use of the KMS key"},
	iam.GateEncryption:        {name: "server-side encryption"},
	iam.GateMFADelete:         {name: "MFA delete"},
	iam.GateObjectLock:        {name: "Object Lock"},
	iam.GateObjectState:       {name: "the object's storage class"},
	iam.GateRequesterPays:     {name: "Requester Pays"},
}

// policyWords names a policy of a gate, or the gate where it has no name.
func policyWords(g iam.Gate, policy string) string {
	words := gateWords[g]
	if policy == "" || words.policy == "" {
		return words.name
	}
	if g == iam.GateBucketPolicy && strings.HasPrefix(policy, "trust policy of role ") {
		return "the " + clean(policy) // which has no gate of its own
	}
	if g == iam.GateKMS {
		if key, ok := strings.CutPrefix(policy, "grant on "); ok {
			_, id, _ := strings.Cut(key, ":key/")
			return "a grant on KMS key " + clean(id)
		}
		_, id, ok := strings.Cut(policy, ":key/")
		if ok {
			policy = id
		}
	}
	return fmt.Sprintf(words.policy, clean(policy))
}

// allowWords say that a gate allows an action.
func allowWords(g iam.Gate, policy, action string) string {
	verb := " allows "
	switch {
	case g == iam.GateACL:
		verb = " grants "
	case policy == "" && (g == iam.GateIdentity || g == iam.GateSession):
		verb = " allow " // policies
	}
	return policyWords(g, policy) + verb + clean(action)
}

// causeWords say gate and kind of a refusal.
func causeWords(c *report.Cause) string {
	switch reason.Code(c.Reason) { // the trust policy of a role has no gate of its own
	case reason.DenyTrust:
		return "explicit deny in the trust policy of role " + clean(c.Policy)
	case reason.NoAllowTrust:
		return "implicit deny: the role's trust policy does not allow it"
	case reason.ControlFromOutside:
		return "implicit deny: only its own account may do this"
	}
	switch c.Kind {
	case iam.KindExplicitDeny:
		return "explicit deny in " + policyWords(c.Gate, c.Policy)
	case iam.KindImplicitDeny:
		if missing := gateWords[c.Gate].missing; missing != "" {
			return "implicit deny: " + missing
		}
		return "implicit deny: " + gateWords[c.Gate].name
	case iam.KindSetting:
		return "setting: " + gateWords[c.Gate].name
	case iam.KindState:
		return "state: " + gateWords[c.Gate].name
	case iam.KindNotFound:
		return "not found: " + gateWords[c.Gate].name
	}
	return "authentication: " + gateWords[c.Gate].name
}

// statementWords name a statement by its Sid, else by its index.
func statementWords(s report.Statement) string {
	if s.Sid != "" {
		return fmt.Sprintf("statement %q", s.Sid)
	}
	return fmt.Sprintf("statement index %d", s.Index)
}
