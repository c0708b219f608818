package estate

import (
	"maps"
	"time"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/policy"
)

// Pos is a place in a file of the estate.
type Pos = node.Pos

// An Estate is all that decides an S3 request. After Load it is not changed, and
// safe for concurrent use.
//
// The tags of the fields serve the checks and the JSON Schema: enum lists the
// values that AWS knows, form names the syntax of a value.
type Estate struct {
	Version       int                        `json:"version"`
	Organizations map[string]*Organization   `json:"organizations"`
	Accounts      map[iam.AccountID]*Account `json:"accounts"`

	// File is the estate file's path as it was given, and Dir the folder that
	// document paths are relative to. Both are "" for an estate made in memory.
	File string `json:"-"`
	Dir  string `json:"-"`

	index *index
}

// An Organization is an AWS organization.
type Organization struct {
	ManagementAccount iam.AccountID         `json:"managementAccount" form:"account"`
	Policies          map[string]*OrgPolicy `json:"policies"`
	Root              *Unit                 `json:"root"`
	Unknown           Unknowns              `json:"unknown"`
	Pos               Pos                   `json:"-"`
}

// An OrgPolicy is a service control policy ("scp"), a resource control policy
// ("rcp") or an S3 policy ("s3").
type OrgPolicy struct {
	Type     string   `json:"type" enum:"scp,rcp,s3"`
	Document Document `json:"document"`
	Unknown  Unknowns `json:"unknown"`
	Pos      Pos      `json:"-"`
}

// A Unit is the root of an organization or an organizational unit.
type Unit struct {
	ID       string           `json:"id"`
	Name     string           `json:"name"`
	SCPs     *[]string        `json:"scps"` // nil: FullAWSAccess
	RCPs     []string         `json:"rcps"` // RCPFullAWSAccess hangs everywhere besides
	S3       []string         `json:"s3"`
	Accounts UnitAccounts     `json:"accounts"`
	Units    map[string]*Unit `json:"units"`
	Unknown  Unknowns         `json:"unknown"`
	Pos      Pos              `json:"-"`
}

// UnitAccounts are the accounts of a unit. In a file they are a list of ids, or
// a mapping of ids to what hangs on the account itself.
type UnitAccounts map[iam.AccountID]*Attachments

// Attachments are the organization policies that hang on an account itself.
type Attachments struct {
	SCPs    *[]string `json:"scps"` // nil: FullAWSAccess
	RCPs    []string  `json:"rcps"`
	S3      []string  `json:"s3"`
	Unknown Unknowns  `json:"unknown"`
	Pos     Pos       `json:"-"`
}

// An Account is an AWS account.
type Account struct {
	ID                iam.AccountID             `json:"-"`
	Name              string                    `json:"name"`
	CanonicalID       string                    `json:"canonicalId" form:"canonical"` // derived from the id where absent
	PublicAccessBlock *PublicAccessBlock        `json:"publicAccessBlock"`
	ManagedPolicies   map[string]*ManagedPolicy `json:"managedPolicies"`
	Groups            map[string]*Group         `json:"groups"`
	Users             map[string]*User          `json:"users"`
	Roles             map[string]*Role          `json:"roles"`
	Root              *Root                     `json:"root"`
	AccessPoints      map[string]*AccessPoint   `json:"accessPoints"`
	Keys              map[string]*Key           `json:"keys"`
	VPCEndpoints      map[string]*VPCEndpoint   `json:"vpcEndpoints"`
	Buckets           map[string]*Bucket        `json:"buckets"`
	Unknown           Unknowns                  `json:"unknown"`
	Pos               Pos                       `json:"-"`
	Organization      *Organization             `json:"-"` // nil: in none that the estate holds
	OrganizationID    string                    `json:"-"`
	Path              []*Level                  `json:"-"` // from the root to the account itself

	partition string // "" is "aws"
}

// A Level is one place on the path from an organization's root to an account,
// with the policies that hang there.
type Level struct {
	Name    string // "root r-ab12", "unit ou-ab12-prod", "account 111122223333"
	SCPs    []policy.Named
	RCPs    []policy.Named
	S3      []*OrgPolicy
	Unknown Unknowns
}

// A ManagedPolicy is a customer managed policy, in its default version.
type ManagedPolicy struct {
	Path     string   `json:"path" form:"path"`
	Document Document `json:"document"`
	Unknown  Unknowns `json:"unknown"`
	Pos      Pos      `json:"-"`
}

// A Group is an IAM group.
type Group struct {
	Path     string    `json:"path" form:"path"`
	Inline   Documents `json:"inline"`
	Attached []string  `json:"attached"`
	Unknown  Unknowns  `json:"unknown"`
	Pos      Pos       `json:"-"`
}

// A User is an IAM user.
type User struct {
	ID         string                `json:"id"` // AIDA…; derived where absent
	Path       string                `json:"path" form:"path"`
	Groups     []string              `json:"groups"`
	Inline     Documents             `json:"inline"`
	Attached   []string              `json:"attached"` // names in this account, or ARNs
	Boundary   string                `json:"boundary"`
	Tags       map[string]string     `json:"tags"`
	MFADevices map[string]*MFADevice `json:"mfaDevices"` // by serial number or ARN
	AccessKeys map[string]*AccessKey `json:"accessKeys"`
	Unknown    Unknowns              `json:"unknown"`
	Pos        Pos                   `json:"-"`
}

// A Role is an IAM role.
type Role struct {
	ID       string            `json:"id"` // AROA…; derived where absent
	Path     string            `json:"path" form:"path"`
	Trust    Document          `json:"trust"`
	Inline   Documents         `json:"inline"`
	Attached []string          `json:"attached"`
	Boundary string            `json:"boundary"`
	Tags     map[string]string `json:"tags"`
	Unknown  Unknowns          `json:"unknown"`
	Pos      Pos               `json:"-"`
}

// A Root is an account's root user.
type Root struct {
	AccessKeys map[string]*AccessKey `json:"accessKeys"`
	MFADevices map[string]*MFADevice `json:"mfaDevices"`
	Unknown    Unknowns              `json:"unknown"`
	Pos        Pos                   `json:"-"`
}

// An MFADevice is a virtual MFA device.
type MFADevice struct {
	Seed string `json:"seed" form:"base32"` // base32; "" where not known, any code then counts as right
}

// An AccessKey is a long-term access key.
type AccessKey struct {
	Secret string `json:"secret"`
	Status string `json:"status" enum:"Active,Inactive"` // "Active" (also where absent), "Inactive"
}

// A Key is a KMS key.
type Key struct {
	ID       string            `json:"-"`
	Account  iam.AccountID     `json:"-"`
	Region   string            `json:"region" form:"region"`                                                                                             // us-east-1 where absent, which Link fills in
	Manager  string            `json:"manager" enum:"CUSTOMER,AWS"`                                                                                      // CUSTOMER (also where absent), AWS
	State    string            `json:"state" enum:"Enabled,Disabled,PendingDeletion,PendingImport,PendingReplicaDeletion,Creating,Updating,Unavailable"` // Enabled where absent
	Aliases  []string          `json:"aliases"`
	Document Document          `json:"document"` // absent: the default key policy, which delegates to the account
	Grants   []*Grant          `json:"grants"`
	Tags     map[string]string `json:"tags"`
	Unknown  Unknowns          `json:"unknown"`
	Pos      Pos               `json:"-"`
}

// A Grant is a grant on a KMS key.
type Grant struct {
	ID          string           `json:"id"`
	Grantee     string           `json:"grantee"`
	Operations  []string         `json:"operations" enum:"Decrypt,Encrypt,GenerateDataKey,GenerateDataKeyWithoutPlaintext,ReEncryptFrom,ReEncryptTo,Sign,Verify,GetPublicKey,CreateGrant,RetireGrant,DescribeKey,GenerateDataKeyPair,GenerateDataKeyPairWithoutPlaintext,GenerateMac,VerifyMac,DeriveSharedSecret"`
	Constraints GrantConstraints `json:"constraints"`
	Pos         Pos              `json:"-"`
}

// GrantConstraints limit a grant to calls with a certain encryption context.
type GrantConstraints struct {
	EncryptionContextSubset map[string]string `json:"EncryptionContextSubset"`
	EncryptionContextEquals map[string]string `json:"EncryptionContextEquals"`
}

// A VPCEndpoint is a VPC endpoint.
type VPCEndpoint struct {
	ID       string        `json:"-"`
	Account  iam.AccountID `json:"-"`
	VPC      string        `json:"vpc"`
	Service  string        `json:"service"`                                                                   // com.amazonaws.us-east-1.s3
	Type     string        `json:"type" enum:"Gateway,Interface,GatewayLoadBalancer,Resource,ServiceNetwork"` // Gateway (also where absent), Interface
	Document Document      `json:"document"`                                                                  // absent: full access
	Unknown  Unknowns      `json:"unknown"`
	Pos      Pos           `json:"-"`
}

// A Bucket is a general purpose bucket.
type Bucket struct {
	Name              string                  `json:"-"`
	Account           iam.AccountID           `json:"-"`
	Region            string                  `json:"region" form:"region"` // us-east-1 where absent, which Link fills in
	Document          Document                `json:"document"`
	PublicAccessBlock *PublicAccessBlock      `json:"publicAccessBlock"`                                                      // nil: all four on
	Ownership         string                  `json:"ownership" enum:"BucketOwnerEnforced,BucketOwnerPreferred,ObjectWriter"` // BucketOwnerEnforced where absent
	ACL               *ACL                    `json:"acl"`
	Encryption        *Encryption             `json:"encryption"`
	Versioning        Versioning              `json:"versioning"`
	ObjectLock        ObjectLock              `json:"objectLock"`
	RequestPayer      string                  `json:"requestPayer" enum:"BucketOwner,Requester"` // BucketOwner where absent, Requester
	ABAC              string                  `json:"abac" enum:"Disabled,Enabled"`              // Disabled where absent, Enabled
	Website           bool                    `json:"website"`
	Tags              map[string]string       `json:"tags"`
	AccessPoints      map[string]*AccessPoint `json:"accessPoints"`
	Listed            bool                    `json:"listed"` // Objects is complete
	Objects           map[string]*Object      `json:"objects"`
	Unknown           Unknowns                `json:"unknown"`
	Pos               Pos                     `json:"-"`
	Places            map[string]Pos          `json:"-" node:"positions"`
}

// Encryption is a bucket's default encryption, or that of an object.
type Encryption struct {
	Algorithm string    `json:"algorithm" enum:"AES256,aws:kms,aws:kms:dsse,SSE-C"` // AES256, aws:kms, aws:kms:dsse; for objects also SSE-C
	Key       string    `json:"key"`                                                // ARN, id or alias
	BucketKey bool      `json:"bucketKey"`
	Blocked   *[]string `json:"blocked" enum:"SSE-C,NONE"` // nil: SSE-C
	KeyMD5    string    `json:"keyMD5"`                    // of an SSE-C key

	Context map[string]string `json:"context"` // of an object under a KMS key: the encryption context that its writer gave
	Pos     Pos               `json:"-"`
}

// Versioning is a bucket's versioning configuration.
type Versioning struct {
	Status    string `json:"status" enum:"Enabled,Suspended"`   // "", Enabled, Suspended
	MFADelete string `json:"mfaDelete" enum:"Disabled,Enabled"` // Disabled where absent, Enabled
	Pos       Pos    `json:"-"`
}

// ObjectLock is a bucket's Object Lock configuration.
type ObjectLock struct {
	Enabled bool `json:"enabled"`
	Pos     Pos  `json:"-"`
}

// An AccessPoint is an access point of a bucket.
type AccessPoint struct {
	Name              string             `json:"-"`
	Account           iam.AccountID      `json:"-"` // that owns the access point
	Bucket            string             `json:"bucket"`
	BucketAccount     iam.AccountID      `json:"bucketAccount" form:"account"`
	Region            string             `json:"region" form:"region"`              // the bucket's where absent, which Link fills in
	Alias             string             `json:"alias"`                             // derived where absent
	NetworkOrigin     string             `json:"networkOrigin" enum:"Internet,VPC"` // Internet where absent, VPC
	VPC               string             `json:"vpc"`
	Document          Document           `json:"document"`
	PublicAccessBlock *PublicAccessBlock `json:"publicAccessBlock"` // nil: all four on
	Tags              map[string]string  `json:"tags"`
	Unknown           Unknowns           `json:"unknown"`
	Pos               Pos                `json:"-"`
}

// An Object is an object of a bucket, or facts about one. As one of Versions it
// does not inherit what the object says.
type Object struct {
	Exists        *bool              `json:"exists"`             // in requests; nil: yes
	Owner         string             `json:"owner" form:"owner"` // account id, canonical id or "anonymous"; the bucket's account where absent
	ACL           *ACL               `json:"acl"`
	Encryption    *Encryption        `json:"encryption"` // nil: as the bucket's default
	Tags          map[string]string  `json:"tags"`
	StorageClass  string             `json:"storageClass" enum:"STANDARD,REDUCED_REDUNDANCY,STANDARD_IA,ONEZONE_IA,INTELLIGENT_TIERING,GLACIER,DEEP_ARCHIVE,GLACIER_IR,OUTPOSTS,SNOW,EXPRESS_ONEZONE,FSX_OPENZFS,FSX_ONTAP"` // STANDARD where absent
	ArchiveStatus string             `json:"archiveStatus" enum:"ARCHIVE_ACCESS,DEEP_ARCHIVE_ACCESS"`
	RestoredUntil *time.Time         `json:"restoredUntil"`
	Versions      map[string]*Object `json:"versions"`
	DeleteMarker  bool               `json:"deleteMarker"`
	Lock          *Lock              `json:"lock"`
	Unknown       Unknowns           `json:"unknown"`
	Pos           Pos                `json:"-"`
	Places        map[string]Pos     `json:"-" node:"positions"`
}

// A Lock is the Object Lock state of an object version.
type Lock struct {
	Mode      string     `json:"mode" enum:"GOVERNANCE,COMPLIANCE"` // GOVERNANCE, COMPLIANCE
	Until     *time.Time `json:"until"`
	LegalHold bool       `json:"legalHold"`
	Pos       Pos        `json:"-"`
}

// PublicAccessBlock is a Block Public Access configuration. In a file it is a
// mapping, in which an absent setting is false, or true or false for all four.
type PublicAccessBlock struct {
	BlockPublicAcls       bool `json:"BlockPublicAcls"`
	IgnorePublicAcls      bool `json:"IgnorePublicAcls"`
	BlockPublicPolicy     bool `json:"BlockPublicPolicy"`
	RestrictPublicBuckets bool `json:"RestrictPublicBuckets"`
	Pos                   Pos  `json:"-"`
}

// An ACL is the access control list of a bucket or object.
type ACL struct {
	Canned string     `json:"canned" enum:"private,public-read,public-read-write,aws-exec-read,authenticated-read,bucket-owner-read,bucket-owner-full-control,log-delivery-write"`
	Owner  string     `json:"owner" form:"owner"` // canonical id or account id; "": the owner of the resource
	Grants []ACLGrant `json:"grants"`
	Pos    Pos        `json:"-"`
}

// An ACLGrant is one grant of an ACL.
type ACLGrant struct {
	Grantee    Grantee `json:"grantee"`
	Permission string  `json:"permission" enum:"READ,WRITE,READ_ACP,WRITE_ACP,FULL_CONTROL"` // READ, WRITE, READ_ACP, WRITE_ACP, FULL_CONTROL
	Pos        Pos     `json:"-"`
}

// A Grantee is whom an ACLGrant names.
type Grantee struct {
	Type  string `json:"type" enum:"CanonicalUser,Group,AmazonCustomerByEmail"`                                                                                                               // CanonicalUser, Group, AmazonCustomerByEmail
	ID    string `json:"id" form:"owner"`                                                                                                                                                     // of a CanonicalUser: canonical id or account id
	URI   string `json:"uri" enum:"http://acs.amazonaws.com/groups/global/AllUsers,http://acs.amazonaws.com/groups/global/AuthenticatedUsers,http://acs.amazonaws.com/groups/s3/LogDelivery"` // of a Group
	Email string `json:"email"`
}

// A Document is a policy document of the estate. The zero Document is none.
type Document struct {
	*policy.Document

	// File is the path from which the document was read, relative to the
	// estate file, or the estate file's own name where it stands inside.
	File string

	path node.Pos   // where the path stands, until it is read
	raw  *node.Node // of S3 policies, which are not IAM policies
	s3   string     // what an S3 policy assigns: "all", "none"
	text string     // to the letter, where it was kept
}

// Raw returns the document as nodes; for S3 policies, which are not written in
// the policy language. It is nil for other documents.
func (d *Document) Raw() *node.Node { return d.raw }

// A NamedDocument is an inline policy.
type NamedDocument struct {
	Name string
	Document
}

// Documents are inline policies, in the order of the file.
type Documents []NamedDocument

// An UnknownItem is one thing that could not be read.
type UnknownItem struct {
	What string `json:"what"` // a field of the resource, or the API call that would have read it
	Why  string `json:"why"`
	Pos  Pos    `json:"-"`
}

// Unknowns are the things that could not be read of a resource.
type Unknowns []UnknownItem

// Admit tells whether the constraints let a call with this encryption context
// through.
func (c *GrantConstraints) Admit(context map[string]string) bool {
	for k, v := range c.EncryptionContextSubset {
		if got, ok := context[k]; !ok || got != v {
			return false
		}
	}
	return len(c.EncryptionContextEquals) == 0 || maps.Equal(c.EncryptionContextEquals, context)
}
