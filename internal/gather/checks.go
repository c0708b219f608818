package gather

import (
	"slices"
	"strings"
	"sync"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/iamdata"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/policy"
)

// operationChecks lists all checks of an operation: S3's own, then KMS's.
func (t *task) operationChecks() {
	sf := t.s3opFacts()
	checks, needs := t.room.asks.ChecksAndKMS(t.spec, t.r, sf)
	for i := range checks {
		t.addS3Check(&checks[i])
	}
	t.addTagChecks(sf)
	for _, need := range needs {
		t.addKeyCheck(need)
	}
}

// addTagChecks adds the permissions that a copy needs if its source has tags,
// where they could not be read.
func (t *task) addTagChecks(sf *s3op.Facts) {
	if sf.SourceObject == nil || sf.SourceTagsKnown || !t.spec.CopiesTags(t.r) {
		return
	}
	missing := unread(sf.SourceObject.Unknown, "tags of object "+t.source.key, "tags")
	tagged := *sf
	copied := *sf.SourceObject
	copied.Tags = map[string]string{"key": "value"}
	tagged.SourceObject, tagged.SourceTagsKnown = &copied, true
	for _, c := range t.spec.Checks(t.r, &tagged) {
		if c.Action == "s3:GetObjectTagging" || c.Action == "s3:GetObjectVersionTagging" || c.Action == "s3:PutObjectTagging" {
			n := len(t.facts.Checks)
			t.addS3Check(&c)
			for i := n; i < len(t.facts.Checks); i++ {
				t.facts.Checks[i].Maybe = missing
			}
		}
	}
}

// s3opFacts is what the table of operations asks of the estate, and finds the
// objects that the request names.
func (t *task) s3opFacts() *s3op.Facts {
	sf := &t.room.known
	*sf = s3op.Facts{Bucket: t.bucket, Now: t.time}
	if t.bucket != nil {
		sf.Ownership = t.bucket.ObjectOwnership()
		if a := t.accountOf(t.bucket.Account); a != nil {
			sf.BucketOwnerID = t.canonical(a)
		}
	}
	if t.r.AccessPoint != "" && t.spec.Scope == s3op.Account {
		if ap, ok := t.accessPoint(t.r.AccessPoint); ok {
			sf.AccessPointARN = ap.ARN(estate.PartitionOf(ap.Region))
		}
	}
	if t.r.Key != "" && t.facts.Target != nil && t.spec.Scope == s3op.Object {
		t.object = t.objectOf(t.bucket, t.facts.Target, t.r.Key, t.versionID(), t.r.Object)
		sf.Exists = !t.object.missing
		if !t.object.missing && !t.object.assumed {
			sf.Object = t.object.stored
		}
	}
	t.gatherSource(sf)
	return sf
}

func (t *task) versionID() string {
	if t.r.VersionID != "" {
		return t.r.VersionID
	}
	return t.r.Query["versionId"]
}

// gatherSource finds what a copy reads.
func (t *task) gatherSource(sf *s3op.Facts) {
	if t.spec.SourceAction == "" {
		return
	}
	text, ok := t.r.Header("x-amz-copy-source")
	if !ok {
		text = t.r.CopySource
	}
	bucket, key, version, point, err := s3op.CopySource(text)
	if err != nil {
		bucket, key, _ = strings.Cut(strings.TrimPrefix(text, "/"), "/")
	}
	s := &t.source
	ref := point
	if ref == "" && t.standsForBucket(bucket) {
		ref = bucket
	}
	if ap, ok := t.estate.AccessPoint(ref); ok && ref != "" {
		bucket = ap.Bucket
		s.point, s.pointKeys = t.pointOf(ap)
	}
	s.name, s.key, s.version = bucket, key, version
	s.bucket, _ = t.estate.Bucket(bucket)
	if t.facts.Target != nil && bucket == t.facts.Target.Name {
		s.facts = t.facts.Target
	} else {
		s.facts = t.bucketFacts(bucket, s.bucket, false)
	}
	switch {
	case text == "":
		nothingKnown(s.facts, decide.Missing{What: "the source of the copy", Why: "the request does not state it", Need: "copySource"})
	case err != nil:
		open := *s.facts
		nothingKnown(&open, decide.Missing{What: "the source of the copy", Why: "\"" + text + "\" is not BUCKET/KEY", Need: "copySource"})
		s.facts = &open
	case bucket == "":
		nothingKnown(s.facts, decide.Missing{What: "access point " + point, Why: "the estate does not hold it", Need: "s3:GetAccessPoint"})
	}
	s.object = t.objectOf(s.bucket, s.facts, key, version, nil)
	sf.SourceBucket = s.bucket
	if !s.object.missing && !s.object.assumed {
		sf.SourceObject = s.object.stored
		_, unread := s.object.stored.Unknown.Why("tags")
		sf.SourceTagsKnown = !unread
	}
}

// addS3Check adds a permission on a bucket, an object, or the account; through
// an access point it is two checks.
func (t *task) addS3Check(c *s3op.Check) {
	if t.spec.Scope == s3op.Account || c.OnAny {
		resource := s3op.ResourceARN(t.partition(), c)
		check := t.accountCheck(c, resource)
		t.accountOfControl(&check)
		t.facts.Checks = append(t.facts.Checks, check)
		return
	}
	bf, b, o, point, open := t.facts.Target, t.bucket, t.object, t.point, false
	if c.Half == s3op.Source {
		bf, b, o, point = t.source.facts, t.source.bucket, t.source.object, t.source.point
	} else if t.spec.Name == "DeleteObjects" {
		if o = t.deletedObject(c); c.Key == "" {
			every := *c
			every.Key = "*"
			bf, c, open = t.undeleted(bf), &every, true
		}
	}
	if point != nil {
		ap := t.addCheck()
		t.s3Check(ap, c, bf, b, o)
		ap.Kind = decide.AccessPointCheck
		ap.Resource = arnOfPoint(point, c)
		ap.List, ap.Open = nil, open
	}
	check := t.addCheck()
	t.s3Check(check, c, bf, b, o)
	check.Open = open
}

// addCheck adds a check, to be filled in before the next is added.
func (t *task) addCheck() *decide.Check {
	t.facts.Checks = append(t.facts.Checks, decide.Check{})
	return &t.facts.Checks[len(t.facts.Checks)-1]
}

// undeleted is the bucket of a DeleteObjects call that does not say which
// objects: whether they may be deleted is not known.
func (t *task) undeleted(bf *decide.Bucket) *decide.Bucket {
	unstated := *bf
	unstated.Missing = append(unstated.Missing[:len(unstated.Missing):len(unstated.Missing)],
		decide.Missing{What: "the objects to delete", Why: "the request does not state them", Need: "body"})
	return &unstated
}

// deletedObject is one object of a DeleteObjects call.
func (t *task) deletedObject(c *s3op.Check) *objectFacts {
	if t.r.Body != nil {
		for _, id := range t.r.Body.Objects {
			if id.Key == c.Key && id.VersionID == c.VersionID {
				return t.objectOf(t.bucket, t.facts.Target, c.Key, c.VersionID, id.Object)
			}
		}
	}
	return t.objectOf(t.bucket, t.facts.Target, c.Key, c.VersionID, t.r.Object)
}

func (t *task) partition() string {
	if t.facts.Target != nil {
		return t.facts.Target.Partition
	}
	if p := t.facts.Caller.Partition; p != "" {
		return p
	}
	return "aws"
}

func (t *task) accountCheck(c *s3op.Check, resource string) decide.Check {
	if resource == "*" && strings.EqualFold(c.Action, "s3:ListAllMyBuckets") {
		// Policies grant it on "*" and on "arn:aws:s3:::*" alike.
		resource = "arn:" + t.partition() + ":s3:::*"
	}
	check := decide.Check{Kind: decide.AccountCheck, Name: c.Action, Action: policy.NewAction(c.Action), Resource: resource}
	check.Context = t.context(c.Keys, nil, t.accountKeys())
	return check
}

// accountOfControl tells whose the resource of an S3 Control operation is: by its
// ARN, else by x-amz-account-id.
func (t *task) accountOfControl(c *decide.Check) {
	arn, ok := iam.ParseARN(c.Resource)
	owner := arn.Account
	if !ok || owner == "" {
		id, _ := t.r.Header("x-amz-account-id")
		owner = iam.AccountID(id)
	} else if owner == t.facts.Caller.Account {
		c.RCP = t.rcps(owner)
	}
	c.OtherAccount = owner != "" && owner != t.facts.Caller.Account
}

// accountKeys are the resource keys of what belongs to the caller's account.
func (t *task) accountKeys() condition.Layer {
	var l condition.Layer
	if t.account == nil {
		return l
	}
	l.Set(keyResourceAccount, condition.String1(string(t.account.ID)))
	t.organizationOf(&l, t.account, keyResourceOrgID, keyResourceOrgPaths)
	return l
}

// s3Check makes of a zero check one against a bucket or one of its objects.
func (t *task) s3Check(check *decide.Check, c *s3op.Check, bf *decide.Bucket, b *estate.Bucket, o *objectFacts) {
	check.Kind, check.Name, check.Action, check.Bucket = decide.BucketCheck, c.Action, policy.NewAction(c.Action), bf
	check.Resource, check.DefaultAllowed, check.AccessPoint = s3op.ResourceARN(bf.Partition, c), c.DefaultAllowed, t.point
	if c.Half == s3op.Source {
		check.AccessPoint = t.source.point
	}
	check.Optional = t.spec != nil && c.Action != t.spec.Action && c.Action != t.spec.VersionAction || c.Half == s3op.Source
	name := check.Action.String()
	check.PolicyCall = name == "s3:GetBucketPolicy" || name == "s3:PutBucketPolicy" || name == "s3:DeleteBucketPolicy"
	check.BucketACL, check.ObjectACL = aclPermissions(name)
	if c.OnBucket || c.Key == "" {
		o = nil
	}
	keys := c.Keys
	if o != nil {
		check.Object = o.facts
		// What an upload asks besides is asked of an object that is not there
		// yet, and will be the uploader's.
		check.ObjectAction = !slices.Contains(uploads, name) && !(t.spec != nil && t.writesObject() && c.Half == s3op.Target)
		if !check.ObjectAction && check.ObjectACL != "" {
			check.ObjectACL = ""
			if name == "s3:PutObjectAcl" {
				check.BucketACL = "WRITE" // whom the bucket's ACL lets write owns what it writes
			}
		}
		check.OwnerAlways = slices.Contains(ownerAlways, name)
		if check.ObjectAction && !check.OwnerAlways {
			t.assume(bf.Name, o)
		}
		if t.carriesTags(name) {
			t.tagKeys(&keys, o)
		}
		if t.readsObject(c, name) {
			if o.facts.Exists == condition.True && !o.facts.DeleteMarker {
				check.List = listUnasked
			} else {
				check.List = t.listCheck(bf, b, c)
			}
		}
	}
	t.resolveKeyID(&keys)
	check.Context = t.context(keys, t.pointLayer(c), t.resourceKeys(bf.Name, b))
}

// uploads are the object actions that make an object, for which the bucket's
// side decides; ownerAlways those that the bucket owner may do with objects of
// other accounts (S3 User Guide, How Amazon S3 authorizes a request).
var (
	uploads = []string{"s3:PutObject", "s3:ReplicateObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"}

	ownerAlways = []string{"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:RestoreObject"}
)

func (t *task) carriesTags(action string) bool {
	known, ok := tagCarriers.Load(action)
	if !ok {
		known = iamdata.ActionCarries(action, "s3:ExistingObjectTag/x")
		if iamdata.KnownAction(action) { // others are without number
			tagCarriers.Store(action, known)
		}
	}
	return known.(bool)
}

// tagCarriers tells, by action, whether it carries s3:ExistingObjectTag.
var tagCarriers sync.Map

// readsObject tells whether the check is of the kind whose answer tells that a
// key is missing.
func (t *task) readsObject(c *s3op.Check, name string) bool {
	switch name {
	case "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:BypassGovernanceRetention":
		return false
	}
	if t.spec == nil {
		return false
	}
	if c.Half == s3op.Source {
		return name == "s3:GetObject" || name == "s3:GetObjectVersion"
	}
	switch t.spec.Name {
	case "PutObject", "PostObject", "CopyObject", "CreateMultipartUpload", "UploadPart", "UploadPartCopy", "CompleteMultipartUpload", "DeleteObject", "DeleteObjects":
		return false
	}
	return name == t.spec.Action || name == t.spec.VersionAction
}

// listUnasked stands for that of listCheck where the key is there: it says that
// the question exists, and is not asked.
var listUnasked = &decide.Check{Kind: decide.BucketCheck, Name: "s3:ListBucket", Action: policy.NewAction("s3:ListBucket")}

// listCheck is the evaluation of s3:ListBucket that tells whether a caller may
// know that a key is missing: with the key as its prefix.
func (t *task) listCheck(bf *decide.Bucket, b *estate.Bucket, c *s3op.Check) *decide.Check {
	var keys condition.Layer
	keys.Set(keyPrefix, condition.String1(c.Key))
	list := &decide.Check{Kind: decide.BucketCheck, Name: "s3:ListBucket", Action: policy.NewAction("s3:ListBucket"), Resource: bf.ARN, Bucket: bf, BucketACL: "READ", AccessPoint: t.point}
	if c.Half == s3op.Source {
		list.AccessPoint = t.source.point
	}
	list.Context = t.context(keys, t.pointLayer(c), t.resourceKeys(bf.Name, b))
	return list
}

// pointLayer is the keys of the access point, on the half that comes through it.
func (t *task) pointLayer(c *s3op.Check) condition.Layer {
	if c.Half == s3op.Source {
		return t.source.pointKeys
	}
	return t.pointKeys
}

// context puts the layers of a check's context together. What the request
// states for itself wins.
func (t *task) context(keys, point, resource condition.Layer) condition.Context {
	resource = append(resource[:len(resource):len(resource)], point...)
	return condition.NewContext(t.overrides, keys, t.connection, t.caller.keys, resource)
}

// aclPermissions tells which permission of which ACL grants an action (S3 User
// Guide, Mapping of ACL permissions and access policy permissions).
func aclPermissions(action string) (bucket, object string) {
	switch action {
	case "s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads":
		return "READ", ""
	case "s3:PutObject", "s3:DeleteObject":
		return "WRITE", ""
	case "s3:DeleteObjectVersion":
		return "WRITE", ""
	case "s3:GetBucketAcl":
		return "READ_ACP", ""
	case "s3:PutBucketAcl":
		return "WRITE_ACP", ""
	case "s3:GetObject", "s3:GetObjectVersion":
		return "", "READ"
	case "s3:GetObjectAcl", "s3:GetObjectVersionAcl":
		return "", "READ_ACP"
	case "s3:PutObjectAcl", "s3:PutObjectVersionAcl":
		return "", "WRITE_ACP"
	}
	return "", ""
}

// resolveKeyID turns the key that a request names into its full ARN, which is
// what the condition key holds, and fills in the bucket's default key (S3 User
// Guide, Using server-side encryption with AWS KMS keys, condition keys).
func (t *task) resolveKeyID(l *condition.Layer) {
	if t.spec == nil || !t.writesObject() {
		return
	}
	enc, ok := t.newEncryption()
	v, stated := l.Get(keySSEKMSKeyID)
	if !ok || !strings.HasPrefix(enc.algorithm, "aws:kms") {
		return
	}
	if !stated && !slices.ContainsFunc(*l, func(e condition.Entry) bool { return strings.HasPrefix(e.Key.String(), "s3:") }) && !t.carriesKeyID() {
		return
	}
	if stated && v.State == condition.Unsure {
		return
	}
	if enc.missing != nil {
		l.Set(keySSEKMSKeyID, condition.NotKnown)
		return
	}
	if enc.ref.Unknown != "" && enc.ref.ID == "" {
		l.Set(keySSEKMSKeyID, condition.SomeValue) // an alias of it is not known which key
		return
	}
	l.Set(keySSEKMSKeyID, condition.String1(enc.ref.ARN))
}

func (t *task) carriesKeyID() bool {
	return iamdata.ActionCarries(t.spec.Action, "s3:x-amz-server-side-encryption-aws-kms-key-id")
}

// foreignResource is a resource of another account, whose policy is of a
// service that the estate does not describe.
func (t *task) foreignResource(c *decide.Check) {
	c.Kind = decide.BucketCheck
	c.Bucket = &decide.Bucket{ARN: t.r.Resource, Missing: []decide.Missing{{What: "policy of " + t.r.Resource, Why: "the estate describes S3 and KMS only"}}}
	c.Bucket.RCP = decide.Levels{Missing: []decide.Missing{{What: "resource control policies of " + t.r.Resource, Why: "the estate describes S3 and KMS only"}}}
	t.facts.Target = nil
}

func orAny(s string) string {
	if s == "" {
		return "*"
	}
	return s
}

func (t *task) directS3(arn iam.ARN, action, name string) error {
	bucket, key, _ := strings.Cut(arn.Resource, "/")
	if bucket == "*" {
		t.facts.Checks = []decide.Check{t.accountCheck(&s3op.Check{Action: action}, t.r.Resource)}
		return nil
	}
	t.bucket, _ = t.estate.Bucket(bucket)
	creates := name == "s3:CreateBucket"
	t.facts.Target = t.bucketFacts(bucket, t.bucket, creates)
	t.connection = t.connectionKeys()
	version := t.r.VersionID
	c := s3op.Check{Action: action, Bucket: bucket, Key: key, VersionID: version, OnBucket: key == ""}
	c.Keys = s3op.Keys(name, t.r, &s3op.Facts{Bucket: t.bucket, Now: t.time})
	var o *objectFacts
	if key != "" {
		o = t.objectOf(t.bucket, t.facts.Target, key, version, t.r.Object)
		t.object = o
	}
	var check decide.Check
	t.s3Check(&check, &c, t.facts.Target, t.bucket, o)
	check.Resource = t.r.Resource
	check.Optional = false
	t.facts.Checks = []decide.Check{check}
	return nil
}
