# SPDX-License-Identifier: Apache-2.0
"""A thousand streams, and a stream of a thousand shards: created, listed by every operation that lists, written, read, found
again after kill -9, deleted."""
import concurrent.futures
import re
import time

import botocore.exceptions
import pytest
from conftest import running_server

COUNT = 1000
NAMES = [f"stream-{n:04}" for n in range(COUNT)]


@pytest.fixture(scope="module")
def server():
    with running_server() as one:
        yield one


@pytest.fixture(scope="module")
def kinesis(server):
    return server.client("kinesis", max_pool_connections=16)


def all_of(call, items):
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        return list(pool.map(call, items))


def resident_mib(server) -> int:
    status = open(f"/proc/{server.process.pid}/status", encoding="ascii").read()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) // 1024


def restart(server) -> float:
    """Kills the server; the seconds until the next one is ready."""
    server.kill()
    begin = time.monotonic()
    server.restart()
    return time.monotonic() - begin


def data_of(kinesis, stream, shard):
    iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    return [record["Data"].decode() for record in kinesis.get_records(ShardIterator=iterator)["Records"]]


def listed_by_token(kinesis):
    page = kinesis.list_streams()
    while True:
        yield from page["StreamNames"]
        if not page["HasMoreStreams"]:
            return
        page = kinesis.list_streams(NextToken=page["NextToken"])


def listed_by_name(kinesis):
    page = kinesis.list_streams(Limit=300)
    while True:
        yield from (summary["StreamName"] for summary in page["StreamSummaries"])
        if not page["HasMoreStreams"]:
            return
        page = kinesis.list_streams(Limit=300, ExclusiveStartStreamName=page["StreamNames"][-1])


def test_a_thousand_streams(server, kinesis):
    all_of(lambda name: kinesis.create_stream(StreamName=name, ShardCount=1, Tags={"name": name}), NAMES)
    assert list(listed_by_token(kinesis)) == list(listed_by_name(kinesis)) == NAMES
    pages = kinesis.get_paginator("list_streams").paginate()
    assert [name for page in pages for name in page["StreamNames"]] == NAMES
    assert kinesis.describe_limits()["OpenShardCount"] == COUNT
    all_of(lambda name: kinesis.put_record(StreamName=name, PartitionKey="k", Data=name.encode()), NAMES)
    assert restart(server) < 10
    assert resident_mib(server) < 256
    assert all_of(lambda name: data_of(kinesis, name, "shardId-000000000000"), NAMES) == [[name] for name in NAMES]
    tags = all_of(lambda name: kinesis.list_tags_for_stream(StreamName=name)["Tags"], NAMES)
    assert tags == [[{"Key": "name", "Value": name}] for name in NAMES]
    all_of(lambda name: kinesis.delete_stream(StreamName=name), NAMES)
    assert kinesis.list_streams()["StreamNames"] == []
    assert resident_mib(server) < 256


def listed_shards(kinesis, stream, limit):
    page = kinesis.list_shards(StreamName=stream, MaxResults=limit)
    while True:
        yield from page["Shards"]
        if "NextToken" not in page:
            return
        page = kinesis.list_shards(NextToken=page["NextToken"], MaxResults=limit)


def described_shards(kinesis, stream):
    pages = kinesis.get_paginator("describe_stream").paginate(StreamName=stream)
    return [shard for page in pages for shard in page["StreamDescription"]["Shards"]]


def scale(kinesis, stream, count):
    kinesis.update_shard_count(StreamName=stream, TargetShardCount=count, ScalingType="UNIFORM_SCALING")
    summary = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
    assert (summary["StreamStatus"], summary["OpenShardCount"]) == ("ACTIVE", count)


def test_a_stream_of_a_thousand_shards(server, kinesis):
    stream = "wide"
    kinesis.create_stream(StreamName=stream, ShardCount=COUNT)
    shards = list(listed_shards(kinesis, stream, 300))
    assert [shard["ShardId"] for shard in shards] == [f"shardId-{n:012}" for n in range(COUNT)]
    assert shards == list(listed_shards(kinesis, stream, 10_000)) == described_shards(kinesis, stream)
    for start in range(0, COUNT, 500):
        answer = kinesis.put_records(StreamName=stream, Records=[
            {"PartitionKey": "k", "Data": shard["ShardId"].encode(), "ExplicitHashKey": shard["HashKeyRange"]["StartingHashKey"]}
            for shard in shards[start:start + 500]])
        assert answer["FailedRecordCount"] == 0
        assert [record["ShardId"] for record in answer["Records"]] == [shard["ShardId"] for shard in shards[start:start + 500]]
    assert restart(server) < 10
    names = [shard["ShardId"] for shard in shards]
    assert all_of(lambda shard: data_of(kinesis, stream, shard), names) == [[name] for name in names]

    scale(kinesis, stream, 2 * COUNT)
    scale(kinesis, stream, COUNT)
    every = list(listed_shards(kinesis, stream, 999))
    assert every == described_shards(kinesis, stream) and len(every) == 4 * COUNT
    assert len([s for s in every if "EndingSequenceNumber" not in s["SequenceNumberRange"]]) == COUNT
    assert restart(server) < 10
    assert list(listed_shards(kinesis, stream, 1000)) == every
    assert resident_mib(server) < 256


def test_a_stream_of_many_consumers_and_tags(kinesis):
    kinesis.create_stream(StreamName="busy", ShardCount=1)
    arn = kinesis.describe_stream_summary(StreamName="busy")["StreamDescriptionSummary"]["StreamARN"]
    kinesis.update_account_settings(MinimumThroughputBillingCommitment={"Status": "ENABLED"})
    consumers = [f"consumer-{n:02}" for n in range(50)]
    for name in consumers:
        kinesis.register_stream_consumer(StreamARN=arn, ConsumerName=name)
    with pytest.raises(botocore.exceptions.ClientError, match="LimitExceededException"):
        kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="more")
    pages = kinesis.get_paginator("list_stream_consumers").paginate(StreamARN=arn, PaginationConfig={"PageSize": 7})
    assert [consumer["ConsumerName"] for page in pages for consumer in page["Consumers"]] == consumers
    tags = {f"tag-{n:02}": str(n) for n in range(50)}
    kinesis.add_tags_to_stream(StreamName="busy", Tags=tags)
    pages = kinesis.list_tags_for_stream(StreamName="busy", Limit=30)
    rest = kinesis.list_tags_for_stream(StreamName="busy", ExclusiveStartTagKey=pages["Tags"][-1]["Key"])
    assert pages["HasMoreTags"] and not rest["HasMoreTags"]
    assert {tag["Key"]: tag["Value"] for tag in pages["Tags"] + rest["Tags"]} == tags
    assert len(kinesis.list_tags_for_resource(ResourceARN=arn)["Tags"]) == 50
