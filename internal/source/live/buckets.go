package live

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"golang.org/x/sync/errgroup"

	"github.com/why403/why403/estate"
)

// buckets reads the account's buckets, or those of them that the scope names, each
// in a step of its own.
func (c *collector) buckets(g *errgroup.Group) {
	c.progress("the list of buckets")
	regions, err := c.listBuckets()
	if err != nil {
		c.locked(func() { unread(&c.account.Unknown, "ListBuckets", "s3:ListAllMyBuckets", err) })
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

// bucketsPage is how many buckets are listed at once; accounts with a quota above
// ten thousand are to page (S3 API Reference, ListBuckets).
const bucketsPage = 1000

// listBuckets returns the account's buckets with their Regions, "" where AWS does
// not say.
func (c *collector) listBuckets() (map[string]string, error) {
	regions := map[string]string{}
	pages := s3.NewListBucketsPaginator(c.client("", false), &s3.ListBucketsInput{MaxBuckets: aws.Int32(bucketsPage)})
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

const noRegion = "the answer to HeadBucket did not tell it"

func (c *collector) bucket(name, region string) {
	c.progress("bucket " + name)
	if region == "" {
		found, exists := c.regionOf(name)
		if !exists {
			return
		}
		region = found
	}
	b := &estate.Bucket{Region: region}
	if region == "" {
		b.Unknown = append(b.Unknown, estate.UnknownItem{What: "region", Why: noRegion})
	}
	client := c.client(region, true)
	c.settings(&b.Unknown, c.bucketSettings(client, name, b))
	familiar(b, func(b *estate.Bucket) *estate.Unknowns { return &b.Unknown })
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

// owner learns the account's canonical id from the list of its buckets, which states
// it also where there are none.
func (c *collector) owner(o *types.Owner) {
	if o != nil && len(aws.ToString(o.ID)) == 64 {
		c.locked(func() { c.account.CanonicalID = aws.ToString(o.ID) })
	}
}
