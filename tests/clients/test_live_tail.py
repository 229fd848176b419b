# SPDX-License-Identifier: Apache-2.0
"""StartLiveTail with boto3 and the AWS CLI."""
import subprocess
import threading
import time

import pytest
from conftest import aws_commands


def test_events_are_shown_as_they_come(server):
    # The prefix would make the host stream-127.0.0.1.
    logs = server.client("logs", inject_host_prefix=False)
    logs.create_log_group(logGroupName="g")
    logs.create_log_stream(logGroupName="g", logStreamName="s")
    arn = logs.describe_log_groups()["logGroups"][0]["logGroupArn"]
    events = iter(logs.start_live_tail(logGroupIdentifiers=[arn], logEventFilterPattern="error")["responseStream"])
    assert next(events)["sessionStart"]["logGroupIdentifiers"] == [arn]
    now = int(time.time() * 1000)
    logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=[
        {"timestamp": now, "message": "fine"}, {"timestamp": now, "message": "an error"}])
    shown = []
    while not shown:
        update = next(events)["sessionUpdate"]
        assert update["sessionMetadata"]["sampled"] is False
        shown = update["sessionResults"]
    assert [event["message"] for event in shown] == ["an error"]
    assert shown[0]["logGroupIdentifier"] == "000000000000:g"
    assert shown[0]["logStreamName"] == "s"
    assert shown[0]["timestamp"] == now
    assert next(events)["sessionUpdate"]["sessionResults"] == []


def test_stopping_the_server_ends_sessions_in_order(server):
    logs = server.client("logs", inject_host_prefix=False)
    logs.create_log_group(logGroupName="g")
    arn = logs.describe_log_groups()["logGroups"][0]["logGroupArn"]
    events = iter(logs.start_live_tail(logGroupIdentifiers=[arn])["responseStream"])
    next(events)
    assert server.stop() == 0
    assert all("sessionUpdate" in event for event in events)  # then an end, not a broken connection


@pytest.mark.parametrize("aws", aws_commands()[:1])  # Debian's is older than Live Tail
def test_the_command_line_tails(server, aws):
    logs = server.client("logs")
    logs.create_log_group(logGroupName="g")
    logs.create_log_stream(logGroupName="g", logStreamName="s")
    arn = logs.describe_log_groups()["logGroups"][0]["logGroupArn"]
    command = [*aws, "logs", "start-live-tail", "--log-group-identifiers", arn]
    tail = subprocess.Popen(command, env=server.environment() | {"PYTHONUNBUFFERED": "1"}, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True)
    stop = threading.Event()

    def put():
        while not stop.wait(0.2):  # until the session has begun, nobody sees it
            logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=[
                {"timestamp": int(time.time() * 1000), "message": "an error"}])

    putter = threading.Thread(target=put)
    putter.start()
    try:
        line = tail.stdout.readline()
    finally:
        stop.set()
        putter.join()
        tail.kill()
        tail.communicate()
    assert "an error" in line
