package gather

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/iamdata"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/policy"
)

// encryptionFacts is how data is or will be encrypted.
type encryptionFacts struct {
	algorithm string
	ref       estate.KeyRef
	bucketKey bool
	context   map[string]string // that the writer gave
	untold    bool              // whether, and which, is not known
	missing   []decide.Missing
}

// writesObject tells whether the operation makes an object.
func (t *task) writesObject() bool {
	switch t.spec.Name {
	case "PutObject", "PostObject", "CopyObject", "CreateMultipartUpload", "UploadPart", "UploadPartCopy", "CompleteMultipartUpload":
		return true
	}
	return false
}

// newEncryption is how a new object will be encrypted: as the headers say, else
// as the bucket's default (S3 User Guide, Using server-side encryption with AWS
// KMS keys).
func (t *task) newEncryption() (encryptionFacts, bool) {
	var e encryptionFacts
	algorithm, _ := t.r.Header("x-amz-server-side-encryption")
	stated := algorithm != ""
	keyID, hasKey := t.r.Header("x-amz-server-side-encryption-aws-kms-key-id")
	if body := t.r.Body; t.spec.Name == "UpdateObjectEncryption" && !stated {
		if body == nil || body.Encryption == nil {
			return encryptionFacts{algorithm: "aws:kms", missing: []decide.Missing{{What: "the new encryption", Why: "the request does not state it", Need: "body"}}}, true
		}
		algorithm, stated = body.Encryption.Algorithm, true
		keyID, hasKey = body.Encryption.Key, body.Encryption.Key != ""
	}
	if ssec, _ := t.r.Header("x-amz-server-side-encryption-customer-algorithm"); ssec != "" {
		return encryptionFacts{algorithm: "SSE-C"}, true
	}
	if stated && !strings.HasPrefix(algorithm, "aws:kms") {
		return encryptionFacts{algorithm: algorithm}, true
	}
	if t.bucket == nil {
		// Nothing is known of the bucket, nor of the region of a key.
		return encryptionFacts{algorithm: "aws:kms", missing: []decide.Missing{{What: "bucket " + t.r.Bucket, Why: "the estate does not hold it"}}}, stated
	}
	region := t.bucketRegion()
	caller := t.facts.Caller.Account
	byDefault := t.bucket.DefaultEncryption()
	if missing := unread(t.bucket.Unknown, "default encryption of bucket "+t.bucket.Name, "encryption"); missing != nil && (!stated || !hasKey) {
		missing[0].Need = "s3:GetEncryptionConfiguration"
		return encryptionFacts{algorithm: "aws:kms", missing: missing}, true
	}
	if !stated {
		e.algorithm, e.bucketKey = byDefault.Algorithm, byDefault.BucketKey
		if strings.HasPrefix(e.algorithm, "aws:kms") {
			e.ref = t.estate.ResolveKey(byDefault.Key, t.bucket.Account, region)
		}
		return e, true
	}
	e.algorithm = algorithm
	switch {
	case hasKey && keyID != "":
		e.ref = t.estate.ResolveKey(keyID, caller, region)
	case strings.HasPrefix(byDefault.Algorithm, "aws:kms") && byDefault.Key != "":
		e.ref = t.estate.ResolveKey(byDefault.Key, t.bucket.Account, region)
		e.bucketKey = byDefault.BucketKey
	default:
		e.ref = t.estate.ResolveKey("", caller, region)
	}
	if v, _ := t.r.Header("x-amz-server-side-encryption-bucket-key-enabled"); v != "" {
		e.bucketKey = strings.EqualFold(v, "true")
	} else {
		e.bucketKey = byDefault.BucketKey
	}
	if v, ok := t.r.Header("x-amz-server-side-encryption-context"); ok {
		if raw, err := base64.StdEncoding.DecodeString(v); err == nil {
			_ = json.Unmarshal(raw, &e.context) // S3 refuses what is none
		}
	}
	return e, true
}

// storedEncryption is how a stored object is encrypted; one that the estate does
// not hold, as the bucket's default.
func (t *task) storedEncryption(b *estate.Bucket, o *objectFacts) (encryptionFacts, bool) {
	var e encryptionFacts
	if b == nil || o == nil || o.missing {
		return e, false
	}
	stored := o.stored.Encryption
	if missing := unreadPart(o.stored.Unknown, "encryption of object ", o.facts.Key, "encryption"); missing != nil {
		missing[0].Need = "s3:GetObject"
		return encryptionFacts{algorithm: "aws:kms", missing: missing}, true
	}
	if stored == nil {
		if missing := unreadPart(b.Unknown, "default encryption of bucket ", b.Name, "encryption"); missing != nil {
			missing[0].Need = "s3:GetEncryptionConfiguration"
			return encryptionFacts{algorithm: "aws:kms", missing: missing}, true
		}
		d := b.DefaultEncryption()
		stored = &d
	}
	e.algorithm, e.bucketKey, e.context = stored.Algorithm, stored.BucketKey, stored.Context
	_, e.untold = o.stored.Unknown.Why(estate.EncryptionContext)
	if strings.HasPrefix(e.algorithm, "aws:kms") {
		e.ref = t.estate.ResolveKey(stored.Key, b.Account, b.RegionOrDefault())
	}
	return e, true
}

// addKeyCheck adds a KMS permission where the data is under a KMS key.
func (t *task) addKeyCheck(need s3op.KMSNeed) {
	bf, b, key := t.facts.Target, t.bucket, t.r.Key
	var e encryptionFacts
	var ok bool
	switch {
	case need.New:
		e, ok = t.newEncryption()
	case need.Half == s3op.Source:
		bf, b, key = t.source.facts, t.source.bucket, t.source.key
		e, ok = t.storedEncryption(b, t.source.object)
	default:
		e, ok = t.storedEncryption(b, t.object)
	}
	if !ok || !strings.HasPrefix(e.algorithm, "aws:kms") {
		return
	}
	object := bf.ARN + "/" + key
	if e.bucketKey && e.algorithm == "aws:kms" {
		object = bf.ARN
	}
	check := t.keyCheck(need.Action, e, bf, object)
	check.Maybe = e.missing // the data may be under no key at all, or under aws/s3
	t.facts.Checks = append(t.facts.Checks, check)
}

func (t *task) keyCheck(action string, e encryptionFacts, bf *decide.Bucket, object string) decide.Check {
	k := t.keyFacts(e)
	if k.ARN == "" {
		k.ARN = "*"
	}
	check := decide.Check{Kind: decide.KeyCheck, Name: action, Action: policy.NewAction(action), Resource: k.ARN, Key: k, Bucket: bf}
	c := e.sent(object)
	k.Grants = t.grants(e.ref.Key, action, c)
	if bf != nil {
		check.Context = t.keyContext(action, k, e.ref.Key, bf.Region, c)
	} else {
		check.Context = t.keyContext(action, k, e.ref.Key, "", c)
	}
	return check
}

// keyFacts gathers what the estate holds of a KMS key.
func (t *task) keyFacts(e encryptionFacts) *decide.Key {
	if e.missing != nil {
		return &decide.Key{Missing: e.missing}
	}
	ref := e.ref
	k := &decide.Key{ARN: ref.ARN, Account: ref.Account, Managed: ref.AWSManagedS3}
	switch {
	case ref.Problem != "":
		k.Gone = true
		k.GoneMsg = keyProblem(ref)
		return k
	case ref.Missing:
		k.Gone = true
		k.GoneMsg = fmt.Sprintf("Key '%s' does not exist", ref.ARN)
		if strings.Contains(ref.ARN, ":alias/") {
			k.GoneMsg = fmt.Sprintf("Alias %s is not found.", ref.ARN)
		}
		return k
	case k.Managed:
		if ref.Key != nil {
			k.State, k.Pos = ref.Key.StateOrEnabled(), ref.Key.Pos
		}
		return k
	case ref.Unknown != "":
		k.Missing = []decide.Missing{{What: "policy of key " + ref.ARN, Why: ref.Unknown, Need: "kms:GetKeyPolicy"}}
		k.RCP = t.rcps(ref.Account)
		return k
	}
	t.heldKey(k, ref.Key)
	return k
}

func keyProblem(ref estate.KeyRef) string {
	switch ref.Problem {
	case "bad-id":
		return fmt.Sprintf("Invalid keyId '%s'", ref.ID)
	case "wrong-region":
		return "Invalid arn " + ref.Region
	}
	return "Invalid arn " + ref.ARN
}

func (t *task) heldKey(k *decide.Key, key *estate.Key) {
	k.Pos = key.Pos
	k.State = key.StateOrEnabled()
	what := "policy of key " + k.ARN
	if missing := unread(key.Unknown, what, "document"); missing != nil {
		missing[0].Need = "kms:GetKeyPolicy"
		k.Policy = decide.Side{Missing: missing}
	} else {
		k.Policy = t.side("key "+k.ARN, policy.Named{Name: k.ARN, Document: key.Policy()}, everyForm)
	}
	if missing := unread(key.Unknown, "grants of key "+k.ARN, "grants"); missing != nil {
		missing[0].Need = "kms:ListGrants"
		k.GrantsMissing = missing
	}
	if missing := unread(key.Unknown, "state of key "+k.ARN, "state"); missing != nil {
		missing[0].Need = "kms:DescribeKey"
		k.StateMissing = missing
	}
	k.RCP = t.rcps(key.Account)
	if key.AWSManaged() {
		k.RCP = decide.Levels{NotApplicable: "resource control policies do not reach AWS managed keys"}
	}
}

// grants lists the grants on a key that cover the action, the encryption
// context and the caller (KMS Developer Guide, Grants).
func (t *task) grants(key *estate.Key, action string, context encryptionContext) []decide.KeyGrant {
	if key == nil {
		return nil
	}
	operation := strings.TrimPrefix(action, "kms:")
	var found []decide.KeyGrant
	for _, g := range key.Grants {
		if !slices.Contains(g.Operations, operation) || !context.open && !g.Constraints.Admit(context.pairs) {
			continue
		}
		sure, maybe := t.caller.facts.Reached(g.Grantee)
		if context.open && !g.Constraints.Admit(nil) {
			sure, maybe = 0, sure|maybe // the constraint looks at what is not known
		}
		if sure != 0 {
			found = append(found, decide.KeyGrant{Via: sure, Sure: true, Name: g.ID})
		} else if maybe != 0 {
			found = append(found, decide.KeyGrant{Via: maybe, Name: g.ID})
		}
	}
	return found
}

// keyContext is the context of a call that S3 makes to KMS in the caller's name
// (IAM User Guide, Forward access sessions): the caller's keys and public
// address, without the keys of a VPC, with those of KMS.
func (t *task) keyContext(action string, k *decide.Key, key *estate.Key, region string, encryption encryptionContext) condition.Context {
	var l, resource condition.Layer
	if region != "" {
		domain := ".amazonaws.com"
		l.Set(keyViaService, condition.String1("s3."+region+domain))
		l.Set(keyViaAWSService, condition.Bool(true))
		l.Set(keyCalledVia, condition.Strings("s3.amazonaws.com"))
		l.Set(keyCalledViaFirst, condition.String1("s3.amazonaws.com"))
		l.Set(keyCalledViaLast, condition.String1("s3.amazonaws.com"))
		for _, gone := range []condition.Key{keySourceVpc, keySourceVpce, keyVpcSourceIP, keySourceVpcArn, keyVpceAccount, keyVpceOrgID, keyVpceOrgPaths} {
			l.Set(gone, condition.Value{})
		}
		l.Set(keyRequestedRegion, condition.String1(region))
	}
	for _, s3only := range []condition.Key{keyAuthType, keySignatureVersion, keySignatureAge, keyContentSHA256, keyTLSVersion} {
		l.Set(s3only, condition.Value{})
	}
	if iamdata.ActionCarries(action, keyEncryptionAlgorithm.String()) {
		l.Set(keyEncryptionAlgorithm, condition.String1("SYMMETRIC_DEFAULT"))
	}
	if t.facts.Caller.Account != "" {
		l.Set(keyCallerAccount, condition.String1(string(t.facts.Caller.Account)))
	}
	encryption.keys(&l)
	if k.Account != "" {
		resource.Set(keyResourceAccount, condition.String1(string(k.Account)))
		if a := t.accountOf(k.Account); a != nil {
			t.organizationOf(&resource, a, keyResourceOrgID, keyResourceOrgPaths)
		}
	}
	if key != nil {
		resource.Set(keyResourceAliases, condition.Strings(key.Aliases...))
		if _, unread := key.Unknown.Why("aliases"); unread {
			resource.Set(keyResourceAliases, condition.NotKnown)
		}
		if _, unread := key.Unknown.Why("tags"); unread {
			resource.Set(keyResourceTag, condition.NotKnown)
		}
		resource.SetTags("aws:ResourceTag/", key.Tags)
	}
	var overrides condition.Layer
	for _, e := range t.overrides {
		if region == "" || iamdata.ActionCarries(action, e.Key.String()) && !viaVPC(e.Key) {
			overrides = append(overrides, e)
		}
	}
	return condition.NewContext(overrides, l, t.connection, t.caller.keys, resource)
}

// viaVPC reports the keys that a forward access session does not carry.
func viaVPC(k condition.Key) bool {
	return k == keySourceVpc || k == keySourceVpce || k == keyVpcSourceIP || k == keySourceVpcArn || k == keyVpceAccount || k == keyVpceOrgID || k == keyVpceOrgPaths
}

// needsEnabledKey are the actions that a key refuses which is not enabled. Others
// look at a key or change its settings (KMS Developer Guide, Key states of AWS KMS
// keys).
var needsEnabledKey = map[string]bool{
	"kms:CreateGrant": true, "kms:Decrypt": true, "kms:DeriveSharedSecret": true, "kms:DisableKeyRotation": true, "kms:EnableKeyRotation": true,
	"kms:Encrypt": true, "kms:GenerateDataKey": true, "kms:GenerateDataKeyPair": true, "kms:GenerateDataKeyPairWithoutPlaintext": true,
	"kms:GenerateDataKeyWithoutPlaintext": true, "kms:GenerateMac": true, "kms:GetPublicKey": true, "kms:ReEncryptFrom": true,
	"kms:ReEncryptTo": true, "kms:RotateKeyOnDemand": true, "kms:Sign": true, "kms:Verify": true, "kms:VerifyMac": true,
}

// managesAlias reports whether a check is about an alias itself. It has no policy,
// those of its key count in a check of their own (KMS Developer Guide, Controlling
// access to aliases).
func managesAlias(arn iam.ARN, action string) bool {
	return strings.HasPrefix(arn.Resource, "alias/") && slices.Contains([]string{"kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"}, action)
}

// directKey is a request for one KMS action, not made through S3.
func (t *task) directKey(action string) {
	arn, _ := iam.ParseARN(t.r.Resource)
	ref := t.estate.ResolveKey(t.r.Resource, arn.Account, arn.Region)
	check := t.keyCheck(action, encryptionFacts{ref: ref}, nil, "")
	check.Key.Grants = t.grants(ref.Key, action, t.encryptionContext())
	if !needsEnabledKey[check.Action.String()] {
		check.Key.State, check.Key.StateMissing = "", nil
	}
	if check.Key.Managed {
		// Not through S3: the key policy's condition on kms:ViaService decides.
		k := check.Key
		k.Managed = false
		if doc := ref.Policy(); doc != nil {
			k.Policy = t.side("key "+k.ARN, policy.Named{Name: k.ARN, Document: doc}, everyForm)
		} else {
			k.Policy.Missing = []decide.Missing{{What: "policy of key " + k.ARN, Why: "it was not read", Need: "kms:GetKeyPolicy"}}
		}
		k.RCP = decide.Levels{NotApplicable: "resource control policies do not reach AWS managed keys"}
	}
	t.facts.Checks = []decide.Check{check}
}
