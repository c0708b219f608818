package s3op

// The conditional permissions of the table. S3 User Guide, Required permissions
// for Amazon S3 API operations, and the pages that it links.

// uploadExtras are what the headers of an upload ask for besides.
var uploadExtras = []Conditional{
	{Action: "s3:PutObjectAcl", When: "the ACL that the request asks for gives anyone but the bucket owner something", needed: (*call).grantsToOthers},
	{Action: "s3:PutObjectTagging", When: "`x-amz-tagging` (form field `tagging`) is sent", needed: (*call).uploadsTags},
	{Action: "s3:PutObjectRetention", When: "`x-amz-object-lock-mode` or `x-amz-object-lock-retain-until-date` is sent", needed: (*call).uploadsRetention},
	{Action: "s3:PutObjectLegalHold", When: "`x-amz-object-lock-legal-hold` is sent", needed: (*call).uploadsLegalHold},
}

// copyExtras are those of an upload, and the tags that go along with the object.
// That a copy of a tagged object needs both tag permissions is AWS Support's word;
// the table of required permissions has only the second.
var copyExtras = []Conditional{
	uploadExtras[0],
	{Action: "s3:GetObjectTagging", VersionAction: "s3:GetObjectVersionTagging", Half: Source, When: "the source has tags and the tagging directive is not REPLACE", needed: (*call).copiesTags},
	{Action: "s3:PutObjectTagging", When: "tags are copied, or `x-amz-tagging` is sent", needed: func(c *call) bool { return c.copiesTags() || c.uploadsTags() }},
	uploadExtras[2],
	uploadExtras[3],
}

var createBucketExtras = []Conditional{
	{Action: "s3:PutBucketAcl", OnBucket: true, When: "an ACL other than `private` or an `x-amz-grant-*` header is sent", needed: (*call).createsWithACL},
	{Action: "s3:PutBucketObjectLockConfiguration", OnBucket: true, When: "`x-amz-bucket-object-lock-enabled` is true", needed: (*call).createsWithLock},
	{Action: "s3:PutBucketVersioning", OnBucket: true, When: "`x-amz-bucket-object-lock-enabled` is true", needed: (*call).createsWithLock},
	{Action: "s3:PutBucketOwnershipControls", OnBucket: true, When: "`x-amz-object-ownership` is sent", needed: func(c *call) bool { return c.sends("x-amz-object-ownership") }},
	{Action: "s3:TagResource", OnBucket: true, When: "the body has tags", needed: func(c *call) bool { return c.r.Body != nil && len(c.r.Body.Tags) > 0 }},
}

var bypassGovernance = Conditional{
	Action: "s3:BypassGovernanceRetention", When: "`x-amz-bypass-governance-retention` is true and the object is under governance retention",
	needed: (*call).bypassesGovernance,
}

var bypassGovernanceOfVersion = Conditional{
	Action: "s3:BypassGovernanceRetention", When: "a version is named, `x-amz-bypass-governance-retention` is true and the version is under governance retention",
	needed: func(c *call) bool { return c.version != "" && c.bypassesGovernance() },
}

// getForIfMatch: S3 User Guide, conditional writes. If-None-Match asks for nothing.
var getForIfMatch = Conditional{Action: "s3:GetObject", When: "`If-Match` is sent", needed: func(c *call) bool { return c.sends("if-match") }}

// getForIfMatchOfDelete: S3 User Guide, conditional deletes. If-Match: * asks for
// nothing.
var getForIfMatchOfDelete = Conditional{
	Action: "s3:GetObject", When: "`If-Match` is sent with an entity tag",
	needed: func(c *call) bool {
		v, ok := c.header("if-match")
		return ok && v != "*"
	},
}

func (c *call) grantsToOthers() bool {
	acl := c.acl()
	return acl.GrantsBeyondBucketOwner(c.f.BucketOwnerID, c.bucketAccount())
}

func (c *call) acl() ACLRequest { return aclOf(c.header, c.r.Body) }

func (c *call) uploadsTags() bool {
	if c.spec.has(formUpload) && (c.sends("tagging") || c.r.Body != nil && len(c.r.Body.Tags) > 0) {
		return true
	}
	v, _ := c.header("x-amz-tagging")
	return v != ""
}

func (c *call) copiesTags() bool { return len(c.copiedTags()) > 0 }

func (c *call) uploadsRetention() bool {
	return c.sends("x-amz-object-lock-mode") || c.sends("x-amz-object-lock-retain-until-date")
}

func (c *call) uploadsLegalHold() bool { return c.sends("x-amz-object-lock-legal-hold") }

func (c *call) createsWithACL() bool {
	acl := c.acl()
	return acl.HasCanned && acl.Canned != "private" || len(acl.Headers) > 0
}

func (c *call) createsWithLock() bool { return c.sendsTrue("x-amz-bucket-object-lock-enabled") }

func (c *call) bypassesGovernance() bool {
	return c.sendsTrue("x-amz-bypass-governance-retention") && c.governed()
}
