package ec2

import (
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// A vpc is a VPC that was made here, or was given tags.
type vpc struct {
	Region  string            `json:"region"`
	CIDR    string            `json:"cidr,omitempty"`
	Tags    map[string]string `json:"tags,omitempty"`
	Created time.Time         `json:"created,omitzero"`
}

var vpcs = world.NewKind[vpc]("vpc")

// namedCIDR is what VPCs show that the estate only names.
const namedCIDR = "172.31.0.0/16"

// findVPC returns a VPC of the caller's account and Region.
func findVPC(c *awsapi.Call, v world.View, id string) (vpc, bool) {
	found, ok := allVPCs(c, v)[id]
	return found, ok
}

func noVPC(c *awsapi.Call, id string) error {
	return c.Errorf("InvalidVpcID.NotFound", "The vpc ID '%s' does not exist", id)
}

// allVPCs are those that were made, and those that endpoints and access points of
// the account stand in.
func allVPCs(c *awsapi.Call, v world.View) map[string]vpc {
	all := map[string]vpc{}
	for _, rec := range world.VPCEndpoints.All(v, c.AccountID()) {
		if rec.VPC != "" && inRegion(c, rec.Service) {
			all[rec.VPC] = vpc{Region: c.Region, CIDR: namedCIDR}
		}
	}
	for _, rec := range world.AccessPoints.All(v, c.AccountID()) {
		if rec.VPC != "" && rec.Region == c.Region {
			all[rec.VPC] = vpc{Region: c.Region, CIDR: namedCIDR}
		}
	}
	for id, made := range vpcs.All(v, c.AccountID()) {
		if made.Region == c.Region {
			all[id] = made
		}
	}
	return all
}

func accessCreateVPC(c *awsapi.Call, in *ec2.CreateVpcInput) ([]awsapi.Check, error) {
	tags := tagsFor(in.TagSpecifications, types.ResourceTypeVpc)
	return append([]awsapi.Check{on(c, "vpc/*", awsapi.Keys{}.RequestTags(tags), nil)}, tagging(c, "vpc/*", tags)...), nil
}

func createVPC(c *awsapi.Call, in *ec2.CreateVpcInput) (*ec2.CreateVpcOutput, error) {
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	if in.CidrBlock == nil {
		return nil, c.Errorf("MissingParameter", "The request must contain the parameter CidrBlock")
	}
	prefix, err := netip.ParsePrefix(*in.CidrBlock)
	if err != nil || !prefix.Addr().Is4() {
		return nil, c.Errorf("InvalidParameterValue", "Value (%s) for parameter cidrBlock is invalid. This is not a valid CIDR block.", *in.CidrBlock)
	}
	if prefix.Bits() < 16 || prefix.Bits() > 28 {
		return nil, c.Errorf("InvalidVpc.Range", "The CIDR '%s' is invalid.", *in.CidrBlock)
	}
	id := world.NewName("vpc-", 17)
	made := vpc{Region: c.Region, CIDR: prefix.Masked().String(), Tags: tagsFor(in.TagSpecifications, types.ResourceTypeVpc), Created: c.Now()}
	err = c.World().Change(c.Context(), func(w *world.Change) error {
		vpcs.Put(w, c.AccountID(), id, made)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := describeVPC(c, id, made)
	return &ec2.CreateVpcOutput{Vpc: &out}, nil
}

func describeVPC(c *awsapi.Call, id string, v vpc) types.Vpc {
	return types.Vpc{
		VpcId: &id, OwnerId: aws.String(string(c.AccountID())), State: types.VpcStateAvailable, CidrBlock: &v.CIDR, Tags: tagList(v.Tags),
		InstanceTenancy: types.TenancyDefault, IsDefault: aws.Bool(false), DhcpOptionsId: aws.String("default"),
		CidrBlockAssociationSet: []types.VpcCidrBlockAssociation{{CidrBlock: &v.CIDR, AssociationId: aws.String("vpc-cidr-assoc-" + strings.TrimPrefix(id, "vpc-")),
			CidrBlockState: &types.VpcCidrBlockState{State: types.VpcCidrBlockStateCodeAssociated}}},
	}
}

func describeVPCs(c *awsapi.Call, in *ec2.DescribeVpcsInput) (*ec2.DescribeVpcsOutput, error) {
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	all := allVPCs(c, c.World())
	for _, id := range in.VpcIds {
		if _, ok := all[id]; !ok {
			return nil, noVPC(c, id)
		}
	}
	list := []types.Vpc{}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		if len(in.VpcIds) > 0 && !slices.Contains(in.VpcIds, id) {
			continue
		}
		v := all[id]
		ok, err := passes(c, in.Filters, v.Tags, map[string]string{
			"vpc-id": id, "cidr": v.CIDR, "cidr-block-association.cidr-block": v.CIDR, "is-default": "false", "isDefault": "false", "state": "available",
			"owner-id": string(c.AccountID())})
		if err != nil {
			return nil, err
		}
		if ok {
			list = append(list, describeVPC(c, id, v))
		}
	}
	page, next, err := pageOf(c, list, in.NextToken, in.MaxResults)
	return &ec2.DescribeVpcsOutput{Vpcs: page, NextToken: next}, err
}

func accessDeleteVPC(c *awsapi.Call, in *ec2.DeleteVpcInput) ([]awsapi.Check, error) {
	v, _ := findVPC(c, c.World(), *in.VpcId)
	return []awsapi.Check{on(c, "vpc/"+*in.VpcId, awsapi.Keys{}.Set("ec2:VpcID", *in.VpcId), v.Tags)}, nil
}

func deleteVPC(c *awsapi.Call, in *ec2.DeleteVpcInput) (*ec2.DeleteVpcOutput, error) {
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	err := c.World().Change(c.Context(), func(w *world.Change) error {
		if _, ok := findVPC(c, w, *in.VpcId); !ok {
			return noVPC(c, *in.VpcId)
		}
		vpcs.Delete(w, c.AccountID(), *in.VpcId)
		if _, used := findVPC(c, w, *in.VpcId); used {
			return c.Errorf("DependencyViolation", "The vpc '%s' has dependencies and cannot be deleted.", *in.VpcId)
		}
		return nil
	})
	return &ec2.DeleteVpcOutput{}, err
}
