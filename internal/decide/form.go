package decide

import (
	"fmt"
	"time"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/policy"
)

// form asks the gates that refuse what an operation does or how it asks,
// whatever policies say. Each returns True where it lets the request through.
type form struct {
	f        *Facts
	refusals []Refusal
	missing  []Unknown
	allowed  condition.Truth
	notes    *[iam.NumGates]GateResult // of the main check
}

// An Unknown is something missing that leaves a gate's answer open.
type Unknown struct {
	Gate iam.Gate
	Missing
}

func (m *form) refuse(r Refusal) {
	r.Check, r.Statement = -1, -1
	if r.Status == 0 {
		r.Status, r.Code = 403, "AccessDenied"
	}
	if r.Message == "" {
		r.Message = "Access Denied"
	}
	if len(m.f.Checks) > 0 && r.Action == "" {
		c := m.f.Checks[m.f.mainCheck()]
		r.Action, r.Resource = c.Name, c.Resource
	}
	m.refusals = append(m.refusals, r)
	m.allowed = condition.False
	if m.notes != nil {
		m.notes[r.Gate] = GateResult{Outcome: iam.OutcomeDeny, Reason: r.Reason, Statement: -1, Name: r.Where}
	}
}

func (m *form) unknown(gate iam.Gate, s *Setting) {
	m.allowed = min(m.allowed, condition.Unknown)
	for _, miss := range s.Missing {
		m.missing = append(m.missing, Unknown{gate, miss})
	}
	if m.notes != nil {
		m.notes[gate] = GateResult{Outcome: iam.OutcomeUnknown, Reason: reason.Unread, Statement: -1}
	}
}

func (m *form) pass(gate iam.Gate) {
	if m.notes != nil && m.notes[gate].Outcome == iam.OutcomeNotApplicable {
		m.notes[gate].Outcome = iam.OutcomePass
	}
}

func (m *form) run() {
	m.allowed = condition.True
	m.expectedOwner()
	m.requesterPays()
	m.publicAccessBlock()
	m.ownership()
	m.encryption()
	m.objectState()
	m.mfaDelete()
	m.objectLock()
}

// expectedOwner is the header x-amz-expected-bucket-owner. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html.
func (m *form) expectedOwner() {
	m.oneOwner(m.f.Form.ExpectedOwner, m.f.Target)
	m.oneOwner(m.f.Form.ExpectedSourceOwner, m.f.Form.CopiesFromBucket)
}

func (m *form) oneOwner(expected string, b *Bucket) {
	switch {
	case expected == "" || b == nil:
	case iam.AccountID(expected).Valid() && len(b.Missing) > 0:
		m.unknown(iam.GateOwnership, &Setting{Missing: b.Missing}) // whose it is, is not known
	case !iam.AccountID(expected).Valid():
		m.refuse(Refusal{Gate: iam.GateOwnership, Kind: iam.KindSetting, Reason: reason.ExpectedOwner, Step: StepExpectedOwner, Where: expected,
			Status: 400, Code: "InvalidBucketOwnerAWSAccountID", Message: "The value of the expected bucket owner parameter must be an AWS Account ID... [" + expected + "]"})
	case iam.AccountID(expected) != b.Account:
		m.refuse(Refusal{Gate: iam.GateOwnership, Kind: iam.KindSetting, Reason: reason.ExpectedOwner, Step: StepExpectedOwner, Where: expected})
	default:
		m.pass(iam.GateOwnership)
	}
}

// requesterPays is the gate of Requester Pays buckets: all but the bucket
// owner's account must accept the charge, and anonymous callers cannot. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html.
func (m *form) requesterPays() {
	if m.f.Operation == "" || len(m.f.Checks) > 0 && m.f.Checks[0].Kind == AccountCheck {
		return // a question about one permission alone, or no request on a bucket
	}
	m.onePayer(m.f.Target)
	if m.f.Form.CopiesFromBucket != m.f.Target {
		m.onePayer(m.f.Form.CopiesFromBucket)
	}
}

func (m *form) onePayer(b *Bucket) {
	if b == nil || b.Created || b.Requester.On == condition.False {
		return
	}
	c := &m.f.Caller
	paysItself := c.Account != "" && c.Account == b.Account || c.Kind == iam.ServicePrincipal
	switch {
	case paysItself || m.f.Form.Payer && c.Kind != iam.Anonymous:
		m.pass(iam.GateRequesterPays)
	case b.Requester.On == condition.Unknown:
		m.unknown(iam.GateRequesterPays, &b.Requester)
	case c.Kind == iam.Anonymous:
		m.refuse(Refusal{Gate: iam.GateRequesterPays, Kind: iam.KindSetting, Reason: reason.RequesterPaysAnonymous, Step: StepRequesterPays, Where: "bucket " + b.Name, Pos: b.Requester.Pos})
	default:
		m.refuse(Refusal{Gate: iam.GateRequesterPays, Kind: iam.KindSetting, Reason: reason.RequesterPays, Step: StepRequesterPays, Where: "bucket " + b.Name, Pos: b.Requester.Pos})
	}
}

// publicAccessBlock is the part of Block Public Access that refuses to set what
// would make something public; the part that cuts off access is in the check of
// the bucket. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html.
func (m *form) publicAccessBlock() {
	if s := m.f.Form.AssignedBlock; s != nil {
		m.assignedBlock(s)
	}
	b := m.f.Target
	if b == nil {
		return
	}
	if a := m.f.Form.ACL; a != nil && a.Public {
		m.blockPublicACLs(b)
	}
	if p := m.f.Form.Policy; p != nil {
		m.blockPublicPolicy(b, p)
	}
}

// assignedBlock refuses to members what their organization assigns: "Blocking public
// access to your Amazon S3 storage", organization-level settings.
func (m *form) assignedBlock(s *Setting) {
	if s.On == condition.Unknown {
		m.unknown(iam.GatePublicAccessBlock, s)
		return
	}
	m.refuse(Refusal{Gate: iam.GatePublicAccessBlock, Kind: iam.KindSetting, Reason: reason.OrganizationBlockPublicAccess, Step: StepPublicBlock, Where: s.Where, Pos: s.Pos})
}

func (m *form) blockPublicACLs(b *Bucket) {
	s := &b.Block.BlockPublicAcls
	switch s.On {
	case condition.False:
		m.pass(iam.GatePublicAccessBlock)
		return
	case condition.Unknown:
		m.unknown(iam.GatePublicAccessBlock, s)
		return
	}
	r := Refusal{Gate: iam.GatePublicAccessBlock, Kind: iam.KindSetting, Reason: reason.BlockPublicACLs, Step: StepPublicBlock, Where: s.Where, Pos: s.Pos}
	if m.f.Form.Creates {
		r.Status, r.Code = 400, "InvalidBucketAclWithBlockPublicAccessError"
		r.Message = "Bucket cannot have public ACLs set with BlockPublicAccess enabled"
	} else {
		r.Message = m.richMessage("because public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access.")
	}
	m.refuse(r)
}

func (m *form) blockPublicPolicy(b *Bucket, p *policy.Document) {
	s := &b.Block.BlockPublicPolicy
	ap := len(m.f.Checks) > 0 && m.f.Checks[0].Name == "s3:PutAccessPointPolicy"
	public, _ := policy.Public(p, ap)
	switch {
	case !public || s.On == condition.False:
		m.pass(iam.GatePublicAccessBlock)
	case s.On == condition.Unknown:
		m.unknown(iam.GatePublicAccessBlock, s)
	default:
		m.refuse(Refusal{Gate: iam.GatePublicAccessBlock, Kind: iam.KindSetting, Reason: reason.BlockPublicPolicy, Step: StepPublicBlock, Where: s.Where, Pos: s.Pos,
			Message: m.richMessage("because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.")})
	}
}

// richMessage is S3's message with a reason, or the bare one for callers who
// may not see it.
func (m *form) richMessage(because string) string {
	if !m.f.sameAccount(m.f.Target) && !m.f.sameOrganization(m.f.Target) {
		return "Access Denied"
	}
	c := m.f.Checks[m.f.mainCheck()]
	return fmt.Sprintf("User: %s is not authorized to perform: %s on resource: \"%s\" %s", m.f.Caller.ARN(), c.Action, c.Resource, because)
}

// ownership is the part of Object Ownership that refuses to set ACLs. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-ownership-error-responses.html.
func (m *form) ownership() {
	b, fm := m.f.Target, &m.f.Form
	if b == nil {
		return
	}
	if a := fm.ACL; a != nil && a.ByEmail {
		m.refuse(Refusal{Gate: iam.GateACL, Kind: iam.KindSetting, Reason: reason.ACLNotSupported, Step: StepRequest, Status: 405, Code: "MethodNotAllowed",
			Message: "The specified method is not allowed against this resource."})
		return
	}
	if fm.SetsEnforced && len(b.ACL.Missing) > 0 {
		m.unknown(iam.GateOwnership, &Setting{Missing: b.ACL.Missing})
	} else if fm.SetsEnforced && grantsOthers(b) {
		m.refuse(Refusal{Gate: iam.GateOwnership, Kind: iam.KindSetting, Reason: reason.ACLConflictsWithOwnership, Step: StepRequest, Where: "bucket " + b.Name, Pos: b.ACL.Pos,
			Status: 400, Code: "InvalidBucketAclWithObjectOwnership", Message: "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"})
		return
	}
	a := fm.ACL
	if a == nil || a.OwnerFullControl || fm.Creates && a.Private {
		return
	}
	switch b.ACLs {
	case condition.True:
		m.pass(iam.GateOwnership)
	case condition.Unknown:
		m.unknown(iam.GateOwnership, &b.Ownership)
	default:
		r := Refusal{Gate: iam.GateOwnership, Kind: iam.KindSetting, Reason: reason.ACLNotSupported, Step: StepRequest, Where: "bucket " + b.Name, Pos: b.Ownership.Pos,
			Status: 400, Code: "AccessControlListNotSupported", Message: "The bucket does not allow ACLs"}
		if fm.Creates {
			r.Code, r.Message = "InvalidBucketAclWithObjectOwnership", "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"
		}
		m.refuse(r)
	}
}

// grantsOthers tells whether a bucket's ACL grants anyone but its owner.
func grantsOthers(b *Bucket) bool {
	for _, g := range b.ACL.Grants {
		if g.Account != b.Account || g.Group != "" || g.OAI != "" {
			return true
		}
	}
	return false
}

// encryption is the gate of what an upload or read says about encryption: types
// that the bucket blocks, customer provided keys, and what SSE-KMS asks of the
// connection. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/blocking-unblocking-s3-c-encryption-gpb.html.
func (m *form) encryption() {
	fm := &m.f.Form
	if b := m.f.Target; fm.SSEC && fm.WritesObject && b != nil {
		switch b.SSECBlocked.On {
		case condition.True:
			m.refuse(Refusal{Gate: iam.GateEncryption, Kind: iam.KindSetting, Reason: reason.SSECBlocked, Step: StepRequest, Where: "bucket " + b.Name, Pos: b.SSECBlocked.Pos,
				Message: m.richMessage("because this bucket has blocked upload requests that specify Server Side Encryption with Customer provided keys (SSE-C). Please specify a different server-side encryption type")})
		case condition.Unknown:
			m.unknown(iam.GateEncryption, &b.SSECBlocked)
		default:
			m.pass(iam.GateEncryption)
		}
	}
	if fm.SSEC && !m.f.Wire.Secure {
		m.refuse(Refusal{Gate: iam.GateEncryption, Kind: iam.KindSetting, Reason: reason.SSECNeedsTLS, Step: StepRequest, Status: 400, Code: "InvalidArgument",
			Message: "Requests specifying Server Side Encryption with Customer provided keys must be made over a secure connection."})
	}
	switch m.usesKMS() {
	case condition.True:
		m.kmsConnection()
	case condition.Unknown:
		if !m.f.Wire.Signed || m.f.Wire.V2 || !m.f.Wire.Secure {
			m.allowed = min(m.allowed, condition.Unknown) // the key's check tells what is missing
		}
	}
	o := m.object()
	if !fm.ReadsData && !fm.ReadsHead || o == nil || o.Exists == condition.False {
		return
	}
	if len(o.EncryptionMissing) > 0 {
		m.unknown(iam.GateEncryption, &Setting{Missing: o.EncryptionMissing}) // SSE-C wants its key
		return
	}
	if !o.SSEC {
		return
	}
	sent, md5 := fm.SSEC, fm.SSECKeyMD5
	if fm.CopiesFrom != nil {
		sent, md5 = fm.SourceSSEC, fm.SourceSSECKeyMD5
	}
	switch {
	case !sent:
		m.refuse(Refusal{Gate: iam.GateEncryption, Kind: iam.KindState, Reason: reason.SSECKeyMissing, Step: StepState, Pos: o.Pos, Status: 400, Code: "InvalidRequest",
			Message: "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object."})
	case md5 != "" && o.SSECKeyMD5 != "" && md5 != o.SSECKeyMD5:
		m.refuse(Refusal{Gate: iam.GateEncryption, Kind: iam.KindState, Reason: reason.SSECKeyWrong, Step: StepState, Pos: o.Pos,
			Message: "Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret key."})
	default:
		m.pass(iam.GateEncryption)
	}
}

func (m *form) usesKMS() condition.Truth {
	uses := condition.Of(m.f.Form.KMSRequested)
	for i := range m.f.Checks {
		switch c := &m.f.Checks[i]; {
		case c.Kind != KeyCheck || c.Bucket == nil: // or not through S3
		case len(c.Maybe) > 0:
			uses = max(uses, condition.Unknown)
		default:
			uses = condition.True
		}
	}
	return uses
}

// kmsConnection is what S3 asks of requests that need KMS: TLS, and Signature
// Version 4 (S3 User Guide, Using server-side encryption with AWS KMS keys).
func (m *form) kmsConnection() {
	switch {
	case !m.f.Wire.Signed || m.f.Wire.V2:
		m.refuse(Refusal{Gate: iam.GateKMS, Kind: iam.KindSetting, Reason: reason.KMSNeedsSignature, Step: StepKMS, Status: 400, Code: "InvalidArgument",
			Message: "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.", Extra: [][2]string{{"ArgumentName", "Authorization"}, {"ArgumentValue", "null"}}})
	case !m.f.Wire.Secure:
		m.refuse(Refusal{Gate: iam.GateKMS, Kind: iam.KindSetting, Reason: reason.KMSNeedsTLS, Step: StepKMS, Status: 400, Code: "InvalidArgument",
			Message: "Requests specifying Server Side Encryption with AWS KMS managed keys must be made over a secure connection."})
	}
}

// object returns the object that the operation reads: the copy source, or the
// main check's.
func (m *form) object() *Object {
	if m.f.Form.CopiesFrom != nil {
		return m.f.Form.CopiesFrom
	}
	if len(m.f.Checks) == 0 {
		return nil
	}
	return m.f.Checks[m.f.mainCheck()].Object
}

// objectState is the gate of archived storage classes. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html.
func (m *form) objectState() {
	o := m.object()
	if !m.f.Form.ReadsData || o == nil || o.Exists == condition.False {
		return
	}
	if len(o.ArchiveMissing) > 0 {
		m.unknown(iam.GateObjectState, &Setting{Missing: o.ArchiveMissing})
		return
	}
	if o.Archived == "" {
		m.pass(iam.GateObjectState)
		return
	}
	r := Refusal{Gate: iam.GateObjectState, Kind: iam.KindState, Reason: reason.Archived, Step: StepState, Where: o.Archived, Pos: o.Pos,
		Code: "InvalidObjectState", Status: 403, Message: "The operation is not valid for the object's storage class", Extra: [][2]string{{"StorageClass", o.Archived}}}
	if m.f.Form.CopiesFrom != nil {
		r.Code, r.Message, r.Extra = "ObjectNotInActiveTierError", "The source object of the COPY action is not in the active tier and is only stored in Amazon S3 Glacier.", nil
	}
	m.refuse(r)
}

// mfaDelete is the gate of MFA delete: permanent deletes of versions, and
// changes of versioning, take the bucket owner's root user with its MFA device.
// See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiFactorAuthenticationDelete.html.
func (m *form) mfaDelete() {
	b, fm := m.f.Target, &m.f.Form
	if b == nil || !fm.NeedsMFA || b.MFADelete.On == condition.False && !fm.SetsMFADelete {
		return
	}
	if len(b.Missing) > 0 {
		m.unknown(iam.GateMFADelete, &Setting{Missing: b.Missing})
		return
	}
	if b.MFADelete.On == condition.False && m.f.Caller.Kind != iam.RootUser {
		m.refuse(Refusal{Gate: iam.GateMFADelete, Kind: iam.KindSetting, Reason: reason.MFANotRoot, Step: StepState, Where: "bucket " + b.Name, Pos: b.MFADelete.Pos,
			Status: 400, Code: "InvalidRequest", Message: "DevPay and Mfa are mutually exclusive authorization methods."})
		return
	}
	refuse := func(code reason.Code, status int, s3code, message string) {
		m.refuse(Refusal{Gate: iam.GateMFADelete, Kind: iam.KindSetting, Reason: code, Step: StepState, Where: "bucket " + b.Name, Pos: b.MFADelete.Pos,
			Status: status, Code: s3code, Message: message})
	}
	switch {
	case fm.MFA == MFAValid:
		m.pass(iam.GateMFADelete)
	case b.MFADelete.On == condition.Unknown && !fm.SetsMFADelete:
		m.unknown(iam.GateMFADelete, &b.MFADelete)
	case fm.MFA == MFAUnknown:
		m.unknown(iam.GateMFADelete, &Setting{Missing: fm.MFAMissing})
	case fm.MFA == MFAAbsent:
		refuse(reason.MFARequired, 403, "AccessDenied", "Mfa Authentication must be used for this request")
	case fm.MFA == MFAMalformed:
		refuse(reason.MFAInvalid, 400, "InvalidArgument", "Mfa header is invalid -- the header should be formatted as {serialNumber}(space){tokenCode}")
	case fm.MFA == MFANotRoot:
		refuse(reason.MFANotRoot, 403, "AccessDenied", "Access Denied")
	case fm.MFA == MFANotOwner:
		refuse(reason.MFAInvalid, 400, "NotDeviceOwnerError", "The specified MFA device does not belong to the caller.")
	default:
		refuse(reason.MFAInvalid, 400, "TokenCodeInvalidError", "The serial number and/or token code you provided is not valid.")
	}
}

// objectLock is the gate of Object Lock: a protected version is not deleted,
// and its retention not weakened. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html.
func (m *form) objectLock() {
	fm := &m.f.Form
	asks := fm.Retention != nil || fm.LegalHold || fm.BypassSent
	if b := m.f.Target; b != nil && !b.ObjectLock && asks && len(b.LockMissing) > 0 {
		m.unknown(iam.GateObjectLock, &Setting{Missing: b.LockMissing})
	} else if b != nil && !b.ObjectLock && b.Missing == nil && asks {
		r := Refusal{Gate: iam.GateObjectLock, Kind: iam.KindSetting, Reason: reason.NoObjectLock, Step: StepState, Where: "bucket " + b.Name, Pos: b.Pos,
			Status: 400, Code: "InvalidRequest", Message: "Bucket is missing Object Lock Configuration"}
		if fm.BypassSent && fm.Retention == nil {
			r.Code, r.Message = "InvalidArgument", "x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets."
		}
		m.refuse(r)
		return
	}
	if !fm.DeletesVersion && fm.Retention == nil {
		return
	}
	for i := range m.f.Checks {
		c := &m.f.Checks[i]
		if c.Object == nil || c.Kind != BucketCheck || c.Optional || c.Name == "s3:BypassGovernanceRetention" {
			continue
		}
		if fm.DeletesVersion && c.Object.VersionID == "" {
			continue // a delete marker, which no lock keeps away
		}
		m.lockOf(c)
		if !fm.DeletesVersion {
			return
		}
	}
}

func (m *form) lockOf(c *Check) {
	o, fm := c.Object, &m.f.Form
	if len(o.Missing) > 0 && o.Exists != condition.False {
		m.allowed = min(m.allowed, condition.Unknown)
		for _, miss := range o.Missing {
			m.missing = append(m.missing, Unknown{iam.GateObjectLock, miss})
		}
		return
	}
	refuse := func(code reason.Code) {
		m.refuse(Refusal{Gate: iam.GateObjectLock, Kind: iam.KindState, Reason: code, Step: StepState, Action: c.Name, Resource: c.Resource, Where: o.LockMode, Pos: o.LockPos,
			Message: "Access Denied because object protected by object lock."})
	}
	held := o.LockMode != "" && o.LockUntil.After(m.f.Time)
	switch {
	case fm.Retention != nil:
		if held && weakens(o, fm.Retention) && !(o.LockMode == "GOVERNANCE" && fm.Bypass) {
			refuse(reason.Retention)
			return
		}
	case o.LegalHold:
		refuse(reason.LegalHold)
		return
	case held && !(o.LockMode == "GOVERNANCE" && fm.Bypass):
		refuse(reason.Retention)
		return
	}
	if held || o.LegalHold || m.f.Target != nil && m.f.Target.ObjectLock {
		m.pass(iam.GateObjectLock)
	}
}

// weakens tells whether a new retention takes protection away, or changes the
// mode, for which S3 wants the bypass of governance mode even where the new mode
// is the stricter one.
func weakens(o *Object, r *Retention) bool {
	return r.Mode != o.LockMode || r.Until.Before(o.LockUntil.Truncate(time.Second))
}
