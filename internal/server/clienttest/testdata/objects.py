"""Objects as public conformance suites ask for them, through boto3: ACL matrices,
copies, conditions, ranges, encryption, Object Lock. AWS_ENDPOINT_URL and the keys
of the estate's administrator are in the environment. It prints nothing and ends
with status 0 when all is as on AWS."""

import base64
import datetime
import hashlib

import boto3
from botocore.exceptions import ClientError

s3 = boto3.client("s3")
alt = boto3.client("s3", aws_access_key_id="AKIAPARTNER000000001",
                   aws_secret_access_key="partner/Secret+Key0000000000000000000001")
BUCKET, PLAIN, LOCKED = "why403-objects", "why403-objects-plain", "why403-objects-locked"
ME, THEM = s3.list_buckets()["Owner"]["ID"], alt.list_buckets()["Owner"]["ID"]
ALL = "http://acs.amazonaws.com/groups/global/AllUsers"
AUTHENTICATED = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"


def status(call, **kwargs):
    try:
        return call(**kwargs)["ResponseMetadata"]["HTTPStatusCode"]
    except ClientError as e:
        return e.response["ResponseMetadata"]["HTTPStatusCode"]


def refused(code, call, message="", **kwargs):
    try:
        got = call(**kwargs)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, (code, e.response["Error"], kwargs)
        assert message in (e.response["Error"].get("Message") or ""), (message, e.response["Error"])
        return
    raise AssertionError((code, kwargs, got))


def grants(bucket, key):
    got = s3.get_object_acl(Bucket=bucket, Key=key)
    assert got["Owner"] == {"ID": ME}, got
    return sorted((g["Grantee"].get("ID") or g["Grantee"]["URI"], g["Permission"]) for g in got["Grants"])


# Object ACLs: canned, headers, XML.
s3.create_bucket(Bucket=BUCKET, ObjectOwnership="ObjectWriter")
s3.delete_public_access_block(Bucket=BUCKET)
own = (ME, "FULL_CONTROL")
for canned, more in {"private": [], "public-read": [(ALL, "READ")], "public-read-write": [(ALL, "READ"), (ALL, "WRITE")],
                     "authenticated-read": [(AUTHENTICATED, "READ")], "bucket-owner-read": [], "bucket-owner-full-control": []}.items():
    s3.put_object(Bucket=BUCKET, Key="canned", ACL=canned)
    assert grants(BUCKET, "canned") == sorted([own] + more), canned
    s3.put_object(Bucket=BUCKET, Key="later")
    s3.put_object_acl(Bucket=BUCKET, Key="later", ACL=canned)
    assert grants(BUCKET, "later") == sorted([own] + more), canned
refused("InvalidArgument", s3.put_object_acl, Bucket=BUCKET, Key="canned", ACL="public-everything")
s3.put_object(Bucket=BUCKET, Key="k", GrantFullControl=f"id={ME}", GrantRead=f'id="{THEM}", uri={AUTHENTICATED}')
assert grants(BUCKET, "k") == sorted([own, (THEM, "READ"), (AUTHENTICATED, "READ")])


def granting(permission, **grantee):
    return {"Owner": {"ID": ME}, "Grants": [{"Grantee": grantee, "Permission": permission}]}


user = {"ID": THEM, "Type": "CanonicalUser"}
for permission, (read, read_acp, write_acp) in {
        "FULL_CONTROL": (200, 200, 200), "READ": (200, 403, 403), "WRITE": (403, 403, 403),
        "READ_ACP": (403, 200, 403), "WRITE_ACP": (403, 403, 200)}.items():
    s3.put_object(Bucket=BUCKET, Key="k", Body=b"x")
    policy = granting(permission, **user)
    s3.put_object_acl(Bucket=BUCKET, Key="k", AccessControlPolicy=policy)
    assert grants(BUCKET, "k") == [(THEM, permission)]
    assert status(alt.get_object, Bucket=BUCKET, Key="k") == read, permission
    assert status(alt.head_object, Bucket=BUCKET, Key="k") == read, permission
    assert status(alt.get_object_acl, Bucket=BUCKET, Key="k") == read_acp, permission
    assert status(alt.put_object_acl, Bucket=BUCKET, Key="k", AccessControlPolicy=policy) == write_acp, permission
    assert status(alt.delete_object, Bucket=BUCKET, Key="k") == 403, permission
refused("InvalidArgument", s3.put_object_acl, "Invalid id", Bucket=BUCKET, Key="k", AccessControlPolicy=granting("READ", ID="deadbeef", Type="CanonicalUser"))
refused("MethodNotAllowed", s3.put_object_acl, Bucket=BUCKET, Key="k",
        AccessControlPolicy=granting("READ", EmailAddress="a@example.com", Type="AmazonCustomerByEmail"))
refused("MalformedACLError", s3.put_object_acl, Bucket=BUCKET, Key="k", AccessControlPolicy=granting("EVERYTHING", **user))
refused("InvalidRequest", s3.put_object, Bucket=BUCKET, Key="k", ACL="private", GrantRead=f"id={THEM}")
s3.put_bucket_acl(Bucket=BUCKET, ACL="public-read-write")
alt.put_object(Bucket=BUCKET, Key="theirs", Body=b"x")
assert alt.get_object_acl(Bucket=BUCKET, Key="theirs")["Owner"] == {"ID": THEM}
assert status(s3.get_object, Bucket=BUCKET, Key="theirs") == 403
alt.put_object_acl(Bucket=BUCKET, Key="theirs", ACL="bucket-owner-read")
assert status(s3.get_object, Bucket=BUCKET, Key="theirs") == 200
assert status(alt.delete_object, Bucket=BUCKET, Key="theirs") == 204

# With ACLs disabled, the default of today.
s3.create_bucket(Bucket=PLAIN)
refused("AccessControlListNotSupported", s3.put_object, Bucket=PLAIN, Key="k", ACL="public-read")
s3.put_object(Bucket=PLAIN, Key="k", ACL="bucket-owner-full-control")
refused("AccessControlListNotSupported", s3.put_object_acl, Bucket=PLAIN, Key="k", ACL="private")
assert grants(PLAIN, "k") == [own]

# Copies.
s3.put_object(Bucket=PLAIN, Key="src", Body=b"hello", Metadata={"a": "b"}, ContentType="text/x", CacheControl="no-cache", Tagging="t=1")
src = {"Bucket": PLAIN, "Key": "src"}
etag = s3.copy_object(Bucket=PLAIN, Key="copy", CopySource=src)["CopyObjectResult"]["ETag"]
got = s3.get_object(Bucket=PLAIN, Key="copy")
assert (got["Metadata"], got["ContentType"], got["CacheControl"], got["TagCount"]) == ({"a": "b"}, "text/x", "no-cache", 1)
s3.copy_object(Bucket=PLAIN, Key="copy", CopySource=src, MetadataDirective="REPLACE", Metadata={"c": "d"}, TaggingDirective="REPLACE")
got = s3.get_object(Bucket=PLAIN, Key="copy")
assert (got["Metadata"], got["ContentType"], got.get("TagCount")) == ({"c": "d"}, "binary/octet-stream", None), got
refused("InvalidRequest", s3.copy_object, "copy an object to itself", Bucket=PLAIN, Key="src", CopySource=src)
for change in ({"StorageClass": "STANDARD_IA"}, {"MetadataDirective": "REPLACE"}, {"ServerSideEncryption": "AES256"}, {"WebsiteRedirectLocation": "/x"}):
    s3.copy_object(Bucket=PLAIN, Key="src", CopySource=src, **change)
refused("NoSuchBucket", s3.copy_object, Bucket=PLAIN, Key="x", CopySource={"Bucket": PLAIN + "-none", "Key": "src"})
refused("NoSuchKey", s3.copy_object, Bucket=PLAIN, Key="x", CopySource={"Bucket": PLAIN, "Key": "none"})
refused("InvalidArgument", s3.copy_object, Bucket=PLAIN, Key="x", CopySource="nokey")
refused("InvalidArgument", s3.copy_object, Bucket=PLAIN, Key="x", CopySource=src, MetadataDirective="MERGE")
refused("AccessDenied", alt.copy_object, Bucket=PLAIN, Key="x", CopySource=src)
bad = '"ffffffffffffffffffffffffffffffff"'
s3.copy_object(Bucket=PLAIN, Key="x", CopySource=src, CopySourceIfMatch=etag, CopySourceIfNoneMatch=bad)
for condition in ({"CopySourceIfMatch": bad}, {"CopySourceIfNoneMatch": etag}, {"IfNoneMatch": "*"}, {"IfMatch": bad}):
    refused("PreconditionFailed", s3.copy_object, Bucket=PLAIN, Key="x", CopySource=src, **condition)

# Conditional writes and deletes.
refused("PreconditionFailed", s3.put_object, Bucket=PLAIN, Key="x", IfNoneMatch="*")
refused("PreconditionFailed", s3.put_object, Bucket=PLAIN, Key="x", IfMatch=bad)
refused("NoSuchKey", s3.put_object, Bucket=PLAIN, Key="none", IfMatch=etag)
refused("NotImplemented", s3.put_object, Bucket=PLAIN, Key="x", IfNoneMatch=etag)
s3.put_object(Bucket=PLAIN, Key="x", IfMatch=s3.head_object(Bucket=PLAIN, Key="x")["ETag"])
refused("PreconditionFailed", s3.delete_object, Bucket=PLAIN, Key="x", IfMatch=bad)
s3.delete_object(Bucket=PLAIN, Key="x", IfMatch=s3.head_object(Bucket=PLAIN, Key="x")["ETag"])
s3.put_object(Bucket=PLAIN, Key="x", Body=b"new", IfNoneMatch="*")

# Ranges.
s3.put_object(Bucket=PLAIN, Key="r", Body=b"testcontent")
for header, body, place in (("bytes=4-7", b"cont", "bytes 4-7/11"), ("bytes=4-", b"content", "bytes 4-10/11"), ("bytes=-7", b"content", "bytes 4-10/11"),
                            ("bytes=4-99", b"content", "bytes 4-10/11")):
    got = s3.get_object(Bucket=PLAIN, Key="r", Range=header)
    assert (got["ResponseMetadata"]["HTTPStatusCode"], got["Body"].read(), got["ContentRange"]) == (206, body, place)
refused("InvalidRange", s3.get_object, Bucket=PLAIN, Key="r", Range="bytes=40-50")
refused("InvalidRange", s3.get_object, Bucket=PLAIN, Key="k", Range="bytes=0-1")  # empty


# SSE-C, with multipart uploads. botocore encodes the key, and adds its MD5.
def key(letter, source=""):
    return {f"{source}SSECustomerAlgorithm": "AES256", f"{source}SSECustomerKey": letter * 32}


C = "own-keys"
body = bytes(range(256)) * 25_000
part = body[:5 << 20]
upload = s3.create_multipart_upload(Bucket=C, Key="c", **key("k"))["UploadId"]
refused("InvalidRequest", s3.upload_part, Bucket=C, Key="c", UploadId=upload, PartNumber=1, Body=b"x")
refused("InvalidRequest", s3.upload_part, Bucket=C, Key="c", UploadId=upload, PartNumber=1, Body=b"x", **key("o"))
parts = [{"PartNumber": n + 1, "ETag": s3.upload_part(Bucket=C, Key="c", UploadId=upload, PartNumber=n + 1, Body=b, **key("k"))["ETag"]}
         for n, b in enumerate((part, body[5 << 20:]))]
s3.complete_multipart_upload(Bucket=C, Key="c", UploadId=upload, MultipartUpload={"Parts": parts})
got = s3.get_object(Bucket=C, Key="c", **key("k"))
assert got["Body"].read() == body and got["SSECustomerKeyMD5"] == base64.b64encode(hashlib.md5(b"k" * 32).digest()).decode() and "ServerSideEncryption" not in got
assert s3.get_object(Bucket=C, Key="c", Range=f"bytes={(5 << 20) - 2}-{(5 << 20) + 1}", **key("k"))["Body"].read() == body[(5 << 20) - 2:(5 << 20) + 2]
assert status(s3.head_object, Bucket=C, Key="c") == 400
assert status(s3.head_object, Bucket=C, Key="c", **key("o")) == 403
assert status(s3.get_object, Bucket=C, Key="c", **key("o")) == 403
s3.copy_object(Bucket=C, Key="copy", CopySource={"Bucket": C, "Key": "c"}, **key("k", "CopySource"))
assert s3.get_object(Bucket=C, Key="copy")["Body"].read() == body

# SSE-KMS and DSSE.
for algorithm in ("aws:kms", "aws:kms:dsse"):
    put = s3.put_object(Bucket=PLAIN, Key="kms", Body=body, ServerSideEncryption=algorithm, SSEKMSKeyId="alias/data")
    assert put["SSEKMSKeyId"].startswith("arn:aws:kms:us-east-1:111122223333:key/") and put["ETag"] != f'"{hashlib.md5(body).hexdigest()}"'
    got = s3.get_object(Bucket=PLAIN, Key="kms")
    assert got["Body"].read() == body and got["ServerSideEncryption"] == algorithm and got["SSEKMSKeyId"] == put["SSEKMSKeyId"]
refused("InvalidArgument", s3.put_object, Bucket=PLAIN, Key="kms", SSEKMSKeyId="alias/data")
refused("KMS.NotFoundException", s3.put_object, Bucket=PLAIN, Key="kms", ServerSideEncryption="aws:kms", SSEKMSKeyId="alias/none")

# What becomes of a key is told by every read and write under it.
kms = boto3.client("kms")
arn = kms.create_key()["KeyMetadata"]["Arn"]
s3.put_bucket_encryption(Bucket=PLAIN, ServerSideEncryptionConfiguration={"Rules": [
    {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn}, "BucketKeyEnabled": True}]})
put = s3.put_object(Bucket=PLAIN, Key="by-default", Body=b"x")
assert (put["ServerSideEncryption"], put["SSEKMSKeyId"], put["BucketKeyEnabled"]) == ("aws:kms", arn, True)
for change, code in ((kms.disable_key, "KMS.DisabledException"), (kms.schedule_key_deletion, "KMS.KMSInvalidStateException")):
    change(KeyId=arn)
    refused(code, s3.get_object, Bucket=PLAIN, Key="by-default")
    refused(code, s3.put_object, Bucket=PLAIN, Key="by-default")
    refused(code, s3.create_multipart_upload, Bucket=PLAIN, Key="by-default")
    refused(code, s3.copy_object, Bucket=PLAIN, Key="copy", CopySource={"Bucket": PLAIN, "Key": "by-default"}, ServerSideEncryption="AES256")
kms.cancel_key_deletion(KeyId=arn)
kms.enable_key(KeyId=arn)
assert s3.get_object(Bucket=PLAIN, Key="by-default")["Body"].read() == b"x"
s3.delete_bucket_encryption(Bucket=PLAIN)
assert s3.put_object(Bucket=PLAIN, Key="by-default")["ServerSideEncryption"] == "AES256"

# Checksums that boto3 has by itself, in headers and trailers.
for algorithm in ("CRC32", "SHA1", "SHA256"):
    put = s3.put_object(Bucket=PLAIN, Key="sum", Body=b"sum", ChecksumAlgorithm=algorithm)
    got = s3.get_object_attributes(Bucket=PLAIN, Key="sum", ObjectAttributes=["Checksum", "ETag", "ObjectSize", "StorageClass"])
    assert got["Checksum"][f"Checksum{algorithm}"] == put[f"Checksum{algorithm}"] and got["ObjectSize"] == 3 and got["StorageClass"] == "STANDARD"

# Object Lock.
s3.create_bucket(Bucket=LOCKED, ObjectLockEnabledForBucket=True)
lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}}
s3.put_object_lock_configuration(Bucket=LOCKED, ObjectLockConfiguration=lock)
assert s3.get_object_lock_configuration(Bucket=LOCKED)["ObjectLockConfiguration"] == lock
soon = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(days=2)
version = s3.put_object(Bucket=LOCKED, Key="k", Body=b"x")["VersionId"]
named = {"Bucket": LOCKED, "Key": "k", "VersionId": version}
assert s3.head_object(**named)["ObjectLockMode"] == "GOVERNANCE"
s3.put_object_retention(**named, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": soon})
assert s3.get_object_retention(**named)["Retention"] == {"Mode": "GOVERNANCE", "RetainUntilDate": soon}
refused("AccessDenied", s3.delete_object, "object protected by object lock", **named)
refused("AccessDenied", s3.put_object_retention, **named, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": soon - datetime.timedelta(days=1)})
s3.put_object_legal_hold(**named, LegalHold={"Status": "ON"})
refused("AccessDenied", s3.delete_object, **named, BypassGovernanceRetention=True)
s3.put_object_legal_hold(**named, LegalHold={"Status": "OFF"})
gone = s3.delete_objects(Bucket=LOCKED, Delete={"Objects": [{"Key": "k", "VersionId": version}]}, BypassGovernanceRetention=True)
assert [d["VersionId"] for d in gone["Deleted"]] == [version] and "Errors" not in gone
refused("ObjectLockConfigurationNotFoundError", s3.get_object_lock_configuration, Bucket=PLAIN)
refused("InvalidRequest", s3.get_object_retention, Bucket=PLAIN, Key="k")

# Archives.
s3.put_object(Bucket=PLAIN, Key="cold", Body=b"cold", StorageClass="GLACIER")
refused("InvalidObjectState", s3.get_object, Bucket=PLAIN, Key="cold")
s3.restore_object(Bucket=PLAIN, Key="cold", RestoreRequest={"Days": 1, "GlacierJobParameters": {"Tier": "Standard"}})
assert 'ongoing-request="false"' in s3.head_object(Bucket=PLAIN, Key="cold")["Restore"]
assert s3.get_object(Bucket=PLAIN, Key="cold")["Body"].read() == b"cold"
assert [o["RestoreStatus"]["IsRestoreInProgress"] for o in
        s3.list_objects_v2(Bucket=PLAIN, Prefix="cold", OptionalObjectAttributes=["RestoreStatus"])["Contents"]] == [False]
