# SPDX-License-Identifier: Apache-2.0
"""SQS with boto3 (AWS JSON), with the AWS CLIs (Debian's speaks Query) and as old clients do, in forms to the queue's URL."""
import hashlib
import json
import subprocess
import threading
import time
import urllib.parse
import urllib.request

import botocore.exceptions
import pytest
from conftest import aws_commands, running_server


@pytest.fixture(scope="module")
def server():
    with running_server() as one:
        yield one


@pytest.fixture(scope="module")
def sqs(server):
    return server.client("sqs")


@pytest.fixture
def queue(sqs, request):
    """The URL of a queue of the test's own."""
    name = "".join(c if c.isalnum() else "-" for c in request.node.name)[:80]
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    yield url
    sqs.delete_queue(QueueUrl=url)


@pytest.fixture
def fifo(sqs, request):
    name = "".join(c if c.isalnum() else "-" for c in request.node.name)[:75] + ".fifo"
    url = sqs.create_queue(QueueName=name, Attributes={"FifoQueue": "true"})["QueueUrl"]
    yield url
    sqs.delete_queue(QueueUrl=url)


def arn_of(sqs, url: str) -> str:
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def bodies(sqs, url: str, **options) -> list[str]:
    answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, **options)
    return [message["Body"] for message in answer.get("Messages", [])]


def error_of(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]


def test_a_message_goes_its_way(server, sqs, queue):
    assert queue.startswith(f"{server.url}/000000000000/")
    sent = sqs.send_message(QueueUrl=queue, MessageBody="hé\n", MessageAttributes={
        "text": {"DataType": "String", "StringValue": "x"},
        "number": {"DataType": "Number.int", "StringValue": "-1.5"},
        "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}})  # botocore checks the MD5s
    assert sent["MD5OfMessageBody"] == hashlib.md5("hé\n".encode()).hexdigest()
    message = sqs.receive_message(QueueUrl=queue, MessageAttributeNames=["All"],
                                  MessageSystemAttributeNames=["All"])["Messages"][0]
    assert message["Body"] == "hé\n" and message["MessageId"] == sent["MessageId"]
    assert message["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
    assert message["MessageAttributes"]["bytes"] == {"DataType": "Binary", "BinaryValue": b"\x00\xff"}
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    assert abs(int(message["Attributes"]["SentTimestamp"]) / 1000 - time.time()) < 60
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)
    sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    again = sqs.receive_message(QueueUrl=queue)["Messages"][0]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=again["ReceiptHandle"])
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=again["ReceiptHandle"])


def test_batches(sqs, queue):
    sent = sqs.send_message_batch(QueueUrl=queue, Entries=[
        {"Id": str(n), "MessageBody": f"m{n}", "DelaySeconds": 901 if n == 3 else 0} for n in range(10)])
    assert [entry["Id"] for entry in sent["Successful"]] == [str(n) for n in range(10) if n != 3]
    assert sent["Failed"][0]["Code"] == "InvalidParameterValue" and sent["Failed"][0]["SenderFault"]
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    entries = [{"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(messages)]
    changed = sqs.change_message_visibility_batch(
        QueueUrl=queue, Entries=[dict(entry, VisibilityTimeout=60) for entry in entries])
    assert len(changed["Successful"]) == 9 and not changed.get("Failed")
    deleted = sqs.delete_message_batch(QueueUrl=queue, Entries=entries)
    assert len(deleted["Successful"]) == 9
    counts = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert counts["ApproximateNumberOfMessages"] == counts["ApproximateNumberOfMessagesNotVisible"] == "0"


def test_a_long_poll_is_woken_by_a_send(sqs, server, queue):
    got = []
    waiter = threading.Thread(
        target=lambda: got.append((bodies(server.client("sqs"), queue, WaitTimeSeconds=20), time.monotonic())))
    waiter.start()
    time.sleep(0.3)
    sqs.send_message(QueueUrl=queue, MessageBody="wake")
    sent = time.monotonic()
    waiter.join()
    assert got[0][0] == ["wake"] and got[0][1] - sent < 5


def test_fifo_order_locks_and_deduplication(sqs, fifo):
    def send(group, body, identity):
        return sqs.send_message(QueueUrl=fifo, MessageBody=body, MessageGroupId=group, MessageDeduplicationId=identity)
    first = send("a", "a1", "1")
    assert send("a", "other", "1")["MessageId"] == first["MessageId"]
    assert send("a", "a2", "2")["SequenceNumber"] > first["SequenceNumber"]
    send("b", "b1", "3")
    one = sqs.receive_message(QueueUrl=fifo, MaxNumberOfMessages=1, AttributeNames=["All"])["Messages"][0]
    assert one["Body"] == "a1" and one["Attributes"]["MessageGroupId"] == "a"
    assert bodies(sqs, fifo) == ["b1"]
    sqs.delete_message(QueueUrl=fifo, ReceiptHandle=one["ReceiptHandle"])
    assert bodies(sqs, fifo) == ["a2"]
    missing = error_of(sqs.send_message, QueueUrl=fifo, MessageBody="x")
    assert missing["Code"] == "MissingParameter"


def test_dead_letters_and_their_way_back(sqs, queue):
    dead = sqs.create_queue(QueueName="dead-letters")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"RedrivePolicy": json.dumps(
        {"deadLetterTargetArn": arn_of(sqs, dead), "maxReceiveCount": 1})})
    sqs.send_message(QueueUrl=queue, MessageBody="poison")
    assert bodies(sqs, queue, VisibilityTimeout=0) == ["poison"]
    assert bodies(sqs, queue) == []
    assert sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == [queue]
    letter = sqs.receive_message(QueueUrl=dead, AttributeNames=["All"], VisibilityTimeout=0)["Messages"][0]
    assert letter["Attributes"]["DeadLetterQueueSourceArn"] == arn_of(sqs, queue)
    handle = sqs.start_message_move_task(SourceArn=arn_of(sqs, dead))["TaskHandle"]
    assert bodies(sqs, queue, WaitTimeSeconds=10) == ["poison"]
    end = time.monotonic() + 30
    while (task := sqs.list_message_move_tasks(SourceArn=arn_of(sqs, dead))["Results"][0])["Status"] == "RUNNING":
        assert time.monotonic() < end
    assert task["ApproximateNumberOfMessagesMoved"] == 1 and task["Status"] == "COMPLETED"
    refused = error_of(sqs.cancel_message_move_task, TaskHandle=handle)
    assert refused["Code"] == "AWS.SimpleQueueService.UnsupportedOperation"


def test_queues_tags_permissions_pages(server):
    sqs = server.client("sqs", parameter_validation=False)
    urls = [sqs.create_queue(QueueName=f"page-{n}", tags={"n": str(n)})["QueueUrl"] for n in range(5)]
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix="page-", PaginationConfig={"PageSize": 2})
    assert [url for page in pages for url in page["QueueUrls"]] == urls
    assert sqs.get_queue_url(QueueName="page-3")["QueueUrl"] == urls[3]
    sqs.tag_queue(QueueUrl=urls[0], Tags={"a": "b"})
    sqs.untag_queue(QueueUrl=urls[0], TagKeys=["n"])
    assert sqs.list_queue_tags(QueueUrl=urls[0])["Tags"] == {"a": "b"}
    sqs.add_permission(QueueUrl=urls[0], Label="l", AWSAccountIds=["111111111111"], Actions=["*"])
    policy = sqs.get_queue_attributes(QueueUrl=urls[0], AttributeNames=["Policy"])["Attributes"]["Policy"]
    assert json.loads(policy)["Statement"][0]["Sid"] == "l"
    sqs.remove_permission(QueueUrl=urls[0], Label="l")
    alone = {"Sid": "alone", "Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
    for statement in ({"Statement": alone}, {"Statement": [alone]}):  # one may do without the list
        sqs.set_queue_attributes(QueueUrl=urls[0], Attributes={"Policy": json.dumps({"Version": "2012-10-17", **statement})})
        assert error_of(sqs.add_permission, QueueUrl=urls[0], Label="alone", AWSAccountIds=["111111111111"],
                        Actions=["*"])["Code"].endswith("InvalidParameterValue")
        sqs.remove_permission(QueueUrl=urls[0], Label="alone")
        assert "Attributes" not in sqs.get_queue_attributes(QueueUrl=urls[0], AttributeNames=["Policy"])
    for n in range(3):
        sqs.send_message(QueueUrl=urls[1], MessageBody=str(n))
    sqs.purge_queue(QueueUrl=urls[1])
    assert bodies(sqs, urls[1]) == []
    for url in urls:
        sqs.delete_queue(QueueUrl=url)


def test_errors_as_sdks_know_them(sqs, queue):
    missing = error_of(sqs.get_queue_url, QueueName="missing")
    assert missing["Code"] == "AWS.SimpleQueueService.NonExistentQueue"
    assert missing["QueryErrorCode"] == "QueueDoesNotExist" and missing["Type"] == "Sender"
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.send_message(QueueUrl=queue + "x", MessageBody="x")
    with pytest.raises(sqs.exceptions.QueueNameExists):
        sqs.create_queue(QueueName=queue.rpartition("/")[2], Attributes={"DelaySeconds": "1"})
    with pytest.raises(sqs.exceptions.ReceiptHandleIsInvalid):
        sqs.delete_message(QueueUrl=queue, ReceiptHandle="x")
    with pytest.raises(sqs.exceptions.EmptyBatchRequest):
        sqs.send_message_batch(QueueUrl=queue, Entries=[])
    with pytest.raises(sqs.exceptions.InvalidAttributeName):
        sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["Colour"])


@pytest.mark.parametrize("aws", aws_commands())
def test_with_the_command_line(server, aws):
    """The AWS CLI of today speaks AWS JSON, Debian's 2.9 speaks Query."""
    def run(*arguments):
        # As `millrace env` has it: Debian's does not know AWS_ENDPOINT_URL, and today's 1.x passes over it for SQS.
        done = subprocess.run([*aws, "sqs", *arguments, "--endpoint-url", server.url, "--output", "json"],
                              env=server.environment(), text=True, capture_output=True, timeout=120)
        return json.loads(done.stdout or "null") if done.returncode == 0 else done.stderr
    name = f"cli-{len(aws[0])}"
    url = run("create-queue", "--queue-name", name, "--attributes", "VisibilityTimeout=0", "--tags", "a=b")["QueueUrl"]
    assert run("list-queue-tags", "--queue-url", url) == {"Tags": {"a": "b"}}
    sent = run("send-message", "--queue-url", url, "--message-body", "<&>", "--message-attributes",
               '{"k":{"DataType":"String","StringValue":"v"},"b":{"DataType":"Binary","BinaryValue":"AAE="}}')
    message = run("receive-message", "--queue-url", url, "--attribute-names", "All",
                  "--message-attribute-names", "All")["Messages"][0]
    assert message["Body"] == "<&>" and message["MessageId"] == sent["MessageId"]
    assert message["MessageAttributes"]["k"] == {"StringValue": "v", "DataType": "String"}
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    batch = run("send-message-batch", "--queue-url", url, "--entries",
                '[{"Id":"1","MessageBody":"x"},{"Id":"2","MessageBody":"y","DelaySeconds":901}]')
    assert [e["Id"] for e in batch["Successful"]] == ["1"] and batch["Failed"][0]["SenderFault"] is True
    run("delete-message-batch", "--queue-url", url, "--entries",
        json.dumps([{"Id": "a", "ReceiptHandle": message["ReceiptHandle"]}]))
    attributes = run("get-queue-attributes", "--queue-url", url, "--attribute-names", "All")["Attributes"]
    assert attributes["ApproximateNumberOfMessages"] == "1" and attributes["QueueArn"].endswith(name)
    assert url in run("list-queues")["QueueUrls"]
    run("purge-queue", "--queue-url", url)
    assert not run("receive-message", "--queue-url", url)
    run("delete-queue", "--queue-url", url)
    assert "AWS.SimpleQueueService.NonExistentQueue" in run("get-queue-url", "--queue-name", name)


def test_forms_to_the_queue_itself(server, queue):
    """As boto 2 and shell scripts send them: the URL is the queue."""
    def post(**parameters):
        body = urllib.parse.urlencode({"Version": "2012-11-05", **parameters}).encode()
        request = urllib.request.Request(queue, body, {
            "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, "
                             "SignedHeaders=host, Signature=0"})
        with urllib.request.urlopen(request) as answer:
            return answer.read().decode()
    sent = post(Action="SendMessage", MessageBody="form", **{
        "MessageAttribute.1.Name": "a", "MessageAttribute.1.Value.DataType": "String",
        "MessageAttribute.1.Value.StringValue": "v"})
    assert "<SendMessageResult><MD5OfMessageBody>" in sent
    received = post(Action="ReceiveMessage", **{"AttributeName.1": "SenderId", "MessageAttributeName.1": "a"})
    assert "<ReceiveMessageResult><Message><MessageId>" in received
    assert "<Attribute><Name>SenderId</Name><Value>000000000000</Value></Attribute>" in received
    assert "<MessageAttribute><Name>a</Name><Value><StringValue>v</StringValue>" in received


def test_what_was_acknowledged_survives_kill_9():
    """Sends and deletions while the server is killed, again and again."""
    with running_server() as server:
        sqs = server.client("sqs")
        url = sqs.create_queue(QueueName="killed", Attributes={"VisibilityTimeout": "1"})["QueueUrl"]
        sent, deleted, seen = set(), set(), {}
        stop = threading.Event()

        def send(sender):
            client, n = server.client("sqs"), 0
            while not stop.is_set():
                n += 1
                body = f"{sender}-{n}"
                try:
                    client.send_message(QueueUrl=url, MessageBody=body)
                    sent.add(body)
                except botocore.exceptions.BotoCoreError:
                    time.sleep(0.02)

        def consume():
            client = server.client("sqs")
            while not stop.is_set():
                try:
                    known = set(deleted)
                    for m in client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
                        assert m["Body"] not in known, f"{m['Body']} was deleted and came back"
                        seen[m["Body"]] = m["MessageId"]
                        client.delete_message(QueueUrl=url, ReceiptHandle=m["ReceiptHandle"])
                        deleted.add(m["Body"])
                except botocore.exceptions.BotoCoreError:
                    time.sleep(0.02)

        failures = []
        def guarded(work, *arguments):
            try:
                work(*arguments)
            except BaseException as error:
                failures.append(error)
        threads = [threading.Thread(target=guarded, args=(send, n)) for n in range(3)]
        threads += [threading.Thread(target=guarded, args=(consume,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for _ in range(5):
            time.sleep(0.5)
            server.kill()
            server.restart()
        time.sleep(0.5)
        stop.set()
        for thread in threads:
            thread.join()
        assert not failures
        end = time.monotonic() + 60
        while sent - seen.keys() and time.monotonic() < end:
            for m in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", []):
                assert m["Body"] not in deleted, f"{m['Body']} was deleted and came back"
                seen[m["Body"]] = m["MessageId"]
                sqs.delete_message(QueueUrl=url, ReceiptHandle=m["ReceiptHandle"])
        assert not sent - seen.keys(), "acknowledged and lost"
        assert len(sent) > 50 and len(deleted) > 10


def test_receives_are_counted_over_kill_9():
    with running_server() as server:
        sqs = server.client("sqs")
        dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
        url = sqs.create_queue(QueueName="killed", Attributes={"RedrivePolicy": json.dumps(
            {"deadLetterTargetArn": arn_of(sqs, dead), "maxReceiveCount": 3})})["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody="poison")
        for count in ("1", "2", "3"):
            message = sqs.receive_message(QueueUrl=url, AttributeNames=["All"])["Messages"][0]
            assert message["Attributes"]["ApproximateReceiveCount"] == count
            # Nobody waits for what is written of a reception; this comes behind it in the queue's log.
            sqs.send_message(QueueUrl=url, MessageBody="later", DelaySeconds=900)
            server.kill()
            server.restart()
        assert bodies(sqs, url) == []
        assert bodies(sqs, dead) == ["poison"]
