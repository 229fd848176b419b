// SPDX-License-Identifier: Apache-2.0
// Orders through a stream to a consumer, written as its documentation has it.
const cdk = require("aws-cdk-lib");
const kinesis = require("aws-cdk-lib/aws-kinesis");
const lambda = require("aws-cdk-lib/aws-lambda");
const sources = require("aws-cdk-lib/aws-lambda-event-sources");
const logs = require("aws-cdk-lib/aws-logs");
const sqs = require("aws-cdk-lib/aws-sqs");
const { Around } = require("./around");

class Orders extends cdk.Stack {
  constructor(scope, id) {
    super(scope, id);
    const removalPolicy = cdk.RemovalPolicy.DESTROY;
    const stream = new kinesis.Stream(this, "Stream", { shardCount: 1, removalPolicy });
    const failed = new sqs.Queue(this, "Failed");
    const code = lambda.Code.fromAsset("functions");
    const made = (name, environment) => new lambda.Function(this, name, {
      runtime: lambda.Runtime.PYTHON_3_11,
      handler: `${name.toLowerCase()}.handler`,
      code,
      environment,
      timeout: cdk.Duration.seconds(20),
      logGroup: new logs.LogGroup(this, `${name}Logs`, { retention: logs.RetentionDays.ONE_WEEK, removalPolicy }),
    });

    const producer = made("Producer", { STREAM: stream.streamName });
    stream.grantWrite(producer);

    const consumer = made("Consumer");
    consumer.addEventSource(new sources.KinesisEventSource(stream, {
      startingPosition: lambda.StartingPosition.TRIM_HORIZON,
      batchSize: 10,
      bisectBatchOnError: true,
      retryAttempts: 0,
      onFailure: new sources.SqsDlq(failed),
    }));

    new cdk.CfnOutput(this, "ProducerName", { value: producer.functionName });
    new cdk.CfnOutput(this, "StreamName", { value: stream.streamName });
    new cdk.CfnOutput(this, "ConsumerLog", { value: consumer.logGroup.logGroupName });
    new cdk.CfnOutput(this, "FailedUrl", { value: failed.queueUrl });
  }
}

const app = new cdk.App();
new Orders(app, "Orders");
new Around(app, "Around");
