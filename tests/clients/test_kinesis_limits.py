# SPDX-License-Identifier: Apache-2.0
"""Sizes, counts, accounts, regions and --limits aws as boto3 meets them."""
import time

import boto3
import botocore.exceptions
import pytest
from botocore.config import Config
from conftest import running_server

MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def server():
    with running_server("--retention-min-hours", "1") as one:
        yield one


@pytest.fixture(scope="module")
def limited():
    with running_server("--limits", "aws") as one:
        yield one


@pytest.fixture(scope="module")
def kinesis(server):
    return server.client("kinesis")


def new_stream(kinesis, name, **arguments):
    kinesis.create_stream(StreamName=name, **({"ShardCount": 1} | arguments))
    return name


def iterator(kinesis, stream, kind="TRIM_HORIZON", **arguments):
    return kinesis.get_shard_iterator(StreamName=stream, ShardId="shardId-000000000000", ShardIteratorType=kind,
                                      **arguments)["ShardIterator"]


def error_of(call, **arguments) -> str:
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"


def test_records_and_batches_of_ten_mebibytes(kinesis):
    stream = new_stream(kinesis, "large", MaxRecordSizeInKiB=10240)
    whole = b"x" * (10 * MEBIBYTE - 1)
    kinesis.put_record(StreamName=stream, PartitionKey="k", Data=whole)
    assert "ValidationException" in error_of(kinesis.put_record, StreamName=stream, PartitionKey="k", Data=whole + b"x")
    batch = [{"PartitionKey": "k", "Data": b"y" * (5 * MEBIBYTE - 1)}] * 2
    assert kinesis.put_records(StreamName=stream, Records=batch)["FailedRecordCount"] == 0
    assert error_of(kinesis.put_records, StreamName=stream, Records=[*batch, {"PartitionKey": "k", "Data": b""}]).startswith(
        "InvalidArgumentException")
    # A page has ten mebibytes, or one record that is as large.
    first = kinesis.get_records(ShardIterator=iterator(kinesis, stream))
    assert [record["Data"] for record in first["Records"]] == [whole] and first["MillisBehindLatest"] > 0
    second = kinesis.get_records(ShardIterator=first["NextShardIterator"])
    assert [len(record["Data"]) for record in second["Records"]] == [5 * MEBIBYTE - 1] * 2
    assert second["MillisBehindLatest"] == 0


def test_the_record_size_is_raised_for_a_stream_that_is_there(kinesis):
    stream = new_stream(kinesis, "raised")
    record = {"StreamName": stream, "PartitionKey": "k", "Data": b"x" * (2 * MEBIBYTE)}
    assert "ValidationException" in error_of(kinesis.put_record, **record)
    summary = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
    kinesis.update_max_record_size(StreamARN=summary["StreamARN"], MaxRecordSizeInKiB=4096)
    kinesis.put_record(**record)


def test_a_page_has_ten_thousand_records(kinesis):
    stream = new_stream(kinesis, "many")
    for start in range(0, 10_500, 500):
        assert kinesis.put_records(StreamName=stream, Records=[
            {"PartitionKey": "k", "Data": b"%d" % n} for n in range(start, start + 500)])["FailedRecordCount"] == 0
    first = kinesis.get_records(ShardIterator=iterator(kinesis, stream))
    assert [int(record["Data"]) for record in first["Records"]] == list(range(10_000))
    second = kinesis.get_records(ShardIterator=first["NextShardIterator"], Limit=10_000)
    assert [int(record["Data"]) for record in second["Records"]] == list(range(10_000, 10_500))


def test_timestamps(kinesis):
    stream = new_stream(kinesis, "times")
    kinesis.put_record(StreamName=stream, PartitionKey="k", Data=b"0")
    time.sleep(1.1)  # boto3 sends whole seconds
    kinesis.put_record(StreamName=stream, PartitionKey="k", Data=b"1")
    first, second = (record["ApproximateArrivalTimestamp"].timestamp()
                     for record in kinesis.get_records(ShardIterator=iterator(kinesis, stream))["Records"])

    def read(timestamp):
        start = iterator(kinesis, stream, "AT_TIMESTAMP", Timestamp=timestamp)
        return b"".join(record["Data"] for record in kinesis.get_records(ShardIterator=start)["Records"])

    assert read(int(second)) == b"1"
    assert read(0) == read(first - 90_000) == read(int(first)) == b"01"
    assert "cannot be greater than the currentTimestampInMillis" in error_of(
        kinesis.get_shard_iterator, StreamName=stream, ShardId="0", ShardIteratorType="AT_TIMESTAMP",
        Timestamp=time.time() + 60)


def test_retention_goes_down_to_what_the_server_allows(kinesis):
    stream = new_stream(kinesis, "short")
    kinesis.decrease_stream_retention_period(StreamName=stream, RetentionPeriodHours=1)
    description = kinesis.describe_stream(StreamName=stream)["StreamDescription"]
    assert description["RetentionPeriodHours"] == 1
    assert "Minimum allowed retention period is 1 hours" in error_of(
        kinesis.decrease_stream_retention_period, StreamName=stream, RetentionPeriodHours=0)


def test_encryption_is_said_of_records(kinesis):
    stream = new_stream(kinesis, "secret")
    record = {"StreamName": stream, "PartitionKey": "k", "Data": b"x"}
    assert "EncryptionType" not in kinesis.put_record(**record)
    time.sleep(0.005)
    kinesis.start_stream_encryption(StreamName=stream, EncryptionType="KMS", KeyId="alias/aws/kinesis")
    assert kinesis.put_record(**record)["EncryptionType"] == "KMS"
    assert kinesis.put_records(StreamName=stream, Records=[{"PartitionKey": "k", "Data": b"x"}])["EncryptionType"] == "KMS"
    records = kinesis.get_records(ShardIterator=iterator(kinesis, stream))["Records"]
    assert [record.get("EncryptionType") for record in records] == [None, "KMS", "KMS"]


def test_accounts_and_regions_have_their_own_streams(server):
    def client(access_key, region):
        return boto3.client("kinesis", endpoint_url=server.url, region_name=region, aws_access_key_id=access_key,
                            aws_secret_access_key="test", config=Config(retries={"total_max_attempts": 1}))

    places = {("111111111111", "us-east-1"): "111111111111", ("111111111111", "eu-west-1"): "111111111111",
              ("222222222222", "us-east-1"): "222222222222", ("AKIAIOSFODNN7EXAMPLE", "us-west-1"): "000000000000"}
    for (access_key, region), account in places.items():
        kinesis = client(access_key, region)
        assert "ResourceNotFoundException" in error_of(kinesis.describe_stream, StreamName="same")
        new_stream(kinesis, "same", Tags={"place": f"{account}/{region}"})
        kinesis.put_record(StreamName="same", PartitionKey="k", Data=f"{account}/{region}".encode())
    for (access_key, region), account in places.items():
        kinesis = client(access_key, region)
        summary = kinesis.describe_stream_summary(StreamName="same")["StreamDescriptionSummary"]
        assert summary["StreamARN"] == f"arn:aws:kinesis:{region}:{account}:stream/same"
        data = [record["Data"].decode() for record in kinesis.get_records(ShardIterator=iterator(kinesis, "same"))["Records"]]
        assert data == [f"{account}/{region}"]
        assert kinesis.list_tags_for_stream(StreamName="same")["Tags"][0]["Value"] == f"{account}/{region}"
        assert kinesis.describe_limits()["OpenShardCount"] == 1
    client("111111111111", "eu-west-1").delete_stream(StreamName="same")
    assert client("111111111111", "us-east-1").list_streams()["StreamNames"] == ["same"]


def test_limits_refuse_part_of_a_batch_and_retries_complete_it(limited):
    kinesis = limited.client("kinesis")
    stream = new_stream(kinesis, "throttled")
    waiting = [{"PartitionKey": "k", "Data": b"%d" % n + b" " * 400_000} for n in range(6)]
    begin = time.monotonic()
    answer = kinesis.put_records(StreamName=stream, Records=waiting)
    assert answer["FailedRecordCount"] == 4
    assert {record["ErrorCode"] for record in answer["Records"][2:]} == {"ProvisionedThroughputExceededException"}
    assert {record["ErrorMessage"] for record in answer["Records"][2:]} == {
        "Rate exceeded for shard shardId-000000000000 in stream throttled under account 000000000000."}
    while waiting := [record for record, result in zip(waiting, answer["Records"]) if "ErrorCode" in result]:
        time.sleep(0.05)
        answer = kinesis.put_records(StreamName=stream, Records=waiting)
    assert time.monotonic() - begin > (6 * 400_000 - MEBIBYTE) / MEBIBYTE  # one mebibyte was saved up
    records = kinesis.get_records(ShardIterator=iterator(kinesis, stream))["Records"]
    assert [record["Data"].strip() for record in records] == [b"%d" % n for n in range(6)]


def accepted_before(call, refusal) -> tuple[int, str]:
    """How many calls go through until one is refused, and how that one is worded."""
    for accepted in range(100):
        try:
            call()
        except refusal as error:
            return accepted, error.response["Error"]["Message"]
    raise AssertionError("none was refused")


def test_limits_bound_calls(limited):
    kinesis = limited.client("kinesis")
    stream = new_stream(kinesis, "called")
    start = iterator(kinesis, stream)
    reads, message = accepted_before(lambda: kinesis.get_records(ShardIterator=start),
                                     kinesis.exceptions.ProvisionedThroughputExceededException)
    assert reads >= 5
    assert message == "Rate exceeded for shard shardId-000000000000 in stream called under account 000000000000."
    calls, message = accepted_before(lambda: kinesis.list_tags_for_stream(StreamName=stream),
                                     kinesis.exceptions.LimitExceededException)
    assert calls >= 5 and message == "Rate exceeded for stream called under account 000000000000."
    calls, message = accepted_before(kinesis.describe_limits, kinesis.exceptions.LimitExceededException)
    assert calls >= 1 and message == "Rate exceeded for account 000000000000."


def test_the_sdks_own_retries_get_through_the_limits(limited):
    kinesis = boto3.client("kinesis", endpoint_url=limited.url, region_name="us-east-1", aws_access_key_id="test",
                           aws_secret_access_key="test", config=Config(retries={"mode": "standard", "total_max_attempts": 10}))
    for _ in range(3):
        kinesis.describe_limits()
