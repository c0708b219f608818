package s3op

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/why403/why403/internal/iamdata"
)

func TestLookup(t *testing.T) {
	for name, want := range map[string]string{
		"GetObject":                        "GetObject",
		"GetBucketLifecycle":               "GetBucketLifecycleConfiguration",
		"PutBucketLifecycle":               "PutBucketLifecycleConfiguration",
		"GetBucketLifecycleConfiguration":  "GetBucketLifecycleConfiguration",
		"GetBucketNotification":            "GetBucketNotificationConfiguration",
		"PutBucketNotification":            "PutBucketNotificationConfiguration",
		"GetBucketPublicAccessBlock":       "GetPublicAccessBlock",
		"DeleteBucketPublicAccessBlock":    "DeletePublicAccessBlock",
		"GetBucketObjectLockConfiguration": "GetObjectLockConfiguration",
		"PostObject":                       "PostObject",
	} {
		if s, ok := Lookup(name); !ok || s.Name != want {
			t.Errorf("Lookup(%q) = %v, %v; want %s", name, s, ok, want)
		}
	}
	for _, name := range []string{"", "getobject", "s3:GetObject", "ListObjectV2", "GetObjectVersion"} {
		if s, ok := Lookup(name); ok {
			t.Errorf("Lookup(%q) = %s; want none", name, s.Name)
		}
	}
}

func TestSimilar(t *testing.T) {
	for name, want := range map[string]string{
		"ListObjectV2":      "ListObjectsV2",
		"getobject":         "GetObject",
		"s3:GetObject":      "GetObject",
		"list-objects-v2":   "ListObjectsV2",
		"PutObjects":        "PutObject",
		"DeleteObjecs":      "DeleteObject",
		"get_bucket_policy": "GetBucketPolicy",
	} {
		if got, ok := Similar(name); !ok || got != want {
			t.Errorf("Similar(%q) = %q, %v; want %q", name, got, ok, want)
		}
	}
	for _, name := range []string{"", "RunInstances", strings.Repeat("x", 1000)} {
		if got, ok := Similar(name); ok {
			t.Errorf("Similar(%q) = %q; want none", name, got)
		}
	}
}

func TestNamesAreUnique(t *testing.T) {
	seen := map[string]string{}
	for _, s := range All() {
		for _, n := range append([]string{s.Name}, s.Aliases...) {
			if other, ok := seen[n]; ok {
				t.Errorf("%s names %s and %s", n, other, s.Name)
			}
			seen[n] = s.Name
		}
	}
}

// A name that is no action grants nothing, so the table may hold none.
func TestEveryActionExists(t *testing.T) {
	for _, s := range All() {
		actions := []string{s.Action, s.VersionAction, s.SourceAction, s.SourceVersionAction}
		for _, c := range s.Conditional {
			actions = append(actions, c.Action, c.VersionAction)
		}
		for _, k := range s.KMSNeeds {
			actions = append(actions, k.Action)
		}
		for _, a := range append(actions, s.Elsewhere...) {
			if a != "" && !iamdata.KnownAction(a) {
				t.Errorf("%s needs %s, which is no action", s.Name, a)
			}
		}
	}
}

// Actions that the Service Authorization Reference describes and that no
// operation of the table asks for are those of S3 itself, of roles that it
// assumes, or versions of the tables.
func TestEveryActionOfTheReferenceHasItsOperation(t *testing.T) {
	asked := map[string]bool{}
	for _, s := range All() {
		for _, a := range []string{s.Action, s.VersionAction, s.SourceAction, s.SourceVersionAction} {
			asked[a] = true
		}
		for _, c := range s.Conditional {
			asked[c.Action], asked[c.VersionAction] = true, true
		}
	}
	never := []string{
		"s3:AllowVendedLogDeliveryForResource", // log delivery
		"s3:InitiateReplication",               // Batch Operations
		"s3:PauseReplication",                  // fault injection
		"s3:PutAccessPointPublicAccessBlock",   // listed, used by no public API
		"s3:GetStorageLensDashboard",           // the console
		"s3:GetObjectVersionForReplication",    // the replication role
		"s3:GetObjectVersionAnnotationForReplication",
		"s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags", "s3:ReplicateObjectAnnotation",
		"s3:ObjectOwnerOverrideToBucketOwner",
	}
	for _, a := range iamdata.Actions("s3") {
		if !asked[a] && !slices.Contains(never, a) {
			t.Errorf("no operation needs %s", a)
		}
	}
}

// The access point's supported operations are those of the S3 User Guide, Access
// point compatibility with S3 operations.
func TestThroughAccessPoint(t *testing.T) {
	want := strings.Fields(`AbortMultipartUpload CompleteMultipartUpload CreateMultipartUpload CopyObject DeleteObject DeleteObjects DeleteObjectTagging
		GetBucketAcl GetBucketCors GetBucketLocation GetBucketNotificationConfiguration GetBucketPolicy GetObject GetObjectAcl GetObjectAttributes
		GetObjectLegalHold GetObjectRetention GetObjectTagging HeadBucket HeadObject ListMultipartUploads ListObjects ListObjectsV2 ListObjectVersions ListParts
		PutObject PutObjectAcl PutObjectLegalHold PutObjectRetention PutObjectTagging RestoreObject UploadPart UploadPartCopy`)
	newer := strings.Fields("UpdateObjectEncryption GetObjectAnnotation ListObjectAnnotations PutObjectAnnotation DeleteObjectAnnotation") // by their own pages
	for _, s := range All() {
		if got := s.ThroughAccessPoint; got != (slices.Contains(want, s.Name) || slices.Contains(newer, s.Name)) {
			t.Errorf("%s through an access point: %v", s.Name, got)
		}
	}
}

// S3 User Guide, ACL overview, Mapping of ACL permissions and access policy
// permissions.
func TestACLPermissions(t *testing.T) {
	for name, want := range map[string]string{
		"ListObjectsV2": "READ BUCKET", "HeadBucket": "READ BUCKET", "ListObjectVersions": "READ BUCKET", "ListMultipartUploads": "READ BUCKET",
		"GetObject": "READ OBJECT", "HeadObject": "READ OBJECT", "PutObject": "WRITE BUCKET", "CopyObject": "WRITE BUCKET", "UploadPart": "WRITE BUCKET",
		"PostObject": "WRITE BUCKET", "DeleteObject": "WRITE BUCKET", "DeleteObjects": "WRITE BUCKET", "GetBucketAcl": "READ_ACP BUCKET",
		"GetObjectAcl": "READ_ACP OBJECT", "PutBucketAcl": "WRITE_ACP BUCKET", "PutObjectAcl": "WRITE_ACP OBJECT",
		"GetBucketPolicy": "", "GetBucketLocation": "", "GetObjectTagging": "", "PutObjectRetention": "", "RestoreObject": "", "GetObjectAttributes": "",
		"AbortMultipartUpload": "", "ListParts": "", "CreateBucket": "", "ListBuckets": "",
	} {
		s, _ := Lookup(name)
		got := ""
		if s.ACLPermission != "" {
			got = s.ACLPermission + " " + s.ACLScope.String()
		}
		if got != want {
			t.Errorf("%s: ACL permission %q, want %q", name, got, want)
		}
	}
}

func TestSuccess(t *testing.T) {
	for name, want := range map[string]int{"GetObject": 200, "PutObject": 200, "DeleteObject": 204, "DeleteObjects": 200, "AbortMultipartUpload": 204,
		"PutBucketPolicy": 204, "DeleteBucketPolicy": 204, "DeleteBucket": 204, "PostObject": 204, "DeleteObjectTagging": 204, "CreateBucket": 200} {
		if s, _ := Lookup(name); s.Success != want {
			t.Errorf("%s succeeds with %d, want %d", name, s.Success, want)
		}
	}
}

func TestNeverAnonymous(t *testing.T) {
	for name, want := range map[string]string{
		"CreateMultipartUpload":      "Anonymous users cannot initiate multipart uploads. Please authenticate.",
		"CopyObject":                 "Anonymous users cannot copy objects. Please authenticate.",
		"CreateBucket":               "Anonymous users cannot invoke this API. Please authenticate.",
		"PutBucketOwnershipControls": "s3:PutBucketOwnershipControls does not support Anonymous requests!",
		"GetObject":                  "", "PutObject": "", "DeleteObjects": "", "ListObjectsV2": "",
	} {
		if s, _ := Lookup(name); s.AnonymousText != want {
			t.Errorf("%s: %q, want %q", name, s.AnonymousText, want)
		}
	}
}

func TestWriteTable(t *testing.T) {
	var b bytes.Buffer
	if err := WriteTable(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| [GetObject](https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html) | `GET /bucket/key` | `s3:GetObject` | `s3:GetObjectVersion` |  | `kms:Decrypt` |\n",
		"| `GET /bucket?list-type=2` | `s3:ListBucket` |",
		"`s3:GetObject`<br>`s3:GetObjectAttributes` | `s3:GetObjectVersion`<br>`s3:GetObjectVersionAttributes`",
		"`s3:GetObject` on the source<br>`s3:PutObject` on the target",
		"`s3:BypassGovernanceRetention` if ",
		"`PUT /v20180820/accesspoint/{name}/policy`",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the table lacks %q", want)
		}
	}
	for line := range strings.Lines(b.String()) {
		if strings.HasPrefix(line, "|") && strings.Count(line, " | ") != 5 && !strings.Contains(line, "---") {
			t.Errorf("not six columns: %s", line)
		}
	}
}
