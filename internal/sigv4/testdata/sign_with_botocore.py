"""Writes botocore.json: requests signed by botocore, an implementation that
shares nothing with this package. Run with botocore 1.43.11:

    python3 sign_with_botocore.py > botocore.json
"""
import base64
import datetime
import json

import botocore
import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

NOW = datetime.datetime(2026, 11, 22, 10, 0, 0, tzinfo=datetime.timezone.utc)
botocore.auth.get_current_datetime = lambda remove_tzinfo=True: NOW.replace(tzinfo=None)
botocore.auth.formatdate = lambda usegmt: "Sun, 22 Nov 2026 10:00:00 GMT"
botocore.auth.time = type("T", (), {"time": staticmethod(lambda: int(NOW.timestamp()))})

LONG = Credentials("AKIAEXAMPLE0000ALICE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
TEMP = Credentials("ASIAEXAMPLE000000APP", "abc+DEF/ghiJKLmnoPQRstuVWXyz0123456789AB", "IQoJb3Jp+Z2lu/X2Vj==")
PATHS = [
    "/", "/bucket", "/bucket/", "/bucket//double//slash", "/bucket/./dot/../dot", "/bucket/trailing/",
    "/bucket/a%20b", "/bucket/a%2Bb", "/bucket/a%3Ab", "/bucket/%E2%82%AC%20%E6%97%A5", "/bucket/%25percent",
    "/bucket/tilde~-._", "/bucket/all%21%22%23%24%25%26%27%28%29%2A%2C%3A%3B%3C%3D%3E%3F%40%5B%5D%5E%60%7B%7C%7D",
]
QUERIES = [
    "", "acl", "acl=", "max-keys=2&prefix=J", "prefix=a%20b%2Fc&delimiter=%2F&list-type=2", "b=2&a=1&b=1&a=",
    "prefix=%C3%A9&marker=%2B", "versionId=null&response-content-type=text%2Fplain",
]
HEADERS = [
    {}, {"x-amz-meta-a": "  two   blanks  "}, {"Range": "bytes=0-9", "Content-Type": "text/plain; charset=utf-8"},
    {"x-amz-acl": "public-read", "x-amz-storage-class": "STANDARD_IA"},
]
out = []


def request(method, url, headers, body=b""):
    r = AWSRequest(method=method, url=url, headers=dict(headers), data=body)
    r.context["payload_signing_enabled"] = True
    return r


def record(kind, creds, service, region, r, body=b""):
    p = r.prepare()
    out.append({
        "kind": kind, "accessKeyId": creds.access_key, "service": service, "region": region, "method": p.method, "url": p.url,
        "headers": {k: (v.decode() if isinstance(v, bytes) else v) for k, v in p.headers.items()}, "body": body.decode(),
    })


def sign(kind, auth, creds, service, region, method, url, headers, body=b""):
    r = request(method, url, headers, body)
    auth.add_auth(r)
    record(kind, creds, service, region, r, body)


S3 = "https://s3.eu-west-1.amazonaws.com"
VHOST = "https://my-bucket.s3.eu-west-1.amazonaws.com:8443"
for creds in (LONG, TEMP):
    args = (creds, "s3", "eu-west-1")
    for i, path in enumerate(PATHS):
        q = QUERIES[i % len(QUERIES)]
        url = (S3 if i % 2 == 0 else VHOST) + path + ("?" + q if q else "")
        sign("header", botocore.auth.S3SigV4Auth(*args), *args, "PUT" if i % 3 == 0 else "GET", url, HEADERS[i % len(HEADERS)],
             b"hello" if i % 3 == 0 else b"")
        sign("query", botocore.auth.S3SigV4QueryAuth(*args, expires=900), *args, "GET", url, {})
    for q in QUERIES:
        sign("header", botocore.auth.S3SigV4Auth(*args), *args, "GET", S3 + "/my-bucket" + ("?" + q if q else ""), {})
    for q in ("", "acl", "versionId=abc&prefix=ignored", "response-content-type=text%2Fplain&uploads"):
        url = "https://s3.amazonaws.com/my-bucket/photos/a%20b.jpg" + ("?" + q if q else "")
        sign("v2-header", botocore.auth.HmacV1Auth(creds), creds, "s3", "", "GET", url, {"x-amz-meta-b": "2", "x-amz-meta-a": "1"})
        sign("v2-query", botocore.auth.HmacV1QueryAuth(creds, expires=900), creds, "s3", "", "GET", url, {})
    args = (creds, "sts", "us-east-1")
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    sign("header", botocore.auth.SigV4Auth(*args), *args, "POST", "https://sts.amazonaws.com/", form, body)
    sign("query", botocore.auth.SigV4QueryAuth(*args, expires=60), *args, "GET",
         "https://sts.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15", {"x-k8s-aws-id": "cluster"})
    args = (creds, "kms", "us-east-1")
    sign("header", botocore.auth.SigV4Auth(*args), *args, "POST", "https://kms.us-east-1.amazonaws.com/", {
        "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "TrentService.ListKeys"}, b"{}")
    args = (creds, "lambda", "us-east-1")
    for path in ("/2015-03-31/functions/arn%3Aaws%3Alambda/policy", "/a//b/./c/../d/"):
        sign("header", botocore.auth.SigV4Auth(*args), *args, "GET", "https://lambda.us-east-1.amazonaws.com" + path, {})
    r = request("POST", "https://my-bucket.s3.eu-west-1.amazonaws.com/", {})
    r.context["s3-presign-post-fields"] = {"key": "uploads/${filename}", "acl": "private"}
    r.context["s3-presign-post-policy"] = {
        "expiration": "2026-11-22T10:15:00Z",
        "conditions": [{"bucket": "my-bucket"}, ["starts-with", "$key", "uploads/"], {"acl": "private"}, ["content-length-range", 1, 10]],
    }
    botocore.auth.S3SigV4PostAuth(creds, "s3", "eu-west-1").add_auth(r)
    out.append({"kind": "post", "accessKeyId": creds.access_key, "service": "s3", "region": "eu-west-1",
                "fields": r.context["s3-presign-post-fields"]})

print(json.dumps({"botocore": botocore.__version__, "now": NOW.isoformat(), "requests": out}, indent=1))
