"""Multipart uploads of boto3 with the endpoint: AWS_ENDPOINT_URL and the keys of
the estate's administrator are in the environment. It prints nothing and ends with
status 0 when all is as on AWS."""

import hashlib
import io
import random

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

MIB = 1 << 20
BUCKET = "reports"
s3 = boto3.client("s3")
config = TransferConfig(multipart_threshold=8 * MIB, multipart_chunksize=8 * MIB)
content = random.Random(403).randbytes(20 * MIB + 7)


def refused(code, call, **kwargs):
    try:
        call(**kwargs)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, (code, e.response["Error"])
        return
    raise AssertionError(f"{call} {kwargs}: not refused with {code}")


def read(key, **kwargs):
    return s3.get_object(Bucket=BUCKET, Key=key, **kwargs)["Body"].read()


# The transfer manager, with a file and with a stream, with each checksum.
with open("large.bin", "wb") as f:
    f.write(content)
s3.upload_file("large.bin", BUCKET, "file", Config=config, ExtraArgs={"Metadata": {"n": "1"}, "ContentType": "text/x-test"})
s3.download_file(BUCKET, "file", "back.bin", Config=config)
with open("back.bin", "rb") as f:
    assert f.read() == content
head = s3.head_object(Bucket=BUCKET, Key="file", ChecksumMode="ENABLED")
pieces = [content[i:i + 8 * MIB] for i in range(0, len(content), 8 * MIB)]
etag = hashlib.md5(b"".join(hashlib.md5(p).digest() for p in pieces)).hexdigest()
assert head["ETag"] == f'"{etag}-3"' and head["Metadata"] == {"n": "1"} and head["ContentType"] == "text/x-test", head
assert head["ChecksumCRC32"].endswith("-3") and head["ChecksumType"] == "COMPOSITE", head
for algorithm in ("SHA256", "SHA1"):
    s3.upload_fileobj(io.BytesIO(content), BUCKET, "stream", Config=config, ExtraArgs={"ChecksumAlgorithm": algorithm})
    assert read("stream", ChecksumMode="ENABLED") == content
    assert s3.head_object(Bucket=BUCKET, Key="stream", ChecksumMode="ENABLED")["Checksum" + algorithm].endswith("-3")
s3.copy({"Bucket": BUCKET, "Key": "file"}, BUCKET, "copy", Config=config)
assert read("copy") == content and read("file", PartNumber=3) == pieces[2]

# Step by step: list, a part that is replaced, abort.
up = s3.create_multipart_upload(Bucket=BUCKET, Key="steps")
upload = {"Bucket": BUCKET, "Key": "steps", "UploadId": up["UploadId"]}
for n in (1, 2, 2):
    part = s3.upload_part(PartNumber=n, Body=io.BytesIO(content[:5 * MIB + n]), **upload)
listed = s3.get_paginator("list_parts").paginate(PaginationConfig={"PageSize": 1}, **upload)
parts = [{"PartNumber": p["PartNumber"], "ETag": p["ETag"]} for page in listed for p in page["Parts"]]
assert [p["PartNumber"] for p in parts] == [1, 2] and parts[1]["ETag"] == part["ETag"]
assert [u["Key"] for u in s3.list_multipart_uploads(Bucket=BUCKET)["Uploads"]] == ["steps"]
refused("InvalidPart", s3.complete_multipart_upload, MultipartUpload={"Parts": parts + [{"PartNumber": 3, "ETag": part["ETag"]}]}, **upload)
refused("InvalidPartOrder", s3.complete_multipart_upload, MultipartUpload={"Parts": parts[::-1]}, **upload)
done = s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **upload)
assert done["ETag"].endswith('-2"') and read("steps") == content[:5 * MIB + 1] + content[:5 * MIB + 2]

up = s3.create_multipart_upload(Bucket=BUCKET, Key="aborted", ChecksumAlgorithm="SHA256")
upload = {"Bucket": BUCKET, "Key": "aborted", "UploadId": up["UploadId"]}
s3.upload_part(PartNumber=1, Body=b"x", ChecksumAlgorithm="SHA256", **upload)
s3.abort_multipart_upload(**upload)
refused("NoSuchUpload", s3.list_parts, **upload)
refused("NoSuchUpload", s3.upload_part, PartNumber=1, Body=b"x", **upload)
refused("NoSuchKey", s3.get_object, Bucket=BUCKET, Key="aborted")
assert "Uploads" not in s3.list_multipart_uploads(Bucket=BUCKET)
