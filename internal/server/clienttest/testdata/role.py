"""What a program does with the credentials of the role app, as boto3 finds them: it
writes an object, reads it back, and asks for one that it may not read, which ends it
with status 7. With arguments it assumes that role itself."""

import sys

import boto3
from botocore.exceptions import ClientError

s3 = boto3.client("s3")
if len(sys.argv) > 1:
    c = boto3.client("sts").assume_role(RoleArn=sys.argv[1], RoleSessionName="itself")["Credentials"]
    s3 = boto3.client("s3", aws_access_key_id=c["AccessKeyId"], aws_secret_access_key=c["SecretAccessKey"], aws_session_token=c["SessionToken"])
body = bytes(range(256)) * 4096
s3.put_object(Bucket="reports", Key="app/python+ü .bin", Body=body)
assert s3.get_object(Bucket="reports", Key="app/python+ü .bin")["Body"].read() == body
print("written and read")
try:
    s3.get_object(Bucket="reports", Key="elsewhere")
except ClientError as e:
    print(e, file=sys.stderr)
    sys.exit(7)
