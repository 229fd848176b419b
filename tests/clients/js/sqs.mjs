// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import * as sdk from "@aws-sdk/client-sqs";
import { client, fails } from "./client.mjs";

const sqs = client(sdk, "SQS");

async function standard(dead) {
  const { QueueUrl } = await sqs.createQueue({ QueueName: "js", tags: { a: "b" } });
  assert.equal((await sqs.getQueueUrl({ QueueName: "js" })).QueueUrl, QueueUrl);
  assert.deepEqual((await sqs.listQueues({ QueueNamePrefix: "js" })).QueueUrls.length, 2);
  await sqs.setQueueAttributes({ QueueUrl, Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 1 }) } });
  const { Attributes } = await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ["All"] });
  assert.equal(JSON.parse(Attributes.RedrivePolicy).maxReceiveCount, 1);
  assert.deepEqual((await sqs.listDeadLetterSourceQueues({ QueueUrl: dead.url })).queueUrls, [QueueUrl]);
  await sqs.tagQueue({ QueueUrl, Tags: { c: "d" } });
  await sqs.untagQueue({ QueueUrl, TagKeys: ["a"] });
  assert.deepEqual((await sqs.listQueueTags({ QueueUrl })).Tags, { c: "d" });
  const attribute = async (name) => (await sqs.getQueueAttributes({ QueueUrl, AttributeNames: [name] })).Attributes[name];
  await sqs.addPermission({ QueueUrl, Label: "l", AWSAccountIds: ["111122223333"], Actions: ["SendMessage"] });
  assert.deepEqual(JSON.parse(await attribute("Policy")).Statement.map((s) => s.Sid), ["l"]);
  await sqs.removePermission({ QueueUrl, Label: "l" });
  const left = (await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ["All"] })).Attributes;
  assert.deepEqual([left.QueueArn, left.Policy], [Attributes.QueueArn, undefined]);

  const sent = await sqs.sendMessage({ QueueUrl, MessageBody: "<é&>", MessageAttributes: { k: { DataType: "Binary", BinaryValue: Buffer.from([0, 1]) } } });
  const [message] = (await sqs.receiveMessage({ QueueUrl, MessageAttributeNames: ["All"], WaitTimeSeconds: 5 })).Messages;
  assert.deepEqual([message.Body, message.MessageId], ["<é&>", sent.MessageId]); // digests verified by the SDK
  assert.deepEqual([...message.MessageAttributes.k.BinaryValue], [0, 1]);
  await sqs.changeMessageVisibility({ QueueUrl, ReceiptHandle: message.ReceiptHandle, VisibilityTimeout: 0 });
  // Received once already: on to the dead-letter queue.
  assert.equal((await sqs.receiveMessage({ QueueUrl })).Messages, undefined);
  const [moved] = (await sqs.receiveMessage({ QueueUrl: dead.url, WaitTimeSeconds: 5, VisibilityTimeout: 0 })).Messages;
  assert.equal(moved.MessageId, sent.MessageId);
  const task = await sqs.startMessageMoveTask({ SourceArn: dead.arn });
  assert.equal((await sqs.listMessageMoveTasks({ SourceArn: dead.arn })).Results.length, 1);
  const [back] = (await sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 5 })).Messages;
  assert.equal(back.Body, "<é&>");
  assert.equal(await attribute("ApproximateNumberOfMessagesNotVisible"), "1");
  await sqs.deleteMessage({ QueueUrl, ReceiptHandle: back.ReceiptHandle });
  assert.equal(await attribute("ApproximateNumberOfMessagesNotVisible"), "0");
  await fails(sqs.cancelMessageMoveTask({ TaskHandle: task.TaskHandle }), "AWS.SimpleQueueService.UnsupportedOperation"); // it is over; so SDKs call it, of a service that was Query

  const batch = await sqs.sendMessageBatch({ QueueUrl, Entries: ["a", "b"].map((Id) => ({ Id, MessageBody: Id })) });
  assert.deepEqual(batch.Successful.map((e) => e.Id), ["a", "b"]);
  const { Messages } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 });
  const Entries = Messages.map((m, i) => ({ Id: `${i}`, ReceiptHandle: m.ReceiptHandle }));
  assert.equal(Entries.length, 2);
  const changed = await sqs.changeMessageVisibilityBatch({ QueueUrl, Entries: Entries.map((e) => ({ ...e, VisibilityTimeout: 60 })) });
  assert.equal(changed.Successful.length, 2);
  assert.equal((await sqs.deleteMessageBatch({ QueueUrl, Entries })).Successful.length, 2);
  await sqs.sendMessage({ QueueUrl, MessageBody: "purged" });
  assert.equal(await attribute("ApproximateNumberOfMessages"), "1");
  await sqs.purgeQueue({ QueueUrl });
  assert.equal(await attribute("ApproximateNumberOfMessages"), "0");
  await sqs.deleteQueue({ QueueUrl });
  await fails(sqs.getQueueUrl({ QueueName: "js" }), "AWS.SimpleQueueService.NonExistentQueue");
}

async function fifo() {
  const { QueueUrl } = await sqs.createQueue({ QueueName: "js.fifo", Attributes: { FifoQueue: "true", ContentBasedDeduplication: "true" } });
  for (const MessageBody of ["1", "1", "2"]) await sqs.sendMessage({ QueueUrl, MessageBody, MessageGroupId: "g" });
  const { Messages } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 });
  assert.deepEqual(Messages.map((m) => m.Body), ["1", "2"]);
  await sqs.deleteQueue({ QueueUrl });
}

export default async function () {
  const { QueueUrl } = await sqs.createQueue({ QueueName: "js-dead" });
  const { Attributes } = await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ["QueueArn"] });
  await standard({ url: QueueUrl, arn: Attributes.QueueArn });
  await fifo();
  await sqs.deleteQueue({ QueueUrl });
}
