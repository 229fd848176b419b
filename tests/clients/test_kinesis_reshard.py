# SPDX-License-Identifier: Apache-2.0
"""Resharding as boto3 and the AWS CLI see it: create, put, split, merge, scale, read through the lineage, delete."""
import base64
import json
import subprocess
import time

import botocore.exceptions
import pytest
from conftest import aws_commands, running_server

KEYS = [f"key-{n}" for n in range(20)]
LAST_HASH_KEY = 2**128 - 1


@pytest.fixture(scope="module")
def server():
    """Streams are CREATING, UPDATING and DELETING long enough to be seen."""
    with running_server("--state-delay-ms", "200") as one:
        yield one


@pytest.fixture(scope="module")
def kinesis(server):
    return server.client("kinesis")


def wait_active(kinesis, stream):
    while kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamStatus"] != "ACTIVE":
        time.sleep(0.02)


def new_stream(kinesis, name, shards):
    kinesis.create_stream(StreamName=name, ShardCount=shards)
    wait_active(kinesis, name)
    return name


def shards(kinesis, stream, **arguments) -> list[dict]:
    """Page by page; boto3's own paginator repeats StreamName beside NextToken, which AWS refuses too."""
    page = kinesis.list_shards(StreamName=stream, MaxResults=3, **arguments)
    found = page["Shards"]
    while "NextToken" in page:
        page = kinesis.list_shards(NextToken=page["NextToken"], MaxResults=3)
        found += page["Shards"]
    return found


def open_shards(kinesis, stream) -> list[dict]:
    """Sorted by hash key; together they have every key once."""
    found = sorted(shards(kinesis, stream, ShardFilter={"Type": "AT_LATEST"}),
                   key=lambda shard: int(shard["HashKeyRange"]["StartingHashKey"]))
    borders = [(int(s["HashKeyRange"]["StartingHashKey"]), int(s["HashKeyRange"]["EndingHashKey"])) for s in found]
    assert borders[0][0] == 0 and borders[-1][1] == LAST_HASH_KEY
    assert all(low[1] + 1 == high[0] for low, high in zip(borders, borders[1:]))
    return found


def put_round(kinesis, stream, number):
    answer = kinesis.put_records(StreamName=stream, Records=[
        {"PartitionKey": key, "Data": f"{key} {number}".encode()} for key in KEYS])
    assert answer["FailedRecordCount"] == 0


def read_lineage(kinesis, stream) -> dict[str, list[str]]:
    """The data of each key as a consumer meets it that reads a child once its parents have ended."""
    records, done, waiting = {}, set(), {}
    ready = [shard["ShardId"] for shard in shards(kinesis, stream, ShardFilter={"Type": "AT_TRIM_HORIZON"})]
    while ready:
        shard = ready.pop(0)
        iterator = kinesis.get_shard_iterator(
            StreamName=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        while iterator:
            answer = kinesis.get_records(ShardIterator=iterator, Limit=7)
            for record in answer["Records"]:
                records.setdefault(record["PartitionKey"], []).append(record["Data"].decode())
            iterator = answer.get("NextShardIterator")
            if iterator and answer["MillisBehindLatest"] == 0:
                break
        done.add(shard)
        if not iterator:
            waiting.update({child["ShardId"]: child["ParentShards"] for child in answer["ChildShards"]})
        for child in [child for child, parents in waiting.items() if done.issuperset(parents)]:
            del waiting[child]
            ready.append(child)
    assert done == {shard["ShardId"] for shard in shards(kinesis, stream)} and not waiting
    return records


def error_of(call, **arguments) -> str:
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


def test_a_full_round_with_boto3(kinesis):
    stream = "round"
    kinesis.create_stream(StreamName=stream, ShardCount=2)
    assert kinesis.describe_stream(StreamName=stream)["StreamDescription"]["StreamStatus"] == "CREATING"
    wait_active(kinesis, stream)
    put_round(kinesis, stream, 0)

    first = open_shards(kinesis, stream)[0]
    middle = (int(first["HashKeyRange"]["StartingHashKey"]) + int(first["HashKeyRange"]["EndingHashKey"])) // 2
    kinesis.split_shard(StreamName=stream, ShardToSplit=first["ShardId"], NewStartingHashKey=str(middle))
    assert kinesis.describe_stream(StreamName=stream)["StreamDescription"]["StreamStatus"] == "UPDATING"
    assert error_of(kinesis.update_shard_count, StreamName=stream, TargetShardCount=2,
                    ScalingType="UNIFORM_SCALING") == "ResourceInUseException"
    put_round(kinesis, stream, 1)
    wait_active(kinesis, stream)
    put_round(kinesis, stream, 2)

    low, high = open_shards(kinesis, stream)[1:]
    kinesis.merge_shards(StreamName=stream, ShardToMerge=low["ShardId"], AdjacentShardToMerge=high["ShardId"])
    wait_active(kinesis, stream)
    put_round(kinesis, stream, 3)
    merged = open_shards(kinesis, stream)[-1]
    assert (merged["ParentShardId"], merged["AdjacentParentShardId"]) == (low["ShardId"], high["ShardId"])

    answer = kinesis.update_shard_count(StreamName=stream, TargetShardCount=3, ScalingType="UNIFORM_SCALING")
    assert (answer["CurrentShardCount"], answer["TargetShardCount"]) == (2, 3)
    wait_active(kinesis, stream)
    put_round(kinesis, stream, 4)
    widths = [int(s["HashKeyRange"]["EndingHashKey"]) - int(s["HashKeyRange"]["StartingHashKey"])
              for s in open_shards(kinesis, stream)]
    assert max(widths) - min(widths) < 10 and len(widths) == 3

    assert read_lineage(kinesis, stream) == {key: [f"{key} {number}" for number in range(5)] for key in KEYS}
    closed = [s for s in kinesis.describe_stream(StreamName=stream)["StreamDescription"]["Shards"]
              if "EndingSequenceNumber" in s["SequenceNumberRange"]]
    assert all(int(s["SequenceNumberRange"]["StartingSequenceNumber"]) < int(s["SequenceNumberRange"]["EndingSequenceNumber"])
               for s in closed)

    kinesis.delete_stream(StreamName=stream)
    assert kinesis.describe_stream(StreamName=stream)["StreamDescription"]["StreamStatus"] == "DELETING"
    kinesis.get_waiter("stream_not_exists").wait(StreamName=stream, WaiterConfig={"Delay": 1, "MaxAttempts": 20})


def test_the_mode_changes(kinesis):
    stream = new_stream(kinesis, "modes", 2)
    arn = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"]
    kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    wait_active(kinesis, stream)
    summary = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
    assert (summary["StreamModeDetails"]["StreamMode"], summary["OpenShardCount"]) == ("ON_DEMAND", 2)
    assert error_of(kinesis.update_shard_count, StreamName=stream, TargetShardCount=4,
                    ScalingType="UNIFORM_SCALING") == "ValidationException"


def test_a_kill_between_acceptance_and_reshard_loses_neither(kinesis, server):
    stream = new_stream(kinesis, "killed", 1)
    put_round(kinesis, stream, 0)
    kinesis.update_shard_count(StreamName=stream, TargetShardCount=2, ScalingType="UNIFORM_SCALING")
    server.kill()
    server.restart()
    wait_active(kinesis, stream)
    put_round(kinesis, stream, 1)
    assert len(open_shards(kinesis, stream)) == 2
    assert read_lineage(kinesis, stream) == {key: [f"{key} 0", f"{key} 1"] for key in KEYS}


@pytest.mark.parametrize("aws", aws_commands())
def test_a_full_round_with_the_aws_cli(server, aws, request, tmp_path):
    stream = request.node.callspec.id

    def kinesis(*words):
        command = [*aws, "kinesis", *words, "--endpoint-url", server.url]  # Debian's does not know AWS_ENDPOINT_URL
        done = subprocess.run(command, env=server.environment(), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    kinesis("create-stream", "--stream-name", stream, "--shard-count", "1")
    kinesis("wait", "stream-exists", "--stream-name", stream)

    def put(data):
        (tmp_path / "data").write_bytes(data)
        return kinesis("put-record", "--stream-name", stream, "--partition-key", "k", "--data", f"fileb://{tmp_path}/data")

    first = put(b"one")
    kinesis("split-shard", "--stream-name", stream, "--shard-to-split", first["ShardId"],
            "--new-starting-hash-key", str(2**127))
    kinesis("wait", "stream-exists", "--stream-name", stream)
    second = put(b"two")
    assert second["ShardId"] != first["ShardId"] and int(first["SequenceNumber"]) < int(second["SequenceNumber"])
    kinesis("merge-shards", "--stream-name", stream, "--shard-to-merge", "shardId-000000000001",
            "--adjacent-shard-to-merge", "shardId-000000000002")
    kinesis("wait", "stream-exists", "--stream-name", stream)
    kinesis("update-shard-count", "--stream-name", stream, "--target-shard-count", "2", "--scaling-type", "UNIFORM_SCALING")
    kinesis("wait", "stream-exists", "--stream-name", stream)
    listed = kinesis("list-shards", "--stream-name", stream)["Shards"]
    assert [shard["ShardId"] for shard in listed] == [f"shardId-{n:012d}" for n in range(6)]
    data = []
    for shard in listed:
        iterator = kinesis("get-shard-iterator", "--stream-name", stream, "--shard-id", shard["ShardId"],
                           "--shard-iterator-type", "TRIM_HORIZON")["ShardIterator"]
        answer = kinesis("get-records", "--shard-iterator", iterator)
        assert ("ChildShards" in answer) == ("EndingSequenceNumber" in shard["SequenceNumberRange"])
        data += [base64.b64decode(record["Data"]) for record in answer["Records"]]
    assert data == [b"one", b"two"]
    kinesis("delete-stream", "--stream-name", stream)
