package gather

import (
	"slices"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/request"
)

// form tells what the operation asks for that gates other than policies may
// refuse.
func (t *task) form() decide.Form {
	f := decide.Form{WritesObject: t.writesObject(), Creates: t.spec.Name == "CreateBucket"}
	if t.spec.Scope != s3op.Account {
		f.ExpectedOwner, _ = t.r.Header("x-amz-expected-bucket-owner")
		f.ExpectedSourceOwner, _ = t.r.Header("x-amz-source-expected-bucket-owner")
	}
	payer, _ := t.r.Header("x-amz-request-payer")
	f.Payer = strings.EqualFold(payer, "requester")
	switch t.spec.Name {
	case "DeleteObject", "DeleteObjects", "PutObjectRetention":
		bypass, _ := t.r.Header("x-amz-bypass-governance-retention")
		f.Bypass, f.BypassSent = strings.EqualFold(bypass, "true"), bypass != ""
	}
	f.Website = t.r.Auth != nil && strings.Contains(t.r.Auth.Host, ".s3-website")
	t.formEncryption(&f)
	t.formACL(&f)
	if t.source.facts != nil {
		f.CopiesFromBucket, f.CopiesFrom, f.ReadsData = t.source.facts, t.source.object.facts, true
	}
	body := t.r.Body
	switch t.spec.Name {
	case "GetObject", "SelectObjectContent", "GetObjectTorrent":
		f.ReadsData = true
	case "HeadObject", "GetObjectAttributes":
		f.ReadsHead = true
	case "DeleteObject", "DeleteObjects":
		f.DeletesVersion = t.deletesVersion()
		f.NeedsMFA = f.DeletesVersion
	case "PutBucketVersioning":
		f.NeedsMFA = true
		f.SetsMFADelete = body != nil && body.Versioning != nil && strings.EqualFold(body.Versioning.MFADelete, "Enabled")
	case "PutBucketPolicy", "PutAccessPointPolicy":
		if body != nil {
			f.Policy = body.Policy
		}
	case "PutAccountPublicAccessBlock", "DeleteAccountPublicAccessBlock":
		f.AssignedBlock = t.assignedBlock()
	case "PutBucketOwnershipControls":
		f.SetsEnforced = body != nil && body.Ownership == "BucketOwnerEnforced"
	case "PutObjectLegalHold", "GetObjectLegalHold", "GetObjectRetention":
		f.LegalHold = true
	case "PutObjectRetention":
		f.Retention = &decide.Retention{}
		if body != nil && body.Retention != nil {
			f.Retention.Mode = body.Retention.Mode
			if body.Retention.Until != nil {
				f.Retention.Until = *body.Retention.Until
			}
		}
	}
	if f.NeedsMFA {
		f.MFA = t.mfa()
		if f.MFA == decide.MFAUnknown {
			f.MFAMissing = unread(t.account.Root.Unknown, "MFA devices of the root user of account "+string(t.account.ID), "mfaDevices")
		}
	}
	return f
}

// assignedBlock is what the organization assigns to the caller's account, nil where
// it leaves that to the account.
func (t *task) assignedBlock() *decide.Setting {
	if t.account == nil {
		return nil
	}
	if why, unread := t.s3PoliciesUnread(t.account); unread {
		return &decide.Setting{On: condition.Unknown, Missing: []decide.Missing{{What: "S3 policies of account " + string(t.account.ID), Why: why, Need: "organizations:DescribeEffectivePolicy"}}}
	}
	if _, by, ok := t.account.OrganizationPublicAccessBlock(); ok {
		return &decide.Setting{On: condition.True, Where: "organization " + t.account.OrganizationID, Pos: by.Pos}
	}
	return nil
}

func (t *task) deletesVersion() bool {
	if t.spec.Name == "DeleteObject" {
		return t.versionID() != ""
	}
	return t.r.Body != nil && slices.ContainsFunc(t.r.Body.Objects, func(o request.ObjectID) bool { return o.VersionID != "" })
}

func (t *task) formEncryption(f *decide.Form) {
	ssec, _ := t.r.Header("x-amz-server-side-encryption-customer-algorithm")
	f.SSEC = ssec != ""
	f.SSECKeyMD5, _ = t.r.Header("x-amz-server-side-encryption-customer-key-md5")
	if t.source.facts != nil {
		// A copy carries the keys of both halves.
		ssec, _ := t.r.Header("x-amz-copy-source-server-side-encryption-customer-algorithm")
		f.SourceSSEC = ssec != ""
		f.SourceSSECKeyMD5, _ = t.r.Header("x-amz-copy-source-server-side-encryption-customer-key-md5")
	}
	algorithm, _ := t.r.Header("x-amz-server-side-encryption")
	f.KMSRequested = f.WritesObject && strings.HasPrefix(algorithm, "aws:kms") && t.spec.Name != "UploadPart" && t.spec.Name != "CompleteMultipartUpload"
}

// formACL is the ACL that the request wants to set.
func (t *task) formACL(f *decide.Form) {
	writes := t.spec.Name == "PutBucketAcl" || t.spec.Name == "PutObjectAcl"
	if !writes && t.spec.Name != "CreateBucket" && !t.writesObject() {
		return // elsewhere S3 does not look at ACL headers
	}
	acl := s3op.UploadACL(t.r)
	f.WritesACL = writes
	if !acl.Stated() && !writes {
		return
	}
	var canonical string
	var account iam.AccountID
	if b := t.facts.Target; b != nil {
		account = b.Account
		if a := t.accountOf(account); a != nil {
			canonical = t.canonical(a)
		}
	}
	req := &decide.ACLRequest{Public: acl.IsPublic(), Private: acl.Canned == "private" || !acl.Stated()}
	req.OwnerFullControl = acl.Stated() && acl.IsBucketOwnerFullControl(canonical, account)
	req.ByEmail = slices.ContainsFunc(acl.Grants(), func(g estate.ACLGrant) bool { return g.Grantee.Email != "" })
	f.ACL = req
}

// mfa judges the header x-amz-mfa: a device of the caller, who is the bucket
// owner's root user, and its present code.
func (t *task) mfa() decide.MFA {
	value, ok := t.r.Header("x-amz-mfa")
	if !ok {
		return decide.MFAAbsent
	}
	serial, code, ok := strings.Cut(value, " ")
	if !ok || len(code) != 6 || serial == "" {
		return decide.MFAMalformed
	}
	c := &t.facts.Caller
	if c.Kind != iam.RootUser || t.facts.Target != nil && c.Account != t.facts.Target.Account {
		return decide.MFANotRoot
	}
	if t.account == nil || t.account.Root == nil {
		return decide.MFANotOwner
	}
	device, ok := t.account.Root.MFADevices[serial]
	if _, unread := t.account.Root.Unknown.Why("mfaDevices"); unread && !ok {
		return decide.MFAUnknown
	}
	if !ok {
		return decide.MFANotOwner
	}
	if !device.Accepts(code, t.time) {
		return decide.MFAWrongCode
	}
	return decide.MFAValid
}

func sortedStrings(s []string) []string {
	slices.Sort(s)
	return s
}
