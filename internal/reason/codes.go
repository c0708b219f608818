// Package reason is the catalogue of reasons: why a gate refused, why a
// statement did not allow, or why that cannot be told. Each has a page under
// docs/reasons, made from the comment here, and an example that a test runs.
package reason

// A Code names a reason. It is stable.
type Code string

// Explicit denies.
const (
	// DenySCP: a Deny statement of a service control policy matched.
	DenySCP Code = "deny-scp"
	// DenyRCP: a Deny statement of a resource control policy matched.
	DenyRCP Code = "deny-rcp"
	// DenyVPCEndpoint: a Deny statement of the VPC endpoint's policy matched.
	DenyVPCEndpoint Code = "deny-vpc-endpoint"
	// DenyBoundary: a Deny statement of the permissions boundary matched.
	DenyBoundary Code = "deny-boundary"
	// DenySession: a Deny statement of a session policy matched.
	DenySession Code = "deny-session"
	// DenyIdentity: a Deny statement of an identity-based policy matched.
	DenyIdentity Code = "deny-identity"
	// DenyResourcePolicy: a Deny statement of the bucket policy matched.
	DenyResourcePolicy Code = "deny-resource-policy"
	// DenyAccessPoint: a Deny statement of the access point's policy matched.
	DenyAccessPoint Code = "deny-access-point"
	// DenyKeyPolicy: a Deny statement of the KMS key's policy matched.
	DenyKeyPolicy Code = "deny-key-policy"
)

// Implicit denies: an Allow was needed, and none applies.
const (
	// NoAllowSCP: one level of the organization has no service control policy that allows the action.
	NoAllowSCP Code = "no-allow-scp"
	// NoAllowVPCEndpoint: the VPC endpoint's policy does not allow the request.
	NoAllowVPCEndpoint Code = "no-allow-vpc-endpoint"
	// NoAllowResourcePolicy: the bucket's account must allow, and its bucket policy does not.
	NoAllowResourcePolicy Code = "no-allow-resource-policy"
	// NoAllowAccessPoint: the access point's policy must allow, and does not.
	NoAllowAccessPoint Code = "no-allow-access-point"
	// NoAllowOwner: the object belongs to another account, which granted nothing.
	NoAllowOwner Code = "no-allow-object-owner"
	// NoAllowACL: no ACL grant reaches the caller, and the bucket has no policy.
	NoAllowACL Code = "no-allow-acl"
	// NoAllowIdentity: no identity-based policy of the caller allows the action on this resource.
	NoAllowIdentity Code = "no-allow-identity"
	// NoAllowBoundary: the permissions boundary does not allow the action.
	NoAllowBoundary Code = "no-allow-boundary"
	// NoAllowSession: the session policy does not allow the action.
	NoAllowSession Code = "no-allow-session"
	// FederatedWithoutSession: a federated user without session policy has no permissions of its own.
	FederatedWithoutSession Code = "federated-without-session-policy"
	// NoAllowKMSIdentity: the caller's identity-based policies do not allow the KMS action.
	NoAllowKMSIdentity Code = "no-allow-kms-identity"
	// NoAllowKeyPolicy: neither the key policy nor a grant allows the caller.
	NoAllowKeyPolicy Code = "no-allow-key-policy"
	// KeyPolicyDoesNotDelegate: the identity-based policy allows, but the key policy does not let IAM policies count.
	KeyPolicyDoesNotDelegate Code = "key-policy-does-not-delegate"
)

// Settings.
const (
	// BlockPublicACLs: Block Public Access refuses to set a public ACL.
	BlockPublicACLs Code = "block-public-acls"
	// IgnorePublicACLs: Block Public Access ignores the public ACL grant that would allow.
	IgnorePublicACLs Code = "ignore-public-acls"
	// BlockPublicPolicy: Block Public Access refuses to set a public policy.
	BlockPublicPolicy Code = "block-public-policy"
	// RestrictPublicBuckets: Block Public Access cuts off callers from outside, since the policy is public.
	RestrictPublicBuckets Code = "restrict-public-buckets"
	// ACLsDisabled: Object Ownership is BucketOwnerEnforced, so the ACL grant that would allow does not count.
	ACLsDisabled Code = "acls-disabled"
	// ACLNotSupported: Object Ownership is BucketOwnerEnforced, so no ACL can be set.
	ACLNotSupported Code = "acl-not-supported"
	// ACLConflictsWithOwnership: the bucket would have an ACL that BucketOwnerEnforced does not allow.
	ACLConflictsWithOwnership Code = "acl-conflicts-with-ownership"
	// ExpectedOwner: x-amz-expected-bucket-owner names another account than the bucket's.
	ExpectedOwner Code = "expected-bucket-owner"
	// PolicyCallFromOutside: bucket policies are read and changed by the bucket's own account alone.
	PolicyCallFromOutside Code = "policy-call-from-another-account"
	// VPCOrigin: the access point takes requests from its VPC alone.
	VPCOrigin Code = "access-point-vpc-origin"
	// ManagedKey: objects under aws/s3 can be used by principals of the key's own account alone.
	ManagedKey Code = "aws-managed-key-of-another-account"
	// SSECBlocked: the bucket blocks uploads that are encrypted with customer provided keys.
	SSECBlocked Code = "sse-c-blocked"
	// KMSNeedsTLS: SSE-KMS requests must come over TLS.
	KMSNeedsTLS Code = "kms-needs-tls"
	// KMSNeedsSignature: SSE-KMS requests must be signed with Signature Version 4.
	KMSNeedsSignature Code = "kms-needs-signature"
	// SSECNeedsTLS: requests with customer provided keys must come over TLS.
	SSECNeedsTLS Code = "sse-c-needs-tls"
	// RequesterPays: the request does not accept the charge.
	RequesterPays Code = "requester-pays"
	// RequesterPaysAnonymous: anonymous requests cannot pay.
	RequesterPaysAnonymous Code = "requester-pays-anonymous"
	// MFARequired: MFA delete is on, and the request brings no MFA code.
	MFARequired Code = "mfa-required"
	// MFAInvalid: the MFA device or code is not accepted.
	MFAInvalid Code = "mfa-invalid"
	// MFANotRoot: MFA delete takes the bucket owner's root user.
	MFANotRoot Code = "mfa-not-root"
)

// Object Lock on a bucket without it.
const (
	// NoObjectLock: the bucket has no Object Lock, and the request asks for it.
	NoObjectLock Code = "object-lock-not-configured"
)

// States.
const (
	// Retention: the object version is under retention.
	Retention Code = "object-lock-retention"
	// LegalHold: the object version is under legal hold.
	LegalHold Code = "object-lock-legal-hold"
	// Archived: the object is archived and not restored.
	Archived Code = "object-archived"
	// KeyDisabled: the KMS key is disabled.
	KeyDisabled Code = "kms-key-disabled"
	// KeyState: the KMS key is pending deletion, or otherwise not usable.
	KeyState Code = "kms-key-state"
	// SSECKeyMissing: the object is encrypted with a customer provided key, and the request brings none.
	SSECKeyMissing Code = "sse-c-key-missing"
	// SSECKeyWrong: the request brings another customer provided key than the object's.
	SSECKeyWrong Code = "sse-c-key-wrong"
)

// Not found.
const (
	// NoSuchBucket: the bucket does not exist.
	NoSuchBucket Code = "no-such-bucket"
	// MissingKeyReadsAs403: the key does not exist, and the caller may not list, so that S3 answers 403.
	MissingKeyReadsAs403 Code = "missing-key-reads-as-403"
	// DeleteMarkerByVersion: the version named is a delete marker.
	DeleteMarkerByVersion Code = "delete-marker"
	// KeyNotFound: the KMS key does not exist.
	KeyNotFound Code = "kms-key-not-found"
)

// Authentication.
const (
	// WrongRegion: the request was signed for, or sent to, another Region than the bucket's.
	WrongRegion Code = "wrong-region"
	// UnknownAccessKey: the access key does not exist.
	UnknownAccessKey Code = "unknown-access-key"
	// InactiveAccessKey: the access key is inactive.
	InactiveAccessKey Code = "inactive-access-key"
	// OtherPartition: credentials of one partition are not valid in another.
	OtherPartition Code = "other-partition"
	// ExpiredToken: the session token has expired.
	ExpiredToken Code = "expired-token"
	// InvalidToken: the session token does not belong to the access key.
	InvalidToken Code = "invalid-token"
	// MissingToken: a temporary access key was used without its session token.
	MissingToken Code = "missing-token"
	// AnonymousNotAllowed: the operation takes signed requests only.
	AnonymousNotAllowed Code = "anonymous-not-allowed"
	// SignatureMismatch: the signature does not match the request.
	SignatureMismatch Code = "signature-mismatch"
	// ClockSkew: the request's time is more than fifteen minutes off.
	ClockSkew Code = "clock-skew"
	// PresignedExpired: the presigned URL has expired.
	PresignedExpired Code = "presigned-expired"
	// PresignedNotYetValid: the presigned URL's time lies in the future.
	PresignedNotYetValid Code = "presigned-not-yet-valid"
	// PresignedTooLong: a presigned URL lasts seven days at most.
	PresignedTooLong Code = "presigned-too-long"
	// UnsignedHeaders: an x-amz- header was sent that the signature does not cover.
	UnsignedHeaders Code = "unsigned-headers"
	// MalformedAuthorization: the signature's credential scope or form is wrong.
	MalformedAuthorization Code = "malformed-authorization"
	// SignatureVersion: the request is signed in a way that S3 does not accept here.
	SignatureVersion Code = "signature-version"
)

// Not known.
const (
	// Unread: a policy or setting was not collected, or hangs on what the request does not state.
	Unread Code = "not-known"
	// NetworkNotStated: it was not stated through which network the request came.
	NetworkNotStated Code = "network-not-stated"
)

// Near misses: why a statement that allows did not apply.
const (
	// ObjectActionOnBucket: an object action on a bucket's ARN matches nothing; it needs /*.
	ObjectActionOnBucket Code = "object-action-on-bucket-arn"
	// BucketActionOnObject: a bucket action on object ARNs matches nothing; it needs the bucket's ARN.
	BucketActionOnObject Code = "bucket-action-on-object-arn"
	// OtherResource: the statement allows the action on another resource.
	OtherResource Code = "other-resource"
	// NoSuchAction: the statement names an action that does not exist.
	NoSuchAction Code = "no-such-action"
	// OtherAction: the statement allows another action on this resource.
	OtherAction Code = "other-action"
	// OtherPrincipal: the statement allows another principal.
	OtherPrincipal Code = "other-principal"
	// PrincipalIsAccount: the statement allows the account, which only delegates to identity-based policies.
	PrincipalIsAccount Code = "principal-is-account"
	// PrincipalRecreated: the statement names a unique id of a deleted user or role.
	PrincipalRecreated Code = "principal-recreated"
	// PrincipalPath: the statement names the role without its path, or with another.
	PrincipalPath Code = "principal-path"
	// PrincipalSession: the statement names another session of the role.
	PrincipalSession Code = "principal-session"
	// ConditionNotMet: a condition of the statement is not met.
	ConditionNotMet Code = "condition-not-met"
	// ConditionKeyAbsent: a condition tests a key that the request does not carry.
	ConditionKeyAbsent Code = "condition-key-absent"
	// ConditionKeyNeverCarried: a condition tests a key that this action never carries.
	ConditionKeyNeverCarried Code = "condition-key-never-carried"
	// SourceIPBehindEndpoint: aws:SourceIp is absent from requests through a VPC endpoint.
	SourceIPBehindEndpoint Code = "source-ip-behind-endpoint"
	// VariableUnderOldVersion: policy variables are plain text without Version 2012-10-17.
	VariableUnderOldVersion Code = "variable-under-old-version"
	// UsernameOfRole: aws:username exists for IAM users only.
	UsernameOfRole Code = "username-of-role"
	// PatternCase: the texts differ in the case of letters only.
	PatternCase Code = "case-differs"
	// NegatedOnAbsentKey: a negated operator is true for a key that the request does not carry.
	NegatedOnAbsentKey Code = "negated-operator-on-absent-key"
	// NotPrincipalWithBoundary: a Deny with NotPrincipal reaches every caller that has a permissions boundary.
	NotPrincipalWithBoundary Code = "not-principal-with-boundary"
	// NotPrincipalIncomplete: a Deny with NotPrincipal must list account, role and session to spare a session.
	NotPrincipalIncomplete Code = "not-principal-incomplete"
)
// READY
