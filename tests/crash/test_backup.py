# SPDX-License-Identifier: Apache-2.0
"""Backups by the real program: of a running server while clients write, of what a kill -9 leaves; restored, served, read."""
import json
import pathlib
import stat
import subprocess
import threading
import urllib.error
import urllib.request

import botocore.exceptions
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from conftest import MILLRACE, Server
from walkthrough import deploy_orders, log_messages, stream_records, until

STREAM = "ledger"
FIRST_SEGMENT = "00000000000000000001.segment"


class Writer(threading.Thread):
    """Puts numbered records until told to stop; keeps the numbers that were acknowledged."""

    def __init__(self, server, name: str):
        super().__init__()
        self.client = server.client("kinesis", read_timeout=20)
        self.label = name
        self.acknowledged: list[str] = []
        self.sent = 0
        self.stopping = threading.Event()

    def run(self):
        while not self.stopping.is_set():
            self.sent += 1
            data = f"{self.label}-{self.sent}-" + "x" * (self.sent * 97 % 5000)
            try:
                self.client.put_record(StreamName=STREAM, PartitionKey=self.label, Data=data)
            except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError, OSError):
                return  # the server is down: this record may or may not be there
            self.acknowledged.append(data)


def millrace(*words, endpoint: str = "") -> subprocess.CompletedProcess:
    options = ["--endpoint", endpoint] if endpoint else []
    return subprocess.run([MILLRACE, *map(str, words), *options], text=True, capture_output=True, timeout=120)


def succeeded(result: subprocess.CompletedProcess) -> subprocess.CompletedProcess:
    assert result.returncode == 0, f"{result.args}: {result.stdout}{result.stderr}"
    return result


@pytest.fixture
def restored_server():
    """Serves a restored directory; stopped by its own pid."""
    started = []

    def serve(data: pathlib.Path) -> Server:
        started.append(Server(data))
        return started[-1]

    yield serve
    for server in started:
        server.stop()


def fill(server, count: int) -> list[str]:
    kinesis = server.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=2)
    kinesis.get_waiter("stream_exists").wait(StreamName=STREAM, WaiterConfig={"Delay": 1})
    data = [f"record {n}" for n in range(count)]
    for text in data:
        kinesis.put_record(StreamName=STREAM, PartitionKey=text, Data=text)
    return data


def read(server) -> list[str]:
    return [record["Data"].decode() for record in stream_records(server, STREAM)]


def test_a_backup_taken_while_clients_write_is_whole(server, tmp_path, restored_server):
    fill(server, 0)
    writers = [Writer(server, name) for name in ("ann", "bob", "cleo")]
    for writer in writers:
        writer.start()
    backups = []  # directory, what had been acknowledged when it began
    try:
        for n in range(3):
            goal = 60 * (n + 1)
            until(lambda: all(len(w.acknowledged) >= goal for w in writers), f"{goal} records a writer", seconds=60)
            before = [record for w in writers for record in list(w.acknowledged)]
            directory = tmp_path / f"backup-{n}"
            out = succeeded(millrace("backup", directory, "--data", server.data, endpoint=server.url)).stdout
            assert "while its server runs" in out
            backups.append((directory, before, [w.sent for w in writers]))
        server.kill()
    finally:
        for writer in writers:
            writer.stopping.set()
            writer.join()
    assert all(len(w.acknowledged) > len(backups[0][1]) / 3 for w in writers), "writing went on"

    for directory, before, sent in backups:
        checked = json.loads(succeeded(millrace("fsck", directory, "--output", "json")).stdout)
        assert checked["sound"] and checked["findings"] == [] and checked["records"] >= len(before)
        data = tmp_path / f"{directory.name}-restored"
        succeeded(millrace("restore", directory, "--data", data))
        found = read(restored_server(data))
        assert len(found) == len(set(found)), "a record is there twice"
        assert set(before) <= set(found), "what was acknowledged before the backup began is missing"
        for writer, most in zip(writers, sent):
            mine = [int(text.split("-")[1]) for text in found if text.startswith(writer.label)]
            assert mine == list(range(1, len(mine) + 1)), "not what was sent, in its order"
            assert len(mine) <= most + 1, "more than had been sent when it ended"


def test_a_restored_pipeline_goes_on(server, tmp_path, restored_server):
    deploy_orders(server, tmp_path)
    client = server.client("lambda")
    client.invoke(FunctionName="LambdaProducer", Payload=b"{}")
    until(lambda: log_messages(server, "LambdaConsumer", '"Order processed"'), "one order consumed")
    succeeded(millrace("backup", tmp_path / "backup", "--data", server.data, endpoint=server.url))
    server.kill()
    succeeded(millrace("restore", tmp_path / "backup", "--data", tmp_path / "data"))
    again = restored_server(tmp_path / "data")
    assert {s["StackName"] for s in again.client("cloudformation").describe_stacks()["Stacks"]} == {
        "kinesis-consumer-producer", "aws-sam-cli-managed-default"}
    answer = again.client("lambda").invoke(FunctionName="LambdaProducer", Payload=b"{}")
    assert "FunctionError" not in answer
    until(lambda: len(log_messages(again, "LambdaConsumer", '"Order processed"')) >= 2, "the next order consumed")


def test_backup_of_what_kill_9_left(server, tmp_path, restored_server):
    data = fill(server, 50)
    server.kill()
    out = succeeded(millrace("backup", tmp_path / "backup", "--data", server.data)).stdout
    assert "while its server runs" not in out
    for path in [tmp_path / "backup", *(tmp_path / "backup").rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), f"{path} is open to others: {mode:o}"
    onto = millrace("restore", tmp_path / "backup", "--data", server.data)
    assert onto.returncode == 1 and "is not empty" in onto.stderr
    succeeded(millrace("restore", tmp_path / "backup", "--data", tmp_path / "data"))
    assert sorted(read(restored_server(tmp_path / "data"))) == sorted(data)


def test_a_damaged_backup_is_not_restored_and_fsck_says_what_the_server_says(server, tmp_path, restored_server):
    fill(server, 50)
    succeeded(millrace("backup", tmp_path / "backup", "--data", server.data, endpoint=server.url))
    segment = tmp_path / "backup" / "log" / FIRST_SEGMENT
    content = bytearray(segment.read_bytes())
    content[content.index(b"record 7")] ^= 0x20
    segment.write_bytes(content)
    restored = millrace("restore", tmp_path / "backup", "--data", tmp_path / "data")
    assert restored.returncode == 1
    assert f"{segment} at byte " in restored.stderr and "millrace fsck" in restored.stderr
    assert not (tmp_path / "data").exists()

    checked = millrace("fsck", tmp_path / "backup", "--output", "json")
    assert checked.returncode == 1
    (finding,) = json.loads(checked.stdout)["findings"]
    assert finding["text"] in restored.stderr
    assert finding["text"] in millrace("fsck", tmp_path / "backup").stdout
    damaged = restored_server(tmp_path / "backup")  # a backup is laid out as a data directory
    with pytest.raises(botocore.exceptions.ClientError):
        read(damaged)
    damaged.log.flush()
    assert finding["text"] in pathlib.Path(damaged.log.name).read_text()


def test_exit_codes_and_remedies(server, tmp_path):
    assert millrace("fsck", "--output", "xml").returncode == 2
    assert millrace("backup").returncode == 2
    assert millrace("restore", "a", "b").returncode == 2
    running = millrace("fsck", server.data)
    assert running.returncode == 1 and "Stop that first" in running.stderr
    missing = millrace("fsck", tmp_path)
    assert missing.returncode == 1 and "is no data directory" in missing.stderr
    no_backup = millrace("restore", server.data, "--data", tmp_path / "data")
    assert no_backup.returncode == 1 and "backup.json" in no_backup.stderr
    unreachable = millrace("backup", tmp_path / "b", "--data", server.data, endpoint="http://127.0.0.1:1")
    assert unreachable.returncode == 3 and "--endpoint" in unreachable.stderr
    inside = millrace("backup", server.data / "b", "--data", server.data, endpoint=server.url)
    assert inside.returncode == 1 and "lies in the data directory" in inside.stderr


def post_backup(server, to: pathlib.Path, credentials: Credentials | None) -> tuple[int, str]:
    request = AWSRequest(method="POST", url=f"{server.url}/_millrace/backup", params={"to": str(to)})
    if credentials:
        SigV4Auth(credentials, "millrace", "us-east-1").add_auth(request)
    prepared = request.prepare()
    try:
        with urllib.request.urlopen(urllib.request.Request(prepared.url, b"", dict(prepared.headers), method="POST")) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()


def test_only_the_holder_of_the_root_key_gets_a_backup(server, tmp_path):
    key = json.loads((server.data / "root-key.json").read_text())
    assert stat.S_IMODE((server.data / "root-key.json").stat().st_mode) == 0o600
    for credentials in (None, Credentials("test", "test"), Credentials(key["AccessKeyId"], "guessed")):
        status, text = post_backup(server, tmp_path / "backup", credentials)
        assert status == 403 and "root-key.json" in text
    assert not (tmp_path / "backup").exists()
    status, text = post_backup(server, tmp_path / "backup", Credentials(key["AccessKeyId"], key["SecretAccessKey"]))
    assert status == 200, text
    status, text = post_backup(server, tmp_path / "backup", Credentials(key["AccessKeyId"], key["SecretAccessKey"]))
    assert status == 409 and "is not empty" in text
