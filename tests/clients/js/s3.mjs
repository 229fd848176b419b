// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import * as sdk from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { called, client, fails } from "./client.mjs";

const s3 = client(sdk, "S3");
const Bucket = "js-round-trip";
const MiB = 1024 * 1024;
const text = async (got) => Buffer.from(await got.Body.transformToByteArray()).toString();

async function objects() {
  const put = await s3.putObject({ Bucket, Key: "a b/é", Body: "hello", ContentType: "text/plain", Metadata: { m: "1" } });
  assert.equal(put.ETag, '"5d41402abc4b2a76b9719d911017c592"');
  assert.ok(put.ChecksumCRC32, "the SDK's own checksum is told back");
  const got = await s3.getObject({ Bucket, Key: "a b/é", ChecksumMode: "ENABLED" });
  assert.equal(await text(got), "hello"); // verified by the SDK
  assert.deepEqual([got.ContentType, got.Metadata], ["text/plain", { m: "1" }]);
  const part = await s3.getObject({ Bucket, Key: "a b/é", Range: "bytes=1-3" });
  assert.deepEqual([await text(part), part.ContentRange], ["ell", "bytes 1-3/5"]);
  await fails(s3.putObject({ Bucket, Key: "a b/é", Body: "", IfNoneMatch: "*" }), "PreconditionFailed");
  await fails(s3.getObject({ Bucket, Key: "none" }), "NoSuchKey");
  await fails(s3.headObject({ Bucket, Key: "none" }), "NotFound");
  for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "SHA1", "SHA256"]) {
    await s3.putObject({ Bucket, Key: "sum", Body: ChecksumAlgorithm, ChecksumAlgorithm });
    const head = await s3.headObject({ Bucket, Key: "sum", ChecksumMode: "ENABLED" });
    assert.ok(head[`Checksum${ChecksumAlgorithm}`], ChecksumAlgorithm);
  }
  await s3.copyObject({ Bucket, Key: "copy", CopySource: encodeURI(`${Bucket}/a b/é`) });
  assert.equal((await s3.headObject({ Bucket, Key: "copy" })).ContentLength, 5);
  await s3.putObjectTagging({ Bucket, Key: "copy", Tagging: { TagSet: [{ Key: "t", Value: "1" }] } });
  assert.deepEqual((await s3.getObjectTagging({ Bucket, Key: "copy" })).TagSet, [{ Key: "t", Value: "1" }]);
  await s3.deleteObjectTagging({ Bucket, Key: "copy" });
  assert.deepEqual((await s3.getObjectTagging({ Bucket, Key: "copy" })).TagSet, []);
  assert.equal((await s3.getObjectAcl({ Bucket, Key: "copy" })).Grants[0].Permission, "FULL_CONTROL");
  const url = await getSignedUrl(s3.sdk, new sdk.GetObjectCommand({ Bucket, Key: "a b/é" }), { expiresIn: 60 });
  assert.equal(await (await fetch(url)).text(), "hello");
  const names = async (pages) => {
    const all = [];
    for await (const page of pages) all.push(...(page.Contents ?? []).map((o) => o.Key), ...(page.CommonPrefixes ?? []).map((p) => p.Prefix));
    return all;
  };
  called.add("ListObjectsV2");
  const pages = sdk.paginateListObjectsV2({ client: s3.sdk, pageSize: 1 }, { Bucket, Delimiter: "/" });
  assert.deepEqual(await names(pages), ["a b/", "copy", "sum"]);
  assert.deepEqual((await s3.listObjects({ Bucket })).Contents.map((o) => o.Key), ["a b/é", "copy", "sum"]);
  await s3.deleteObject({ Bucket, Key: "copy" });
  const removed = await s3.deleteObjects({ Bucket, Delete: { Objects: [{ Key: "a b/é" }, { Key: "sum" }] } });
  assert.deepEqual(removed.Deleted.map((o) => o.Key).sort(), ["a b/é", "sum"]);
}

// A stream of unknown checksum goes in chunks, with the checksum behind them.
async function streams() {
  const data = randomBytes(6 * MiB + 7);
  const pieces = function* () {
    for (let at = 0; at < data.length; at += 100_000) yield data.subarray(at, at + 100_000);
  };
  await s3.putObject({ Bucket, Key: "stream", Body: Readable.from(pieces()), ContentLength: data.length });
  const got = await s3.getObject({ Bucket, Key: "stream", ChecksumMode: "ENABLED" });
  assert.ok(got.ChecksumCRC32);
  assert.ok(data.equals(await got.Body.transformToByteArray()));
  const upload = new Upload({
    client: s3.sdk, partSize: 5 * MiB, params: { Bucket, Key: "upload", Body: Readable.from(pieces()) } });
  await upload.done();
  const whole = await s3.getObject({ Bucket, Key: "upload" });
  assert.ok(whole.ETag.endsWith('-2"'));
  assert.ok(data.equals(await whole.Body.transformToByteArray()));
  const second = await s3.getObject({ Bucket, Key: "upload", PartNumber: 2 });
  assert.ok(data.subarray(5 * MiB).equals(await second.Body.transformToByteArray()));
  for (const Key of ["stream", "upload"]) await s3.deleteObject({ Bucket, Key });
}

async function uploads() {
  await s3.putObject({ Bucket, Key: "source", Body: "0123456789" });
  const { UploadId } = await s3.createMultipartUpload({ Bucket, Key: "k", ChecksumAlgorithm: "SHA256" });
  assert.deepEqual((await s3.listMultipartUploads({ Bucket })).Uploads.map((u) => u.UploadId), [UploadId]);
  const first = { PartNumber: 1, ...(await s3.uploadPart({ Bucket, Key: "k", UploadId, PartNumber: 1, Body: Buffer.alloc(5 * MiB), ChecksumAlgorithm: "SHA256" })) };
  const { CopyPartResult } = await s3.uploadPartCopy({ Bucket, Key: "k", UploadId, PartNumber: 2, CopySource: `${Bucket}/source`, CopySourceRange: "bytes=2-4" });
  assert.deepEqual((await s3.listParts({ Bucket, Key: "k", UploadId })).Parts.map((p) => p.Size), [5 * MiB, 3]);
  const parts = [first, { PartNumber: 2, ...CopyPartResult }].map(({ PartNumber, ETag, ChecksumSHA256 }) => ({ PartNumber, ETag, ChecksumSHA256 }));
  await fails(s3.completeMultipartUpload({ Bucket, Key: "k", UploadId, MultipartUpload: { Parts: [...parts].reverse() } }), "InvalidPartOrder");
  const done = await s3.completeMultipartUpload({ Bucket, Key: "k", UploadId, MultipartUpload: { Parts: parts } });
  assert.ok(done.ChecksumSHA256.endsWith("-2"));
  const told = await s3.getObjectAttributes({ Bucket, Key: "k", ObjectAttributes: ["ETag", "Checksum", "ObjectParts", "ObjectSize"] });
  assert.equal(`"${told.ETag}"`, done.ETag);
  assert.equal(told.ObjectSize, 5 * MiB + 3);
  assert.deepEqual(told.ObjectParts.Parts.map((p) => p.Size), [5 * MiB, 3]);
  assert.equal(await text(await s3.getObject({ Bucket, Key: "k", Range: `bytes=${5 * MiB - 1}-` })), "\u0000234");
  const other = await s3.createMultipartUpload({ Bucket, Key: "k" });
  await s3.abortMultipartUpload({ Bucket, Key: "k", UploadId: other.UploadId });
  await fails(s3.listParts({ Bucket, Key: "k", UploadId: other.UploadId }), "NoSuchUpload");
  for (const Key of ["k", "source"]) await s3.deleteObject({ Bucket, Key });
}

async function versions() {
  await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: "Enabled" } });
  assert.equal((await s3.getBucketVersioning({ Bucket })).Status, "Enabled");
  const one = await s3.putObject({ Bucket, Key: "v", Body: "1" });
  await s3.putObject({ Bucket, Key: "v", Body: "2" });
  const marker = await s3.deleteObject({ Bucket, Key: "v" });
  assert.equal(marker.DeleteMarker, true);
  assert.equal(await text(await s3.getObject({ Bucket, Key: "v", VersionId: one.VersionId })), "1");
  const listed = await s3.listObjectVersions({ Bucket });
  assert.equal(listed.Versions.length, 2);
  assert.equal(listed.DeleteMarkers[0].VersionId, marker.VersionId);
  const all = [...listed.Versions, ...listed.DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
  await s3.deleteObjects({ Bucket, Delete: { Objects: all } });
}

// Each setting is put, read and where that is possible deleted.
async function settings() {
  const block = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: false };
  await s3.putPublicAccessBlock({ Bucket, PublicAccessBlockConfiguration: block });
  assert.deepEqual((await s3.getPublicAccessBlock({ Bucket })).PublicAccessBlockConfiguration, block);
  const statement = { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: `arn:aws:s3:::${Bucket}/*` };
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  await fails(s3.putBucketPolicy({ Bucket, Policy }), "AccessDenied");
  await s3.deletePublicAccessBlock({ Bucket });
  await s3.putBucketPolicy({ Bucket, Policy });
  assert.deepEqual(JSON.parse((await s3.getBucketPolicy({ Bucket })).Policy), JSON.parse(Policy));
  assert.equal((await s3.getBucketPolicyStatus({ Bucket })).PolicyStatus.IsPublic, true);
  await s3.deleteBucketPolicy({ Bucket });
  await fails(s3.getBucketPolicy({ Bucket }), "NoSuchBucketPolicy");
  await s3.putBucketTagging({ Bucket, Tagging: { TagSet: [{ Key: "k", Value: "v" }] } });
  assert.deepEqual((await s3.getBucketTagging({ Bucket })).TagSet, [{ Key: "k", Value: "v" }]);
  await s3.deleteBucketTagging({ Bucket });
  await fails(s3.getBucketTagging({ Bucket }), "NoSuchTagSet");
  const CORSRules = [{ AllowedMethods: ["GET"], AllowedOrigins: ["*"] }];
  await s3.putBucketCors({ Bucket, CORSConfiguration: { CORSRules } });
  assert.deepEqual((await s3.getBucketCors({ Bucket })).CORSRules, CORSRules);
  await s3.deleteBucketCors({ Bucket });
  await fails(s3.getBucketCors({ Bucket }), "NoSuchCORSConfiguration");
  const encryption = async () => (await s3.getBucketEncryption({ Bucket })).ServerSideEncryptionConfiguration.Rules[0];
  const by = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" }, BucketKeyEnabled: true };
  await s3.putBucketEncryption({ Bucket, ServerSideEncryptionConfiguration: { Rules: [by] } });
  assert.deepEqual(await encryption(), by);
  await s3.deleteBucketEncryption({ Bucket });
  assert.equal((await encryption()).ApplyServerSideEncryptionByDefault.SSEAlgorithm, "AES256");
  const rule = { ID: "r", Status: "Enabled", Filter: { Prefix: "p/" }, Expiration: { Days: 1 } };
  await s3.putBucketLifecycleConfiguration({ Bucket, LifecycleConfiguration: { Rules: [rule] } });
  assert.deepEqual((await s3.getBucketLifecycleConfiguration({ Bucket })).Rules, [rule]);
  await s3.deleteBucketLifecycle({ Bucket });
  await fails(s3.getBucketLifecycleConfiguration({ Bucket }), "NoSuchLifecycleConfiguration");
  const OwnershipControls = { Rules: [{ ObjectOwnership: "BucketOwnerPreferred" }] };
  await s3.putBucketOwnershipControls({ Bucket, OwnershipControls });
  assert.deepEqual((await s3.getBucketOwnershipControls({ Bucket })).OwnershipControls, OwnershipControls);
  await s3.deleteBucketOwnershipControls({ Bucket });
  await fails(s3.getBucketOwnershipControls({ Bucket }), "OwnershipControlsNotFoundError");
  await s3.putBucketRequestPayment({ Bucket, RequestPaymentConfiguration: { Payer: "BucketOwner" } });
  await fails(s3.putBucketRequestPayment({ Bucket, RequestPaymentConfiguration: { Payer: "Requester" } }), "NotImplemented");
  assert.equal((await s3.getBucketRequestPayment({ Bucket })).Payer, "BucketOwner");
  await s3.putBucketAccelerateConfiguration({ Bucket, AccelerateConfiguration: { Status: "Suspended" } });
  assert.equal((await s3.getBucketAccelerateConfiguration({ Bucket })).Status, "Suspended");
  for (const LoggingEnabled of [{ TargetBucket: Bucket, TargetPrefix: "log/" }, undefined]) {
    await s3.putBucketLogging({ Bucket, BucketLoggingStatus: { LoggingEnabled } });
    assert.deepEqual((await s3.getBucketLogging({ Bucket })).LoggingEnabled, LoggingEnabled);
  }
  const told = { Id: "t", QueueArn: "arn:aws:sqs:us-east-1:000000000000:none", Events: ["s3:ObjectCreated:*"] };
  for (const QueueConfigurations of [[told], undefined]) {
    await s3.putBucketNotificationConfiguration({ Bucket, NotificationConfiguration: { QueueConfigurations }, SkipDestinationValidation: true });
    assert.deepEqual((await s3.getBucketNotificationConfiguration({ Bucket })).QueueConfigurations, QueueConfigurations);
  }
  assert.equal((await s3.getBucketAcl({ Bucket })).Grants.length, 1);
  await fails(s3.getBucketReplication({ Bucket }), "ReplicationConfigurationNotFoundError");
  await fails(s3.getBucketWebsite({ Bucket }), "NoSuchWebsiteConfiguration");
  await fails(s3.getObjectLockConfiguration({ Bucket }), "ObjectLockConfigurationNotFoundError");
}

async function elsewhere() {
  const there = client(sdk, "S3", { region: "eu-west-1" });
  const bucket = { Bucket: "js-elsewhere" };
  await there.createBucket({ ...bucket, CreateBucketConfiguration: { LocationConstraint: "eu-west-1" } });
  assert.equal((await s3.getBucketLocation(bucket)).LocationConstraint, "eu-west-1");
  await there.deleteBucket(bucket);
}

export default async function () {
  await elsewhere();
  await s3.createBucket({ Bucket });
  assert.ok((await s3.listBuckets()).Buckets.some((b) => b.Name === Bucket));
  assert.equal((await s3.getBucketLocation({ Bucket })).LocationConstraint, undefined);
  assert.equal((await s3.headBucket({ Bucket })).BucketRegion, "us-east-1");
  await fails(s3.headBucket({ Bucket: "no-such-bucket" }), "NotFound");
  await objects();
  await streams();
  await uploads();
  await versions();
  await settings();
  await s3.deleteBucket({ Bucket });
  await fails(s3.listObjectsV2({ Bucket }), "NoSuchBucket");
}
