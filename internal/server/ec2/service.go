package ec2

import (
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/wire"
)

// New returns the service.
func New(o awsapi.Options) (*awsapi.Service, error) {
	return awsapi.New("ec2", o,
		awsapi.Op("CreateVpcEndpoint", accessCreateEndpoint, createEndpoint),
		awsapi.Op("DescribeVpcEndpoints", onAll, describeEndpoints),
		awsapi.Op("ModifyVpcEndpoint", accessModifyEndpoint, modifyEndpoint),
		awsapi.Op("DeleteVpcEndpoints", accessDeleteEndpoints, deleteEndpoints),
		awsapi.Op("DescribeVpcEndpointServices", onAll, describeServices),
		awsapi.Op("DescribeRegions", onAll, describeRegions),

		awsapi.Op("CreateVpc", accessCreateVPC, createVPC),
		awsapi.Op("DescribeVpcs", onAll, describeVPCs),
		awsapi.Op("DeleteVpc", accessDeleteVPC, deleteVPC),

		awsapi.Op("CreateTags", accessCreateTags, createTags),
		awsapi.Op("DeleteTags", accessDeleteTags, deleteTags),
		awsapi.Op("DescribeTags", onAll, describeTags),
	)
}

// onAll is the access of a call that has no resource.
func onAll[In any](c *awsapi.Call, _ *In) ([]awsapi.Check, error) {
	return []awsapi.Check{{Action: "ec2:" + c.Operation, Resource: "*", Keys: awsapi.Keys{}.Set("ec2:Region", c.Region)}}, nil
}

// arn is a resource of the caller's account and Region: "vpc-endpoint/vpce-…".
func arn(c *awsapi.Call, resource string) string {
	return "arn:" + estate.PartitionOf(c.Region) + ":ec2:" + c.Region + ":" + string(c.AccountID()) + ":" + resource
}

// on is a check of the call on one resource, with its tags.
func on(c *awsapi.Call, resource string, keys awsapi.Keys, tags map[string]string) awsapi.Check {
	return awsapi.Check{Action: "ec2:" + c.Operation, Resource: arn(c, resource), Keys: keys.Set("ec2:Region", c.Region).ResourceTags("ec2", tags)}
}

// dryRun is the answer to a call that only asks whether it may.
func dryRun(dry *bool) error {
	if aws.ToBool(dry) {
		return wire.NewError(http.StatusPreconditionFailed, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.")
	}
	return nil
}
