package iamdata

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func mustPolicy(t *testing.T, arn string) map[string]any {
	t.Helper()
	document, ok := ManagedPolicy(arn)
	if !ok {
		t.Fatalf("ManagedPolicy(%q) is not held", arn)
	}
	var v map[string]any
	if err := json.Unmarshal(document, &v); err != nil {
		t.Fatalf("%s: %v", arn, err)
	}
	return v
}

// AWS Managed Policy Reference, AmazonS3ReadOnlyAccess, version v3.
func TestManagedPolicyDocument(t *testing.T) {
	const arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
	want := map[string]any{
		"Version": "2012-10-17",
		"Statement": []any{map[string]any{
			"Effect":   "Allow",
			"Action":   []any{"s3:Get*", "s3:List*", "s3:Describe*", "s3-object-lambda:Get*", "s3-object-lambda:List*"},
			"Resource": "*",
		}},
	}
	if got := mustPolicy(t, arn); !reflect.DeepEqual(got, want) {
		t.Errorf("%s = %v, want %v", arn, got, want)
	}
	if e, ok := ManagedPolicyEdition(arn); !ok || e != (ManagedPolicyInfo{Version: "v3", Created: "2015-02-06T18:40:59Z", Updated: "2023-08-10T21:31:39Z"}) {
		t.Errorf("edition of %s = %+v, %v", arn, e, ok)
	}
	document, _ := ManagedPolicy(arn)
	if !strings.HasPrefix(string(document), "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\",\n") {
		t.Errorf("the document is not laid out for reading:\n%s", document)
	}
}

func TestManagedPoliciesOfTheJobFunctionsAndOfS3(t *testing.T) {
	for _, name := range []string{
		"AdministratorAccess", "AmazonS3FullAccess", "AmazonS3ReadOnlyAccess",
		"AWSKeyManagementServicePowerUser", "IAMFullAccess", "IAMReadOnlyAccess", "PowerUserAccess", "ReadOnlyAccess",
		"SecurityAudit", "job-function/ViewOnlyAccess",
	} {
		want := mustPolicy(t, "arn:aws:iam::aws:policy/"+name)
		for _, partition := range []string{"aws-cn", "aws-us-gov"} {
			if got := mustPolicy(t, "arn:"+partition+":iam::aws:policy/"+name); !reflect.DeepEqual(got, want) {
				t.Errorf("%s differs in partition %s", name, partition)
			}
		}
	}
}

func TestManagedPolicyThatIsNotHeld(t *testing.T) {
	for _, arn := range []string{
		"", "AmazonS3ReadOnlyAccess", "arn:aws:iam::aws:policy/NoSuchPolicy", "arn:aws:iam::aws:policy/amazons3readonlyaccess",
		"arn:aws:iam::aws:policy/ViewOnlyAccess", // its path is job-function/
		"arn:aws:iam::111122223333:policy/AmazonS3ReadOnlyAccess", "arn:aws-iso:iam::aws:policy/AmazonS3ReadOnlyAccess",
		"arn::iam::aws:policy/AmazonS3ReadOnlyAccess", "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess v3",
	} {
		if document, ok := ManagedPolicy(arn); ok || document != nil {
			t.Errorf("ManagedPolicy(%q) = %s", arn, document)
		}
	}
}

func TestEveryManagedPolicyReads(t *testing.T) {
	arns := ManagedPolicies()
	if len(arns) != 1485 || !slices.IsSorted(arns) {
		t.Errorf("%d policies, sorted %v; the input has 1485", len(arns), slices.IsSorted(arns))
	}
	for _, arn := range arns {
		if v := mustPolicy(t, arn); v["Version"] == nil || v["Statement"] == nil {
			t.Errorf("%s has no version or statement", arn)
		}
	}
}

func BenchmarkReadManagedPolicy(b *testing.B) {
	p := findPolicy("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
	for b.Loop() {
		p.read()
	}
}
