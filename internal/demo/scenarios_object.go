package demo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/reason"
)

// objectScenarios are about what protects objects besides permissions.
var objectScenarios = []Scenario{
	{
		Name:  "mfa-delete",
		Title: "MFA delete is on, and a version is deleted without the second factor",
		Story: "Lifecycle scripts and even administrators cannot delete versions; only the root user can, with an MFA code.",
		Attempts: []Attempt{{"the administrator deletes the version just uploaded", denied(iam.GateMFADelete, iam.KindSetting, reason.MFARequired),
			func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").deleteVersion(ctx, &s3.PutObjectInput{Bucket: aws.String("records"), Key: aws.String("minutes.txt")})
			}}},
	},
	{
		Name:  "object-lock",
		Title: "Object Lock retains the version",
		Story: "A version under retention cannot be deleted before its time, whatever the policies allow.",
		Attempts: []Attempt{{"the administrator deletes the version just uploaded", denied(iam.GateObjectLock, iam.KindState, reason.Retention),
			func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").deleteVersion(ctx, &s3.PutObjectInput{
					Bucket: aws.String("contracts"), Key: aws.String("lease.pdf"),
					ObjectLockMode: types.ObjectLockModeCompliance, ObjectLockRetainUntilDate: aws.Time(time.Now().Add(24 * time.Hour)),
				})
			}}},
	},
	{
		Name:  "archived-object",
		Title: "The object is archived, and must be restored first",
		Story: "The listing shows the object, and reading it answers 403 InvalidObjectState, which is about the storage class and not about permissions.",
		Attempts: []Attempt{{"the administrator reads", denied(iam.GateObjectState, iam.KindState, reason.Archived).answered(403, "InvalidObjectState"),
			func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").get(ctx, "cold-storage", "2012.tar")
			}}},
	},
}

// deleteVersion uploads an object, and deletes the version that it became.
func (c caller) deleteVersion(ctx context.Context, in *s3.PutObjectInput) error {
	out, err := c.putWith(ctx, in)
	if err != nil {
		return err
	}
	_, err = c.s3().DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: in.Bucket, Key: in.Key, VersionId: out.VersionId})
	return err
}
