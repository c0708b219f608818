package live

import (
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"golang.org/x/sync/errgroup"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
)

// buckets reads the account's buckets, or those of them that the scope names, each
// in a step of its own.
func (c *collector) buckets(g *errgroup.Group) {
	c.progress("the list of buckets")
	regions, err := c.listBuckets()
	if err != nil {
		unread(&c.account.Unknown, "ListBuckets", "s3:ListAllMyBuckets", err)
	}
	if c.scope.Buckets != nil {
		named := map[string]string{}
		for _, name := range c.scope.Buckets {
			if region, own := regions[name]; own || err != nil { // else it is another account's
				named[name] = region
			}
		}
		regions = named
	}
	for name, region := range regions {
		g.Go(func() error { c.bucket(name, region); return nil })
	}
}

// listBuckets returns the account's buckets with their Regions, "" where AWS does
// not say.
func (c *collector) listBuckets() (map[string]string, error) {
	regions := map[string]string{}
	pages := s3.NewListBucketsPaginator(c.client("", false), &s3.ListBucketsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(c.ctx)
		if err != nil {
			return nil, err
		}
		c.owner(page.Owner)
		for _, b := range page.Buckets {
			regions[aws.ToString(b.Name)] = aws.ToString(b.BucketRegion)
		}
	}
	return regions, nil
}

// client is one for S3 in a Region. Buckets are addressed by path where an
// endpoint is configured. An own client is refused buckets of other accounts, which
// are not for this estate to describe.
func (c *collector) client(region string, own bool) *s3.Client {
	return s3.NewFromConfig(c.s.in(region), func(o *s3.Options) {
		o.UsePathStyle = c.s.config.BaseEndpoint != nil
		if own {
			o.APIOptions = append(slices.Clone(o.APIOptions), smithyhttp.SetHeaderValue("X-Amz-Expected-Bucket-Owner", string(c.s.Account)))
		}
	})
}

// regionOf finds the Region of a bucket; a refusal tells it as well. exists is
// false where there is no such bucket.
func (c *collector) regionOf(name string) (region string, exists bool) {
	answer, err := c.client("", false).HeadBucket(c.ctx, &s3.HeadBucketInput{Bucket: &name})
	if err == nil {
		return aws.ToString(answer.BucketRegion), true
	}
	if statusOf(err) == 404 {
		return "", false
	}
	return regionHeader(err), true
}

func (c *collector) bucket(name, region string) {
	c.progress("bucket " + name)
	if region == "" {
		found, exists := c.regionOf(name)
		if !exists {
			return
		}
		region = found
	}
	b := &estate.Bucket{Region: region, ACL: nil}
	if region == "" {
		b.Unknown = append(b.Unknown, estate.UnknownItem{What: "region", Why: "the answer to HeadBucket did not tell it"})
	}
	client := c.client(region, true)
	c.settings(&b.Unknown, c.bucketSettings(client, name, b))
	for _, o := range c.scope.Objects {
		if o.Bucket == name {
			c.object(client, b, o)
		}
	}
	c.locked(func() {
		c.account.Buckets[name] = b
		if b.Encryption != nil && strings.HasPrefix(b.Encryption.Algorithm, "aws:kms") && b.Encryption.Key != "" {
			c.keys[b.Encryption.Key] = true
		}
	})
}

// bucketSettings are the calls that read a bucket. What S3 says is not set has the
// value that it then has, never that of a bucket made today.
func (c *collector) bucketSettings(client *s3.Client, name string, b *estate.Bucket) []setting {
	bucket := &name
	return []setting{
		{"document", "s3:GetBucketPolicy", "NoSuchBucketPolicy", func() error {
			out, err := client.GetBucketPolicy(c.ctx, &s3.GetBucketPolicyInput{Bucket: bucket})
			if err == nil {
				b.Document = c.document("bucket/"+name, out.Policy, "document", &b.Unknown)
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
			b.PublicAccessBlock = block(out.PublicAccessBlockConfiguration)
			return nil
		}, func() { b.PublicAccessBlock = &estate.PublicAccessBlock{} }},
		{"ownership", "s3:GetBucketOwnershipControls", "OwnershipControlsNotFoundError", func() error {
			out, err := client.GetBucketOwnershipControls(c.ctx, &s3.GetBucketOwnershipControlsInput{Bucket: bucket})
			switch {
			case err != nil:
				return err
			case out.OwnershipControls == nil || len(out.OwnershipControls.Rules) == 0:
				return errEmpty
			}
			b.Ownership = string(out.OwnershipControls.Rules[0].ObjectOwnership)
			return nil
		}, func() { b.Ownership = "ObjectWriter" }},
		{"acl", "s3:GetBucketAcl", "", func() error {
			out, err := client.GetBucketAcl(c.ctx, &s3.GetBucketAclInput{Bucket: bucket})
			if err == nil {
				b.ACL = acl(out.Owner, out.Grants)
			}
			return err
		}, nil},
		{"encryption", "s3:GetEncryptionConfiguration", "ServerSideEncryptionConfigurationNotFoundError", func() error {
			out, err := client.GetBucketEncryption(c.ctx, &s3.GetBucketEncryptionInput{Bucket: bucket})
			if err == nil && out.ServerSideEncryptionConfiguration != nil {
				b.Encryption = encryption(out.ServerSideEncryptionConfiguration.Rules)
			}
			return err
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
			if err == nil && out.ObjectLockConfiguration != nil {
				b.ObjectLock.Enabled = out.ObjectLockConfiguration.ObjectLockEnabled == types.ObjectLockEnabledEnabled
			}
			return err
		}, nil},
		{"requestPayer", "s3:GetBucketRequestPayment", "", func() error {
			out, err := client.GetBucketRequestPayment(c.ctx, &s3.GetBucketRequestPaymentInput{Bucket: bucket})
			if err == nil {
				b.RequestPayer = string(out.Payer)
			}
			return err
		}, nil},
		{"tags", "s3:GetBucketTagging", "NoSuchTagSet", func() error {
			out, err := client.GetBucketTagging(c.ctx, &s3.GetBucketTaggingInput{Bucket: bucket})
			if err == nil {
				b.Tags = tagSet(out.TagSet)
			}
			return err
		}, nil},
		{"abac", "s3:GetBucketAbac", "", func() error {
			out, err := client.GetBucketAbac(c.ctx, &s3.GetBucketAbacInput{Bucket: bucket})
			if err == nil && out.AbacStatus != nil {
				b.ABAC = string(out.AbacStatus.Status)
			}
			return err
		}, nil},
		{"website", "s3:GetBucketWebsite", "NoSuchWebsiteConfiguration", func() error {
			_, err := client.GetBucketWebsite(c.ctx, &s3.GetBucketWebsiteInput{Bucket: bucket})
			b.Website = err == nil
			return err
		}, nil},
	}
}

// owner learns the account's canonical id from the list of its buckets, which states
// it also where there are none.
func (c *collector) owner(o *types.Owner) {
	if o != nil && len(aws.ToString(o.ID)) == 64 {
		c.locked(func() { c.account.CanonicalID = aws.ToString(o.ID) })
	}
}

func block(p *types.PublicAccessBlockConfiguration) *estate.PublicAccessBlock {
	if p == nil {
		return &estate.PublicAccessBlock{}
	}
	return &estate.PublicAccessBlock{BlockPublicAcls: aws.ToBool(p.BlockPublicAcls), IgnorePublicAcls: aws.ToBool(p.IgnorePublicAcls),
		BlockPublicPolicy: aws.ToBool(p.BlockPublicPolicy), RestrictPublicBuckets: aws.ToBool(p.RestrictPublicBuckets)}
}

func acl(owner *types.Owner, grants []types.Grant) *estate.ACL {
	out := &estate.ACL{Grants: []estate.ACLGrant{}}
	if owner != nil {
		out.Owner = aws.ToString(owner.ID)
	}
	for _, g := range grants {
		if g.Grantee == nil {
			continue
		}
		out.Grants = append(out.Grants, estate.ACLGrant{Permission: string(g.Permission), Grantee: estate.Grantee{
			Type: string(g.Grantee.Type), ID: aws.ToString(g.Grantee.ID), URI: aws.ToString(g.Grantee.URI), Email: aws.ToString(g.Grantee.EmailAddress),
		}})
	}
	return out
}

func encryption(rules []types.ServerSideEncryptionRule) *estate.Encryption {
	e := &estate.Encryption{Algorithm: "AES256", Blocked: &[]string{}}
	for _, r := range rules {
		if d := r.ApplyServerSideEncryptionByDefault; d != nil {
			e.Algorithm, e.Key = string(d.SSEAlgorithm), aws.ToString(d.KMSMasterKeyID)
		}
		e.BucketKey = e.BucketKey || aws.ToBool(r.BucketKeyEnabled)
		if r.BlockedEncryptionTypes != nil {
			for _, t := range r.BlockedEncryptionTypes.EncryptionType {
				if t == types.EncryptionTypeSseC {
					*e.Blocked = append(*e.Blocked, string(t))
				}
			}
		}
	}
	slices.Sort(*e.Blocked)
	return e
}

func tagSet(list []types.Tag) map[string]string {
	out := map[string]string{}
	for _, t := range list {
		out[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return out
}

// object reads the settings of one object, as far as that is possible without
// reading the object itself.
func (c *collector) object(client *s3.Client, b *estate.Bucket, o Object) {
	c.progress("object " + o.Bucket + "/" + o.Key)
	version := aws.String(o.VersionID)
	if o.VersionID == "" {
		version = nil
	}
	out := &estate.Object{}
	head, err := client.HeadObject(c.ctx, &s3.HeadObjectInput{Bucket: &o.Bucket, Key: &o.Key, VersionId: version})
	switch {
	case statusOf(err) == 404:
		b.Listed = true // as far as this estate speaks of objects at all
		return
	case err != nil:
		unread(&out.Unknown, "HeadObject", "s3:GetObject", err)
	default:
		describe(out, head)
	}
	c.settings(&out.Unknown, []setting{
		{"acl", "s3:GetObjectAcl", "", func() error {
			a, err := client.GetObjectAcl(c.ctx, &s3.GetObjectAclInput{Bucket: &o.Bucket, Key: &o.Key, VersionId: version})
			if err == nil {
				out.ACL = acl(a.Owner, a.Grants)
				if a.Owner != nil {
					out.Owner = aws.ToString(a.Owner.ID)
				}
			}
			return err
		}, nil},
		{"tags", "s3:GetObjectTagging", "", func() error {
			t, err := client.GetObjectTagging(c.ctx, &s3.GetObjectTaggingInput{Bucket: &o.Bucket, Key: &o.Key, VersionId: version})
			if err == nil {
				out.Tags = tagSet(t.TagSet)
			}
			return err
		}, nil},
	})
	if why, refused := out.Unknown.Why("acl"); refused && b.Ownership != "BucketOwnerEnforced" && out.Owner == "" { // the answer that names the owner
		out.Unknown = append(out.Unknown, estate.UnknownItem{What: "owner", Why: why})
	}
	c.put(b, o, out)
}

func (c *collector) put(b *estate.Bucket, o Object, out *estate.Object) {
	if out.Encryption != nil && out.Encryption.Key != "" {
		c.locked(func() { c.keys[out.Encryption.Key] = true })
	}
	if b.Objects == nil {
		b.Objects = map[string]*estate.Object{}
	}
	if o.VersionID == "" {
		b.Objects[o.Key] = out
		return
	}
	current := b.Objects[o.Key]
	if current == nil {
		current = &estate.Object{Unknown: estate.Unknowns{{What: "*", Why: "one version was read alone"}}}
		b.Objects[o.Key] = current
	}
	if current.Versions == nil {
		current.Versions = map[string]*estate.Object{}
	}
	current.Versions[o.VersionID] = out
}

// describe takes what HeadObject says.
func describe(out *estate.Object, head *s3.HeadObjectOutput) {
	out.StorageClass, out.ArchiveStatus = string(head.StorageClass), string(head.ArchiveStatus)
	if _, date, ok := strings.Cut(aws.ToString(head.Restore), `expiry-date="`); ok { // x-amz-restore of HeadObject
		date, _, _ = strings.Cut(date, `"`)
		if until, err := http.ParseTime(date); err == nil {
			out.RestoredUntil = &until
		}
	}
	switch {
	case head.SSECustomerAlgorithm != nil:
		out.Encryption = &estate.Encryption{Algorithm: "SSE-C", KeyMD5: aws.ToString(head.SSECustomerKeyMD5)}
	case head.ServerSideEncryption != "":
		out.Encryption = &estate.Encryption{Algorithm: string(head.ServerSideEncryption), Key: aws.ToString(head.SSEKMSKeyId), BucketKey: aws.ToBool(head.BucketKeyEnabled)}
	}
	if head.ObjectLockMode != "" || head.ObjectLockLegalHoldStatus != "" {
		out.Lock = &estate.Lock{Mode: string(head.ObjectLockMode), Until: head.ObjectLockRetainUntilDate, LegalHold: head.ObjectLockLegalHoldStatus == types.ObjectLockLegalHoldStatusOn}
	}
}

// own reports whether a principal of the session's account may be meant.
func (c *collector) own(account string) bool { return iam.AccountID(account) == c.s.Account }
