// A session of the AWS SDK for JavaScript with the endpoint: AWS_ENDPOINT_URL and
// the keys of the estate's administrator are in the environment. It prints nothing
// and ends with status 0 when all is as on AWS.
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import {
  CopyObjectCommand, CreateBucketCommand, DeleteBucketCommand, DeleteObjectsCommand, GetObjectCommand, HeadObjectCommand,
  PutBucketPolicyCommand, PutObjectCommand, S3Client, paginateListObjectsV2, waitUntilBucketExists,
} from "@aws-sdk/client-s3";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

const Bucket = "why403-js";
const common = { endpoint: process.env.AWS_ENDPOINT_URL, region: "us-east-1", maxAttempts: 1 };
const s3 = new S3Client({ ...common, forcePathStyle: true });
const text = async (answer) => answer.Body.transformToString();

async function refused(client, command, name, status, message = "") {
  try {
    await client.send(command);
  } catch (e) {
    assert.equal(e.name, name, e.message);
    assert.equal(e.$metadata.httpStatusCode, status);
    assert.ok(e.message.includes(message), e.message);
    assert.ok(e.$metadata.requestId);
    return;
  }
  assert.fail(`${command.constructor.name} was not refused with ${name}`);
}

await s3.send(new CreateBucketCommand({ Bucket }));
await waitUntilBucketExists({ client: s3, maxWaitTime: 10, minDelay: 1 }, { Bucket });

// Bytes, a stream in aws-chunked encoding with a trailing checksum, and parts.
await s3.send(new PutObjectCommand({ Bucket, Key: "a/b c+ü.txt", Body: "hello", Metadata: { colour: "blue" }, Tagging: "class=public" }));
const got = await s3.send(new GetObjectCommand({ Bucket, Key: "a/b c+ü.txt", ChecksumMode: "ENABLED" }));
assert.equal(await text(got), "hello");
assert.deepEqual([got.Metadata.colour, got.ServerSideEncryption, got.TagCount], ["blue", "AES256", 1]);
assert.ok(got.ChecksumCRC32 || got.ChecksumCRC64NVME);
const stream = Readable.from([Buffer.alloc(70_000, "x"), Buffer.alloc(3, "y")]);
await s3.send(new PutObjectCommand({ Bucket, Key: "streamed", Body: stream, ContentLength: 70_003, ChecksumAlgorithm: "SHA256" }));
assert.equal((await text(await s3.send(new GetObjectCommand({ Bucket, Key: "streamed", Range: "bytes=69999-" })))), "xyyy");
const large = Buffer.alloc(11 << 20, "0123456789");
await new Upload({ client: s3, params: { Bucket, Key: "large", Body: Readable.from([large]) }, partSize: 5 << 20 }).done();
const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "large" }));
assert.equal(head.ContentLength, large.length);
assert.match(head.ETag, /-3"$/);
await s3.send(new CopyObjectCommand({ Bucket, Key: "copied", CopySource: `${Bucket}/${encodeURIComponent("a/b c+ü.txt")}` }));

// Listings.
const keys = [];
for await (const page of paginateListObjectsV2({ client: s3, pageSize: 2 }, { Bucket })) keys.push(...page.Contents.map((o) => o.Key));
assert.deepEqual(keys, ["a/b c+ü.txt", "copied", "large", "streamed"]);

// Presigned URLs.
const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: "copied" }), { expiresIn: 60 });
assert.equal(await (await fetch(url)).text(), "hello");
assert.equal((await fetch(url.replace("copied", "large"))).status, 403);
const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: "presigned" }), { expiresIn: 60 });
assert.equal((await fetch(put, { method: "PUT", body: "put" })).status, 200);

// Refusals.
await refused(s3, new GetObjectCommand({ Bucket, Key: "none" }), "NoSuchKey", 404);
await refused(s3, new PutObjectCommand({ Bucket, Key: "k", ACL: "public-read" }), "AccessControlListNotSupported", 400);
const open = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: `arn:aws:s3:::${Bucket}/*` }] };
await refused(s3, new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(open) }), "AccessDenied", 403, "BlockPublicPolicy");
const nobody = new S3Client({ ...common, forcePathStyle: true, credentials: { accessKeyId: "AKIANOBODY0000000001", secretAccessKey: "nobody/Secret+Key00000000000000000000001" } });
await refused(nobody, new GetObjectCommand({ Bucket, Key: "copied" }), "AccessDenied", 403, "because no identity-based policy allows the s3:GetObject action");
await refused(nobody, new HeadObjectCommand({ Bucket, Key: "copied" }), "Unknown", 403); // HEAD has no body

// A session of a role.
const sts = new STSClient(common);
assert.equal((await sts.send(new GetCallerIdentityCommand({}))).Arn, "arn:aws:iam::111122223333:user/admin");
const role = await sts.send(new AssumeRoleCommand({ RoleArn: "arn:aws:iam::111122223333:role/service/app", RoleSessionName: "js" }));
const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = role.Credentials;
const session = new S3Client({ ...common, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey, sessionToken } });
await session.send(new PutObjectCommand({ Bucket: "reports", Key: "app/k", Body: "x" }));
await refused(session, new PutObjectCommand({ Bucket: "reports", Key: "other/k", Body: "x" }), "AccessDenied", 403, "assumed-role/app/js is not authorized to perform: s3:PutObject");

const Objects = (await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [...keys, "presigned"].map((Key) => ({ Key })) } }))).Deleted;
assert.equal(Objects.length, 5);
await s3.send(new DeleteBucketCommand({ Bucket }));
