package server

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/why403/why403/internal/sigv4"
)

const s3Service = "com.amazonaws.us-east-1.s3"

// Each resource of a call about a VPC endpoint carries its own keys (Service
// Authorization Reference, Amazon EC2): the service's name is one of the endpoint's,
// when it is made and deleted, and none of the VPC's.
func TestKeysOfVPCEndpoints(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	client := func(name, statements string) *ec2.Client {
		return ec2.NewFromConfig(g.aws(g.limited(name, statements)))
	}
	const byName = `"Condition": {"StringEquals": {"ec2:VpceServiceName": "` + s3Service + `"}}}`
	all := client("all", `{"Effect": "Allow", "Action": "ec2:*", "Resource": "*", `+byName)
	each := client("each", `{"Effect": "Allow", "Action": "ec2:*", "Resource": "arn:aws:ec2:*:*:vpc/*"}, {"Effect": "Allow", "Action": "ec2:*", "Resource": "arn:aws:ec2:*:*:vpc-endpoint/*", `+byName+`,
		{"Effect": "Allow", "Action": "ec2:*", "Resource": "arn:aws:ec2:*:*:route-table/*", "Condition": {"StringEquals": {"ec2:RouteTableID": "rtb-1a2b3c4d"}}}`)
	changes := client("changes", `{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}, {"Effect": "Deny", "Action": "ec2:Modify*", "Resource": "*", "Condition": {"StringEquals": {"ec2:Attribute": "PolicyDocument"}}}`)
	make := func(c *ec2.Client, tables ...string) (string, error) {
		out, err := c.CreateVpcEndpoint(ctx, &ec2.CreateVpcEndpointInput{VpcId: aws.String("vpc-1a2b3c4d"), ServiceName: aws.String(s3Service), RouteTableIds: tables})
		if err != nil {
			return "", err
		}
		return *out.VpcEndpoint.VpcEndpointId, nil
	}
	_, err := make(all)
	g.wantCode("a VPC has no service", err, "UnauthorizedOperation", ":vpc/vpc-1a2b3c4d")
	_, err = make(each, "rtb-other")
	g.wantCode("other table", err, "UnauthorizedOperation", ":route-table/rtb-other")
	id, err := make(each, "rtb-1a2b3c4d")
	g.wantCode("CreateVpcEndpoint", err, "", "")
	_, err = each.ModifyVpcEndpoint(ctx, &ec2.ModifyVpcEndpointInput{VpcEndpointId: &id, ResetPolicy: aws.Bool(true)})
	g.wantCode("a change does not tell the service", err, "UnauthorizedOperation", ":vpc-endpoint/"+id)
	_, err = changes.ModifyVpcEndpoint(ctx, &ec2.ModifyVpcEndpointInput{VpcEndpointId: &id, ResetPolicy: aws.Bool(true)})
	g.wantCode("what no page says is not let pass", err, "UnauthorizedOperation", ":vpc-endpoint/"+id)
	_, err = each.DeleteVpcEndpoints(ctx, &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{id}})
	g.wantCode("DeleteVpcEndpoints", err, "", "")
}

// "If you specify an Amazon Resource Name (ARN) for the Principal element, the ARN is
// transformed to a unique principal ID when the policy is saved" (AWS PrivateLink
// Guide, Control access to VPC endpoints using endpoint policies).
func TestNamesakeAtVPCEndpoint(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	people, network := iam.NewFromConfig(g.aws(root)), ec2.NewFromConfig(g.aws(admin))
	g.want(g.do(admin, "PUT", "/reports/k", "x"), 200, "")
	ann := func() sigv4.Credential {
		return g.limited("ann", `{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}`)
	}
	who := ann()
	made, err := network.CreateVpcEndpoint(ctx, &ec2.CreateVpcEndpointInput{VpcId: aws.String("vpc-1a2b3c4d"), ServiceName: aws.String(s3Service), VpcEndpointType: types.VpcEndpointTypeInterface,
		PolicyDocument: aws.String(`{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/ann"}, "Action": "*", "Resource": "*"}]}`)})
	g.wantCode("CreateVpcEndpoint", err, "", "")
	through := func(who sigv4.Credential) answer {
		return g.do(who, "GET", "/reports/k", "", "Host", *made.VpcEndpoint.VpcEndpointId+".localhost")
	}
	g.want(through(who), 200, "")
	_, err = people.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: aws.String("ann"), AccessKeyId: &who.AccessKeyID})
	g.wantCode("DeleteAccessKey", err, "", "")
	_, err = people.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: aws.String("ann"), PolicyName: aws.String("own")})
	g.wantCode("DeleteUserPolicy", err, "", "")
	_, err = people.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("ann")})
	g.wantCode("DeleteUser", err, "", "")
	g.want(through(ann()), 403, "AccessDenied")
	shown, err := network.DescribeVpcEndpoints(ctx, &ec2.DescribeVpcEndpointsInput{VpcEndpointIds: []string{*made.VpcEndpoint.VpcEndpointId}})
	g.wantCode("DescribeVpcEndpoints", err, "", "")
	if policy := *shown.VpcEndpoints[0].PolicyDocument; !strings.Contains(policy, `"AIDA`) {
		t.Errorf("the policy still names the user that is no more: %s", policy)
	}
}
