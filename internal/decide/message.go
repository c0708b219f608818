package decide

import (
	"fmt"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/reason"
)

// policyTypes are the words of S3's messages (S3 User Guide, Troubleshoot access
// denied errors; IAM User Guide, Troubleshoot access denied error messages).
var policyTypes = map[iam.Gate]struct{ explicit, implicit string }{
	iam.GateSCP:               {"a service control policy", "service control policy"},
	iam.GateRCP:               {"a resource control policy", "resource control policy"},
	iam.GateVPCEndpoint:       {"a VPC endpoint policy", "VPC endpoint policy"},
	iam.GateBoundary:          {"a permissions boundary", "permissions boundary"},
	iam.GateSession:           {"a session policy", "session policy"},
	iam.GateIdentity:          {"an identity-based policy", "identity-based policy"},
	iam.GateBucketPolicy:      {"a resource-based policy", "resource-based policy"},
	iam.GateAccessPoint:       {"a resource-based policy", "resource-based policy"},
	iam.GateACL:               {"a resource-based policy", "resource-based policy"},
	iam.GateOwnership:         {"a resource-based policy", "resource-based policy"},
	iam.GatePublicAccessBlock: {"a resource-based policy", "resource-based policy"},
	iam.GateKMS:               {"a resource-based policy", "resource-based policy"},
}

// word gives a refusal S3's message for those who may see it. Callers of the
// bucket owner's account or organization may; a denial by an endpoint's policy
// is told within the account only.
func (e *evaluation) word(r *Refusal) {
	if e.check.Kind == RoleCheck && e.facts.Caller.Account != "" {
		r.Message = e.wordRole(r)
		return
	}
	if e.check.OtherAccount {
		return
	}
	same := e.facts.sameAccount(e.check.Bucket)
	if !same && (!e.facts.sameOrganization(e.check.Bucket) || r.Gate == iam.GateVPCEndpoint) {
		return
	}
	action := e.check.Action.String()
	if r.Gate == iam.GateKMS {
		r.Message = e.wordKMS(r, action)
		return
	}
	if r.Reason == reason.NoAllowOwner || r.Reason == reason.VPCOrigin {
		return
	}
	user := e.facts.Caller.ARN()
	t := policyTypes[r.Gate]
	on := ""
	if e.check.Resource != "" && e.check.Resource != "*" && e.check.Kind != AccountCheck {
		on = ` on resource: "` + e.check.Resource + `"`
		if e.check.Kind == KeyCheck {
			on = " on resource: " + e.check.Resource
		}
	}
	because := "because no " + t.implicit + " allows the " + action + " action"
	if r.Kind == iam.KindExplicitDeny || r.Reason == reason.RestrictPublicBuckets {
		because = "with an explicit deny in " + t.explicit
	}
	r.Message = "User: " + user + " is not authorized to perform: " + action + on + " " + because
}

// wordKMS is KMS's own wording, which S3 passes on: key ARNs without quotes.
func (e *evaluation) wordKMS(r *Refusal, action string) string {
	user := e.facts.Caller.ARN()
	switch {
	case r.Kind == iam.KindExplicitDeny:
		return fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s with an explicit deny in a resource-based policy", user, action, e.check.Resource)
	case r.Reason == reason.NoAllowKMSIdentity:
		return fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s because no identity-based policy allows the %s action", user, action, e.check.Resource, action)
	}
	return fmt.Sprintf("User: %s is not authorized to perform: %s on the resource associated with this ciphertext because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access", user, action)
}

func (f *Facts) sameAccount(b *Bucket) bool {
	if f.Caller.Account == "" {
		return false
	}
	return b == nil || f.Caller.Account == b.Account
}

func (f *Facts) sameOrganization(b *Bucket) bool {
	return b != nil && f.Caller.Account != "" && f.Caller.OrgID != "" && f.Caller.OrgID == b.OrgID
}
