package s3op

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/iamdata"
	"github.com/why403/why403/request"
)

// keysOf returns the keys of the check for an action, as "s3:prefix=home/".
func keysOf(t *testing.T, operation, action string, r request.Request, f *Facts) []string {
	t.Helper()
	s, _ := Lookup(operation)
	r.Operation, r.Bucket = operation, "b"
	if s.Scope == Object {
		r.Key = "k"
	}
	for _, c := range s.Checks(&r, f) {
		if c.Action == action {
			return layerText(c.Keys)
		}
	}
	t.Fatalf("%s has no check of %s", operation, action)
	return nil
}

func layerText(l condition.Layer) (list []string) {
	for _, e := range l {
		list = append(list, e.Key.String()+"="+e.Value.String())
	}
	slices.Sort(list)
	return list
}

func expectKeys(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	fold := func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) }
	slices.SortFunc(got, fold)
	slices.SortFunc(want, fold)
	if !slices.EqualFunc(got, want, strings.EqualFold) {
		t.Errorf("%s\n got %q\nwant %q", what, got, want)
	}
}

// Service Authorization Reference, condition keys of ListBucket and
// ListBucketVersions; the reference gives ListBucketMultipartUploads none of them.
func TestKeysOfListings(t *testing.T) {
	r := request.Request{Query: map[string]string{"prefix": "", "delimiter": "/", "max-keys": "10", "start-after": "a"}}
	want := []string{`s3:prefix=""`, "s3:delimiter=/", "s3:max-keys=10"}
	for _, operation := range []string{"ListObjects", "ListObjectsV2"} {
		expectKeys(t, operation, keysOf(t, operation, "s3:ListBucket", r, nil), want...)
	}
	expectKeys(t, "ListObjectVersions", keysOf(t, "ListObjectVersions", "s3:ListBucketVersions", r, nil), want...)
	expectKeys(t, "ListMultipartUploads", keysOf(t, "ListMultipartUploads", "s3:ListBucketMultipartUploads", r, nil))
	expectKeys(t, "HeadBucket has no parameters", keysOf(t, "HeadBucket", "s3:ListBucket", r, nil))
	expectKeys(t, "nothing is made up", keysOf(t, "ListObjectsV2", "s3:ListBucket", request.Request{}, nil))
}

// The same page: s3:versionid is on the actions with Version in their names.
func TestKeysOfVersions(t *testing.T) {
	v := request.Request{VersionID: "v1"}
	for operation, action := range map[string]string{
		"GetObject": "s3:GetObjectVersion", "DeleteObject": "s3:DeleteObjectVersion", "GetObjectAcl": "s3:GetObjectVersionAcl",
		"GetObjectTagging": "s3:GetObjectVersionTagging", "DeleteObjectTagging": "s3:DeleteObjectVersionTagging",
	} {
		expectKeys(t, operation, keysOf(t, operation, action, v, nil), "s3:versionid=v1")
	}
	expectKeys(t, "GetObjectRetention", keysOf(t, "GetObjectRetention", "s3:GetObjectRetention", v, nil))
	expectKeys(t, "the source of a copy", keysOf(t, "CopyObject", "s3:GetObjectVersion", request.Request{CopySource: "src/s?versionId=v2", Query: map[string]string{"prefix": "x"}}, nil), "s3:versionid=v2")
}

// The same page, PutObject: every header that has a key.
func TestKeysOfUploads(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	r := request.Request{Headers: headers("X-Amz-Acl: public-read", "x-amz-grant-read: id=1, id=2", "x-amz-server-side-encryption: aws:kms",
		"x-amz-server-side-encryption-aws-kms-key-id: alias/data", "x-amz-storage-class: GLACIER", "x-amz-website-redirect-location: /new",
		"x-amz-tagging: team=data&cost%20center=4%2B2", "x-amz-object-lock-mode: GOVERNANCE", "x-amz-object-lock-retain-until-date: 2026-12-02T11:00:00Z",
		"x-amz-object-lock-legal-hold: ON", "If-None-Match: *", "content-type: text/plain", "x-amz-copy-source: /not/a-copy")}
	tags := []string{"s3:RequestObjectTag/team=data", "s3:RequestObjectTag/cost center=4+2", "s3:RequestObjectTagKeys=[team, cost center]"}
	acl := []string{"s3:x-amz-acl=public-read", "s3:x-amz-grant-read=id=1, id=2", "s3:x-amz-storage-class=GLACIER"}
	lock := []string{"s3:object-lock-mode=GOVERNANCE", "s3:object-lock-retain-until-date=2026-12-02T11:00:00Z", "s3:object-lock-remaining-retention-days=11"}
	all := slices.Concat(tags, acl, lock, []string{"s3:x-amz-server-side-encryption=aws:kms", "s3:x-amz-server-side-encryption-aws-kms-key-id=alias/data",
		"s3:x-amz-website-redirect-location=/new", "s3:object-lock-legal-hold=ON", "s3:if-none-match=*"})
	f := &Facts{Now: now}
	expectKeys(t, "PutObject", keysOf(t, "PutObject", "s3:PutObject", r, f), append(all, "s3:ObjectCreationOperation=true")...)
	expectKeys(t, "CreateMultipartUpload", keysOf(t, "CreateMultipartUpload", "s3:PutObject", r, f), append(all, "s3:ObjectCreationOperation=false")...)
	expectKeys(t, "PutObjectTagging of the upload", keysOf(t, "PutObject", "s3:PutObjectTagging", r, f), tags...)
	expectKeys(t, "PutObjectAcl of the upload", keysOf(t, "PutObject", "s3:PutObjectAcl", r, f), acl...)
	expectKeys(t, "PutObjectRetention of the upload", keysOf(t, "PutObject", "s3:PutObjectRetention", r, f), lock...)
	expectKeys(t, "PutObjectLegalHold of the upload", keysOf(t, "PutObject", "s3:PutObjectLegalHold", r, f), "s3:object-lock-legal-hold=ON")
	expectKeys(t, "a plain PutObject", keysOf(t, "PutObject", "s3:PutObject", request.Request{}, f), "s3:ObjectCreationOperation=true")
	expectKeys(t, "a bucket's default encryption is no header", keysOf(t, "PutObject", "s3:PutObject", request.Request{},
		&Facts{Bucket: &estate.Bucket{Encryption: &estate.Encryption{Algorithm: "aws:kms"}}}), "s3:ObjectCreationOperation=true")
	presigned := request.Request{Query: map[string]string{"X-Amz-Acl": "private", "X-Amz-Date": "20261122T100000Z"}}
	expectKeys(t, "presigned", keysOf(t, "PutObject", "s3:PutObject", presigned, nil), "s3:x-amz-acl=private", "s3:ObjectCreationOperation=true")
	expectKeys(t, "If-Match needs a read, which carries nothing", keysOf(t, "PutObject", "s3:GetObject", request.Request{Headers: headers("If-Match: e", "x-amz-acl: private")}, nil))
	expectKeys(t, "tags that cannot be read", keysOf(t, "PutObject", "s3:PutObjectTagging", request.Request{Headers: headers("x-amz-tagging: %zz")}, nil),
		"s3:RequestObjectTag/=(not known)", "s3:RequestObjectTagKeys=(not known)")
	expectKeys(t, "DeleteObject", keysOf(t, "DeleteObject", "s3:DeleteObject", request.Request{Headers: headers("If-Match: e", "x-amz-acl: private")}, nil), "s3:if-match=e")
}

func TestKeysOfCopies(t *testing.T) {
	r := request.Request{Headers: headers("x-amz-copy-source: /src/a%20b/c", "x-amz-metadata-directive: REPLACE")}
	plain := []string{"s3:x-amz-copy-source=src/a b/c", "s3:x-amz-metadata-directive=REPLACE", "s3:ObjectCreationOperation=true"}
	expectKeys(t, "CopyObject", keysOf(t, "CopyObject", "s3:PutObject", r, nil), plain...)
	expectKeys(t, "the read half", keysOf(t, "CopyObject", "s3:GetObject", r, nil))
	tagged := &Facts{SourceObject: &estate.Object{Tags: map[string]string{"team": "data"}}, SourceTagsKnown: true}
	expectKeys(t, "tags that go along", keysOf(t, "CopyObject", "s3:PutObject", r, tagged), append(plain, "s3:RequestObjectTag/=(not known)", "s3:RequestObjectTagKeys=(not known)")...)
	expectKeys(t, "copySource stated", keysOf(t, "CopyObject", "s3:PutObject", request.Request{CopySource: "src/s"}, nil), "s3:x-amz-copy-source=src/s", "s3:ObjectCreationOperation=true")
	expectKeys(t, "UploadPartCopy", keysOf(t, "UploadPartCopy", "s3:PutObject", request.Request{CopySource: "src/s", Unstated: "absent"}, nil), "s3:x-amz-copy-source=src/s", "s3:ObjectCreationOperation=false")
}

// Policies on upload headers do not break multipart uploads, so the later steps
// carry what CreateMultipartUpload said; who does not say what that was leaves it
// open.
func TestKeysOfLaterSteps(t *testing.T) {
	open := request.Request{Headers: headers("x-amz-server-side-encryption: AES256", "x-amz-acl: private", "x-amz-tagging: a=1")}
	got := keysOf(t, "UploadPart", "s3:PutObject", open, nil)
	for _, want := range []string{"s3:x-amz-server-side-encryption=AES256", "s3:x-amz-acl=private", "s3:RequestObjectTag/a=1", "s3:x-amz-storage-class=(not known)", "s3:ObjectCreationOperation=false"} {
		if !slices.Contains(got, want) {
			t.Errorf("UploadPart lacks %s: %q", want, got)
		}
	}
	open.Unstated = "absent"
	expectKeys(t, "nothing else was sent", keysOf(t, "UploadPart", "s3:PutObject", open, nil), "s3:x-amz-server-side-encryption=AES256", "s3:x-amz-acl=private",
		"s3:RequestObjectTag/a=1", "s3:RequestObjectTagKeys=[a]", "s3:ObjectCreationOperation=false")
	expectKeys(t, "complete", keysOf(t, "CompleteMultipartUpload", "s3:PutObject", request.Request{Unstated: "absent", Headers: headers("If-None-Match: *")}, nil),
		"s3:if-none-match=*", "s3:ObjectCreationOperation=true")
	expectKeys(t, "abort", keysOf(t, "AbortMultipartUpload", "s3:AbortMultipartUpload", open, nil))
}

// What stands in a body and is not stated is not known.
func TestKeysOfBodies(t *testing.T) {
	until := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	f := &Facts{Now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
	with := func(b request.Body) request.Request { return request.Request{Body: &b} }
	for _, tt := range []struct {
		operation, action string
		r                 request.Request
		want              []string
	}{
		{"PutObjectTagging", "s3:PutObjectTagging", with(request.Body{Tags: map[string]string{"b": "2", "a": "1"}}),
			[]string{"s3:RequestObjectTag/a=1", "s3:RequestObjectTag/b=2", "s3:RequestObjectTagKeys=[a, b]"}},
		{"PutObjectTagging", "s3:PutObjectTagging", with(request.Body{Tags: map[string]string{}}), nil},
		{"PutObjectTagging", "s3:PutObjectTagging", request.Request{}, []string{"s3:RequestObjectTag/=(not known)", "s3:RequestObjectTagKeys=(not known)"}},
		{"PutObjectTagging", "s3:PutObjectTagging", request.Request{Unstated: "absent"}, nil},
		{"PutObjectRetention", "s3:PutObjectRetention", with(request.Body{Retention: &estate.Lock{Mode: "COMPLIANCE", Until: &until}}),
			[]string{"s3:object-lock-mode=COMPLIANCE", "s3:object-lock-retain-until-date=2026-11-25T10:00:00Z", "s3:object-lock-remaining-retention-days=3"}},
		{"PutObjectRetention", "s3:PutObjectRetention", with(request.Body{Retention: &estate.Lock{}}), nil},
		{"PutObjectRetention", "s3:PutObjectRetention", request.Request{},
			[]string{"s3:object-lock-mode=(not known)", "s3:object-lock-retain-until-date=(not known)", "s3:object-lock-remaining-retention-days=(not known)"}},
		{"PutObjectRetention", "s3:PutObjectRetention", request.Request{Unstated: "absent"}, nil},
		{"PutObjectLegalHold", "s3:PutObjectLegalHold", with(request.Body{LegalHold: "OFF"}), []string{"s3:object-lock-legal-hold=OFF"}},
		{"PutObjectLegalHold", "s3:PutObjectLegalHold", request.Request{}, []string{"s3:object-lock-legal-hold=(not known)"}},
		{"PutObjectAcl", "s3:PutObjectAcl", with(request.Body{HasGrants: true, Grants: []estate.ACLGrant{{Permission: "READ"}}}), nil},
		{"PutBucketAcl", "s3:PutBucketAcl", request.Request{Headers: headers("x-amz-grant-write: id=1")}, []string{"s3:x-amz-grant-write=id=1"}},
		{"UpdateObjectEncryption", "s3:UpdateObjectEncryption", with(request.Body{Encryption: &estate.Encryption{Algorithm: "aws:kms", Key: "arn:aws:kms:x"}}),
			[]string{"s3:x-amz-server-side-encryption=aws:kms", "s3:x-amz-server-side-encryption-aws-kms-key-id=arn:aws:kms:x"}},
		{"UpdateObjectEncryption", "s3:UpdateObjectEncryption", request.Request{},
			[]string{"s3:x-amz-server-side-encryption=(not known)", "s3:x-amz-server-side-encryption-aws-kms-key-id=(not known)"}},
		{"CreateBucket", "s3:CreateBucket", with(request.Body{LocationConstraint: "eu-west-1", Tags: map[string]string{"team": "data"}}),
			[]string{"s3:locationconstraint=eu-west-1", "aws:RequestTag/team=data", "aws:TagKeys=[team]"}},
		{"CreateBucket", "s3:CreateBucket", request.Request{Headers: headers("x-amz-object-ownership: ObjectWriter", "x-amz-acl: private")},
			[]string{"s3:x-amz-object-ownership=ObjectWriter", "s3:x-amz-acl=private"}},
		{"TagResource", "s3:TagResource", with(request.Body{Tags: map[string]string{"team": "data"}}), []string{"aws:RequestTag/team=data", "aws:TagKeys=[team]"}},
		{"TagResource", "s3:TagResource", request.Request{}, []string{"aws:RequestTag/=(not known)", "aws:TagKeys=(not known)"}},
		{"UntagResource", "s3:UntagResource", request.Request{Query: map[string]string{"tagKeys": "a,b"}}, []string{"aws:TagKeys=[a, b]"}},
		{"PutBucketTagging", "s3:PutBucketTagging", with(request.Body{Tags: map[string]string{"team": "data"}}), nil},
		{"PutBucketInventoryConfiguration", "s3:PutInventoryConfiguration", request.Request{}, []string{"s3:InventoryAccessibleOptionalFields=(not known)"}},
		{"DeleteBucketInventoryConfiguration", "s3:PutInventoryConfiguration", request.Request{}, nil},
		{"GetBucketPolicy", "s3:GetBucketPolicy", request.Request{Headers: headers("x-amz-acl: private"), Query: map[string]string{"prefix": "a"}}, nil},
	} {
		expectKeys(t, tt.operation, keysOf(t, tt.operation, tt.action, tt.r, f), tt.want...)
	}
}

// Requests about an action have the keys that its operation would give it.
func TestKeysOfActions(t *testing.T) {
	r := &request.Request{Action: "s3:ListBucket", Query: map[string]string{"prefix": "home/"}, Headers: headers("x-amz-acl: private", "x-amz-tagging: a=1")}
	expectKeys(t, "s3:ListBucket", layerText(Keys("s3:ListBucket", r, nil)), "s3:prefix=home/")
	expectKeys(t, "any case", layerText(Keys("S3:listbucket", r, nil)), "s3:prefix=home/")
	expectKeys(t, "s3:PutObjectAcl", layerText(Keys("s3:PutObjectAcl", r, nil)), "s3:x-amz-acl=private")
	expectKeys(t, "s3:PutObject", layerText(Keys("s3:PutObject", r, nil)), "s3:x-amz-acl=private", "s3:RequestObjectTag/a=1", "s3:RequestObjectTagKeys=[a]", "s3:ObjectCreationOperation=(not known)")
	expectKeys(t, "no action", layerText(Keys("s3:HeadObject", r, nil)))
}

// No check carries a key that its action does not.
func TestNoForeignKeys(t *testing.T) {
	every := map[string]string{"prefix": "p", "delimiter": "/", "max-keys": "1", "versionId": "v", "annotation-prefix": "a", "max-annotation-results": "1", "tagKeys": "t"}
	r := request.Request{Bucket: "b", Key: "k", Query: every, CopySource: "src/s", Headers: headers("x-amz-acl: public-read", "x-amz-tagging: a=1", "if-match: e", "x-amz-object-lock-mode: GOVERNANCE")}
	for _, s := range All() {
		for _, c := range s.Checks(&r, nil) {
			for _, e := range c.Keys {
				if !carriesFamily(c.Action, e.Key.String()) {
					t.Errorf("%s: %s carries %s", s.Name, c.Action, e.Key)
				}
			}
		}
	}
}

func BenchmarkChecks(b *testing.B) {
	for name, r := range map[string]*request.Request{
		"GetObject": {Bucket: "b", Key: "k"},
		"PutObject": {Bucket: "b", Key: "k", Headers: headers("x-amz-acl: private", "x-amz-server-side-encryption: aws:kms")},
	} {
		s, _ := Lookup(name)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.Checks(r, nil)
			}
		})
	}
}

func carriesFamily(action, key string) bool {
	if strings.HasSuffix(key, "/") {
		key += "any"
	}
	return iamdata.ActionCarries(action, key)
}
