package gather

import (
	"fmt"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/policy"
)

// gatherTarget finds the bucket that the request names, directly or through an
// access point, and what is known of it.
func (t *task) gatherTarget() error {
	name := t.r.Bucket
	ref := t.r.AccessPoint
	if ref == "" && t.standsForBucket(name) {
		ref = name
	}
	account := t.spec != nil && t.spec.Scope == s3op.Account
	if ref != "" {
		ap, ok := t.accessPoint(ref)
		if !ok {
			if account {
				return nil
			}
			return t.errorf("the estate holds no access point %q", ref)
		}
		name = ap.Bucket
		if !account {
			t.pointFacts(ap)
		}
	}
	if name == "" {
		return nil
	}
	t.bucket, _ = t.estate.Bucket(name)
	creates := t.spec != nil && t.spec.Name == "CreateBucket"
	t.facts.Target = t.bucketFacts(name, t.bucket, creates)
	return nil
}

// standsForBucket reports whether an access point's alias or ARN stands in a bucket's
// place. Its name does not: a bucket can be called, and made, like that.
func (t *task) standsForBucket(name string) bool {
	if _, held := t.estate.Bucket(name); held {
		return false
	}
	ap, ok := t.estate.AccessPoint(name)
	return ok && (ap.Alias == name || strings.HasPrefix(name, "arn:"))
}

func (t *task) accessPoint(ref string) (*estate.AccessPoint, bool) {
	var prefer []iam.AccountID
	if b, ok := t.estate.Bucket(t.r.Bucket); ok {
		prefer = append(prefer, b.Account)
	}
	if t.facts.Caller.Account != "" {
		prefer = append(prefer, t.facts.Caller.Account)
	}
	return t.estate.AccessPoint(ref, prefer...)
}

// bucketFacts returns what is known of a bucket, from the cache where that follows
// from estate and caller alone. It must not be changed.
func (t *task) bucketFacts(name string, b *estate.Bucket, creates bool) *decide.Bucket {
	gone := t.r.BucketExists != nil && !*t.r.BucketExists
	if b == nil || creates || gone || t.callerID == "" {
		return t.newBucketFacts(name, b, creates)
	}
	last := &t.room.last
	if last.bucket != nil && last.bucket.Name == name && last.callerID == t.callerID {
		return last.bucket
	}
	key := sideKey{name, t.callerID}
	t.mu.RLock()
	f := t.buckets[key]
	t.mu.RUnlock()
	if f == nil {
		f = t.newBucketFacts(name, b, creates)
		keep(t.Gatherer, t.buckets, key, f)
	}
	if last.callerID == t.callerID {
		last.bucket = f
	}
	return f
}

// newBucketFacts gathers what the estate holds of a bucket.
func (t *task) newBucketFacts(name string, b *estate.Bucket, creates bool) *decide.Bucket {
	f := &decide.Bucket{Name: name}
	if t.r.BucketExists != nil && !*t.r.BucketExists && !creates && (name == t.r.Bucket || t.r.Bucket == "") {
		f.Gone = true
	}
	switch {
	case creates:
		f.Created = true
		f.Account = t.facts.Caller.Account
		f.Region = t.bucketRegion()
		f.Partition = estate.PartitionOf(f.Region)
		t.newBucket(f)
	case b == nil:
		f.Partition = "aws"
		if t.facts.Caller.Partition != "" {
			f.Partition = t.facts.Caller.Partition
		}
		nothingKnown(f, decide.Missing{What: "bucket " + name, Why: "the estate does not hold it", Need: "s3:GetBucketPolicy"})
	default:
		t.heldBucket(f, b)
	}
	f.ARN = "arn:" + f.Partition + ":s3:::" + name
	return f
}

// nothingKnown leaves every setting of a bucket open, for want of what is missing.
func nothingKnown(f *decide.Bucket, missing decide.Missing) {
	f.Missing = []decide.Missing{missing}
	unknown := decide.Setting{On: condition.Unknown, Missing: f.Missing}
	f.ACLs, f.Public, f.Ownership = condition.Unknown, condition.Unknown, unknown
	f.Requester, f.MFADelete, f.SSECBlocked = unknown, unknown, unknown
	f.Block = decide.Block{BlockPublicAcls: unknown, IgnorePublicAcls: unknown, BlockPublicPolicy: unknown, RestrictPublicBuckets: unknown}
}

func (t *task) heldBucket(f *decide.Bucket, b *estate.Bucket) {
	f.Account, f.Region, f.Pos = b.Account, b.RegionOrDefault(), b.Pos
	f.Partition = estate.PartitionOf(f.Region)
	if a := t.accountOf(b.Account); a != nil {
		f.OrgID = a.OrganizationID
	}
	f.RCP = t.rcps(b.Account)
	t.bucketPolicy(f, b)
	f.Block = t.block(b)
	t.bucketOwnership(f, b)
	f.ACL = t.acl(b.ACL, b.Account, b.Account, unread(b.Unknown, "ACL of bucket "+b.Name, "acl"), nil)
	f.Requester = setting(b.RequesterPays(), b.Places["requestPayer"], unread(b.Unknown, "request payment of bucket "+b.Name, "requestPayer"))
	f.MFADelete = setting(b.Versioning.MFADeleteEnabled(), b.Versioning.Pos, unread(b.Unknown, "versioning of bucket "+b.Name, "versioning"))
	f.Versioned = b.Versioning.Ever() || b.ObjectLock.Enabled
	f.ObjectLock = b.ObjectLock.Enabled
	f.LockMissing = unread(b.Unknown, "Object Lock of bucket "+b.Name, "objectLock")
	f.SSECBlocked = setting(b.Blocks("SSE-C"), b.Places["encryption"], unread(b.Unknown, "encryption of bucket "+b.Name, "encryption"))
}

// newBucket is what CreateBucket makes: all of Block Public Access on, ACLs
// disabled unless the request says otherwise.
func (t *task) newBucket(f *decide.Bucket) {
	f.Requester, f.MFADelete, f.SSECBlocked = decide.Setting{}, decide.Setting{}, decide.Setting{}
	f.Block = t.newBucketBlock()
	ownership, stated := t.r.Header("x-amz-object-ownership")
	f.ACLs = condition.Of(stated && ownership != "BucketOwnerEnforced")
}

func (t *task) newBucketBlock() decide.Block {
	on := decide.Setting{On: condition.True, Where: "the new bucket"}
	return decide.Block{BlockPublicAcls: on, IgnorePublicAcls: on, BlockPublicPolicy: on, RestrictPublicBuckets: on}
}

func setting(on bool, pos node.Pos, missing []decide.Missing) decide.Setting {
	if missing != nil {
		return decide.Setting{On: condition.Unknown, Missing: missing}
	}
	return decide.Setting{On: condition.Of(on), Pos: pos}
}

func (t *task) bucketPolicy(f *decide.Bucket, b *estate.Bucket) {
	if missing := unread(b.Unknown, "policy of bucket "+b.Name, "document"); missing != nil {
		missing[0].Need = "s3:GetBucketPolicy"
		f.Policy = decide.Side{Missing: missing}
		f.Public = condition.Unknown
		return
	}
	if b.Document.Document == nil {
		return
	}
	f.HasPolicy = true
	f.Policy = t.side("bucket "+b.Name, policy.Named{Name: b.Name, Document: b.Document.Document}, everyForm)
	public, _ := policy.Public(b.Document.Document, false)
	f.Public = condition.Of(public)
}

func (t *task) bucketOwnership(f *decide.Bucket, b *estate.Bucket) {
	if missing := unread(b.Unknown, "Object Ownership of bucket "+b.Name, "ownership"); missing != nil {
		f.ACLs, f.Ownership = condition.Unknown, decide.Setting{On: condition.Unknown, Missing: missing}
		return
	}
	f.ACLs = condition.Of(!b.ACLsDisabled())
	f.Ownership = decide.Setting{On: condition.Of(b.ACLsDisabled()), Value: b.ObjectOwnership(), Where: "bucket " + b.Name, Pos: b.Places["ownership"]}
}

// block combines Block Public Access of organization, account and bucket: each
// setting is on where any level has it on. An organization's policy stands in
// the account's place (S3 User Guide, Blocking public access).
func (t *task) block(b *estate.Bucket) decide.Block {
	var blk decide.Block
	t.accountBlock(&blk, b.Account)
	own := b.BlockPublicAccess()
	pos := b.Places["publicAccessBlock"] // no place where the setting is AWS's default
	addBlock(&blk, own, "bucket "+b.Name, pos, unread(b.Unknown, "Block Public Access of bucket "+b.Name, "publicAccessBlock"))
	return blk
}

func (t *task) accountBlock(blk *decide.Block, id iam.AccountID) {
	a := t.accountOf(id)
	if a == nil {
		addBlock(blk, estate.PublicAccessBlock{}, "", node.Pos{}, []decide.Missing{{What: "Block Public Access of account " + string(id), Why: "the estate does not hold the account", Need: "s3:GetAccountPublicAccessBlock"}})
		return
	}
	if why, ok := t.s3PoliciesUnread(a); ok {
		// They may turn on or off what the account says.
		addBlock(blk, estate.PublicAccessBlock{}, "", node.Pos{}, []decide.Missing{{What: "S3 policies of account " + string(id), Why: why, Need: "organizations:DescribeEffectivePolicy"}})
		return
	}
	if assigned, by, ok := a.OrganizationPublicAccessBlock(); ok {
		addBlock(blk, assigned, "organization "+a.OrganizationID, by.Pos, nil)
		return
	}
	addBlock(blk, a.BlockPublicAccess(), "account "+string(id), a.Pos, unread(a.Unknown, "Block Public Access of account "+string(id), "publicAccessBlock"))
}

// s3PoliciesUnread tells whether some policy of type s3 on the account's path
// could not be read.
func (t *task) s3PoliciesUnread(a *estate.Account) (why string, unread bool) {
	if why, ok := a.Unknown.Why("s3"); ok {
		return why, true
	}
	if a.Organization == nil {
		return a.Unknown.Why("organization")
	}
	for _, level := range a.Path {
		if why, ok := level.Unknown.Why("s3"); ok {
			return why, true
		}
		for _, p := range level.S3 {
			if why, ok := p.Unknown.Why("document"); ok {
				return why, true
			}
		}
	}
	return "", false
}

func addBlock(blk *decide.Block, p estate.PublicAccessBlock, where string, pos node.Pos, missing []decide.Missing) {
	if p.Pos.IsValid() {
		pos = p.Pos
	}
	add := func(s *decide.Setting, on bool) {
		switch {
		case s.On == condition.True:
		case missing != nil:
			s.On = condition.Unknown
			s.Missing = append(s.Missing, missing...)
		case on:
			*s = decide.Setting{On: condition.True, Where: where, Pos: pos}
		}
	}
	add(&blk.BlockPublicAcls, p.BlockPublicAcls)
	add(&blk.IgnorePublicAcls, p.IgnorePublicAcls)
	add(&blk.BlockPublicPolicy, p.BlockPublicPolicy)
	add(&blk.RestrictPublicBuckets, p.RestrictPublicBuckets)
}

// privateACL is that of what has none.
var privateACL = &estate.ACL{Canned: "private"}

// acl expands an ACL for the owner of a bucket or object, its grants behind those
// given. Without one it is private.
func (t *task) acl(list *estate.ACL, owner, bucketOwner iam.AccountID, missing []decide.Missing, grants []decide.Grant) decide.ACL {
	f := decide.ACL{Missing: missing, Grants: grants}
	if missing != nil {
		return f
	}
	if list == nil {
		list = privateACL
	}
	f.Pos = list.Pos
	if list.Owner != "" {
		owner = t.accountIn(list.Owner)
	}
	if list.Canned != "" || len(list.Grants) == 0 {
		f.Grants = canned(f.Grants, list.Canned, owner, bucketOwner, list.Pos)
	}
	for _, g := range list.Grants {
		f.Grants = append(f.Grants, t.grant(g))
	}
	return f
}

// canned are the canned ACLs (S3 User Guide, Access control list overview).
func canned(grants []decide.Grant, name string, owner, bucketOwner iam.AccountID, pos node.Pos) []decide.Grant {
	grants = append(grants, decide.Grant{Account: owner, Permission: "FULL_CONTROL", Pos: pos})
	group := func(group string, permissions ...string) {
		for _, p := range permissions {
			grants = append(grants, decide.Grant{Group: group, Permission: p, Pos: pos})
		}
	}
	switch name {
	case "public-read":
		group("AllUsers", "READ")
	case "public-read-write":
		group("AllUsers", "READ", "WRITE")
	case "authenticated-read":
		group("AuthenticatedUsers", "READ")
	case "log-delivery-write":
		group("LogDelivery", "WRITE", "READ_ACP")
	case "bucket-owner-read":
		grants = append(grants, decide.Grant{Account: bucketOwner, Permission: "READ", Pos: pos})
	case "bucket-owner-full-control":
		grants = append(grants, decide.Grant{Account: bucketOwner, Permission: "FULL_CONTROL", Pos: pos})
	}
	return grants
}

var groupNames = map[string]string{
	"http://acs.amazonaws.com/groups/global/AllUsers":           "AllUsers",
	"http://acs.amazonaws.com/groups/global/AuthenticatedUsers": "AuthenticatedUsers",
	"http://acs.amazonaws.com/groups/s3/LogDelivery":            "LogDelivery",
}

func (t *task) grant(g estate.ACLGrant) decide.Grant {
	f := decide.Grant{Permission: g.Permission, Pos: g.Pos, Group: groupNames[g.Grantee.URI]}
	if g.Grantee.ID != "" {
		f.Account = t.accountIn(g.Grantee.ID)
		f.Canonical = !f.Account.Valid()
	}
	return f
}

// accountIn returns the account that an account id or canonical id names, ""
// for a stranger's.
func (t *task) accountIn(id string) iam.AccountID {
	if iam.AccountID(id).Valid() {
		return iam.AccountID(id)
	}
	if a, ok := t.estate.AccountOfCanonicalID(id); ok {
		return a.ID
	}
	for account, canonical := range t.strangers {
		if canonical == id {
			return account
		}
	}
	return iam.AccountID("canonical:" + id)
}

// resourceKeys returns the keys that follow from the bucket, which must not be
// changed.
func (t *task) resourceKeys(name string, b *estate.Bucket) condition.Layer {
	if b == nil {
		return t.newResourceKeys(b)
	}
	if last := &t.room.last; last.keysOf == name {
		return last.keys
	}
	t.mu.RLock()
	l, ok := t.keys[name]
	t.mu.RUnlock()
	if !ok {
		l = t.newResourceKeys(b)
		t.mu.Lock()
		t.keys[name] = l
		t.mu.Unlock()
	}
	t.room.last.keysOf, t.room.last.keys = name, l
	return l
}

func (t *task) newResourceKeys(b *estate.Bucket) condition.Layer {
	var l condition.Layer
	if b == nil {
		for _, k := range []condition.Key{keyResourceAccount, keyS3ResourceAccount} {
			l.Set(k, condition.SomeValue)
		}
		for _, k := range []condition.Key{keyResourceOrgID, keyResourceOrgPaths, keyResourceTag, keyBucketTag} {
			l.Set(k, condition.NotKnown)
		}
		return l
	}
	l.Set(keyResourceAccount, condition.String1(string(b.Account)))
	l.Set(keyS3ResourceAccount, condition.String1(string(b.Account)))
	if a := t.accountOf(b.Account); a != nil {
		t.organizationOf(&l, a, keyResourceOrgID, keyResourceOrgPaths)
	}
	_, tagsUnread := b.Unknown.Why("tags")
	_, abacUnread := b.Unknown.Why("abac")
	if abacUnread || tagsUnread && b.ABACEnabled() {
		l.Set(keyResourceTag, condition.NotKnown)
		l.Set(keyBucketTag, condition.NotKnown)
		return l
	}
	if b.ABACEnabled() {
		l.SetTags("aws:ResourceTag/", b.Tags)
		l.SetTags("s3:BucketTag/", b.Tags)
	}
	return l
}

// pointFacts gathers what is known of an access point.
func (t *task) pointFacts(ap *estate.AccessPoint) { t.point, t.pointKeys = t.pointOf(ap) }

// pointOf gathers an access point, with the condition keys that it brings.
func (t *task) pointOf(ap *estate.AccessPoint) (*decide.AccessPoint, condition.Layer) {
	var keys condition.Layer
	b, _ := t.estate.Bucket(ap.Bucket)
	partition := estate.PartitionOf(ap.Region)
	f := &decide.AccessPoint{Name: ap.Name, ARN: ap.ARN(partition), Account: ap.Account, Pos: ap.Pos}
	what := "policy of access point " + ap.Name
	origin := ap.Origin()
	if missing := unread(ap.Unknown, what, "document"); missing != nil {
		f.Policy = decide.Side{Missing: missing}
		f.Public = condition.Unknown
	} else if ap.Document.Document != nil {
		f.Policy = t.side("access point "+f.ARN, policy.Named{Name: ap.Name, Document: ap.Document.Document}, everyForm)
		public, _ := policy.Public(ap.Document.Document, true)
		f.Public = condition.Of(public && origin != "VPC") // a VPC origin is never public
	}
	f.RCP = t.rcps(ap.Account)
	var blk decide.Block
	addBlock(&blk, ap.BlockPublicAccess(), "access point "+ap.Name, ap.Pos, unread(ap.Unknown, "Block Public Access of access point "+ap.Name, "publicAccessBlock"))
	if b != nil {
		t.accountBlock(&blk, b.Account)
		addBlock(&blk, b.BlockPublicAccess(), "bucket "+b.Name, b.Pos, unread(b.Unknown, "Block Public Access of bucket "+b.Name, "publicAccessBlock"))
	}
	if b == nil || b.Account != ap.Account {
		t.accountBlock(&blk, ap.Account)
	}
	f.Restrict = blk.RestrictPublicBuckets
	if origin == "VPC" {
		f.VPC = ap.VPC
		f.FromVPC = t.fromVPC(ap.VPC)
	}
	if missing := unread(ap.Unknown, "network origin of access point "+ap.Name, "networkOrigin", "vpc"); missing != nil && ap.VPC == "" {
		f.VPC, f.FromVPC, f.Missing = "not known", condition.Unknown, missing
	}
	keys.Set(keyDataAccessPointArn, condition.String1(f.ARN))
	keys.Set(keyDataAccessPointAccount, condition.String1(string(ap.Account)))
	keys.Set(keyAccessPointNetworkOrigin, condition.String1(origin))
	if f.Missing != nil {
		keys.Set(keyAccessPointNetworkOrigin, condition.SomeValue)
	}
	if _, unread := ap.Unknown.Why("tags"); unread {
		keys.Set(keyAccessPointTag, condition.NotKnown)
	}
	keys.SetTags("s3:AccessPointTag/", ap.Tags)
	return f, keys
}

// fromVPC tells whether the request comes from the VPC.
func (t *task) fromVPC(vpc string) condition.Truth {
	if v, ok := t.overrides.Get(keySourceVpc); ok {
		return condition.Of(v.State == condition.Present && v.One == vpc)
	}
	if t.networkUnstated() {
		return condition.Unknown
	}
	_, id := t.network()
	if id == "" {
		return condition.False
	}
	if ep, ok := t.estate.VPCEndpoint(id); ok && ep.VPC != "" {
		return condition.Of(ep.VPC == vpc)
	}
	return condition.Unknown
}

// arnOfPoint returns the resource of the access point's check.
func arnOfPoint(ap *decide.AccessPoint, c *s3op.Check) string {
	if c.OnBucket || c.Key == "" {
		return ap.ARN
	}
	return fmt.Sprintf("%s/object/%s", ap.ARN, c.Key)
}
