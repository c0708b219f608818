package decide

import (
	"strings"
	"time"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/policy"
)

// A Missing is something that could not be read or was not stated.
type Missing struct {
	What string // "policy of bucket my-bucket"
	Why  string // "AccessDenied: s3:GetBucketPolicy"
	Need string // the permission or the field of the request that would tell; "" where none
}

// A Side is the policies of one gate for the caller, with what is missing of
// them. Anything missing may allow or deny.
type Side struct {
	Set     *policy.Set // nil: no policies, or none known
	Missing []Missing
}

// Facts are all that is needed to decide one request.
type Facts struct {
	Caller Caller
	Time   time.Time

	// CallerUnknown tells that the request names an access key that nobody has:
	// nothing else is asked of it.
	CallerUnknown bool

	Checks []Check
	Wire   Wire    // how the request was made and signed
	Form   Form    // what the operation asks for, beyond permissions
	Target *Bucket // the bucket that the request names; nil for account level operations

	// Answer of S3 where nothing refuses.
	Success   int
	Head      bool // HEAD: errors carry no body, so no message
	Assumed   []string
	Operation string // "" where one action alone is asked
}

// A Caller is who asks, with the policies on that side.
type Caller struct {
	policy.Caller
	ServiceLinked bool   // a session of a service-linked role
	OrgID         string // "" for none, or not known
	OrgUnknown    bool

	Identity        Side
	Boundary        *Side // nil: none attached
	SessionPolicies *Side // nil: none passed

	SCP Levels

	// Endpoint is the VPC endpoint that the request came through.
	Endpoint Endpoint
}

// Levels are the organization policies on the path to an account.
type Levels struct {
	NotApplicable string // why no policy applies; "" where Levels counts
	Levels        []Level
	Missing       []Missing // the path itself is not known
}

// A Level is the policies that hang at one place of the path.
type Level struct {
	Name string
	Side Side
}

// An Endpoint is the VPC endpoint that a request came through.
type Endpoint struct {
	ID   string // "" for none
	Side *Side  // its policy; nil where the request came through none

	// Possible are endpoints of the estate that the request may have come
	// through, where that was not stated, and whose policy is not full access.
	Possible []Endpoint
}

// A Bucket is a bucket, as it matters to decisions.
type Bucket struct {
	Name      string
	ARN       string
	Account   iam.AccountID
	Region    string
	Partition string
	OrgID     string
	Pos       node.Pos

	// Missing is set where the estate does not hold the bucket; nothing else
	// is then known. Gone is set where it is known not to exist.
	Missing []Missing
	Gone    bool
	Created bool // the operation creates it: it has no policies yet

	Policy      Side
	HasPolicy   bool
	Public      condition.Truth // the policy counts as public
	RCP         Levels
	Block       Block
	ACLs        condition.Truth // ACLs are enabled: Object Ownership is not BucketOwnerEnforced
	Ownership   Setting
	ACL         ACL
	Requester   Setting // Requester Pays is on
	MFADelete   Setting
	Versioned   bool
	ObjectLock  bool
	SSECBlocked Setting

	// LockMissing is set where it is not known whether the bucket has Object Lock.
	LockMissing []Missing
}

// A Setting is a switch, with the place where it stands.
type Setting struct {
	On      condition.Truth
	Value   string
	Where   string // "account 111122223333"
	Pos     node.Pos
	Missing []Missing
}

// Block is the effective Block Public Access configuration.
type Block struct {
	BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets Setting
}

// An ACL is an access control list with canned ACLs expanded.
type ACL struct {
	Grants  []Grant
	Missing []Missing
	Pos     node.Pos
}

// A Grant is one grant of an ACL.
type Grant struct {
	Group      string        // "AllUsers", "AuthenticatedUsers", "LogDelivery"; "" for an account
	Account    iam.AccountID // "" for canonical users that no account of the estate has
	Canonical  bool          // to a canonical id that no account of the estate has
	OAI        string        // id of an origin access identity
	Permission string
	Pos        node.Pos
}

// An Object is an object version, as it matters to decisions.
type Object struct {
	Key, VersionID string

	Exists       condition.Truth
	DeleteMarker bool
	Owner        iam.AccountID // "" where anonymous owns it
	OwnerMissing []Missing     // who owns it is not known
	ACL          ACL
	Pos          node.Pos

	Archived   string // "GLACIER", "DEEP_ARCHIVE", …; "" where it can be read
	LockMode   string // GOVERNANCE, COMPLIANCE; "" where no retention holds
	LockUntil  time.Time
	LegalHold  bool
	Missing    []Missing // Object Lock state that could not be read
	LockPos    node.Pos
	SSEC       bool
	SSECKeyMD5 string
	KMS        bool

	// ArchiveMissing and EncryptionMissing are set where it could not be read
	// whether the object is archived, and how it is encrypted.
	ArchiveMissing, EncryptionMissing []Missing
}

// A Key is a KMS key that a check asks for.
type Key struct {
	ARN     string
	Account iam.AccountID
	Managed bool // aws/s3: usable by its own account alone, through S3
	State   string
	Policy  Side
	Grants  []KeyGrant
	RCP     Levels
	Missing []Missing

	GrantsMissing, StateMissing []Missing
	Gone                        bool   // known not to exist
	GoneMsg                     string // S3's message then
	Pos                         node.Pos
}

// A KeyGrant is a grant on a KMS key that names the caller and the operation.
type KeyGrant struct {
	Via  policy.Via
	Sure bool
	Name string
}

// unsureGrants says of which grants it is not known whether they cover the request.
func (k *Key) unsureGrants() []Missing {
	var list []Missing
	for _, g := range k.Grants {
		if !g.Sure {
			list = append(list, Missing{What: strings.TrimSpace("whether grant "+g.Name) + " on " + k.ARN + " covers the request", Why: "its grantee or its constraint asks for what is not known"})
		}
	}
	return list
}

// An AccessPoint is the access point that a request came through.
type AccessPoint struct {
	Name      string
	ARN       string
	Account   iam.AccountID
	Missing   []Missing
	VPC       string // "" for network origin Internet
	FromVPC   condition.Truth
	Policy    Side
	Public    condition.Truth
	Restrict  Setting
	RCP       Levels
	Pos       node.Pos
	Delegated bool
}

// A Role is a role that a check assumes.
type Role struct {
	ARN     string
	Name    string
	Account iam.AccountID
	Trust   Side
	RCP     Levels
	Pos     node.Pos
}

// CheckKind tells the kinds of check apart that are evaluated differently.
type CheckKind uint8

// The kinds of check.
const (
	BucketCheck      CheckKind = iota // against the bucket's side, policy and ACLs
	AccessPointCheck                  // against the access point's
	KeyCheck                          // against a KMS key's
	AccountCheck                      // an action without a resource of another owner: the caller's side decides
	RoleCheck                         // sts:AssumeRole: against a role's trust policy
)

// A Check is one permission that the request needs.
type Check struct {
	Kind     CheckKind
	Name     string // the action as named in reports
	Action   policy.Action
	Resource string
	Open     bool // the "*" that ends Resource stands for a key that is not stated
	Context  condition.Context
	Optional bool

	// Maybe is set where it is not known whether the request needs the
	// permission at all: lacking it then refuses nothing for sure.
	Maybe []Missing

	Bucket      *Bucket
	Object      *Object // of object actions on objects that exist or are assumed to
	Key         *Key
	AccessPoint *AccessPoint // of both checks that an access point makes
	Role        *Role

	RCP          Levels // of an AccountCheck whose resource is one of the caller's account
	OtherAccount bool   // of an AccountCheck on what belongs to another account, which never allows it

	// ACL tells which permission of which list grants the action; "" for none.
	BucketACL, ObjectACL string

	ObjectAction    bool   // reaches into an object: a foreign owner's ACL decides
	OwnerAlways     bool   // the bucket owner may whoever owns the object (delete, restore)
	DefaultAllowed  bool   // the bucket owner's account needs no policy
	PolicyCall      bool   // Get, Put or DeleteBucketPolicy
	DeniesAnonymous string // S3's message where the operation is never anonymous

	// List is the ListBucket check that tells a missing key from a refusal.
	List *Check
}

// Query is the check as policies are asked it.
func (c *Check) Query() policy.Query {
	return policy.Query{Action: c.Action, Resource: strings.TrimSuffix(c.Resource, c.unstated()), Open: c.Open, Context: &c.Context}
}

func (c *Check) unstated() string {
	if c.Open {
		return "*"
	}
	return ""
}

// A Form is what an operation asks for that a gate other than a policy may
// refuse.
type Form struct {
	ExpectedOwner       string // x-amz-expected-bucket-owner
	ExpectedSourceOwner string
	Payer               bool // the request accepts the charge
	MFA                 MFA  // state of x-amz-mfa
	MFAMissing          []Missing
	NeedsMFA            bool // a versioned delete or a versioning change
	DeletesVersion      bool
	Bypass              bool       // x-amz-bypass-governance-retention: true
	BypassSent          bool       // the header was sent, true or false
	LegalHold           bool       // reads or sets a legal hold, or reads retention
	Website             bool       // made to a website endpoint
	Retention           *Retention // PutObjectRetention
	ReadsData           bool       // the object's bytes: archived ones refuse
	ReadsHead           bool       // the object's description: SSE-C asks for the key
	SetsMFADelete       bool       // PutBucketVersioning that turns MFA delete on or off
	SourceSSEC          bool       // SSE-C headers for the source of a copy
	SourceSSECKeyMD5    string
	CopiesFrom          *Object
	CopiesFromBucket    *Bucket
	WritesObject        bool // creates an object
	ACL                 *ACLRequest
	WritesACL           bool             // PutBucketAcl, PutObjectAcl
	Creates             bool             // CreateBucket
	AssignedBlock       *Setting         // the organization's Block Public Access, which the request would override; nil: none
	Policy              *policy.Document // PutBucketPolicy, PutAccessPointPolicy
	SetsEnforced        bool             // sets Object Ownership to BucketOwnerEnforced
	SSEC                bool             // SSE-C headers are there
	SSECKeyMD5          string
	KMSRequested        bool // SSE-KMS is asked for by header
}

// A Retention is what PutObjectRetention asks for.
type Retention struct {
	Mode  string
	Until time.Time
}

// An ACLRequest is the ACL that a request wants to set.
type ACLRequest struct {
	Public           bool // grants AllUsers or AuthenticatedUsers something
	OwnerFullControl bool // is bucket-owner-full-control, or no more than the owner's own
	Private          bool
	ByEmail          bool
}

// MFA is the state of the x-amz-mfa header.
type MFA uint8

// The states of the x-amz-mfa header.
const (
	MFAAbsent MFA = iota
	MFAMalformed
	MFANotRoot  // the caller is not the bucket owner's root user
	MFANotOwner // a device of someone else
	MFAWrongCode
	MFAValid
	MFAUnknown // the devices of the root user could not be read
)

// Wire is how the request was made: endpoint, credentials and signature.
type Wire struct {
	Refusals []Refusal // in the order in which S3 finds them
	Secure   bool
	Signed   bool
	V2       bool // Signature Version 2
}
