# SPDX-License-Identifier: Apache-2.0
"""Steps that several whole-system tests share."""
import base64
import json
import pathlib
import shutil
import subprocess
import time

from conftest import MILLRACE, ROOT

STACK = "kinesis-consumer-producer"


def run(server, *command: str, directory: pathlib.Path, check: bool = True) -> subprocess.CompletedProcess:
    result = subprocess.run(command, cwd=directory, env=server.environment(), text=True, capture_output=True, timeout=300)
    if check and result.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: exit {result.returncode}\n{result.stdout}\n{result.stderr}")
    return result


def copy_project(source: pathlib.Path, to: pathlib.Path) -> pathlib.Path:
    shutil.copytree(source, to, ignore=shutil.ignore_patterns(".aws-sam"))
    return to


def deploy(server, project: pathlib.Path) -> str:
    run(server, MILLRACE, "sam", "build", directory=project)
    return run(server, MILLRACE, "sam", "deploy", directory=project).stdout


def deploy_orders(server, directory: pathlib.Path) -> pathlib.Path:
    project = copy_project(ROOT / "examples" / "orders", directory / "orders")
    deploy(server, project)
    return project


def until(look, what: str, seconds: float = 15):
    """Asks again and again until `look` gives something; every try is a request to the server under test."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.02)


def log_messages(server, function: str, pattern: str = "") -> list[str]:
    logs = server.client("logs")
    try:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{function}",
                                                                 filterPattern=pattern)
        return [event["message"] for page in pages for event in page["events"]]
    except logs.exceptions.ResourceNotFoundException:
        return []


def stream_records(server, stream: str) -> list[dict]:
    kinesis = server.client("kinesis")
    records = []
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
        iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard["ShardId"],
                                              ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        while True:
            answer = kinesis.get_records(ShardIterator=iterator)
            records += answer["Records"]
            if not answer["Records"] and answer["MillisBehindLatest"] == 0:
                break
            iterator = answer["NextShardIterator"]
    return records


def decode_event_record(record: dict) -> dict:
    return json.loads(base64.b64decode(record["kinesis"]["data"]))
