# SPDX-License-Identifier: Apache-2.0
"""Kinesis as boto3 and raw HTTP see it: routing, iterators, limits, and clients that misbehave."""
import socket

import boto3
import botocore.exceptions
import pytest
from conftest import running_server

LAST_HASH_KEY = 2**128 - 1


@pytest.fixture(scope="module")
def server():
    with running_server() as one:
        yield one


@pytest.fixture(scope="module")
def kinesis(server):
    return server.client("kinesis", parameter_validation=False)


@pytest.fixture
def stream(kinesis, request):
    name = request.node.name
    kinesis.create_stream(StreamName=name, ShardCount=3)
    return name


def error_of(call, **arguments) -> str:
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"


def iterator(kinesis, stream, kind="TRIM_HORIZON", shard="shardId-000000000000", **more):
    return kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, ShardIteratorType=kind, **more)["ShardIterator"]


def data(kinesis, *arguments, **more) -> list[bytes]:
    return [r["Data"] for r in kinesis.get_records(ShardIterator=iterator(kinesis, *arguments, **more))["Records"]]


def test_hash_keys_at_the_borders_of_shards(kinesis, stream):
    shards = kinesis.list_shards(StreamName=stream)["Shards"]
    assert int(shards[0]["HashKeyRange"]["StartingHashKey"]) == 0
    assert int(shards[-1]["HashKeyRange"]["EndingHashKey"]) == LAST_HASH_KEY
    for shard in shards:
        for border in shard["HashKeyRange"].values():
            put = kinesis.put_record(StreamName=stream, PartitionKey="k", Data=b"x", ExplicitHashKey=border)
            assert put["ShardId"] == shard["ShardId"]
    assert "ExplicitHashKey must be in the range: [0, 2^128-1]" in error_of(
        kinesis.put_record, StreamName=stream, PartitionKey="k", Data=b"x", ExplicitHashKey=str(LAST_HASH_KEY + 1))


def test_every_iterator_type(kinesis, stream):
    numbers = [kinesis.put_record(StreamName=stream, PartitionKey="k", Data=b"%d" % i,
                                  ExplicitHashKey="0")["SequenceNumber"] for i in range(4)]
    latest = iterator(kinesis, stream, "LATEST")
    kinesis.put_record(StreamName=stream, PartitionKey="k", Data=b"4", ExplicitHashKey="0")
    assert data(kinesis, stream) == [b"0", b"1", b"2", b"3", b"4"]
    assert data(kinesis, stream, "AT_SEQUENCE_NUMBER", StartingSequenceNumber=numbers[2]) == [b"2", b"3", b"4"]
    assert data(kinesis, stream, "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=numbers[2]) == [b"3", b"4"]
    assert data(kinesis, stream, "AT_TIMESTAMP", Timestamp=1) == [b"0", b"1", b"2", b"3", b"4"]
    assert [r["Data"] for r in kinesis.get_records(ShardIterator=latest)["Records"]] == [b"4"]


def test_an_iterator_is_no_pass_to_another_account_or_region(server, kinesis, stream):
    kinesis.put_record(StreamName=stream, PartitionKey="k", Data=b"secret", ExplicitHashKey="0")
    for access_key, region in (("111111111111", "us-east-1"), ("test", "eu-west-1")):
        other = boto3.client("kinesis", endpoint_url=server.url, region_name=region, aws_access_key_id=access_key,
                             aws_secret_access_key="test")
        assert error_of(other.get_records, ShardIterator=iterator(kinesis, stream)) == (
            "InvalidArgumentException: Invalid ShardIterator.")
        assert other.list_streams()["StreamNames"] == []


def test_sizes(kinesis, stream):
    mebibyte = 1024 * 1024
    kinesis.put_record(StreamName=stream, PartitionKey="\N{ROCKET}" * 256, Data=b"")
    kinesis.put_record(StreamName=stream, PartitionKey="k", Data=b"x" * (mebibyte - 1))
    assert "the partition key counts: 1048577 bytes together" in error_of(
        kinesis.put_record, StreamName=stream, PartitionKey="k", Data=b"x" * mebibyte)
    assert "Member must have length less than or equal to 256" in error_of(
        kinesis.put_record, StreamName=stream, PartitionKey="k" * 257, Data=b"")
    records = [{"PartitionKey": f"{i}", "Data": b"%d" % i} for i in range(501)]
    assert kinesis.put_records(StreamName=stream, Records=records[:500])["FailedRecordCount"] == 0
    assert error_of(kinesis.put_records, StreamName=stream, Records=records).endswith(
        "failed to satisfy constraint: Member must have length less than or equal to 500")


class Raw:
    """HTTP by hand: what no SDK sends."""

    def __init__(self, server):
        self.address = ("127.0.0.1", server.port)

    def send(self, text: bytes) -> bytes:
        with socket.create_connection(self.address, timeout=10) as connection:
            connection.sendall(text)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while more := connection.recv(65536):
                answer += more
            return answer

    def post(self, body: bytes, **headers) -> bytes:
        fields = {"Host": "localhost", "X-Amz-Target": "Kinesis_20131202.ListStreams",
                  "Content-Type": "application/x-amz-json-1.1", "Content-Length": str(len(body)),
                  "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/kinesis/aws4_request, "
                                   "SignedHeaders=host, Signature=0"} | {k.replace("_", "-"): v for k, v in headers.items()}
        lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
        return self.send(("POST / HTTP/1.1\r\n" + "\r\n".join(lines) + "\r\n\r\n").encode() + body)


@pytest.fixture
def raw(server):
    yield Raw(server)
    assert server.process.poll() is None, "the server has ended"


def test_unusual_requests(raw):
    assert b" 200 " in raw.post(b"{}")
    assert b'{"__type":"SerializationException"}' in raw.post(b'{"Limit":')
    assert b"class java.lang.String can not be converted to an Integer" in raw.post(b'{"Limit":"x"}')
    assert b"SerializationException" in raw.post(b'{"x":' + b"[" * 100_000)
    assert b"MissingAuthenticationTokenException" in raw.post(b"{}", Authorization=None)
    assert b"UnknownOperationException" in raw.post(b"{}", X_Amz_Target="Kinesis_20131202.Nothing")
    assert b"The operation 'Nothing.Here' is not supported" in raw.post(b"{}", X_Amz_Target="Nothing.Here")
    assert b" 400 " in raw.post(b"zz\r\n{}\r\n0\r\n\r\n", Content_Length=None, Transfer_Encoding="chunked")
    assert b" 413 " in raw.post(b"x", Content_Length="99999999999")
    assert b" 431 " in raw.post(b"{}", X_Large="x" * 200_000)
    assert raw.post(b"{}").split(b"\r\n")[0] in raw.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")


def test_web_pages_are_refused(raw):
    for headers in ({"Host": "evil.example"}, {"Host": "127.0.0.1.evil.example"}, {"Origin": "http://evil.example"},
                    {"Origin": "null"}, {"Origin": "http://localhost.evil.example"}):
        assert b" 403 Forbidden" in raw.post(b"{}", **headers), headers
    assert b" 200 OK" in raw.post(b"{}", Origin="http://localhost:3000")


def test_pipelined_requests_are_all_answered(raw, server):
    one = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    assert raw.send(one * 20).count(b"HTTP/1.1 200 OK") == 20


def test_clients_that_never_finish_hold_nobody_up(server, kinesis):
    slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(100)]
    try:
        for connection in slow:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: loc")
        assert "StreamNames" in kinesis.list_streams()
    finally:
        for connection in slow:
            connection.close()
