# SPDX-License-Identifier: Apache-2.0
"""Subscription filters of CloudWatch Logs with boto3: to a function and a stream, and in stacks of CloudFormation and SAM."""
import base64
import gzip
import io
import json
import time
import zipfile

import pytest
from conftest import running_server
from test_cloudformation import error_of, settled
from walkthrough import until

ROLE = "arn:aws:iam::000000000000:role/test"
# What it is told, it prints in one line.
CODE = """
import base64, gzip, json
def handler(event, context):
    data = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
    print("GOT " + json.dumps(data))
"""


@pytest.fixture(scope="module")
def server():
    with running_server() as one:
        yield one


@pytest.fixture(scope="module")
def logs(server):
    return server.client("logs")


def function(server, name: str, **more) -> str:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("index.py", CODE)
    return server.client("lambda").create_function(
        FunctionName=name, Runtime="python3.11", Role=ROLE, Handler="index.handler", Code={"ZipFile": archive.getvalue()},
        **more)["FunctionArn"]


def group(logs, name: str, stream: str = "s") -> str:
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName=stream)
    return name


def put(logs, name: str, *messages: str, stream: str = "s"):
    now = int(time.time() * 1000)
    logs.put_log_events(logGroupName=name, logStreamName=stream,
                        logEvents=[{"timestamp": now, "message": message} for message in messages])


def told(logs, function_name: str) -> list[dict]:
    """What the function has printed of its events."""
    try:
        found = logs.filter_log_events(logGroupName=f"/aws/lambda/{function_name}", filterPattern="GOT")["events"]
    except logs.exceptions.ResourceNotFoundException:
        return []
    return [json.loads(event["message"].removeprefix("GOT ")) for event in found]


def test_a_function_is_told_what_matches(server, logs):
    arn = function(server, "watcher")
    group(logs, "watched")
    logs.put_subscription_filter(logGroupName="watched", filterName="errors", filterPattern="ERROR", destinationArn=arn)
    put(logs, "watched", "fine", "ERROR one")
    data, = until(lambda: told(logs, "watcher"), "the function is told")
    assert (data["messageType"], data["owner"], data["logGroup"], data["logStream"], data["subscriptionFilters"]) == (
        "DATA_MESSAGE", "000000000000", "watched", "s", ["errors"])
    event, = data["logEvents"]
    known, = logs.filter_log_events(logGroupName="watched", filterPattern="ERROR")["events"]
    assert (event["message"], event["timestamp"], event["id"]) == ("ERROR one", known["timestamp"], known["eventId"])
    filters = logs.describe_subscription_filters(logGroupName="watched")["subscriptionFilters"]
    assert [(f["filterName"], f["filterPattern"], f["destinationArn"], f["distribution"]) for f in filters] == [
        ("errors", "ERROR", arn, "ByLogStream")]


def test_what_a_function_prints_is_told_to_another(server, logs):
    arn = function(server, "reader")
    function(server, "printer")
    logs.create_log_group(logGroupName="/aws/lambda/printer")
    logs.put_subscription_filter(logGroupName="/aws/lambda/printer", filterName="all", filterPattern="GOT",
                                 destinationArn=arn)
    inner = base64.b64encode(gzip.compress(json.dumps("hello").encode())).decode()
    server.client("lambda").invoke(FunctionName="printer", Payload=json.dumps({"awslogs": {"data": inner}}))
    data, = until(lambda: told(logs, "reader"), "the line is told")
    assert data["logEvents"][0]["message"].strip() == 'GOT "hello"'


def test_a_function_is_not_told_its_own_lines(server, logs):
    arn = function(server, "own")
    logs.create_log_group(logGroupName="/aws/lambda/own")
    request = {"logGroupName": "/aws/lambda/own", "filterName": "f", "filterPattern": "", "destinationArn": arn}
    assert error_of(logs.put_subscription_filter, **request) == (
        "InvalidParameterException: The log group provided is reserved for the function logs of the destination function.")
    function(server, "elsewhere", LoggingConfig={"LogFormat": "Text", "LogGroup": "/aws/lambda/own"})
    assert "is reserved for the function logs" in error_of(
        logs.put_subscription_filter, **request | {"destinationArn": arn.replace(":own", ":elsewhere")})


def test_a_stream_gets_records_of_gzip(server, logs):
    kinesis = server.client("kinesis")
    kinesis.create_stream(StreamName="of-logs", ShardCount=1)
    arn = kinesis.describe_stream_summary(StreamName="of-logs")["StreamDescriptionSummary"]["StreamARN"]
    group(logs, "streamed", "one stream")
    logs.put_subscription_filter(logGroupName="streamed", filterName="all", filterPattern="", destinationArn=arn,
                                 roleArn=ROLE)
    put(logs, "streamed", "first", "second", stream="one stream")
    shard = kinesis.get_shard_iterator(StreamName="of-logs", ShardId="shardId-000000000000",
                                       ShardIteratorType="TRIM_HORIZON")["ShardIterator"]

    def both():
        records = kinesis.get_records(ShardIterator=shard)["Records"]
        return records if len(records) == 2 else None

    control, data = until(both, "both records")
    assert json.loads(gzip.decompress(control["Data"]))["messageType"] == "CONTROL_MESSAGE"
    assert data["PartitionKey"] == "one stream"
    assert [event["message"] for event in json.loads(gzip.decompress(data["Data"]))["logEvents"]] == ["first", "second"]


def test_what_cannot_be_subscribed(server, logs):
    group(logs, "limited")
    arn = function(server, "limits")
    request = {"logGroupName": "limited", "filterName": "a", "filterPattern": "", "destinationArn": arn}
    assert error_of(logs.put_subscription_filter, **request | {"destinationArn": arn + "-not"}) == (
        "InvalidParameterException: Could not execute the lambda function. Make sure you have given CloudWatch Logs "
        "permission to execute your function.")
    stream = "arn:aws:kinesis:us-east-1:000000000000:stream/nowhere"
    assert error_of(logs.put_subscription_filter, **request | {"destinationArn": stream, "roleArn": ROLE}) == (
        "InvalidParameterException: Could not deliver test message to specified Kinesis stream. Check if the given kinesis "
        "stream is in ACTIVE state.")
    assert error_of(logs.put_subscription_filter, **request | {"logGroupName": "nowhere"}) == (
        "ResourceNotFoundException: The specified log group does not exist.")
    for name in ("a", "b", "a"):
        logs.put_subscription_filter(**request | {"filterName": name})
    assert error_of(logs.put_subscription_filter, **request | {"filterName": "c"}) == (
        "LimitExceededException: Resource limit exceeded.")
    pages = logs.get_paginator("describe_subscription_filters").paginate(logGroupName="limited",
                                                                        PaginationConfig={"PageSize": 1})
    assert [f["filterName"] for page in pages for f in page["subscriptionFilters"]] == ["a", "b"]
    logs.delete_subscription_filter(logGroupName="limited", filterName="a")
    assert error_of(logs.delete_subscription_filter, logGroupName="limited", filterName="a") == (
        "ResourceNotFoundException: The specified subscription filter does not exist.")


def test_filters_and_their_place_outlive_kill_9():
    with running_server() as server:
        logs = server.client("logs")
        arn = function(server, "survivor")
        group(logs, "lasting")
        logs.put_subscription_filter(logGroupName="lasting", filterName="f", filterPattern="", destinationArn=arn)
        put(logs, "lasting", "before")
        server.kill()
        server.restart()
        logs = server.client("logs")
        put(logs, "lasting", "after")

        def both():
            messages = [event["message"] for data in told(logs, "survivor") for event in data["logEvents"]]
            return messages if "after" in messages else None

        assert set(until(both, "both lines")) == {"before", "after"}


def test_log_groups_and_filters_in_a_stack(server, logs):
    stacks = server.client("cloudformation")

    def body(**properties) -> str:
        return json.dumps({
            "Transform": "AWS::Serverless-2016-10-31",
            "Resources": {
                "Lines": {"Type": "AWS::Logs::LogGroup", "Properties": properties},
                "Watcher": {"Type": "AWS::Serverless::Function", "Properties": {
                    "FunctionName": "stacked-watcher", "Runtime": "python3.11", "Handler": "index.handler", "Role": ROLE,
                    "InlineCode": CODE, "Events": {"Errors": {"Type": "CloudWatchLogs", "Properties": {
                        "LogGroupName": {"Ref": "Lines"}, "FilterPattern": "ERROR"}}}}}},
            "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Lines", "Arn"]}}}})

    def deploy(call, **properties) -> dict:
        call(StackName="log-lines", TemplateBody=body(**properties), Capabilities=["CAPABILITY_AUTO_EXPAND"])
        assert settled(stacks, "log-lines") in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), (
            stacks.describe_stack_events(StackName="log-lines"))
        described, = logs.describe_log_groups(logGroupNamePrefix="log-lines")["logGroups"]
        return described

    made = deploy(stacks.create_stack, RetentionInDays=7, Tags=[{"Key": "team", "Value": "orders"}])
    name = made["logGroupName"]
    assert name.startswith("log-lines-Lines-") and made["retentionInDays"] == 7
    assert logs.list_tags_for_resource(resourceArn=made["logGroupArn"])["tags"] == {"team": "orders"}
    assert stacks.describe_stacks(StackName="log-lines")["Stacks"][0]["Outputs"][0]["OutputValue"] == made["arn"]
    assert deploy(stacks.update_stack, RetentionInDays=30)["retentionInDays"] == 30
    assert "retentionInDays" not in deploy(stacks.update_stack)
    assert logs.list_tags_for_resource(resourceArn=made["logGroupArn"])["tags"] == {}
    logs.create_log_stream(logGroupName=name, logStreamName="s")
    put(logs, name, "an ERROR")
    assert until(lambda: told(logs, "stacked-watcher"), "the function is told")[0]["logGroup"] == name
    stacks.delete_stack(StackName="log-lines")
    assert settled(stacks, "log-lines") == "Stack with id log-lines does not exist"
    assert logs.describe_log_groups(logGroupNamePrefix="log-lines")["logGroups"] == []


def test_tags_of_a_log_group(logs):
    logs.create_log_group(logGroupName="tagged", tags={"a": "1"})
    arn = logs.describe_log_groups(logGroupNamePrefix="tagged")["logGroups"][0]["logGroupArn"]
    logs.tag_resource(resourceArn=arn, tags={"b": "2"})
    logs.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}
    too_many = {str(n): "x" for n in range(50)}
    assert error_of(logs.tag_resource, resourceArn=arn, tags=too_many).startswith("TooManyTagsException: ")
