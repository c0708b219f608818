# Browser forms as boto3 signs them, sent by a client that knows nothing of S3.
import io
import os
import sys
import urllib.error
import urllib.request
import uuid

import boto3
from botocore.config import Config

s3 = boto3.client("s3", config=Config(s3={"addressing_style": "path"}))
B = "why403-forms"
s3.create_bucket(Bucket=B)
v4 = boto3.client("s3", config=Config(signature_version="s3v4", s3={"addressing_style": "path"}))  # boto3's default for forms is version 2


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


def post(form, content, extra=None):
    boundary, body = uuid.uuid4().hex, io.BytesIO()
    for name, value in {**form["fields"], **(extra or {})}.items():
        body.write(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    body.write(f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\n'.encode())
    body.write(content + f"\r\n--{boundary}--\r\n".encode())
    request = urllib.request.Request(form["url"], body.getvalue(), {"Content-Type": f"multipart/form-data; boundary={boundary}"})
    try:
        answer = urllib.request.build_opener(NoRedirect, urllib.request.ProxyHandler({})).open(request)
    except urllib.error.HTTPError as e:
        answer = e
    return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read().decode()


form = s3.generate_presigned_post(B, "in/${filename}", Conditions=[["content-length-range", 1, 10]])
assert post(form, b"hello")[0] == 204
assert s3.get_object(Bucket=B, Key="in/a.txt")["Body"].read() == b"hello"
status, _, body = post(form, b"hello, much too long")
assert status == 400 and "<Code>EntityTooLarge</Code>" in body and "<MaxSizeAllowed>10</MaxSizeAllowed>" in body, body
status, _, body = post(form, b"x", {"x-amz-meta-extra": "1"})
assert status == 403 and "Extra input fields: x-amz-meta-extra" in body, body

fields = {"success_action_redirect": "https://example.com/ok", "Content-Type": "image/png", "x-amz-meta-by": "form"}
form = v4.generate_presigned_post(B, "b.png", Fields=fields, Conditions=[{k: v} for k, v in fields.items()])
status, headers, _ = post(form, b"png")
assert status == 303 and headers["location"].startswith(f"https://example.com/ok?bucket={B}&key=b.png&etag=%22"), headers
head = s3.head_object(Bucket=B, Key="b.png")
assert head["ContentType"] == "image/png" and head["Metadata"] == {"by": "form"}, head

form = v4.generate_presigned_post(B, "c", Fields={"success_action_status": "201"}, Conditions=[{"success_action_status": "201"}], ExpiresIn=60)
status, headers, body = post(form, b"c")
assert status == 201 and f"<PostResponse><Location>" in body and headers["etag"] == s3.head_object(Bucket=B, Key="c")["ETag"], body
form["fields"]["x-amz-signature"] = "0" * 64
status, _, body = post(form, b"c")
assert status == 403 and "<Code>SignatureDoesNotMatch</Code>" in body and "<CanonicalRequest>" not in body, body
form = v4.generate_presigned_post(B, "c", ExpiresIn=-60)
status, _, body = post(form, b"c")
assert status == 403 and "Invalid according to Policy: Policy expired." in body, body

# Larger than memory would be read at once: it streams.
form = v4.generate_presigned_post(B, "large")
assert post(form, os.urandom(6 << 20))[0] == 204
assert s3.head_object(Bucket=B, Key="large")["ContentLength"] == 6 << 20
sys.stdout.write("done\n")
