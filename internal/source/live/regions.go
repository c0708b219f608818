package live

import (
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/why403/why403/estate"
)

// regions are those that are searched: the session's, those in which the account has
// buckets, and those that the scope names.
func (c *collector) regions() []string {
	found := map[string]bool{c.s.Region: true}
	for _, region := range c.scope.Regions {
		found[region] = true
	}
	c.locked(func() {
		for _, b := range c.account.Buckets {
			if b.Region != "" {
				found[b.Region] = true
			}
		}
	})
	return slices.Sorted(maps.Keys(found))
}

// enabledRegions adds to the scope the Regions that the account has enabled.
func (c *collector) enabledRegions() {
	if !c.scope.AllRegions {
		return
	}
	c.progress("the Regions of the account")
	out, err := ec2.NewFromConfig(c.s.in("")).DescribeRegions(c.ctx, &ec2.DescribeRegionsInput{})
	if err != nil {
		c.locked(func() { unread(&c.account.Unknown, "vpcEndpoints", "ec2:DescribeRegions", err) })
		return
	}
	c.scope.Regions = slices.Clone(c.scope.Regions)
	for _, r := range out.Regions {
		c.scope.Regions = append(c.scope.Regions, aws.ToString(r.RegionName))
	}
}

// endpoints reads the VPC endpoints of each Region.
func (c *collector) endpoints() {
	var all sync.WaitGroup
	for _, region := range c.regions() {
		all.Go(func() { c.endpointsIn(region) })
	}
	all.Wait()
}

func (c *collector) endpointsIn(region string) {
	c.progress("VPC endpoints in " + region)
	pages := ec2.NewDescribeVpcEndpointsPaginator(ec2.NewFromConfig(c.s.in(region)), &ec2.DescribeVpcEndpointsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(c.ctx)
		if err != nil {
			c.locked(func() { unread(&c.account.Unknown, "vpcEndpoints", "ec2:DescribeVpcEndpoints in "+region, err) })
			return
		}
		for _, v := range page.VpcEndpoints {
			out := &estate.VPCEndpoint{VPC: aws.ToString(v.VpcId), Service: aws.ToString(v.ServiceName), Type: string(v.VpcEndpointType)}
			out.Document = document("vpc-endpoint/"+aws.ToString(v.VpcEndpointId), v.PolicyDocument, "document", &out.Unknown)
			familiar(out, func(v *estate.VPCEndpoint) *estate.Unknowns { return &v.Unknown })
			c.locked(func() { c.account.VPCEndpoints[aws.ToString(v.VpcEndpointId)] = out })
		}
	}
}

// regionHeader is the bucket's Region that a refusal names, "" for none.
func regionHeader(err error) string {
	var response *smithyhttp.ResponseError
	if !errors.As(err, &response) || response.Response == nil {
		return ""
	}
	return response.Response.Header.Get("X-Amz-Bucket-Region")
}
