# SPDX-License-Identifier: Apache-2.0
"""Objects larger than the server's memory may grow: written while they come, read while they go."""
import hashlib
import os
import pathlib
import re
import socket
import subprocess
import time

import botocore.exceptions
import pytest
from conftest import aws_commands, running_server
from wire_client import WireClient

MIB = 1024 * 1024
GROWTH_MAX = 64 * MIB


@pytest.fixture(scope="module")
def server():
    with running_server() as one:
        one.client("s3").create_bucket(Bucket="large")
        yield one


@pytest.fixture(scope="module")
def size(request) -> int:
    return 2048 * MIB if request.config.getoption("--long") else 300 * MIB


@pytest.fixture(scope="module")
def file(tmp_path_factory, size) -> pathlib.Path:
    """Bytes of which no two MiB are alike."""
    path = tmp_path_factory.mktemp("large") / "file"
    block = os.urandom(MIB)
    with open(path, "wb") as out:
        for n in range(size // MIB):
            out.write(n.to_bytes(8, "big") + block[8:])
    return path


def digest_of(source) -> str:
    digest = hashlib.sha256()
    while piece := source.read(MIB):
        digest.update(piece)
    return digest.hexdigest()


class Memory:
    """How much the server's resident memory grows at most from here on."""

    def __init__(self, server):
        self.folder = pathlib.Path(f"/proc/{server.process.pid}")
        (self.folder / "clear_refs").write_text("5")  # the peak begins anew
        self.before = self.kilobytes("VmRSS")

    def kilobytes(self, name: str) -> int:
        return int(re.search(rf"^{name}:\s+(\d+) kB", (self.folder / "status").read_text(), re.MULTILINE).group(1))

    def growth(self) -> int:
        return (self.kilobytes("VmHWM") - self.before) * 1024


def blobs(server) -> set[str]:
    return set(os.listdir(server.data / "s3")) if (server.data / "s3").exists() else set()


@pytest.mark.timeout(900)
def test_one_request_takes_and_gives_it_in_little_memory(server, file, size):
    s3 = server.client("s3", read_timeout=600)
    memory = Memory(server)
    with open(file, "rb") as body:
        put = s3.put_object(Bucket="large", Key="k", Body=body)  # signed with its SHA-256, and its CRC-32
    with open(file, "rb") as body:
        expected = digest_of(body)
    got = s3.get_object(Bucket="large", Key="k", ChecksumMode="ENABLED")
    assert got["ContentLength"] == size and got["ETag"] == put["ETag"]
    assert digest_of(got["Body"]) == expected
    end = s3.get_object(Bucket="large", Key="k", Range=f"bytes={size - 3 * MIB}-")["Body"].read()
    assert end == file.read_bytes()[-3 * MIB:] if size < 512 * MIB else len(end) == 3 * MIB
    print(f"grew by {memory.growth() / MIB:.0f} MiB")
    assert memory.growth() < GROWTH_MAX


def test_a_slow_reader_and_a_slow_writer_hold_nothing_in_memory(server, file, size):
    s3 = server.client("s3")
    with open(file, "rb") as body:
        s3.put_object(Bucket="large", Key="slow", Body=body)
    memory = Memory(server)
    wire = WireClient(server.port, "s3")
    answer = wire.begin("GET", "/large/slow", {}, b"")
    assert answer.read(1)  # and no more
    with half_a_put(server, size) as _:
        assert s3.head_object(Bucket="large", Key="slow")["ContentLength"] == size
        assert memory.growth() < GROWTH_MAX
    wire.close()
    s3.delete_object(Bucket="large", Key="slow")


def half_a_put(server, length: int, sent: int = 40 * MIB):
    connection = socket.create_connection(("127.0.0.1", server.port))
    connection.sendall((
        f"PUT /large/half HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\nAuthorization: AWS4-HMAC-SHA256 "
        "Credential=test/20260112/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00\r\n\r\n").encode())
    connection.sendall(bytes(sent))
    return connection


def wait_for(condition, seconds: float = 20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_client_that_goes_half_way_leaves_nothing(server):
    before = blobs(server)
    connection = half_a_put(server, 200 * MIB)
    wait_for(lambda: blobs(server) - before)  # it is being written
    connection.close()
    wait_for(lambda: not blobs(server) - before)
    with pytest.raises(botocore.exceptions.ClientError):
        server.client("s3").head_object(Bucket="large", Key="half")


def test_a_server_that_is_killed_half_way_leaves_nothing(server):
    before = blobs(server)
    with half_a_put(server, 200 * MIB):
        wait_for(lambda: blobs(server) - before)
        server.kill()
    assert blobs(server) - before
    server.restart()
    assert not blobs(server) - before


@pytest.mark.parametrize(("wrong", "code"), [
    ({"ContentMD5": "1B2M2Y8AsgTpgAmY7PhCfg=="}, "BadDigest"), ({"ChecksumCRC32C": "AAAAAA=="}, "BadDigest"),
    ({"Bucket": "no-such-bucket"}, "NoSuchBucket")])
def test_a_refused_large_body_leaves_nothing(server, wrong, code):
    before = blobs(server)
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        server.client("s3").put_object(**{"Bucket": "large", "Key": "wrong", "Body": bytes(30 * MIB), **wrong})
    assert caught.value.response["Error"]["Code"] == code
    wait_for(lambda: not blobs(server) - before)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("aws", aws_commands())
def test_the_cli_copies_and_syncs_gigabytes(request, server, file, size, aws, tmp_path):
    if not request.config.getoption("--long"):
        pytest.skip("takes minutes: --long")

    def run(*arguments) -> float:
        began = time.monotonic()
        done = subprocess.run([*aws, "--endpoint-url", server.url, "s3", *arguments], env=server.environment(), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        took = time.monotonic() - began
        print(f"{aws[0]} s3 {arguments[0]}: {took:.1f} s, {size / MIB / took:.0f} MiB/s")
        return took
    memory = Memory(server)
    run("cp", str(file), "s3://large/cli/one", "--only-show-errors")
    run("cp", "s3://large/cli/one", "s3://large/cli/two", "--only-show-errors")
    run("sync", "s3://large/cli", str(tmp_path), "--only-show-errors")
    with open(file, "rb") as body:
        expected = digest_of(body)
    for name in ("one", "two"):
        with open(tmp_path / name, "rb") as body:
            assert digest_of(body) == expected, name
    run("rm", "--recursive", "s3://large/cli", "--only-show-errors")
    print(f"grew by {memory.growth() / MIB:.0f} MiB")
    assert memory.growth() < 2 * GROWTH_MAX  # ten parts at a time
    assert "Contents" not in server.client("s3").list_objects_v2(Bucket="large", Prefix="cli/")
