package s3op

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/request"
)

// asked returns the checks of an operation, as "s3:GetObject arn:aws:s3:::b/k".
func asked(t *testing.T, operation string, r request.Request, f *Facts) []string {
	t.Helper()
	s, ok := Lookup(operation)
	if !ok {
		t.Fatalf("no operation %s", operation)
	}
	r.Operation = operation
	if r.Bucket == "" {
		r.Bucket = "b"
	}
	if r.Key == "" && s.Scope == Object {
		r.Key = "k"
	}
	var list []string
	for _, c := range s.Checks(&r, f) {
		list = append(list, c.Action+" "+ResourceARN("aws", &c))
		if (c.Half == Source) != (s.SourceAction != "" && c.Bucket == "src") {
			t.Errorf("%s: half of %s on %s is %v", operation, c.Action, c.Bucket, c.Half)
		}
	}
	return list
}

func expect(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s\n got %s\nwant %s", what, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

const (
	onBucket = " arn:aws:s3:::b"
	onKey    = " arn:aws:s3:::b/k"
	onSource = " arn:aws:s3:::src/s"
)

// S3 User Guide, Required permissions for Amazon S3 API operations, bucket
// operations and bucket subresource operations.
func TestChecksOfBuckets(t *testing.T) {
	for row := range strings.Lines(`
HeadBucket ListBucket
ListObjects ListBucket
ListObjectsV2 ListBucket
ListObjectVersions ListBucketVersions
ListMultipartUploads ListBucketMultipartUploads
GetBucketLocation GetBucketLocation
CreateBucket CreateBucket
DeleteBucket DeleteBucket
GetBucketAcl GetBucketAcl
PutBucketAcl PutBucketAcl
GetBucketPolicy GetBucketPolicy
PutBucketPolicy PutBucketPolicy
DeleteBucketPolicy DeleteBucketPolicy
GetBucketPolicyStatus GetBucketPolicyStatus
GetPublicAccessBlock GetBucketPublicAccessBlock
PutPublicAccessBlock PutBucketPublicAccessBlock
DeletePublicAccessBlock PutBucketPublicAccessBlock
GetBucketOwnershipControls GetBucketOwnershipControls
PutBucketOwnershipControls PutBucketOwnershipControls
DeleteBucketOwnershipControls PutBucketOwnershipControls
GetBucketVersioning GetBucketVersioning
PutBucketVersioning PutBucketVersioning
GetObjectLockConfiguration GetBucketObjectLockConfiguration
PutObjectLockConfiguration PutBucketObjectLockConfiguration
GetBucketEncryption GetEncryptionConfiguration
PutBucketEncryption PutEncryptionConfiguration
DeleteBucketEncryption PutEncryptionConfiguration
GetBucketTagging GetBucketTagging
PutBucketTagging PutBucketTagging
DeleteBucketTagging PutBucketTagging
GetBucketAbac GetBucketAbac
PutBucketAbac PutBucketAbac
GetBucketCors GetBucketCORS
PutBucketCors PutBucketCORS
DeleteBucketCors PutBucketCORS
GetBucketWebsite GetBucketWebsite
PutBucketWebsite PutBucketWebsite
DeleteBucketWebsite DeleteBucketWebsite
GetBucketLifecycleConfiguration GetLifecycleConfiguration
PutBucketLifecycleConfiguration PutLifecycleConfiguration
DeleteBucketLifecycle PutLifecycleConfiguration
GetBucketLogging GetBucketLogging
PutBucketLogging PutBucketLogging
GetBucketNotificationConfiguration GetBucketNotification
PutBucketNotificationConfiguration PutBucketNotification
GetBucketReplication GetReplicationConfiguration
PutBucketReplication PutReplicationConfiguration
DeleteBucketReplication PutReplicationConfiguration
GetBucketRequestPayment GetBucketRequestPayment
PutBucketRequestPayment PutBucketRequestPayment
GetBucketAccelerateConfiguration GetAccelerateConfiguration
PutBucketAccelerateConfiguration PutAccelerateConfiguration
GetBucketAnalyticsConfiguration GetAnalyticsConfiguration
ListBucketAnalyticsConfigurations GetAnalyticsConfiguration
PutBucketAnalyticsConfiguration PutAnalyticsConfiguration
DeleteBucketAnalyticsConfiguration PutAnalyticsConfiguration
GetBucketInventoryConfiguration GetInventoryConfiguration
ListBucketInventoryConfigurations GetInventoryConfiguration
PutBucketInventoryConfiguration PutInventoryConfiguration
DeleteBucketInventoryConfiguration PutInventoryConfiguration
GetBucketMetricsConfiguration GetMetricsConfiguration
ListBucketMetricsConfigurations GetMetricsConfiguration
PutBucketMetricsConfiguration PutMetricsConfiguration
DeleteBucketMetricsConfiguration PutMetricsConfiguration
GetBucketIntelligentTieringConfiguration GetIntelligentTieringConfiguration
ListBucketIntelligentTieringConfigurations GetIntelligentTieringConfiguration
PutBucketIntelligentTieringConfiguration PutIntelligentTieringConfiguration
DeleteBucketIntelligentTieringConfiguration PutIntelligentTieringConfiguration
GetBucketMetadataConfiguration GetBucketMetadataTableConfiguration
CreateBucketMetadataConfiguration CreateBucketMetadataTableConfiguration
DeleteBucketMetadataConfiguration DeleteBucketMetadataTableConfiguration
GetBucketMetadataTableConfiguration GetBucketMetadataTableConfiguration
CreateBucketMetadataTableConfiguration CreateBucketMetadataTableConfiguration
DeleteBucketMetadataTableConfiguration DeleteBucketMetadataTableConfiguration
UpdateBucketMetadataInventoryTableConfiguration UpdateBucketMetadataInventoryTableConfiguration
UpdateBucketMetadataJournalTableConfiguration UpdateBucketMetadataJournalTableConfiguration
`) {
		if operation, action, ok := strings.Cut(strings.TrimSpace(row), " "); ok {
			expect(t, operation, asked(t, operation, request.Request{}, nil), "s3:"+action+onBucket)
		}
	}
	expect(t, "ListBuckets", asked(t, "ListBuckets", request.Request{}, nil), "s3:ListAllMyBuckets *")
	expect(t, "ListDirectoryBuckets", asked(t, "ListDirectoryBuckets", request.Request{}, nil), "s3express:ListAllMyDirectoryBuckets *")
	expect(t, "CreateSession", asked(t, "CreateSession", request.Request{}, nil), "s3express:CreateSession"+onBucket)
}

// The same page, object operations: the first action without, the second with a
// version named.
func TestChecksOfObjects(t *testing.T) {
	for row := range strings.Lines(`
GetObject GetObject GetObjectVersion
HeadObject GetObject GetObjectVersion
GetObjectAttributes GetObject+GetObjectAttributes GetObjectVersion+GetObjectVersionAttributes
GetObjectAcl GetObjectAcl GetObjectVersionAcl
PutObjectAcl PutObjectAcl PutObjectVersionAcl
GetObjectTagging GetObjectTagging GetObjectVersionTagging
PutObjectTagging PutObjectTagging PutObjectVersionTagging
DeleteObjectTagging DeleteObjectTagging DeleteObjectVersionTagging
GetObjectRetention GetObjectRetention GetObjectRetention
PutObjectRetention PutObjectRetention PutObjectRetention
GetObjectLegalHold GetObjectLegalHold GetObjectLegalHold
PutObjectLegalHold PutObjectLegalHold PutObjectLegalHold
GetObjectTorrent GetObjectTorrent GetObjectVersionTorrent
PutObject PutObject PutObject
PostObject PutObject PutObject
DeleteObject DeleteObject DeleteObjectVersion
RestoreObject RestoreObject RestoreObject
SelectObjectContent GetObject GetObject
CreateMultipartUpload PutObject PutObject
UploadPart PutObject PutObject
CompleteMultipartUpload PutObject PutObject
AbortMultipartUpload AbortMultipartUpload AbortMultipartUpload
ListParts ListMultipartUploadParts ListMultipartUploadParts
UpdateObjectEncryption UpdateObjectEncryption+PutObject UpdateObjectEncryption+PutObject
GetObjectAnnotation GetObjectAnnotation GetObjectVersionAnnotation
ListObjectAnnotations ListObjectAnnotations ListObjectVersionAnnotations
PutObjectAnnotation PutObjectAnnotation PutObjectVersionAnnotation
DeleteObjectAnnotation DeleteObjectAnnotation DeleteObjectVersionAnnotation
`) {
		field := strings.Fields(row)
		if len(field) == 0 {
			continue
		}
		want := func(actions string) (list []string) {
			for a := range strings.SplitSeq(actions, "+") {
				list = append(list, "s3:"+a+onKey)
			}
			return list
		}
		expect(t, field[0], asked(t, field[0], request.Request{}, nil), want(field[1])...)
		expect(t, field[0]+" of a version", asked(t, field[0], request.Request{VersionID: "null"}, nil), want(field[2])...)
		expect(t, field[0]+" of a version in the query", asked(t, field[0], request.Request{Query: map[string]string{"versionId": "v1"}}, nil), want(field[2])...)
	}
	expect(t, "RenameObject", asked(t, "RenameObject", request.Request{}, nil), "s3express:CreateSession"+onKey)
	expect(t, "WriteGetObjectResponse", asked(t, "WriteGetObjectResponse", request.Request{}, nil), "s3-object-lambda:WriteGetObjectResponse *")
	expect(t, "OptionsObject", asked(t, "OptionsObject", request.Request{}, nil))
}

func headers(pairs ...string) map[string]string {
	m := map[string]string{}
	for _, p := range pairs {
		k, v, _ := strings.Cut(p, ": ")
		m[k] = v
	}
	return m
}

const (
	ownerID  = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
	stranger = "1111111111111111111111111111111111111111111111111111111111111111"
)

var bucketFacts = &Facts{Bucket: &estate.Bucket{Name: "b", Account: "111122223333"}, BucketOwnerID: ownerID}

// S3 User Guide, Required permissions for Amazon S3 API operations, PutObject and
// the notes on it.
func TestUploadsNeedMore(t *testing.T) {
	acl, tags, retention, hold := "s3:PutObjectAcl"+onKey, "s3:PutObjectTagging"+onKey, "s3:PutObjectRetention"+onKey, "s3:PutObjectLegalHold"+onKey
	for _, tt := range []struct {
		headers map[string]string
		want    []string
	}{
		{headers("x-amz-acl: public-read"), []string{acl}},
		{headers("x-amz-acl: public-read-write"), []string{acl}},
		{headers("x-amz-acl: authenticated-read"), []string{acl}},
		{headers("x-amz-acl: aws-exec-read"), []string{acl}},
		{headers("x-amz-acl: no-such-acl"), []string{acl}},
		{headers("x-amz-acl: private"), nil},
		{headers("x-amz-acl: bucket-owner-full-control"), nil},
		{headers("x-amz-acl: bucket-owner-read"), nil},
		{headers("x-amz-grant-read: id=" + stranger), []string{acl}},
		{headers("x-amz-grant-full-control: id=" + ownerID), nil},
		{headers(`x-amz-grant-full-control: id="` + ownerID + `"`), nil},
		{headers("x-amz-grant-full-control: id=" + ownerID + ", id=" + stranger), []string{acl}},
		{headers("x-amz-grant-read: uri=http://acs.amazonaws.com/groups/global/AllUsers"), []string{acl}},
		{headers("x-amz-grant-read: nonsense"), []string{acl}},
		{headers("x-amz-tagging: a=1"), []string{tags}},
		{headers("x-amz-tagging: "), nil},
		{headers("x-amz-object-lock-mode: GOVERNANCE", "x-amz-object-lock-retain-until-date: 2030-01-01T00:00:00Z"), []string{retention}},
		{headers("x-amz-object-lock-retain-until-date: 2030-01-01T00:00:00Z"), []string{retention}},
		{headers("x-amz-object-lock-legal-hold: ON"), []string{hold}},
		{headers("x-amz-object-lock-legal-hold: OFF"), []string{hold}},
		{headers("If-None-Match: *"), nil},
		{headers("x-amz-storage-class: STANDARD_IA", "x-amz-website-redirect-location: /x", "x-amz-request-payer: requester"), nil},
		{headers("x-amz-server-side-encryption-customer-algorithm: AES256"), nil},
		{headers("X-Amz-Object-Lock-Legal-Hold: ON", "X-Amz-Object-Lock-Mode: COMPLIANCE", "X-Amz-Tagging: a=1", "X-Amz-Acl: public-read"), []string{acl, tags, retention, hold}},
	} {
		for _, operation := range []string{"PutObject", "PostObject", "CreateMultipartUpload"} {
			want := append([]string{"s3:PutObject" + onKey}, tt.want...)
			expect(t, operation, asked(t, operation, request.Request{Headers: tt.headers}, bucketFacts), want...)
		}
		expect(t, "presigned PutObject", asked(t, "PutObject", request.Request{Query: only(tt.headers, "x-amz-")}, bucketFacts), append([]string{"s3:PutObject" + onKey}, tt.want...)...)
		expect(t, "UploadPart", asked(t, "UploadPart", request.Request{Headers: tt.headers}, bucketFacts), "s3:PutObject"+onKey)
		expect(t, "CompleteMultipartUpload", asked(t, "CompleteMultipartUpload", request.Request{Headers: tt.headers}, bucketFacts), "s3:PutObject"+onKey)
	}
	match := request.Request{Headers: headers(`If-Match: "etag"`)}
	expect(t, "PutObject with If-Match", asked(t, "PutObject", match, nil), "s3:PutObject"+onKey, "s3:GetObject"+onKey)
	expect(t, "CompleteMultipartUpload with If-Match", asked(t, "CompleteMultipartUpload", match, nil), "s3:PutObject"+onKey, "s3:GetObject"+onKey)
	expect(t, "a grant to an owner of whom nothing is known", asked(t, "PutObject", request.Request{Headers: headers("x-amz-grant-full-control: id=" + ownerID)}, nil), "s3:PutObject"+onKey, acl)
	expect(t, "the form's own fields", asked(t, "PostObject", request.Request{Headers: headers("acl: public-read", "tagging: <Tagging/>")}, nil), "s3:PutObject"+onKey, acl, tags)
}

func only(h map[string]string, prefix string) map[string]string {
	m := map[string]string{}
	for k, v := range h {
		if strings.HasPrefix(strings.ToLower(k), prefix) {
			m[k] = v
		}
	}
	return m
}

// API Reference, CopyObject and UploadPartCopy, permissions.
func TestCopies(t *testing.T) {
	read, write := "s3:GetObject"+onSource, "s3:PutObject"+onKey
	tagged := &Facts{SourceObject: &estate.Object{Tags: map[string]string{"team": "data"}}, SourceTagsKnown: true}
	untagged := &Facts{SourceObject: &estate.Object{}, SourceTagsKnown: true}
	src := func(h ...string) request.Request {
		return request.Request{Headers: headers(append(h, "x-amz-copy-source: /src/s")...)}
	}
	expect(t, "CopyObject", asked(t, "CopyObject", src(), untagged), read, write)
	expect(t, "CopyObject, copySource stated", asked(t, "CopyObject", request.Request{CopySource: "src/s"}, nil), read, write)
	expect(t, "a version", asked(t, "CopyObject", request.Request{CopySource: "src/s?versionId=v1"}, nil), "s3:GetObjectVersion"+onSource, write)
	expect(t, "a tagged source", asked(t, "CopyObject", src(), tagged), read, write, "s3:GetObjectTagging"+onSource, "s3:PutObjectTagging"+onKey)
	expect(t, "a tagged version", asked(t, "CopyObject", request.Request{CopySource: "src/s?versionId=v1"}, tagged),
		"s3:GetObjectVersion"+onSource, write, "s3:GetObjectVersionTagging"+onSource, "s3:PutObjectTagging"+onKey)
	expect(t, "other tags", asked(t, "CopyObject", src("x-amz-tagging-directive: REPLACE", "x-amz-tagging: a=1"), tagged), read, write, "s3:PutObjectTagging"+onKey)
	expect(t, "no tags", asked(t, "CopyObject", src("x-amz-tagging-directive: REPLACE"), tagged), read, write)
	expect(t, "tags not known", asked(t, "CopyObject", src(), &Facts{SourceObject: tagged.SourceObject}), read, write)
	expect(t, "an ACL and a lock", asked(t, "CopyObject", src("x-amz-acl: public-read", "x-amz-object-lock-mode: COMPLIANCE", "x-amz-object-lock-legal-hold: ON"), tagged),
		read, write, "s3:PutObjectAcl"+onKey, "s3:GetObjectTagging"+onSource, "s3:PutObjectTagging"+onKey, "s3:PutObjectRetention"+onKey, "s3:PutObjectLegalHold"+onKey)
	expect(t, "UploadPartCopy", asked(t, "UploadPartCopy", src(), tagged), read, write)
	expect(t, "behind an access point", asked(t, "CopyObject", request.Request{CopySource: "arn:aws:s3:us-east-1:111122223333:accesspoint/ap/object/s"},
		&Facts{SourceBucket: &estate.Bucket{Name: "src"}}), read, write)

	copyObject, _ := Lookup("CopyObject")
	if r := src(); !copyObject.CopiesTags(&r) {
		t.Error("a copy takes the tags along")
	}
	if r := src("x-amz-tagging-directive: REPLACE"); copyObject.CopiesTags(&r) {
		t.Error("with directive REPLACE a copy takes no tags along")
	}
}

// A source that is none must not lose its check.
func TestCopySourceThatNamesNothing(t *testing.T) {
	s, _ := Lookup("CopyObject")
	for _, source := range []string{"", "/", "bucket-only", "%zz/k", "arn:aws:s3:::b"} {
		checks := s.Checks(&request.Request{Bucket: "b", Key: "k", CopySource: source}, nil)
		if len(checks) != 2 || checks[0].Action != "s3:GetObject" || checks[0].Half != Source {
			t.Errorf("copy of %q asks for %v", source, checks)
		}
	}
}

// S3 User Guide, Deleting Amazon S3 objects and Managing Object Lock.
func TestDeletes(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	later, earlier := now.Add(time.Hour), now.Add(-time.Hour)
	lock := func(mode string, until time.Time) *Facts {
		return &Facts{Object: &estate.Object{Lock: &estate.Lock{Mode: mode, Until: &until}}, Now: now}
	}
	bypass := headers("x-amz-bypass-governance-retention: true")
	version, free := "s3:DeleteObjectVersion"+onKey, "s3:BypassGovernanceRetention"+onKey
	of := func(h map[string]string, v string, f *Facts) []string {
		return asked(t, "DeleteObject", request.Request{Headers: h, VersionID: v}, f)
	}
	expect(t, "under governance", of(bypass, "v1", lock("GOVERNANCE", later)), version, free)
	expect(t, "no header", of(nil, "v1", lock("GOVERNANCE", later)), version)
	expect(t, "header false", of(headers("x-amz-bypass-governance-retention: false"), "v1", lock("GOVERNANCE", later)), version)
	expect(t, "retention passed", of(bypass, "v1", lock("GOVERNANCE", earlier)), version)
	expect(t, "under compliance", of(bypass, "v1", lock("COMPLIANCE", later)), version)
	expect(t, "no lock", of(bypass, "v1", &Facts{Object: &estate.Object{}, Now: now}), version)
	expect(t, "a delete marker on top", of(bypass, "", lock("GOVERNANCE", later)), "s3:DeleteObject"+onKey)
	expect(t, "if it is this one", of(headers(`If-Match: "etag"`), "", nil), "s3:DeleteObject"+onKey, "s3:GetObject"+onKey)
	expect(t, "if there is one", of(headers("If-Match: *"), "", nil), "s3:DeleteObject"+onKey)
	expect(t, "shorter retention", asked(t, "PutObjectRetention", request.Request{Headers: bypass}, lock("GOVERNANCE", later)), "s3:PutObjectRetention"+onKey, free)
	expect(t, "first retention", asked(t, "PutObjectRetention", request.Request{Headers: bypass}, nil), "s3:PutObjectRetention"+onKey)
}

// API Reference, DeleteObjects: every key on its own, nothing on the bucket.
func TestDeleteObjects(t *testing.T) {
	until := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	locked := &estate.Object{Lock: &estate.Lock{Mode: "GOVERNANCE", Until: &until}}
	f := &Facts{
		Now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC),
		Bucket: &estate.Bucket{Name: "b", Objects: map[string]*estate.Object{
			"locked":   locked,
			"versions": {Versions: map[string]*estate.Object{"v1": locked, "v2": {}}},
		}},
	}
	r := request.Request{
		Headers: headers("x-amz-bypass-governance-retention: true"),
		Body: &request.Body{Objects: []request.ObjectID{
			{Key: "plain"}, {Key: "locked"}, {Key: "locked", VersionID: "v0"}, {Key: "versions", VersionID: "v1"}, {Key: "versions", VersionID: "v2"},
			{Key: "stated", VersionID: "v9", Object: locked},
		}},
	}
	b := onBucket + "/"
	expect(t, "DeleteObjects", asked(t, "DeleteObjects", r, f),
		"s3:DeleteObject"+b+"plain", "s3:DeleteObject"+b+"locked",
		"s3:DeleteObjectVersion"+b+"locked", "s3:BypassGovernanceRetention"+b+"locked",
		"s3:DeleteObjectVersion"+b+"versions", "s3:BypassGovernanceRetention"+b+"versions",
		"s3:DeleteObjectVersion"+b+"versions",
		"s3:DeleteObjectVersion"+b+"stated", "s3:BypassGovernanceRetention"+b+"stated")
	expect(t, "no objects stated", asked(t, "DeleteObjects", request.Request{Key: "k"}, nil), "s3:DeleteObject"+onKey)
}

// API Reference, CreateBucket, permissions.
func TestCreateBucket(t *testing.T) {
	create, acl := "s3:CreateBucket"+onBucket, "s3:PutBucketAcl"+onBucket
	for _, tt := range []struct {
		header string
		want   []string
	}{
		{"x-amz-acl: private", []string{create}},
		{"x-amz-acl: public-read", []string{create, acl}},
		{"x-amz-grant-read: id=" + ownerID, []string{create, acl}},
		{"x-amz-bucket-object-lock-enabled: true", []string{create, "s3:PutBucketObjectLockConfiguration" + onBucket, "s3:PutBucketVersioning" + onBucket}},
		{"x-amz-bucket-object-lock-enabled: false", []string{create}},
		{"x-amz-object-ownership: ObjectWriter", []string{create, "s3:PutBucketOwnershipControls" + onBucket}},
	} {
		expect(t, tt.header, asked(t, "CreateBucket", request.Request{Headers: headers(tt.header)}, nil), tt.want...)
	}
	r := request.Request{Body: &request.Body{Tags: map[string]string{"team": "data"}}}
	expect(t, "with tags", asked(t, "CreateBucket", r, nil), create, "s3:TagResource"+onBucket)
}

// S3 User Guide, Multipart upload and permissions: the bucket owner and the
// initiator need no statement for these two.
func TestDefaultAllowed(t *testing.T) {
	for _, s := range All() {
		for _, c := range s.Checks(&request.Request{Bucket: "b", Key: "k"}, nil) {
			if want := c.Action == "s3:AbortMultipartUpload" || c.Action == "s3:ListMultipartUploadParts"; c.DefaultAllowed != want {
				t.Errorf("%s: %s allowed by default: %v", s.Name, c.Action, c.DefaultAllowed)
			}
		}
	}
}

func TestBucketBehindAnAccessPoint(t *testing.T) {
	expect(t, "alias as bucket name", asked(t, "GetObject", request.Request{Bucket: "ap-x-s3alias"}, bucketFacts), "s3:GetObject"+onKey)
}

// Service Authorization Reference, resource types of the S3 Control actions.
func TestChecksOfControl(t *testing.T) {
	const arn = "arn:aws:s3:us-east-1:111122223333:accesspoint/ap"
	for _, tt := range []struct {
		operation string
		r         request.Request
		f         *Facts
		want      string
	}{
		{"GetAccountPublicAccessBlock", request.Request{}, nil, "s3:GetAccountPublicAccessBlock *"},
		{"PutAccountPublicAccessBlock", request.Request{}, nil, "s3:PutAccountPublicAccessBlock *"},
		{"DeleteAccountPublicAccessBlock", request.Request{}, nil, "s3:PutAccountPublicAccessBlock *"},
		{"ListAccessPoints", request.Request{}, nil, "s3:ListAccessPoints *"},
		{"CreateAccessPoint", request.Request{AccessPoint: "ap"}, &Facts{AccessPointARN: arn}, "s3:CreateAccessPoint " + arn},
		{"PutAccessPointPolicy", request.Request{AccessPoint: arn}, nil, "s3:PutAccessPointPolicy " + arn},
		{"DeleteAccessPointPolicy", request.Request{AccessPoint: arn}, bucketFacts, "s3:DeleteAccessPointPolicy " + arn},
		{"TagResource", request.Request{}, nil, "s3:TagResource" + onBucket},
	} {
		expect(t, tt.operation, asked(t, tt.operation, tt.r, tt.f), tt.want)
	}
}

// S3 User Guide, Required permissions, the KMS column of each operation.
func TestKMS(t *testing.T) {
	for operation, want := range map[string]string{
		"GetObject": "Decrypt stored", "GetObjectAttributes": "Decrypt stored", "SelectObjectContent": "Decrypt stored", "HeadObject": "",
		"PutObject": "GenerateDataKey new", "PostObject": "GenerateDataKey new", "CreateMultipartUpload": "GenerateDataKey new",
		"CopyObject": "Decrypt source, GenerateDataKey new",
		"UploadPart": "GenerateDataKey new, Decrypt new", "UploadPartCopy": "Decrypt source, GenerateDataKey new, Decrypt new",
		"CompleteMultipartUpload": "Decrypt new", "ListParts": "Decrypt new", "AbortMultipartUpload": "",
		"UpdateObjectEncryption": "Decrypt stored, Encrypt new, GenerateDataKey new, ReEncryptFrom stored, ReEncryptTo new",
		"DeleteObject":           "", "DeleteObjects": "", "ListObjectsV2": "", "GetObjectTagging": "", "PutObjectAcl": "", "PutObjectRetention": "", "PutBucketEncryption": "", "RestoreObject": "",
	} {
		if got := kmsOf(operation, request.Request{}); got != want {
			t.Errorf("%s needs %q, want %q", operation, got, want)
		}
	}
	if got := kmsOf("HeadObject", request.Request{Headers: headers("x-amz-checksum-mode: ENABLED")}); got != "Decrypt stored" {
		t.Errorf("HeadObject in checksum mode needs %q", got)
	}
}

func kmsOf(operation string, r request.Request) string {
	s, _ := Lookup(operation)
	var list []string
	for _, k := range s.KMS(&r, nil) {
		which := " stored"
		if k.Half == Source {
			which = " source"
		} else if k.New {
			which = " new"
		}
		list = append(list, strings.TrimPrefix(k.Action, "kms:")+which)
	}
	return strings.Join(list, ", ")
}

// Room that is used again, and shared by the objects of one call, changes nothing.
func TestWork(t *testing.T) {
	spec, _ := Lookup("DeleteObjects")
	r := &request.Request{Operation: "DeleteObjects", Bucket: "b", Body: &request.Body{Objects: []request.ObjectID{{Key: "a", VersionID: "v1"}, {Key: "b", VersionID: "v2"}}}}
	var w Work
	for range 2 {
		got, _ := w.ChecksAndKMS(spec, r, nil)
		if len(got) != 2 {
			t.Fatalf("%d checks, want 2", len(got))
		}
		for i, want := range []string{"v1", "v2"} {
			if v, _ := got[i].Keys.Get(condition.Intern("s3:versionid")); v.String() != want {
				t.Errorf("s3:versionid of object %d is %v, want %s", i, v, want)
			}
		}
	}
}
