# SPDX-License-Identifier: Apache-2.0
"""SubscribeToShard with boto3: enhanced fan-out over HTTP/1.1."""
import itertools
import threading
import time

import botocore.exceptions
import pytest

SHARD = "shardId-000000000000"


@pytest.fixture
def kinesis(server):
    client = server.client("kinesis")
    client.create_stream(StreamName="orders", ShardCount=1)
    return client


def consumer(kinesis, name="bill") -> str:
    arn = kinesis.describe_stream_summary(StreamName="orders")["StreamDescriptionSummary"]["StreamARN"]
    return kinesis.register_stream_consumer(StreamARN=arn, ConsumerName=name)["Consumer"]["ConsumerARN"]


def subscribe(kinesis, arn, shard=SHARD, **position):
    position.setdefault("Type", "TRIM_HORIZON")
    return kinesis.subscribe_to_shard(ConsumerARN=arn, ShardId=shard, StartingPosition=position)["EventStream"]


def events(stream):
    return (event["SubscribeToShardEvent"] for event in stream)


def put(kinesis, *data):
    return [kinesis.put_record(StreamName="orders", PartitionKey=text, Data=text)["SequenceNumber"] for text in data]


def take(stream, count) -> list[bytes]:
    """That many records, whatever events they come in."""
    records = (record["Data"] for event in events(stream) for record in event["Records"])
    return list(itertools.islice(records, count))


def test_records_that_are_there_and_records_that_come(kinesis):
    numbers = put(kinesis, "one", "two")
    stream = events(subscribe(kinesis, consumer(kinesis)))
    first = next(stream)
    assert [record["Data"] for record in first["Records"]] == [b"one", b"two"]
    assert [record["SequenceNumber"] for record in first["Records"]] == numbers
    assert first["Records"][0]["PartitionKey"] == "one"
    assert first["ContinuationSequenceNumber"] == numbers[1]
    assert first["MillisBehindLatest"] == 0
    began = time.monotonic()
    put(kinesis, "three")
    assert [record["Data"] for record in next(stream)["Records"]] == [b"three"]
    assert time.monotonic() - began < 2  # an event without records comes after five seconds


def test_the_next_subscription_goes_on_where_one_was_left(kinesis):
    arn = consumer(kinesis)
    put(kinesis, "one")
    stream = subscribe(kinesis, arn)
    number = next(events(stream))["ContinuationSequenceNumber"]
    stream.close()
    put(kinesis, "two")
    deadline = time.monotonic() + 10
    while True:  # the server sees soon that the first one is gone
        try:
            stream = subscribe(kinesis, arn, Type="AFTER_SEQUENCE_NUMBER", SequenceNumber=number)
            break
        except kinesis.exceptions.ResourceInUseException:
            assert time.monotonic() < deadline
    assert take(stream, 1) == [b"two"]


def test_a_split_ends_the_subscription_with_the_children(kinesis):
    arn = consumer(kinesis)
    stream = subscribe(kinesis, arn)
    put(kinesis, "one")
    kinesis.split_shard(StreamName="orders", ShardToSplit=SHARD, NewStartingHashKey=str(2**127))
    seen = list(events(stream))
    assert [record["Data"] for event in seen for record in event["Records"]] == [b"one"]
    assert "ContinuationSequenceNumber" not in seen[-1]
    children = {child["ShardId"]: child["ParentShards"] for child in seen[-1]["ChildShards"]}
    assert children == {"shardId-000000000001": [SHARD], "shardId-000000000002": [SHARD]}
    streams = [subscribe(kinesis, arn, shard) for shard in children]
    answer = kinesis.put_record(StreamName="orders", PartitionKey="x", Data="two")
    assert take(streams[list(children).index(answer["ShardId"])], 1) == [b"two"]


def test_a_second_subscription_is_refused_while_the_first_is_new(kinesis):
    arn = consumer(kinesis)
    stream = subscribe(kinesis, arn)
    with pytest.raises(kinesis.exceptions.ResourceInUseException,
                       match=f"Another active subscription exists for this consumer: 000000000000:orders:{SHARD}:bill"):
        subscribe(kinesis, arn)
    stream.close()


def test_it_ends_with_an_exception_when_the_consumer_goes(kinesis):
    arn = consumer(kinesis)
    stream = subscribe(kinesis, arn)
    kinesis.deregister_stream_consumer(ConsumerARN=arn)
    with pytest.raises(botocore.exceptions.EventStreamError, match="Consumer bill, account 000000000000 not found"):
        list(stream)


def test_many_consumers_get_every_record(kinesis):
    count = 200
    streams = [subscribe(kinesis, consumer(kinesis, f"c{n}")) for n in range(10)]
    found: dict[int, list[bytes]] = {}
    threads = [threading.Thread(target=lambda n=n: found.update({n: take(streams[n], count)})) for n in range(10)]
    for thread in threads:
        thread.start()
    data = [f"r{n}".encode() for n in range(count)]
    for begin in range(0, count, 20):
        kinesis.put_records(StreamName="orders", Records=[
            {"PartitionKey": "k", "Data": text} for text in data[begin:begin + 20]])
    for thread in threads:
        thread.join(30)
    assert found == {n: data for n in range(10)}


def test_stopping_the_server_ends_subscriptions_in_order(server, kinesis):
    put(kinesis, "one")
    stream = subscribe(kinesis, consumer(kinesis))
    assert len(next(events(stream))["Records"]) == 1
    began = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - began < 5
    assert list(stream) == []  # an end, not a broken connection
