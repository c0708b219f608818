package live

import (
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/why403/why403/estate"
)

// bucketSettings are the calls that read a bucket. What S3 says is not set has the
// value that it then has, never that of a bucket made today.
func (c *collector) bucketSettings(client *s3.Client, name string, b *estate.Bucket) []setting {
	return append(c.accessSettings(client, name, b), c.dataSettings(client, name, b)...)
}

// accessSettings say who may do something.
func (c *collector) accessSettings(client *s3.Client, name string, b *estate.Bucket) []setting {
	bucket := &name
	return []setting{
		{"document", "s3:GetBucketPolicy", "NoSuchBucketPolicy", func() error {
			out, err := client.GetBucketPolicy(c.ctx, &s3.GetBucketPolicyInput{Bucket: bucket})
			if err == nil {
				b.Document = document("bucket/"+name, out.Policy, "document", &b.Unknown)
			}
			return err
		}, nil},
		{"publicAccessBlock", "s3:GetBucketPublicAccessBlock", "NoSuchPublicAccessBlockConfiguration", func() error {
			out, err := client.GetPublicAccessBlock(c.ctx, &s3.GetPublicAccessBlockInput{Bucket: bucket})
			switch {
			case err != nil:
				return err
			case out.PublicAccessBlockConfiguration == nil:
				return errEmpty
			}
			p := out.PublicAccessBlockConfiguration
			b.PublicAccessBlock, err = block(p.BlockPublicAcls, p.IgnorePublicAcls, p.BlockPublicPolicy, p.RestrictPublicBuckets)
			return err
		}, func() { b.PublicAccessBlock = &estate.PublicAccessBlock{} }},
		{"ownership", "s3:GetBucketOwnershipControls", "OwnershipControlsNotFoundError", func() error {
			out, err := client.GetBucketOwnershipControls(c.ctx, &s3.GetBucketOwnershipControlsInput{Bucket: bucket})
			switch {
			case err != nil:
				return err
			case out.OwnershipControls == nil || len(out.OwnershipControls.Rules) == 0 || out.OwnershipControls.Rules[0].ObjectOwnership == "":
				return errEmpty
			}
			b.Ownership = string(out.OwnershipControls.Rules[0].ObjectOwnership)
			return nil
		}, func() { b.Ownership = "ObjectWriter" }},
		{"acl", "s3:GetBucketAcl", "", func() error {
			out, err := client.GetBucketAcl(c.ctx, &s3.GetBucketAclInput{Bucket: bucket})
			if err == nil {
				b.ACL, err = acl(out.Owner, out.Grants)
			}
			return err
		}, nil},
	}
}

// dataSettings say how objects are kept, and what else the bucket is.
func (c *collector) dataSettings(client *s3.Client, name string, b *estate.Bucket) []setting {
	bucket := &name
	return []setting{
		{"encryption", "s3:GetEncryptionConfiguration", "ServerSideEncryptionConfigurationNotFoundError", func() error {
			out, err := client.GetBucketEncryption(c.ctx, &s3.GetBucketEncryptionInput{Bucket: bucket})
			switch {
			case err != nil:
				return err
			case out.ServerSideEncryptionConfiguration == nil || len(out.ServerSideEncryptionConfiguration.Rules) == 0:
				return errEmpty
			}
			b.Encryption = encryption(out.ServerSideEncryptionConfiguration.Rules)
			return nil
		}, func() { b.Encryption = &estate.Encryption{Algorithm: "AES256", Blocked: &[]string{}} }},
		{"versioning", "s3:GetBucketVersioning", "", func() error {
			out, err := client.GetBucketVersioning(c.ctx, &s3.GetBucketVersioningInput{Bucket: bucket})
			if err == nil {
				b.Versioning = estate.Versioning{Status: string(out.Status), MFADelete: string(out.MFADelete)}
			}
			return err
		}, nil},
		{"objectLock", "s3:GetBucketObjectLockConfiguration", "ObjectLockConfigurationNotFoundError", func() error {
			out, err := client.GetObjectLockConfiguration(c.ctx, &s3.GetObjectLockConfigurationInput{Bucket: bucket})
			switch {
			case err != nil:
				return err
			case out.ObjectLockConfiguration == nil:
				return errEmpty
			}
			b.ObjectLock.Enabled = out.ObjectLockConfiguration.ObjectLockEnabled == types.ObjectLockEnabledEnabled
			return nil
		}, nil},
		{"requestPayer", "s3:GetBucketRequestPayment", "", func() error {
			out, err := client.GetBucketRequestPayment(c.ctx, &s3.GetBucketRequestPaymentInput{Bucket: bucket})
			if err == nil {
				b.RequestPayer = string(out.Payer)
				err = stated(b.RequestPayer)
			}
			return err
		}, nil},
		{"tags", "s3:GetBucketTagging", "NoSuchTagSet", func() error {
			out, err := client.GetBucketTagging(c.ctx, &s3.GetBucketTaggingInput{Bucket: bucket})
			if err == nil {
				b.Tags, err = tagSet(out.TagSet)
			}
			return err
		}, nil},
		{"abac", "s3:GetBucketAbac", "", func() error {
			out, err := client.GetBucketAbac(c.ctx, &s3.GetBucketAbacInput{Bucket: bucket})
			switch {
			case err != nil:
				return err
			case out.AbacStatus == nil:
				return errEmpty
			}
			b.ABAC = string(out.AbacStatus.Status)
			return stated(b.ABAC)
		}, nil},
		{"website", "s3:GetBucketWebsite", "NoSuchWebsiteConfiguration", func() error {
			_, err := client.GetBucketWebsite(c.ctx, &s3.GetBucketWebsiteInput{Bucket: bucket})
			b.Website = err == nil
			return err
		}, nil},
	}
}
