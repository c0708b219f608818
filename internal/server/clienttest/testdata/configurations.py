# Bucket configurations through boto3: what was put comes back as boto3 reads it.
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

s3 = boto3.client("s3", config=Config(s3={"addressing_style": "path"}))
B = "why403-configurations"
s3.create_bucket(Bucket=B)
s3.create_bucket(Bucket=B + "-target")


def code(call, **kwargs):
    try:
        call(Bucket=B, **kwargs)
    except ClientError as e:
        return e.response["Error"]["Code"], e.response["ResponseMetadata"]["HTTPStatusCode"]
    return None


assert s3.get_bucket_encryption(Bucket=B)["ServerSideEncryptionConfiguration"]["Rules"][0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/aws/s3"}, "BucketKeyEnabled": True,
        "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]}}
s3.put_bucket_encryption(Bucket=B, ServerSideEncryptionConfiguration={"Rules": [rule]})
assert s3.get_bucket_encryption(Bucket=B)["ServerSideEncryptionConfiguration"]["Rules"] == [rule]
s3.delete_bucket_encryption(Bucket=B)

assert code(s3.get_bucket_cors) == ("NoSuchCORSConfiguration", 404)
cors = {"CORSRules": [{"AllowedHeaders": ["*"], "AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["https://example.com"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 30}]}
s3.put_bucket_cors(Bucket=B, CORSConfiguration=cors)
assert s3.get_bucket_cors(Bucket=B)["CORSRules"] == cors["CORSRules"]
s3.delete_bucket_cors(Bucket=B)

assert code(s3.get_bucket_lifecycle_configuration) == ("NoSuchLifecycleConfiguration", 404)
rules = [{"ID": "a", "Filter": {"And": {"Prefix": "x", "Tags": [{"Key": "k", "Value": "v"}], "ObjectSizeGreaterThan": 1}}, "Status": "Enabled", "Expiration": {"Days": 60},
          "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}]},
         {"ID": "b", "Filter": {"Prefix": ""}, "Status": "Disabled", "NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": 2}}]
got = s3.put_bucket_lifecycle_configuration(Bucket=B, LifecycleConfiguration={"Rules": rules}, TransitionDefaultMinimumObjectSize="varies_by_storage_class")
assert got["TransitionDefaultMinimumObjectSize"] == "varies_by_storage_class"
got = s3.get_bucket_lifecycle_configuration(Bucket=B)
assert got["Rules"] == rules and got["TransitionDefaultMinimumObjectSize"] == "varies_by_storage_class", got
s3.delete_bucket_lifecycle(Bucket=B)

assert code(s3.get_bucket_website) == ("NoSuchWebsiteConfiguration", 404)
site = {"IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "error.html"},
        "RoutingRules": [{"Condition": {"KeyPrefixEquals": "docs/"}, "Redirect": {"ReplaceKeyPrefixWith": "documents/"}}]}
s3.put_bucket_website(Bucket=B, WebsiteConfiguration=site)
got = s3.get_bucket_website(Bucket=B)
assert {k: got[k] for k in site} == site, got
s3.delete_bucket_website(Bucket=B)

assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=B)
logging = {"TargetBucket": B + "-target", "TargetPrefix": "", "TargetObjectKeyFormat": {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}}}
s3.put_bucket_logging(Bucket=B, BucketLoggingStatus={"LoggingEnabled": logging})
assert s3.get_bucket_logging(Bucket=B)["LoggingEnabled"] == logging
s3.put_bucket_logging(Bucket=B, BucketLoggingStatus={})
assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=B)
assert code(s3.put_bucket_logging, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "nobody-has-this", "TargetPrefix": ""}}) == ("InvalidTargetBucketForLogging", 400)

got = s3.get_bucket_notification_configuration(Bucket=B)
assert not any(k.endswith("Configurations") for k in got), got
queue = {"Id": "n", "QueueArn": "arn:aws:sqs:us-east-1:111122223333:q", "Events": ["s3:ObjectCreated:*"], "Filter": {"Key": {"FilterRules": [{"Name": "Prefix", "Value": "a"}]}}}
s3.put_bucket_notification_configuration(Bucket=B, NotificationConfiguration={"QueueConfigurations": [queue], "EventBridgeConfiguration": {}})
got = s3.get_bucket_notification_configuration(Bucket=B)
assert got["QueueConfigurations"] == [queue] and got["EventBridgeConfiguration"] == {}, got

for who in (B, B + "-target"):
    s3.put_bucket_versioning(Bucket=who, VersioningConfiguration={"Status": "Enabled"})
assert code(s3.get_bucket_replication) == ("ReplicationConfigurationNotFoundError", 404)
replication = {"Role": "arn:aws:iam::111122223333:role/replication", "Rules": [
    {"ID": "r", "Priority": 1, "Filter": {"Prefix": "x"}, "Status": "Enabled", "Destination": {"Bucket": f"arn:aws:s3:::{B}-target"}, "DeleteMarkerReplication": {"Status": "Disabled"}}]}
s3.put_bucket_replication(Bucket=B, ReplicationConfiguration=replication)
assert s3.get_bucket_replication(Bucket=B)["ReplicationConfiguration"] == replication
s3.delete_bucket_replication(Bucket=B)

inventory = {"Id": "i", "IsEnabled": True, "Destination": {"S3BucketDestination": {"Bucket": f"arn:aws:s3:::{B}-target", "Format": "CSV", "Encryption": {"SSES3": {}}}},
             "IncludedObjectVersions": "All", "OptionalFields": ["Size", "ETag"], "Schedule": {"Frequency": "Daily"}}
assert code(s3.get_bucket_inventory_configuration, Id="i") == ("NoSuchConfiguration", 404)
s3.put_bucket_inventory_configuration(Bucket=B, Id="i", InventoryConfiguration=inventory)
assert s3.get_bucket_inventory_configuration(Bucket=B, Id="i")["InventoryConfiguration"] == inventory
assert s3.list_bucket_inventory_configurations(Bucket=B)["InventoryConfigurationList"] == [inventory]
s3.delete_bucket_inventory_configuration(Bucket=B, Id="i")
analytics = {"Id": "a", "Filter": {"Prefix": "p"}, "StorageClassAnalysis": {}}
s3.put_bucket_analytics_configuration(Bucket=B, Id="a", AnalyticsConfiguration=analytics)
assert s3.list_bucket_analytics_configurations(Bucket=B)["AnalyticsConfigurationList"] == [analytics]
metrics = {"Id": "m", "Filter": {"Tag": {"Key": "k", "Value": "v"}}}
s3.put_bucket_metrics_configuration(Bucket=B, Id="m", MetricsConfiguration=metrics)
assert s3.list_bucket_metrics_configurations(Bucket=B)["MetricsConfigurationList"] == [metrics]
tiering = {"Id": "t", "Status": "Enabled", "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]}
s3.put_bucket_intelligent_tiering_configuration(Bucket=B, Id="t", IntelligentTieringConfiguration=tiering)
assert s3.list_bucket_intelligent_tiering_configurations(Bucket=B)["IntelligentTieringConfigurationList"] == [tiering]

assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket=B)
s3.put_bucket_accelerate_configuration(Bucket=B, AccelerateConfiguration={"Status": "Enabled"})
assert s3.get_bucket_accelerate_configuration(Bucket=B)["Status"] == "Enabled"
s3.put_bucket_request_payment(Bucket=B, RequestPaymentConfiguration={"Payer": "Requester"})
assert s3.get_bucket_request_payment(Bucket=B)["Payer"] == "Requester"

assert code(s3.get_bucket_policy_status) == ("NoSuchBucketPolicy", 404)
s3.put_bucket_tagging(Bucket=B, Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
assert s3.get_bucket_abac(Bucket=B)["AbacStatus"]["Status"] == "Disabled"
s3.put_bucket_abac(Bucket=B, AbacStatus={"Status": "Enabled"})
assert code(s3.put_bucket_tagging, Tagging={"TagSet": []})[1] == 400
assert s3.get_bucket_tagging(Bucket=B)["TagSet"] == [{"Key": "a", "Value": "1"}]

assert code(s3.get_bucket_metadata_configuration) == ("NotImplemented", 501)
assert code(s3.list_objects_v2, ExpectedBucketOwner="444455556666") == ("AccessDenied", 403)
s3.list_objects_v2(Bucket=B, ExpectedBucketOwner="111122223333")

page = s3.list_buckets(MaxBuckets=1, Prefix=B)
assert page["Buckets"][0]["BucketRegion"] == "us-east-1" and page["Prefix"] == B and page["ContinuationToken"], page
page = s3.list_buckets(MaxBuckets=1, Prefix=B, ContinuationToken=page["ContinuationToken"])
assert [b["Name"] for b in page["Buckets"]] == [B + "-target"] and "ContinuationToken" not in page, page
sys.stdout.write("done\n")
