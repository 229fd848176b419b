// SPDX-License-Identifier: Apache-2.0
// What stands around a stream in larger apps: one of each kind that CDK has a construct for.
const cdk = require("aws-cdk-lib");
const destinations = require("aws-cdk-lib/aws-lambda-destinations");
const ecr = require("aws-cdk-lib/aws-ecr");
const iam = require("aws-cdk-lib/aws-iam");
const kinesis = require("aws-cdk-lib/aws-kinesis");
const kms = require("aws-cdk-lib/aws-kms");
const lambda = require("aws-cdk-lib/aws-lambda");
const logs = require("aws-cdk-lib/aws-logs");
const receivers = require("aws-cdk-lib/aws-logs-destinations");
const s3 = require("aws-cdk-lib/aws-s3");
const sns = require("aws-cdk-lib/aws-sns");
const sources = require("aws-cdk-lib/aws-lambda-event-sources");
const sqs = require("aws-cdk-lib/aws-sqs");
const ssm = require("aws-cdk-lib/aws-ssm");
const subscriptions = require("aws-cdk-lib/aws-sns-subscriptions");

const { Duration } = cdk;
const removalPolicy = cdk.RemovalPolicy.DESTROY;
const runtime = lambda.Runtime.PYTHON_3_11;

exports.Around = class extends cdk.Stack {
  constructor(scope, id) {
    super(scope, id);
    this.key = new kms.Key(this, "Key", { enableKeyRotation: true, alias: "alias/around", removalPolicy });
    this.stores();
    this.queues();
    this.functions();
    this.identities();
    cdk.Tags.of(this).add("app", "around");
  }

  stores() {
    this.stream = new kinesis.Stream(this, "Stream", {
      encryptionKey: this.key, streamMode: kinesis.StreamMode.ON_DEMAND, retentionPeriod: Duration.hours(48), removalPolicy,
    });
    new kinesis.StreamConsumer(this, "Consumer", { stream: this.stream, streamConsumerName: "around" });
    this.bucket = new s3.Bucket(this, "Bucket", {
      encryption: s3.BucketEncryption.KMS, encryptionKey: this.key, bucketKeyEnabled: true, enforceSSL: true, versioned: true,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL, removalPolicy,
      lifecycleRules: [{ expiration: Duration.days(3), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    });
    new ecr.Repository(this, "Images", { imageScanOnPush: true, lifecycleRules: [{ maxImageCount: 3 }], removalPolicy });
    new ssm.StringParameter(this, "Parameter", { parameterName: "/around/stream", stringValue: this.stream.streamName });
  }

  queues() {
    this.dead = new sqs.Queue(this, "Dead", { encryption: sqs.QueueEncryption.KMS, encryptionMasterKey: this.key });
    this.fifo = new sqs.Queue(this, "Fifo", { fifo: true, contentBasedDeduplication: true });
    const queue = new sqs.Queue(this, "Queue", { deadLetterQueue: { queue: this.dead, maxReceiveCount: 3 }, enforceSSL: true });
    this.topic = new sns.Topic(this, "Topic", { displayName: "around", enforceSSL: true });
    const filterPolicy = { kind: sns.SubscriptionFilter.stringFilter({ allowlist: ["a"] }) };
    this.topic.addSubscription(new subscriptions.SqsSubscription(queue, { rawMessageDelivery: true, filterPolicy }));
  }

  functions() {
    const code = lambda.Code.fromAsset("functions");
    const made = new lambda.Function(this, "Function", {
      runtime, handler: "consumer.handler", code, memorySize: 256, reservedConcurrentExecutions: 5,
      layers: [new lambda.LayerVersion(this, "Layer", { code, compatibleRuntimes: [runtime], removalPolicy })],
      environment: { BUCKET: this.bucket.bucketName, KEY: this.key.keyArn },
      deadLetterQueue: this.dead, retryAttempts: 1, maxEventAge: Duration.minutes(5),
      onFailure: new destinations.SqsDestination(this.dead), onSuccess: new destinations.SnsDestination(this.topic),
      logGroup: new logs.LogGroup(this, "Logs", { retention: logs.RetentionDays.ONE_DAY, removalPolicy }),
      currentVersionOptions: { removalPolicy },
    });
    this.bucket.grantReadWrite(made);
    made.addEventSource(new sources.SqsEventSource(this.fifo, { batchSize: 5 }));
    made.addEventSource(new sources.SnsEventSource(this.topic));
    made.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.NONE, cors: { allowedOrigins: ["*"] } });
    const alias = new lambda.Alias(this, "Live", { aliasName: "live", version: made.currentVersion });
    alias.addEventSource(new sources.KinesisEventSource(this.stream, {
      startingPosition: lambda.StartingPosition.LATEST, parallelizationFactor: 2, maxBatchingWindow: Duration.seconds(1),
      reportBatchItemFailures: true, maxRecordAge: Duration.hours(1), retryAttempts: 2,
      onFailure: new sources.S3OnFailureDestination(this.bucket),
      filters: [lambda.FilterCriteria.filter({ data: { kind: lambda.FilterRule.isEqual("x") } })],
    }));
    const watcher = new lambda.Function(this, "Watcher", {
      runtime, handler: "index.handler", code: lambda.Code.fromInline("def handler(event, context):\n    return event\n"),
    });
    made.logGroup.addSubscriptionFilter("Errors", {
      destination: new receivers.LambdaDestination(watcher), filterPattern: logs.FilterPattern.anyTerm("ERROR"),
    });
  }

  identities() {
    const statements = [new iam.PolicyStatement({ actions: ["s3:*"], resources: ["*"] })];
    new iam.User(this, "User", { managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName("ReadOnlyAccess")] });
    new iam.Group(this, "Group").addToPolicy(statements[0]);
    new iam.ManagedPolicy(this, "Policy", { statements });
    new iam.InstanceProfile(this, "Profile");
  }
};
