# SPDX-License-Identifier: Apache-2.0
"""Queues as event sources, with boto3 and functions that run and print what they saw."""
import json
import time
import uuid

import pytest
from conftest import running_server
from test_lambda import Functions
from test_mappings import refused
from walkthrough import log_messages, until

# Prints what it is given. Messages that say "poison" it dislikes.
CODE = """
import json, os, time

def handler(event, context):
    records = event["Records"]
    print("SEEN " + json.dumps(records), flush=True)
    time.sleep(float(os.environ.get("TAKES", "0")))
    bad = [r["messageId"] for r in records if "poison" in r["body"]]
    if bad and os.environ.get("MODE") == "report":
        return {"batchItemFailures": [{"itemIdentifier": i} for i in bad]}
    if bad:
        raise ValueError("poison")
"""
INVALID = "InvalidParameterValueException"


class World:
    """A server with queues, functions and mappings between them."""

    def __init__(self, server):
        self.server = server
        self.sqs = server.client("sqs", read_timeout=60)
        self.client = server.client("lambda")
        self.functions = Functions(server)

    def queue(self, **attributes: str) -> str:
        fifo = attributes.get("FifoQueue") == "true"
        return self.sqs.create_queue(QueueName=f"q-{uuid.uuid4().hex[:8]}" + (".fifo" if fifo else ""),
                                     Attributes={"VisibilityTimeout": "20", **attributes})["QueueUrl"]

    def arn(self, url: str) -> str:
        return self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def function(self, timeout: int = 20, **environment: str) -> str:
        name = f"f-{uuid.uuid4().hex[:8]}"
        return self.functions.create(name, CODE, Timeout=timeout, Environment={"Variables": environment})

    def map(self, url: str, function: str, **options) -> str:
        made = self.client.create_event_source_mapping(EventSourceArn=self.arn(url), FunctionName=function, **options)
        self.settle(made["UUID"])
        return made["UUID"]

    def settle(self, mapping: str) -> dict:
        until(lambda: self.client.get_event_source_mapping(UUID=mapping)["State"] in ("Enabled", "Disabled"), "it is settled")
        return self.client.get_event_source_mapping(UUID=mapping)

    def send(self, url: str, *bodies: str, **more):
        for body in bodies:
            self.sqs.send_message(QueueUrl=url, MessageBody=body, **more)

    def batches(self, function: str) -> list[list[dict]]:
        return [json.loads(m[len("SEEN "):]) for m in log_messages(self.server, function) if m.startswith("SEEN ")]

    def bodies(self, function: str) -> list[str]:
        return [r["body"] for batch in self.batches(function) for r in batch]

    def left(self, url: str) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"]
        told = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(told[name]) for name in names)


@pytest.fixture(scope="module")
def world():
    with running_server() as server:
        yield World(server)


def test_the_event_is_as_aws_writes_it_and_what_was_handled_is_deleted(world):
    url, function = world.queue(), world.function()
    world.map(url, function)
    sent = world.sqs.send_message(
        QueueUrl=url, MessageBody='{"order": "\u00e9"}', MessageAttributes={
            "kind": {"DataType": "String", "StringValue": "new"},
            "raw": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}})
    until(lambda: world.batches(function), "the function has seen it")
    [[record]] = world.batches(function)
    attributes = record.pop("attributes")
    assert record.pop("receiptHandle")
    assert record == {
        "messageId": sent["MessageId"], "body": '{"order": "\u00e9"}', "md5OfBody": sent["MD5OfMessageBody"],
        "md5OfMessageAttributes": sent["MD5OfMessageAttributes"],
        "messageAttributes": {
            "kind": {"stringValue": "new", "stringListValues": [], "binaryListValues": [], "dataType": "String"},
            "raw": {"binaryValue": "AP8=", "stringListValues": [], "binaryListValues": [], "dataType": "Binary"}},
        "eventSource": "aws:sqs", "eventSourceARN": world.arn(url), "awsRegion": "us-east-1"}
    assert set(attributes) == {"ApproximateReceiveCount", "SentTimestamp", "SenderId", "ApproximateFirstReceiveTimestamp"}
    assert attributes["ApproximateReceiveCount"] == "1" and abs(int(attributes["SentTimestamp"]) / 1000 - time.time()) < 60
    until(lambda: world.left(url) == 0, "it is deleted")


def test_settings_are_shown_and_changed(world):
    url, function = world.queue(), world.function()
    made = world.client.create_event_source_mapping(EventSourceArn=world.arn(url), FunctionName=function)
    made.pop("ResponseMetadata")
    assert made.pop("LastModified") and made.pop("UUID") and made.pop("EventSourceMappingArn")
    assert made == {"BatchSize": 10, "EventSourceArn": world.arn(url), "FunctionResponseTypes": [], "State": "Creating",
                    "FunctionArn": world.client.get_function_configuration(FunctionName=function)["FunctionArn"],
                    "MaximumBatchingWindowInSeconds": 0, "StateTransitionReason": "USER_INITIATED"}
    url = world.queue()
    settings = dict(BatchSize=200, MaximumBatchingWindowInSeconds=2, ScalingConfig={"MaximumConcurrency": 2},
                    FunctionResponseTypes=["ReportBatchItemFailures"], MetricsConfig={"Metrics": ["EventCount"]},
                    FilterCriteria={"Filters": [{"Pattern": '{"body":["plain"]}'}]})
    mapping = world.map(url, function, Enabled=False, **settings)
    shown = world.client.get_event_source_mapping(UUID=mapping)
    assert {name: shown[name] for name in settings} == settings and shown["State"] == "Disabled"
    world.client.update_event_source_mapping(UUID=mapping, BatchSize=1, ScalingConfig={}, FilterCriteria={}, Enabled=True)
    shown = world.settle(mapping)
    assert "ScalingConfig" not in shown and "FilterCriteria" not in shown
    assert (shown["BatchSize"], shown["State"]) == (1, "Enabled")
    listed = world.client.list_event_source_mappings(EventSourceArn=world.arn(url))["EventSourceMappings"]
    assert [m["UUID"] for m in listed] == [mapping]
    assert refused(world.client.create_event_source_mapping, EventSourceArn=world.arn(url), FunctionName=function)[0] == \
        "ResourceConflictException"
    assert world.client.delete_event_source_mapping(UUID=mapping)["State"] == "Deleting"
    until(lambda: not world.client.list_event_source_mappings(EventSourceArn=world.arn(url))["EventSourceMappings"], "gone")


def test_what_aws_refuses_is_refused_in_its_words(world):
    url, function = world.queue(), world.function()

    def create(source=None, **options):
        return refused(world.client.create_event_source_mapping,
                       **{"EventSourceArn": source or world.arn(url), "FunctionName": function, **options})

    for position in ({"StartingPosition": "LATEST"}, {"StartingPositionTimestamp": 1}):
        assert create(**position) == (INVALID, "StartingPosition is not valid for SQS event sources.")
    of_streams = dict(ParallelizationFactor=2, BisectBatchOnFunctionError=True, TumblingWindowInSeconds=5, MaximumRetryAttempts=1,
                      MaximumRecordAgeInSeconds=60, DestinationConfig={"OnFailure": {"Destination": world.arn(url)}},
                      Topics=["t"], ProvisionedPollerConfig={"MinimumPollers": 2})
    for name, value in of_streams.items():
        assert create(**{name: value}) == (INVALID, f"Unsupported {name} parameter for given event source mapping type.")
    for pattern in ("[]", "{", '{"body":"plain"}'):
        assert create(FilterCriteria={"Filters": [{"Pattern": pattern}]}) == (INVALID, "Invalid filter pattern definition.")
    assert create(BatchSize=11) == (
        INVALID, "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10")
    assert create(BatchSize=10001)[0] == "ValidationException"
    assert create(ScalingConfig={"MaximumConcurrency": 1001})[0] == "ValidationException"
    fifo = world.arn(world.queue(FifoQueue="true"))
    assert create(fifo, MaximumBatchingWindowInSeconds=1) == (INVALID, "Batching window is not supported for FIFO queues")
    assert "AWS.SimpleQueueService.NonExistentQueue" in create(world.arn(url) + "x")[1]
    short = world.arn(world.queue(VisibilityTimeout="19"))
    too_long = (INVALID, "Queue visibility timeout: 19 seconds is less than Function timeout: 20 seconds")
    assert create(short) == too_long
    quick = world.function(timeout=5)
    mapping = world.client.create_event_source_mapping(EventSourceArn=short, FunctionName=quick)["UUID"]
    world.settle(mapping)
    assert refused(world.client.update_function_configuration, FunctionName=quick, Timeout=20) == too_long
    assert refused(world.client.update_event_source_mapping, UUID=mapping, FunctionName=function) == too_long
    assert refused(world.client.update_event_source_mapping, UUID=mapping, ParallelizationFactor=2)[0] == INVALID


def test_filtered_messages_are_deleted_unseen(world):
    url, function = world.queue(), world.function()
    patterns = ['{"body":{"n":[{"numeric":[">",1]}]}}', '{"body":[{"prefix":"hello"}]}',
                '{"messageAttributes":{"vip":{"stringValue":["yes"]}}}']
    world.map(url, function, FilterCriteria={"Filters": [{"Pattern": p} for p in patterns]})
    world.send(url, '{"n":1}', '{"n":2}', "hello world", "goodbye")
    world.send(url, "a guest", MessageAttributes={"vip": {"DataType": "String", "StringValue": "yes"}})
    until(lambda: world.left(url) == 0, "all are gone")
    assert sorted(world.bodies(function)) == ["a guest", "hello world", '{"n":2}']


def test_what_fails_comes_again_and_then_is_a_dead_letter(world):
    dead, function = world.queue(), world.function(timeout=1)
    policy = json.dumps({"deadLetterTargetArn": world.arn(dead), "maxReceiveCount": 2})
    url = world.queue(VisibilityTimeout="1", RedrivePolicy=policy)
    mapping = world.map(url, function, BatchSize=1)
    world.send(url, "poison", "good")
    [message] = world.sqs.receive_message(QueueUrl=dead, WaitTimeSeconds=20)["Messages"]
    assert message["Body"] == "poison"
    until(lambda: world.left(url) == 0, "the other one was handled")
    assert sorted(world.bodies(function)) == ["good", "poison", "poison"]
    counts = [r["attributes"]["ApproximateReceiveCount"] for b in world.batches(function) for r in b if r["body"] == "poison"]
    assert counts == ["1", "2"]
    assert world.client.get_event_source_mapping(UUID=mapping)["State"] == "Enabled"


def test_of_a_partly_failed_batch_only_the_failed_ones_come_again(world):
    dead, function = world.queue(), world.function(timeout=1, MODE="report")
    policy = json.dumps({"deadLetterTargetArn": world.arn(dead), "maxReceiveCount": 2})
    url = world.queue(VisibilityTimeout="2", RedrivePolicy=policy)
    world.send(url, "a", "poison", "b")
    world.map(url, function, FunctionResponseTypes=["ReportBatchItemFailures"])
    assert world.sqs.receive_message(QueueUrl=dead, WaitTimeSeconds=20)["Messages"][0]["Body"] == "poison"
    until(lambda: world.left(url) == 0, "the queue is empty")
    assert [[r["body"] for r in batch] for batch in world.batches(function)] == [["a", "poison", "b"], ["poison"]]


def test_a_window_gathers_a_large_batch(world):
    url, function = world.queue(), world.function()
    for first in range(0, 40, 10):
        world.sqs.send_message_batch(QueueUrl=url, Entries=[
            {"Id": str(i), "MessageBody": str(i)} for i in range(first, first + 10)])
    world.map(url, function, BatchSize=40, MaximumBatchingWindowInSeconds=5)
    until(lambda: world.left(url) == 0, "all are handled")
    assert [len(batch) for batch in world.batches(function)] == [40]


def test_groups_keep_their_order_one_batch_at_a_time(world):
    url = world.queue(FifoQueue="true", ContentBasedDeduplication="true")
    function = world.function(TAKES="0.05")
    world.map(url, function, BatchSize=2)
    for i in range(6):
        for group in ("a", "b"):
            world.send(url, f"{group}{i}", MessageGroupId=group)
    until(lambda: world.left(url) == 0, "all are handled")
    bodies = world.bodies(function)
    for group in ("a", "b"):
        assert [b for b in bodies if b[0] == group] == [f"{group}{i}" for i in range(6)]
    record = world.batches(function)[0][0]
    assert {"MessageGroupId", "SequenceNumber", "MessageDeduplicationId"} <= set(record["attributes"])


def test_no_more_batches_than_allowed_are_in_flight(world):
    url, function = world.queue(), world.function(TAKES="0.3")
    world.send(url, *(str(i) for i in range(8)))
    world.map(url, function, BatchSize=1, ScalingConfig={"MaximumConcurrency": 2})
    most = 0

    def look() -> bool:
        nonlocal most
        told = world.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessagesNotVisible"])
        most = max(most, int(told["Attributes"]["ApproximateNumberOfMessagesNotVisible"]))
        return world.left(url) == 0

    until(look, "all are handled")
    assert most == 2


def test_a_disabled_mapping_leaves_the_queue_alone(world):
    url, function = world.queue(), world.function()
    mapping = world.map(url, function)
    world.client.update_event_source_mapping(UUID=mapping, Enabled=False)
    assert world.settle(mapping)["State"] == "Disabled"
    world.send(url, "later")
    assert world.sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)["Messages"][0]["Body"] == "later"
    world.client.update_event_source_mapping(UUID=mapping, Enabled=True)
    until(lambda: world.left(url) == 0, "it is handled")
    assert world.bodies(function) == ["later"]


def test_a_queue_that_is_made_again_is_consumed_again(world):
    url, function = world.queue(), world.function()
    mapping = world.map(url, function)
    world.sqs.delete_queue(QueueUrl=url)
    until(lambda: "does not exist" in world.client.get_event_source_mapping(UUID=mapping).get("LastProcessingResult", ""),
          "the mapping tells that the queue is gone")
    world.sqs.create_queue(QueueName=url.rsplit("/", 1)[1], Attributes={"VisibilityTimeout": "20"})
    world.send(url, "anew")
    until(lambda: world.bodies(function) == ["anew"], "it is consumed")


def test_a_kill_loses_nothing():
    with running_server() as server:
        world = World(server)
        url, function = world.queue(VisibilityTimeout="20"), world.function(TAKES="0.5")
        world.map(url, function, BatchSize=1)
        world.send(url, *(f"m{i}" for i in range(10)))
        until(lambda: world.bodies(function), "the first ones are under way")
        server.kill()
        server.restart()
        until(lambda: world.left(url) == 0, "all are handled")
        assert set(world.bodies(function)) == {f"m{i}" for i in range(10)}


def test_templates_deploy_and_change_mappings_of_queues(world):
    cloudformation = world.server.client("cloudformation")
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Orders": {"Type": "AWS::SQS::Queue"},
            "Second": {"Type": "AWS::SQS::Queue"},
            "Consumer": {"Type": "AWS::Serverless::Function", "Properties": {
                "Runtime": "python3.11", "Handler": "index.handler", "InlineCode": CODE,
                "DeadLetterQueue": {"Type": "SQS", "TargetArn": {"Fn::GetAtt": ["Second", "Arn"]}}, "Events": {
                    "Queue": {"Type": "SQS", "Properties": {
                        "Queue": {"Fn::GetAtt": ["Orders", "Arn"]}, "BatchSize": 5,
                        "ScalingConfig": {"MaximumConcurrency": 3},
                        "FunctionResponseTypes": ["ReportBatchItemFailures"],
                        "FilterCriteria": {"Filters": [{"Pattern": '{"body":["yes"]}'}]}}}}}},
            "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {
                "EventSourceArn": {"Fn::GetAtt": ["Second", "Arn"]}, "FunctionName": {"Ref": "Consumer"}}}},
        "Outputs": {"Orders": {"Value": {"Ref": "Orders"}}, "Second": {"Value": {"Ref": "Second"}},
                    "Consumer": {"Value": {"Ref": "Consumer"}}, "Event": {"Value": {"Ref": "ConsumerQueue"}}}}
    arguments = dict(StackName="queues", Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"])
    cloudformation.create_stack(TemplateBody=json.dumps(template), **arguments)
    cloudformation.get_waiter("stack_create_complete").wait(StackName="queues", WaiterConfig={"Delay": 1})
    stack = cloudformation.describe_stacks(StackName="queues")["Stacks"][0]
    made = {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]}
    shown = world.client.get_event_source_mapping(UUID=made["Event"])
    assert (shown["BatchSize"], shown["ScalingConfig"]) == (5, {"MaximumConcurrency": 3})
    configuration = world.client.get_function_configuration(FunctionName=made["Consumer"])
    assert configuration["DeadLetterConfig"] == {"TargetArn": world.arn(made["Second"])}
    world.send(made["Orders"], "yes", "no")
    world.send(made["Second"], "second")
    until(lambda: world.left(made["Orders"]) + world.left(made["Second"]) == 0, "both queues are consumed")
    assert sorted(world.bodies(made["Consumer"])) == ["second", "yes"]
    event = template["Resources"]["Consumer"]["Properties"]["Events"]["Queue"]["Properties"]
    event["BatchSize"] = 7
    del event["ScalingConfig"], event["FilterCriteria"]
    del template["Resources"]["Consumer"]["Properties"]["DeadLetterQueue"]
    cloudformation.update_stack(TemplateBody=json.dumps(template), **arguments)
    cloudformation.get_waiter("stack_update_complete").wait(StackName="queues", WaiterConfig={"Delay": 1})
    shown = world.client.get_event_source_mapping(UUID=made["Event"])
    assert shown["BatchSize"] == 7 and "ScalingConfig" not in shown and "FilterCriteria" not in shown
    assert "DeadLetterConfig" not in world.client.get_function_configuration(FunctionName=made["Consumer"])
    cloudformation.delete_stack(StackName="queues")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="queues", WaiterConfig={"Delay": 1})
    assert refused(world.client.get_event_source_mapping, UUID=made["Event"])[0] == "ResourceNotFoundException"
