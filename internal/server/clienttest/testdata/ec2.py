"""A session of boto3 with VPC endpoints: AWS_ENDPOINT_URL and the keys of the estate's
administrator are in the environment. It prints nothing and ends with status 0 when all
is as on AWS."""

import json
import os
import socket

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

resolve = socket.getaddrinfo  # not every resolver knows names under localhost
socket.getaddrinfo = lambda host, *more: resolve("127.0.0.1" if host.endswith(".localhost") else host, *more)

ec2 = boto3.client("ec2")
nobody = boto3.client("ec2", aws_access_key_id="AKIANOBODY0000000001", aws_secret_access_key="nobody/Secret+Key00000000000000000000001")


def refused(code, message, call, status=400, **kwargs):
    try:
        call(**kwargs)
    except ClientError as e:
        got = e.response["Error"]
        assert got["Code"] == code, (code, got)
        assert message in got["Message"], (message, got)
        assert e.response["ResponseMetadata"]["HTTPStatusCode"] == status, e.response
        return
    raise AssertionError(f"{call} {kwargs}: not refused with {code}")


# VPCs: one of the estate, and one that is made.
assert [v["VpcId"] for v in ec2.describe_vpcs()["Vpcs"]] == ["vpc-1a2b3c4d"]
vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "mine"}]}])["Vpc"]
VPC = vpc["VpcId"]
assert vpc["CidrBlock"] == "10.0.0.0/16" and vpc["State"] == "available" and vpc["Tags"] == [{"Key": "Name", "Value": "mine"}]
assert [v["VpcId"] for v in ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": ["mi*"]}])["Vpcs"]] == [VPC]
refused("InvalidVpcID.NotFound", "The vpc ID 'vpc-00000000' does not exist", ec2.describe_vpcs, VpcIds=["vpc-00000000"])
refused("InvalidVpc.Range", "", ec2.create_vpc, CidrBlock="10.0.0.0/8")

assert "eu-west-1" in [r["RegionName"] for r in ec2.describe_regions()["Regions"]]

# Endpoints.
SERVICE = "com.amazonaws.us-east-1.s3"
assert SERVICE in ec2.describe_vpc_endpoint_services()["ServiceNames"]
made = ec2.create_vpc_endpoint(VpcId=VPC, ServiceName=SERVICE, RouteTableIds=["rtb-1a2b3c4d"],
                               TagSpecifications=[{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "team", "Value": "data"}]}])["VpcEndpoint"]
ID = made["VpcEndpointId"]
assert ID.startswith("vpce-") and made["VpcEndpointType"] == "Gateway" and made["State"] == "available" and made["VpcId"] == VPC
assert made["RouteTableIds"] == ["rtb-1a2b3c4d"] and made["Tags"] == [{"Key": "team", "Value": "data"}] and made["OwnerId"] == "111122223333"
assert json.loads(made["PolicyDocument"])["Statement"][0]["Action"] == "*"
refused("InvalidServiceName", "does not exist", ec2.create_vpc_endpoint, VpcId=VPC, ServiceName="com.amazonaws.eu-west-1.s3")
refused("InvalidVpcID.NotFound", "", ec2.create_vpc_endpoint, VpcId="vpc-00000000", ServiceName=SERVICE)
refused("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", ec2.create_vpc_endpoint, status=412,
        VpcId=VPC, ServiceName=SERVICE, DryRun=True)
interface = ec2.create_vpc_endpoint(VpcId=VPC, ServiceName=SERVICE, VpcEndpointType="Interface", SubnetIds=["subnet-1a2b3c4d"])["VpcEndpoint"]
assert interface["DnsEntries"][0]["DnsName"].endswith(".s3.us-east-1.vpce.amazonaws.com") and interface["SubnetIds"] == ["subnet-1a2b3c4d"]
assert {e["VpcEndpointId"] for e in ec2.describe_vpc_endpoints()["VpcEndpoints"]} == {"vpce-1a2b3c4d", ID, interface["VpcEndpointId"]}
assert [e["VpcEndpointId"] for e in ec2.describe_vpc_endpoints(Filters=[{"Name": "vpc-endpoint-type", "Values": ["Interface"]}])["VpcEndpoints"]] == [
    interface["VpcEndpointId"]]
assert [e["VpcEndpointId"] for e in ec2.describe_vpc_endpoints(VpcEndpointIds=[ID])["VpcEndpoints"]] == [ID]
refused("InvalidVpcEndpointId.NotFound", "does not exist", ec2.describe_vpc_endpoints, VpcEndpointIds=["vpce-00000000"])
refused("InvalidParameterValue", "The filter 'colour' is invalid", ec2.describe_vpc_endpoints, Filters=[{"Name": "colour", "Values": ["x"]}])
assert boto3.client("ec2", region_name="eu-west-1").describe_vpc_endpoints()["VpcEndpoints"] == []

# Its policy decides what comes through it, and is kept to the letter.
port = os.environ["AWS_ENDPOINT_URL"].rsplit(":", 1)[1]
through = boto3.client("s3", endpoint_url=f"http://{ID}.localhost:{port}", config=Config(s3={"addressing_style": "path"}))
s3 = boto3.client("s3")
s3.create_bucket(Bucket="why403-ec2")
s3.put_object(Bucket="why403-ec2", Key="k", Body=b"hello")
assert through.get_object(Bucket="why403-ec2", Key="k")["Body"].read() == b"hello"
policy = """{ "Version": "2012-10-17", "Statement": [
  {"Sid": "Listing", "Effect": "Allow", "Principal": "*", "Action": "s3:ListBucket", "Resource": "*"}] }"""
assert ec2.modify_vpc_endpoint(VpcEndpointId=ID, PolicyDocument=policy)["Return"] is True
assert ec2.describe_vpc_endpoints(VpcEndpointIds=[ID])["VpcEndpoints"][0]["PolicyDocument"] == policy
refused("AccessDenied", "because no VPC endpoint policy allows the s3:GetObject action", through.get_object, status=403, Bucket="why403-ec2", Key="k")
through.list_objects_v2(Bucket="why403-ec2")
assert s3.get_object(Bucket="why403-ec2", Key="k")["Body"].read() == b"hello"
ec2.modify_vpc_endpoint(VpcEndpointId=ID, ResetPolicy=True)
assert through.get_object(Bucket="why403-ec2", Key="k")["Body"].read() == b"hello"
refused("InvalidPolicyDocument", "", ec2.modify_vpc_endpoint, VpcEndpointId=ID, PolicyDocument="{}")
refused("InvalidPolicyDocument", "Principal", ec2.modify_vpc_endpoint, VpcEndpointId=ID, PolicyDocument=policy.replace('"Principal": "*", ', ""))
ec2.modify_vpc_endpoint(VpcEndpointId=ID, AddRouteTableIds=["rtb-2"], RemoveRouteTableIds=["rtb-1a2b3c4d"])
assert ec2.describe_vpc_endpoints(VpcEndpointIds=[ID])["VpcEndpoints"][0]["RouteTableIds"] == ["rtb-2"]

# Tags.
ec2.create_tags(Resources=[ID, VPC], Tags=[{"Key": "a", "Value": "b"}])
ec2.delete_tags(Resources=[ID], Tags=[{"Key": "team"}])
assert [(t["ResourceId"], t["Key"]) for t in ec2.describe_tags(Filters=[{"Name": "resource-type", "Values": ["vpc-endpoint"]}])["Tags"]] == [(ID, "a")]

# Who may not.
refused("UnauthorizedOperation", "You are not authorized to perform this operation. User: arn:aws:iam::111122223333:user/nobody is not authorized to perform: "
        "ec2:CreateVpcEndpoint on resource: arn:aws:ec2:us-east-1:111122223333:vpc/" + VPC, nobody.create_vpc_endpoint, status=403, VpcId=VPC, ServiceName=SERVICE)
refused("UnauthorizedOperation", "", nobody.describe_vpc_endpoints, status=403)
refused("UnauthorizedOperation", "", nobody.delete_vpc_endpoints, status=403, VpcEndpointIds=[ID])

# The end.
refused("DependencyViolation", "has dependencies and cannot be deleted", ec2.delete_vpc, VpcId=VPC)
gone = ec2.delete_vpc_endpoints(VpcEndpointIds=[ID, interface["VpcEndpointId"], "vpce-00000000"])["Unsuccessful"]
assert [(u["ResourceId"], u["Error"]["Code"]) for u in gone] == [("vpce-00000000", "InvalidVpcEndpoint.NotFound")]
assert ec2.delete_vpc_endpoints(VpcEndpointIds=["vpce-1a2b3c4d"])["Unsuccessful"] == []
ec2.delete_vpc(VpcId=VPC)
assert ec2.describe_vpcs()["Vpcs"] == [] and ec2.describe_vpc_endpoints()["VpcEndpoints"] == []
