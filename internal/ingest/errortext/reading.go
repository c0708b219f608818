package errortext

import (
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/reason"
)

// A Reading is what a message means, from its text alone.
type Reading struct {
	Says   string   `json:"says"`             // one sentence
	Not    []string `json:"not,omitempty"`    // what it cannot mean
	Though []string `json:"though,omitempty"` // what else hides behind the same wording
	Next   []string `json:"next,omitempty"`   // where to look
}

// Reading says what the message means.
func (m *Message) Reading() Reading {
	switch {
	case m.Refusal == nil && m.Code == "" && m.Action == "":
		return m.statusAlone()
	case m.Refusal == nil:
		return m.bare()
	}
	r := m.refused()
	if m.PolicyARN != "" {
		r.Next = append(r.Next, "the policy that denies is "+m.PolicyARN)
	}
	return r
}

// statusAlone reads an answer without a body.
func (m *Message) statusAlone() Reading {
	r := Reading{Says: "the answer had no body, as every answer to a HEAD: its cause cannot be told from it"}
	if strings.HasPrefix(m.Operation, "Head") {
		r.Next = append(r.Next, "HeadObject needs s3:GetObject, HeadBucket needs s3:ListBucket; the same request as GET has a message")
	}
	if m.Status == 403 && m.Operation != "HeadBucket" {
		r.Though = append(r.Though, "a key that does not exist reads as 403 for callers who may not s3:ListBucket")
	}
	if m.Status == 400 {
		r.Though = append(r.Though, "400 to a HEAD is mostly an expired token, the wrong Region, or an SSE-C object read without its key")
	}
	return r
}

// bare reads "Access Denied" with no reason.
func (m *Message) bare() Reading {
	if m.Code != "AccessDenied" && m.Code != "AccessDeniedException" {
		return Reading{Says: "the code " + m.Code + " is no refusal by a policy", Not: []string{"a missing permission"}}
	}
	if m.Action != "" {
		return Reading{Says: "a permission is missing: " + m.Action, Next: []string{"the message is in a form without a reason, so any policy of the caller or the resource may refuse"}}
	}
	return Reading{
		Says: "S3 gives no reason: the caller is anonymous, or of another account and organization than the bucket, or the refusal is none of a policy",
		Not:  []string{"a policy's refusal to a caller of the bucket's own account or organization, which S3 would have explained (a VPC endpoint's policy is explained within the account alone)"},
		Though: []string{
			"for those outside: bucket policy, ACL, Block Public Access, and across accounts also the caller's own policies",
			"without a policy: requester pays, an expected bucket owner that differs, an object that another account owns",
			"a key that does not exist, for callers who may not s3:ListBucket",
		},
	}
}

func (m *Message) refused() Reading {
	if m.Refusal.Kind == iam.KindAuthentication {
		return Reading{Says: authentication[m.Refusal.Reason], Not: []string{"a missing permission: no policy was asked yet"}, Next: m.authenticationNext()}
	}
	if says, ok := settings[m.Refusal.Reason]; ok {
		return Reading{Says: says, Not: []string{"a missing permission: nothing can be granted against it"}}
	}
	if m.Refusal.Kind == iam.KindExplicitDeny {
		return m.explicit()
	}
	return m.implicit()
}

func (m *Message) explicit() Reading {
	r := Reading{
		Says: "a Deny statement in " + policyWords[m.Refusal.Reason] + " matched",
		Not:  []string{"a missing Allow: adding one anywhere does not help", "another kind of policy, as the first thing to mend; others may refuse behind it"},
	}
	switch m.Refusal.Reason {
	case reason.DenyResourcePolicy:
		r.Though = append(r.Though, "S3 uses the same words where RestrictPublicBuckets of Block Public Access cuts off a public policy, with no Deny statement anywhere")
	case reason.DenySCP, reason.DenyRCP:
		r.Next = append(r.Next, "the organization's management account, or its delegated administrator, can read and change the policy")
	}
	return r
}

func (m *Message) implicit() Reading {
	r := Reading{
		Says: "no statement of " + policyWords[m.Refusal.Reason] + " allows " + m.Action,
		Not:  []string{"an explicit Deny of any policy, which would have been named instead"},
	}
	switch m.Refusal.Reason {
	case reason.NoAllowIdentity:
		r.Though = append(r.Though, "in one account a bucket policy that names the caller would do as well; S3 speaks of the identity-based policy alone")
		if m.Action == "s3:ListBucket" && strings.HasSuffix(m.Operation, "Object") {
			r.Though = append(r.Though, "a call for an object that names s3:ListBucket is what a missing key looks like")
		}
	case reason.NoAllowResourcePolicy:
		r.Though = append(r.Though, "IgnorePublicAcls of Block Public Access makes public ACLs count for nothing, in the same words")
	case reason.NoAllowSCP, reason.NoAllowBoundary, reason.NoAllowSession, reason.NoAllowVPCEndpoint:
		r.Next = append(r.Next, "such a policy limits and grants nothing: it must allow, and an identity-based or resource-based policy as well")
	case reason.NoAllowKeyPolicy:
		r.Though = append(r.Though, "a key that does not exist in this Region, and a Deny in the key policy, have the same words")
	}
	if strings.HasPrefix(m.Action, "kms:") {
		r.Next = append(r.Next, "the object, or the bucket's default, is encrypted with SSE-KMS; S3's own permissions have passed")
	}
	return r
}

func (m *Message) authenticationNext() []string {
	var next []string
	for _, name := range m.DetailNames() {
		next = append(next, name+": "+m.Details[name])
	}
	return next
}

// policyWords name the policies of wordings.
var policyWords = map[reason.Code]string{
	reason.DenySCP: "a service control policy", reason.NoAllowSCP: "the service control policies",
	reason.DenyRCP:         "a resource control policy",
	reason.DenyVPCEndpoint: "the VPC endpoint's policy", reason.NoAllowVPCEndpoint: "the VPC endpoint's policy",
	reason.DenyBoundary: "the permissions boundary", reason.NoAllowBoundary: "the permissions boundary",
	reason.DenySession: "a session policy", reason.NoAllowSession: "the session policies",
	reason.DenyIdentity: "an identity-based policy", reason.NoAllowIdentity: "the caller's identity-based policies",
	reason.DenyResourcePolicy: "the bucket policy or access point policy", reason.NoAllowResourcePolicy: "the bucket policy or access point policy",
	reason.DenyTrust: "the role's trust policy", reason.NoAllowTrust: "the role's trust policy",
	reason.NoAllowKMSIdentity: "the caller's identity-based policies", reason.NoAllowKeyPolicy: "the KMS key's policy", reason.DenyKeyPolicy: "the KMS key's policy",
}

// authentication says what failed before any policy was asked.
var authentication = map[reason.Code]string{
	reason.UnknownAccessKey:     "S3 knows no such access key: it was deleted or made inactive, is of another partition, or is a temporary one sent without its token",
	reason.ExpiredToken:         "the session token has expired: renew the credentials",
	reason.InvalidToken:         "the session token is not the one of these credentials: mostly a stale AWS_SESSION_TOKEN beside new keys",
	reason.AnonymousNotAllowed:  "the request was not signed: no credentials were found, or the client was told not to sign",
	reason.SignatureMismatch:    "the signature is not the one that S3 calculates: the secret key is wrong, or the request was changed after signing",
	reason.ClockSkew:            "the clock of the client is off by more than fifteen minutes",
	reason.WrongRegion:          "the request was signed for, or sent to, another Region than the bucket's",
	reason.PresignedExpired:     "the presigned URL has expired: make a new one",
	reason.PresignedNotYetValid: "the presigned URL is dated in the future: the clock of who signed it is ahead",
	reason.UnsignedHeaders:      "the request carries x-amz- headers that its signature does not cover: sign them, or leave them out",
}

// settings says which setting or state refuses.
var settings = map[reason.Code]string{
	reason.BlockPublicACLs:           "BlockPublicAcls of Block Public Access, on the bucket, the account or the organization, takes no ACL that is public",
	reason.BlockPublicPolicy:         "BlockPublicPolicy of Block Public Access, on the bucket, the account or the organization, takes no policy that is public",
	reason.SSECBlocked:               "the bucket's encryption configuration blocks uploads with customer provided keys (SSE-C)",
	reason.SSECKeyWrong:              "the object was stored with another customer provided key (SSE-C) than the one sent",
	reason.MFARequired:               "MFA delete is on: deleting a version needs the root user's second factor in x-amz-mfa",
	reason.Retention:                 "Object Lock protects the object version, by a retention period or a legal hold",
	reason.Archived:                  "the object is archived, and must be restored before it can be read",
	reason.ACLNotSupported:           "Object Ownership of the bucket disables ACLs: leave the ACL out, or send bucket-owner-full-control",
	reason.ACLConflictsWithOwnership: "the bucket's ACL gives others something, which goes with no BucketOwnerEnforced",
	reason.KeyDisabled:               "the KMS key is disabled",
	reason.KeyState:                  "the KMS key is in a state that allows no use, such as pending deletion",
	reason.KeyNotFound:               "the KMS key does not exist in the bucket's Region",
	reason.NoSuchBucket:              "there is no such bucket",
}
