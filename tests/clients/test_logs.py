# SPDX-License-Identifier: Apache-2.0
"""CloudWatch Logs with boto3: pages, time ranges, filter patterns, and what is refused."""
import json
import time

import botocore.exceptions
import pytest
from conftest import running_server

GROUP, STREAM = "/tests/group", "stream"
COUNT = 50


@pytest.fixture(scope="module")
def logs():
    with running_server() as server:
        client = server.client("logs", parameter_validation=False)
        client.create_log_group(logGroupName=GROUP)
        for stream in (STREAM, "other"):
            client.create_log_stream(logGroupName=GROUP, logStreamName=stream)
        yield client


@pytest.fixture(scope="module")
def start(logs) -> int:
    """The time of the first of COUNT events, a millisecond apart."""
    first = int(time.time() * 1000) - 10_000
    logs.put_log_events(logGroupName=GROUP, logStreamName=STREAM, logEvents=[
        {"timestamp": first + i, "message": f'm{i:02} {"ERROR" if i % 2 else "INFO"} order/{i} "quoted"'}
        for i in range(COUNT)])
    logs.put_log_events(logGroupName=GROUP, logStreamName="other", logEvents=[{"timestamp": first, "message": "other"}])
    return first


def error_of(call, **arguments) -> str:
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"


def numbers(events) -> list[int]:
    return [int(event["message"][1:3]) for event in events]


def get(logs, **more):
    return logs.get_log_events(logGroupName=GROUP, logStreamName=STREAM, **more)


@pytest.mark.parametrize("from_head, token", [(True, "nextForwardToken"), (False, "nextBackwardToken")])
def test_pages_in_both_directions(logs, start, from_head, token):
    page = get(logs, limit=7, startFromHead=from_head)
    pages = []
    while True:
        pages.append(numbers(page["events"]))
        following = get(logs, limit=7, startFromHead=from_head, nextToken=page[token])
        if following[token] == page[token]:
            assert following["events"] == []
            break
        page = following
    assert sum(pages if from_head else reversed(pages), []) == list(range(COUNT))


def test_a_forward_token_at_the_end_gives_what_comes_later(logs):
    logs.create_log_stream(logGroupName=GROUP, logStreamName="growing")
    at = {"logGroupName": GROUP, "logStreamName": "growing"}
    token = logs.get_log_events(**at, startFromHead=True)["nextForwardToken"]
    now = int(time.time() * 1000)
    logs.put_log_events(**at, logEvents=[{"timestamp": now, "message": "late"}])
    assert [e["message"] for e in logs.get_log_events(**at, nextToken=token)["events"]] == ["late"]


def test_time_ranges(logs, start):
    assert numbers(get(logs, startTime=start + 5, endTime=start + 8)["events"]) == [5, 6, 7]
    found = logs.filter_log_events(logGroupName=GROUP, logStreamNames=[STREAM], startTime=start + 5, endTime=start + 8)
    assert numbers(found["events"]) == [5, 6, 7, 8]


@pytest.mark.parametrize("pattern, expected", [
    ("", range(COUNT)),
    ("ERROR", range(1, COUNT, 2)),
    ("ERROR m03", [3]),
    ("?m01 ?m02", [1, 2]),
    ("ERROR -m01", range(3, COUNT, 2)),
    ('"order/7 "', [7]),
    ("%order/1[01] %", [10, 11]),
    ("[id, level = ERROR, ...]", range(1, COUNT, 2)),
])
def test_filter_patterns(logs, start, pattern, expected):
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=GROUP, logStreamNames=[STREAM], filterPattern=pattern, PaginationConfig={"PageSize": 9})
    events = [event for page in pages for event in page["events"]]
    assert numbers(events) == list(expected)
    assert len({event["eventId"] for event in events}) == len(events)


def test_patterns_look_into_json(logs):
    at = {"logGroupName": GROUP, "logStreamName": "json"}
    logs.create_log_stream(**at)
    now = int(time.time() * 1000)
    orders = [{"id": n, "user": {"name": f"u{n % 2}"}, "items": [{"price": n * 10}]} for n in range(6)]
    logs.put_log_events(**at, logEvents=[{"timestamp": now, "message": json.dumps(order)} for order in orders])

    def found(pattern):
        events = logs.filter_log_events(logGroupName=GROUP, logStreamNames=["json"], filterPattern=pattern)["events"]
        return [json.loads(event["message"])["id"] for event in events]

    assert found('{ $.user.name = "u1" && $.items[0].price > 10 }') == [3, 5]
    assert found("{ $.id = 0 || $.id = 4 }") == [0, 4]
    assert found("{ $.error NOT EXISTS }") == list(range(6))


def test_what_is_refused(logs, start):
    put = {"logGroupName": GROUP, "logStreamName": STREAM}
    now = int(time.time() * 1000)
    assert error_of(logs.create_log_group, logGroupName=GROUP) == (
        "ResourceAlreadyExistsException: The specified log group already exists")
    assert error_of(logs.put_log_events, **put, logEvents=[
        {"timestamp": now, "message": "b"}, {"timestamp": now - 1, "message": "a"}]) == (
        "InvalidParameterException: Log events in a single PutLogEvents request must be in chronological order.")
    assert error_of(get, logs=logs, nextToken="f/1/s") == (
        "InvalidParameterException: The specified nextToken is invalid.")
    assert error_of(get, logs=logs, limit=10001).endswith("Member must have value less than or equal to 10000")
    assert error_of(logs.filter_log_events, logGroupName=GROUP, filterPattern='"open').startswith(
        "InvalidParameterException: Invalid filter pattern")
    assert error_of(logs.get_log_events, logGroupName=GROUP, logStreamName="none") == (
        "ResourceNotFoundException: The specified log stream does not exist.")
    assert error_of(logs.filter_log_events, logGroupName="/none") == (
        "ResourceNotFoundException: The specified log group does not exist.")


def test_events_too_old_or_too_new_are_named_and_dropped(logs, start):
    day_ms = 24 * 3600 * 1000
    now = int(time.time() * 1000)
    at = {"logGroupName": GROUP, "logStreamName": STREAM}
    old = logs.put_log_events(**at, logEvents=[{"timestamp": now - 15 * day_ms, "message": "old"}])
    assert old["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1}
    new = logs.put_log_events(**at, logEvents=[{"timestamp": now + day_ms, "message": "new"}])
    assert new["rejectedLogEventsInfo"] == {"tooNewLogEventStartIndex": 0}
    assert len(get(logs, startFromHead=True)["events"]) == COUNT
