package iamdata

import "testing"

// Types: the S3, KMS and STS pages of the Service Authorization Reference; global keys: the IAM User Guide.
func TestConditionKey(t *testing.T) {
	tests := []struct {
		ask  string
		want Key
	}{
		{"s3:prefix", Key{Name: "s3:prefix", Type: "String"}},
		{"S3:Prefix", Key{Name: "s3:prefix", Type: "String"}},
		{"s3:VersionId", Key{Name: "s3:versionid", Type: "String"}},
		{"s3:TlsVersion", Key{Name: "s3:TlsVersion", Type: "Numeric"}},
		{"s3:ObjectCreationOperation", Key{Name: "s3:ObjectCreationOperation", Type: "Bool"}},
		{"s3:object-lock-retain-until-date", Key{Name: "s3:object-lock-retain-until-date", Type: "Date"}},
		{"s3:x-amz-server-side-encryption-aws-kms-key-id", Key{Name: "s3:x-amz-server-side-encryption-aws-kms-key-id", Type: "ARN"}},
		{"s3:ExistingObjectTag/team", Key{Name: "s3:ExistingObjectTag/<key>", Type: "String"}},
		{"s3:RequestObjectTagKeys", Key{Name: "s3:RequestObjectTagKeys", Type: "ArrayOfString", Multi: true}},
		{"kms:EncryptionContext:aws:s3:arn", Key{Name: "kms:EncryptionContext:${EncryptionContextKey}", Type: "String"}},
		{"kms:EncryptionContextKeys", Key{Name: "kms:EncryptionContextKeys", Type: "ArrayOfString", Multi: true}},
		{"aws:ResourceTag/team", Key{Name: "aws:ResourceTag/${TagKey}", Type: "String"}},
		{"aws:ResourceTag/${TagKey}", Key{Name: "aws:ResourceTag/${TagKey}", Type: "String"}},
		{"aws:TagKeys", Key{Name: "aws:TagKeys", Type: "ArrayOfString", Multi: true}},
		{"aws:sourceIP", Key{Name: "aws:SourceIp", Type: "IPAddress", Global: true}},
		{"aws:referer", Key{Name: "aws:Referer", Type: "String", Global: true}},
		{"aws:principalarn", Key{Name: "aws:PrincipalArn", Type: "ARN", Global: true}},
		{"aws:PrincipalTag/team", Key{Name: "aws:PrincipalTag/${TagKey}", Type: "String", Global: true}},
		{"aws:PrincipalOrgPaths", Key{Name: "aws:PrincipalOrgPaths", Type: "ArrayOfString", Multi: true, Global: true}},
		{"aws:CalledVia", Key{Name: "aws:CalledVia", Type: "ArrayOfString", Multi: true, Global: true}},
		{"aws:SecureTransport", Key{Name: "aws:SecureTransport", Type: "Bool", Global: true}},
		{"aws:MultiFactorAuthAge", Key{Name: "aws:MultiFactorAuthAge", Type: "Numeric", Global: true}},
		{"aws:CurrentTime", Key{Name: "aws:CurrentTime", Type: "Date", Global: true}},
		{"ec2:RoleDelivery", Key{Name: "ec2:RoleDelivery", Type: "Numeric", Global: true}},
		{"lambda:SourceFunctionArn", Key{Name: "lambda:SourceFunctionArn", Type: "ARN", Global: true}},
		{"sts:ExternalId", Key{Name: "sts:ExternalId", Type: "String"}},
	}
	for _, tt := range tests {
		if got, ok := ConditionKey(tt.ask); !ok || got != tt.want {
			t.Errorf("ConditionKey(%q) = %+v, %v, want %+v", tt.ask, got, ok, tt.want)
		}
	}
}

func TestConditionKeyThatDoesNotExist(t *testing.T) {
	for _, name := range []string{"", "s3", "s3:Prefixes", "aws:PrincipalTag", "aws:PrincipalTag/", "aws:ARN", "aws:SourceIpAddress", "s3:ExistingObjectTag/"} {
		if k, ok := ConditionKey(name); ok {
			t.Errorf("ConditionKey(%q) = %+v", name, k)
		}
	}
}

// The S3 page of the Service Authorization Reference; its notes on what a key is not on are the point here.
func TestActionCarries(t *testing.T) {
	tests := []struct {
		action, key string
		want        bool
	}{
		{"s3:ListBucket", "s3:prefix", true},
		{"s3:ListBucketVersions", "s3:prefix", true},
		{"s3:ListBucketMultipartUploads", "s3:prefix", false},
		{"s3:GetObject", "s3:prefix", false},
		{"s3:getobject", "S3:existingobjecttag/team", true},
		{"s3:PutObject", "s3:ExistingObjectTag/team", false},
		{"s3:DeleteObject", "s3:ExistingObjectTag/team", false},
		{"s3:PutObject", "s3:RequestObjectTag/team", true},
		{"s3:PutObject", "s3:x-amz-acl", true},
		{"s3:GetObject", "s3:x-amz-acl", false},
		{"s3:GetObjectVersion", "s3:VersionId", true},
		{"s3:GetObject", "s3:VersionId", false},
		{"s3:DeleteObject", "s3:if-match", true},

		// the six keys of almost every S3 action, and where they are not
		{"s3:GetObject", "s3:authType", true},
		{"s3:GetObject", "s3:signatureversion", true},
		{"s3:GetObject", "s3:signatureAge", true},
		{"s3:GetObject", "s3:x-amz-content-sha256", true},
		{"s3:GetObject", "s3:TlsVersion", true},
		{"s3:GetObject", "s3:ResourceAccount", true},
		{"s3:PutAccessPointPublicAccessBlock", "s3:TlsVersion", false},
		{"s3:AllowVendedLogDeliveryForResource", "s3:ResourceAccount", false},
		{"s3:InitiateReplication", "s3:TlsVersion", false},
		{"s3:InitiateReplication", "s3:ResourceAccount", true},
		{"s3:GetBucketObjectLockConfiguration", "s3:x-amz-content-sha256", false},

		// keys that come with a resource type: access points, and bucket tags (attribute-based access control)
		{"s3:GetObject", "s3:DataAccessPointArn", true},
		{"s3:PutObject", "s3:AccessPointNetworkOrigin", true},
		{"s3:GetBucketVersioning", "s3:DataAccessPointArn", false},
		{"s3:PutObject", "aws:ResourceTag/team", true},
		{"s3:GetObject", "s3:BucketTag/team", true},
		{"s3:ListAllMyBuckets", "aws:ResourceTag/team", false},
		{"kms:Decrypt", "kms:ResourceAliases", true},
		{"kms:Decrypt", "aws:ResourceTag/team", true},

		// tags of the request
		{"s3:CreateBucket", "aws:RequestTag/team", true},
		{"s3:CreateBucket", "aws:TagKeys", true},
		{"s3:DescribeJob", "aws:RequestTag/team", false},
		{"s3:GetObject", "aws:TagKeys", false},

		// global keys, and principal keys that other services set
		{"s3:GetObject", "aws:SourceIp", true},
		{"s3:GetObject", "aws:PrincipalTag/team", true},
		{"s3:GetObject", "ec2:SourceInstanceArn", true},
		{"ec2:RunInstances", "aws:SourceVpce", true},

		{"s3:HeadObject", "aws:SourceIp", false},
		{"s3:GetObject", "aws:NoSuchKey", false},
		{"kms:Decrypt", "kms:EncryptionContext:aws:s3:arn", true},
		{"kms:Decrypt", "kms:ViaService", true},
		{"kms:DescribeKey", "kms:EncryptionContext:aws:s3:arn", false},
		{"s3:GetObject", "kms:ViaService", false},
		{"sts:AssumeRole", "sts:ExternalId", true},
		{"sts:AssumeRole", "aws:RequestTag/team", true},
	}
	for _, tt := range tests {
		if got := ActionCarries(tt.action, tt.key); got != tt.want {
			t.Errorf("ActionCarries(%s, %s) = %v, want %v", tt.action, tt.key, got, tt.want)
		}
	}
}

func TestEveryKeyOfAnActionIsKnown(t *testing.T) {
	for id := range NumActions {
		a := ActionByID(id)
		for _, key := range a.ConditionKeys {
			if k, ok := ConditionKey(key); !ok || k.Name != key {
				t.Errorf("%s: ConditionKey(%q) = %+v, %v", a.Name, key, k, ok)
			}
			if !ActionCarries(a.Name, key) {
				t.Errorf("%s lists %s and does not carry it", a.Name, key)
			}
		}
	}
}

func BenchmarkConditionKey(b *testing.B) {
	for _, name := range []string{"s3:prefix", "aws:PrincipalTag/team"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ConditionKey(name)
			}
		})
	}
}
