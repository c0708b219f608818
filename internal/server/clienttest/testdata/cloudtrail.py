"""A session of boto3 with CloudTrail: AWS_ENDPOINT_URL and the keys of the estate's
administrator are in the environment. It prints nothing and ends with status 0 when all
is as on AWS."""

import gzip
import json
import time

import boto3
from botocore.exceptions import ClientError

trail, s3 = boto3.client("cloudtrail"), boto3.client("s3")
nobody = boto3.client("s3", aws_access_key_id="AKIANOBODY0000000001", aws_secret_access_key="nobody/Secret+Key00000000000000000000001")
BUCKET, ARN = "why403-trails", "arn:aws:cloudtrail:us-east-1:111122223333:trail/all"

s3.create_bucket(Bucket=BUCKET)
try:
    trail.create_trail(Name="all", S3BucketName=BUCKET)
    raise AssertionError("the bucket does not let CloudTrail in")
except trail.exceptions.InsufficientS3BucketPolicyException:
    pass
s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:GetBucketAcl", "Resource": f"arn:aws:s3:::{BUCKET}"},
    {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject",
     "Resource": f"arn:aws:s3:::{BUCKET}/p/AWSLogs/111122223333/*", "Condition": {"StringEquals": {
         "s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": ARN}}}]}))
made = trail.create_trail(Name="all", S3BucketName=BUCKET, S3KeyPrefix="p", IsMultiRegionTrail=True)
assert made["TrailARN"] == ARN and made["IsMultiRegionTrail"] is True
assert [t["TrailARN"] for t in trail.describe_trails()["trailList"]] == [ARN] == [t["TrailARN"] for t in trail.list_trails()["Trails"]]
assert trail.get_trail(Name=ARN)["Trail"]["S3BucketName"] == BUCKET and trail.get_trail_status(Name="all")["IsLogging"] is False
assert trail.get_event_selectors(TrailName="all")["EventSelectors"][0]["IncludeManagementEvents"] is True
selectors = [{"Name": "objects", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
                                                    {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::reports/"]}]}]
trail.put_event_selectors(TrailName="all", AdvancedEventSelectors=selectors)
assert trail.get_event_selectors(TrailName="all")["AdvancedEventSelectors"] == selectors
trail.start_logging(Name="all")
assert trail.get_trail_status(Name="all")["IsLogging"] is True

# A denial, as the caller met it, in the file that is delivered.
try:
    nobody.get_object(Bucket="reports", Key="2026/q1.csv")
    raise AssertionError("nobody may")
except ClientError as e:
    refused = e.response
for _ in range(60):
    files = s3.list_objects_v2(Bucket=BUCKET, Prefix="p/AWSLogs/111122223333/CloudTrail/us-east-1/").get("Contents", [])
    if files:
        break
    time.sleep(1)
record = json.loads(gzip.decompress(s3.get_object(Bucket=BUCKET, Key=files[0]["Key"])["Body"].read()))["Records"][0]
assert record["eventName"] == "GetObject" and record["errorCode"] == "AccessDenied" and record["errorMessage"] == refused["Error"]["Message"], record
assert record["requestID"] == refused["ResponseMetadata"]["RequestId"] and record["requestParameters"]["key"] == "2026/q1.csv"
assert record["userIdentity"]["arn"].endswith(":user/nobody") and record["eventCategory"] == "Data" and record["managementEvent"] is False

# The event history.
found = trail.lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateTrail"}])["Events"]
assert len(found) == 2 and found[0]["Username"] == "admin" and json.loads(found[1]["CloudTrailEvent"])["errorCode"] == "InsufficientS3BucketPolicyException"
trail.stop_logging(Name="all")
trail.delete_trail(Name="all")
try:
    trail.get_trail(Name="all")
    raise AssertionError("the trail is there")
except trail.exceptions.TrailNotFoundException:
    pass
