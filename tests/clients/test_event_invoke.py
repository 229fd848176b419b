# SPDX-License-Identifier: Apache-2.0
"""Asynchronous invocations with boto3: their ends are told to queues and topics, functions and buckets, also over kill -9."""
import json

import botocore.exceptions
import pytest
from conftest import running_server, zipped

ACCOUNT = "000000000000"
CODE = """
def handler(event, context):
    if event.get("fail"):
        raise ValueError("no")
    return {"seen": event}
"""


@pytest.fixture(scope="module")
def server():
    with running_server() as one:
        yield one


@pytest.fixture(scope="module")
def functions(server):
    return server.client("lambda", read_timeout=60)


def create(functions, name: str):
    functions.create_function(FunctionName=name, Runtime="python3.11", Role=f"arn:aws:iam::{ACCOUNT}:role/r", Timeout=20,
                              Handler="app.handler", Code={"ZipFile": zipped({"app.py": CODE})})


def queue(sqs, name: str) -> tuple[str, str]:
    return sqs.create_queue(QueueName=name)["QueueUrl"], f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"


def told(sqs, url: str) -> dict:
    messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20).get("Messages", [])
    assert len(messages) == 1, messages
    sqs.delete_message(QueueUrl=url, ReceiptHandle=messages[0]["ReceiptHandle"])
    return json.loads(messages[0]["Body"])


def test_queues_and_topics_are_told(server, functions):
    sqs, sns = server.client("sqs", read_timeout=60), server.client("sns")
    (good, good_arn), (bad, bad_arn) = queue(sqs, "good"), queue(sqs, "bad")
    topic = sns.create_topic(Name="ends")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=bad_arn, Attributes={"RawMessageDelivery": "true"})
    create(functions, "f")
    functions.put_function_event_invoke_config(FunctionName="f", MaximumRetryAttempts=0, DestinationConfig={
        "OnSuccess": {"Destination": good_arn}, "OnFailure": {"Destination": topic}})
    server.kill()
    server.restart()
    answer = functions.invoke(FunctionName="f", InvocationType="Event", Payload=json.dumps({"a": 1}))
    document = told(sqs, good)
    assert document["requestContext"] == {
        "requestId": answer["ResponseMetadata"]["RequestId"], "condition": "Success", "approximateInvokeCount": 1,
        "functionArn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f:$LATEST"}
    assert document["requestPayload"] == {"a": 1} and document["responsePayload"] == {"seen": {"a": 1}}
    assert document["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST"}
    functions.invoke(FunctionName="f", InvocationType="Event", Payload=json.dumps({"fail": True}))
    document = told(sqs, bad)
    assert document["requestContext"]["condition"] == "RetriesExhausted"
    assert document["responseContext"]["functionError"] == "Unhandled"
    assert document["responsePayload"]["errorType"] == "ValueError"


def test_a_function_is_told(server, functions):
    sqs = server.client("sqs", read_timeout=60)
    url, arn = queue(sqs, "last")
    create(functions, "first")
    create(functions, "second")
    second = functions.get_function_configuration(FunctionName="second")["FunctionArn"]
    functions.put_function_event_invoke_config(FunctionName="first", DestinationConfig={"OnSuccess": {"Destination": second}})
    functions.put_function_event_invoke_config(FunctionName="second", DestinationConfig={"OnSuccess": {"Destination": arn}})
    functions.invoke(FunctionName="first", InvocationType="Event", Payload=b"{}")
    assert told(sqs, url)["requestPayload"]["responsePayload"] == {"seen": {}}


def test_settings_are_kept(server, functions):
    create(functions, "kept")
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.get_function_event_invoke_config(FunctionName="kept")
    functions.put_function_event_invoke_config(FunctionName="kept", MaximumRetryAttempts=1)
    functions.update_function_event_invoke_config(FunctionName="kept", Qualifier="$LATEST", MaximumEventAgeInSeconds=60)
    told_config = functions.get_function_event_invoke_config(FunctionName="kept")
    assert told_config["MaximumRetryAttempts"] == 1 and told_config["MaximumEventAgeInSeconds"] == 60
    assert len(functions.list_function_event_invoke_configs(FunctionName="kept")["FunctionEventInvokeConfigs"]) == 1
    with pytest.raises(functions.exceptions.InvalidParameterValueException, match="Millrace tells SQS queues"):
        functions.put_function_event_invoke_config(FunctionName="kept", DestinationConfig={
            "OnFailure": {"Destination": f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/b"}})
    functions.delete_function_event_invoke_config(FunctionName="kept")
    with pytest.raises(botocore.exceptions.ClientError, match="doesn't have an EventInvokeConfig"):
        functions.delete_function_event_invoke_config(FunctionName="kept")


def test_dead_letters_go_to_a_queue_or_a_topic(server, functions):
    sqs, sns = server.client("sqs", read_timeout=60), server.client("sns")
    (url, arn), (told_url, told_arn) = queue(sqs, "dead"), queue(sqs, "told")
    topic = sns.create_topic(Name="dead")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=told_arn, Attributes={"RawMessageDelivery": "true"})
    create(functions, "letters")
    functions.put_function_event_invoke_config(FunctionName="letters", MaximumRetryAttempts=0)
    for target, at in ((arn, url), (topic, told_url)):
        functions.update_function_configuration(FunctionName="letters", DeadLetterConfig={"TargetArn": target})
        assert functions.get_function_configuration(FunctionName="letters")["DeadLetterConfig"] == {"TargetArn": target}
        sent = functions.invoke(FunctionName="letters", InvocationType="Event", Payload=json.dumps({"fail": True}))
        [letter] = sqs.receive_message(QueueUrl=at, WaitTimeSeconds=20, MessageAttributeNames=["All"])["Messages"]
        assert json.loads(letter["Body"]) == {"fail": True}
        assert {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()} == {
            "RequestID": sent["ResponseMetadata"]["RequestId"], "ErrorCode": "200", "ErrorMessage": "no"}
    functions.update_function_configuration(FunctionName="letters", DeadLetterConfig={"TargetArn": ""})
    assert "DeadLetterConfig" not in functions.get_function_configuration(FunctionName="letters")
    with pytest.raises(functions.exceptions.InvalidParameterValueException, match="must be a standard SQS queue"):
        functions.update_function_configuration(FunctionName="letters", DeadLetterConfig={"TargetArn": arn + ".fifo"})
