// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import * as sdk from "@aws-sdk/client-sns";
import * as queues from "@aws-sdk/client-sqs";
import { client, fails, settings } from "./client.mjs";

const sns = client(sdk, "SNS");
const sqs = new queues.SQSClient(settings);

// The token that an HTTP endpoint is asked to confirm with.
async function subscribeByHttp(TopicArn) {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const asked = new Promise((resolve) => server.on("request", async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    response.end();
    resolve(JSON.parse(body));
  }));
  await sns.subscribe({ TopicArn, Protocol: "http", Endpoint: `http://127.0.0.1:${server.address().port}/` });
  const { Type, Token } = await asked;
  assert.equal(Type, "SubscriptionConfirmation");
  const { SubscriptionArn } = await sns.confirmSubscription({ TopicArn, Token });
  server.close();
  return SubscriptionArn;
}

export default async function () {
  const { QueueUrl } = await sqs.send(new queues.CreateQueueCommand({ QueueName: "js-told" }));
  const { Attributes } = await sqs.send(new queues.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
  const { TopicArn } = await sns.createTopic({ Name: "js", Tags: [{ Key: "a", Value: "b" }] });
  assert.ok((await sns.listTopics()).Topics.some((t) => t.TopicArn === TopicArn));
  await sns.setTopicAttributes({ TopicArn, AttributeName: "DisplayName", AttributeValue: "shown" });
  assert.equal((await sns.getTopicAttributes({ TopicArn })).Attributes.DisplayName, "shown");
  await sns.tagResource({ ResourceArn: TopicArn, Tags: [{ Key: "c", Value: "d" }] });
  await sns.untagResource({ ResourceArn: TopicArn, TagKeys: ["a"] });
  assert.deepEqual((await sns.listTagsForResource({ ResourceArn: TopicArn })).Tags, [{ Key: "c", Value: "d" }]);
  const labels = async () => JSON.parse((await sns.getTopicAttributes({ TopicArn })).Attributes.Policy).Statement.map((s) => s.Sid);
  const before = await labels();
  await sns.addPermission({ TopicArn, Label: "l", AWSAccountId: ["111122223333"], ActionName: ["Publish"] });
  assert.deepEqual(await labels(), [...before, "l"]);
  await sns.removePermission({ TopicArn, Label: "l" });
  assert.deepEqual(await labels(), before);

  const { SubscriptionArn } = await sns.subscribe({ TopicArn, Protocol: "sqs", Endpoint: Attributes.QueueArn, ReturnSubscriptionArn: true });
  await sns.setSubscriptionAttributes({ SubscriptionArn, AttributeName: "RawMessageDelivery", AttributeValue: "true" });
  assert.equal((await sns.getSubscriptionAttributes({ SubscriptionArn })).Attributes.RawMessageDelivery, "true");
  const byHttp = await subscribeByHttp(TopicArn);
  assert.equal((await sns.listSubscriptionsByTopic({ TopicArn })).Subscriptions.length, 2);
  await sns.unsubscribe({ SubscriptionArn: byHttp });
  await fails(sns.getSubscriptionAttributes({ SubscriptionArn: byHttp }), "NotFoundException");
  assert.ok((await sns.listSubscriptions()).Subscriptions.some((s) => s.SubscriptionArn === SubscriptionArn));

  await sns.publish({ TopicArn, Message: "one" });
  const batch = await sns.publishBatch({ TopicArn, PublishBatchRequestEntries: [{ Id: "x", Message: "two" }, { Id: "y", Message: "three" }] });
  assert.deepEqual(batch.Successful.map((e) => e.Id), ["x", "y"]);
  const told = new Set();
  while (told.size < 3) {
    const { Messages } = await sqs.send(new queues.ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 }));
    for (const message of Messages) told.add(message.Body);
  }
  assert.deepEqual([...told].sort(), ["one", "three", "two"]);
  await sns.deleteTopic({ TopicArn });
  await fails(sns.publish({ TopicArn, Message: "x" }), "NotFoundException");
}
