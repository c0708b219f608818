// What a program does with the credentials of the role app, as the AWS SDK for
// JavaScript finds them: it writes an object, reads it back, and asks for one that it
// may not read, which ends it with status 7.
import assert from "node:assert/strict";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";

const s3 = new S3Client({ region: "us-east-1" });
const object = { Bucket: "reports", Key: "app/js+ü .txt" };
await s3.send(new PutObjectCommand({ ...object, Body: "hello" }));
assert.equal(await (await s3.send(new GetObjectCommand(object))).Body.transformToString(), "hello");
console.log("written and read");
try {
  await s3.send(new GetObjectCommand({ Bucket: "reports", Key: "elsewhere" }));
} catch (e) {
  console.error(e.message);
  process.exit(7);
}
