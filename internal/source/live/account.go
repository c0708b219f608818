package live

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	"github.com/aws/smithy-go/middleware"

	"github.com/why403/why403/estate"
)

// control is a client for S3 Control in a Region.
func (c *collector) control(region string) *s3control.Client {
	return s3control.NewFromConfig(c.s.in(region), func(o *s3control.Options) {
		o.APIOptions = append(slices.Clone(o.APIOptions), func(stack *middleware.Stack) error { return c.s.keepHost(stack) })
	})
}

// accountBlock reads Block Public Access of the account: in effect, as S3 Control
// answers since organizations can set it.
func (c *collector) accountBlock() {
	c.progress("Block Public Access of the account")
	account := string(c.s.Account)
	var block *estate.PublicAccessBlock
	var unknown estate.Unknowns
	c.settings(&unknown, []setting{{"publicAccessBlock", "s3:GetAccountPublicAccessBlock", "NoSuchPublicAccessBlockConfiguration", func() error {
		out, err := c.control("").GetPublicAccessBlock(c.ctx, &s3control.GetPublicAccessBlockInput{AccountId: &account})
		switch {
		case err != nil:
			return err
		case out.PublicAccessBlockConfiguration == nil:
			return errEmpty
		}
		p := out.PublicAccessBlockConfiguration
		block = &estate.PublicAccessBlock{BlockPublicAcls: aws.ToBool(p.BlockPublicAcls), IgnorePublicAcls: aws.ToBool(p.IgnorePublicAcls),
			BlockPublicPolicy: aws.ToBool(p.BlockPublicPolicy), RestrictPublicBuckets: aws.ToBool(p.RestrictPublicBuckets)}
		return nil
	}, nil}})
	c.locked(func() {
		c.account.PublicAccessBlock = block
		c.account.Unknown = append(c.account.Unknown, unknown...)
	})
}

// regions are those in which the account has buckets, and the session's own.
func (c *collector) regions() []string {
	found := map[string]bool{c.s.Region: true}
	for _, b := range c.account.Buckets {
		if b.Region != "" {
			found[b.Region] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// accessPoints reads the access points of every Region in use.
func (c *collector) accessPoints() {
	account := string(c.s.Account)
	for _, region := range c.regions() {
		c.progress("access points in " + region)
		client := c.control(region)
		for next := (*string)(nil); ; {
			page, err := client.ListAccessPoints(c.ctx, &s3control.ListAccessPointsInput{AccountId: &account, NextToken: next})
			if err != nil {
				unread(&c.account.Unknown, "accessPoints", "s3:ListAccessPoints in "+region, err)
				break
			}
			for _, p := range page.AccessPointList {
				c.accessPoint(client, aws.ToString(p.Name), aws.ToString(p.Bucket))
			}
			if next = page.NextToken; aws.ToString(next) == "" {
				break
			}
		}
	}
}

func (c *collector) accessPoint(client *s3control.Client, name, bucket string) {
	account := string(c.s.Account)
	p := &estate.AccessPoint{Bucket: bucket}
	c.settings(&p.Unknown, []setting{
		{"GetAccessPoint", "s3:GetAccessPoint", "", func() error {
			out, err := client.GetAccessPoint(c.ctx, &s3control.GetAccessPointInput{AccountId: &account, Name: &name})
			if err != nil {
				return err
			}
			p.NetworkOrigin, p.Alias = string(out.NetworkOrigin), aws.ToString(out.Alias)
			if out.VpcConfiguration != nil {
				p.VPC = aws.ToString(out.VpcConfiguration.VpcId)
			}
			if b := out.PublicAccessBlockConfiguration; b != nil {
				p.PublicAccessBlock = &estate.PublicAccessBlock{BlockPublicAcls: aws.ToBool(b.BlockPublicAcls), IgnorePublicAcls: aws.ToBool(b.IgnorePublicAcls),
					BlockPublicPolicy: aws.ToBool(b.BlockPublicPolicy), RestrictPublicBuckets: aws.ToBool(b.RestrictPublicBuckets)}
			}
			return nil
		}, nil},
		{"document", "s3:GetAccessPointPolicy", "NoSuchAccessPointPolicy", func() error {
			out, err := client.GetAccessPointPolicy(c.ctx, &s3control.GetAccessPointPolicyInput{AccountId: &account, Name: &name})
			if err == nil {
				p.Document = c.document("access-point/"+name, out.Policy, "document", &p.Unknown)
			}
			return err
		}, nil},
	})
	if b := c.account.Buckets[bucket]; b != nil {
		if b.AccessPoints == nil {
			b.AccessPoints = map[string]*estate.AccessPoint{}
		}
		p.Bucket = ""
		b.AccessPoints[name] = p
		return
	}
	if c.scope.Buckets != nil && !slices.Contains(c.scope.Buckets, bucket) {
		return
	}
	if c.account.AccessPoints == nil {
		c.account.AccessPoints = map[string]*estate.AccessPoint{}
	}
	c.account.AccessPoints[name] = p
}

// endpoints reads the VPC endpoints for S3 in the session's Region.
func (c *collector) endpoints() {
	c.progress("VPC endpoints in " + c.s.Region)
	pages := ec2.NewDescribeVpcEndpointsPaginator(ec2.NewFromConfig(c.s.in("")), &ec2.DescribeVpcEndpointsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(c.ctx)
		if err != nil {
			c.locked(func() { unread(&c.account.Unknown, "vpcEndpoints", "ec2:DescribeVpcEndpoints", err) })
			return
		}
		for _, v := range page.VpcEndpoints {
			out := &estate.VPCEndpoint{VPC: aws.ToString(v.VpcId), Service: aws.ToString(v.ServiceName), Type: string(v.VpcEndpointType)}
			out.Document = c.document("vpc-endpoint/"+aws.ToString(v.VpcEndpointId), v.PolicyDocument, "document", &out.Unknown)
			if v.PolicyDocument == nil { // every endpoint for S3 has one; absent would stand for full access
				unread(&out.Unknown, "document", "ec2:DescribeVpcEndpoints", errEmpty)
			}
			c.locked(func() { c.account.VPCEndpoints[aws.ToString(v.VpcEndpointId)] = out })
		}
	}
}
