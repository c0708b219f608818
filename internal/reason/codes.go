// Package reason is the catalogue of reasons: why a gate refused, why a
// statement did not allow, or why that cannot be told. Each has a page under
// docs/reasons, made from the comment here, and an example that a test runs.
package reason

// A Code names a reason. It is stable.
type Code string

// Explicit denies.
const (
	// DenySCP: a Deny statement of a service control policy matched.
	//
	// An explicit Deny in a service control policy wins over every Allow of the account. It
	// binds all users and roles of the caller's account, its root user too, but not the
	// organization's management account. Change the policy in the organization, or meet the
	// condition by which it spares some callers.
	//
	// See: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
	// Example: deny-scp
	DenySCP Code = "deny-scp"
	// DenyRCP: a Deny statement of a resource control policy matched.
	//
	// An explicit Deny in a resource control policy refuses requests on the resources of an
	// account, whoever makes them. It hangs on the organization path of the bucket's account,
	// not of the caller's. Change the policy in the organization, or meet its condition.
	//
	// See: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
	// Example: deny-rcp
	DenyRCP Code = "deny-rcp"
	// DenyVPCEndpoint: a Deny statement of the VPC endpoint's policy matched.
	//
	// The policy of a VPC endpoint decides what may pass through it. A Deny there refuses the
	// request on that way alone: the same request through another endpoint, or over the
	// internet, is not asked by it.
	//
	// See: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
	// Example: deny-vpc-endpoint
	DenyVPCEndpoint Code = "deny-vpc-endpoint"
	// DenyBoundary: a Deny statement of the permissions boundary matched.
	//
	// A permissions boundary limits what a user's or role's identity-based policies can give. A
	// Deny in it refuses, whatever else allows.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
	// Example: deny-boundary
	DenyBoundary Code = "deny-boundary"
	// DenySession: a Deny statement of a session policy matched.
	//
	// A session policy is passed when temporary credentials are made, and narrows them. A Deny
	// in it refuses for that session; a new session without it is not bound by it.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
	// Example: deny-session
	DenySession Code = "deny-session"
	// DenyIdentity: a Deny statement of an identity-based policy matched.
	//
	// A Deny in one of the caller's own policies (inline, managed, or of one of its groups) wins
	// over every Allow, also over that of a bucket policy.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html
	// Example: deny-identity
	DenyIdentity Code = "deny-identity"
	// DenyResourcePolicy: a Deny statement of the bucket policy matched.
	//
	// A Deny in the bucket policy refuses whoever its Principal and Condition reach, the bucket
	// owner's own users included. Meet the condition (come through the endpoint, over TLS, from
	// the address), or have the bucket policy changed. Where the policy shuts everybody out, the
	// root user of the bucket's account can still delete it.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
	// Example: deny-resource-policy
	DenyResourcePolicy Code = "deny-resource-policy"
	// DenyTrust: a Deny statement of the role's trust policy matched.
	//
	// A Deny in a trust policy keeps the principals that it names from assuming the role,
	// whatever their own policies allow.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
	// Example: deny-role-trust-policy
	DenyTrust Code = "deny-role-trust-policy"
	// DenyAccessPoint: a Deny statement of the access point's policy matched.
	//
	// A Deny in an access point's policy refuses requests that come through that access point.
	// Through another access point, or by the bucket's own name, it is not asked.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
	// Example: deny-access-point
	DenyAccessPoint Code = "deny-access-point"
	// DenyKeyPolicy: a Deny statement of the KMS key's policy matched.
	//
	// The object is encrypted under a KMS key whose policy denies the caller the use of the key.
	// Only the key policy can be changed to mend that; no identity-based policy and no grant
	// overrides it.
	//
	// See: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
	// Example: deny-key-policy
	DenyKeyPolicy Code = "deny-key-policy"
)

// Implicit denies: an Allow was needed, and none applies.
const (
	// NoAllowSCP: one level of the organization has no service control policy that allows the action.
	//
	// Every level of the organization, from the root over each unit to the account itself, must
	// have a service control policy that allows the action. FullAWSAccess does so by default;
	// where it was taken away, an Allow must be added at that level. An SCP itself grants
	// nothing.
	//
	// See: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
	// Example: no-allow-scp
	NoAllowSCP Code = "no-allow-scp"
	// NoAllowVPCEndpoint: the VPC endpoint's policy does not allow the request.
	//
	// The policy of a VPC endpoint must allow whatever passes through it; the default policy
	// allows everything. Add the bucket to the endpoint's policy, or use another endpoint.
	//
	// See: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
	// Example: no-allow-vpc-endpoint
	NoAllowVPCEndpoint Code = "no-allow-vpc-endpoint"
	// NoAllowResourcePolicy: the bucket's account must allow, and its bucket policy does not.
	//
	// The caller is of another account than the bucket, anonymous, or an AWS service, so the
	// bucket's account must allow the request: in the bucket policy, or by an ACL where ACLs are
	// enabled. The caller's own policies alone never suffice across accounts.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
	// Example: no-allow-resource-policy
	NoAllowResourcePolicy Code = "no-allow-resource-policy"
	// NoAllowTrust: the role's trust policy does not allow the caller to assume the role.
	//
	// A role's trust policy must always allow, also in one account. Where it names the account
	// rather than the user or role, and across accounts, the caller's own policies must allow
	// sts:AssumeRole as well. A role does not trust itself unless its policy says so.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_roles.html
	// Example: no-allow-role-trust-policy
	NoAllowTrust Code = "no-allow-role-trust-policy"
	// ControlFromOutside: access points and account settings are managed from their own account alone.
	//
	// The operations of S3 Control (access points, Block Public Access of the account, jobs) know
	// no access from other accounts, whatever policies say; assume a role of the owning account.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-restrictions-limitations.html
	// Example: control-call-from-another-account
	ControlFromOutside Code = "control-call-from-another-account"
	// NoAllowAccessPoint: the access point's policy must allow, and does not.
	//
	// Across accounts, and for anonymous callers, the access point's policy must allow as well
	// as the bucket policy. A bucket policy that delegates to access points leaves the whole
	// decision to the access point's policy.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
	// Example: no-allow-access-point
	NoAllowAccessPoint Code = "no-allow-access-point"
	// NoAllowOwner: the object belongs to another account, which granted nothing.
	//
	// With ACLs enabled an object belongs to the account that uploaded it, and the bucket's
	// policies say nothing about an object of another account. Let its owner grant access by the
	// object's ACL, copy the object as the bucket's owner, or set Object Ownership to
	// BucketOwnerEnforced, which makes every object the bucket owner's.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
	// Example: no-allow-object-owner
	NoAllowOwner Code = "no-allow-object-owner"
	// NoAllowACL: no ACL grant reaches the caller, and the bucket has no policy.
	//
	// The bucket has ACLs enabled and no policy, and no grant of the ACL reaches the caller. A
	// bucket policy is the better way to let others in.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
	// Example: no-allow-acl
	NoAllowACL Code = "no-allow-acl"
	// NoAllowIdentity: no identity-based policy of the caller allows the action on this resource.
	//
	// No policy of the user or role, and none of its groups, allows this action on this
	// resource. In one account an Allow of the bucket policy that names the caller would do as
	// well. The near misses show statements that would have allowed but for one part.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
	// Example: no-allow-identity
	NoAllowIdentity Code = "no-allow-identity"
	// NoAllowBoundary: the permissions boundary does not allow the action.
	//
	// The caller has a permissions boundary, and it does not allow the action. What a user or
	// role may do is what both its policies and its boundary allow.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
	// Example: no-allow-boundary
	NoAllowBoundary Code = "no-allow-boundary"
	// NoAllowSession: the session policy does not allow the action.
	//
	// The temporary credentials were made with session policies, and none of them allows the
	// action. A session can do what both the role and the session policies allow. Make the
	// session without the policy, or with a wider one.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
	// Example: no-allow-session
	NoAllowSession Code = "no-allow-session"
	// FederatedWithoutSession: a federated user without session policy has no permissions of its own.
	//
	// A federated user (GetFederationToken) that was given no session policy has no permissions
	// of its own; only a resource-based policy that names its ARN can allow. Pass a session
	// policy when the token is made.
	//
	// See: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
	// Example: federated-without-session-policy
	FederatedWithoutSession Code = "federated-without-session-policy"
	// NoAllowKMSIdentity: the caller's identity-based policies do not allow the KMS action.
	//
	// The data is encrypted under a KMS key whose policy leaves the decision to the account's
	// IAM policies, and none of the caller's allows the KMS action. Reading needs kms:Decrypt,
	// writing kms:GenerateDataKey, multipart uploads both.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
	// Example: no-allow-kms-identity
	NoAllowKMSIdentity Code = "no-allow-kms-identity"
	// NoAllowKeyPolicy: neither the key policy nor a grant allows the caller.
	//
	// A KMS key of another account can be used only if its policy, or a grant, names the caller
	// or the caller's account; and the caller's own policies must allow the KMS action too.
	//
	// See: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
	// Example: no-allow-key-policy
	NoAllowKeyPolicy Code = "no-allow-key-policy"
	// KeyPolicyDoesNotDelegate: the identity-based policy allows, but the key policy does not let IAM policies count.
	//
	// The caller's IAM policy allows the KMS action, but IAM policies count only if the key
	// policy says so, by a statement that allows the account's root (the default key policy has
	// it). Add that statement, or name the caller in the key policy.
	//
	// See: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
	// Example: key-policy-does-not-delegate
	KeyPolicyDoesNotDelegate Code = "key-policy-does-not-delegate"
)

// Settings.
const (
	// BlockPublicACLs: Block Public Access refuses to set a public ACL.
	//
	// BlockPublicAcls of Block Public Access refuses calls that would set a public ACL, on an
	// object or the bucket. Leave the ACL out; use a bucket policy for what must be public.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
	// Example: block-public-acls
	BlockPublicACLs Code = "block-public-acls"
	// IgnorePublicACLs: Block Public Access ignores the public ACL grant that would allow.
	//
	// The object's or bucket's ACL grants this to everyone, and IgnorePublicAcls of Block Public
	// Access makes S3 ignore such grants. S3's message does not say so. Grant what is wanted by
	// a policy instead.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
	// Example: ignore-public-acls
	IgnorePublicACLs Code = "ignore-public-acls"
	// BlockPublicPolicy: Block Public Access refuses to set a public policy.
	//
	// BlockPublicPolicy of Block Public Access refuses PutBucketPolicy where the new policy is
	// public: where an Allow for everyone is not held to fixed values of certain keys, such as
	// aws:PrincipalOrgID or aws:SourceVpce.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
	// Example: block-public-policy
	BlockPublicPolicy Code = "block-public-policy"
	// OrganizationBlockPublicAccess: the organization assigns Block Public Access, and the account cannot change it.
	//
	// An S3 policy of the organization assigns the account's Block Public Access, which overrides
	// the account's own settings, and members can then neither put nor delete those. Have the
	// policy changed in the organization's management account.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
	// Example: organization-block-public-access
	OrganizationBlockPublicAccess Code = "organization-block-public-access"
	// RestrictPublicBuckets: Block Public Access cuts off callers from outside, since the policy is public.
	//
	// The bucket's policy is public, and RestrictPublicBuckets then lets in only AWS services
	// and principals of the bucket's own account, even where a statement names others. Make the
	// policy not public, rather than the setting off.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
	// Example: restrict-public-buckets
	RestrictPublicBuckets Code = "restrict-public-buckets"
	// ACLsDisabled: Object Ownership is BucketOwnerEnforced, so the ACL grant that would allow does not count.
	//
	// An ACL grant would allow, but Object Ownership is BucketOwnerEnforced, which disables
	// ACLs: S3 keeps them and does not ask them. Grant the access by a policy.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
	// Example: acls-disabled
	ACLsDisabled Code = "acls-disabled"
	// ACLNotSupported: Object Ownership is BucketOwnerEnforced, so no ACL can be set.
	//
	// Object Ownership is BucketOwnerEnforced, so S3 refuses calls that set an ACL, with 400
	// AccessControlListNotSupported. Leave the ACL out of the request.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
	// Example: acl-not-supported
	ACLNotSupported Code = "acl-not-supported"
	// ACLConflictsWithOwnership: the bucket would have an ACL that BucketOwnerEnforced does not allow.
	//
	// A bucket cannot have BucketOwnerEnforced and an ACL that gives others something. Set the
	// ACL to private first, and move what it granted to the bucket policy.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-ownership-existing-bucket.html
	// Example: acl-conflicts-with-ownership
	ACLConflictsWithOwnership Code = "acl-conflicts-with-ownership"
	// ExpectedOwner: x-amz-expected-bucket-owner names another account than the bucket's.
	//
	// The request says with x-amz-expected-bucket-owner whose bucket it means, and the bucket
	// belongs to another account. Check that the bucket's name is right before changing the
	// header.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
	// Example: expected-bucket-owner
	ExpectedOwner Code = "expected-bucket-owner"
	// PolicyCallFromOutside: bucket policies are read and changed by the bucket's own account alone.
	//
	// The calls that read, change and delete a bucket policy are for principals of the bucket's
	// own account; for others S3 answers 405 MethodNotAllowed even where every policy allows.
	// Use a role in the bucket's account.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicy.html
	// Example: policy-call-from-another-account
	PolicyCallFromOutside Code = "policy-call-from-another-account"
	// VPCOrigin: the access point takes requests from its VPC alone.
	//
	// The access point's network origin is a VPC, so it takes requests that come through a VPC
	// endpoint of that VPC alone. The origin cannot be changed later; make another access point
	// for other ways in.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-vpc.html
	// Example: access-point-vpc-origin
	VPCOrigin Code = "access-point-vpc-origin"
	// ManagedKey: objects under aws/s3 can be used by principals of the key's own account alone.
	//
	// The object is encrypted under aws/s3, the AWS managed key of the bucket's account. Its key
	// policy cannot be changed, so principals of other accounts can never use it. Encrypt with a
	// customer managed key, whose policy can name them, or with SSE-S3.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
	// Example: aws-managed-key-of-another-account
	ManagedKey Code = "aws-managed-key-of-another-account"
	// SSECBlocked: the bucket blocks uploads that are encrypted with customer provided keys.
	//
	// The bucket blocks uploads that bring their own key (SSE-C); a bucket made today does.
	// Upload with SSE-S3 or SSE-KMS, or take SSE-C out of the bucket's blocked encryption types.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
	// Example: sse-c-blocked
	SSECBlocked Code = "sse-c-blocked"
	// KMSNeedsTLS: SSE-KMS requests must come over TLS.
	//
	// Requests for data under SSE-KMS must come over TLS; over plain HTTP S3 answers 400.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
	// Example: kms-needs-tls
	KMSNeedsTLS Code = "kms-needs-tls"
	// KMSNeedsSignature: SSE-KMS requests must be signed with Signature Version 4.
	//
	// Data under SSE-KMS is given to requests signed with Signature Version 4 alone; an
	// anonymous request gets 400 even for a public object. Encrypt public objects with SSE-S3.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
	// Example: kms-needs-signature
	KMSNeedsSignature Code = "kms-needs-signature"
	// SSECNeedsTLS: requests with customer provided keys must come over TLS.
	//
	// A request that brings its own encryption key must come over TLS; over plain HTTP S3
	// answers 400. Take the key for compromised, since it has crossed the network in the clear.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
	// Example: sse-c-needs-tls
	SSECNeedsTLS Code = "sse-c-needs-tls"
	// RequesterPays: the request does not accept the charge.
	//
	// The bucket has Requester Pays on, so callers of other accounts must accept the charge with
	// the header x-amz-request-payer: requester (in the query of a presigned URL).
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html
	// Example: requester-pays
	RequesterPays Code = "requester-pays"
	// RequesterPaysAnonymous: anonymous requests cannot pay.
	//
	// The bucket has Requester Pays on, and an anonymous caller cannot be charged. Sign the
	// request, and accept the charge.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html
	// Example: requester-pays-anonymous
	RequesterPaysAnonymous Code = "requester-pays-anonymous"
	// MFARequired: MFA delete is on, and the request brings no MFA code.
	//
	// The bucket has MFA delete on. Deleting an object version, and changing the versioning
	// state, then need the header x-amz-mfa with the serial number and a code of the root user's
	// device.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiFactorAuthenticationDelete.html
	// Example: mfa-required
	MFARequired Code = "mfa-required"
	// MFAInvalid: the MFA device or code is not accepted.
	//
	// The header x-amz-mfa names a device that the caller does not have, or a code that is not
	// right at the time of the request.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiFactorAuthenticationDelete.html
	// Example: mfa-invalid
	MFAInvalid Code = "mfa-invalid"
	// MFANotRoot: MFA delete takes the bucket owner's root user.
	//
	// MFA delete is for the root user of the bucket's account; a user or role is refused
	// whatever code it brings.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiFactorAuthenticationDelete.html
	// Example: mfa-not-root
	MFANotRoot Code = "mfa-not-root"
)

// Object Lock on a bucket without it.
const (
	// NoObjectLock: the bucket has no Object Lock, and the request asks for it.
	//
	// Retention, legal hold and the bypass header make sense on a bucket with Object Lock alone;
	// S3 answers 400. Turn Object Lock on for the bucket (which needs versioning), or leave it
	// out of the request.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
	// Example: object-lock-not-configured
	NoObjectLock Code = "object-lock-not-configured"
)

// States.
const (
	// Retention: the object version is under retention.
	//
	// The object version is under retention until a date. In COMPLIANCE mode nobody can delete
	// it before; in GOVERNANCE mode those who may s3:BypassGovernanceRetention can, with the
	// header x-amz-bypass-governance-retention: true. A delete without a version ID adds a
	// delete marker and is not refused.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
	// Example: object-lock-retention
	Retention Code = "object-lock-retention"
	// LegalHold: the object version is under legal hold.
	//
	// The object version is under a legal hold, which has no end date and which no bypass header
	// overrides. Whoever may s3:PutObjectLegalHold can lift it.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
	// Example: object-lock-legal-hold
	LegalHold Code = "object-lock-legal-hold"
	// Archived: the object is archived and not restored.
	//
	// The object is in an archive storage class and must be restored (RestoreObject) before it
	// can be read or copied. Its metadata, by HeadObject, can be read at any time.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html
	// Example: object-archived
	Archived Code = "object-archived"
	// KeyDisabled: the KMS key is disabled.
	//
	// The KMS key is disabled, so nothing can be read or written under it; S3 answers 400
	// KMS.DisabledException. Enable the key.
	//
	// See: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
	// Example: kms-key-disabled
	KeyDisabled Code = "kms-key-disabled"
	// KeyState: the KMS key is pending deletion, or otherwise not usable.
	//
	// The KMS key is in a state in which it cannot be used, such as pending deletion; S3 answers
	// 400 KMS.KMSInvalidStateException. Cancel the deletion and enable the key, while there is
	// time.
	//
	// See: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
	// Example: kms-key-state
	KeyState Code = "kms-key-state"
	// SSECKeyMissing: the object is encrypted with a customer provided key, and the request brings none.
	//
	// The object is encrypted with a key that its uploader kept (SSE-C). Whoever reads it must
	// send the same key in the headers; S3 answers 400 without them.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
	// Example: sse-c-key-missing
	SSECKeyMissing Code = "sse-c-key-missing"
	// SSECKeyWrong: the request brings another customer provided key than the object's.
	//
	// The key in the request is not the one that the object was encrypted with. S3 does not keep
	// the key: if it is lost, so is the object.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
	// Example: sse-c-key-wrong
	SSECKeyWrong Code = "sse-c-key-wrong"
)

// Not found.
const (
	// NoSuchBucket: the bucket does not exist.
	//
	// There is no bucket of that name. Check the name and the partition; bucket names are looked
	// up in all Regions and accounts of a partition.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
	// Example: no-such-bucket
	NoSuchBucket Code = "no-such-bucket"
	// MissingKeyReadsAs403: the key does not exist, and the caller may not list, so that S3 answers 403.
	//
	// The object does not exist. S3 says so with 404 only to callers that may list the bucket
	// (s3:ListBucket); to others it answers 403. Check the key, and grant s3:ListBucket on the
	// bucket's ARN to see the difference.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
	// Example: missing-key-reads-as-403
	MissingKeyReadsAs403 Code = "missing-key-reads-as-403"
	// DeleteMarkerByVersion: the version named is a delete marker.
	//
	// The version ID names a delete marker, which has no data: S3 answers 405 MethodNotAllowed.
	// Name an older version, or delete the marker to bring the object back.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html
	// Example: delete-marker
	DeleteMarkerByVersion Code = "delete-marker"
	// KeyNotFound: the KMS key does not exist.
	//
	// The KMS key that the request or the bucket names does not exist in its account and Region;
	// S3 answers 400 KMS.NotFoundException. A bare key ID or alias in a request means a key of
	// the caller's account; write the full ARN for one of another account.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
	// Example: kms-key-not-found
	KeyNotFound Code = "kms-key-not-found"
)

// Authentication.
const (
	// WrongRegion: the request was signed for, or sent to, another Region than the bucket's.
	//
	// The request was signed for, or sent to, another Region than the bucket's. The error body,
	// and on HEAD the header x-amz-bucket-region, name the right one: set the client's Region to
	// it.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
	// Example: wrong-region
	WrongRegion Code = "wrong-region"
	// UnknownAccessKey: the access key does not exist.
	//
	// No account has this access key: it was mistyped, deleted, or is of another partition. See
	// which link of the credential chain supplies it; environment variables win over the
	// profile.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
	// Example: unknown-access-key
	UnknownAccessKey Code = "unknown-access-key"
	// InactiveAccessKey: the access key is inactive.
	//
	// The access key exists and was made inactive. Activate it again, or use a newer one.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html
	// Example: inactive-access-key
	InactiveAccessKey Code = "inactive-access-key"
	// OtherPartition: credentials of one partition are not valid in another.
	//
	// Credentials are valid in one partition alone: those of aws not in aws-cn or aws-us-gov,
	// and the reverse. Use credentials of an account in the bucket's partition.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
	// Example: other-partition
	OtherPartition Code = "other-partition"
	// ExpiredToken: the session token has expired.
	//
	// The temporary credentials have expired; S3 answers 400 ExpiredToken, also for presigned
	// URLs that were signed with them, however long those were to last. Get new credentials.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_use-resources.html
	// Example: expired-token
	ExpiredToken Code = "expired-token"
	// InvalidToken: the session token does not belong to the access key.
	//
	// The session token is malformed, or does not belong to the access key that it was sent
	// with; S3 answers 400 InvalidToken. Take key, secret and token from the same answer of STS.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_use-resources.html
	// Example: invalid-token
	InvalidToken Code = "invalid-token"
	// MissingToken: a temporary access key was used without its session token.
	//
	// A temporary access key (ASIA...) works only together with its session token, sent as
	// x-amz-security-token. Without it S3 says that the key does not exist.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_use-resources.html
	// Example: missing-token
	MissingToken Code = "missing-token"
	// AnonymousNotAllowed: the operation takes signed requests only.
	//
	// Some operations take signed requests alone, whatever the bucket policy says: multipart
	// uploads and copies among them. Sign the request.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
	// Example: anonymous-not-allowed
	AnonymousNotAllowed Code = "anonymous-not-allowed"
	// SignatureMismatch: the signature does not match the request.
	//
	// The signature that S3 computed is not the one that was sent: the secret is wrong, or
	// something was changed after signing, such as the path's encoding, a header, the host or
	// the query. Compare the CanonicalRequest in the error with the client's.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
	// Example: signature-mismatch
	SignatureMismatch Code = "signature-mismatch"
	// ClockSkew: the request's time is more than fifteen minutes off.
	//
	// The time in the signature is more than 15 minutes away from S3's. Set the client's clock.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
	// Example: clock-skew
	ClockSkew Code = "clock-skew"
	// PresignedExpired: the presigned URL has expired.
	//
	// The presigned URL was used after its time. Make a new one; seven days is the most, and the
	// end of the signer's session ends it too.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html
	// Example: presigned-expired
	PresignedExpired Code = "presigned-expired"
	// PresignedNotYetValid: the presigned URL's time lies in the future.
	//
	// The presigned URL carries a time in the future. Set the clock of the machine that signs.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
	// Example: presigned-not-yet-valid
	PresignedNotYetValid Code = "presigned-not-yet-valid"
	// PresignedTooLong: a presigned URL lasts seven days at most.
	//
	// X-Amz-Expires of a presigned URL is 604800 seconds, seven days, at most; S3 answers 400.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
	// Example: presigned-too-long
	PresignedTooLong Code = "presigned-too-long"
	// UnsignedHeaders: an x-amz- header was sent that the signature does not cover.
	//
	// Every x-amz- header that is sent must be among the signed headers. A header was added
	// after signing, or a presigned URL was made without it: sign it, or do not send it.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
	// Example: unsigned-headers
	UnsignedHeaders Code = "unsigned-headers"
	// MalformedAuthorization: the signature's credential scope or form is wrong.
	//
	// The credential scope of the signature is not DATE/REGION/s3/aws4_request; S3 answers 400
	// AuthorizationHeaderMalformed. Often the request was signed for another service.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
	// Example: malformed-authorization
	MalformedAuthorization Code = "malformed-authorization"
	// SignatureVersion: the request is signed in a way that S3 does not accept here.
	//
	// Regions that opened after January 2014 take Signature Version 4 alone, and some operations
	// do so everywhere. Use a client that signs with AWS4-HMAC-SHA256.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
	// Example: signature-version
	SignatureVersion Code = "signature-version"
)

// Not known.
const (
	// Unread: a policy or setting was not collected, or hangs on what the request does not state.
	//
	// A policy or setting that decides here was not collected, or it hangs on something that the
	// request does not state. The answer is given only where it is the same either way; else the
	// verdict is unknown, and the report says what would tell.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html
	// Example: not-known
	Unread Code = "not-known"
	// NetworkNotStated: it was not stated through which network the request came.
	//
	// The estate holds VPC endpoints whose policies would not let the request through, and the
	// request does not say whether it comes through one of them. State sourceIp, which means no
	// endpoint, or vpcEndpoint.
	//
	// See: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html
	// Example: network-not-stated
	NetworkNotStated Code = "network-not-stated"
)

// Near misses: why a statement that allows did not apply.
const (
	// ObjectActionOnBucket: an object action on a bucket's ARN matches nothing; it needs /*.
	//
	// Actions on objects, such as s3:GetObject, are asked on the ARN of an object; a statement
	// that names the bucket's ARN alone gives none of them. Write arn:aws:s3:::bucket/*, or both
	// where it has actions of both kinds.
	//
	// See: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
	// Example: object-action-on-bucket-arn
	ObjectActionOnBucket Code = "object-action-on-bucket-arn"
	// BucketActionOnObject: a bucket action on object ARNs matches nothing; it needs the bucket's ARN.
	//
	// Actions on the bucket, such as s3:ListBucket, are asked on the bucket's own ARN; a
	// statement that names bucket/* gives none of them. Add arn:aws:s3:::bucket.
	//
	// See: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
	// Example: bucket-action-on-object-arn
	BucketActionOnObject Code = "bucket-action-on-object-arn"
	// OtherResource: the statement allows the action on another resource.
	//
	// A statement allows the action, on other resources than this one. Compare its patterns with
	// the ARN in the report: prefixes are case-sensitive, and * is the only way to mean all.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
	// Example: other-resource
	OtherResource Code = "other-resource"
	// NoSuchAction: the statement names an action that does not exist.
	//
	// The statement names an action that does not exist, so it gives nothing. Operations and
	// actions have different names: HeadObject needs s3:GetObject, ListObjectsV2 needs
	// s3:ListBucket, HeadBucket needs s3:ListBucket.
	//
	// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
	// Example: no-such-action
	NoSuchAction Code = "no-such-action"
	// OtherAction: the statement allows another action on this resource.
	//
	// A statement allows something on this resource, but not this action. Versions have actions
	// of their own: reading one by its ID needs s3:GetObjectVersion.
	//
	// See: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
	// Example: other-action
	OtherAction Code = "other-action"
	// OtherPrincipal: the statement allows another principal.
	//
	// A statement of the resource's policy allows this, to somebody else.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
	// Example: other-principal
	OtherPrincipal Code = "other-principal"
	// PrincipalIsAccount: the statement allows the account, which only delegates to identity-based policies.
	//
	// The statement's principal is the account (its id, or the ARN of its root). Within the same
	// account that does not allow its users and roles by itself: their own policies must allow
	// as well.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
	// Example: principal-is-account
	PrincipalIsAccount Code = "principal-is-account"
	// PrincipalRecreated: the statement names a unique id of a deleted user or role.
	//
	// The statement's principal is a unique ID (AIDA..., AROA...). IAM puts that in the place of
	// the ARN when the user or role is deleted; one that is made anew under the same name is
	// another. Write the ARN again.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
	// Example: principal-recreated
	PrincipalRecreated Code = "principal-recreated"
	// PrincipalPath: the statement names the role without its path, or with another.
	//
	// The ARN of a role has its path (role/service/app), which the ARN of its sessions does not
	// show. The statement names the role without its path, or with another one.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
	// Example: principal-path
	PrincipalPath Code = "principal-path"
	// PrincipalSession: the statement names another session of the role.
	//
	// The statement's principal is one session of the role, and this is another. Name the role
	// to mean all its sessions.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
	// Example: principal-session
	PrincipalSession Code = "principal-session"
	// ConditionNotMet: a condition of the statement is not met.
	//
	// The statement allows under a condition, and the request carries another value than the
	// condition wants. All operators and keys of a statement must match; of the values under one
	// key, one.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
	// Example: condition-not-met
	ConditionNotMet Code = "condition-not-met"
	// ConditionKeyAbsent: a condition tests a key that the request does not carry.
	//
	// The condition tests a key that this request does not carry. Operators without IfExists
	// that are not negated are then false.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
	// Example: condition-key-absent
	ConditionKeyAbsent Code = "condition-key-absent"
	// ConditionKeyNeverCarried: a condition tests a key that this action never carries.
	//
	// The condition tests a key that requests for this action never carry, such as s3:prefix on
	// s3:GetObject, so the statement never allows it. Put the action into a statement of its
	// own.
	//
	// See: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
	// Example: condition-key-never-carried
	ConditionKeyNeverCarried Code = "condition-key-never-carried"
	// SourceIPBehindEndpoint: aws:SourceIp is absent from requests through a VPC endpoint.
	//
	// Requests through a VPC endpoint do not carry aws:SourceIp. Test aws:SourceVpce, or
	// aws:VpcSourceIp for the private address.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceip
	// Example: source-ip-behind-endpoint
	SourceIPBehindEndpoint Code = "source-ip-behind-endpoint"
	// VariableUnderOldVersion: policy variables are plain text without Version 2012-10-17.
	//
	// Policy variables such as ${aws:username} are replaced only under "Version": "2012-10-17".
	// Under the older version, or without a Version element, they are plain text. Write the
	// version into the document.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
	// Example: variable-under-old-version
	VariableUnderOldVersion Code = "variable-under-old-version"
	// UsernameOfRole: aws:username exists for IAM users only.
	//
	// aws:username exists for IAM users alone; for the session of a role the variable has no
	// value, and what holds it matches nothing. Use aws:userid, aws:PrincipalTag or a session
	// tag.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
	// Example: username-of-role
	UsernameOfRole Code = "username-of-role"
	// PatternCase: the texts differ in the case of letters only.
	//
	// The text in the policy and that of the request differ in the case of letters alone. Bucket
	// names, keys and most values are compared with case.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
	// Example: case-differs
	PatternCase Code = "case-differs"
	// NegatedOnAbsentKey: a negated operator is true for a key that the request does not carry.
	//
	// A negated operator, such as StringNotEquals, is true for a key that the request does not
	// carry. A Deny with it thus refuses requests without the key, and IfExists does not change
	// that. Where such requests are to be spared, put a Null condition of "false" on the key
	// beside it.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
	// Example: negated-operator-on-absent-key
	NegatedOnAbsentKey Code = "negated-operator-on-absent-key"
	// NotPrincipalWithBoundary: a Deny with NotPrincipal reaches every caller that has a permissions boundary.
	//
	// A Deny with NotPrincipal refuses every user and role that has a permissions boundary,
	// whomever it lists. Use Principal "*" with a condition on aws:PrincipalArn instead.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
	// Example: not-principal-with-boundary
	NotPrincipalWithBoundary Code = "not-principal-with-boundary"
	// NotPrincipalIncomplete: a Deny with NotPrincipal must list account, role and session to spare a session.
	//
	// To spare the session of a role, NotPrincipal of a Deny must list the account, the role and
	// the session; to spare a user, the account and the user. Use Principal "*" with a condition
	// on aws:PrincipalArn instead.
	//
	// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
	// Example: not-principal-incomplete
	NotPrincipalIncomplete Code = "not-principal-incomplete"
)
