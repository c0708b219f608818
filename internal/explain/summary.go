package explain

import (
	"fmt"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/policy"
	"github.com/why403/why403/report"
)

// gateWords are the policies of the gates in words.
var gateWords = map[iam.Gate]string{
	iam.GateSCP: "service control policy", iam.GateRCP: "resource control policy", iam.GateVPCEndpoint: "policy of VPC endpoint",
	iam.GateBoundary: "permissions boundary", iam.GateSession: "session policy", iam.GateIdentity: "identity-based policy",
	iam.GateBucketPolicy: "bucket policy of", iam.GateAccessPoint: "policy of access point", iam.GateKMS: "key policy of",
}

// summary is one sentence that a person can act on.
func (w *writer) summary(r *decide.Refusal, c *report.Cause) string {
	if r.Kind == iam.KindExplicitDeny && r.Set != nil {
		return w.denySummary(r, c)
	}
	if s := w.implicitSummary(r); s != "" {
		if len(c.NearMisses) > 0 {
			n := c.NearMisses[0]
			s += fmt.Sprintf("; nearest is statement %s of %s: %s", statementName(n.Statement.Index, n.Statement.Sid), n.Policy, n.Summary)
		}
		return s
	}
	return w.refusalSummary(r)
}

// denySummary names the statement and, of its conditions, the one that tells
// most: a negated operator that is true because the request lacks the key.
func (w *writer) denySummary(r *decide.Refusal, c *report.Cause) string {
	st, named := r.Set.At(r.Statement)
	words := gateWords[r.Gate]
	if r.Reason == reason.DenyTrust {
		words = "trust policy of role"
	}
	s := fmt.Sprintf("statement %s of %s %s denies %s on %s", statementName(st.Index, st.Sid), words, named.Name, r.Action, r.Resource)
	if len(c.Compare) == 0 || r.Check < 0 {
		if st.NotPrincipal {
			return s + ", since its NotPrincipal does not leave the caller out"
		}
		return s + " without a condition"
	}
	ctx := w.contextOf(r.Check)
	for i, cmp := range c.Compare {
		compiled, err := condition.Compile(cmp.Operator, cmp.Key, cmp.Policy, true)
		if err == nil && compiled.Negated() && ctx.Lookup(compiled.Key).State == condition.Absent {
			return s + fmt.Sprintf(": %s is true for a request without %s (the policy has %s)", cmp.Operator, cmp.Key, list(cmp.Policy))
		}
		if i == len(c.Compare)-1 {
			first := c.Compare[0]
			return s + fmt.Sprintf(": %s %s, the policy has %s, the request %s", first.Operator, first.Key, list(first.Policy), first.Request)
		}
	}
	return s
}

func statementName(index int, sid string) string {
	if sid != "" {
		return fmt.Sprintf("%q", sid)
	}
	return fmt.Sprint(index)
}

func list(values []string) string {
	switch len(values) {
	case 0:
		return "nothing"
	case 1:
		return values[0]
	}
	return fmt.Sprintf("%s and %d more", values[0], len(values)-1)
}

// implicitSummary says what had to allow and did not; "" for other kinds.
func (w *writer) implicitSummary(r *decide.Refusal) string {
	who := w.facts.Caller.ARN()
	if who == "" {
		who = "anonymous callers"
	}
	switch r.Reason {
	case reason.NoAllowSCP:
		return fmt.Sprintf("no service control policy at %s allows %s; every level from the root to the account must", r.Where, r.Action)
	case reason.NoAllowVPCEndpoint:
		return fmt.Sprintf("the policy of VPC endpoint %s does not allow %s on %s", r.Where, r.Action, r.Resource)
	case reason.NoAllowResourcePolicy:
		return fmt.Sprintf("the bucket's account must allow %s to %s, and no bucket policy does", r.Action, who)
	case reason.NoAllowTrust:
		return fmt.Sprintf("the trust policy of %s does not let %s assume the role", r.Resource, who)
	case reason.ControlFromOutside:
		return fmt.Sprintf("%s belongs to another account, and is managed by principals of that account alone", r.Resource)
	case reason.NoAllowAccessPoint:
		return fmt.Sprintf("the access point's policy must allow %s to %s, and does not", r.Action, who)
	case reason.NoAllowOwner:
		return fmt.Sprintf("%s belongs to another account than the bucket, and its ACL gives the caller nothing; a bucket policy cannot", r.Resource)
	case reason.NoAllowACL:
		return fmt.Sprintf("no ACL gives %s the permission for %s, and the bucket has no policy", who, r.Action)
	case reason.NoAllowIdentity:
		return fmt.Sprintf("no identity-based policy of %s allows %s on %s", who, r.Action, r.Resource)
	case reason.NoAllowBoundary:
		return fmt.Sprintf("the permissions boundary of %s does not allow %s on %s", who, r.Action, r.Resource)
	case reason.NoAllowSession:
		return fmt.Sprintf("the session policies passed when %s was made do not allow %s on %s", who, r.Action, r.Resource)
	case reason.FederatedWithoutSession:
		return fmt.Sprintf("%s was made without a session policy, and so has only what a resource-based policy gives its own ARN", who)
	case reason.NoAllowKMSIdentity:
		return fmt.Sprintf("the data is encrypted under %s, and no identity-based policy of %s allows %s on that key", r.Resource, who, r.Action)
	case reason.NoAllowKeyPolicy:
		return fmt.Sprintf("the data is encrypted under %s, whose key policy and grants do not allow %s to %s", r.Resource, r.Action, who)
	case reason.KeyPolicyDoesNotDelegate:
		return fmt.Sprintf("identity-based policies allow %s, and do not count: the key policy of %s does not delegate to account %s", r.Action, r.Resource, w.facts.Caller.Account)
	}
	return ""
}

// refusalSummary is for settings, states, authentication and what is not found.
func (w *writer) refusalSummary(r *decide.Refusal) string {
	at := r.Where
	if at == "" {
		at = r.Resource
	}
	switch r.Reason {
	case reason.BlockPublicACLs:
		return fmt.Sprintf("BlockPublicAcls of %s refuses ACLs that grant AllUsers or AuthenticatedUsers; send no public ACL", at)
	case reason.IgnorePublicACLs:
		return fmt.Sprintf("a public ACL grants %s, and IgnorePublicAcls of %s makes S3 ignore it, whatever the message says", r.Action, at)
	case reason.OrganizationBlockPublicAccess:
		return fmt.Sprintf("an S3 policy of %s assigns the account's Block Public Access, which its members cannot change", at)
	case reason.BlockPublicPolicy:
		return fmt.Sprintf("BlockPublicPolicy of %s refuses this policy, since it is public%s", at, w.publicStatement())
	case reason.RestrictPublicBuckets:
		s := fmt.Sprintf("the policy allows the request but is public, and RestrictPublicBuckets of %s then keeps out all but the owner's account", at)
		if strings.Contains(r.Message, "explicit deny") {
			s += "; the message's \"explicit deny\" is no Deny statement"
		}
		return s
	case reason.ACLsDisabled:
		return fmt.Sprintf("an ACL grants %s, and Object Ownership BucketOwnerEnforced of %s turns ACLs off", r.Action, at)
	case reason.ACLNotSupported:
		return fmt.Sprintf("Object Ownership BucketOwnerEnforced of %s takes no ACL but bucket-owner-full-control; leave the ACL out", at)
	case reason.ACLConflictsWithOwnership:
		return fmt.Sprintf("the ACL of %s grants others than its owner; remove those grants before setting BucketOwnerEnforced", at)
	case reason.ExpectedOwner:
		return fmt.Sprintf("the request expects the bucket to belong to %s, and it does not", at)
	case reason.PolicyCallFromOutside:
		return fmt.Sprintf("a bucket's policy is read and changed by principals of its own account alone (%s), whatever policies allow", at)
	case reason.VPCOrigin:
		return fmt.Sprintf("access point %s takes requests from its VPC alone, and this one does not come from there", at)
	case reason.ManagedKey:
		return "the data is encrypted under the AWS managed key aws/s3 of another account, which nobody outside that account can ever use; encrypt it under a customer managed key"
	case reason.SSECBlocked:
		return fmt.Sprintf("%s blocks uploads with customer provided keys (SSE-C), as buckets do by default since April 2026", at)
	case reason.KMSNeedsTLS:
		return "SSE-KMS requests must come over TLS, and this one came over plain HTTP"
	case reason.KMSNeedsSignature:
		return "SSE-KMS takes requests signed with Signature Version 4; anonymous ones can never read such an object, whatever the bucket policy says"
	case reason.SSECNeedsTLS:
		return "requests with customer provided keys must come over TLS"
	case reason.RequesterPays:
		return fmt.Sprintf("%s is a Requester Pays bucket; send x-amz-request-payer: requester to accept the charge", at)
	case reason.RequesterPaysAnonymous:
		return fmt.Sprintf("%s is a Requester Pays bucket, and anonymous requests cannot pay; sign the request", at)
	case reason.MFARequired, reason.MFANotRoot, reason.MFAInvalid:
		if w.facts.Form.SetsMFADelete {
			return "MFA delete is turned on or off by the root user of the bucket's account alone, with its MFA device in x-amz-mfa"
		}
	}
	switch r.Reason {
	case reason.MFARequired:
		return fmt.Sprintf("MFA delete is on for %s; send x-amz-mfa with the root user's device and code", at)
	case reason.MFAInvalid:
		return "the x-amz-mfa header is not accepted: its form, device or code is wrong"
	case reason.MFANotRoot:
		return fmt.Sprintf("MFA delete is on for %s; only the root user of its account, with its own MFA device, may do this", at)
	case reason.NoObjectLock:
		return fmt.Sprintf("%s has no Object Lock, and the request asks for it", at)
	case reason.Retention:
		return fmt.Sprintf("%s is under %s retention%s", r.Resource, at, bypassHint(at))
	case reason.LegalHold:
		return fmt.Sprintf("%s is under legal hold; s3:PutObjectLegalHold can release it", r.Resource)
	case reason.Archived:
		return fmt.Sprintf("the object is archived (%s); restore it first", at)
	case reason.KeyDisabled:
		return fmt.Sprintf("KMS key %s is disabled", at)
	case reason.KeyState:
		return fmt.Sprintf("KMS key %s cannot be used in its present state", at)
	case reason.KeyNotFound:
		return fmt.Sprintf("KMS key %s does not exist", at)
	case reason.SSECKeyMissing:
		return "the object is encrypted with a customer provided key; send the SSE-C headers with it"
	case reason.SSECKeyWrong:
		return "the object is encrypted with another customer provided key than the request brings"
	case reason.NoSuchBucket:
		return fmt.Sprintf("bucket %s does not exist", at)
	case reason.MissingKeyReadsAs403:
		return "the key does not exist, and S3 answers 403 instead of 404 because the caller may not s3:ListBucket"
	case reason.DeleteMarkerByVersion:
		return "the version is a delete marker, which cannot be read"
	}
	return w.wireSummary(r)
}

func bypassHint(mode string) string {
	if mode == "GOVERNANCE" {
		return "; s3:BypassGovernanceRetention with the header x-amz-bypass-governance-retention: true lifts it"
	}
	return "; nobody, not even the root user, can lift it before it ends"
}

// publicStatement names the statement that makes the request's policy public.
func (w *writer) publicStatement() string {
	if doc := w.facts.Form.Policy; doc != nil {
		if _, st := policy.Public(doc, false); st != nil {
			return fmt.Sprintf(" (statement %s)", statementName(st.Index, st.Sid))
		}
	}
	return ""
}

// wireSummary is for endpoint, credentials and signature.
func (w *writer) wireSummary(r *decide.Refusal) string {
	switch r.Reason {
	case reason.WrongRegion:
		for _, e := range r.Extra {
			if e[0] == "Region" {
				return fmt.Sprintf("the request was signed for another Region than the bucket's, %s", e[1])
			}
		}
		return "the request went to the endpoint of another Region than the bucket's"
	case reason.UnknownAccessKey:
		return fmt.Sprintf("access key %s does not exist", r.Where)
	case reason.InactiveAccessKey:
		return fmt.Sprintf("access key %s is inactive", r.Where)
	case reason.OtherPartition:
		return "credentials of one partition (aws, aws-cn, aws-us-gov) are not known in another"
	case reason.ExpiredToken:
		return "the session token has expired; renew the session, no policy needs to change"
	case reason.InvalidToken:
		return "the session token does not belong to the access key"
	case reason.MissingToken:
		return "a temporary access key was used without its session token"
	case reason.AnonymousNotAllowed:
		return "this operation takes signed requests only"
	case reason.SignatureMismatch:
		return "the signature does not match: the secret key is wrong, or the request was altered after signing"
	case reason.ClockSkew:
		return "the request's time is more than fifteen minutes off; set the client's clock"
	case reason.PresignedExpired:
		return "the presigned URL has expired; make a new one"
	case reason.PresignedNotYetValid:
		return "the presigned URL's time lies in the future; set the signer's clock"
	case reason.PresignedTooLong:
		return "a presigned URL lasts seven days at most"
	case reason.UnsignedHeaders:
		for _, e := range r.Extra {
			if e[0] == "HeadersNotSigned" {
				return fmt.Sprintf("the request carries headers that its signature does not cover: %s", e[1])
			}
		}
		return "the request carries headers that its signature does not cover"
	}
	return r.Message
}
