package demo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/reason"
)

// accountScenarios are about requests from one account on another's buckets.
var accountScenarios = []Scenario{
	{
		Name:  "cross-account-identity",
		Title: "The other account's bucket policy allows, the caller's own account does not",
		Story: "Across accounts both sides must allow; the bucket policy that names the user is only one of them.",
		Attempts: []Attempt{{"eve, whom the bucket policy names, reads", noIdentity, func(ctx context.Context, s *Stage) error {
			return s.as("prod/eve").get(ctx, "data-products", "weather.parquet")
		}}},
	},
	{
		Name:  "cross-account-bucket-policy",
		Title: "The caller's own account allows, the other account's bucket policy does not",
		Story: "In one account an identity policy is enough, and on another account's bucket it gives nothing by itself.",
		Attempts: []Attempt{{"frank, whose own policy allows it, reads", denied(iam.GateBucketPolicy, iam.KindImplicitDeny, reason.NoAllowResourcePolicy),
			func(ctx context.Context, s *Stage) error {
				return s.as("prod/frank").get(ctx, "data-products", "weather.parquet")
			}}},
	},
	{
		Name:  "cross-account-acl",
		Title: "Neither a bucket policy nor an ACL lets the other account in",
		Story: "The bucket was shared by ACLs in former times, object by object, and this object's ACL was left private.",
		Attempts: []Attempt{{"the administrator of another account reads", denied(iam.GateACL, iam.KindImplicitDeny, reason.NoAllowACL),
			func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").get(ctx, "old-exchange", "rates.csv")
			}}},
	},
	{
		Name:  "object-owned-by-uploader",
		Title: "The object belongs to the account that uploaded it",
		Story: "The bucket is ours, its ACLs are enabled, and what a partner uploads is the partner's: not even our administrator can read it.",
		Attempts: []Attempt{
			{"the partner uploads", allowed(200), func(ctx context.Context, s *Stage) error {
				return s.as("partner/pat").put(ctx, "partner-dropbox", "delivery.zip", "")
			}},
			{"the administrator of the bucket's account reads", denied(iam.GateOwnership, iam.KindImplicitDeny, reason.NoAllowOwner),
				func(ctx context.Context, s *Stage) error {
					return s.as("prod/admin").get(ctx, "partner-dropbox", "delivery.zip")
				}},
			{"the partner uploads with the ACL bucket-owner-full-control", allowed(200), func(ctx context.Context, s *Stage) error {
				return s.as("partner/pat").put(ctx, "partner-dropbox", "delivery.zip", types.ObjectCannedACLBucketOwnerFullControl)
			}},
			{"the administrator reads again", allowed(200), func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").get(ctx, "partner-dropbox", "delivery.zip")
			}},
		},
	},
	{
		Name:  "requester-pays",
		Title: "The bucket is Requester Pays, and the request does not accept the charge",
		Story: "All policies are right, and S3 still answers 403 until the header x-amz-request-payer is sent.",
		Attempts: []Attempt{
			{"the administrator of another account reads", denied(iam.GateRequesterPays, iam.KindSetting, reason.RequesterPays), func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").get(ctx, "satellite-images", "earth.tif")
			}},
			{"the same, accepting the charge", allowed(200), func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").getWith(ctx, &s3.GetObjectInput{
					Bucket: aws.String("satellite-images"), Key: aws.String("earth.tif"), RequestPayer: types.RequestPayerRequester,
				})
			}},
		},
	},
	{
		Name:  "expected-bucket-owner",
		Title: "The request names another account as the bucket's owner",
		Story: "A script guards itself by x-amz-expected-bucket-owner, and the bucket has moved, or never was whose it was thought to be.",
		Attempts: []Attempt{{"the administrator reads, expecting another owner", denied(iam.GateOwnership, iam.KindSetting, reason.ExpectedOwner),
			func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").getWith(ctx, &s3.GetObjectInput{
					Bucket: aws.String("reports"), Key: aws.String("2026/q1.csv"), ExpectedBucketOwner: aws.String("444455556666"),
				})
			}}},
	},
}
