# SPDX-License-Identifier: Apache-2.0
"""Our SAM transform beside the official translator, the one that SAM CLI brings along, over templates of our own that use
each feature: the templates that come out are equal."""
import itertools
import json
import pathlib
import subprocess

import pytest
from conftest import ROOT, running_server

PYTHON = ROOT / ".venv-sam" / "bin" / "python"
OFFICIAL = pathlib.Path(__file__).parent / "official_transform.py"
TRANSFORM = "AWS::Serverless-2016-10-31"


def ref(name: str) -> dict:
    return {"Ref": name}


def arn(name: str) -> dict:
    return {"Fn::GetAtt": [name, "Arn"]}


def function(*, attributes: dict | None = None, **properties) -> dict:
    """A template of one function F and what its events are about."""
    base = {"CodeUri": "s3://code/key", "Handler": "app.handler", "Runtime": "python3.13"}
    return {"Transform": TRANSFORM, "Conditions": {"Always": {"Fn::Equals": ["a", "a"]}},
            "Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": base | properties, **(attributes or {})},
                          "Stream": {"Type": "AWS::Kinesis::Stream", "Properties": {"ShardCount": 1}},
                          "Queue": {"Type": "AWS::SQS::Queue"}, "Topic": {"Type": "AWS::SNS::Topic"},
                          "Bucket": {"Type": "AWS::S3::Bucket"}}}


def event(kind: str, **properties) -> dict:
    return {"Events": {"Happens": {"Type": kind, "Properties": properties}}}


KINESIS = {"Stream": arn("Stream"), "StartingPosition": "LATEST"}
DOCUMENT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kinesis:*", "Resource": "*"}]}

# By name: the function's properties, and what stands beside them in its resource.
FEATURES: dict[str, dict] = {
    "plain": {},
    "code by bucket and key": {"CodeUri": {"Bucket": "b", "Key": ref("AWS::Region"), "Version": "3"}},
    "what is passed on": {
        "FunctionName": "name", "Description": "text", "MemorySize": 256, "Timeout": 9, "Layers": ["arn:layer:1"],
        "Environment": {"Variables": {"A": "1", "B": ref("Stream")}}, "EphemeralStorage": {"Size": 600},
        "Architectures": ["arm64"], "ReservedConcurrentExecutions": 3, "LoggingConfig": {"LogFormat": "JSON"},
        "RecursiveLoop": "Allow", "KmsKeyArn": "arn:kms", "CodeSigningConfigArn": "arn:signing",
        "RuntimeManagementConfig": {"UpdateRuntimeOn": "Auto"}},
    "inline code": {"CodeUri": None, "InlineCode": "def handler(e, c): pass"},
    "tags": {"Tags": {"team": "orders", "stage": ref("AWS::StackName")}},
    "propagated tags": {"Tags": {"team": "orders"}, "PropagateTags": True, **event("Kinesis", **KINESIS)},
    "tracing": {"Tracing": "Active"},
    "a vpc": {"VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}},
    "a role": {"Role": "arn:aws:iam::000000000000:role/own", **event("Kinesis", **KINESIS)},
    "a role's settings": {"RolePath": "/mine/", "PermissionsBoundary": "arn:aws:iam::aws:policy/Boundary",
                          "AssumeRolePolicyDocument": DOCUMENT},
    "managed policies": {"Policies": ["arn:aws:iam::aws:policy/Own", "AmazonKinesisFullAccess"]},
    "policy documents": {"Policies": [DOCUMENT, "arn:aws:iam::aws:policy/Own", DOCUMENT]},
    "one policy document": {"Policies": DOCUMENT},
    "policy templates": {"Policies": [
        {"KinesisCrudPolicy": {"StreamName": ref("Stream")}}, {"KinesisStreamReadPolicy": {"StreamName": "s"}},
        {"SQSSendMessagePolicy": {"QueueName": "q"}}, {"SQSPollerPolicy": {"QueueName": "q"}},
        {"SNSPublishMessagePolicy": {"TopicName": "t"}}, {"LambdaInvokePolicy": {"FunctionName": "f"}},
        {"S3ReadPolicy": {"BucketName": "b"}}, {"S3CrudPolicy": {"BucketName": "b"}}, {"CloudWatchPutMetricPolicy": {}}]},
    "a dead letter queue": {"DeadLetterQueue": {"Type": "SQS", "TargetArn": arn("Queue")}},
    "a dead letter topic": {"DeadLetterQueue": {"Type": "SNS", "TargetArn": ref("Topic")}},
    "kinesis": event("Kinesis", **KINESIS),
    "kinesis with all": event(
        "Kinesis", **KINESIS, BatchSize=5, MaximumBatchingWindowInSeconds=2, ParallelizationFactor=3, MaximumRetryAttempts=4,
        MaximumRecordAgeInSeconds=120, BisectBatchOnFunctionError=True, FunctionResponseTypes=["ReportBatchItemFailures"],
        TumblingWindowInSeconds=30, Enabled=False, FilterCriteria={"Filters": [{"Pattern": "{}"}]},
        MetricsConfig={"Metrics": ["EventCount"]}),
    "kinesis to a queue on failure": event(
        "Kinesis", **KINESIS, DestinationConfig={"OnFailure": {"Type": "SQS", "Destination": arn("Queue")}}),
    "kinesis to a topic on failure": event(
        "Kinesis", **KINESIS, DestinationConfig={"OnFailure": {"Type": "SNS", "Destination": ref("Topic")}}),
    "kinesis to a bucket on failure": event(
        "Kinesis", **KINESIS, DestinationConfig={"OnFailure": {"Type": "S3", "Destination": arn("Bucket")}}),
    "kinesis to somewhere on failure": event(
        "Kinesis", **KINESIS, DestinationConfig={"OnFailure": {"Destination": arn("Queue")}}),
    "dynamodb": event("DynamoDB", Stream="arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/s",
                      StartingPosition="TRIM_HORIZON", BatchSize=10),
    "sqs": event("SQS", Queue=arn("Queue"), BatchSize=3),
    "sqs with all": event("SQS", Queue=arn("Queue"), Enabled=True, FunctionResponseTypes=["ReportBatchItemFailures"],
                          MaximumBatchingWindowInSeconds=1, ScalingConfig={"MaximumConcurrency": 5},
                          FilterCriteria={"Filters": [{"Pattern": "{}"}]}),
    "sns": event("SNS", Topic=ref("Topic")),
    "sns with all": event("SNS", Topic=ref("Topic"), Region="us-east-1", FilterPolicy={"a": ["b"]},
                          FilterPolicyScope="MessageBody", RedrivePolicy={"deadLetterTargetArn": arn("Queue")}),
    "sns by a queue": event("SNS", Topic=ref("Topic"), SqsSubscription=True),
    "sns by a queue that is there": event("SNS", Topic=ref("Topic"), SqsSubscription={
        "QueueArn": arn("Queue"), "QueueUrl": ref("Queue"), "BatchSize": 4, "QueuePolicyLogicalId": "Allowed"}),
    "schedule": event("Schedule", Schedule="rate(1 minute)"),
    "schedule with all": event("Schedule", Schedule="rate(1 minute)", Name="tick", Description="text", Enabled=False,
                               Input='{"a": 1}', RetryPolicy={"MaximumRetryAttempts": 1},
                               DeadLetterConfig={"Arn": arn("Queue")}),
    "events": event("EventBridgeRule", Pattern={"source": ["aws.ec2"]}),
    "events with all": event("CloudWatchEvent", Pattern={"source": ["aws.ec2"]}, EventBusName="bus", RuleName="rule",
                             InputPath="$.detail", State="DISABLED", Target={"Id": "mine"}),
    "logs": event("CloudWatchLogs", LogGroupName="/aws/lambda/other", FilterPattern="ERROR"),
    "s3": event("S3", Bucket=ref("Bucket"), Events="s3:ObjectCreated:*"),
    "s3 with all": event("S3", Bucket=ref("Bucket"), Events=["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
                         Filter={"S3Key": {"Rules": [{"Name": "prefix", "Value": "in/"}]}}),
    "an alias": {"AutoPublishAlias": "live", "MemorySize": 256, "Environment": {"Variables": {"Z": "1", "A": "ö"}},
                 **event("Kinesis", **KINESIS)},
    "an alias with its settings": {"AutoPublishAlias": "to-live_now", "AutoPublishCodeSha256": "0123456789abcdef",
                                   "VersionDescription": "first", "VersionDeletionPolicy": "Delete",
                                   "ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 2}},
    "an alias for all events": {"AutoPublishAlias": "live", "Events": {
        "Queue": {"Type": "SQS", "Properties": {"Queue": arn("Queue")}},
        "Topic": {"Type": "SNS", "Properties": {"Topic": ref("Topic")}},
        "Tick": {"Type": "Schedule", "Properties": {"Schedule": "rate(1 minute)"}},
        "Lines": {"Type": "CloudWatchLogs", "Properties": {"LogGroupName": "g", "FilterPattern": ""}},
        "Objects": {"Type": "S3", "Properties": {"Bucket": ref("Bucket"), "Events": "s3:ObjectCreated:*"}}}},
    "asynchronous invocations": {"EventInvokeConfig": {
        "MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 60,
        "DestinationConfig": {"OnSuccess": {"Type": "SQS", "Destination": arn("Queue")},
                              "OnFailure": {"Type": "SNS", "Destination": ref("Topic")}}}},
    "destinations that are made": {"AutoPublishAlias": "live", "EventInvokeConfig": {
        "DestinationConfig": {"OnSuccess": {"Type": "SQS"}, "OnFailure": {"Type": "SNS"}}}},
    "destinations of other kinds": {"EventInvokeConfig": {
        "DestinationConfig": {"OnSuccess": {"Type": "Lambda", "Destination": "arn:lambda"},
                              "OnFailure": {"Type": "EventBridge", "Destination": "arn:bus"}}}},
    "a url": {"FunctionUrlConfig": {"AuthType": "AWS_IAM", "InvokeMode": "RESPONSE_STREAM",
                                    "Cors": {"AllowOrigins": ["*"], "MaxAge": 5}}},
    "a public url": {"FunctionUrlConfig": {"AuthType": "NONE"}},
    "a public url of an alias": {"AutoPublishAlias": "live", "FunctionUrlConfig": {"AuthType": "NONE"}},
}

ATTRIBUTES: dict[str, dict] = {
    "": {},
    " under a condition": {"Condition": "Always"},
    " with attributes": {"DependsOn": "Queue", "Metadata": {"a": "b"}, "DeletionPolicy": "Retain",
                         "UpdateReplacePolicy": "Retain"},
}


def templates() -> dict[str, dict]:
    made = {}
    for (name, properties), (suffix, attributes) in itertools.product(FEATURES.items(), ATTRIBUTES.items()):
        one = function(attributes=attributes, **properties)
        settings = one["Resources"]["F"]["Properties"]
        for key in [key for key, value in settings.items() if value is None]:
            del settings[key]
        made[name + suffix] = one
    layer = {"Type": "AWS::Serverless::LayerVersion", "Properties": {
        "ContentUri": "s3://code/layer", "Description": "text", "CompatibleRuntimes": ["python3.13"], "LicenseInfo": "MIT"}}
    with_layer = function(Layers=[ref("Layer")], Environment={"Variables": {"L": {"Fn::Sub": "${Layer}"}}})
    with_layer["Resources"]["Layer"] = layer
    with_layer["Outputs"] = {"Layer": {"Value": ref("Layer")}}
    made["a layer"] = with_layer
    kept = function()
    kept["Resources"]["Layer"] = {"Type": "AWS::Serverless::LayerVersion", "Metadata": {"a": "b"}, "Properties": {
        "ContentUri": {"Bucket": "b", "Key": "k"}, "LayerName": "named", "RetentionPolicy": "Delete"}}
    made["a layer that goes"] = kept
    made["an application"] = {"Transform": TRANSFORM, "Resources": {"App": {
        "Type": "AWS::Serverless::Application", "Condition": "C", "DependsOn": "Other", "Metadata": {"a": "b"},
        "Properties": {"Location": "https://s3.amazonaws.com/b/k", "Parameters": {"P": "1", "Q": ref("Other")},
                       "Tags": {"team": "x"}, "TimeoutInMinutes": 5}}, "Other": {"Type": "AWS::SNS::Topic"}},
        "Conditions": {"C": {"Fn::Equals": ["a", "a"]}}}
    aliased = function(AutoPublishAlias="live")
    aliased["Outputs"] = {"Alias": {"Value": ref("F.Alias")}, "Version": {"Value": ref("F.Version")},
                          "Text": {"Value": {"Fn::Sub": "${F.Version} of ${F.Arn}"}}}
    made["references to what is made"] = aliased
    globals_of = function(Tags={"own": "1"}, Environment={"Variables": {"B": "own", "C": "own"}}, Layers=["arn:own"])
    globals_of["Globals"] = {"Function": {"Timeout": 3, "MemorySize": 256, "Tags": {"all": "1"}, "Layers": ["arn:all"],
                                          "Environment": {"Variables": {"A": "all", "B": "all"}},
                                          "AutoPublishAlias": "live", "Tracing": "Active"}}
    made["globals"] = globals_of
    return made


def layer_alone(**properties) -> dict:
    return {"Transform": TRANSFORM,
            "Resources": {"L": {"Type": "AWS::Serverless::LayerVersion", "Properties": properties}}}


# Templates that both refuse, in the same words.
MISTAKES: dict[str, dict] = {
    "an unknown property": function(Foo=1),
    "code that is not in a bucket": function(CodeUri="./src"),
    "no starting position": function(**event("Kinesis", Stream="x")),
    "no stream": function(**event("Kinesis", StartingPosition="LATEST")),
    "no queue": function(**event("SQS", BatchSize=1)),
    "no topic": function(**event("SNS")),
    "no schedule": function(**event("Schedule")),
    "a bucket elsewhere": function(**event("S3", Bucket="b", Events="x")),
    "an unknown property of an event": function(**event("Kinesis", **KINESIS, Foo=1)),
    "an event without a type": function(Events={"E": {"Properties": {}}}),
    "an unknown kind of failure destination": function(
        **event("Kinesis", **KINESIS, DestinationConfig={"OnFailure": {"Type": "X", "Destination": "a"}})),
    "an alias that is no name": function(AutoPublishAlias="a b"),
    "concurrency without an alias": function(ProvisionedConcurrencyConfig={"ProvisionedConcurrentExecutions": 1}),
    "an unknown kind of url": function(FunctionUrlConfig={"AuthType": "X"}),
    "an unknown kind of destination": function(EventInvokeConfig={"DestinationConfig": {"OnSuccess": {"Type": "X"}}}),
    "an unknown kind of dead letter queue": function(DeadLetterQueue={"Type": "X", "TargetArn": "a"}),
    "a dead letter queue without its arn": function(DeadLetterQueue={"Type": "SQS"}),
    "an unknown policy template": function(Policies=[{"X": {}}]),
    "a policy template without its parameter": function(Policies=[{"KinesisCrudPolicy": {}}]),
    "a layer without content": layer_alone(),
    "a layer with an unknown policy": layer_alone(ContentUri="s3://b/k", RetentionPolicy="x"),
    "two mistakes": function(Foo=1) | {"Resources": {"A": function(Foo=1)["Resources"]["F"],
                                                     "B": function(Bar=1)["Resources"]["F"]}},
}
TEMPLATES = templates()
ALL = TEMPLATES | MISTAKES


@pytest.fixture(scope="module")
def official() -> dict:
    """One run of the translator for all."""
    result = subprocess.run([PYTHON, OFFICIAL], input=json.dumps(list(ALL.values())), text=True, capture_output=True,
                            timeout=120, check=False)
    assert result.returncode == 0, result.stderr
    return dict(zip(ALL, json.loads(result.stdout), strict=True))


@pytest.fixture(scope="module")
def stacks():
    # A change set needs no type to be there, only its transform.
    with running_server("--unsupported-resources", "record") as server:
        yield server.client("cloudformation")


def ours(stacks, name: str, template: dict) -> dict | str:
    stack = f"t{list(ALL).index(name)}"
    stacks.create_change_set(StackName=stack, ChangeSetName="first", ChangeSetType="CREATE",
                             TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"])
    described = stacks.describe_change_set(StackName=stack, ChangeSetName="first")
    if described["Status"] == "FAILED":
        return described["StatusReason"]
    return stacks.get_template(StackName=stack, ChangeSetName="first", TemplateStage="Processed")["TemplateBody"]


@pytest.mark.parametrize("name", TEMPLATES)
def test_equal_to_the_official_translator(official, stacks, name):
    made = official[name]
    assert isinstance(made, dict), made
    mine = ours(stacks, name, TEMPLATES[name])
    assert isinstance(mine, dict), mine
    assert mine == made


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_in_the_words_of_the_official_translator(official, stacks, name):
    assert isinstance(official[name], str), official[name]
    assert ours(stacks, name, MISTAKES[name]) == f"Transform {TRANSFORM} failed with: {official[name]}"
