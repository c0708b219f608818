"""A session of boto3 with the endpoint: AWS_ENDPOINT_URL and the keys of the
estate's administrator are in the environment. It prints nothing and ends with
status 0 when all is as on AWS."""

import io
import json
import os
import urllib.error
import urllib.request

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

BUCKET = "why403-boto3"
s3 = boto3.client("s3")


def refused(code, message, call, **kwargs):
    try:
        call(**kwargs)
    except ClientError as e:
        got = e.response["Error"]
        assert got["Code"] == code, (code, got)
        assert message in got["Message"], (message, got)
        return e.response
    raise AssertionError(f"{call} {kwargs}: not refused with {code}")


# Buckets.
s3.create_bucket(Bucket=BUCKET)
s3.create_bucket(Bucket=BUCKET)  # as often as one likes in us-east-1
s3.get_waiter("bucket_exists").wait(Bucket=BUCKET)
assert BUCKET in [b["Name"] for b in s3.list_buckets()["Buckets"]]
assert s3.get_bucket_location(Bucket=BUCKET)["LocationConstraint"] is None
boto3.client("s3", region_name="eu-west-1").create_bucket(
    Bucket="why403-boto3-eu", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
assert s3.head_bucket(Bucket="why403-boto3-eu")["BucketRegion"] == "eu-west-1"  # redirected by the refusal
refused("BucketAlreadyExists", "", boto3.client(
    "s3", aws_access_key_id="AKIAPARTNER000000001", aws_secret_access_key="partner/Secret+Key0000000000000000000001").create_bucket,
    Bucket=BUCKET)

# Objects: bytes, streams that need aws-chunked, and the high-level transfers.
s3.put_object(Bucket=BUCKET, Key="a/b c+ü.txt", Body=b"hello", Metadata={"colour": "blue"}, ContentType="text/plain",
              Tagging="class=public", CacheControl="no-store")
got = s3.get_object(Bucket=BUCKET, Key="a/b c+ü.txt")
assert got["Body"].read() == b"hello" and got["Metadata"] == {"colour": "blue"} and got["ContentType"] == "text/plain"
assert got["TagCount"] == 1 and got["CacheControl"] == "no-store" and got["ServerSideEncryption"] == "AES256"
assert s3.get_object(Bucket=BUCKET, Key="a/b c+ü.txt", Range="bytes=1-3")["Body"].read() == b"ell"
s3.upload_fileobj(io.BytesIO(b"x" * 3_000_000), BUCKET, "stream", Config=TransferConfig(multipart_threshold=1 << 30))
out = io.BytesIO()
s3.download_fileobj(BUCKET, "stream", out, Config=TransferConfig(multipart_threshold=1 << 30))
assert len(out.getvalue()) == 3_000_000
for algorithm in ("CRC32", "SHA1", "SHA256"):
    put = s3.put_object(Bucket=BUCKET, Key="sum", Body=b"sum", ChecksumAlgorithm=algorithm)
    got = s3.get_object(Bucket=BUCKET, Key="sum", ChecksumMode="ENABLED")
    assert put["Checksum" + algorithm] == got["Checksum" + algorithm] and got["Body"].read() == b"sum"
unsigned = boto3.client("s3", config=Config(s3={"payload_signing_enabled": False}))
unsigned.put_object(Bucket=BUCKET, Key="unsigned", Body=io.BytesIO(b"stream"))
refused("PreconditionFailed", "", s3.put_object, Bucket=BUCKET, Key="sum", Body=b"", IfNoneMatch="*")

# On one connection: empty uploads, refused and not, and one that waits for 100 Continue.
refused("KeyTooLongError", "", s3.put_object, Bucket=BUCKET, Key="k" * 1025, Body=b"")
s3.put_object(Bucket=BUCKET, Key="k" * 1024, Body=b"")
s3.put_object(Bucket=BUCKET, Key="then", Body=b"_")
assert s3.get_object(Bucket=BUCKET, Key="then")["Body"].read() == b"_"

# Listings.
for name in ("l/1", "l/2", "l/3/x", "l/3/y", "l/ä ö"):
    s3.put_object(Bucket=BUCKET, Key=name, Body=b"")
pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="l/", Delimiter="/", PaginationConfig={"PageSize": 1})
rows = [(o["Key"] for o in p.get("Contents", [])) for p in pages]
assert [k for r in rows for k in r] == ["l/1", "l/2", "l/ä ö"]
v1 = s3.list_objects(Bucket=BUCKET, Prefix="l/", Delimiter="/", MaxKeys=3)
assert [p["Prefix"] for p in v1["CommonPrefixes"]] == ["l/3/"] and v1["IsTruncated"] and v1["NextMarker"] == "l/3/"
assert s3.list_objects(Bucket=BUCKET, Prefix="l/", Marker="l/3/", Delimiter="/")["Contents"][0]["Key"] == "l/ä ö"
owner = s3.list_objects_v2(Bucket=BUCKET, FetchOwner=True)["Contents"][0]["Owner"]["ID"]
assert owner == s3.get_bucket_acl(Bucket=BUCKET)["Owner"]["ID"] and len(owner) == 64

# Copies.
s3.copy_object(Bucket=BUCKET, Key="copy", CopySource={"Bucket": BUCKET, "Key": "a/b c+ü.txt"})
assert s3.head_object(Bucket=BUCKET, Key="copy")["Metadata"] == {"colour": "blue"}
assert s3.get_object_tagging(Bucket=BUCKET, Key="copy")["TagSet"] == [{"Key": "class", "Value": "public"}]
s3.copy_object(Bucket=BUCKET, Key="copy", CopySource=f"{BUCKET}/copy", MetadataDirective="REPLACE", Metadata={"n": "1"})
assert s3.head_object(Bucket=BUCKET, Key="copy")["Metadata"] == {"n": "1"}
refused("InvalidRequest", "copy an object to itself", s3.copy_object, Bucket=BUCKET, Key="copy", CopySource=f"{BUCKET}/copy")
refused("NoSuchKey", "", s3.copy_object, Bucket=BUCKET, Key="x", CopySource=f"{BUCKET}/none")

# Settings.
policy = {"Version": "2012-10-17", "Statement": [{
    "Sid": "NoDelete", "Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": f"arn:aws:s3:::{BUCKET}/l/*"}]}
s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))
assert json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"]) == policy
refused("AccessDenied", "with an explicit deny in a resource-based policy", s3.delete_object, Bucket=BUCKET, Key="l/1")
mixed = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": "l/1"}, {"Key": "sum"}]})
assert [d["Key"] for d in mixed["Deleted"]] == ["sum"] and [(e["Key"], e["Code"]) for e in mixed["Errors"]] == [("l/1", "AccessDenied")]
s3.delete_bucket_policy(Bucket=BUCKET)
s3.put_bucket_ownership_controls(Bucket=BUCKET, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
s3.put_object_acl(Bucket=BUCKET, Key="copy", AccessControlPolicy={
    "Owner": {"ID": owner},
    "Grants": [{"Grantee": {"Type": "CanonicalUser", "ID": owner}, "Permission": "FULL_CONTROL"},
               {"Grantee": {"Type": "CanonicalUser", "ID": "0" * 64}, "Permission": "READ"}]})
assert len(s3.get_object_acl(Bucket=BUCKET, Key="copy")["Grants"]) == 2
s3.put_object_acl(Bucket=BUCKET, Key="copy", GrantRead=f'id="{owner}"')
assert s3.get_object_acl(Bucket=BUCKET, Key="copy")["Grants"][0]["Permission"] == "READ"

# Presigned URLs, of both signature versions.
for version in ("s3v4", "s3"):
    signer = boto3.client("s3", config=Config(signature_version=version))
    url = signer.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "a/b c+ü.txt"}, ExpiresIn=60)
    assert urllib.request.urlopen(url).read() == b"hello"
    put = urllib.request.Request(signer.generate_presigned_url("put_object", Params={"Bucket": BUCKET, "Key": "presigned"}, ExpiresIn=60),
                                 data=version.encode(), method="PUT")
    try:
        urllib.request.urlopen(put)
        assert version == "s3v4" and s3.get_object(Bucket=BUCKET, Key="presigned")["Body"].read() == version.encode()
    except urllib.error.HTTPError as e:  # urllib adds a Content-Type, which the older version signs
        assert version == "s3" and e.code == 403 and b"SignatureDoesNotMatch" in e.read()
try:
    urllib.request.urlopen(os.environ["AWS_ENDPOINT_URL"] + f"/{BUCKET}/copy")
    raise AssertionError("anonymous read of a private object")
except urllib.error.HTTPError as e:
    assert e.code == 403

# Sessions.
session = boto3.client("sts").assume_role(RoleArn="arn:aws:iam::111122223333:role/service/app", RoleSessionName="boto3",
                                          Tags=[{"Key": "team", "Value": "blue"}])["Credentials"]
role = boto3.client("s3", aws_access_key_id=session["AccessKeyId"], aws_secret_access_key=session["SecretAccessKey"],
                    aws_session_token=session["SessionToken"])
role.put_object(Bucket="reports", Key="blue/x", Body=b"x")
refused("AccessDenied", "because no identity-based policy allows the s3:PutObject action", role.put_object, Bucket="reports", Key="red/x")

# Away with it all.
bucket = boto3.resource("s3").Bucket(BUCKET)
refused("BucketNotEmpty", "", s3.delete_bucket, Bucket=BUCKET)
bucket.objects.all().delete()
bucket.delete()
refused("NoSuchBucket", "", s3.list_objects_v2, Bucket=BUCKET)
