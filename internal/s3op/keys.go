package s3op

import (
	"slices"
	"sync/atomic"

	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/iamdata"
	"github.com/why403/why403/request"
)

// Keys returns the condition keys that headers, query and body of a request bring
// to one action: what [Spec.Checks] puts into a check, for requests that ask about
// an action rather than an operation. f may be nil.
func Keys(action string, r *request.Request, f *Facts) condition.Layer {
	return newCall(nil, r, f).keys(action)
}

// A keyRule puts one condition key, or one family of them, into a layer.
type keyRule struct {
	name string // "s3:prefix"; of a family any one key, to ask whether an action carries it
	put  func(*call, condition.Key, *condition.Layer)
}

// keyRules are the keys of the Service Authorization Reference that have their
// value from the request itself.
var keyRules = []keyRule{
	{"s3:prefix", listParameter("prefix")},
	{"s3:delimiter", listParameter("delimiter")},
	{"s3:max-keys", listParameter("max-keys")},
	{"s3:annotation-prefix", parameter("annotation-prefix")},
	{"s3:max-annotation-results", parameter("max-annotation-results")},
	{"s3:versionid", versionKey},

	{"s3:x-amz-acl", uploadHeader("x-amz-acl")},
	{"s3:x-amz-grant-read", uploadHeader("x-amz-grant-read")},
	{"s3:x-amz-grant-write", uploadHeader("x-amz-grant-write")},
	{"s3:x-amz-grant-read-acp", uploadHeader("x-amz-grant-read-acp")},
	{"s3:x-amz-grant-write-acp", uploadHeader("x-amz-grant-write-acp")},
	{"s3:x-amz-grant-full-control", uploadHeader("x-amz-grant-full-control")},
	{"s3:x-amz-server-side-encryption", encryptionKey},
	{"s3:x-amz-server-side-encryption-aws-kms-key-id", encryptionKeyID},
	{"s3:x-amz-server-side-encryption-customer-algorithm", uploadHeader("x-amz-server-side-encryption-customer-algorithm")},
	{"s3:x-amz-storage-class", uploadHeader("x-amz-storage-class")},
	{"s3:x-amz-website-redirect-location", uploadHeader("x-amz-website-redirect-location")},
	{"s3:x-amz-copy-source", copySource},
	{"s3:x-amz-metadata-directive", plainHeader("x-amz-metadata-directive")},
	{"s3:x-amz-object-annotation-directive", plainHeader("x-amz-object-annotation-directive")},
	{"s3:x-amz-object-if-match", plainHeader("x-amz-object-if-match")},
	{"s3:if-match", plainHeader("if-match")},
	{"s3:if-none-match", plainHeader("if-none-match")},
	{"s3:ObjectCreationOperation", creationKey},

	{"s3:object-lock-mode", lockMode},
	{"s3:object-lock-retain-until-date", lockUntil},
	{"s3:object-lock-remaining-retention-days", lockDays},
	{"s3:object-lock-legal-hold", legalHold},
	{"s3:object-lock-event-hold", uploadHeader("x-amz-object-lock-event-hold")},
	{"s3:object-lock-event-hold-duration-days", uploadHeader("x-amz-object-lock-event-hold-duration-days")},

	{"s3:RequestObjectTag/key", objectTags},
	{"s3:RequestObjectTagKeys", objectTagKeys},
	{"aws:RequestTag/key", resourceTags},
	{"aws:TagKeys", resourceTagKeys},

	{"s3:locationconstraint", locationConstraint},
	{"s3:x-amz-object-ownership", plainHeader("x-amz-object-ownership")},
	{"s3:x-amz-bucket-namespace", plainHeader("x-amz-bucket-namespace")},
	{"s3:InventoryAccessibleOptionalFields", onlyInBody("PutBucketInventoryConfiguration")},
	{"s3:AccessPointNetworkOrigin", onlyInBody("CreateAccessPoint")},
	{"s3:RequestJobOperation", onlyInBody("CreateJob")},
	{"s3:RequestJobPriority", onlyInBody("CreateJob", "UpdateJobPriority")},
	{"s3:AccessGrantScope", onlyInBody("CreateAccessGrant")},
	{"s3:AccessGrantsLocationScope", onlyInBody("CreateAccessGrantsLocation", "UpdateAccessGrantsLocation")},
}

// keyFamilies are the keys of which keyRules name one as an example.
var keyFamilies = map[string]string{
	"s3:RequestObjectTag/key": "s3:RequestObjectTag/",
	"aws:RequestTag/key":      "aws:RequestTag/",
}

// A carriedKey is a rule that applies to an action.
type carriedKey struct {
	key condition.Key
	put func(*call, condition.Key, *condition.Layer)
}

var carriedKeys [iamdata.NumActions]atomic.Pointer[[]carriedKey]

// carried returns the rules of the keys that an action carries. Actions without
// full detail in the reference carry none that a request of S3 could bring.
func carried(action string) []carriedKey {
	id, ok := iamdata.ActionID(action)
	if !ok {
		return nil
	}
	if known := carriedKeys[id].Load(); known != nil {
		return *known
	}
	rules := []carriedKey{}
	for _, rule := range keyRules {
		if !iamdata.ActionCarries(action, rule.name) {
			continue
		}
		name := rule.name
		if family, ok := keyFamilies[name]; ok {
			name = family
		}
		rules = append(rules, carriedKey{condition.Intern(name), rule.put})
	}
	carriedKeys[id].Store(&rules)
	return rules
}

// keys fills a layer. Whoever adds to it gets one of his own.
func (c *call) keys(action string) condition.Layer {
	c.layer = c.room
	for _, k := range carried(action) {
		k.put(c, k.key, &c.layer)
	}
	if len(c.layer) == 0 {
		return nil
	}
	c.room = nil
	return slices.Clip(c.layer)
}

var keyVersionID = condition.Intern("s3:versionid")

// sourceKeys are those of what a copy reads: of all the request's headers and
// parameters only the version of the source is about it.
func sourceKeys(action, version string) condition.Layer {
	if version == "" || !iamdata.ActionCarries(action, "s3:versionid") {
		return nil
	}
	return condition.Layer{{Key: keyVersionID, Value: condition.String1(version)}}
}
