"""A program that presigns URLs and uses them without an SDK: one that works, one whose
signer may not, and one without a signature."""

import sys
import urllib.error
import urllib.request

import boto3

s3 = boto3.client("s3", region_name="us-east-1")
s3.put_object(Bucket="reports", Key="presigned", Body=b"hello")
url = s3.generate_presigned_url("get_object", Params={"Bucket": "reports", "Key": "presigned"})
assert ".amazonaws.com/presigned?" in url, url
assert urllib.request.urlopen(url).read() == b"hello"
status = 0
for url in (url[:-1] + ("0" if url[-1] != "0" else "1"), url.partition("?")[0]):
    try:
        urllib.request.urlopen(url)
    except urllib.error.HTTPError as e:
        status = e.code
print(status)
