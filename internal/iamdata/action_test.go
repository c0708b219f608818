package iamdata

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// The list is the S3 page of the Service Authorization Reference, September 2026: 180 names.
func TestS3ActionsAreThoseOfTheReference(t *testing.T) {
	data, err := os.ReadFile("testdata/s3_actions.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Fields(string(data))
	if len(want) != 180 {
		t.Fatalf("the list has %d names, want 180", len(want))
	}
	got := Actions("s3")
	for _, name := range want {
		if !slices.Contains(got, "s3:"+name) {
			t.Errorf("s3:%s is missing", name)
		}
		if _, ok := ActionID("s3:" + name); !ok {
			t.Errorf("s3:%s has no detail", name)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d s3 actions, want %d", len(got), len(want))
	}
}

func TestActionIDIsDenseAndFoldsCase(t *testing.T) {
	seen := map[int]bool{}
	for _, service := range []string{"iam", "kms", "s3", "s3-object-lambda", "s3express", "sts"} {
		for _, name := range Actions(service) {
			id, ok := ActionID(name)
			if !ok || id < 0 || id >= NumActions || seen[id] || ActionByID(id).Name != name {
				t.Fatalf("ActionID(%q) = %d, %v", name, id, ok)
			}
			seen[id] = true
			for _, other := range []string{strings.ToLower(name), strings.ToUpper(name)} {
				if got, ok := ActionID(other); !ok || got != id {
					t.Errorf("ActionID(%q) = %d, %v, want %d", other, got, ok, id)
				}
			}
		}
	}
	if len(seen) != NumActions {
		t.Errorf("%d ids, want %d", len(seen), NumActions)
	}
}

func TestActionIDOfWhatIsNoDetailedAction(t *testing.T) {
	for _, name := range []string{
		"", "s3", "s3:", "GetObject", "s3:HeadObject", "s3:Get*", "ec2:RunInstances", " s3:GetObject",
		"\u017f3:GetObject", // a letter that Unicode, but not AWS, folds to s
	} {
		if id, ok := ActionID(name); ok {
			t.Errorf("ActionID(%q) = %d", name, id)
		}
	}
}

func TestActionIDDoesNotAllocate(t *testing.T) {
	for _, name := range []string{"s3:GetObject", "s3:getobject", "S3:GETOBJECT", "s3:HeadObject", "ec2:RunInstances"} {
		if n := testing.AllocsPerRun(100, func() { ActionID(name) }); n != 0 {
			t.Errorf("ActionID(%q) makes %v allocations", name, n)
		}
	}
}

// Service Authorization Reference, S3, KMS and STS pages.
func TestActionDetail(t *testing.T) {
	tests := []struct {
		name, level string
		resources   []ResourceRef
		keys        []string // some of them
	}{
		{"s3:GetObject", "Read", []ResourceRef{{"accesspointobject", false}, {"object", false}},
			[]string{"s3:ExistingObjectTag/<key>", "s3:AccessGrantsInstanceArn", "s3:TlsVersion"}},
		{"s3:ListBucket", "List", []ResourceRef{{"accesspoint", false}, {"bucket", false}}, []string{"s3:prefix", "s3:delimiter", "s3:max-keys"}},
		{"s3:PutBucketPolicy", "Permissions management", []ResourceRef{{"bucket", true}}, []string{"s3:authType"}},
		{"s3:PutObjectTagging", "Tagging", []ResourceRef{{"accesspointobject", false}, {"object", false}}, []string{"s3:RequestObjectTagKeys"}},
		{"s3:ListAllMyBuckets", "List", nil, []string{"s3:signatureAge"}},
		{"kms:Decrypt", "Write", []ResourceRef{{"key", true}}, []string{"kms:ViaService", "kms:EncryptionContext:${EncryptionContextKey}"}},
		{"sts:AssumeRole", "Write", []ResourceRef{{"role", true}}, []string{"sts:ExternalId", "sts:RoleSessionName"}},
	}
	for _, tt := range tests {
		id, ok := ActionID(tt.name)
		if !ok {
			t.Errorf("%s is unknown", tt.name)
			continue
		}
		a := ActionByID(id)
		if a.Level != tt.level || !slices.Equal(a.ResourceTypes, tt.resources) {
			t.Errorf("%s = %q %v, want %q %v", tt.name, a.Level, a.ResourceTypes, tt.level, tt.resources)
		}
		for _, key := range tt.keys {
			if !slices.Contains(a.ConditionKeys, key) {
				t.Errorf("%s has no key %s", tt.name, key)
			}
		}
	}
}

func TestEveryResourceTypeOfAnActionIsKnown(t *testing.T) {
	for id := range NumActions {
		a := ActionByID(id)
		for _, ref := range a.ResourceTypes {
			if _, ok := ResourceTypeOf(a.Service(), ref.Name); !ok {
				t.Errorf("%s: resource type %s is unknown", a.Name, ref.Name)
			}
		}
	}
}

func TestResourceTypeOf(t *testing.T) {
	tests := []struct{ service, name, arn string }{
		{"s3", "bucket", "arn:${Partition}:s3:::${BucketName}"},
		{"s3", "object", "arn:${Partition}:s3:::${BucketName}/${ObjectName}"},
		{"s3", "accesspointobject", "arn:${Partition}:s3:${Region}:${Account}:accesspoint/${AccessPointName}/object/${ObjectName}"},
		{"kms", "key", "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}"},
	}
	for _, tt := range tests {
		r, ok := ResourceTypeOf(tt.service, tt.name)
		if !ok || !slices.Equal(r.ARNs, []string{tt.arn}) {
			t.Errorf("ResourceTypeOf(%s, %s) = %+v, %v, want %s", tt.service, tt.name, r, ok, tt.arn)
		}
	}
	if r, ok := ResourceTypeOf("kms", "bucket"); ok {
		t.Errorf("kms has the resource type %+v", r)
	}
}

func BenchmarkActionID(b *testing.B) {
	for b.Loop() {
		ActionID("s3:GetObject")
	}
}
