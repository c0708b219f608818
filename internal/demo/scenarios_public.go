package demo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/reason"
)

const publicPolicy = `{"Version": "2012-10-17", "Statement": [
  {"Sid": "Everyone", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::website-drafts/*"}]}`

// publicScenarios are about Block Public Access and Object Ownership.
var publicScenarios = []Scenario{
	{
		Name:  "acl-while-ownership-is-enforced",
		Title: "The upload sets an ACL, and the bucket has ACLs disabled",
		Story: "Old scripts upload with --acl public-read; buckets made since April 2023 refuse that, by 400 rather than 403.",
		Attempts: []Attempt{{"the administrator uploads with the ACL public-read",
			denied(iam.GateOwnership, iam.KindSetting, reason.ACLNotSupported).answered(400, "AccessControlListNotSupported").then(reason.BlockPublicACLs),
			func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").put(ctx, "reports", "2026/q2.csv", types.ObjectCannedACLPublicRead)
			}}},
	},
	{
		Name:  "block-public-policy",
		Title: "Block Public Access refuses a public bucket policy",
		Story: "The administrator may do everything, and s3:PutBucketPolicy is refused all the same: the new policy is public.",
		Attempts: []Attempt{{"the administrator sets a policy for everyone", denied(iam.GatePublicAccessBlock, iam.KindSetting, reason.BlockPublicPolicy),
			func(ctx context.Context, s *Stage) error {
				_, err := s.as("prod/admin").s3().PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: aws.String("website-drafts"), Policy: aws.String(publicPolicy)})
				return err
			}}},
	},
	{
		Name:  "restrict-public-buckets",
		Title: "The bucket policy is public, and Block Public Access cuts the public off",
		Story: "The policy says Principal \"*\", and was accepted long ago; RestrictPublicBuckets makes it hold for the bucket's own account alone.",
		Attempts: []Attempt{{"somebody reads without credentials", denied(iam.GatePublicAccessBlock, iam.KindSetting, reason.RestrictPublicBuckets),
			func(ctx context.Context, s *Stage) error { return s.anonymous().get(ctx, "press-kit", "logo.svg") }}},
	},
	{
		Name:  "block-public-acls",
		Title: "Block Public Access refuses a public ACL",
		Story: "The bucket takes ACLs, the upload sets public-read, and S3 refuses the whole upload.",
		Attempts: []Attempt{{"the administrator uploads with the ACL public-read", denied(iam.GatePublicAccessBlock, iam.KindSetting, reason.BlockPublicACLs),
			func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").put(ctx, "legacy-uploads", "photo.jpg", types.ObjectCannedACLPublicRead)
			}}},
	},
	{
		Name:  "ignore-public-acls",
		Title: "The object's ACL is public, and Block Public Access ignores it",
		Story: "The console shows the grant to everyone, and the object's URL answers 403 without a word about the setting.",
		Attempts: []Attempt{{"somebody reads without credentials", denied(iam.GatePublicAccessBlock, iam.KindSetting, reason.IgnorePublicACLs),
			func(ctx context.Context, s *Stage) error {
				return s.anonymous().virtualHosted().get(ctx, "gallery", "cat.jpg")
			}}},
	},
}
