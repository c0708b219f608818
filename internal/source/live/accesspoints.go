package live

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3control"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
)

// resolvePoints adds to the scope the buckets behind the access points that it
// names. Where one is not found, the request that goes through it stays unknown.
func (c *collector) resolvePoints() {
	c.enabledRegions()
	account := string(c.s.Account)
	for _, ref := range c.scope.AccessPoints {
		region, name := c.s.Region, ref
		if arn, ok := iam.ParseARN(ref); ok {
			if arn.Account != c.s.Account {
				continue // its owner alone may look at it
			}
			region, name = arn.Region, strings.TrimPrefix(arn.Resource, "accesspoint/")
		}
		client := c.control(region)
		if strings.HasSuffix(name, "-s3alias") {
			name = c.aliased(client, name)
		}
		out, err := client.GetAccessPoint(c.ctx, &s3control.GetAccessPointInput{AccountId: &account, Name: &name})
		if err != nil {
			c.account.Unknown = slices.Clone(c.account.Unknown)
			unread(&c.account.Unknown, "accessPoints", "s3:GetAccessPoint on "+ref, err)
			continue
		}
		c.scope.Buckets = append(slices.Clip(c.scope.Buckets), aws.ToString(out.Bucket))
		c.scope.Regions = append(slices.Clip(c.scope.Regions), region)
	}
}

// aliased is the name of the access point of an alias, the alias itself where none
// has it.
func (c *collector) aliased(client *s3control.Client, alias string) string {
	account := string(c.s.Account)
	for next := (*string)(nil); ; {
		page, err := client.ListAccessPoints(c.ctx, &s3control.ListAccessPointsInput{AccountId: &account, NextToken: next})
		if err != nil {
			return alias
		}
		for _, p := range page.AccessPointList {
			if aws.ToString(p.Alias) == alias {
				return aws.ToString(p.Name)
			}
		}
		if next = page.NextToken; aws.ToString(next) == "" {
			return alias
		}
	}
}

// accessPoints reads the access points of each Region.
func (c *collector) accessPoints() {
	account := string(c.s.Account)
	for _, region := range c.regions() {
		c.progress("access points in " + region)
		client := c.control(region)
		for next := (*string)(nil); ; {
			page, err := client.ListAccessPoints(c.ctx, &s3control.ListAccessPointsInput{AccountId: &account, NextToken: next})
			if err != nil {
				c.locked(func() { unread(&c.account.Unknown, "accessPoints", "s3:ListAccessPoints in "+region, err) })
				break
			}
			for _, p := range page.AccessPointList {
				if bucket := aws.ToString(p.Bucket); bucket != "" && c.wanted(bucket) { // else one of a file system
					c.accessPoint(client, region, aws.ToString(p.Name), bucket)
				}
			}
			if next = page.NextToken; aws.ToString(next) == "" {
				break
			}
		}
	}
}

// wanted reports a bucket that the scope does not leave out.
func (c *collector) wanted(bucket string) bool {
	return c.scope.Buckets == nil || slices.Contains(c.scope.Buckets, bucket)
}

func (c *collector) accessPoint(client *s3control.Client, region, name, bucket string) {
	p := &estate.AccessPoint{}
	arn := "arn:" + estate.PartitionOf(region) + ":s3:" + region + ":" + string(c.s.Account) + ":accesspoint/" + name
	c.settings(&p.Unknown, c.pointSettings(client, name, arn, p))
	familiar(p, func(p *estate.AccessPoint) *estate.Unknowns { return &p.Unknown })
	c.locked(func() {
		if b := c.account.Buckets[bucket]; b != nil {
			if b.AccessPoints == nil {
				b.AccessPoints = map[string]*estate.AccessPoint{}
			}
			b.AccessPoints[name] = p
			return
		}
		if c.account.AccessPoints == nil {
			c.account.AccessPoints = map[string]*estate.AccessPoint{}
		}
		if c.account.AccessPoints[name] != nil { // of another Region; an estate holds one of the name
			c.account.Unknown = append(c.account.Unknown, estate.UnknownItem{What: "accessPoints", Why: "access point " + name + " of " + region + " has the name of another Region's"})
			return
		}
		p.Bucket, p.Region = bucket, region
		c.account.AccessPoints[name] = p
	})
}

func (c *collector) pointSettings(client *s3control.Client, name, arn string, p *estate.AccessPoint) []setting {
	account := string(c.s.Account)
	return []setting{
		{"GetAccessPoint", "s3:GetAccessPoint", "", func() error {
			out, err := client.GetAccessPoint(c.ctx, &s3control.GetAccessPointInput{AccountId: &account, Name: &name})
			switch {
			case err != nil:
				return err
			case out.NetworkOrigin == "":
				return errEmpty
			}
			p.NetworkOrigin, p.Alias = string(out.NetworkOrigin), aws.ToString(out.Alias)
			if out.VpcConfiguration != nil {
				p.VPC = aws.ToString(out.VpcConfiguration.VpcId)
			}
			p.PublicAccessBlock, err = controlBlock(out.PublicAccessBlockConfiguration)
			return err
		}, nil},
		{"tags", "s3:ListTagsForResource", "", func() error {
			out, err := client.ListTagsForResource(c.ctx, &s3control.ListTagsForResourceInput{AccountId: &account, ResourceArn: aws.String(arn)})
			switch {
			case err != nil:
				return err
			case out.Tags == nil:
				return errEmpty
			}
			p.Tags = map[string]string{}
			for _, t := range out.Tags {
				p.Tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
			}
			return nil
		}, nil},
		{"document", "s3:GetAccessPointPolicy", "NoSuchAccessPointPolicy", func() error {
			out, err := client.GetAccessPointPolicy(c.ctx, &s3control.GetAccessPointPolicyInput{AccountId: &account, Name: &name})
			if err == nil {
				p.Document = document("access-point/"+name, out.Policy, "document", &p.Unknown)
			}
			return err
		}, nil},
	}
}
