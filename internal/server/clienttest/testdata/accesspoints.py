# S3 Control and access points through boto3. It makes its hosts by putting account
# or access point before that of the endpoint; where "*.localhost" does not resolve,
# HTTP_PROXY set to the endpoint itself leads there.
import json
import sys

import boto3
from botocore.exceptions import ClientError

ACCOUNT, B = "111122223333", "why403-points"
s3, control = boto3.client("s3"), boto3.client("s3control")


def code(call, **kwargs):
    try:
        call(**kwargs)
    except ClientError as e:
        return e.response["Error"]["Code"], e.response["ResponseMetadata"]["HTTPStatusCode"]
    return None


s3.create_bucket(Bucket=B)
s3.put_object(Bucket=B, Key="in/k", Body=b"hello")
made = control.create_access_point(AccountId=ACCOUNT, Name="readers", Bucket=B)
arn, alias = made["AccessPointArn"], made["Alias"]
assert arn == f"arn:aws:s3:us-east-1:{ACCOUNT}:accesspoint/readers", arn
got = control.get_access_point(AccountId=ACCOUNT, Name="readers")
assert got["Bucket"] == B and got["NetworkOrigin"] == "Internet" and all(got["PublicAccessBlockConfiguration"].values()) and got["CreationDate"], got
assert [p["Name"] for p in control.list_access_points(AccountId=ACCOUNT, Bucket=B)["AccessPointList"]] == ["readers"]
for name in (arn, alias):
    assert s3.get_object(Bucket=name, Key="in/k")["Body"].read() == b"hello", name
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=name)["Contents"]] == ["in/k"], name
s3.put_object(Bucket=arn, Key="in/through", Body=b"x")
assert s3.head_bucket(Bucket=alias)["AccessPointAlias"] is True
assert s3.head_object(Bucket=B, Key="in/through")["ContentLength"] == 1
assert code(control.get_access_point_policy, AccountId=ACCOUNT, Name="readers") == ("NoSuchAccessPointPolicy", 404)
policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": arn + "/object/in/*"}]}
control.put_access_point_policy(AccountId=ACCOUNT, Name="readers", Policy=json.dumps(policy))
assert json.loads(control.get_access_point_policy(AccountId=ACCOUNT, Name="readers")["Policy"]) == policy
assert control.get_access_point_policy_status(AccountId=ACCOUNT, Name="readers")["PolicyStatus"]["IsPublic"] is False
assert code(s3.get_object, Bucket=arn, Key="in/k") == ("AccessDenied", 403)
s3.get_object(Bucket=B, Key="in/k")
assert code(control.get_access_point, AccountId="444455556666", Name="readers") == ("AccessDenied", 403)
assert code(s3.delete_bucket, Bucket=B) == ("BucketHasAccessPointsAttached", 400)
control.delete_access_point(AccountId=ACCOUNT, Name="readers")
assert code(control.get_access_point, AccountId=ACCOUNT, Name="readers") == ("NoSuchAccessPoint", 404)

assert code(control.get_public_access_block, AccountId=ACCOUNT) == ("NoSuchPublicAccessBlockConfiguration", 404)
block = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": False, "RestrictPublicBuckets": False}
control.put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=block)
assert control.get_public_access_block(AccountId=ACCOUNT)["PublicAccessBlockConfiguration"] == block
control.delete_public_access_block(AccountId=ACCOUNT)

control.tag_resource(AccountId=ACCOUNT, ResourceArn=f"arn:aws:s3:::{B}", Tags=[{"Key": "team", "Value": "data"}])
assert control.list_tags_for_resource(AccountId=ACCOUNT, ResourceArn=f"arn:aws:s3:::{B}")["Tags"] == [{"Key": "team", "Value": "data"}]
control.untag_resource(AccountId=ACCOUNT, ResourceArn=f"arn:aws:s3:::{B}", TagKeys=["team"])
assert control.list_tags_for_resource(AccountId=ACCOUNT, ResourceArn=f"arn:aws:s3:::{B}")["Tags"] == []
assert code(control.list_jobs, AccountId=ACCOUNT) == ("NotImplemented", 501)
sys.stdout.write("done\n")
