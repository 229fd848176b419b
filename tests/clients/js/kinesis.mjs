// SPDX-License-Identifier: Apache-2.0
// The SDK's Kinesis client speaks HTTP/2 unless it is told not to; Millrace speaks HTTP/1.1.
import assert from "node:assert/strict";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import * as sdk from "@aws-sdk/client-kinesis";
import { called, client, fails } from "./client.mjs";

const kinesis = client(sdk, "Kinesis", { requestHandler: new NodeHttpHandler() });
const StreamName = "js";

async function subscribed(ConsumerARN, ShardId) {
  const { EventStream } = await kinesis.subscribeToShard({ ConsumerARN, ShardId, StartingPosition: { Type: "TRIM_HORIZON" } });
  for await (const { SubscribeToShardEvent: event } of EventStream) {
    if (event.Records.length > 0) return event.Records.map((r) => Buffer.from(r.Data).toString());
  }
}

export default async function () {
  await kinesis.createStream({ StreamName, ShardCount: 1 });
  called.add("DescribeStreamSummary").add("DescribeStream");
  await sdk.waitUntilStreamExists({ client: kinesis.sdk, maxWaitTime: 20, minDelay: 1 }, { StreamName });
  const { StreamDescriptionSummary: summary } = await kinesis.describeStreamSummary({ StreamName });
  assert.equal(summary.StreamStatus, "ACTIVE");
  const put = await kinesis.putRecord({ StreamName, PartitionKey: "k", Data: Buffer.from("one") });
  const many = await kinesis.putRecords({ StreamName, Records: ["two", "thré"].map((text) => ({ PartitionKey: "k", Data: Buffer.from(text) })) });
  assert.equal(many.FailedRecordCount, 0);
  const { Shards } = await kinesis.listShards({ StreamName });
  const { ShardIterator } = await kinesis.getShardIterator({ StreamName, ShardId: Shards[0].ShardId, ShardIteratorType: "TRIM_HORIZON" });
  const { Records } = await kinesis.getRecords({ ShardIterator });
  assert.deepEqual(Records.map((r) => Buffer.from(r.Data).toString()), ["one", "two", "thré"]);
  assert.equal(Records[0].SequenceNumber, put.SequenceNumber);
  const { Consumer } = await kinesis.registerStreamConsumer({ StreamARN: summary.StreamARN, ConsumerName: "js" });
  while ((await kinesis.describeStreamConsumer({ ConsumerARN: Consumer.ConsumerARN })).ConsumerDescription.ConsumerStatus !== "ACTIVE");
  assert.deepEqual(await subscribed(Consumer.ConsumerARN, Shards[0].ShardId), ["one", "two", "thré"]);
  await kinesis.deregisterStreamConsumer({ ConsumerARN: Consumer.ConsumerARN });
  await kinesis.deleteStream({ StreamName });
  await fails(kinesis.putRecord({ StreamName: "none", PartitionKey: "k", Data: Buffer.from("x") }), "ResourceNotFoundException");
}
