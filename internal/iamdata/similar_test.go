package iamdata

import (
	"slices"
	"testing"
)

func TestEveryWrongActionIsWrongAndEveryInsteadIsRight(t *testing.T) {
	if len(wrongActions) == 0 {
		t.Fatal("no wrong actions")
	}
	for _, w := range wrongActions {
		if KnownAction(w.name) {
			t.Errorf("%s exists", w.name)
		}
		if instead, note, ok := WrongAction(w.name); !ok || len(instead) == 0 || note != w.note {
			t.Errorf("WrongAction(%q) = %v, %q, %v", w.name, instead, note, ok)
		}
		for _, right := range w.instead {
			if name, ok := canonicalAction(right); !ok || name != right {
				t.Errorf("%s: %s is no action", w.name, right)
			}
		}
	}
}

// Amazon S3 API Reference: the permissions that each operation names.
func TestWrongAction(t *testing.T) {
	for name, want := range map[string][]string{
		"s3:HeadObject":                             {"s3:GetObject", "s3:GetObjectVersion"},
		"S3:headobject":                             {"s3:GetObject", "s3:GetObjectVersion"},
		"s3:ListObjectsV2":                          {"s3:ListBucket"},
		"s3:ListBuckets":                            {"s3:ListAllMyBuckets"},
		"s3:CopyObject":                             {"s3:GetObject", "s3:PutObject"},
		"s3:CompleteMultipartUpload":                {"s3:PutObject"},
		"s3:DeleteBucketEncryption":                 {"s3:PutEncryptionConfiguration"},
		"s3:ListBucketInventoryConfigurations":      {"s3:GetInventoryConfiguration"},
		"s3:DeleteBucketMetricsConfiguration":       {"s3:PutMetricsConfiguration"},
		"s3:GetPublicAccessBlock":                   {"s3:GetBucketPublicAccessBlock", "s3:GetAccountPublicAccessBlock"},
		"s3:CreateSession":                          {"s3express:CreateSession"},
		"s3:PutBucketNotificationConfiguration":     {"s3:PutBucketNotification"},
		"s3:GetBucketIntelligentTieringConfigurati": nil,
		"s3:GetObject":                              nil,
	} {
		if got, _, ok := WrongAction(name); !slices.Equal(got, want) || ok != (want != nil) {
			t.Errorf("WrongAction(%q) = %v, %v, want %v", name, got, ok, want)
		}
	}
}

func TestSimilarAction(t *testing.T) {
	for name, want := range map[string]string{
		"s3:getobject":              "s3:GetObject",
		"s3:HeadObject":             "s3:GetObject",
		"s3:ListObjects":            "s3:ListBucket",
		"s3:GetObjct":               "s3:GetObject",
		"s3:getobjcet":              "s3:GetObject",
		"s3:PutObjects":             "s3:PutObject",
		"s3:PutBucketPolcy":         "s3:PutBucketPolicy",
		"s3:GetBucketCors":          "s3:GetBucketCORS",
		"s3:LstBucket":              "s3:ListBucket",
		"kms:GenerateDatakeys":      "kms:GenerateDataKey",
		"ec2:RunInstance":           "ec2:RunInstances",
		"s3:DeletAnalytics":         "", // nothing near with that verb
		"s3:DeleteObjectAcl":        "", // never s3:PutObjectAcl
		"s3:Get*":                   "",
		"s3:":                       "",
		"s3:Frobnicate":             "",
		"nosuchservice:RunInstance": "",
		"GetObject":                 "",
	} {
		if got, ok := SimilarAction(name); got != want || ok != (want != "") {
			t.Errorf("SimilarAction(%q) = %q, %v, want %q", name, got, ok, want)
		}
	}
}

func TestDistance(t *testing.T) {
	tests := []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"getobject", "getobject", 0}, {"getobjct", "getobject", 1},
		{"getobjcet", "getobject", 1}, {"get", "put", 2}, {"kitten", "sitting", 3},
	}
	for _, tt := range tests {
		if got := distance(tt.a, tt.b); got != tt.want {
			t.Errorf("distance(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}
