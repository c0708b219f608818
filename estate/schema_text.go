package estate

const (
	docUnknown  = "What could not be read, with the reason; never a default."
	docPath     = "IAM path, / where absent."
	docInline   = "Inline policies by name, in the order of the file."
	docAttached = "Attached managed policies: names in this account, or ARNs."
	docBoundary = "The managed policy that is the permissions boundary: a name in this account, or an ARN."
	docTags     = "Tags."
	docBPA      = "Block Public Access; true or false for all four settings."
)

// descriptions says what each field of the format is, by structure and name.
var descriptions = map[string]string{
	"Estate.version":       "Version of the format.",
	"Estate.organizations": "AWS organizations by id.",
	"Estate.accounts":      "AWS accounts by id.",

	"Organization.managementAccount": "The management account, which SCPs and RCPs do not limit.",
	"Organization.policies":          "SCPs, RCPs and S3 policies by name; FullAWSAccess and RCPFullAWSAccess are built in.",
	"Organization.root":              "The root, with its accounts and organizational units.",
	"Organization.unknown":           docUnknown,

	"OrgPolicy.type":     "scp, rcp, or s3 for organization-wide Block Public Access.",
	"OrgPolicy.document": "The policy.",
	"OrgPolicy.unknown":  docUnknown,

	"Unit.id":       "Id of the root or unit; of a unit, the name it stands under.",
	"Unit.name":     "Name of the unit.",
	"Unit.scps":     "Service control policies attached here; FullAWSAccess where absent.",
	"Unit.rcps":     "Resource control policies attached here; RCPFullAWSAccess always is besides.",
	"Unit.s3":       "S3 policies attached here.",
	"Unit.accounts": "Accounts here: a list of ids, or a mapping of ids to the policies attached to the account itself.",
	"Unit.units":    "Organizational units by id.",
	"Unit.unknown":  docUnknown,

	"Attachments.scps":    "Service control policies attached to the account; FullAWSAccess where absent.",
	"Attachments.rcps":    "Resource control policies attached to the account.",
	"Attachments.s3":      "S3 policies attached to the account.",
	"Attachments.unknown": docUnknown,

	"Account.name":              "A name for people.",
	"Account.canonicalId":       "Canonical user id; derived from the account id where absent.",
	"Account.publicAccessBlock": docBPA + " All off where absent.",
	"Account.managedPolicies":   "Customer managed policies by name, and AWS managed policies as collected, by ARN.",
	"Account.groups":            "IAM groups by name.",
	"Account.users":             "IAM users by name.",
	"Account.roles":             "IAM roles by name.",
	"Account.root":              "The root user.",
	"Account.accessPoints":      "Access points of buckets that stand elsewhere, by name.",
	"Account.keys":              "KMS keys by id, or by ARN where a multi-Region key has replicas; complete unless unknown lists them.",
	"Account.vpcEndpoints":      "VPC endpoints by id.",
	"Account.buckets":           "Buckets by name.",
	"Account.unknown":           docUnknown,

	"ManagedPolicy.path":     docPath,
	"ManagedPolicy.document": "The policy, in its default version.",
	"ManagedPolicy.unknown":  docUnknown,

	"Group.path":     docPath,
	"Group.inline":   docInline,
	"Group.attached": docAttached,
	"Group.unknown":  docUnknown,

	"User.id":         "Unique id (AIDA…); derived where absent.",
	"User.path":       docPath,
	"User.groups":     "The groups that the user is in.",
	"User.inline":     docInline,
	"User.attached":   docAttached,
	"User.boundary":   docBoundary,
	"User.tags":       docTags,
	"User.mfaDevices": "MFA devices by serial number or ARN.",
	"User.accessKeys": "Access keys by id.",
	"User.unknown":    docUnknown,

	"Role.id":       "Unique id (AROA…); derived where absent.",
	"Role.path":     docPath,
	"Role.trust":    "The trust policy.",
	"Role.inline":   docInline,
	"Role.attached": docAttached,
	"Role.boundary": docBoundary,
	"Role.tags":     docTags,
	"Role.unknown":  docUnknown,

	"Root.accessKeys": "Access keys by id.",
	"Root.mfaDevices": "MFA devices by serial number or ARN.",
	"Root.unknown":    docUnknown,

	"MFADevice.seed":   "Base32 seed; without it any code counts as right.",
	"AccessKey.secret": "The secret access key.",
	"AccessKey.status": "Active where absent.",

	"Key.region":   "us-east-1 where absent.",
	"Key.manager":  "CUSTOMER where absent.",
	"Key.state":    "Enabled where absent.",
	"Key.aliases":  "Aliases, each beginning with alias/.",
	"Key.document": "The key policy; where absent the default one, which leaves the key to the account's IAM policies.",
	"Key.grants":   "Grants.",
	"Key.tags":     docTags,
	"Key.unknown":  docUnknown,

	"Grant.id":          "Grant id.",
	"Grant.grantee":     "ARN of the principal that may.",
	"Grant.operations":  "What the grantee may do.",
	"Grant.constraints": "The encryption context that the grant is limited to.",

	"GrantConstraints.EncryptionContextSubset": "The context holds these pairs.",
	"GrantConstraints.EncryptionContextEquals": "The context is exactly these pairs.",

	"VPCEndpoint.vpc":      "Id of the VPC.",
	"VPCEndpoint.service":  "Service name, such as com.amazonaws.us-east-1.s3.",
	"VPCEndpoint.type":     "Gateway where absent.",
	"VPCEndpoint.document": "The endpoint policy; full access where absent.",
	"VPCEndpoint.unknown":  docUnknown,

	"Bucket.region":            "us-east-1 where absent.",
	"Bucket.document":          "The bucket policy.",
	"Bucket.publicAccessBlock": docBPA + " All on where absent.",
	"Bucket.ownership":         "Object Ownership; BucketOwnerEnforced where absent.",
	"Bucket.acl":               "The bucket's ACL; private where absent.",
	"Bucket.encryption":        "Default encryption; SSE-S3, with SSE-C blocked, where absent.",
	"Bucket.versioning":        "Versioning; off where absent.",
	"Bucket.objectLock":        "Object Lock; off where absent.",
	"Bucket.requestPayer":      "BucketOwner where absent.",
	"Bucket.abac":              "Whether the bucket's tags take part in decisions; Disabled where absent.",
	"Bucket.website":           "Whether the bucket has a website configuration.",
	"Bucket.tags":              docTags,
	"Bucket.accessPoints":      "Access points of the bucket's own account, by name.",
	"Bucket.listed":            "Whether objects is complete, so that a key that is not there does not exist.",
	"Bucket.objects":           "Objects by key.",
	"Bucket.unknown":           docUnknown,

	"Encryption.algorithm": "AES256, aws:kms or aws:kms:dsse; of an object also SSE-C.",
	"Encryption.key":       "KMS key: ARN, id or alias.",
	"Encryption.bucketKey": "Whether an S3 Bucket Key is used.",
	"Encryption.blocked":   "Encryption types that uploads may not have; SSE-C where absent.",
	"Encryption.keyMD5":    "MD5 of an SSE-C key, in base64.",
	"Encryption.context":   "Of an object under a KMS key: the encryption context that its writer gave (x-amz-server-side-encryption-context).",

	"Versioning.status":    "Enabled or Suspended; off where absent.",
	"Versioning.mfaDelete": "Disabled where absent.",
	"ObjectLock.enabled":   "Whether Object Lock is enabled.",

	"AccessPoint.bucket":            "The bucket's name; not needed under the bucket.",
	"AccessPoint.bucketAccount":     "The bucket's account, where the estate does not hold the bucket.",
	"AccessPoint.region":            "The bucket's where absent.",
	"AccessPoint.alias":             "Alias; derived where absent.",
	"AccessPoint.networkOrigin":     "Internet where absent.",
	"AccessPoint.vpc":               "Id of the VPC, for network origin VPC.",
	"AccessPoint.document":          "The access point policy.",
	"AccessPoint.publicAccessBlock": docBPA + " All on where absent.",
	"AccessPoint.tags":              docTags,
	"AccessPoint.unknown":           docUnknown,

	"Object.owner":         "Account id, canonical user id or anonymous; the bucket's account where absent.",
	"Object.acl":           "The object's ACL; private where absent.",
	"Object.encryption":    "How the object is encrypted; as the bucket's default where absent.",
	"Object.tags":          docTags,
	"Object.storageClass":  "STANDARD where absent.",
	"Object.archiveStatus": "Of INTELLIGENT_TIERING: the archive tier that the object is in.",
	"Object.restoredUntil": "Until when a restored copy of an archived object can be read.",
	"Object.versions":      "Versions by id, with the same fields; they do not inherit the object's.",
	"Object.deleteMarker":  "Whether this is a delete marker.",
	"Object.lock":          "Retention and legal hold.",
	"Object.unknown":       docUnknown,

	"Lock.mode":      "Retention mode.",
	"Lock.until":     "Retain-until date.",
	"Lock.legalHold": "Whether a legal hold is on.",

	"PublicAccessBlock.BlockPublicAcls":       "Refuse public ACLs in requests.",
	"PublicAccessBlock.IgnorePublicAcls":      "Ignore public grants of ACLs.",
	"PublicAccessBlock.BlockPublicPolicy":     "Refuse public bucket policies.",
	"PublicAccessBlock.RestrictPublicBuckets": "Let only the account itself and AWS services use a public policy.",

	"ACL.canned": "A canned ACL, expanded for the owner.",
	"ACL.owner":  "Canonical user id or account id; the owner of the resource where absent.",
	"ACL.grants": "Grants; not together with canned.",

	"ACLGrant.grantee":    "Whom the grant names.",
	"ACLGrant.permission": "What the grantee may do.",

	"Grantee.type":  "CanonicalUser, Group or AmazonCustomerByEmail.",
	"Grantee.id":    "Of a CanonicalUser: canonical user id or account id.",
	"Grantee.uri":   "Of a Group.",
	"Grantee.email": "Of an AmazonCustomerByEmail.",

	"UnknownItem.what": "A field of the resource, the API call that reads it, or * for all.",
	"UnknownItem.why":  "The reason, such as the error.",
}
