package demo

import (
	"context"
	"crypto/md5"
	"encoding/base64"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/reason"
)

const vaultKey = "arn:aws:kms:us-east-1:111122223333:key/1a2b3c4d-0000-4000-8000-00000000bbbb"

// keyScenarios are about encryption under KMS keys.
var keyScenarios = []Scenario{
	{
		Name:  "deny-other-key",
		Title: "The bucket policy denies uploads under any KMS key but one",
		Story: "The upload asks for aws:kms, as the rules say, and names no key: S3 takes the AWS managed key aws/s3, which is not the one.",
		Attempts: []Attempt{
			{"the administrator uploads with aws:kms", explicitDeny, func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").putUnder(ctx, "vault", "secret.txt", nil)
			}},
			{"the administrator uploads and names the key", allowed(200), func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").putUnder(ctx, "vault", "secret.txt", aws.String(vaultKey))
			}},
		},
	},
	{
		Name:  "deny-without-encryption-header",
		Title: "The bucket policy denies uploads without the encryption header",
		Story: "The bucket encrypts with KMS by default, so the header seems needless; but the condition sees the header, and not the default.",
		Attempts: []Attempt{
			{"the administrator uploads", explicitDeny, func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").put(ctx, "payroll", "may.csv", "")
			}},
			{"the administrator uploads with the header", allowed(200), func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").putUnder(ctx, "payroll", "may.csv", nil)
			}},
		},
	},
	{
		Name:  "missing-kms-decrypt",
		Title: "The object may be read, and its key may not be used",
		Story: "s3:GetObject is allowed; the object is encrypted under a KMS key, and kms:Decrypt is a permission of its own.",
		Attempts: []Attempt{{"gina reads an encrypted object", denied(iam.GateKMS, iam.KindImplicitDeny, reason.NoAllowKMSIdentity), func(ctx context.Context, s *Stage) error {
			return s.as("prod/gina").get(ctx, "ledger", "2026.db")
		}}},
	},
	{
		Name:  "managed-key-across-accounts",
		Title: "The object is encrypted under aws/s3, which other accounts can never use",
		Story: "Both accounts allow everything; the AWS managed key of one account cannot be shared, whatever the policies say.",
		Attempts: []Attempt{{"the administrator of another account reads", denied(iam.GateKMS, iam.KindSetting, reason.ManagedKey), func(ctx context.Context, s *Stage) error {
			return s.as("data/dora").get(ctx, "exports", "daily.parquet")
		}}},
	},
	{
		Name:  "kms-key-disabled",
		Title: "The object's KMS key is disabled",
		Story: "Nothing about permissions has changed; somebody disabled the key, and S3 answers 400 in the name of KMS.",
		Attempts: []Attempt{{"the administrator reads", denied(iam.GateKMS, iam.KindState, reason.KeyDisabled).answered(400, "KMS.DisabledException"),
			func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").get(ctx, "retired-ledger", "2019.db")
			}}},
	},
	{
		Name:  "sse-c-blocked",
		Title: "The bucket does not take keys that the caller brings",
		Story: "SSE-C is blocked on new buckets, and no policy says so: it is a part of the bucket's encryption configuration.",
		Attempts: []Attempt{{"the administrator uploads with a key of their own", denied(iam.GateEncryption, iam.KindSetting, reason.SSECBlocked),
			func(ctx context.Context, s *Stage) error {
				key := []byte("not-a-secret-of-exactly-32-bytes")
				digest := md5.Sum(key)
				_, err := s.as("prod/admin").putWith(ctx, &s3.PutObjectInput{
					Bucket: aws.String("reports"), Key: aws.String("2026/q3.csv"), SSECustomerAlgorithm: aws.String("AES256"),
					SSECustomerKey: aws.String(base64.StdEncoding.EncodeToString(key)), SSECustomerKeyMD5: aws.String(base64.StdEncoding.EncodeToString(digest[:])),
				})
				return err
			}}},
	},
}

// putUnder uploads with SSE-KMS, under a key where one is named.
func (c caller) putUnder(ctx context.Context, bucket, key string, kmsKey *string) error {
	_, err := c.putWith(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, ServerSideEncryption: types.ServerSideEncryptionAwsKms, SSEKMSKeyId: kmsKey})
	return err
}
