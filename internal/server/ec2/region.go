package ec2

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/why403/why403/internal/server/awsapi"
)

// regions are those that every account has without opting in (AWS Account
// Management Reference Guide, Regions enabled by default).
var regions = []string{
	"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1", "eu-central-1",
	"eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
}

func describeRegions(c *awsapi.Call, in *ec2.DescribeRegionsInput) (*ec2.DescribeRegionsOutput, error) {
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	for _, name := range in.RegionNames {
		if !slices.Contains(regions, name) {
			return nil, c.Errorf("InvalidParameterValue", "Invalid region provided: %s", name)
		}
	}
	list := []types.Region{}
	for _, name := range regions {
		if len(in.RegionNames) > 0 && !slices.Contains(in.RegionNames, name) {
			continue
		}
		endpoint := "ec2." + name + ".amazonaws.com"
		ok, err := passes(c, in.Filters, nil, map[string]string{"region-name": name, "endpoint": endpoint, "opt-in-status": "opt-in-not-required"})
		if err != nil {
			return nil, err
		}
		if ok {
			list = append(list, types.Region{RegionName: &name, Endpoint: &endpoint, OptInStatus: aws.String("opt-in-not-required")})
		}
	}
	return &ec2.DescribeRegionsOutput{Regions: list}, nil
}
