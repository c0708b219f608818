package ec2

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// accessCreateEndpoint: see "CreateVpcEndpoint" in the Service Authorization
// Reference for Amazon EC2. Tags need ec2:CreateTags besides.
func accessCreateEndpoint(c *awsapi.Call, in *ec2.CreateVpcEndpointInput) ([]awsapi.Check, error) {
	tags := tagsFor(in.TagSpecifications, types.ResourceTypeVpcEndpoint)
	keys := awsapi.Keys{}.Set("ec2:VpceServiceName", aws.ToString(in.ServiceName)).Set("ec2:VpceServiceOwner", "amazon").
		Set("ec2:VpceServiceRegion", cmp.Or(aws.ToString(in.ServiceRegion), c.Region)).RequestTags(tags)
	v, _ := findVPC(c, c.World(), aws.ToString(in.VpcId))
	checks := []awsapi.Check{
		on(c, "vpc/"+aws.ToString(in.VpcId), awsapi.Keys{}.Set("ec2:VpcID", aws.ToString(in.VpcId)), v.Tags),
		on(c, "vpc-endpoint/*", keys, nil),
	}
	checks = append(checks, parts(c, in.RouteTableIds, in.SubnetIds, in.SecurityGroupIds)...)
	return append(checks, tagging(c, "vpc-endpoint/*", tags)...), nil
}

// parts are the checks on what an endpoint is put into, each with the key of its id.
func parts(c *awsapi.Call, tables, subnets, groups []string) (checks []awsapi.Check) {
	add := func(kind, key string, ids []string) {
		for _, id := range ids {
			checks = append(checks, on(c, kind+id, awsapi.Keys{}.Set(key, id), nil))
		}
	}
	add("route-table/", "ec2:RouteTableID", tables)
	add("subnet/", "ec2:SubnetID", subnets)
	add("security-group/", "ec2:SecurityGroupID", groups)
	return checks
}

// tagging is what making a thing with tags needs.
func tagging(c *awsapi.Call, resource string, tags map[string]string) []awsapi.Check {
	if len(tags) == 0 {
		return nil
	}
	return []awsapi.Check{{Action: "ec2:CreateTags", Resource: arn(c, resource),
		Keys: awsapi.Keys{}.RequestTags(tags).Set("ec2:CreateAction", c.Operation).Set("ec2:Region", c.Region)}}
}

func createEndpoint(c *awsapi.Call, in *ec2.CreateVpcEndpointInput) (*ec2.CreateVpcEndpointOutput, error) {
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	kind := cmp.Or(in.VpcEndpointType, types.VpcEndpointTypeGateway)
	if err := checkService(c, aws.ToString(in.ServiceName), kind); err != nil {
		return nil, err
	}
	rec := world.VPCEndpoint{Created: c.Now(), Tags: tagsFor(in.TagSpecifications, types.ResourceTypeVpcEndpoint),
		RouteTables: in.RouteTableIds, Subnets: in.SubnetIds, Groups: in.SecurityGroupIds, PrivateDNS: aws.ToBool(in.PrivateDnsEnabled)}
	rec.VPC, rec.Service, rec.Type = aws.ToString(in.VpcId), aws.ToString(in.ServiceName), string(kind)
	id := world.NewName("vpce-", 17)
	var err error
	if in.PolicyDocument != nil {
		if rec.Document, err = parsePolicy(c, id, *in.PolicyDocument); err != nil {
			return nil, err
		}
	}
	err = c.World().Change(c.Context(), func(w *world.Change) error {
		if _, ok := findVPC(c, w, rec.VPC); !ok {
			return noVPC(c, rec.VPC)
		}
		world.VPCEndpoints.Put(w, c.AccountID(), id, rec)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := describe(c, id, &rec)
	return &ec2.CreateVpcEndpointOutput{VpcEndpoint: &out, ClientToken: in.ClientToken}, nil
}

// gateways are the services that have gateway endpoints.
var gateways = []string{"s3", "dynamodb"}

// checkService refuses services that are none of the Region, and gateway endpoints
// for services that have none.
func checkService(c *awsapi.Call, name string, kind types.VpcEndpointType) error {
	service, ok := strings.CutPrefix(name, "com.amazonaws."+c.Region+".")
	switch {
	case kind != types.VpcEndpointTypeGateway && kind != types.VpcEndpointTypeInterface:
		return c.Errorf("InvalidParameter", "why403 makes endpoints of type Gateway and Interface, not %s.", kind)
	case !ok || service == "":
		return c.Errorf("InvalidServiceName", "The Vpc Endpoint Service '%s' does not exist", name)
	case kind == types.VpcEndpointTypeGateway && !slices.Contains(gateways, service):
		return c.Errorf("InvalidParameter", "Endpoint type (Gateway) does not match available service types ([Interface]).")
	}
	return nil
}

// parsePolicy reads an endpoint policy.
func parsePolicy(c *awsapi.Call, id, text string) (estate.Document, error) {
	doc, err := estate.ParseDocument("vpc-endpoint/"+id+"?policy", []byte(text))
	if err != nil {
		return doc, c.Errorf("InvalidPolicyDocument", "The policy document is not valid: %s", err)
	}
	for i := range doc.Statements {
		if st := &doc.Statements[i]; !st.HasPrincipal || len(st.Resources) == 0 {
			return doc, c.Errorf("InvalidPolicyDocument", "The policy document is not valid: statement %d needs a Principal and a Resource", i+1)
		}
	}
	return doc, nil
}

// fullAccess is the policy of an endpoint that was given none (AWS PrivateLink
// Guide, Default endpoint policy).
const fullAccess = `{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`

func describe(c *awsapi.Call, id string, v *world.VPCEndpoint) types.VpcEndpoint {
	out := types.VpcEndpoint{
		VpcEndpointId: &id, VpcEndpointType: types.VpcEndpointType(v.TypeOrGateway()), VpcId: &v.VPC, ServiceName: &v.Service, State: "available",
		PolicyDocument: aws.String(cmp.Or(v.Document.Text(), fullAccess)), RouteTableIds: orNone(v.RouteTables), SubnetIds: orNone(v.Subnets),
		Groups: []types.SecurityGroupIdentifier{}, PrivateDnsEnabled: &v.PrivateDNS, RequesterManaged: aws.Bool(false), NetworkInterfaceIds: []string{},
		DnsEntries: []types.DnsEntry{}, CreationTimestamp: &v.Created, Tags: tagList(v.Tags), OwnerId: aws.String(string(c.AccountID())),
	}
	if _, unread := v.Unknown.Why("document"); unread {
		out.PolicyDocument = nil
	}
	for _, group := range v.Groups {
		out.Groups = append(out.Groups, types.SecurityGroupIdentifier{GroupId: &group, GroupName: aws.String("default")})
	}
	if out.VpcEndpointType == types.VpcEndpointTypeInterface {
		_, service, _ := strings.Cut(v.Service, "."+c.Region+".")
		name := "*." + id + "." + service + "." + c.Region + ".vpce.amazonaws.com"
		out.DnsEntries = append(out.DnsEntries, types.DnsEntry{DnsName: &name})
	}
	return out
}

func orNone(list []string) []string { return append([]string{}, list...) }

// findEndpoint returns an endpoint of the caller's account and Region.
func findEndpoint(c *awsapi.Call, v world.View, id string) (world.VPCEndpoint, bool) {
	rec, ok := world.VPCEndpoints.Get(v, c.AccountID(), id)
	return rec, ok && inRegion(c, rec.Service)
}

// inRegion reports whether a service's name is one of the call's Region.
func inRegion(c *awsapi.Call, service string) bool {
	return service == "" || strings.Contains(service, "com.amazonaws."+c.Region+".")
}

func noEndpoint(c *awsapi.Call, id string) error {
	return c.Errorf("InvalidVpcEndpointId.NotFound", "The Vpc Endpoint Id '%s' does not exist", id)
}

func describeEndpoints(c *awsapi.Call, in *ec2.DescribeVpcEndpointsInput) (*ec2.DescribeVpcEndpointsOutput, error) {
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	for _, id := range in.VpcEndpointIds {
		if _, ok := findEndpoint(c, c.World(), id); !ok {
			return nil, noEndpoint(c, id)
		}
	}
	list := []types.VpcEndpoint{}
	for id, rec := range world.VPCEndpoints.All(c.World(), c.AccountID()) {
		if !inRegion(c, rec.Service) || len(in.VpcEndpointIds) > 0 && !slices.Contains(in.VpcEndpointIds, id) {
			continue
		}
		ok, err := passes(c, in.Filters, rec.Tags, map[string]string{
			"vpc-endpoint-id": id, "vpc-id": rec.VPC, "service-name": rec.Service, "vpc-endpoint-state": "available", "vpc-endpoint-type": rec.TypeOrGateway()})
		if err != nil {
			return nil, err
		}
		if ok {
			list = append(list, describe(c, id, &rec))
		}
	}
	page, next, err := pageOf(c, list, in.NextToken, in.MaxResults)
	return &ec2.DescribeVpcEndpointsOutput{VpcEndpoints: page, NextToken: next}, err
}

// accessModifyEndpoint: see "ModifyVpcEndpoint" in the Service Authorization
// Reference for Amazon EC2, which carries the service's Region and not its name. How
// ec2:Attribute tells the attributes of an endpoint no page says, so that what hangs
// on it is not known.
func accessModifyEndpoint(c *awsapi.Call, in *ec2.ModifyVpcEndpointInput) ([]awsapi.Check, error) {
	rec, _ := findEndpoint(c, c.World(), *in.VpcEndpointId)
	keys := awsapi.Keys{"ec2:Attribute": condition.NotKnown, "ec2:Attribute/": condition.NotKnown}.Set("ec2:VpceServiceRegion", c.Region)
	checks := []awsapi.Check{on(c, "vpc-endpoint/"+*in.VpcEndpointId, keys, rec.Tags)}
	return append(checks, parts(c, slices.Concat(in.AddRouteTableIds, in.RemoveRouteTableIds), slices.Concat(in.AddSubnetIds, in.RemoveSubnetIds),
		slices.Concat(in.AddSecurityGroupIds, in.RemoveSecurityGroupIds))...), nil
}

func modifyEndpoint(c *awsapi.Call, in *ec2.ModifyVpcEndpointInput) (*ec2.ModifyVpcEndpointOutput, error) {
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	id := *in.VpcEndpointId
	if in.PolicyDocument != nil && aws.ToBool(in.ResetPolicy) {
		return nil, c.Errorf("InvalidParameterCombination", "The parameters PolicyDocument and ResetPolicy cannot be used together.")
	}
	err := c.World().Change(c.Context(), func(w *world.Change) (err error) {
		rec, ok := findEndpoint(c, w, id)
		if !ok {
			return noEndpoint(c, id)
		}
		switch {
		case aws.ToBool(in.ResetPolicy):
			rec.Document = estate.Document{}
		case in.PolicyDocument != nil:
			if rec.Document, err = parsePolicy(c, id, *in.PolicyDocument); err != nil {
				return err
			}
		}
		if in.PrivateDnsEnabled != nil {
			rec.PrivateDNS = *in.PrivateDnsEnabled
		}
		rec.RouteTables = edited(rec.RouteTables, in.AddRouteTableIds, in.RemoveRouteTableIds)
		rec.Subnets = edited(rec.Subnets, in.AddSubnetIds, in.RemoveSubnetIds)
		rec.Groups = edited(rec.Groups, in.AddSecurityGroupIds, in.RemoveSecurityGroupIds)
		world.VPCEndpoints.Put(w, c.AccountID(), id, rec)
		return nil
	})
	return &ec2.ModifyVpcEndpointOutput{Return: aws.Bool(err == nil)}, err
}

func edited(list, add, remove []string) []string {
	list = slices.DeleteFunc(slices.Clone(list), func(id string) bool { return slices.Contains(remove, id) || slices.Contains(add, id) })
	return append(list, add...)
}

func accessDeleteEndpoints(c *awsapi.Call, in *ec2.DeleteVpcEndpointsInput) ([]awsapi.Check, error) {
	var checks []awsapi.Check
	for _, id := range in.VpcEndpointIds {
		rec, _ := findEndpoint(c, c.World(), id)
		keys := awsapi.Keys{}.Set("ec2:VpceServiceName", rec.Service).Set("ec2:VpceServiceRegion", c.Region)
		checks = append(checks, on(c, "vpc-endpoint/"+id, keys, rec.Tags))
	}
	return checks, nil
}

func deleteEndpoints(c *awsapi.Call, in *ec2.DeleteVpcEndpointsInput) (*ec2.DeleteVpcEndpointsOutput, error) {
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	out := &ec2.DeleteVpcEndpointsOutput{Unsuccessful: []types.UnsuccessfulItem{}}
	err := c.World().Change(c.Context(), func(w *world.Change) error {
		for _, id := range in.VpcEndpointIds {
			if _, ok := findEndpoint(c, w, id); !ok {
				out.Unsuccessful = append(out.Unsuccessful, types.UnsuccessfulItem{ResourceId: &id, Error: &types.UnsuccessfulItemError{
					Code: aws.String("InvalidVpcEndpoint.NotFound"), Message: aws.String("The Vpc Endpoint Id '" + id + "' does not exist")}})
				continue
			}
			world.VPCEndpoints.Delete(w, c.AccountID(), id)
		}
		return nil
	})
	return out, err
}

// describeServices tells of S3, for which endpoints are made here.
func describeServices(c *awsapi.Call, in *ec2.DescribeVpcEndpointServicesInput) (*ec2.DescribeVpcEndpointServicesOutput, error) {
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	out := &ec2.DescribeVpcEndpointServicesOutput{ServiceNames: []string{}, ServiceDetails: []types.ServiceDetail{}}
	name := "com.amazonaws." + c.Region + ".s3"
	if len(in.ServiceNames) > 0 && !slices.Contains(in.ServiceNames, name) {
		return nil, c.Errorf("InvalidServiceName", "The Vpc Endpoint Service '%s' does not exist", in.ServiceNames[0])
	}
	out.ServiceNames = append(out.ServiceNames, name)
	for _, kind := range []types.ServiceType{types.ServiceTypeGateway, types.ServiceTypeInterface} {
		out.ServiceDetails = append(out.ServiceDetails, types.ServiceDetail{ServiceName: &name, Owner: aws.String("amazon"),
			ServiceType: []types.ServiceTypeDetail{{ServiceType: kind}}, VpcEndpointPolicySupported: aws.Bool(true), AcceptanceRequired: aws.Bool(false)})
	}
	return out, nil
}
